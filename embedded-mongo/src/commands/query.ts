import { idKey } from '../catalog/catalog.ts';
import type { Collection } from '../catalog/collection.ts';
import { type Plan, plan } from '../catalog/planner.ts';
import { scan, type ScanCounts, type Stored } from '../catalog/scan.ts';
import { Code, MongoError } from '../errors.ts';
import { type Collation, compileFilter, type Filter, type MatchInfo, readCollation } from '../query/index.ts';
import { compileSort } from '../projection/index.ts';
import { decode, decodeFields, type Doc, encodeKeyString, isDoc, type Value } from '../values/index.ts';
import { checkTime, type Context, patchFor } from './context.ts';

/** What is asked of a collection. */
export interface Query {
  readonly filter: Doc;
  readonly sort?: Doc | undefined;
  readonly hint?: Value;
  readonly collation?: Collation | undefined;
  readonly let?: Doc | undefined;
  readonly skip?: number;
  /** 0: no limit. */
  readonly limit?: number;
  /** How the filter matched is of interest, for positional operators. */
  readonly positions?: boolean;
  /** The filter, if it was compiled before; `filter` may then say less. */
  readonly compiled?: Filter | undefined;
}

/** A document that a query found. */
export interface Found extends Stored {
  /** Decoded, if that was needed to find it. */
  readonly doc: Doc | undefined;
  readonly info: MatchInfo | undefined;
}

/** The collation of a command on a collection: its own, or the collection's. */
export function collationFor(value: Value, collection: Collection | undefined): Collation | undefined {
  return readCollation(value ?? collection?.options.collation);
}

function isPlainId(value: Value): boolean {
  if (isDoc(value)) {
    const first = value.keys().next();
    return first.done === true || !first.value.startsWith('$');
  }
  return (
    !Array.isArray(value) && value !== undefined && (value as { _bsontype?: string } | null)?._bsontype !== 'BSONRegExp'
  );
}

/** The document of an `_id`, as the reader sees it. */
export function lookUp(context: Context, collection: Collection, key: string): Stored | undefined {
  const patch = patchFor(context, collection);
  if (patch !== undefined) {
    const buffer = patch.get(key);
    if (buffer !== undefined) return buffer === null ? undefined : { key, buffer };
  }
  return collection.byId.get(key);
}

/**
 * The document that plain equalities on all fields of a unique index can find: the index alone answers, without a plan.
 * Null if there is no such document; undefined if the filter is not of that kind.
 */
function byUniqueIndex(collection: Collection, filter: Doc): Stored | null | undefined {
  for (const { options, entries, multikey } of collection.indexes) {
    if (!options.unique || multikey || options.pattern.size !== filter.size) continue;
    if (options.partialFilter || options.hidden || options.collation) continue;
    const values: Value[] = [];
    const directions: number[] = [];
    for (const [path, direction] of options.pattern) {
      const value = filter.get(path);
      // A number in a path may be the place in a list as well as a name.
      if (value === null || isDoc(value) || !isPlainId(value) || /(^|\.)\d+(\.|$)/.test(path)) break;
      values.push(value);
      directions.push(Number(direction) < 0 ? -1 : 1);
    }
    if (values.length === filter.size) return entries.first(encodeKeyString(values, directions)) ?? null;
  }
  return undefined;
}

/**
 * Answers by far the most frequent questions, for one document by its `_id` or by all fields of a unique index, without
 * a plan and without a look into the document. Null if there is none; undefined if the question is another one.
 */
export function findDirectly(context: Context, collection: Collection, query: Query): Stored | null | undefined {
  const { filter } = query;
  if (query.compiled || query.collation || query.hint || query.skip) return undefined;
  const id = filter.size === 1 ? filter.get('_id') : undefined;
  if (id !== undefined && isPlainId(id)) return lookUp(context, collection, idKey(id)) ?? null;
  if (query.positions || patchFor(context, collection)) return undefined;
  return byUniqueIndex(collection, filter);
}

/** Chooses how to find what a query asks for. */
export function planFor(context: Context, collection: Collection, query: Query): { plan: Plan; patched: boolean } {
  const chosen = plan(collection, {
    filter: query.filter,
    sort: query.sort,
    hint: query.hint,
    collation: query.collation?.spec,
  });
  const patch = patchFor(context, collection);
  return { plan: chosen, patched: patch !== undefined && patch.size > 0 };
}

/** Finds the documents that a query asks for, in its order. */
export function* search(context: Context, collection: Collection, query: Query, counts?: ScanCounts): Generator<Found> {
  const { filter, sort, collation } = query;
  const skip = query.skip ?? 0;
  const limit = query.limit || Infinity;
  const direct = findDirectly(context, collection, query);
  if (direct !== undefined) {
    if (direct === null) return;
    if (counts) {
      counts.keys++;
      counts.documents++;
    }
    yield { key: direct.key, buffer: direct.buffer, doc: undefined, info: undefined };
    return;
  }
  const patch = patchFor(context, collection);
  const { matches, matchInfo, fields } = query.compiled ?? compileFilter(filter, { collation, let: query.let });
  const chosen = planFor(context, collection, query);
  const exact = chosen.plan.exact && !chosen.patched && query.compiled === undefined;
  const sorted = chosen.plan.sorted && !chosen.patched;

  function* candidates(): Generator<Found> {
    let looked = 0;
    for (const { key, buffer } of scan(collection, chosen.plan, patch, counts)) {
      if ((++looked & 255) === 0) checkTime(context);
      if (counts) counts.documents++;
      if (exact && !query.positions) {
        yield { key, buffer, doc: undefined, info: undefined };
        continue;
      }
      if (fields !== undefined && !query.positions) {
        if (matches(decodeFields(buffer, fields))) yield { key, buffer, doc: undefined, info: undefined };
        continue;
      }
      const doc = decode(buffer);
      if (query.positions) {
        const info = matchInfo(doc);
        if (info) yield { key, buffer, doc, info };
      } else if (matches(doc)) yield { key, buffer, doc, info: undefined };
    }
  }

  let source: Iterable<Found> = candidates();
  if (!sorted && sort !== undefined && sort.size > 0) {
    const order = compileSort(sort, collation);
    const list = Array.from(source, (found) => ({
      found,
      key: order.keyOf(found.doc ?? decodeFields(found.buffer, order.fields)),
    }));
    list.sort((left, right) => order.compareKeys(left.key, right.key));
    source = list.map(({ found }) => found);
  }
  let position = 0;
  for (const found of source) {
    if (position++ < skip) continue;
    yield found;
    if (position - skip >= limit) return;
  }
}

/** How many documents match; without looking at them where an index knows. */
export function count(context: Context, collection: Collection, query: Query): number {
  const skip = query.skip ?? 0;
  const limit = query.limit || Infinity;
  const { plan: chosen, patched } = planFor(context, collection, query);
  if (chosen.exact && !chosen.repeats && !patched) {
    compileFilter(query.filter, { collation: query.collation, let: query.let });
    let total = 0;
    if (chosen.index === undefined) total = collection.byId.size;
    else for (const { from, to } of chosen.ranges) total += chosen.index.entries.count(from, to);
    return Math.min(Math.max(total - skip, 0), limit);
  }
  let total = 0;
  for (const _ of search(context, collection, query)) total++;
  return total;
}

/** Checks a sort specification. */
export function checkSort(sort: Doc | undefined): void {
  if (sort === undefined) return;
  for (const [path, direction] of sort) {
    if (path === '') throw new MongoError(Code.BadValue, 'FieldPath cannot be constructed with empty string');
    if (isDoc(direction)) continue;
    const number = Number(direction);
    if (number !== 1 && number !== -1) {
      throw new MongoError(15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
    }
  }
}
