import { describe, expect, test } from 'vitest';
import { compileFilter } from '../query/index.ts';
import { compileSort } from '../projection/index.ts';
import { decode, type Doc, docOf, encode, int32, type Value } from '../values/index.ts';
import { idKey } from './catalog.ts';
import { Collection } from './collection.ts';
import { readIndexSpec } from './index-spec.ts';
import { plan } from './planner.ts';
import { scan } from './scan.ts';

/** A small generator, so that a failing run can be repeated. */
class Chance {
  #state: number;
  constructor(seed: number) {
    this.#state = seed * 7919 + 1;
  }
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (this.#state >>> 8) % limit;
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

const PATHS = ['a', 'b', 'c.d', 'e'];

function scalar(chance: Chance): Value {
  switch (chance.below(12)) {
    case 0:
      return null;
    case 1:
      return chance.pick(['', 'x', 'xy', 'y']);
    case 2:
      return chance.below(4) + 0.5;
    case 3:
      return BigInt(chance.below(5));
    case 4:
      return new Date(chance.below(4));
    case 5:
      return chance.below(2) === 0;
    case 6:
      return docOf('z', int32(chance.below(2)));
    case 7:
      return Number.NaN;
    default:
      return int32(chance.below(6));
  }
}

function value(chance: Chance, depth = 0): Value {
  if (depth < 1 && chance.below(5) === 0)
    return Array.from({ length: chance.below(4) }, () => value(chance, depth + 1));
  return scalar(chance);
}

/** Arrays stand in one field only, as more of them cannot be indexed together. */
function document(chance: Chance, id: number, arrays: string): Doc {
  const doc = docOf('_id', int32(id));
  for (const path of PATHS) {
    if (chance.below(4) === 0) continue;
    const content = arrays === path ? value(chance) : scalar(chance);
    if (path !== 'c.d') doc.set(path, content);
    else if (arrays === 'c' && chance.below(2) === 0)
      doc.set('c', [docOf('d', content), docOf('d', scalar(chance)), scalar(chance)]);
    else doc.set('c', docOf('d', content));
  }
  return doc;
}

function condition(chance: Chance): Value {
  const operators = ['$gt', '$gte', '$lt', '$lte', '$eq', '$in', '$ne', '$exists'];
  if (chance.below(3) === 0) return value(chance);
  if (chance.below(4) === 0) return docOf('$gte', int32(chance.below(6)), '$lte', int32(chance.below(6)));
  if (chance.below(6) === 0) {
    const bounds = docOf(chance.pick(['$gt', '$gte', '$lt']), scalar(chance), '$lte', scalar(chance));
    const inner = chance.below(5) === 0 ? docOf('$elemMatch', bounds) : bounds;
    const result = docOf('$elemMatch', inner);
    if (chance.below(3) === 0) result.set(chance.pick(['$gte', '$lt']), scalar(chance));
    return result;
  }
  const result: Doc = new Map();
  for (let count = chance.below(2) + 1; count > 0; count--) {
    const operator = chance.pick(operators);
    if (operator === '$in')
      result.set(
        operator,
        Array.from({ length: chance.below(4) }, () => value(chance)),
      );
    else if (operator === '$exists') result.set(operator, chance.below(2) === 0);
    else result.set(operator, value(chance));
  }
  return result;
}

function filterOf(chance: Chance): Doc {
  const parts: Doc[] = Array.from({ length: chance.below(4) }, () =>
    docOf(chance.pick([...PATHS, '_id']), condition(chance)),
  );
  if (parts.length === 0) return new Map();
  if (chance.below(4) === 0) return docOf('$and', parts);
  return new Map(parts.flatMap((part) => [...part]));
}

function indexesOf(chance: Chance): Doc[] {
  const specs = new Map<string, Doc>();
  for (let count = chance.below(3) + 1; count > 0; count--) {
    const pattern: Doc = new Map();
    for (let fields = chance.below(3) + 1; fields > 0; fields--)
      pattern.set(chance.pick(PATHS), int32(chance.pick([1, -1])));
    const spec = docOf('key', pattern);
    if (chance.below(4) === 0) spec.set('sparse', true);
    else if (chance.below(4) === 0) {
      spec.set(
        'partialFilterExpression',
        docOf(chance.pick(PATHS), chance.pick<Value>([docOf('$exists', true), docOf('$gt', int32(2)), int32(3)])),
      );
    }
    specs.set(JSON.stringify([...pattern.keys()]), spec);
  }
  return [...specs.values()];
}

function collectionOf(chance: Chance): Collection {
  const collection = new Collection(1, 'd', 'c', Buffer.alloc(16), { preAndPostImages: false, listed: new Map() });
  const arrays = chance.pick(['', 'a', 'b', 'c', 'e']);
  for (const spec of indexesOf(chance)) collection.indexes.push(collection.buildIndex(readIndexSpec(spec, undefined)));
  for (let id = 0; id < 60; id++) {
    const doc = document(chance, id, arrays);
    collection.insert(idKey(doc.get('_id')), encode(doc), doc);
  }
  // Changes and deletions must leave the indexes as if the documents had been so from the beginning.
  for (const entry of [...collection.byId.values()]) {
    const id = Number(decode(entry.buffer).get('_id'));
    if (chance.below(4) === 0) collection.remove(entry, undefined);
    else if (chance.below(3) === 0)
      collection.replace(entry, encode(document(chance, id, arrays)), undefined, undefined);
  }
  return collection;
}

const idOf = (buffer: Buffer): number => Number(decode(buffer).get('_id'));

describe('the planner', () => {
  test.each(Array.from({ length: 120 }, (_, seed) => seed))(
    'finds through indexes what a look at every document finds (seed %i)',
    (seed) => {
      const chance = new Chance(seed);
      const collection = collectionOf(chance);
      for (const index of collection.indexes) {
        expect(index.entries.size).toBe(collection.buildIndex(index.options).entries.size);
      }
      for (let question = 0; question < 25; question++) {
        const filter = filterOf(chance);
        const sort: Doc | undefined =
          chance.below(2) === 0
            ? undefined
            : new Map([
                [chance.pick(PATHS), int32(chance.pick([1, -1]))],
                ...(chance.below(2) === 0
                  ? [[chance.pick(['_id', 'b']), int32(chance.pick([1, -1]))] as [string, Value]]
                  : []),
              ]);
        const { matches } = compileFilter(filter);
        const wanted = [...collection.byId.values()].filter(({ buffer }) => matches(decode(buffer)));
        const chosen = plan(collection, { filter, sort, hint: undefined, collation: undefined });
        const come = [...scan(collection, chosen, undefined)];
        const found = come.filter(({ buffer }) => matches(decode(buffer)));
        const said = { filter, sort, index: chosen.index?.pattern, ranges: chosen.ranges };
        expect({ ...said, ids: found.map(({ buffer }) => idOf(buffer)).sort((a, b) => a - b) }).toEqual({
          ...said,
          ids: wanted.map(({ buffer }) => idOf(buffer)).sort((a, b) => a - b),
        });
        if (chosen.exact) expect({ ...said, looked: come.length }).toEqual({ ...said, looked: wanted.length });
        if (sort && chosen.sorted) {
          const order = compileSort(sort);
          const docs = found.map(({ buffer }) => decode(buffer));
          const wrong = docs.findIndex((doc, index) => index > 0 && order.compare(docs[index - 1] as Doc, doc) > 0);
          expect({ ...said, wrong }).toEqual({ ...said, wrong: -1 });
        }
      }
    },
  );

  test('an index over equalities and a range behind them is taken, with the order it gives', () => {
    const collection = new Collection(1, 'd', 'c', Buffer.alloc(16), { preAndPostImages: false, listed: new Map() });
    collection.indexes.push(
      collection.buildIndex(readIndexSpec(docOf('key', docOf('a', int32(1), 'b', int32(-1))), undefined)),
    );
    const chosen = plan(collection, {
      filter: docOf('a', int32(1), 'b', docOf('$gte', int32(2))),
      sort: docOf('b', int32(1)),
      hint: undefined,
      collation: undefined,
    });
    expect(chosen).toMatchObject({ exact: true, sorted: true, backwards: true, index: { name: 'a_1_b_-1' } });
  });

  test('both bounds of one element of a list narrow the search; those of the list as a whole cannot', () => {
    const collection = new Collection(1, 'd', 'c', Buffer.alloc(16), { preAndPostImages: false, listed: new Map() });
    collection.indexes.push(collection.buildIndex(readIndexSpec(docOf('key', docOf('words', int32(1))), undefined)));
    for (let id = 0; id < 500; id++) {
      const doc = docOf('_id', int32(id), 'words', [`a${id}`, `b${id}`, `c${id}`]);
      collection.insert(idKey(doc.get('_id')), encode(doc), doc);
    }
    const looked = (demand: Doc): number =>
      [
        ...scan(
          collection,
          plan(collection, { filter: docOf('words', demand), sort: undefined, hint: undefined, collation: undefined }),
          undefined,
        ),
      ].length;
    const bounds = docOf('$gte', 'b49', '$lt', 'b5');
    expect(looked(docOf('$elemMatch', bounds))).toBe(11);
    expect(looked(bounds)).toBe(500);
  });

  test('a hint that names no index is refused', () => {
    const collection = new Collection(1, 'd', 'c', Buffer.alloc(16), { preAndPostImages: false, listed: new Map() });
    expect(() => plan(collection, { filter: new Map(), sort: undefined, hint: 'nope', collation: undefined })).toThrow(
      /hint provided does not correspond/,
    );
  });
});
