import { Binary, BSONRegExp, Decimal128, MaxKey, MinKey, ObjectId } from 'bson';
import { describe, expect, test } from 'vitest';
import { doc, double } from '../values/values.fixture.ts';
import { compileFilter, compileMatcher, readCollation, sameCollation } from './index.ts';

type Case = [filter: Record<string, unknown>, matching: Record<string, unknown>[], other: Record<string, unknown>[]];

const id = new ObjectId();
const regex = (pattern: string, options = '') => new BSONRegExp(pattern, options);

const cases: Record<string, Case[]> = {
  equality: [
    [{}, [{}, { a: 1 }], []],
    [
      { a: 1 },
      [{ a: 1 }, { a: double(1) }, { a: 1n }, { a: new Decimal128('1.0') }, { a: [2, 1] }],
      [{ a: '1' }, { a: true }, {}, { a: [[1]] }],
    ],
    [{ a: id }, [{ a: new ObjectId(id.toHexString()) }], [{ a: id.toHexString() }]],
    [
      { a: { b: 1, c: 2 } },
      [{ a: { b: 1, c: 2 } }, { a: [{ b: double(1), c: 2 }] }],
      [{ a: { c: 2, b: 1 } }, { a: { b: 1 } }],
    ],
    [{ a: [1, 2] }, [{ a: [1, 2] }, { a: [[1, 2]] }], [{ a: [2, 1] }, { a: [1, 2, 3] }]],
    [{ a: [] }, [{ a: [] }, { a: [[]] }], [{}, { a: null }]],
    [
      { a: new Binary(Buffer.from([1]), 4) },
      [{ a: new Binary(Buffer.from([1]), 4) }],
      [{ a: new Binary(Buffer.from([1]), 0) }],
    ],
    [{ a: double(0) }, [{ a: -0 }, { a: 0 }], [{ a: null }]],
    [{ a: NaN }, [{ a: NaN }, { a: new Decimal128('NaN') }], [{ a: 0 }]],
    [{ a: {} }, [{ a: {} }], [{ a: { b: 1 } }, {}]],
    [{ a: { $ref: 'x', $id: 1 } }, [{ a: { $ref: 'x', $id: 1 } }], [{ a: 1 }]],
  ],
  null: [
    [{ a: null }, [{}, { a: null }, { a: [1, null] }], [{ a: 1 }, { a: [] }, { a: false }, { a: [undefined] }]],
    [{ a: { $ne: null } }, [{ a: 1 }, { a: [] }], [{}, { a: null }, { a: [null] }]],
    [
      { 'a.b': null },
      [{}, { a: 1 }, { a: {} }, { a: [{}] }, { a: [{ b: 1 }, {}] }],
      [{ a: [] }, { a: [1] }, { a: { b: 1 } }],
    ],
    [{ 'a.b': { $exists: false } }, [{}, { a: [] }, { a: [1] }, { a: 1 }], [{ a: { b: null } }, { a: [{ b: 1 }] }]],
    [{ a: { $in: [null] } }, [{}, { a: null }], [{ a: 0 }]],
    [{ a: { $gte: null } }, [{}, { a: null }], [{ a: 0 }]],
    [{ a: { $gt: null } }, [], [{}, { a: null }, { a: 1 }]],
    [{ a: { $exists: true } }, [{ a: null }, { a: [] }, { a: undefined }], [{}]],
  ],
  'type bracketing': [
    [
      { a: { $gt: 1 } },
      [{ a: 2 }, { a: 1.5 }, { a: [0, 3] }, { a: 2n }, { a: Infinity }],
      [{ a: 1 }, { a: '2' }, { a: NaN }, { a: null }, {}, { a: new Date(9) }],
    ],
    [{ a: { $lt: 1 } }, [{ a: 0 }, { a: -Infinity }], [{ a: NaN }, { a: null }, { a: false }]],
    [{ a: { $lte: NaN } }, [{ a: NaN }], [{ a: 1 }]],
    [{ a: { $lt: 'b' } }, [{ a: 'a' }, { a: '' }], [{ a: 1 }, { a: 'b' }]],
    [{ a: { $gt: new Date(5) } }, [{ a: new Date(6) }], [{ a: 6 }, { a: new Date(5) }]],
    [{ a: { $gte: [1] } }, [{ a: [1] }, { a: [2] }, { a: [[1, 0]] }], [{ a: 5 }, { a: [0, 9] }]],
    [{ a: { $gt: {} } }, [{ a: { b: 1 } }], [{ a: {} }, { a: [] }]],
    [{ a: { $gt: new MinKey() } }, [{ a: 1 }, { a: 'x' }, {}], [{ a: new MinKey() }]],
    [{ a: { $lte: new MaxKey() } }, [{ a: 1 }, { a: new MaxKey() }], []],
    [{ a: { $gt: 9007199254740992n } }, [{ a: 9007199254740993n }], [{ a: 2 ** 53 }]],
    [{ a: { $gt: false } }, [{ a: true }], [{ a: 1 }]],
    [{ a: { $gt: 1, $lt: 5 } }, [{ a: 3 }, { a: [0, 9] }], [{ a: 5 }, { a: [0, 1] }]],
  ],
  membership: [
    [
      { a: { $in: [1, 'x', regex('^ab')] } },
      [{ a: double(1) }, { a: 'x' }, { a: 'abc' }, { a: [5, 'x'] }],
      [{ a: 'xab' }, {}],
    ],
    [{ a: { $in: [1, 2, 3, 4, 5, 6, 7, 8, 9, 'x'] } }, [{ a: new Decimal128('9') }, { a: [0, 'x'] }], [{ a: 10 }, {}]],
    [{ a: { $in: [[1]] } }, [{ a: [1] }, { a: [[1]] }], [{ a: 1 }]],
    [{ a: { $in: [] } }, [], [{}, { a: 1 }]],
    [{ a: { $nin: [1, null] } }, [{ a: 2 }, { a: [] }], [{ a: [2, 1] }, {}]],
    [{ a: { $all: [1, 2] } }, [{ a: [2, 3, 1] }], [{ a: [1] }, { a: 1 }]],
    [{ a: { $all: [1] } }, [{ a: 1 }, { a: [1] }], [{ a: 2 }]],
    [{ a: { $all: [] } }, [], [{ a: [] }, {}]],
    [
      { a: { $all: [{ $elemMatch: { b: 1 } }, { $elemMatch: { b: 2 } }] } },
      [{ a: [{ b: 2 }, { b: 1 }] }],
      [{ a: [{ b: 1 }] }],
    ],
  ],
  logic: [
    [{ $or: [{ a: 1 }, { b: 1 }] }, [{ a: 1 }, { b: 1 }], [{ a: 2 }]],
    [{ $nor: [{ a: 1 }, { b: 1 }] }, [{ a: 2 }], [{ a: 1, b: 2 }]],
    [{ $and: [{ a: { $gt: 0 } }, { a: { $lt: 2 } }] }, [{ a: 1 }], [{ a: 2 }]],
    [{ a: { $not: { $gt: 1 } } }, [{ a: 1 }, {}, { a: 'x' }], [{ a: 2 }, { a: [0, 2] }]],
    [{ a: { $not: regex('x') } }, [{ a: 'y' }, {}], [{ a: 'x' }]],
    [{ a: { $ne: 1 } }, [{ a: 2 }, {}], [{ a: 1 }, { a: [1, 2] }]],
    [{ $comment: 'c', a: 1 }, [{ a: 1 }], [{}]],
  ],
  arrays: [
    [{ 'a.b': 1 }, [{ a: { b: 1 } }, { a: [{ b: 2 }, { b: 1 }] }, { a: [{ b: [1] }] }], [{ a: [[{ b: 1 }]] }]],
    [{ 'a.0': 1 }, [{ a: [1] }, { a: { 0: 1 } }, { a: [{ 0: 1 }] }, { a: [[1]] }], [{ a: [2, 1] }]],
    [{ 'a.1.b': 1 }, [{ a: [0, { b: 1 }] }], [{ a: [{ b: 1 }] }]],
    [{ a: { $size: 2 } }, [{ a: [1, 2] }], [{ a: [[1, 2]] }, { a: 2 }, {}]],
    [{ a: { $elemMatch: { $gt: 1, $lt: 5 } } }, [{ a: [0, 3] }], [{ a: [0, 9] }, { a: 3 }, { a: [[3]] }]],
    [
      { a: { $elemMatch: { b: 1, c: 2 } } },
      [{ a: [{ b: 1, c: 2 }] }],
      [{ a: [{ b: 1 }, { c: 2 }] }, { a: { b: 1, c: 2 } }],
    ],
    [{ a: { $elemMatch: { $or: [{ b: 1 }, { c: 1 }] } } }, [{ a: [{ c: 1 }] }], [{ a: [1] }]],
    [{ a: { $elemMatch: { $elemMatch: { $eq: 1 } } } }, [{ a: [[1]] }], [{ a: [1] }]],
    [{ a: { $elemMatch: { b: { $exists: false } } } }, [{ a: [{}] }], [{ a: [1] }, { a: [] }]],
    [{ a: { $not: { $elemMatch: { $gt: 1 } } } }, [{ a: [1] }, {}], [{ a: [2] }]],
  ],
  types: [
    [{ a: { $type: 'int' } }, [{ a: 1 }, { a: ['x', 1] }], [{ a: 1.5 }, { a: 1n }]],
    [{ a: { $type: 'number' } }, [{ a: 1 }, { a: 1n }, { a: 0.5 }, { a: new Decimal128('1') }], [{ a: '1' }]],
    [{ a: { $type: ['string', 10] } }, [{ a: 'x' }, { a: null }], [{}, { a: 1 }]],
    [{ a: { $type: 'array' } }, [{ a: [] }, { a: [1] }], [{ a: 1 }]],
    [{ a: { $type: -1 } }, [{ a: new MinKey() }], [{ a: 1 }]],
  ],
  others: [
    [{ a: { $mod: [4, 1] } }, [{ a: 5 }, { a: 5.9 }, { a: 5n }], [{ a: 4 }, { a: 'x' }, { a: NaN }]],
    [{ a: { $mod: [4, -1] } }, [{ a: -5 }], [{ a: 5 }]],
    [
      { a: { $bitsAllSet: 5 } },
      [{ a: 7 }, { a: 5n }, { a: new Binary(Buffer.from([7])) }, { a: -1 }],
      [{ a: 4 }, { a: 5.5 }, { a: '5' }],
    ],
    [{ a: { $bitsAnyClear: [0, 70] } }, [{ a: 2 }, { a: 1 }], [{ a: -1 }]],
    [{ a: { $bitsAllClear: [1, 3] } }, [{ a: 5 }], [{ a: 2 }]],
    [{ a: { $bitsAnySet: 6 } }, [{ a: 2 }], [{ a: 1 }]],
    [{ $expr: { $gt: ['$a', '$b'] } }, [{ a: 2, b: 1 }, { a: 1 }], [{ a: 1, b: 2 }]],
    [{ $sampleRate: 1 }, [{}], []],
    [{ $sampleRate: 0 }, [], [{}]],
    [{ $expr: '$a' }, [{ a: 'x' }, { a: [] }], [{ a: 0 }, {}]],
  ],
  regex: [
    [
      { a: regex('^A.c$', 'i') },
      [{ a: 'abc' }, { a: 'ABC\n' }, { a: ['x', 'abc'] }],
      [{ a: 'xabc' }, { a: 1 }, { a: 'a\nc' }],
    ],
    [{ a: { $regex: 'a.c', $options: 's' } }, [{ a: 'a\nc' }], [{ a: 'ac' }]],
    [{ a: { $regex: '^b', $options: 'm' } }, [{ a: 'a\nb' }], [{ a: 'a\rb' }]],
    [{ a: { $regex: 'a b # comment', $options: 'x' } }, [{ a: 'ab' }], [{ a: 'a b' }]],
    [{ a: { $regex: '(?i)ABC' } }, [{ a: 'abc' }], []],
    [{ a: { $regex: '\\Aab\\z' } }, [{ a: 'ab' }], [{ a: 'ab\n' }]],
    [{ a: { $regex: '\\Qa.b\\E' } }, [{ a: 'a.b' }], [{ a: 'axb' }]],
    [{ a: { $regex: '[[:alpha:]-]+\\-[\\s\\S]{1,2}}' } }, [{ a: 'x--ab}' }], [{ a: '1-' }]],
    [{ a: { $regex: '\\s' } }, [{ a: ' ' }], [{ a: '\u00a0' }]],
    [{ a: { $regex: '^.$' } }, [{ a: '😀' }], [{ a: 'ab' }]],
    [{ a: regex('x') }, [{ a: regex('x') }], [{ a: regex('x', 'i') }]],
    [{ a: { $regex: '{a}' } }, [{ a: '{a}' }], [{ a: 'a' }]],
  ],
  schema: [
    [
      { $jsonSchema: { bsonType: 'object', required: ['a'], properties: { a: { bsonType: 'int', minimum: 2 } } } },
      [{ a: 2 }],
      [{}, { a: 1 }, { a: 2.5 }],
    ],
    [
      { $jsonSchema: { properties: { a: { type: 'number', maximum: 3, exclusiveMaximum: true } } } },
      [{}, { a: 2.5 }],
      [{ a: 3 }, { a: 'x' }],
    ],
    [
      { $jsonSchema: { properties: { a: { enum: [1, null] } }, additionalProperties: false } },
      [{ a: double(1) }, { a: null }],
      [{ a: 2 }, { b: 1 }],
    ],
    [
      {
        $jsonSchema: {
          properties: {
            a: { bsonType: 'array', items: { bsonType: 'string', pattern: '^x' }, uniqueItems: true, minItems: 1 },
          },
        },
      },
      [{ a: ['x', 'xy'] }],
      [{ a: [] }, { a: ['x', 'x'] }, { a: ['y'] }],
    ],
    [
      { $jsonSchema: { anyOf: [{ required: ['a'] }, { required: ['b'] }], not: { required: ['c'] } } },
      [{ a: 1 }, { b: 1 }],
      [{}, { a: 1, c: 1 }],
    ],
    [{ $jsonSchema: { oneOf: [{ required: ['a'] }, { required: ['b'] }] } }, [{ a: 1 }], [{ a: 1, b: 1 }]],
    [
      { $jsonSchema: { dependencies: { a: ['b'] }, maxProperties: 2 } },
      [{ a: 1, b: 1 }, { c: 1 }],
      [{ a: 1 }, { c: 1, d: 1, e: 1 }],
    ],
    [{ $jsonSchema: { properties: { a: { multipleOf: 0.5 } } } }, [{ a: 1.5 }, { a: 2 }], [{ a: 0.7 }]],
  ],
};

for (const [name, list] of Object.entries(cases)) {
  describe(name, () => {
    test.each(list.map(([filter, yes, no], index) => ({ index, filter, yes, no })))(
      '$index $filter',
      ({ filter, yes, no }) => {
        const matches = compileMatcher(doc(filter));
        for (const item of yes) expect([item, matches(doc(item))]).toEqual([item, true]);
        for (const item of no) expect([item, matches(doc(item))]).toEqual([item, false]);
      },
    );
  });
}

test.each<[Record<string, unknown>, number]>([
  [{ $foo: 1 }, 2],
  [{ a: { $foo: 1 } }, 2],
  [{ a: { $gt: 1, b: 1 } }, 2],
  [{ $and: [] }, 2],
  [{ $or: 1 }, 2],
  [{ $or: [1] }, 2],
  [{ a: { $in: 1 } }, 2],
  [{ a: { $in: [{ $gt: 1 }] } }, 2],
  [{ a: { $mod: [0, 1] } }, 2],
  [{ a: { $mod: [1] } }, 2],
  [{ a: { $size: -1 } }, 2],
  [{ a: { $type: 'nope' } }, 2],
  [{ a: { $regex: '(' } }, 51091],
  [{ a: { $regex: 'a++' } }, 51091],
  [{ a: { $regex: 'a', $options: 'z' } }, 51108],
  [{ a: { $not: {} } }, 2],
  [{ a: { $ne: new BSONRegExp('x') } }, 2],
  [{ a: undefined }, 2],
  [{ $where: '1' }, 238],
  [{ $text: { $search: 'x' } }, 27],
  [{ a: { $near: [1, 2] } }, 291],
  [{ $expr: { $nope: 1 } }, 168],
  [{ a: { $elemMatch: { $expr: true } } }, 2],
  [{ a: { $elemMatch: { b: 1, $expr: true } } }, 2],
  [{ $jsonSchema: { nope: 1 } }, 9],
  [{ $jsonSchema: { properties: 1 } }, 14],
])('refused: %j', (filter, code) => {
  expect(() => compileFilter(doc(filter))).toThrow(expect.objectContaining({ code }));
});

test.each<[Record<string, unknown>, Record<string, unknown>, number | undefined]>([
  [{ a: 2 }, { a: [1, 2] }, 1],
  [{ 'a.b': 2 }, { a: [{ b: 1 }, { b: 2 }] }, 1],
  [{ a: { $elemMatch: { b: 2 } } }, { a: [{ b: 1 }, { b: 2 }] }, 1],
  [{ 'a.b': { $elemMatch: { $eq: 2 } } }, { a: [{ b: [] }, { b: [1, 1, 2] }] }, 1],
  [{ x: 1, a: { $in: [3] } }, { x: 1, a: [1, 2, 3] }, 2],
  [{ a: 1 }, { a: 1 }, undefined],
  [{ $or: [{ a: 2 }] }, { a: [1, 2] }, 1],
  [{ $or: [{ a: 2 }, { a: 3 }] }, { a: [1, 2, 3] }, 1],
  [{ $or: [{ a: 2 }, { b: 3 }] }, { a: [1, 2, 3] }, undefined],
  [{ a: { $not: { $elemMatch: { $eq: 100 } } } }, { a: [1] }, undefined],
  [{ $and: [{ a: 3 }, { a: 2 }, { a: 1 }] }, { a: [1, 2, 3] }, 0],
  [
    { a: { $elemMatch: { $elemMatch: { $eq: 3 } } } },
    {
      a: [
        [1, 2],
        [3, 4],
      ],
    },
    1,
  ],
  [{ a: { $elemMatch: { p: { $elemMatch: { $eq: 6 } } } } }, { a: [{ p: [1, 2] }, { p: [5, 6] }] }, 1],
  [{ a: { $gte: 2 }, b: 'y' }, { a: [1, 2], b: ['x', 'x', 'y'] }, 2],
])('position of %j in %j is %s', (filter, document, index) => {
  expect(compileFilter(doc(filter)).matchInfo(doc(document))).toEqual({ arrayIndex: index });
});

describe('collation', () => {
  const matches = (
    collation: Record<string, unknown>,
    filter: Record<string, unknown>,
    document: Record<string, unknown>,
  ) => compileMatcher(doc(filter), { collation: readCollation(doc(collation)) })(doc(document));

  test.each<[Record<string, unknown>, Record<string, unknown>, Record<string, unknown>, boolean]>([
    [{ locale: 'en', strength: 2 }, { a: 'ABC' }, { a: 'abc' }, true],
    [{ locale: 'en', strength: 2 }, { a: 'café' }, { a: 'cafe' }, false],
    [{ locale: 'en', strength: 1 }, { a: 'café' }, { a: 'CAFE' }, true],
    [{ locale: 'en', strength: 1, caseLevel: true }, { a: 'café' }, { a: 'Cafe' }, false],
    [{ locale: 'en' }, { a: 'ABC' }, { a: 'abc' }, false],
    [{ locale: 'simple' }, { a: 'ABC' }, { a: 'abc' }, false],
    [{ locale: 'en', strength: 2 }, { a: { $in: ['X', 'ABC'] } }, { a: 'abc' }, true],
    [{ locale: 'en', numericOrdering: true }, { a: { $gt: 'a9' } }, { a: 'a10' }, true],
    [{ locale: 'en', strength: 2 }, { a: { b: ['X'] } }, { a: { b: ['x'] } }, true],
    [{ locale: 'en', strength: 2 }, { $expr: { $eq: ['$a', 'X'] } }, { a: 'x' }, true],
  ])('%j %j %j', (collation, filter, document, wanted) => {
    expect(matches(collation, filter, document)).toBe(wanted);
  });

  test.each<[Record<string, unknown>, number]>([
    [{ locale: 'en', strength: 4 }, 238],
    [{ locale: 'en', alternate: 'shifted' }, 238],
    [{ locale: 'en', nope: 1 }, 40415],
    [{ strength: 1 }, 40414],
    [{ locale: 'xx-nope-never-1' }, 2],
  ])('refused: %j', (collation, code) => {
    expect(() => readCollation(doc(collation))).toThrow(expect.objectContaining({ code }));
  });
});

test('collations are the same when they ask for the same order', () => {
  const of = (spec: Record<string, unknown>) => doc({ locale: 'en', ...spec });
  expect(sameCollation(of({}), of({ strength: 3, caseLevel: false }))).toBe(true);
  expect(sameCollation(of({}), of({ strength: double(3) }))).toBe(true);
  expect(sameCollation(of({}), of({ numericOrdering: true }))).toBe(false);
  expect(sameCollation(of({}), undefined)).toBe(false);
  expect(sameCollation(undefined, undefined)).toBe(true);
});

test('variables of let reach $expr', () => {
  const filter = compileFilter(doc({ $expr: { $eq: ['$a', '$$x.y'] } }), { let: doc({ x: { y: { $add: [1, 1] } } }) });
  expect(filter.matches(doc({ a: 2 }))).toBe(true);
  expect(filter.matches(doc({ a: 3 }))).toBe(false);
});

test('a planner is told what must hold', () => {
  const of = (filter: Record<string, unknown>) => compileFilter(doc(filter)).predicates;
  expect(of({ a: 1, b: { $gt: 2, $lte: 5 } }).map(({ kind }) => kind)).toEqual(['eq', 'gt', 'lte']);
  expect(of({ $and: [{ a: 1 }, { $or: [{ b: 1 }, { c: 1 }] }] }).map(({ kind }) => kind)).toEqual(['eq', 'or']);
  expect(of({ a: { $elemMatch: { b: 1 } } })).toMatchObject([
    { kind: 'elemMatch', path: 'a', predicates: [{ kind: 'eq', path: 'a.b' }] },
  ]);
  expect(of({ a: { $ne: 1 }, $nor: [{ b: 1 }], c: { $not: { $gt: 1 } } })).toEqual([]);
  expect(of({ a: new BSONRegExp('^ab\\.c+d') })).toEqual([{ kind: 'prefix', path: 'a', prefix: 'ab.c' }]);
  expect(of({ a: new BSONRegExp('^abc*') })).toEqual([{ kind: 'prefix', path: 'a', prefix: 'ab' }]);
  expect(of({ a: new BSONRegExp('^ab|c') })).toEqual([]);
});
