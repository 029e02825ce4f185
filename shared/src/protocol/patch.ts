import type { Fields } from './entries.ts';

type Tree = { [key: string]: unknown };

/** The value at a dotted path, or undefined. */
export function valueAt(record: object, path: string): unknown {
  let at: unknown = record;
  for (const key of path.split('.')) {
    if (at === null || typeof at !== 'object' || Array.isArray(at) || !Object.hasOwn(at, key)) return undefined;
    at = (at as Tree)[key];
  }
  return at;
}

/**
 * A copy of `record` with `set` and `unset` applied. Only the objects along the changed paths are copied, so that
 * untouched parts keep their identity. Setting below something that is not an object replaces it by one.
 */
export function patched<T extends object>(record: T, set: Fields, unset: readonly string[] = []): T {
  const copied = new Set<object>();
  const fresh = (value: unknown): Tree => {
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      if (copied.has(value)) return value as Tree;
      const copy = { ...(value as Tree) };
      copied.add(copy);
      return copy;
    }
    const empty: Tree = {};
    copied.add(empty);
    return empty;
  };
  const root = fresh(record);
  const parentOf = (keys: string[], create: boolean): Tree | undefined => {
    let at = root;
    for (const key of keys.slice(0, -1)) {
      if (!create && (at[key] === null || typeof at[key] !== 'object')) return undefined;
      const next = fresh(at[key]);
      at[key] = next;
      at = next;
    }
    return at;
  };
  for (const path of unset) {
    const keys = path.split('.');
    const parent = parentOf(keys, false);
    if (parent) delete parent[keys[keys.length - 1]!];
  }
  for (const [path, value] of Object.entries(set)) {
    const keys = path.split('.');
    parentOf(keys, true)![keys[keys.length - 1]!] = value;
  }
  return root as T;
}

/** Deep equality of JSON values (undefined properties count as absent). */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => sameValue(item, b[i]));
  }
  const keysOf = (o: object) => Object.keys(o).filter((k) => (o as Tree)[k] !== undefined);
  const keys = keysOf(a);
  return keys.length === keysOf(b).length && keys.every((k) => sameValue((a as Tree)[k], (b as Tree)[k]));
}
