import { batchView } from '../batches/audience.ts';
import { keyView } from '../keys/audience.ts';
import { branchView, centerView, customerView, teamView, vendorView, warehouseView } from '../directory/audience.ts';
import { messageView } from '../messages/audience.ts';
import { organizationView } from '../organization/audience.ts';
import { personView } from '../people/audience.ts';
import { routeView } from '../routes/audience.ts';
import { savedViewView } from '../views/audience.ts';
import { templateView } from '../templates/audience.ts';
import type { Principal } from './actors.ts';
import type { Entry, Fields } from './entries.ts';
import type { Kind, Records } from './kinds.ts';
import { inLiveSet, kinds } from './kinds.ts';
import type { Audience, View } from './view.ts';

export type { Audience, View } from './view.ts';

/**
 * The audience of a signed-in person or a key. A key sees what an operations manager of its branches sees; which of it
 * it may ask for at all is said by its scopes.
 */
export function audienceOf(principal: Exclude<Principal, { type: 'system' }>): Audience {
  const role = principal.type === 'key' ? 'operations_manager' : principal.role;
  return {
    org: principal.org,
    role,
    ...(principal.branches === undefined ? {} : { branches: [...principal.branches].sort() }),
    ...(role === 'driver' ? { person: principal.id } : {}),
  };
}

/** One text per audience, equal for equal ones; names its room. */
export function audienceKey(audience: Audience): string {
  return [audience.org, audience.role, audience.branches?.join(',') ?? '*', audience.person ?? ''].join('|');
}

const views: { readonly [K in Kind]: View<K> } = {
  organization: organizationView,
  branch: branchView,
  warehouse: warehouseView,
  vendor: vendorView,
  customer: customerView,
  center: centerView,
  team: teamView,
  person: personView,
  session: { sees: () => false, hides: () => [] },
  link: { sees: () => false, hides: () => [] },
  batch: batchView,
  route: routeView,
  template: templateView,
  savedView: savedViewView,
  message: messageView,
  apiKey: keyView,
  part: { sees: (audience) => audience.role !== 'driver' && audience.role !== 'display', hides: () => [] },
};

/** The record as the audience sees it, or undefined when it does not see it (or it is outside the live set). */
export function viewOf<K extends Kind>(
  audience: Audience,
  kind: K,
  record: Records[K] | undefined,
): Fields | undefined {
  if (!record || !inLiveSet(kind, record)) return undefined;
  return viewOfAny(audience, kind, record);
}

/** As {@link viewOf}, for records that are read one by one whether they are live or not. */
export function viewOfAny<K extends Kind>(audience: Audience, kind: K, record: Records[K]): Fields | undefined {
  if (record.org !== audience.org || !views[kind].sees(audience, record)) return undefined;
  const hidden = hiddenFrom(audience, kind, record);
  const seen: Fields = {};
  for (const name in record) if (!hidden.includes(name)) seen[name] = record[name];
  return seen;
}

/** A record as its own person sees it: whole, without what is secret. */
export function withoutSecrets<K extends Kind>(kind: K, record: Records[K]): Fields {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !kinds[kind].secret.includes(name)));
}

/** Whether the audience sees a record, live or not: as {@link viewOfAny}, without making the view. */
export function seesAny<K extends Kind>(audience: Audience, kind: K, record: Records[K]): boolean {
  return record.org === audience.org && views[kind].sees(audience, record);
}

/** The top-level fields of a record that an audience which sees it does not get. */
function hiddenFrom<K extends Kind>(audience: Audience, kind: K, record: Records[K]): readonly string[] {
  const { secret } = kinds[kind];
  const hides = views[kind].hides(audience, record);
  return secret.length === 0 ? hides : [...secret, ...hides];
}

function isInView<K extends Kind>(audience: Audience, kind: K, record: Records[K] | undefined): record is Records[K] {
  return (
    record !== undefined && inLiveSet(kind, record) && record.org === audience.org && views[kind].sees(audience, record)
  );
}

/** A change for one audience, without its cause. */
export type Mapped = { set: Fields; unset: string[]; rev: number } | { whole: Fields; rev: number } | { gone: true };

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
  const { kind, rev } = entry;
  const was = isInView(audience, kind, before);
  if (!isInView(audience, kind, after)) return was ? { gone: true } : undefined;
  if (!was) return { whole: viewOf(audience, kind, after)!, rev };
  const set: Fields = {};
  const unset: string[] = [];
  const [hiddenBefore, hidden] = [hiddenFrom(audience, kind, before), hiddenFrom(audience, kind, after)];
  const shown = (name: string) => Object.hasOwn(after, name) && !hidden.includes(name);
  const wasShown = (name: string) => Object.hasOwn(before, name) && !hiddenBefore.includes(name);
  // Which fields are hidden may depend on the record: a field that came into sight goes along, one that left is unset.
  const sameHidden = hidden.length === hiddenBefore.length && hidden.every((name, i) => name === hiddenBefore[i]);
  const paths = [...Object.keys(entry.set), ...entry.unset, ...(entry.touched ?? [])];
  const done = new Set<string>();
  for (const name of new Set(sameHidden ? paths.map(top) : [...Object.keys(before), ...Object.keys(after)])) {
    if (shown(name) === wasShown(name)) continue;
    if (shown(name)) set[name] = (after as Fields)[name];
    else unset.push(name);
    done.add(name);
  }
  for (const path in entry.set) if (!done.has(top(path)) && shown(top(path))) set[path] = entry.set[path];
  for (const path of entry.unset) if (!done.has(top(path)) && shown(top(path))) unset.push(path);
  for (const path of entry.touched ?? []) if (!done.has(path) && shown(path)) set[path] = (after as Fields)[path];
  return { set, unset, rev };
}

function top(path: string): string {
  const dot = path.indexOf('.');
  return dot === -1 ? path : path.slice(0, dot);
}
