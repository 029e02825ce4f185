import type { Decision, StateView } from '../protocol/decision.ts';
import { refuse } from '../protocol/decision.ts';
import type { AnyRecord, Kind, Records } from '../protocol/kinds.ts';
import { isOpenRoute } from '../routes/stops.ts';
import type { DirectoryKind } from './kinds.ts';
import { directoryKinds, directoryWords } from './kinds.ts';

/**
 * A field by which records of a kind point at the directory. `many`: it holds a list of ids; `places`: stops by id, each
 * with the kind and id of its place.
 */
export type Reference = { kind: Kind; field: string; many?: true; places?: true };

/** Everything that points at the directory: the one table that archiving and merging go by. */
export const references: { readonly [K in DirectoryKind]: readonly Reference[] } = {
  branch: [
    { kind: 'batch', field: 'branch' },
    { kind: 'route', field: 'branch' },
    { kind: 'route', field: 'stops', places: true },
    { kind: 'template', field: 'branch' },
    { kind: 'warehouse', field: 'branch' },
    { kind: 'team', field: 'branches', many: true },
    { kind: 'person', field: 'branches', many: true },
    { kind: 'apiKey', field: 'branches', many: true },
  ],
  warehouse: [],
  vendor: [],
  customer: [
    { kind: 'batch', field: 'customer' },
    { kind: 'route', field: 'stops', places: true },
    { kind: 'template', field: 'customer' },
    { kind: 'part', field: 'customer' },
  ],
  center: [
    { kind: 'batch', field: 'center' },
    { kind: 'route', field: 'stops', places: true },
    { kind: 'template', field: 'center' },
  ],
  team: [],
};

/** Another record that points at one of the directory. */
export type Pointer = { kind: Kind; id: string };

type Fields = { readonly [name: string]: unknown };
type Places = { readonly [stop: string]: { readonly place: { readonly kind: string; readonly id: string } } };

/** The ids that a record holds in a field of references. */
function idsIn(record: AnyRecord, { field, many, places }: Reference, at: DirectoryKind): readonly string[] {
  const value = (record as unknown as Fields)[field];
  if (value === undefined) return [];
  if (places) return Object.values(value as Places).flatMap(({ place }) => (place.kind === at ? [place.id] : []));
  return many ? (value as readonly string[]) : [value as string];
}

const isArchived = (record: AnyRecord): boolean => (record as { archivedAt?: number }).archivedAt !== undefined;

/** Whether a record, which is not archived, points at a record of the directory. */
export function pointsAt(kind: Kind, record: AnyRecord, at: DirectoryKind, id: string): boolean {
  return !isArchived(record) && references[at].some((one) => one.kind === kind && idsIn(record, one, at).includes(id));
}

/** Whether what a record points at must not be archived meanwhile. */
export function isInUse(kind: Kind, record: AnyRecord): boolean {
  if (isArchived(record)) return false;
  switch (kind) {
    case 'batch':
      return (record as Records['batch']).status !== 'completed';
    case 'route':
      return isOpenRoute(record as Records['route']);
    case 'person':
      return (record as Records['person']).inactiveAt === undefined;
    case 'apiKey':
      return (record as Records['apiKey']).revokedAt === undefined;
    case 'part':
      // What is on record of a part is a description, which may name a customer of old.
      return false;
    default:
      return true;
  }
}

/** The record with its references to `id` turned to `into`, as the `set` of a change. */
export function turned(kind: Kind, record: AnyRecord, at: DirectoryKind, id: string, into: string): Fields {
  const set: { [name: string]: unknown } = {};
  for (const one of references[at]) {
    if (one.kind !== kind) continue;
    const ids = idsIn(record, one, at);
    if (!ids.includes(id)) continue;
    if (one.places) {
      for (const [stop, { place }] of Object.entries((record as Records['route']).stops))
        if (place.kind === at && place.id === id) set[`stops.${stop}.place.id`] = into;
      continue;
    }
    set[one.field] = one.many ? [...new Set(ids.map((each) => (each === id ? into : each)))] : into;
  }
  return set;
}

type Outgoing = Reference & { at: DirectoryKind };
const outgoing = new Map<Kind, Outgoing[]>();
for (const at of directoryKinds) {
  for (const one of references[at]) outgoing.set(one.kind, [...(outgoing.get(one.kind) ?? []), { ...one, at }]);
}

/**
 * Refuses what would bring a record into use that points at an archived one: a batch that is reopened, a template that
 * is taken out of the archive, a step that is undone.
 *
 * @param before the record as it was; what it pointed at already while in use is not asked again
 */
export function archivedReference(
  state: Pick<StateView, 'get'>,
  kind: Kind,
  before: AnyRecord | undefined,
  after: AnyRecord,
): Decision | undefined {
  const fields = outgoing.get(kind);
  if (!fields || !isInUse(kind, after)) return undefined;
  for (const one of fields) {
    const known = before && isInUse(kind, before) ? idsIn(before, one, one.at) : [];
    for (const id of idsIn(after, one, one.at)) {
      if (known.includes(id)) continue;
      const target = state.get(one.at, id);
      if (target?.archivedAt === undefined) continue;
      return refuse(
        'archived',
        `The ${directoryWords[one.at].one} ${target.name} is archived. Restore it in the directory, then do this again.`,
        { field: one.field, details: { kind: one.at, id } },
      );
    }
  }
  return undefined;
}
