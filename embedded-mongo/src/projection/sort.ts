import { Code, MongoError } from '../errors.ts';
import type { Collation } from '../query/index.ts';
import {
  asInteger,
  compare,
  compareStrings,
  compoundKeys,
  type Doc,
  isNumber,
  MISSING,
  parsePath,
  type Path,
  type Value,
} from '../values/index.ts';

/** An order of documents. */
export interface Sort {
  readonly keys: readonly { readonly path: string; readonly direction: 1 | -1 }[];
  /** The fields at the top of a document that the order depends on. */
  readonly fields: ReadonlySet<string>;
  /** What a document is sorted by: one value per key; make it once per document. */
  readonly keyOf: (doc: Doc) => Value[];
  readonly compareKeys: (left: readonly Value[], right: readonly Value[]) => number;
  readonly compare: (left: Doc, right: Doc) => number;
  /** The documents in this order, stable. With a limit only that many are kept at a time. */
  readonly sorted: (docs: Iterable<Doc>, limit?: number) => Doc[];
}

function parallel(): never {
  throw new MongoError(Code.BadValue, 'cannot sort with keys that are parallel arrays');
}

function orNull(value: Value | typeof MISSING): Value {
  return value === MISSING ? null : value;
}

/**
 * Compiles a sort. A field that holds an array sorts by its least element going up and its greatest going down; a missing
 * field sorts as null, an empty array before null.
 */
export function compileSort(spec: Doc, collation?: Collation): Sort {
  const keys = [...spec].map(([path, order]): { path: string; direction: 1 | -1 } => {
    if (order instanceof Map) {
      const [meta] = order.keys();
      if (meta === '$meta') throw new MongoError(40218, 'query requires text score metadata, but it is not available');
      throw new MongoError(17312, `$meta is the only expression supported by $sort right now`);
    }
    if (!isNumber(order)) throw new MongoError(15974, `Illegal key in $sort specification: ${path}: ${String(order)}`);
    const direction = asInteger(order);
    if (direction !== 1 && direction !== -1) {
      throw new MongoError(15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
    }
    if (path === '') throw new MongoError(40352, 'FieldPath cannot be constructed with empty string');
    for (const part of path.split('.')) {
      if (part === '') throw new MongoError(15998, 'FieldPath field names may not be empty strings.');
      if (part.startsWith('$')) {
        throw new MongoError(
          16410,
          "FieldPath field names may not start with '$'. Consider using $getField or $setField.",
        );
      }
    }
    return { path, direction };
  });
  if (keys.length > 32) throw new MongoError(13103, 'too many compound keys');
  const paths = keys.map(({ path }) => parsePath(path));
  const directions = keys.map(({ direction }) => direction);
  const strings = collation?.compare ?? compareStrings;

  const compareKeys = (left: readonly Value[], right: readonly Value[]): number => {
    for (let index = 0; index < directions.length; index++) {
      const order = compare(left[index], right[index], strings);
      if (order !== 0) return order * (directions[index] as number);
    }
    return 0;
  };
  const keyOf = (doc: Doc): Value[] => {
    const simple = simpleKey(doc, paths);
    if (simple) return simple;
    let least: Value[] | undefined;
    for (const candidate of compoundKeys(doc, paths, undefined, parallel)) {
      const key = candidate.map(orNull);
      if (least === undefined || compareKeys(key, least) < 0) least = key;
    }
    return least as Value[];
  };
  const sorted = (docs: Iterable<Doc>, limit = Infinity): Doc[] => {
    const room = limit === Infinity ? Infinity : Math.max(limit * 2, limit + 1000);
    let items: { readonly doc: Doc; readonly key: Value[] }[] = [];
    for (const doc of docs) {
      items.push({ doc, key: keyOf(doc) });
      if (items.length >= room) items = items.sort((left, right) => compareKeys(left.key, right.key)).slice(0, limit);
    }
    items.sort((left, right) => compareKeys(left.key, right.key));
    return (items.length > limit ? items.slice(0, limit) : items).map(({ doc }) => doc);
  };
  const fields = new Set(paths.map(([first]) => first as string));
  return { keys, fields, keyOf, compareKeys, compare: (left, right) => compareKeys(keyOf(left), keyOf(right)), sorted };
}

/** The key of a document whose paths meet no array, which is nearly every one. */
function simpleKey(doc: Doc, paths: readonly Path[]): Value[] | undefined {
  const key: Value[] = [];
  for (const path of paths) {
    let value: Value = doc;
    for (const part of path) {
      if (Array.isArray(value)) return undefined;
      if (!(value instanceof Map)) {
        value = null;
        break;
      }
      value = value.has(part) ? value.get(part) : null;
    }
    if (Array.isArray(value)) return undefined;
    key.push(value);
  }
  return key;
}
