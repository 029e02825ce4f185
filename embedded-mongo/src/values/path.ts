import { MongoError } from '../errors.ts';
import { type Doc, MISSING, type Missing, type Value } from './types.ts';

/** A dotted path, taken apart. */
export type Path = readonly string[];

const parsed = new Map<string, Path>();

/** Splits a dotted path; the few paths of an application are split once. */
export function parsePath(path: string): Path {
  let parts = parsed.get(path);
  if (parts === undefined) {
    parts = path.split('.');
    if (parsed.size > 10_000) parsed.clear();
    parsed.set(path, parts);
  }
  return parts;
}

/** The array index that a path component stands for, -1 if it is none ("00" and "-1" are names only). */
export function arrayIndex(part: string): number {
  const { length } = part;
  if (length === 0 || length > 10 || (length > 1 && part.charCodeAt(0) === 48)) return -1;
  let index = 0;
  for (let at = 0; at < length; at++) {
    const digit = part.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return -1;
    index = index * 10 + digit;
  }
  return index;
}

/** The value at a path, where numbers index into arrays and nothing descends into array elements by itself. */
export function getPath(root: Value, path: Path): Value | Missing {
  let value: Value | Missing = root;
  for (const part of path) {
    if (value instanceof Map) value = value.has(part) ? value.get(part) : MISSING;
    else if (Array.isArray(value)) {
      const index = arrayIndex(part);
      value = index >= 0 && index < value.length ? value[index] : MISSING;
    } else return MISSING;
    if (value === MISSING) return MISSING;
  }
  return value;
}

/** What `findAlong` answers when nothing matched. */
export const NO_MATCH = -1;
/** What `findAlong` answers when it matched without going through an array. */
export const MATCH_OUTSIDE_ARRAYS = 0x7fffffff;

/** A test of the values that a path leads to; `MISSING` where a document on the way lacks the field. */
export type ValueTest = (value: Value | Missing) => boolean;

/**
 * Walks a path as queries do: into every document of an array on the way, and by index where the component is a
 * number; with `leaves`, also into the elements of an array at the end, before the array as a whole. Stops at the first
 * value that passes the test. Answers NO_MATCH, MATCH_OUTSIDE_ARRAYS, or the index in the outermost array gone through.
 */
export function findAlong(root: Value, path: Path, leaves: boolean, test: ValueTest, from = 0): number {
  let value: Value | Missing = root;
  for (let at = from; at < path.length; at++) {
    const part = path[at] as string;
    if (value instanceof Map) {
      const next = value.get(part);
      value = next === undefined && !value.has(part) ? MISSING : next;
      if (value === MISSING) break;
      continue;
    }
    if (!Array.isArray(value)) {
      value = MISSING;
      break;
    }
    const index = arrayIndex(part);
    if (index >= 0 && index < value.length && findAlong(value[index], path, leaves, test, at + 1) !== NO_MATCH) {
      return index;
    }
    for (let item = 0; item < value.length; item++) {
      const element = value[item];
      if (element instanceof Map && findAlong(element, path, leaves, test, at) !== NO_MATCH) return item;
    }
    return NO_MATCH;
  }
  if (leaves && Array.isArray(value)) {
    for (let item = 0; item < value.length; item++) if (test(value[item])) return item;
  }
  return test(value) ? MATCH_OUTSIDE_ARRAYS : NO_MATCH;
}

/**
 * The values under which an index files a document for one path: elements of arrays one by one, an empty array as
 * undefined, a missing field as MISSING. `arrays` collects the path prefixes at which an array was expanded: an index is
 * multikey where there are any.
 */
export function indexedValues(root: Doc, path: Path, arrays?: Set<string>): (Value | Missing)[] {
  return compoundKeys(root, [path], arrays).map((key) => key[0] as Value | Missing);
}

/** One path of a compound key on its way: what was reached, and the components that are left. */
interface Way {
  readonly value: Value | Missing;
  readonly at: number;
}

/**
 * The keys under which a compound index files a document, one per element of the array that its paths go through, or
 * one if there is none. Paths through two different arrays would need every combination: `onParallel` is called with
 * their prefixes, and must throw (indexes: code 171; sorts: code 2).
 */
export function compoundKeys(
  root: Doc,
  paths: readonly Path[],
  arrays?: Set<string>,
  onParallel: (left: string, right: string) => never = parallelArrays,
): (Value | Missing)[][] {
  const keys: (Value | Missing)[][] = [];
  const walk = (ways: readonly Way[]): void => {
    let array: Value[] | undefined;
    let arrayPrefix = '';
    const next = ways.map((way, index): Way => {
      const path = paths[index] as Path;
      let { value, at } = way;
      while (at < path.length) {
        const part = path[at] as string;
        if (value instanceof Map) value = value.has(part) ? value.get(part) : MISSING;
        else if (Array.isArray(value)) {
          const position = arrayIndex(part);
          if (position < 0 || position >= value.length) break;
          value = value[position];
          // An element that the path names is taken whole, also if it is an array.
          if (at === path.length - 1) return { value, at: path.length + 1 };
        } else {
          return { value: MISSING, at: path.length + 1 };
        }
        at++;
      }
      // One behind the end marks a value that is taken as it is, also if it is an array.
      if (Array.isArray(value) && at <= path.length) {
        const prefix = path.slice(0, at).join('.');
        if (array !== undefined && array !== value) onParallel(arrayPrefix, prefix);
        array = value;
        arrayPrefix = prefix;
      }
      return { value, at };
    });
    if (array === undefined) {
      keys.push(next.map(({ value }) => value));
      return;
    }
    arrays?.add(arrayPrefix);
    const expanded = array;
    const atElement = (element: Value | Missing): void =>
      walk(
        next.map((way, index) => {
          const { length } = paths[index] as Path;
          if (way.value !== expanded || way.at > length) return way;
          if (way.at === length) return { value: element, at: length + 1 };
          return element instanceof Map ? { value: element, at: way.at } : { value: MISSING, at: length + 1 };
        }),
      );
    if (expanded.length === 0) {
      walk(
        next.map((way, index) => {
          const { length } = paths[index] as Path;
          if (way.value !== expanded || way.at > length) return way;
          return { value: way.at === length ? undefined : MISSING, at: length + 1 };
        }),
      );
    } else for (const element of expanded) atElement(element);
  };
  walk(paths.map(() => ({ value: root, at: 0 })));
  return keys;
}

function parallelArrays(left: string, right: string): never {
  throw new MongoError(171, `cannot index parallel arrays [${right}] [${left}]`);
}
