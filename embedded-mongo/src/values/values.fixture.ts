import { Binary, BSONRegExp, BSONSymbol, Code, Double, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import fc from 'fast-check';
import { makeDecimal } from './decimal.ts';
import { int32, type Doc, type Value } from './types.ts';

const edgeNumbers: Value[] = [
  0,
  -0,
  1,
  -1,
  0.1,
  0.5,
  NaN,
  Infinity,
  -Infinity,
  5e-324,
  -5e-324,
  Number.MAX_VALUE,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 63),
  2 ** 63,
  9007199254740993n,
  -9007199254740993n,
  9223372036854775807n,
  -9223372036854775808n,
  1n,
  0n,
  int32(0),
  int32(1),
  int32(-1),
  int32(2147483647),
  makeDecimal(false, 1n, -1),
  makeDecimal(false, 10n, -1),
  makeDecimal(true, 0n, 0),
  makeDecimal(false, 5n, -1),
  makeDecimal(false, 1n, 400),
  makeDecimal(true, 1n, 400),
  makeDecimal(false, 1n, -400),
  makeDecimal(true, 3n, -6000),
  makeDecimal(false, 9007199254740993n, 0),
  makeDecimal(false, 90071992547409931n, -1),
];

/** Numbers of every type, with those that differ little from each other. */
export const numberArbitrary: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom(...edgeNumbers),
  fc.double(),
  fc.integer().map((value) => int32(value)),
  fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  fc
    .record({
      n: fc.boolean(),
      c: fc.bigInt({ min: 0n, max: 10n ** 34n - 1n }),
      e: fc.integer({ min: -6176, max: 6111 }),
    })
    .map(({ n, c, e }) => makeDecimal(n, c, e)),
  fc
    .record({ n: fc.boolean(), c: fc.bigInt({ min: 0n, max: 100000n }), e: fc.integer({ min: -3, max: 3 }) })
    .map(({ n, c, e }) => makeDecimal(n, c, e)),
);

const text = fc.oneof(
  fc.constantFrom('', 'a', 'a\0', 'a\0b', 'ab', '\ud83d\ude00', '\uffee', 'é', 'z'),
  fc.string({ unit: 'binary', maxLength: 8 }).map((value) => value.toWellFormed()),
);
/** Field names, some of which look like integers. */
const name = fc.oneof(
  fc.constantFrom('a', 'b', '1', '0', 'é', ''),
  text.map((value) => value.replaceAll('\0', '')),
);

const leaf: fc.Arbitrary<Value> = fc.oneof(
  { arbitrary: numberArbitrary, weight: 4 },
  { arbitrary: text, weight: 2 },
  fc.boolean(),
  fc.constantFrom<Value>(null, undefined, new MinKey(), new MaxKey()),
  fc.integer({ min: -8.64e15, max: 8.64e15 }).map((value) => new Date(value)),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes)),
  fc
    .tuple(fc.uint8Array({ maxLength: 5 }), fc.constantFrom(0, 2, 4, 128))
    .map(([b, t]) => new Binary(Buffer.from(b), t)),
  fc.tuple(fc.nat(), fc.nat()).map(([t, i]) => new Timestamp({ t, i })),
  fc.constantFrom<Value>(new BSONRegExp('a', 'i'), new BSONRegExp('a', ''), new BSONRegExp('^b')),
  fc.constantFrom<Value>(new BSONSymbol('a'), new Code('x'), new Code('x', new Map([['y', 1]]) as never)),
);

const { value } = fc.letrec<{ value: Value; doc: Doc; array: Value[] }>((tie) => ({
  value: fc.oneof({ maxDepth: 4, depthSize: 'small' }, leaf, tie('doc'), tie('array')),
  array: fc.array(tie('value'), { maxLength: 4 }),
  doc: fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }).map((pairs) => new Map(pairs)),
}));

/** Any BSON value, for property tests. */
export const valueArbitrary: fc.Arbitrary<Value> = value;
/** Any document, for property tests. */
export const docArbitrary: fc.Arbitrary<Doc> = fc
  .array(fc.tuple(name, value), { maxLength: 6 })
  .map((pairs) => new Map(pairs));

/**
 * A value from a JavaScript literal: whole numbers become ints, others doubles (wrap with `double` to get a whole one),
 * plain objects documents.
 */
export function lit(value: unknown): Value {
  if (typeof value === 'number')
    return Number.isInteger(value) && !Object.is(value, -0)
      ? Math.abs(value) < 2 ** 31
        ? int32(value)
        : BigInt(value)
      : value;
  if (Array.isArray(value)) return value.map(lit);
  if (value !== null && typeof value === 'object') {
    if (value instanceof Double) return value.value;
    const prototype = Object.getPrototypeOf(value) as unknown;
    if (prototype === Object.prototype || prototype === null) return doc(value as Record<string, unknown>);
  }
  return value as Value;
}

/** A document from an object literal, as `lit`. */
export function doc(object: Record<string, unknown> | Doc): Doc {
  return object instanceof Map ? object : new Map(Object.entries(object).map(([name, value]) => [name, lit(value)]));
}

/** A whole number that stays a double inside `lit`. */
export function double(value: number): Double {
  return new Double(value);
}
