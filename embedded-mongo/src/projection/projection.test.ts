import { describe, expect, test } from 'vitest';
import { compileFilter, readCollation } from '../query/index.ts';
import { identical } from '../values/index.ts';
import { doc } from '../values/values.fixture.ts';
import { compileProjection, compileSort } from './index.ts';

type Case = [
  projection: Record<string, unknown>,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  filter?: Record<string, unknown>,
];

const cases: Record<string, Case[]> = {
  inclusion: [
    [{}, { _id: 1, a: 1 }, { _id: 1, a: 1 }],
    [{ a: 1 }, { b: 1, a: 2, _id: 1 }, { a: 2, _id: 1 }],
    [{ a: 1, _id: 0 }, { _id: 1, a: 2 }, { a: 2 }],
    [{ _id: 1 }, { _id: 1, a: 2 }, { _id: 1 }],
    [{ 'a.b': 1 }, { _id: 1, a: { b: 1, c: 2 } }, { _id: 1, a: { b: 1 } }],
    [{ a: { b: 1 } }, { _id: 1, a: { b: 1, c: 2 } }, { _id: 1, a: { b: 1 } }],
    [{ 'a.b': 1 }, { _id: 1, a: [{ b: 1, c: 1 }, 5, [{ b: 2 }], {}] }, { _id: 1, a: [{ b: 1 }, [{ b: 2 }], {}] }],
    [{ 'a.b': 1 }, { _id: 1, a: 5 }, { _id: 1 }],
    [{ a: true }, { _id: 1, a: null }, { _id: 1, a: null }],
  ],
  exclusion: [
    [{ a: 0 }, { _id: 1, a: 2, b: 3 }, { _id: 1, b: 3 }],
    [{ _id: 0 }, { _id: 1, a: 2 }, { a: 2 }],
    [{ 'a.b': 0 }, { a: [{ b: 1, c: 1 }, 5] }, { a: [{ c: 1 }, 5] }],
    [
      { a: 0, _id: 1 },
      { _id: 1, a: 1, b: 1 },
      { _id: 1, b: 1 },
    ],
  ],
  '$slice and $elemMatch': [
    [{ a: { $slice: 2 } }, { _id: 1, a: [1, 2, 3], b: 1 }, { _id: 1, a: [1, 2], b: 1 }],
    [{ a: { $slice: -2 } }, { a: [1, 2, 3] }, { a: [2, 3] }],
    [{ a: { $slice: [1, 1] } }, { a: [1, 2, 3] }, { a: [2] }],
    [{ a: { $slice: [-2, 1] } }, { a: [1, 2, 3] }, { a: [2] }],
    [
      { a: { $slice: 1 }, b: 1 },
      { _id: 1, a: [1, 2], b: 1, c: 1 },
      { _id: 1, a: [1], b: 1 },
    ],
    [
      { a: { $slice: 1 }, b: 0 },
      { a: [1, 2], b: 1, c: 1 },
      { a: [1], c: 1 },
    ],
    [{ a: { $slice: 1 } }, { a: 5 }, { a: 5 }],
    [{ 'a.b': { $slice: 1 } }, { a: { b: [1, 2] } }, { a: { b: [1] } }],
    [{ a: { $elemMatch: { b: 2 } } }, { _id: 1, a: [{ b: 1 }, { b: 2, c: 1 }], x: 1 }, { _id: 1, a: [{ b: 2, c: 1 }] }],
    [
      { a: { $elemMatch: { $gt: 1 } }, x: 1 },
      { _id: 1, a: [1, 2, 3], x: 1 },
      { _id: 1, a: [2], x: 1 },
    ],
    [{ a: { $elemMatch: { b: 9 } } }, { _id: 1, a: [{ b: 1 }] }, { _id: 1 }],
  ],
  '$elemMatch, unusual': [
    [{ a: { $elemMatch: {} } }, { _id: 1, a: ['x', 1, [2], { b: 1 }] }, { _id: 1, a: [[2]] }],
    [{ a: { $elemMatch: { $or: [{}, {}] } } }, { _id: 1, a: ['x', { b: 1 }] }, { _id: 1, a: [{ b: 1 }] }],
    [
      { a: { $elemMatch: { $id: 7 } } },
      {
        _id: 1,
        a: [
          { $ref: 'c', $id: 6 },
          { $ref: 'c', $id: 7 },
        ],
      },
      { _id: 1, a: [{ $ref: 'c', $id: 7 }] },
    ],
    [{ a: { $elemMatch: { $gt: 2 } }, d: 0 }, { _id: 1, a: { b: 1 }, d: 4 }, { _id: 1 }],
    [{ a: { $elemMatch: { $nin: [4, 5] } } }, { _id: 1, a: [4, 1, 2] }, { _id: 1, a: [1] }],
  ],
  positional: [
    [{ 'a.$': 1 }, { _id: 1, a: [1, 2, 3], b: 1 }, { _id: 1, a: [2] }, { a: 2 }],
    [{ 'a.$': 1, b: 1 }, { _id: 1, a: [{ k: 1 }, { k: 2 }], b: 1 }, { _id: 1, a: [{ k: 2 }], b: 1 }, { 'a.k': 2 }],
    [{ 'a.b.$': 1 }, { _id: 1, a: { b: [1, 2] } }, { _id: 1, a: { b: [2] } }, { 'a.b': { $gt: 1 } }],
    [{ 'a.$': 1 }, { _id: 1, a: [{ k: 1 }, { k: 2 }] }, { _id: 1, a: [{ k: 2 }] }, { a: { $elemMatch: { k: 2 } } }],
  ],
  'positional, elsewhere': [
    [{ 'g.$': 1 }, { _id: 1, x: [1] }, { _id: 1 }, {}],
    [
      { 'a.b.c.$': 1 },
      { _id: 1, x: [-1, 1, 2], a: { b: { d: [1, 2, 3], f: 456 }, e: 123 } },
      { _id: 1, a: { b: {} } },
      { x: { $gt: 0 } },
    ],
    [
      { 'a.b.c.$': 1 },
      { _id: 1, x: [1], a: [{ b: [[[{ c: 1, d: 2 }]]] }] },
      { _id: 1, a: [{ b: [[[{ c: 1 }]]] }] },
      { x: 1 },
    ],
    [
      { 'a.b.c.$': 1 },
      { _id: 1, x: { y: { z: [0, 1, 2] } }, a: { b: [{ c: [1] }, { c: [4] }] } },
      { _id: 1, a: { b: [{ c: [4] }] } },
      { 'x.y.z': 1 },
    ],
    [
      { 'b.$': 1 },
      { _id: 1, a: [1, 2, 3], b: [4, 5, 6] },
      { _id: 1, b: [6] },
      { $and: [{ a: 1 }, { a: 2 }, { a: 3 }] },
    ],
  ],
  expressions: [
    [{ x: '$a' }, { _id: 1, a: 2 }, { _id: 1, x: 2 }],
    [
      { x: { $add: ['$a', 1] }, a: 1 },
      { _id: 1, b: 0, a: 2 },
      { _id: 1, a: 2, x: 3 },
    ],
    [{ x: 'text' }, { _id: 1 }, { _id: 1, x: 'text' }],
    [
      { x: '$$REMOVE', a: 1 },
      { _id: 1, a: 1 },
      { _id: 1, a: 1 },
    ],
    [{ 'x.y': '$a' }, { _id: 1, a: 2 }, { _id: 1, x: { y: 2 } }],
    [{ 'x.y': '$a' }, { _id: 1, a: 2, x: [{ z: 1 }, 3] }, { _id: 1, x: [{ y: 2 }, { y: 2 }] }],
    [{ x: { $slice: ['$a', 1, 1] } }, { _id: 1, a: [1, 2] }, { _id: 1, x: [2] }],
    [{ _id: '$a' }, { _id: 1, a: 2 }, { _id: 2 }],
  ],
};

for (const [name, list] of Object.entries(cases)) {
  describe(name, () => {
    test.each(list)('%j of %j', (projection, before, after, filter) => {
      const compiled = compileProjection(doc(projection), { filter: filter && compileFilter(doc(filter)) });
      const result = compiled(doc(before));
      if (!identical(result, doc(after))) expect(result).toEqual(doc(after));
      expect([...result.keys()]).toEqual([...doc(after).keys()]);
    });
  });
}

test.each<[Record<string, unknown>, number]>([
  [{ a: 1, b: 0 }, 31254],
  [{ a: 0, b: 1 }, 31253],
  [{ a: 0, b: '$x' }, 31252],
  [{ a: 1, 'a.b': 1 }, 31249],
  [{ 'a.b': 1, a: 1 }, 31250],
  [{ a: {} }, 51270],
  [{ 'a.$': 0 }, 31395],
  [{ '.$': 1 }, 5392900],
  [{ 'a.$': { $slice: 1 } }, 31271],
  [{ 'a.$': 1, b: 0 }, 31254],
  [{ 'a.$': 1, 'b.$': 1 }, 31276],
  [{ 'a.$.b': 1 }, 16410],
  [{ 'a.$': 1, b: { $elemMatch: { x: 1 } } }, 31256],
  [{ 'a.b': { $elemMatch: { x: 1 } } }, 31275],
  [{ a: { $elemMatch: 1 } }, 31274],
  [{ a: { $nope: 1 } }, 168],
  [{ $a: 1 }, 16410],
  [{ 'a.': 1 }, 40353],
  [{ a: { $slice: [1, 0] } }, 28724],
])('refused: %j with code %i', (projection, code) => {
  expect(() => compileProjection(doc(projection))).toThrow(expect.objectContaining({ code }));
});

describe('sort', () => {
  const order = (sort: Record<string, unknown>, docs: Record<string, unknown>[], limit?: number) =>
    compileSort(doc(sort))
      .sorted(docs.map(doc), limit)
      .map((item) => String(item.get('n')));

  test('types, missing fields and arrays', () => {
    const docs = [
      { n: 'string', a: 'x' },
      { n: 'five', a: 5 },
      { n: 'missing' },
      { n: 'array', a: [9, 1] },
      { n: 'empty', a: [] },
      { n: 'null', a: null },
      { n: 'date', a: new Date(0) },
    ];
    expect(order({ a: 1 }, docs)).toEqual(['empty', 'missing', 'null', 'array', 'five', 'string', 'date']);
    expect(order({ a: -1 }, docs)).toEqual(['date', 'string', 'array', 'five', 'missing', 'null', 'empty']);
  });

  test('compound keys of one array stay together', () => {
    const docs = [
      {
        n: 'x',
        a: [
          { b: 1, c: 5 },
          { b: 2, c: 3 },
        ],
      },
      { n: 'y', a: [{ b: 1, c: 4 }] },
    ];
    expect(order({ 'a.b': 1, 'a.c': 1 }, docs)).toEqual(['y', 'x']);
    expect(order({ 'a.c': 1, 'a.b': 1 }, docs)).toEqual(['x', 'y']);
  });

  test('an element that the path names is taken whole', () => {
    expect(
      order({ 'a.0': -1 }, [
        { n: 'one', a: [1] },
        { n: 'inner', a: [[1]] },
        { n: 'none', a: 5 },
      ]),
    ).toEqual(['inner', 'one', 'none']);
  });

  test('is stable, and a limit keeps the first', () => {
    const docs = Array.from({ length: 5000 }, (_, index) => ({ n: index, a: (index * 7919) % 10 }));
    const all = order({ a: 1 }, docs);
    expect(order({ a: 1 }, docs, 7)).toEqual(all.slice(0, 7));
    expect(all.slice(0, 2)).toEqual(['0', '10']);
  });

  test('follows a collation', () => {
    const sort = compileSort(doc({ a: 1 }), readCollation(doc({ locale: 'en', strength: 2 })));
    expect(
      sort.sorted([doc({ a: 'b' }), doc({ a: 'A' }), doc({ a: 'a' }), doc({ a: 'C' })]).map((item) => item.get('a')),
    ).toEqual(['A', 'a', 'b', 'C']);
  });

  test.each<[Record<string, unknown>, number]>([
    [{ a: 2 }, 15975],
    [{ a: 'x' }, 15974],
    [{ a: { $meta: 'textScore' } }, 40218],
    [{ 'a.$b': 1 }, 16410],
  ])('refused: %j with code %i', (sort, code) => {
    expect(() => compileSort(doc(sort))).toThrow(expect.objectContaining({ code }));
  });

  test('parallel arrays are refused', () => {
    expect(() => compileSort(doc({ a: 1, b: 1 })).keyOf(doc({ a: [1], b: [2] }))).toThrow(
      expect.objectContaining({ code: 2 }),
    );
  });
});
