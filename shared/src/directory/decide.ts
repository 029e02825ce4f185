import type { Decide, Decision, RecordChange, StateView } from '../protocol/decision.ts';
import { change, refuse } from '../protocol/decision.ts';
import type { AnyRecord, Kind, Records } from '../protocol/kinds.ts';
import { patched } from '../protocol/patch.ts';
import { checkRev, editOf } from '../protocol/rules.ts';
import { placesFollow } from '../routes/places.ts';
import type { DirectoryKind } from './kinds.ts';
import { directoryWords } from './kinds.ts';
import { archivedReference, isInUse, turned } from './references.ts';
import type {
  ArchiveEntry,
  CreateBranch,
  CreateCenter,
  CreateCustomer,
  CreateTeam,
  CreateVendor,
  CreateWarehouse,
  EditBranch,
  EditCenter,
  EditCustomer,
  EditTeam,
  EditVendor,
  EditWarehouse,
  MergeEntry,
  RestoreEntry,
} from './schema.ts';

/** The most records that one merge moves: it is one command, and one transaction. */
export const mostMoved = 5_000;
/** The most members of a team. */
const mostMembers = 500;

type AnyEntry = Records[DirectoryKind];

const missing = (kind: DirectoryKind) =>
  refuse('not_found', `There is no such ${directoryWords[kind].one}. Somebody may have changed the directory.`);

/** Opens a record: rules about one that is there start here. */
function onEntry<Args extends { id: string; rev?: number }>(
  kind: DirectoryKind,
  rule: (record: AnyEntry, args: Args, state: StateView, now: number) => Decision,
): Decide<Args> {
  return (state, args, context) => {
    const record: AnyEntry | undefined = state.get(kind, args.id);
    if (!record) return missing(kind);
    const conflict = args.rev === undefined ? undefined : checkRev(kind, record, args.rev);
    return conflict ?? rule(record, args, state, context.now);
  };
}

const archived = (record: AnyEntry) =>
  refuse('archived', `${record.name} is archived. Restore it first, then change it.`);

/** Branches and people that a record is given must exist; archived branches and people who left are not chosen anew. */
function unknownReference(state: StateView, before: AnyEntry | undefined, fields: object): Decision | undefined {
  const given = fields as { branch?: string | null; branches?: readonly string[] | null; members?: readonly string[] };
  const was = (before ?? {}) as { branch?: string; branches?: readonly string[]; members?: readonly string[] };
  const branches = [
    ...(given.branch && given.branch !== was.branch ? [given.branch] : []),
    ...(given.branches ?? []).filter((id) => !was.branches?.includes(id)),
  ];
  for (const id of branches) {
    const branch = state.get('branch', id);
    if (!branch || branch.archivedAt !== undefined) {
      return refuse('unknown_reference', 'This branch does not exist or is archived. Choose another.', {
        field: given.branch === undefined ? 'branches' : 'branch',
      });
    }
  }
  for (const id of (given.members ?? []).filter((one) => !was.members?.includes(one))) {
    const person = state.get('person', id);
    if (!person || person.inactiveAt !== undefined || person.role === 'display') {
      return refuse('unknown_reference', 'One of these people is not here any more. Choose again.', {
        field: 'members',
      });
    }
  }
  return undefined;
}

/** Names are written once in a list of members or branches. */
function once<Args extends object>(fields: Args): Args {
  const made = { ...fields } as { [name: string]: unknown };
  for (const name of ['members', 'branches']) {
    const list = made[name];
    if (Array.isArray(list)) made[name] = [...new Set(list)];
  }
  return made as Args;
}

const create =
  <Args extends { id: string }>(kind: DirectoryKind): Decide<Args> =>
  (state, { id, ...given }, context) => {
    if (state.get(kind, id)) return refuse('already_exists', `This ${directoryWords[kind].one} exists already.`);
    const fields = once(given);
    return (
      unknownReference(state, undefined, fields) ??
      change({ kind, id, create: true, set: { ...fields, createdAt: context.now } })
    );
  };

const edit = <Args extends { id: string; rev: number }>(kind: DirectoryKind): Decide<Args> =>
  onEntry<Args>(kind, (record, { id, rev: _rev, ...given }, state) => {
    if (record.archivedAt !== undefined) return archived(record);
    const fields = once(given);
    const refusal = unknownReference(state, record, fields);
    if (refusal) return refusal;
    const changed = editOf(record, fields);
    return changed
      ? change({ kind, id, ...changed }, ...placesFollow(state, kind, id, patched(record, changed.set, changed.unset)))
      : refuse('nothing_to_change', 'Nothing is different from what it was.');
  });

const useWords: { readonly [K in Kind]?: { one: string; many: string } } = {
  batch: { one: 'open batch', many: 'open batches' },
  route: { one: 'open route', many: 'open routes' },
  template: { one: 'template', many: 'templates' },
  person: { one: 'person', many: 'people' },
  apiKey: { one: 'API key', many: 'API keys' },
  warehouse: directoryWords.warehouse,
  team: directoryWords.team,
};

/** `2 open batches, 1 template and 3 people`. */
function listed(uses: ReadonlyMap<Kind, number>): string {
  const words = [...uses].map(([kind, count]) => {
    const { one, many } = useWords[kind] ?? { one: 'record', many: 'records' };
    return `${count.toLocaleString('en-GB')} ${count === 1 ? one : many}`;
  });
  const last = words.pop()!;
  return words.length === 0 ? last : `${words.join(', ')} and ${last}`;
}

/** Clients do not hold everything that may point at a record: they wait for the server's answer. */
const cannotKnow = () => refuse('unavailable', 'This is known on the server only. It is asked.');

const archive = (kind: DirectoryKind): Decide<ArchiveEntry> =>
  onEntry<ArchiveEntry>(kind, (record, { id }, state, now) => {
    if (record.archivedAt !== undefined) return refuse('nothing_to_change', `${record.name} is archived already.`);
    const pointers = state.pointingAt(kind, id);
    if (!pointers) return cannotKnow();
    const uses = new Map<Kind, number>();
    for (const pointer of pointers) {
      const other: AnyRecord | undefined = state.get(pointer.kind, pointer.id);
      if (other && isInUse(pointer.kind, other)) uses.set(pointer.kind, (uses.get(pointer.kind) ?? 0) + 1);
    }
    if (uses.size === 0) return change({ kind, id, set: { archivedAt: now } });
    return refuse(
      'in_use',
      `${record.name} is still in use by ${listed(uses)}. Look there first, or merge it into another ${directoryWords[kind].one}.`,
      { details: { uses: Object.fromEntries(uses) } },
    );
  });

const restore = (kind: DirectoryKind): Decide<RestoreEntry> =>
  onEntry<RestoreEntry>(kind, (record, { id }, state) => {
    if (record.archivedAt === undefined) return refuse('nothing_to_change', `${record.name} is in use already.`);
    const { archivedAt: _archivedAt, mergedInto: _mergedInto, ...after } = record;
    return (
      archivedReference(state, kind, undefined, after as AnyEntry) ??
      change({ kind, id, set: {}, unset: ['archivedAt', 'mergedInto'] })
    );
  });

const merge = (kind: DirectoryKind): Decide<MergeEntry> =>
  onEntry<MergeEntry>(kind, (record, { id, into }, state, now) => {
    const { one, many } = directoryWords[kind];
    const target: AnyEntry | undefined = state.get(kind, into);
    if (id === into) return refuse('bad_request', `Choose two different ${many} to merge.`, { field: 'into' });
    if (record.archivedAt !== undefined) return archived(record);
    if (!target || target.archivedAt !== undefined) {
      return refuse('unknown_reference', `This ${one} does not exist or is archived. Choose another one to keep.`, {
        field: 'into',
      });
    }
    const pointers = state.pointingAt(kind, id);
    if (!pointers) return cannotKnow();
    if (pointers.length > mostMoved) {
      return refuse(
        'too_large',
        `More than ${mostMoved.toLocaleString('en-GB')} records point at ${record.name}, too many to move at once. Merge ${target.name} into ${record.name} instead, and rename what is left.`,
        { details: { most: mostMoved } },
      );
    }
    const changes: RecordChange[] = [];
    const told = new Map(placesFollow(state, kind, id, target).map((one) => [one.id, one.set]));
    for (const pointer of pointers) {
      const other: AnyRecord | undefined = state.get(pointer.kind, pointer.id);
      const followed = pointer.kind === 'route' ? told.get(pointer.id) : undefined;
      if (other) changes.push({ ...pointer, set: { ...turned(pointer.kind, other, kind, id, into), ...followed } });
    }
    if (kind === 'team') {
      const [from, to] = [(record as Records['team']).members, (target as Records['team']).members];
      const members = [...new Set([...to, ...from])];
      if (members.length > mostMembers)
        return refuse('too_large', `Together they have more than ${mostMembers} members. Take some out first.`);
      if (members.length > to.length) changes.push({ kind, id: into, set: { members } });
    }
    return change(...changes, { kind, id, set: { archivedAt: now, mergedInto: into } });
  });

/** Every command of the directory, by name. */
export const directoryDeciders = {
  'branch.create': create<CreateBranch>('branch'),
  'branch.edit': edit<EditBranch>('branch'),
  'branch.archive': archive('branch'),
  'branch.restore': restore('branch'),
  'branch.merge': merge('branch'),
  'warehouse.create': create<CreateWarehouse>('warehouse'),
  'warehouse.edit': edit<EditWarehouse>('warehouse'),
  'warehouse.archive': archive('warehouse'),
  'warehouse.restore': restore('warehouse'),
  'warehouse.merge': merge('warehouse'),
  'vendor.create': create<CreateVendor>('vendor'),
  'vendor.edit': edit<EditVendor>('vendor'),
  'vendor.archive': archive('vendor'),
  'vendor.restore': restore('vendor'),
  'vendor.merge': merge('vendor'),
  'customer.create': create<CreateCustomer>('customer'),
  'customer.edit': edit<EditCustomer>('customer'),
  'customer.archive': archive('customer'),
  'customer.restore': restore('customer'),
  'customer.merge': merge('customer'),
  'center.create': create<CreateCenter>('center'),
  'center.edit': edit<EditCenter>('center'),
  'center.archive': archive('center'),
  'center.restore': restore('center'),
  'center.merge': merge('center'),
  'team.create': create<CreateTeam>('team'),
  'team.edit': edit<EditTeam>('team'),
  'team.archive': archive('team'),
  'team.restore': restore('team'),
  'team.merge': merge('team'),
} as const;
