import { batchView } from '../batches/audience.ts';
import { branchView, centerView, customerView } from '../directory/audience.ts';
import { organizationView } from '../organization/audience.ts';
import { personView } from '../people/audience.ts';
import type { Role } from '../people/roles.ts';
import type { Principal } from './actors.ts';
import type { Entry, Fields } from './entries.ts';
import type { Kind, Records } from './kinds.ts';
import { inLiveSet, kinds } from './kinds.ts';

/**
 * The clients that see the same: by role and branches; a driver is an audience of one. `branches` absent means all.
 */
export type Audience = { org: string; role: Role; branches?: readonly string[]; person?: string };

/** The audience of a signed-in person. */
export function audienceOf(principal: Extract<Principal, { type: 'person' }>): Audience {
  return {
    org: principal.org,
    role: principal.role,
    ...(principal.branches === undefined ? {} : { branches: [...principal.branches].sort() }),
    ...(principal.role === 'driver' ? { person: principal.id } : {}),
  };
}

/** One text per audience, equal for equal ones; names its room. */
export function audienceKey(audience: Audience): string {
  return [audience.org, audience.role, audience.branches?.join(',') ?? '*', audience.person ?? ''].join('|');
}

/**
 * What an audience sees of records of a kind: `sees` decides whole records, `hides` the top-level fields that are left
 * out. Secret fields are left out for everybody, before this is asked.
 */
export type View<K extends Kind> = {
  sees(audience: Audience, record: Records[K]): boolean;
  hides(audience: Audience, record: Records[K]): readonly string[];
};

const views: { readonly [K in Kind]: View<K> } = {
  organization: organizationView,
  branch: branchView,
  customer: customerView,
  center: centerView,
  person: personView,
  session: { sees: () => false, hides: () => [] },
  batch: batchView,
};

/** The record as the audience sees it, or undefined when it does not see it (or it is outside the live set). */
export function viewOf<K extends Kind>(audience: Audience, kind: K, record: Records[K] | undefined): Fields | undefined {
  if (!record || !inLiveSet(kind, record)) return undefined;
  return viewOfAny(audience, kind, record);
}

/** As {@link viewOf}, for records that are read one by one whether they are live or not. */
export function viewOfAny<K extends Kind>(audience: Audience, kind: K, record: Records[K]): Fields | undefined {
  const view = views[kind];
  if (record.org !== audience.org || !view.sees(audience, record)) return undefined;
  const hidden = new Set([...kinds[kind].secret, ...view.hides(audience, record)]);
  return Object.fromEntries(Object.entries(record).filter(([name]) => !hidden.has(name)));
}

/** Whether the audience sees a record, live or not: as {@link viewOfAny}, without making the view. */
export function seesAny<K extends Kind>(audience: Audience, kind: K, record: Records[K]): boolean {
  return record.org === audience.org && views[kind].sees(audience, record);
}

/** A change for one audience, without its cause. */
export type Mapped =
  | { set: Fields; unset: string[]; rev: number }
  | { whole: Fields; rev: number }
  | { gone: true };

/**
 * Maps one entry to what an audience gets: a patch, the whole record (it came into view), `gone` (it left), or
 * undefined (it never saw it). `before` and `after` are the record around the entry. A record in view always gets its
 * new `rev`, also when nothing else of the change is for this audience.
 */
export function mapEntry<K extends Kind>(
  audience: Audience,
  entry: Pick<Entry, 'set' | 'unset' | 'touched' | 'rev'> & { kind: K },
  before: Records[K] | undefined,
  after: Records[K] | undefined,
): Mapped | undefined {
  const was = viewOf(audience, entry.kind, before);
  const is = viewOf(audience, entry.kind, after);
  if (!is) return was ? { gone: true } : undefined;
  if (!was) return { whole: is, rev: entry.rev };
  // Which fields are hidden may depend on the record: a field that came into sight goes along, one that left is unset.
  const set: Fields = {};
  const unset: string[] = [];
  const top = (path: string) => path.split('.', 1)[0]!;
  for (const name of Object.keys(is)) if (!Object.hasOwn(was, name)) set[name] = is[name];
  for (const name of Object.keys(was)) if (!Object.hasOwn(is, name)) unset.push(name);
  const done = new Set([...Object.keys(set), ...unset]);
  for (const [path, value] of Object.entries(entry.set)) {
    if (!done.has(top(path)) && Object.hasOwn(is, top(path))) set[path] = value;
  }
  for (const path of entry.unset) if (!done.has(top(path)) && Object.hasOwn(is, top(path))) unset.push(path);
  for (const path of entry.touched ?? []) {
    if (!done.has(path) && Object.hasOwn(is, path)) set[path] = is[path];
  }
  return { set, unset, rev: entry.rev };
}
