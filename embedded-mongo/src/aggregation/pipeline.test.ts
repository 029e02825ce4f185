import { describe, expect, test } from 'vitest';
import { type Filter, readCollation } from '../query/index.ts';
import { type Doc, identical } from '../values/index.ts';
import { doc, double, lit } from '../values/values.fixture.ts';
import { compilePipeline, newScope } from './index.ts';

type Docs = Record<string, unknown>[];

function run(
  docs: Docs,
  pipeline: unknown[],
  others: Record<string, Docs> = {},
  options: { collation?: Record<string, unknown>; indexed?: boolean } = {},
): Doc[] {
  const collections: Record<string, Docs> = { ...others, main: docs };
  const source = {
    scan: (name: string, filter?: Filter) =>
      (collections[name] ?? []).map(doc).filter((item) => filter?.matches(item) ?? true),
    indexed: () => options.indexed ?? false,
  };
  const collation = options.collation && readCollation(doc(options.collation));
  const compiled = compilePipeline(lit(pipeline), { scope: newScope({ collation }), source });
  const all = compiled.standsAlone ? [] : source.scan('main', compiled.filter);
  const { fields } = compiled;
  // Whoever reads documents leaves out what the pipeline says it does not look at.
  const input = fields ? all.map((item) => new Map([...item].filter(([name]) => fields.has(name)))) : all;
  return [...compiled.run(input)];
}

function expectDocs(actual: Doc[], wanted: Docs): void {
  const docs = wanted.map(doc);
  if (!identical(actual, docs)) expect(actual).toEqual(docs);
  expect(identical(actual, docs)).toBe(true);
}

type Case = [docs: Docs, pipeline: unknown[], wanted: Docs, others?: Record<string, Docs>];

const numbers = [
  { _id: 1, k: 'a', n: 1 },
  { _id: 2, k: 'b', n: 2 },
  { _id: 3, k: 'a', n: 3 },
  { _id: 4, n: 'x' },
];
const orders = [{ _id: 1, item: 'a' }, { _id: 2, item: ['a', 'b'] }, { _id: 3 }];
const items = {
  items: [
    { _id: 10, sku: 'a', q: 1 },
    { _id: 11, sku: 'b', q: 2 },
    { _id: 12, q: 3 },
  ],
};
const tree = {
  people: [
    { _id: 1, name: 'a' },
    { _id: 2, name: 'b', boss: 'a' },
    { _id: 3, name: 'c', boss: 'b' },
  ],
};

const cases: Record<string, Case[]> = {
  basics: [
    [numbers, [{ $match: { k: 'a' } }, { $match: { n: { $gt: 1 } } }], [{ _id: 3, k: 'a', n: 3 }]],
    [
      numbers,
      [{ $sort: { _id: -1 } }, { $skip: 1 }, { $limit: 2 }, { $project: { _id: 1 } }],
      [{ _id: 3 }, { _id: 2 }],
    ],
    [
      numbers,
      [{ $limit: 1 }, { $set: { m: { $add: ['$n', 1] }, 'x.y': 1 } }],
      [{ _id: 1, k: 'a', n: 1, m: 2, x: { y: 1 } }],
    ],
    [numbers, [{ $match: { _id: 1 } }, { $unset: ['k', 'n'] }], [{ _id: 1 }]],
    [numbers, [{ $count: 'total' }], [{ total: 4 }]],
    [[], [{ $count: 'total' }], []],
    [numbers, [{ $match: { _id: 1 } }, { $replaceRoot: { newRoot: { a: '$k' } } }], [{ a: 'a' }]],
    [
      numbers,
      [{ $match: { _id: 1 } }, { $project: { _id: 0, x: { $concat: ['$k', '!'] }, n: 1 } }],
      [{ n: 1, x: 'a!' }],
    ],
    [[{ a: 1 }], [{ $set: { a: '$$REMOVE', b: '$a' } }], [{ b: 1 }]],
    [[{ a: { b: 1, c: 2 } }], [{ $set: { 'a.b': 9 } }], [{ a: { b: 9, c: 2 } }]],
    [
      [{ a: [{ b: 1 }, { b: 2 }] }],
      [{ $set: { 'a.c': 0 } }],
      [
        {
          a: [
            { b: 1, c: 0 },
            { b: 2, c: 0 },
          ],
        },
      ],
    ],
    [[], [{ $documents: [{ x: 1 }, { x: 2 }] }, { $match: { x: 2 } }], [{ x: 2 }]],
    [
      [{ l: 1, in: { l: 5, x: 1 }, a: [{ l: 1 }, { l: 5 }] }],
      [{ $redact: { $cond: [{ $gt: ['$l', 3] }, '$$PRUNE', '$$DESCEND'] } }],
      [{ l: 1, a: [{ l: 1 }] }],
    ],
  ],
  $group: [
    [
      numbers,
      [{ $group: { _id: '$k', sum: { $sum: '$n' }, avg: { $avg: '$n' }, all: { $push: '$n' } } }],
      [
        { _id: 'a', sum: 4, avg: double(2), all: [1, 3] },
        { _id: 'b', sum: 2, avg: double(2), all: [2] },
        { _id: null, sum: 0, avg: null, all: ['x'] },
      ],
    ],
    [
      numbers,
      [
        {
          $group: {
            _id: null,
            n: { $sum: 1 },
            first: { $first: '$k' },
            last: { $last: '$k' },
            max: { $max: '$n' },
            min: { $min: '$n' },
          },
        },
      ],
      [{ _id: null, n: 4, first: 'a', last: null, max: 'x', min: 1 }],
    ],
    [
      numbers,
      [{ $group: { _id: { k: '$k' }, n: { $count: {} } } }],
      [
        { _id: { k: 'a' }, n: 2 },
        { _id: { k: 'b' }, n: 1 },
        { _id: {}, n: 1 },
      ],
    ],
    [
      [{ a: 1 }, { a: double(1) }, { a: 1n }],
      [{ $group: { _id: '$a', n: { $sum: '$a' } } }],
      [{ _id: 1, n: double(3) }],
    ],
    [numbers, [{ $group: { _id: null, s: { $addToSet: '$k' } } }], [{ _id: null, s: ['a', 'b'] }]],
    [
      numbers,
      [
        {
          $group: {
            _id: null,
            t: { $topN: { n: 2, sortBy: { n: -1 }, output: '$_id' } },
            b: { $bottom: { sortBy: { n: -1 }, output: '$_id' } },
          },
        },
      ],
      [{ _id: null, t: [4, 3], b: 1 }],
    ],
    [
      numbers,
      [
        {
          $group: {
            _id: null,
            m: { $maxN: { n: 2, input: '$_id' } },
            f: { $firstN: { n: 2, input: '$_id' } },
            l: { $lastN: { n: 1, input: '$_id' } },
          },
        },
      ],
      [{ _id: null, m: [4, 3], f: [1, 2], l: [4] }],
    ],
    [
      [{ n: 2 }, { n: 4 }, { n: 6 }],
      [{ $group: { _id: null, p: { $stdDevPop: '$n' }, s: { $stdDevSamp: '$n' } } }],
      [{ _id: null, p: Math.sqrt(8 / 3), s: double(2) }],
    ],
    [
      [{ o: { a: 1 } }, { o: { b: 2 } }],
      [{ $group: { _id: null, o: { $mergeObjects: '$o' } } }],
      [{ _id: null, o: { a: 1, b: 2 } }],
    ],
    [[{ n: 0.1 }, { n: 0.2 }, { n: 0.3 }], [{ $group: { _id: null, n: { $sum: '$n' } } }], [{ _id: null, n: 0.6 }]],
    [
      numbers,
      [{ $sortByCount: '$k' }],
      [
        { _id: 'a', count: 2 },
        { _id: 'b', count: 1 },
        { _id: null, count: 1 },
      ],
    ],
    [
      [{ n: 1 }, { n: 5 }, { n: 50 }],
      [{ $bucket: { groupBy: '$n', boundaries: [0, 5, 10], default: 'other' } }],
      [
        { _id: 0, count: 1 },
        { _id: 5, count: 1 },
        { _id: 'other', count: 1 },
      ],
    ],
    [
      [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }],
      [{ $bucketAuto: { groupBy: '$n', buckets: 2 } }],
      [
        { _id: { min: 1, max: 3 }, count: 2 },
        { _id: { min: 3, max: 4 }, count: 2 },
      ],
    ],
  ],
  'counts by group': [
    [
      [
        { k: 'a', n: 1 },
        { k: 'a', n: 2 },
        { k: 'b', n: 3 },
        { k: 'b', n: 4 },
      ],
      [{ $group: { _id: { s: '$k' }, f: { $firstN: { input: '$n', n: { $cond: [{ $eq: ['$s', 'a'] }, 5, 1] } } } } }],
      [
        { _id: { s: 'a' }, f: [1, 2] },
        { _id: { s: 'b' }, f: [3] },
      ],
    ],
  ],
  $unwind: [
    [
      [{ _id: 1, a: [1, 2] }, { _id: 2, a: [] }, { _id: 3 }, { _id: 4, a: 5 }],
      [{ $unwind: '$a' }],
      [
        { _id: 1, a: 1 },
        { _id: 1, a: 2 },
        { _id: 4, a: 5 },
      ],
    ],
    [
      [{ _id: 1, a: [1] }, { _id: 2, a: [] }, { _id: 3, a: null }, { _id: 4 }],
      [{ $unwind: { path: '$a', preserveNullAndEmptyArrays: true, includeArrayIndex: 'i' } }],
      [
        { _id: 1, a: 1, i: 0n },
        { _id: 2, i: null },
        { _id: 3, a: null, i: null },
        { _id: 4, i: null },
      ],
    ],
    [[{ a: { b: [1, 2] } }], [{ $unwind: '$a.b' }], [{ a: { b: 1 } }, { a: { b: 2 } }]],
  ],
  $lookup: [
    [
      orders,
      [
        { $lookup: { from: 'items', localField: 'item', foreignField: 'sku', as: 'found' } },
        { $project: { ids: '$found._id' } },
      ],
      [
        { _id: 1, ids: [10] },
        { _id: 2, ids: [10, 11] },
        { _id: 3, ids: [12] },
      ],
      items,
    ],
    [
      orders,
      [
        { $match: { _id: 1 } },
        {
          $lookup: {
            from: 'items',
            let: { i: '$item' },
            pipeline: [{ $match: { $expr: { $eq: ['$sku', '$$i'] } } }, { $project: { _id: 1 } }],
            as: 'found',
          },
        },
      ],
      [{ _id: 1, item: 'a', found: [{ _id: 10 }] }],
      items,
    ],
    [
      orders,
      [
        { $match: { _id: 2 } },
        {
          $lookup: {
            from: 'items',
            localField: 'item',
            foreignField: 'sku',
            let: { o: '$_id' },
            pipeline: [{ $match: { $expr: { $eq: ['$q', '$$o'] } } }],
            as: 'found',
          },
        },
      ],
      [{ _id: 2, item: ['a', 'b'], found: [{ _id: 11, sku: 'b', q: 2 }] }],
      items,
    ],
    [
      orders,
      [{ $lookup: { from: 'items', pipeline: [{ $count: 'n' }], as: 'c' } }, { $project: { c: 1 } }],
      [
        { _id: 1, c: [{ n: 3 }] },
        { _id: 2, c: [{ n: 3 }] },
        { _id: 3, c: [{ n: 3 }] },
      ],
      items,
    ],
    [[{ _id: 1 }], [{ $lookup: { from: 'nope', localField: 'a', foreignField: 'b', as: 'x' } }], [{ _id: 1, x: [] }]],
    [
      [{ _id: 1, name: 'c' }],
      [
        {
          $graphLookup: {
            from: 'people',
            startWith: '$name',
            connectFromField: 'boss',
            connectToField: 'name',
            as: 'up',
            depthField: 'd',
          },
        },
        { $project: { up: { $sortArray: { input: '$up', sortBy: { d: 1 } } } } },
      ],
      [
        {
          _id: 1,
          up: [
            { _id: 3, name: 'c', boss: 'b', d: 0n },
            { _id: 2, name: 'b', boss: 'a', d: 1n },
            { _id: 1, name: 'a', d: 2n },
          ],
        },
      ],
      tree,
    ],
    [
      [{ _id: 1 }],
      [{ $unionWith: 'items' }, { $project: { _id: 1 } }],
      [{ _id: 1 }, { _id: 10 }, { _id: 11 }, { _id: 12 }],
      items,
    ],
    [
      [{ _id: 1 }],
      [{ $unionWith: { coll: 'items', pipeline: [{ $match: { q: { $gt: 2 } } }] } }],
      [{ _id: 1 }, { _id: 12, q: 3 }],
      items,
    ],
  ],
  'equality joins': [
    [
      [
        { _id: 1, a: [] },
        { _id: 2, a: [{ x: 1 }, {}] },
        { _id: 3, a: [[1]] },
        { _id: 4, a: [null, 1] },
      ],
      [{ $lookup: { from: 'f', localField: 'a', foreignField: 'b', as: 'm' } }, { $project: { m: '$m._id' } }],
      [
        { _id: 1, m: [1] },
        { _id: 2, m: [] },
        { _id: 3, m: [3] },
        { _id: 4, m: [1, 2, 3] },
      ],
      { f: [{ _id: 1 }, { _id: 2, b: 1 }, { _id: 3, b: [[1], 1] }] },
    ],
    [
      [
        { _id: 1, a: [{ x: 1 }, {}] },
        { _id: 2, a: [{}] },
      ],
      [{ $lookup: { from: 'f', localField: 'a.x', foreignField: 'b', as: 'm' } }, { $project: { m: '$m._id' } }],
      [
        { _id: 1, m: [2] },
        { _id: 2, m: [1] },
      ],
      {
        f: [
          { _id: 1, b: null },
          { _id: 2, b: 1 },
        ],
      },
    ],
  ],
  $facet: [
    [
      numbers,
      [{ $facet: { a: [{ $match: { k: 'a' } }, { $count: 'n' }], b: [{ $limit: 1 }] } }],
      [{ a: [{ n: 2 }], b: [{ _id: 1, k: 'a', n: 1 }] }],
    ],
  ],
  $setWindowFields: [
    [
      [
        { _id: 1, g: 1, n: 1 },
        { _id: 2, g: 1, n: 2 },
        { _id: 3, g: 2, n: 5 },
      ],
      [
        {
          $setWindowFields: {
            partitionBy: '$g',
            sortBy: { n: 1 },
            output: { total: { $sum: '$n', window: { documents: ['unbounded', 'current'] } }, all: { $sum: '$n' } },
          },
        },
      ],
      [
        { _id: 1, g: 1, n: 1, total: 1, all: 3 },
        { _id: 2, g: 1, n: 2, total: 3, all: 3 },
        { _id: 3, g: 2, n: 5, total: 5, all: 5 },
      ],
    ],
    [
      [{ n: 1 }, { n: 1 }, { n: 2 }],
      [
        {
          $setWindowFields: {
            sortBy: { n: 1 },
            output: {
              r: { $rank: {} },
              d: { $denseRank: {} },
              i: { $documentNumber: {} },
              p: { $shift: { output: '$n', by: -1 } },
            },
          },
        },
      ],
      [
        { n: 1, r: 1, d: 1, i: 1, p: null },
        { n: 1, r: 1, d: 1, i: 2, p: 1 },
        { n: 2, r: 3, d: 2, i: 3, p: 1 },
      ],
    ],
    [
      [{ n: 1 }, { n: 2 }, { n: 10 }],
      [
        {
          $setWindowFields: {
            sortBy: { n: 1 },
            output: { c: { $sum: 1, window: { range: [-1, 1] } }, m: { $avg: '$n', window: { documents: [-1, 0] } } },
          },
        },
      ],
      [
        { n: 1, c: 2, m: double(1) },
        { n: 2, c: 2, m: 1.5 },
        { n: 10, c: 1, m: double(6) },
      ],
    ],
  ],
};

for (const [name, list] of Object.entries(cases)) {
  describe(name, () => {
    test.each(list.map(([docs, pipeline, wanted, others], index) => ({ index, docs, pipeline, wanted, others })))(
      '$index $pipeline',
      ({ docs, pipeline, wanted, others }) => {
        expectDocs(run(docs, pipeline, others), wanted);
        // An index changes how foreign documents are found, never which.
        expectDocs(run(docs, pipeline, others, { indexed: true }), wanted);
      },
    );
  });
}

test.each<[unknown[], number]>([
  [[{ $nope: 1 }], 40324],
  [[{ $match: {}, $limit: 1 }], 40323],
  [[1], 14],
  [[{ $match: 1 }], 15959],
  [[{ $limit: 0 }], 15958],
  [[{ $limit: -1 }], 5107201],
  [[{ $group: { n: { $sum: 1 } } }], 15955],
  [[{ $group: { _id: 1, n: { $nope: 1 } } }], 15952],
  [[{ $group: { _id: 1, 'a.b': { $sum: 1 } } }], 40235],
  [[{ $group: { _id: 1, a: 1 } }], 40234],
  [[{ $group: { _id: 1, a: { $bottomN: { n: 1, output: '$a' } } } }], 5788005],
  [[{ $group: { _id: 1, a: { $top: { n: 1, output: '$a', sortBy: { a: 1 } } } } }], 5788002],
  [[{ $group: { _id: 1, a: { $minN: { n: -1, input: '$n' } } } }], 5787908],
  [[{ $project: {} }], 51272],
  [[{ $project: { a: { $nope: 1 } } }], 168],
  [[{ $unwind: 'a' }], 28818],
  [[{ $sort: {} }], 15976],
  [[{ $out: 'x' }, { $match: {} }], 40601],
  [[{ $facet: { a: [{ $out: 'x' }] } }], 40600],
  [[{ $lookup: { from: 'x', as: 'y' } }], 9],
  [[{ $match: {} }, { $documents: [] }], 40602],
  [[{ $geoNear: {} }], 238],
  [[{ $replaceWith: '$n' }], 40228],
  [[{ $bucket: { groupBy: '$_id', boundaries: [10, 20] } }], 40066],
])('refused: %o with code %i', (pipeline, code) => {
  expect(() => run(numbers, pipeline)).toThrow(expect.objectContaining({ code }));
});

test('a collation groups, sorts and joins', () => {
  const collation = { locale: 'en', strength: 2 };
  const docs = [
    { k: 'A', n: 1 },
    { k: 'a', n: 2 },
    { k: 'b', n: 3 },
  ];
  expectDocs(run(docs, [{ $group: { _id: '$k', n: { $sum: '$n' } } }], {}, { collation }), [
    { _id: 'A', n: 3 },
    { _id: 'b', n: 3 },
  ]);
  expectDocs(run(docs, [{ $match: { k: 'B' } }], {}, { collation }), [{ k: 'b', n: 3 }]);
});

test.each<[unknown[], string[] | undefined]>([
  [[{ $group: { _id: '$a.b', n: { $sum: { $add: ['$c', 1] } } } }], ['a', 'c']],
  [[{ $match: { x: { $gt: 1 }, $expr: { $eq: ['$y', 1] } } }, { $count: 'n' }], []],
  [
    [
      { $sort: { s: 1 } },
      { $match: { m: 1 } },
      { $unwind: '$u.v' },
      { $group: { _id: null, t: { $top: { sortBy: { k: 1 }, output: '$o' } } } },
    ],
    ['s', 'm', 'u', 'k', 'o'],
  ],
  [[{ $project: { a: 1, 'b.c': 1, d: '$$ROOT.e' } }], ['a', 'b', 'd', 'e', '_id']],
  [[{ $limit: 5 }, { $replaceWith: { x: '$y' } }], ['y']],
  [[{ $project: { a: 0 } }], undefined],
  [[{ $group: { _id: null, all: { $push: '$$ROOT' } } }], undefined],
  [[{ $group: { _id: { $getField: 'a.b' } } }], undefined],
  [[{ $set: { a: 1 } }, { $group: { _id: '$b' } }], undefined],
  [[{ $lookup: { from: 'x', localField: 'a', foreignField: 'b', as: 'c' } }, { $count: 'n' }], undefined],
  [[{ $match: { a: 1 } }], undefined],
])('%j looks at %j', (stages, fields) => {
  const compiled = compilePipeline(lit(stages), { scope: newScope(), source: { scan: () => [] } });
  expect(compiled.fields && [...compiled.fields].sort()).toEqual(fields?.sort());
});

test('pulls no more than it is asked for', () => {
  let pulled = 0;
  function* endless(): Iterable<Doc> {
    for (;;) yield doc({ n: pulled++ });
  }
  const pipeline = compilePipeline(lit([{ $set: { x: 1 } }, { $match: { n: { $gte: 2 } } }, { $limit: 2 }]), {
    scope: newScope(),
    source: { scan: () => [] },
  });
  expect([...pipeline.run(endless())].length).toBe(2);
  expect(pulled).toBe(4);
});

test('a planner is told of the filter and the sort at the start', () => {
  const compile = (stages: unknown[]) =>
    compilePipeline(lit(stages), { scope: newScope(), source: { scan: () => [] } });
  expect(compile([{ $match: { a: 1 } }, { $match: { b: 2 } }]).filter?.predicates.map(({ kind }) => kind)).toEqual([
    'eq',
    'eq',
  ]);
  expect(compile([{ $match: { a: 1 } }, { $sort: { a: 1 } }, { $skip: 2 }, { $limit: 3 }]).sort).toMatchObject({
    limit: 5,
  });
  expect(compile([{ $merge: { into: { db: 'd', coll: 'c' }, on: 'k', whenMatched: 'replace' } }]).output).toMatchObject(
    { kind: 'merge', db: 'd', collection: 'c', on: ['k'] },
  );
  const merge = compile([
    { $merge: { into: 'c', whenMatched: [{ $set: { n: { $add: ['$n', '$$new.n'] } } }] } },
  ]).output;
  expect(merge?.kind === 'merge' && merge.combine(doc({ n: 1 }), doc({ n: 2 }))).toEqual(doc({ n: 3 }));
});
