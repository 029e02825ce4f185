import { Binary, Code, Decimal128, deserialize, Double, Int32, Long, MaxKey, MinKey, ObjectId, serialize } from 'bson';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { docArbitrary, numberArbitrary, valueArbitrary } from './values.fixture.ts';
import {
  add,
  compare,
  compareNumbers,
  decode,
  decodeFields,
  docOf,
  type Doc,
  encode,
  encodeKey,
  encodeKeyString,
  equal,
  findRaw,
  identical,
  indexedValues,
  int32,
  MISSING,
  multiply,
  type NumberValue,
  parsePath,
  readPath,
  type Value,
} from './index.ts';

/** Our values as bson's own serializer wants them; undefined, which it does not write, becomes null. */
function toJs(value: Value): unknown {
  if (value === undefined) return null;
  if (value instanceof Map) return new Map([...value].map(([name, item]) => [name, toJs(item)]));
  if (Array.isArray(value)) return value.map(toJs);
  if (typeof value === 'bigint') return Long.fromBigInt(value);
  if (typeof value === 'number') return new Double(value);
  if (value instanceof Code && value.scope) return new Code(value.code, toJs(value.scope as unknown as Doc) as never);
  return value;
}

/** A document without undefined, at any depth. */
function withoutUndefined(value: Value): Value {
  if (value === undefined) return null;
  if (value instanceof Map) return new Map([...value].map(([name, item]) => [name, withoutUndefined(item)]));
  return Array.isArray(value) ? value.map(withoutUndefined) : value;
}

describe('codec', () => {
  test('decode undoes encode, to the bit', () => {
    fc.assert(
      fc.property(docArbitrary, (doc) => {
        const bytes = encode(doc);
        expect(identical(decode(bytes), doc)).toBe(true);
        expect(encode(decode(bytes)).equals(bytes)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  test('writes the bytes that bson writes', () => {
    const doc = docOf(
      'd',
      1.5,
      'i',
      int32(7),
      'l',
      9007199254740993n,
      's',
      'häß😀',
      '1',
      true,
      '0',
      null,
      'o',
      docOf('x', [1, 'y', docOf()]),
      'id',
      new ObjectId('0123456789abcdef01234567'),
      'b',
      new Binary(Buffer.from([1, 2]), 4),
      'at',
      new Date(-5),
      'n',
      new Decimal128('1.10'),
      'min',
      new MinKey(),
      'max',
      new MaxKey(),
      'long',
      'x'.repeat(100) + 'é',
    );
    expect(encode(doc).equals(Buffer.from(serialize(toJs(doc) as never)))).toBe(true);
  });

  test('writes the bytes that bson writes, whatever the document', () => {
    fc.assert(
      fc.property(docArbitrary, (doc) => {
        const wanted = Buffer.from(serialize(toJs(doc) as never));
        expect(encode(withoutUndefined(doc) as Doc).equals(wanted)).toBe(true);
        expect(identical(decode(wanted), withoutUndefined(doc))).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  test('reads what bson writes', () => {
    const bytes = Buffer.from(serialize({ a: 1, b: 1.5, c: 'x', e: { f: [1, 2] }, g: new Int32(3) }));
    const doc = decode(bytes);
    expect(doc.get('a')).toBeInstanceOf(Int32);
    expect(deserialize(encode(doc))).toEqual(deserialize(bytes));
  });

  test('the last of repeated keys counts', () => {
    const one = encode(docOf('a', int32(1)));
    const two = encode(docOf('a', int32(2)));
    const size = Buffer.alloc(4);
    size.writeInt32LE(one.length + two.length - 5);
    const bytes = Buffer.concat([size, one.subarray(4, -1), two.subarray(4)]);
    expect(decode(bytes).get('a')).toEqual(int32(2));
    expect(readPath(bytes, 'a')).toEqual(int32(2));
  });

  test.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, -2)],
    [
      'size too large',
      (bytes: Buffer) => {
        bytes.writeInt32LE(999);
        return bytes;
      },
    ],
    [
      'negative size',
      (bytes: Buffer) => {
        bytes.writeInt32LE(-1);
        return bytes;
      },
    ],
    [
      'unknown type',
      (bytes: Buffer) => {
        bytes[4] = 0x55;
        return bytes;
      },
    ],
    [
      'string length',
      (bytes: Buffer) => {
        bytes.writeInt32LE(1000, 7);
        return bytes;
      },
    ],
  ])('damaged input is refused: %s', (_name, damage) => {
    expect(() => decode(damage(encode(docOf('a', 'text', 'b', int32(1)))))).toThrow(
      expect.objectContaining({ code: 22 }),
    );
  });

  test('random bytes never do anything but decode or fail with a code', () => {
    fc.assert(
      fc.property(
        docArbitrary,
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }),
        (doc, pokes) => {
          const bytes = encode(doc);
          for (const [at, byte] of pokes) bytes[at % bytes.length] = byte;
          try {
            decode(bytes);
          } catch (error) {
            expect([15, 22]).toContain((error as { code?: number }).code);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test('too deep and too large are refused', () => {
    let deep: Doc = docOf('a', 1);
    for (let level = 0; level < 210; level++) deep = docOf('a', deep);
    expect(() => decode(encode(deep))).toThrow(expect.objectContaining({ code: 15 }));
    expect(() => encode(docOf('a', 'x'.repeat(17 * 1024 * 1024)))).toThrow(expect.objectContaining({ code: 10334 }));
    expect(decode(encode(docOf('a', 1))).get('a')).toBe(1);
  });

  test('decodeFields decodes what is named, as decode does', () => {
    fc.assert(
      fc.property(docArbitrary, fc.array(fc.constantFrom('a', 'b', '1', 'é', 'c')), (doc, names) => {
        const some = decodeFields(encode(doc), new Set(names));
        expect(identical(some, new Map([...doc].filter(([name]) => (names as string[]).includes(name))))).toBe(true);
      }),
    );
  });

  test('readPath and findRaw look without decoding', () => {
    const bytes = encode(docOf('_id', int32(5), 'a', docOf('b', [docOf('c', 'x')]), 'r', null, 'z', true));
    expect(readPath(bytes, '_id')).toEqual(int32(5));
    expect(readPath(bytes, 'a.b.0.c')).toBe('x');
    expect(readPath(bytes, 'a.b.c')).toBe(MISSING);
    expect(readPath(bytes, 'z')).toBe(true);
    expect(findRaw(bytes, 'nope')).toBe(MISSING);
  });
});

/** Values in ascending order; those in one inner list are equal. */
const ascending: Value[][] = [
  [new MinKey()],
  [undefined],
  [null],
  [NaN, new Decimal128('NaN')],
  [-Infinity, new Decimal128('-Infinity')],
  [new Decimal128('-1E+400')],
  [-(2 ** 63), -9223372036854775808n],
  [-1, int32(-1), -1n, new Decimal128('-1'), new Decimal128('-1.00')],
  [new Decimal128('-1E-400')],
  [0, -0, int32(0), 0n, new Decimal128('0'), new Decimal128('-0')],
  [new Decimal128('0.1')],
  [0.1],
  [1, int32(1), 1n, new Decimal128('1.0')],
  [2 ** 53, 9007199254740992n],
  [9007199254740993n, new Decimal128('9007199254740993')],
  [new Decimal128('9007199254740993.5')],
  [2 ** 53 + 2],
  [9223372036854775807n],
  [2 ** 63, new Decimal128('9223372036854775808')],
  [new Decimal128('1E+400')],
  [Infinity],
  [''],
  ['a'],
  ['a\0'],
  ['a\0b'],
  ['ab'],
  ['\uffee'],
  ['😀'],
  [docOf()],
  [docOf('a', 1), docOf('a', int32(1))],
  [docOf('a', 1, 'b', 1)],
  [docOf('a', 2)],
  [docOf('b', 1, 'a', 1)],
  [docOf('a', 'x')],
  [[]],
  [[1]],
  [[1, 2]],
  [[2]],
  [[[1]]],
  [new Binary(Buffer.from([9]), 0)],
  [new Binary(Buffer.from([1]), 4)],
  [new Binary(Buffer.from([0, 0]), 0)],
  [new ObjectId('000000000000000000000001')],
  [new ObjectId('ff0000000000000000000000')],
  [false],
  [true],
  [new Date(-1)],
  [new Date(0)],
  [new Date(5e12)],
  [new MaxKey()],
];

describe('order', () => {
  test('over all types, in compare and in key strings', () => {
    for (const [leftIndex, lefts] of ascending.entries()) {
      for (const [rightIndex, rights] of ascending.entries()) {
        for (const left of lefts) {
          for (const right of rights) {
            const order = Math.sign(leftIndex - rightIndex);
            expect([leftIndex, rightIndex, compare(left, right)]).toEqual([leftIndex, rightIndex, order]);
            expect([leftIndex, rightIndex, Buffer.compare(encodeKey([left]), encodeKey([right]))]).toEqual([
              leftIndex,
              rightIndex,
              order,
            ]);
          }
        }
      }
    }
  });

  test('compare is a total order', () => {
    fc.assert(
      fc.property(valueArbitrary, valueArbitrary, valueArbitrary, (a, b, c) => {
        expect(compare(a, a)).toBe(0);
        expect(compare(a, b)).toBe(compare(b, a) === 0 ? 0 : -compare(b, a));
        if (compare(a, b) <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 1500 },
    );
  });

  test('numbers of all types are totally ordered, and key strings agree', () => {
    fc.assert(
      fc.property(numberArbitrary, numberArbitrary, numberArbitrary, (a, b, c) => {
        expect(Buffer.compare(encodeKey([a]), encodeKey([b]))).toBe(compareNumbers(a as NumberValue, b as NumberValue));
        if (compare(a, b) <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 3000 },
    );
  });

  test('key strings of several values order as the values do, in any directions', () => {
    const direction = fc.constantFrom(1, -1);
    fc.assert(
      fc.property(
        valueArbitrary,
        valueArbitrary,
        valueArbitrary,
        valueArbitrary,
        direction,
        direction,
        (a, b, c, d, x, y) => {
          const wanted = compare(a, c) * x || compare(b, d) * y;
          expect(Buffer.compare(encodeKey([a, b], [x, y]), encodeKey([c, d], [x, y]))).toBe(wanted === 0 ? 0 : wanted);
          const [left, right] = [encodeKeyString([a, b], [x, y]), encodeKeyString([c, d], [x, y])];
          expect(left < right ? -1 : left > right ? 1 : 0).toBe(wanted === 0 ? 0 : wanted);
        },
      ),
      { numRuns: 1500 },
    );
  });

  test('equal is not identical', () => {
    expect(equal(1, int32(1))).toBe(true);
    expect(identical(1, int32(1))).toBe(false);
    expect(identical(0, -0)).toBe(false);
    expect(identical(docOf('a', [1]), docOf('a', [1]))).toBe(true);
    expect(equal(docOf('a', 1, 'b', 2), docOf('b', 2, 'a', 1))).toBe(false);
  });
});

describe('numbers', () => {
  const decimal = (text: string) => new Decimal128(text);
  test.each<[string, NumberValue, NumberValue, NumberValue | undefined, NumberValue | undefined]>([
    ['int, int', int32(2), int32(3), int32(5), int32(6)],
    ['int overflows to long', int32(2147483647), int32(2), 2147483649n, 4294967294n],
    ['long stays long', 1n, int32(1), 2n, 1n],
    ['long overflow is undefined', 9223372036854775807n, int32(2), undefined, undefined],
    ['double wins over long', 1n, 0.5, 1.5, 0.5],
    ['double stays double though whole', 1, int32(1), 2, 1],
    ['decimal wins', decimal('0.1'), decimal('0.2'), decimal('0.3'), decimal('0.02')],
    ['decimal keeps trailing zeros', decimal('1.10'), int32(1), decimal('2.10'), decimal('1.10')],
    [
      'double becomes decimal of 15 digits',
      decimal('1'),
      0.5,
      decimal('1.500000000000000'),
      decimal('0.500000000000000'),
    ],
    ['decimal infinity', decimal('Infinity'), int32(1), decimal('Infinity'), decimal('Infinity')],
  ])('%s', (_name, left, right, sum, product) => {
    for (const [actual, wanted] of [
      [add(left, right), sum],
      [multiply(left, right), product],
    ]) {
      expect(String(actual)).toBe(String(wanted));
      expect(typeof actual).toBe(typeof wanted);
    }
  });
});

test('index values: arrays one by one, empty arrays as undefined, missing as MISSING', () => {
  const of = (doc: Doc, path: string) => {
    const arrays = new Set<string>();
    return [indexedValues(doc, parsePath(path), arrays), [...arrays]];
  };
  expect(of(docOf('a', 1), 'a')).toEqual([[1], []]);
  expect(of(docOf('a', [1, [2]]), 'a')).toEqual([[1, [2]], ['a']]);
  expect(of(docOf('a', []), 'a')).toEqual([[undefined], ['a']]);
  expect(of(docOf(), 'a.b')).toEqual([[MISSING], []]);
  expect(of(docOf('a', [docOf('b', 1), docOf()]), 'a.b')).toEqual([[1, MISSING], ['a']]);
  expect(of(docOf('a', [docOf('b', 1), docOf()]), 'a.0.b')).toEqual([[1], []]);
});

test('a document that outgrows the scratch buffer anywhere keeps the types of all its fields', () => {
  for (const size of [60_000, 66_000, 131_000, 140_000, 300_000]) {
    // Something else has been there before, so that bytes that were not written would show.
    encode(docOf('x', '\u0001'.repeat(size)));
    const filler = 'y'.repeat(1000);
    const doc = docOf(
      'list',
      Array.from({ length: size / 1000 }, (_, index) => docOf('index', int32(index), 'filler', filler)),
      'end',
      true,
    );
    expect(identical(decode(encode(doc)), doc)).toBe(true);
  }
});
