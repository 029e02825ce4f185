import { Decimal128, type Int32, ObjectId, Timestamp } from 'bson';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newScope } from '../aggregation/expression.ts';
import { compileFilter } from '../query/index.ts';
import { decode, type Doc, encode, equal, getPath, identical, parsePath, type Value } from '../values/index.ts';
import { doc, docArbitrary, double, lit } from '../values/values.fixture.ts';
import { compileUpdate, diffDocs, type UpdateDescription } from './index.ts';

interface Extra {
  filter?: Record<string, unknown>;
  arrayFilters?: Record<string, unknown>[];
}

function apply(before: Record<string, unknown>, update: unknown, { filter = {}, arrayFilters }: Extra = {}) {
  const start = doc(before);
  const compiled = compileUpdate(lit(update), {
    arrayFilters: arrayFilters?.map(doc),
    scope: newScope({ now: new Date(5000) }),
  });
  const info = compileFilter(doc(filter)).matchInfo(start);
  if (!info) throw new Error('the filter does not match');
  const copy = doc(before);
  const result = compiled.apply(start, info);
  // Nothing may be written into the document that came in.
  expect(identical(start, copy)).toBe(true);
  return result;
}

function expectDoc(actual: Doc, wanted: Record<string, unknown>): void {
  const other = doc(wanted);
  if (!identical(actual, other)) expect(actual).toEqual(other);
  expect(identical(actual, other)).toBe(true);
}

type Case = [before: Record<string, unknown>, update: unknown, after: Record<string, unknown> | 'same', extra?: Extra];

const cases: Record<string, Case[]> = {
  $set: [
    [{ _id: 1, a: 1 }, { $set: { a: 2 } }, { _id: 1, a: 2 }],
    [{ _id: 1 }, { $set: { 'a.b.c': 1 } }, { _id: 1, a: { b: { c: 1 } } }],
    [{ a: 1 }, { $set: { a: 1 } }, 'same'],
    [{ a: 1 }, { $set: { a: double(1) } }, { a: double(1) }],
    [{ a: { b: 1, c: 2 } }, { $set: { a: { c: 2, b: 1 } } }, { a: { c: 2, b: 1 } }],
    [{}, { $set: { b: 1, a: 2, '10': 3, '9': 4 } }, doc({ 9: 4, 10: 3, a: 2, b: 1 }) as never],
    [{ a: [1, 2] }, { $set: { 'a.1': 5 } }, { a: [1, 5] }],
    [{ a: [1] }, { $set: { 'a.3': 5 } }, { a: [1, null, null, 5] }],
    [{ a: [{ b: 1 }] }, { $set: { 'a.0.b': 2, 'a.0.c': 3 } }, { a: [{ b: 2, c: 3 }] }],
    [{ a: { 0: 'x' } }, { $set: { 'a.0': 'y' } }, { a: { 0: 'y' } }],
    [{ a: null }, { $set: { a: { b: 1 } } }, { a: { b: 1 } }],
    [{ a: 1 }, { $set: {} }, 'same'],
    [{ a: 1 }, { $setOnInsert: { b: 1 } }, 'same'],
    [{ a: 1 }, { $setOnInsert: { 'a.b': 1 } }, 'same'],
  ],
  $unset: [
    [{ a: 1, b: 2 }, { $unset: { a: '' } }, { b: 2 }],
    [{ a: 1 }, { $unset: { b: 1, 'a.c': 1 } }, 'same'],
    [{ a: [1, 2] }, { $unset: { 'a.0': 1 } }, { a: [null, 2] }],
    [{ a: { b: 1 } }, { $unset: { 'a.b': 1 } }, { a: {} }],
  ],
  $inc: [
    [{ a: 1 }, { $inc: { a: 2 } }, { a: 3 }],
    [{ a: 2147483647 }, { $inc: { a: 1 } }, { a: 2147483648n }],
    [{ a: 1n }, { $inc: { a: 1 } }, { a: 2n }],
    [{ a: 1 }, { $inc: { a: 0.5 } }, { a: 1.5 }],
    [{ a: 1 }, { $inc: { a: double(1) } }, { a: double(2) }],
    [{ a: new Decimal128('0.1') }, { $inc: { a: new Decimal128('0.2') } }, { a: new Decimal128('0.3') }],
    [{}, { $inc: { 'a.b': 1 } }, { a: { b: 1 } }],
    [{ a: 1 }, { $inc: { a: 0 } }, 'same'],
    [{ a: 3 }, { $mul: { a: 2 } }, { a: 6 }],
    [{}, { $mul: { a: 2n } }, { a: 0n }],
  ],
  '$min and $max': [
    [{ a: 5 }, { $min: { a: 3 } }, { a: 3 }],
    [{ a: 5 }, { $min: { a: double(5) } }, 'same'],
    [{ a: 5 }, { $max: { a: 'x' } }, { a: 'x' }],
    [{ a: 5 }, { $min: { a: null } }, { a: null }],
    [{}, { $max: { a: 1 } }, { a: 1 }],
  ],
  $rename: [
    [{ a: 1, b: 2 }, { $rename: { a: 'c' } }, { b: 2, c: 1 }],
    [{ a: 1, b: 2 }, { $rename: { a: 'b' } }, { b: 1 }],
    [{ a: { b: 1 } }, { $rename: { 'a.b': 'c.d' } }, { a: {}, c: { d: 1 } }],
    [{ a: 1 }, { $rename: { x: 'y' } }, 'same'],
  ],
  'dates and bits': [
    [{}, { $currentDate: { a: true } }, { a: new Date(5000) }],
    [{}, { $currentDate: { a: { $type: 'timestamp' } } }, { a: new Timestamp({ t: 5, i: 1 }) }],
    [{ a: 13 }, { $bit: { a: { and: 10 } } }, { a: 8 }],
    [{ a: 1n }, { $bit: { a: { or: 4, xor: 1 } } }, { a: 4n }],
    [{}, { $bit: { a: { or: 4 } } }, { a: 4 }],
  ],
  $push: [
    [{ a: [1] }, { $push: { a: 2 } }, { a: [1, 2] }],
    [{}, { $push: { 'a.b': 2 } }, { a: { b: [2] } }],
    [{ a: [1] }, { $push: { a: [2] } }, { a: [1, [2]] }],
    [{ a: [1] }, { $push: { a: { $each: [2, 3] } } }, { a: [1, 2, 3] }],
    [{ a: [1, 2] }, { $push: { a: { $each: [9], $position: 1 } } }, { a: [1, 9, 2] }],
    [{ a: [1, 2] }, { $push: { a: { $each: [9], $position: -1 } } }, { a: [1, 9, 2] }],
    [{ a: [3, 1] }, { $push: { a: { $each: [2], $sort: 1 } } }, { a: [1, 2, 3] }],
    [{ a: [{ x: 1 }] }, { $push: { a: { $each: [{ x: 2 }], $sort: { x: -1 }, $slice: 1 } } }, { a: [{ x: 2 }] }],
    [{ a: [1, 2] }, { $push: { a: { $each: [3], $slice: -2 } } }, { a: [2, 3] }],
    [{ a: [1] }, { $push: { a: { $each: [2], $slice: 0 } } }, { a: [] }],
    [{ a: [1] }, { $push: { a: { $each: [] } } }, 'same'],
  ],
  $addToSet: [
    [{ a: [1] }, { $addToSet: { a: 1 } }, 'same'],
    [{ a: [1] }, { $addToSet: { a: double(1) } }, 'same'],
    [{ a: [1] }, { $addToSet: { a: { $each: [2, 2, 1] } } }, { a: [1, 2] }],
    [
      { a: [{ x: 1, y: 2 }] },
      { $addToSet: { a: { y: 2, x: 1 } } },
      {
        a: [
          { x: 1, y: 2 },
          { y: 2, x: 1 },
        ],
      },
    ],
    [{}, { $addToSet: { a: 1 } }, { a: [1] }],
  ],
  'taking out': [
    [{ a: [1, 2, 3] }, { $pop: { a: 1 } }, { a: [1, 2] }],
    [{ a: [1, 2, 3] }, { $pop: { a: -1 } }, { a: [2, 3] }],
    [{ a: [] }, { $pop: { a: 1, b: 1 } }, 'same'],
    [{ a: [1, 2, 1] }, { $pull: { a: 1 } }, { a: [2] }],
    [{ a: [1, 5, 9] }, { $pull: { a: { $gte: 5 } } }, { a: [1] }],
    [{ a: [{ x: 1, y: 2 }, { x: 2 }] }, { $pull: { a: { x: 1 } } }, { a: [{ x: 2 }] }],
    [{ a: [{ x: [{ y: 1 }] }, 3] }, { $pull: { a: { x: { $elemMatch: { y: 1 } } } } }, { a: [3] }],
    [{ a: [[1], [2]] }, { $pull: { a: [1] } }, { a: [[2]] }],
    [{ a: [1, 2, double(1)] }, { $pullAll: { a: [1, 5] } }, { a: [2] }],
    [{ a: [1] }, { $pull: { a: 2, b: 1, 'c.d': 1 } }, 'same'],
    [{ a: [1, null, 'x'] }, { $pull: { a: { $in: [1, 'x'] } } }, { a: [null] }],
  ],
  positional: [
    [{ a: [1, 2, 3] }, { $set: { 'a.$': 9 } }, { a: [1, 9, 3] }, { filter: { a: 2 } }],
    [
      {
        a: [
          { k: 1, x: 0 },
          { k: 2, x: 0, y: 0 },
        ],
      },
      { $set: { 'a.$.x': 1 }, $inc: { 'a.$.y': 1 } },
      {
        a: [
          { k: 1, x: 0 },
          { k: 2, x: 1, y: 1 },
        ],
      },
      { filter: { 'a.k': 2 } },
    ],
    [
      { a: [{ k: 1 }, { k: 2 }] },
      { $set: { 'a.$.k': 5, 'a.$.z': 1 } },
      { a: [{ k: 1 }, { k: 5, z: 1 }] },
      { filter: { a: { $elemMatch: { k: 2 } } } },
    ],
    [{ a: [{ k: 1 }, { k: 2 }] }, { $unset: { 'a.$': 1 } }, { a: [{ k: 1 }, null] }, { filter: { 'a.k': 2 } }],
    [{ a: [1, 2] }, { $inc: { 'a.$[]': 1 } }, { a: [2, 3] }],
    [{ a: [{ b: [1, 2] }, { b: [3] }] }, { $inc: { 'a.$[].b.$[]': 1 } }, { a: [{ b: [2, 3] }, { b: [4] }] }],
    [{ a: [1, 5, 9] }, { $set: { 'a.$[big]': 0 } }, { a: [1, 0, 0] }, { arrayFilters: [{ big: { $gte: 5 } }] }],
    [
      { a: [{ k: 1 }, { k: 2 }] },
      { $set: { 'a.$[e].v': 1 } },
      { a: [{ k: 1 }, { k: 2, v: 1 }] },
      { arrayFilters: [{ 'e.k': 2 }] },
    ],
    [{ a: [0, 1, 3] }, { $set: { 'a.$[i]': 2 } }, { a: [2, 1, 2] }, { arrayFilters: [{ $or: [{ i: 0 }, { i: 3 }] }] }],
    [{ a: [1] }, { $set: { 'a.$[e]': 2 } }, 'same', { arrayFilters: [{ e: 5 }] }],
    [
      { a: [{ k: 1, v: 0, w: 0 }] },
      { $set: { 'a.$[x].v': 1, 'a.$[y].w': 1 } },
      { a: [{ k: 1, v: 1, w: 1 }] },
      { arrayFilters: [{ 'x.k': 1 }, { 'y.k': 1 }] },
    ],
  ],
  replacement: [
    [{ _id: 1, a: 1 }, { b: 2 }, { _id: 1, b: 2 }],
    [
      { _id: 1, a: 1 },
      { b: 2, _id: 1 },
      { _id: 1, b: 2 },
    ],
    [{ _id: 1, a: 1 }, { a: 1 }, 'same'],
    [{ _id: 1, a: 1 }, {}, { _id: 1 }],
  ],
  pipeline: [
    [{ _id: 1, a: 1 }, [{ $set: { b: { $add: ['$a', 1] } } }, { $unset: 'a' }], { _id: 1, b: 2 }],
    [{ _id: 1, a: { x: 1 } }, [{ $replaceWith: '$a' }], { _id: 1, x: 1 }],
    [{ _id: 1, a: 1 }, [{ $set: { a: 1 } }], 'same'],
    [{ _id: 1, a: 1 }, [{ $project: { b: '$a' } }], { _id: 1, b: 1 }],
  ],
};

for (const [name, list] of Object.entries(cases)) {
  describe(name, () => {
    test.each(list.map(([before, update, after, extra], index) => ({ index, before, update, after, extra })))(
      '$index $update on $before',
      ({ before, update, after, extra }) => {
        const result = apply(before, update, extra);
        expect(result.changed).toBe(after !== 'same');
        expectDoc(result.doc, after === 'same' ? before : after);
      },
    );
  });
}

test.each<[Record<string, unknown>, unknown, number, Extra?]>([
  [{ a: 1 }, { $set: { 'a.b': 1 } }, 28],
  [{ a: [1] }, { $set: { 'a.b': 1 } }, 28],
  [{ a: null }, { $inc: { 'a.b': 1 } }, 28],
  [{}, { $set: { a: 1, 'a.b': 1 } }, 40],
  [{}, { $set: { a: 1 }, $inc: { a: 1 } }, 40],
  [{}, { $set: { a: 1 }, $rename: { b: 'a' } }, 40],
  [{ a: [1] }, { $set: { 'a.$': 1, 'a.0': 2 } }, 40, { filter: { a: 1 } }],
  [{ a: [1] }, { $set: { 'a.$[x]': 1, 'a.$[]': 2 } }, 40, { arrayFilters: [{ x: 1 }] }],
  [{ _id: 1 }, { $set: { _id: 2 } }, 66],
  [{ _id: 1 }, { $unset: { _id: 1 } }, 66],
  [{ _id: 1 }, { _id: 2, a: 1 }, 66],
  [{ _id: 1 }, [{ $set: { _id: 2 } }], 66],
  [{ a: 'x' }, { $inc: { a: 1 } }, 14],
  [{}, { $inc: { a: 'x' } }, 14],
  [{ a: 9223372036854775807n }, { $inc: { a: 1 } }, 2],
  [{ a: 1 }, { $push: { a: 1 } }, 2],
  [{}, { $push: { a: { $each: 1 } } }, 2],
  [{ a: 1 }, { $addToSet: { a: 1 } }, 2],
  [{ a: 1 }, { $pull: { a: 1 } }, 2],
  [{ a: 1 }, { $pop: { a: 1 } }, 14],
  [{}, { $pop: { a: 2 } }, 9],
  [{}, { $nope: { a: 1 } }, 9],
  [{}, { $set: 1 }, 9],
  [{}, { a: 1, $set: { b: 1 } }, 52],
  [{}, { $set: { '': 1 } }, 56],
  [{}, { $set: { 'a..b': 1 } }, 56],
  [{}, { $set: { $x: 1 } }, 52],
  [{ a: [0] }, { $set: { 'a.$[i.j]': 1 } }, 28],
  [{}, { $set: { 'a.$[i]': 0, 'a.$': 0 } }, 40, { arrayFilters: [{ i: 0 }] }],
  [{}, { $set: { 'a.$[i]': 0, 'a.0': 0 } }, 40, { arrayFilters: [{ i: 0 }] }],
  [{}, { $set: { 'a.$[i]': 0, 'a.b': 0 } }, 40, { arrayFilters: [{ i: 0 }] }],
  [{}, { $set: { 'a.$[i]': 5 } }, 9, { arrayFilters: [{ i: 0, j: 0 }] }],
  [{}, { $set: { 'a.$[i]': 5 } }, 9, { arrayFilters: [{ i: 0 }, { i: 1 }] }],
  [{}, { $set: { 'a.$[i]': 5 } }, 9, { arrayFilters: [{ $alwaysTrue: 1 }] }],
  [{}, { $set: { 'a.$[i]': 5 } }, 2, { arrayFilters: [{ $where: '1' }] }],
  [{}, { $set: { 'a.$[i]': 5 } }, 224, { arrayFilters: [{ $expr: true }] }],
  [{}, { $set: { 'a.$[$i]': 5 } }, 2, { arrayFilters: [{ $i: 0 }] }],
  [{}, { $set: { 'a.$[I]': 5 } }, 2, { arrayFilters: [{ I: 0 }] }],
  [
    { a: [{ x: 0, b: [{ y: 0 }] }] },
    { $set: { 'a.$[i].b.$[k].c': 1, 'a.$[j].b.$[k].c': 2 } },
    40,
    { arrayFilters: [{ 'i.x': 0 }, { 'j.x': 0 }, { 'k.y': 0 }] },
  ],
  [{ a: [1] }, { $set: { 'a.$': 1 } }, 2],
  [{ a: 1 }, { $set: { 'a.$[]': 1 } }, 2],
  [{}, { $set: { 'a.$[]': 1 } }, 2],
  [{}, { $set: { 'a.$[x]': 1 } }, 2],
  [{}, { $set: { a: 1 } }, 9, { arrayFilters: [{ x: 1 }] }],
  [{}, { $set: { 'a.$.b.$': 1 } }, 2],
  [{ a: [{ b: 1 }] }, { $rename: { 'a.b': 'c' } }, 2],
  [{}, { $rename: { a: 'a' } }, 2],
  [{ a: 1.5 }, { $bit: { a: { and: 1 } } }, 2],
  [{}, [{ $match: {} }], 72],
  [{}, { $currentDate: { a: 1 } }, 2],
])('refused: %o %o with code %i', (before, update, code, extra) => {
  expect(() => apply(before, update, extra)).toThrow(expect.objectContaining({ code }));
});

describe('what change streams are told', () => {
  test.each<[Record<string, unknown>, unknown, Record<string, unknown>, string[], Record<string, unknown>[]]>([
    [{ a: 1 }, { $set: { a: 2, 'b.c': 3 }, $unset: { d: 1 } }, { a: 2, b: { c: 3 } }, [], []],
    [{ a: { b: 1 }, d: 1 }, { $set: { 'a.b': 2 }, $unset: { d: 1 } }, { 'a.b': 2 }, ['d'], []],
    [{ a: [1, 2] }, { $push: { a: 3 } }, { 'a.2': 3 }, [], []],
    [{ a: [1, 2] }, { $pull: { a: 1 } }, { a: [2] }, [], []],
    [
      { _id: 1, a: [1, 2, 3, 4], b: { c: 1, d: 2 } },
      [{ $set: { a: [1, 2, 9], 'b.c': 5 } }, { $unset: 'b.d' }],
      { 'a.2': 9, 'b.c': 5 },
      ['b.d'],
      [{ field: 'a', newSize: 3 }],
    ],
  ])('%o %o', (before, update, updated, removed, truncated) => {
    const { description } = apply(before, update);
    expect(description.updatedFields).toEqual(doc(updated));
    expect(description.removedFields).toEqual(removed);
    expect(description.truncatedArrays).toEqual(truncated.map(doc));
  });

  test('a difference names every field that changed, with its new value', () => {
    fc.assert(
      fc.property(docArbitrary, docArbitrary, (before, after) => {
        const { updatedFields, removedFields } = diffDocs(before, after);
        for (const name of before.keys()) if (!after.has(name)) expect(removedFields).toContain(name);
        for (const [path, value] of updatedFields) {
          if (![...before.keys(), ...after.keys()].some((name) => name.includes('.') || name === '')) {
            const found = getPath(after, parsePath(path));
            if (path.split('.').every((part) => part !== '')) expect(identical(found as Value, value)).toBe(true);
          }
        }
        if (updatedFields.size === 0 && removedFields.length === 0) expect(before.size).toBe(after.size);
      }),
      { numRuns: 300 },
    );
  });
});

/** What somebody who follows a change stream makes of a description: the document after the change. */
function follow(before: Doc, { updatedFields, removedFields, truncatedArrays }: UpdateDescription): Doc {
  const copy = decode(encode(before));
  const at = (path: string): [Value, string] => {
    const parts = path.split('.');
    const parent = parts.slice(0, -1).reduce<Value>((value, part) => {
      return value instanceof Map ? value.get(part) : (value as Value[])[Number(part)];
    }, copy);
    return [parent, parts.at(-1) as string];
  };
  const put = (path: string, value: Value): void => {
    const [parent, name] = at(path);
    if (parent instanceof Map) parent.set(name, value);
    else (parent as Value[])[Number(name)] = value;
  };
  for (const cut of truncatedArrays) {
    const [parent, name] = at(cut.get('field') as string);
    const array = (parent instanceof Map ? parent.get(name) : (parent as Value[])[Number(name)]) as Value[];
    put(cut.get('field') as string, array.slice(0, (cut.get('newSize') as Int32).value));
  }
  for (const [path, value] of updatedFields) put(path, value);
  for (const path of removedFields) (at(path)[0] as Doc).delete(at(path)[1]);
  return copy;
}

/** The same fields with the same values, in whatever order. */
function sameContent(left: Value, right: Value): boolean {
  if (left instanceof Map && right instanceof Map) {
    return (
      left.size === right.size &&
      [...left].every(([name, value]) => right.has(name) && sameContent(value, right.get(name)))
    );
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((value, index) => sameContent(value, right[index]));
  }
  return identical(left, right);
}

const scalar = fc.constantFrom<unknown>(0, 1, 2, 'x', null);
const list = fc.array(fc.oneof(scalar, fc.record({ k: scalar, v: scalar })), { maxLength: 4 });
const before = fc.record(
  { a: scalar, l: list, m: list, d: fc.record({ x: scalar, l: list }, { requiredKeys: [] }) },
  { requiredKeys: ['l', 'm'] },
);
const operators = fc.oneof(
  fc.record(
    {
      $set: fc.dictionary(fc.constantFrom('a', 'd.x', 'd.y.z', 'n', 'l.1', 'l.6'), scalar, { maxKeys: 3 }),
      $unset: fc.dictionary(fc.constantFrom('e', 'd.w', 'm.0'), fc.constant(1), { maxKeys: 2 }),
      $push: fc.record({
        'd.l': fc.oneof(
          scalar,
          fc.record({ $each: list, $position: fc.nat(3) }),
          fc.record({ $each: list, $slice: fc.integer({ min: -3, max: 3 }) }),
        ),
      }),
      $pull: fc.record({ 'd.q': scalar }),
    },
    { requiredKeys: [] },
  ),
  fc.record(
    { $pull: fc.record({ l: scalar }), $addToSet: fc.record({ m: scalar }), $rename: fc.constant({ a: 'd.a' }) },
    { requiredKeys: [] },
  ),
  fc.record(
    { $pop: fc.record({ l: fc.constantFrom(1, -1) }), $set: fc.record({ 'm.$[]': scalar }) },
    { requiredKeys: [] },
  ),
);
const stages = fc.array(
  fc.oneof(
    fc.record({
      $set: fc.dictionary(fc.constantFrom('a', 'd.x', 'l', 'm'), fc.oneof(scalar, list), { minKeys: 1, maxKeys: 2 }),
    }),
    fc.constantFrom<unknown>(
      { $unset: 'a' },
      { $unset: ['d.x', 'm.k'] },
      { $set: { l: { $slice: ['$l', 2] } } },
      { $set: { 'l.k': 7 } },
      { $replaceWith: { $mergeObjects: ['$$ROOT', '$d'] } },
    ),
  ),
  { minLength: 1, maxLength: 3 },
);

test('whoever follows the descriptions of updates has the documents after them', () => {
  fc.assert(
    fc.property(
      before,
      fc.oneof(
        operators.filter((update) => Object.keys(update).length > 0),
        stages,
      ),
      (object, update) => {
        const start = doc({ _id: 1, ...object });
        let result;
        try {
          result = compileUpdate(lit(update)).apply(start);
        } catch (error) {
          // What cannot be applied changes nothing.
          expect(typeof (error as { code?: number }).code).toBe('number');
          return;
        }
        expect(result.changed).toBe(!identical(start, result.doc));
        expect(sameContent(follow(start, result.description), result.doc)).toBe(true);
      },
    ),
    { numRuns: 1500 },
  );
});

describe('upsert', () => {
  const insert = (filter: Record<string, unknown>, update: unknown) =>
    compileUpdate(lit(update)).insert(compileFilter(doc(filter)));

  test.each<[Record<string, unknown>, unknown, Record<string, unknown>]>([
    [{ _id: 1, a: 2, b: { $gt: 1 } }, { $set: { c: 3 } }, { _id: 1, a: 2, c: 3 }],
    [{ _id: 1, 'a.b': { $eq: 2 } }, { $inc: { 'a.c': 1 } }, { _id: 1, a: { b: 2, c: 1 } }],
    [{ $and: [{ _id: 1 }, { a: 1 }] }, { $setOnInsert: { b: 1 } }, { _id: 1, a: 1, b: 1 }],
    [{ a: 1, _id: 5 }, { b: 1 }, { _id: 5, b: 1 }],
    [{ _id: 5, x: [1], 'x.x': 1, $and: [{ y: 1 }, { y: 2 }] }, {}, { _id: 5 }],
    [{ _id: 5, $or: [{ x: { $eq: 1 } }] }, { $set: { b: 1 } }, { _id: 5, x: 1, b: 1 }],
    [{ '_id.x': 1, '_id.y': 2 }, { $set: { b: 1 } }, { _id: { x: 1, y: 2 }, b: 1 }],
    [{ _id: 5, 'x.$id': 1 }, { $set: { x: { $ref: 'a', $id: 1 } } }, { _id: 5, x: { $ref: 'a', $id: 1 } }],
    [{ a: 1 }, { $setOnInsert: { _id: 7 } }, { _id: 7, a: 1 }],
    [{ _id: 1, $or: [{ a: 1 }, { a: 2 }] }, { $set: { b: 1 } }, { _id: 1, b: 1 }],
    [{ _id: 1, a: { $in: [4] } }, { $set: { b: 1 } }, { _id: 1, a: 4, b: 1 }],
    [{ _id: 1, a: 1 }, [{ $set: { b: { $add: ['$a', 1] } } }], { _id: 1, a: 1, b: 2 }],
    [{ _id: 1, a: 1 }, { $set: { a: 5 } }, { _id: 1, a: 5 }],
  ])('%o %o', (filter, update, wanted) => {
    expectDoc(insert(filter, update), wanted);
  });

  test('makes an id, in the first place', () => {
    const made = insert({ a: 1 }, { $set: { b: 1 } });
    expect([...made.keys()]).toEqual(['_id', 'a', 'b']);
    expect(made.get('_id')).toBeInstanceOf(ObjectId);
  });

  test.each<[Record<string, unknown>, unknown, number]>([
    [{ a: 1, $and: [{ a: 2 }] }, { $set: { b: 1 } }, 54],
    [{ a: 1, 'a.b': 2 }, { $set: { b: 1 } }, 54],
    [{ _id: 1 }, { $set: { _id: 2 } }, 66],
    [{ _id: 1 }, { _id: 2 }, 66],
    [{ $and: [{ _id: 1 }, { _id: 2 }] }, {}, 54],
    [{ _id: { $all: [1, 2] } }, {}, 54],
    [{ '_id.x': 1, '_id.y': 2 }, {}, 111],
    [{ _id: { $eq: [1, 2] } }, {}, 53],
    [{}, { $set: { _id: [1] } }, 53],
    [{ a: 1 }, { $set: { 'a.b': 2 } }, 28],
  ])('refused: %o %o with code %i', (filter, update, code) => {
    expect(() => insert(filter, update)).toThrow(expect.objectContaining({ code }));
  });
});

test('setting every field of a document reproduces it', () => {
  fc.assert(
    fc.property(docArbitrary, (wanted) => {
      fc.pre([...wanted.keys()].every((name) => name !== '' && !name.includes('.') && !name.startsWith('$')));
      const { doc: made } = compileUpdate(new Map([['$set', wanted]])).apply(new Map());
      for (const [name, value] of wanted) expect(equal(made.get(name), value)).toBe(true);
      expect(made.size).toBe(wanted.size);
    }),
    { numRuns: 200 },
  );
});
