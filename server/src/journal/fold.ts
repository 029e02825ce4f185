import type { RecordChange } from '@opsboard/shared/protocol/decision';
import type { Entry, Fields } from '@opsboard/shared/protocol/entries';
import type { AnyRecord, Kind } from '@opsboard/shared/protocol/kinds';
import { kinds } from '@opsboard/shared/protocol/kinds';
import { patched, sameValue, valueAt } from '@opsboard/shared/protocol/patch';

/** What an entry says of its record, and the record after it. */
export type Drafted = {
  rev: number;
  set: Fields;
  unset: string[];
  was: Fields;
  touched?: string[];
  after: AnyRecord;
};

const isObject = (value: unknown): value is object =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/**
 * The shortest beginning of a path whose parent exists. An entry that names it, instead of a path below something that
 * was not there, can be taken back exactly.
 */
function reachable(record: object, path: string): string {
  if (!path.includes('.')) return path;
  const keys = path.split('.');
  let at: unknown = record;
  for (let i = 0; i < keys.length - 1; i++) {
    const key = keys[i]!;
    const next = Object.hasOwn(at as object, key) ? (at as Fields)[key] : undefined;
    if (!isObject(next)) return keys.slice(0, i + 1).join('.');
    at = next;
  }
  return path;
}

const hidden = Object.fromEntries(
  Object.entries(kinds).map(([kind, { personal, secret }]) => [kind, new Set([...personal, ...secret])]),
) as unknown as { readonly [K in Kind]: ReadonlySet<string> };

const topOf = (path: string): string => {
  const dot = path.indexOf('.');
  return dot < 0 ? path : path.slice(0, dot);
};

/**
 * Turns a decided change into what its entry says. Paths are reduced so that none lies below another and every one has
 * a parent before the change; values that stay the same are left out; personal and secret fields are only named.
 *
 * @param before the record, or undefined when this creates it
 */
export function draft(org: string, before: AnyRecord | undefined, change: RecordChange): Drafted {
  const base: object = before ?? { id: change.id, org };
  const rev = (before?.rev ?? 0) + 1;
  const given: Fields = {};
  for (const path in change.set) if (change.set[path] !== undefined) given[path] = change.set[path];
  const after = patched(base, given, change.unset) as Fields;
  after['rev'] = rev;

  const paths = new Set<string>();
  for (const path in given) paths.add(reachable(base, path));
  for (const path of change.unset ?? []) paths.add(reachable(base, path));

  const set: Fields = {};
  const unset: string[] = [];
  const was: Fields = {};
  const touched = new Set<string>();
  const secret = hidden[change.kind];
  for (const path of paths) {
    if (secret.size > 0 && secret.has(topOf(path))) {
      if (!sameValue(valueAt(base, topOf(path)), after[topOf(path)])) touched.add(topOf(path));
      continue;
    }
    if (path.includes('.') && hasAncestor(paths, path)) continue;
    const old = valueAt(base, path);
    const now = valueAt(after, path);
    if (sameValue(old, now)) continue;
    if (old !== undefined) was[path] = old;
    if (now === undefined) unset.push(path);
    else set[path] = now;
  }
  return {
    rev,
    set,
    unset,
    was,
    ...(touched.size === 0 ? {} : { touched: [...touched] }),
    after: after as unknown as AnyRecord,
  };
}

function hasAncestor(paths: ReadonlySet<string>, path: string): boolean {
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    if (paths.has(path.slice(0, dot))) return true;
  }
  return false;
}

/** The part of an entry that folding needs. */
export type Foldable = Pick<Entry, 'org' | 'id' | 'rev' | 'set' | 'unset' | 'was' | 'touched'>;

/**
 * The record after an entry.
 *
 * @param before the record before it, undefined when the entry creates it
 * @param source where the values of personal and secret fields are; without it they are left as they were
 */
export function fold(before: AnyRecord | undefined, entry: Foldable, source?: object): AnyRecord {
  const base: object = before ?? { id: entry.id, org: entry.org };
  const after = patched(base, entry.set, entry.unset) as Fields;
  after['rev'] = entry.rev;
  if (source && entry.touched) {
    for (const field of entry.touched) {
      const value = (source as Fields)[field];
      if (value === undefined) delete after[field];
      else after[field] = value;
    }
  }
  return after as unknown as AnyRecord;
}

/**
 * The record before an entry, personal and secret fields aside; undefined before its creation.
 */
export function unfold(after: AnyRecord, entry: Foldable): AnyRecord | undefined {
  if (entry.rev === 1) return undefined;
  const created = Object.keys(entry.set).filter((path) => !Object.hasOwn(entry.was, path));
  const before = patched(after as object, entry.was, created) as Fields;
  before['rev'] = entry.rev - 1;
  return before as unknown as AnyRecord;
}
