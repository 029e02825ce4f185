import fc from 'fast-check';
import type { Audience } from './audiences.ts';
import { viewOf } from './audiences.ts';
import type { Entry, Fields } from './entries.ts';
import type { AppliedEntry } from './frame-build.ts';
import { uuidv7From } from './ids.ts';
import type { AnyRecord, Kind } from './kinds.ts';
import { kinds } from './kinds.ts';
import { patched, valueAt } from './patch.ts';

/** A UUIDv7 that is the same in every run: `n` is its place in time and its only difference. */
export const idOf = (n: number): string =>
  uuidv7From(1_760_000_000_000 + n * 1000, Uint8Array.of(n, n, n, n, n, n, n, n, n, n));

export const org = idOf(1);
export const branches = [idOf(2), idOf(3)] as const;
export const drivers = [idOf(4), idOf(5)] as const;
const batches = [idOf(10), idOf(11), idOf(12)] as const;
const people = [...drivers, idOf(6)] as const;
const customers = [idOf(20)] as const;

/** Audiences of every sort: all, limited to a branch, to none, drivers, a wall. */
export const audiences: readonly Audience[] = [
  { org, role: 'admin' },
  { org, role: 'operations_manager', branches: [branches[0]] },
  { org, role: 'team_member', branches: [branches[1]] },
  { org, role: 'team_member', branches: [] },
  { org, role: 'driver', person: drivers[0] },
  { org, role: 'driver', branches: [branches[0]], person: drivers[1] },
  { org, role: 'display' },
];

type Step = { kind: Kind; id: string; set: Fields; unset: string[] };

const time = fc.integer({ min: 1_760_000_000_000, max: 1_760_000_900_000 });
const oneOf = <T>(values: readonly T[]) => fc.constantFrom(...values);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });

/** A random change to a batch: moves between branches and drivers, nested steps, sub-paths below what was replaced. */
const batchStep: fc.Arbitrary<Step> = fc
  .record({
    id: oneOf(batches),
    set: fc.record(
      {
        branch: oneOf(branches),
        driver: oneOf(drivers),
        status: oneOf(['draft', 'sealed', 'at_center'] as const),
        dueAt: time,
        steps: fc.dictionary(oneOf(['draft', 'sealed']), fc.record({ at: time, by: oneOf(people) })),
        'steps.sealed': fc.record({ at: time, by: oneOf(people) }),
        'steps.sealed.count': fc.nat(9),
        'extra.deep.value': fc.nat(9),
        'parts.P1': fc.record({ addedAt: time }),
        archivedAt: fc.constant(1_760_000_900_001),
      },
      { requiredKeys: [] },
    ),
    unset: fc.subarray(['driver', 'steps.sealed', 'extra.deep.value', 'extra', 'parts.P1', 'archivedAt']),
  })
  .map(({ id, set, unset }) => {
    // One entry never names a path and one below it, nor a path twice.
    const clash = (a: string, b: string) => a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
    const kept: Fields = {};
    for (const [path, value] of Object.entries(set)) {
      if (!Object.keys(kept).some((other) => clash(path, other))) kept[path] = value;
    }
    return {
      kind: 'batch',
      id,
      set: kept,
      unset: unset.filter(
        (path) =>
          !Object.keys(kept).some((other) => clash(path, other)) &&
          !(path === 'extra.deep.value' && unset.includes('extra')),
      ),
    };
  });

const personStep: fc.Arbitrary<Step> = fc
  .record({
    id: oneOf(people),
    role: maybe(oneOf(['driver', 'team_member'] as const)),
    name: maybe(oneOf(['Ann', 'Bo'])),
    email: maybe(oneOf(['a@x.test', 'b@x.test'])),
    passwordHash: maybe(fc.constant('secret-hash')),
    branches: fc.option(fc.subarray([...branches]), { nil: undefined }),
    open: fc.boolean(),
  })
  .map(({ id, open, ...fields }) => {
    const set = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    return { kind: 'person', id, set, unset: open && !set['branches'] ? ['branches'] : [] };
  });

const customerStep: fc.Arbitrary<Step> = fc
  .record({
    id: oneOf(customers),
    slaHours: fc.integer({ min: 1, max: 72 }),
    contactEmail: maybe(fc.constant('c@x.test')),
  })
  .map(({ id, slaHours, contactEmail }) => ({
    kind: 'customer',
    id,
    set: { slaHours, ...(contactEmail === undefined ? {} : { contactEmail }) },
    unset: [],
  }));

const sessionStep: fc.Arbitrary<Step> = fc.constant({
  kind: 'session',
  id: idOf(90),
  set: { person: people[2], tokenHash: 'secret-token' },
  unset: [],
});

const created: { [K in Kind]?: Fields } = {
  batch: { branch: branches[0], status: 'draft', steps: {}, parts: {}, partCount: 0, createdAt: 1_760_000_000_000 },
  person: { role: 'team_member', name: 'New', email: 'new@x.test', createdAt: 1_760_000_000_000 },
  customer: { name: 'Ltd', slaHours: 48, createdAt: 1_760_000_000_000 },
};

/** Folds steps into entries with their records before and after, as the journal does. */
export function historyOf(steps: readonly Step[], already: ReadonlyMap<string, AnyRecord> = new Map()): AppliedEntry[] {
  const records = new Map(already);
  return steps.map((step, i): AppliedEntry => {
    const before = records.get(step.id);
    const all: Fields = before ? step.set : patched({ ...created[step.kind] }, step.set);
    const rev = (before?.rev ?? 0) + 1;
    const after = (
      before ? patched(before, { ...all, rev }, step.unset) : { id: step.id, org, ...all, rev }
    ) as AnyRecord;
    records.set(step.id, after);
    const rule = kinds[step.kind];
    const isOpen = (path: string) => ![...rule.personal, ...rule.secret].includes(path.split('.', 1)[0]!);
    const unset = before ? step.unset.filter((path) => valueAt(before, path) !== undefined) : [];
    const touched = [...Object.keys(all), ...unset].filter((path) => !isOpen(path));
    const was = Object.fromEntries(
      [...Object.keys(all), ...unset]
        .filter((path) => before && isOpen(path) && valueAt(before, path) !== undefined)
        .map((path) => [path, valueAt(before!, path)]),
    );
    const entry: Entry = {
      v: 1,
      org,
      seq: i + 1,
      at: 1_760_000_000_000 + i,
      done: 1_760_000_000_000 + i,
      actor: { type: 'person', id: people[2] },
      commandId: idOf(100 + (i % 100)),
      verb: `${step.kind}.edit`,
      kind: step.kind,
      id: step.id,
      rev,
      set: Object.fromEntries(Object.entries(all).filter(([path]) => isOpen(path))),
      unset: unset.filter(isOpen),
      was,
      ...(touched.length > 0 ? { touched } : {}),
    };
    return { entry, before, after };
  });
}

/** Random histories over few records, so that they meet again and again. */
export const history: fc.Arbitrary<AppliedEntry[]> = fc
  .array(
    fc.oneof({ weight: 8, arbitrary: batchStep }, { weight: 4, arbitrary: personStep }, customerStep, sessionStep),
    {
      minLength: 1,
      maxLength: 40,
    },
  )
  .map((steps) => historyOf(steps));

/** Every record as an audience sees it after the first `seq` entries: what a client must hold then. */
export function expectedAt(audience: Audience, all: readonly AppliedEntry[], seq: number): Map<string, Fields> {
  const records = new Map<string, Fields>();
  for (const { entry, after } of all.slice(0, seq)) {
    const view = viewOf(audience, entry.kind, after as never);
    const key = `${entry.kind} ${entry.id}`;
    if (view) records.set(key, view);
    else records.delete(key);
  }
  return records;
}
