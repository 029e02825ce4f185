import type { CreateBatch } from '@opsboard/shared/batches/schema';
import type { Decide } from '@opsboard/shared/protocol/decision';
import { refuse } from '@opsboard/shared/protocol/decision';
import type { Ack } from '@opsboard/shared/protocol/envelope';
import type { Entry } from '@opsboard/shared/protocol/entries';
import { deciders } from '@opsboard/shared/protocol/deciders';
import type { AnyRecord } from '@opsboard/shared/protocol/kinds';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { command, foundWorld, newBatch } from '../../../test/support/dispatch-world.ts';
import type { World } from '../../../test/support/dispatch-world.ts';
import { until } from '../../../test/support/until.ts';
import { keptLog } from '../../../test/support/log.ts';
import type { Group } from '../journal/group.ts';
import type { Outcome } from '../journal/outcome.ts';
import { FoldedState } from '../journal/folded-state.ts';
import type { StoredReceipt } from '../journal/stored.ts';
import { firstReferences } from '../journal/stored.ts';
import type { OrgWriter } from '../journal/writer.ts';
import { systemClock } from '../platform/clock.ts';
import { newId } from '../platform/ids.ts';
import { Lane } from './lane.ts';

/** What storage holds, for several processes; `faults` decide what becomes of the next commits. */
class Storage {
  readonly entries: Entry[] = [];
  readonly records = new Map<string, AnyRecord>();
  readonly receipts = new Map<string, StoredReceipt>();
  readonly groups: Group[] = [];
  faults: ((group: Group, write: () => void) => Outcome | undefined)[] = [];
  down = false;

  commit(group: Group): Outcome {
    if (this.down) return { type: 'failed', error: new Error('down') };
    const write = () => {
      this.groups.push(group);
      for (const { entry, after } of group.entries) {
        this.entries.push(JSON.parse(JSON.stringify(entry)) as Entry);
        this.records.set(`${entry.kind}/${entry.id}`, after);
      }
      for (const receipt of group.receipts) this.receipts.set(receipt.commandId, receipt);
    };
    const fault = this.faults.shift()?.(group, write);
    if (fault) return fault;
    if (group.from !== this.entries.length) return { type: 'moved' };
    if (group.receipts.some(({ commandId }) => this.receipts.has(commandId))) return { type: 'repeated' };
    write();
    return { type: 'committed' };
  }
}

const { log, lines } = keptLog();

/** One process: a lane on its own state over the shared storage. Nothing tells it what others commit, but reading. */
function processOn(storage: Storage, org: string) {
  const state = new FoldedState(
    org,
    {
      entries: (_org, from, limit) => Promise.resolve(storage.entries.slice(from, from + limit)),
      records: (_org, kind, ids) =>
        Promise.resolve(
          new Map(
            ids.flatMap((id) =>
              storage.records.has(`${kind}/${id}`) ? [[id, storage.records.get(`${kind}/${id}`)!]] : [],
            ),
          ),
        ),
    },
    firstReferences,
    log,
  );
  state.begin(0, firstReferences);
  const writer: OrgWriter = {
    state,
    get references() {
      return state.references;
    },
    receipts: (ids) =>
      storage.down
        ? Promise.reject(new Error('down'))
        : Promise.resolve(
            new Map(ids.flatMap((id) => (storage.receipts.has(id) ? [[id, storage.receipts.get(id)!]] : []))),
          ),
    records: (kind, ids) =>
      Promise.resolve(
        new Map(
          ids.flatMap((id) =>
            storage.records.has(`${kind}/${id}`) ? [[id, storage.records.get(`${kind}/${id}`)!]] : [],
          ),
        ),
      ),
    holding: () => Promise.resolve([]),
    entriesOf: (commandId) => Promise.resolve(storage.entries.filter((entry) => entry.commandId === commandId)),
    commit: async (group) => {
      state.expect(group.entries);
      await new Promise((resolve) => setImmediate(resolve));
      const outcome = storage.commit(group);
      state.settle(group.entries, outcome.type === 'committed');
      return outcome;
    },
    turns: {
      mine: org,
      take: () => Promise.resolve(true),
      whose: () => Promise.resolve(undefined),
      leave: () => Promise.resolve(),
      break: () => Promise.resolve(),
    },
    catchUp: () => (storage.down ? Promise.reject(new Error('down')) : state.catchUp()),
    close: () => undefined,
  };
  // A clock that the lane's patience is measured by; a test moves it.
  const clock = { now: systemClock.now, monotonic: () => performance.now() + ahead };
  return { state, lane: new Lane(writer, clock, log) };
}
let ahead = 0;

type Process = ReturnType<typeof processOn>;
let storage: Storage;
let a: Process;
let b: Process;
let world: World;

const on = (process: Process) => ({
  dispatch: (
    ...[principal, each, { at = Date.now() } = {}]: Parameters<Parameters<typeof foundWorld>[0]['dispatch']>
  ) => process.lane.submit(principal, each, at),
});
const codeOf = (ack: Ack): string => (ack.ok ? 'ok' : ack.error.code);

beforeEach(async () => {
  storage = new Storage();
  ahead = 0;
  lines.length = 0;
  const org = newId();
  const founder = {
    dispatch: (...[principal, each]: Parameters<Parameters<typeof foundWorld>[0]['dispatch']>) => {
      a ??= processOn(storage, principal.org);
      if (a.state.org !== principal.org) a = processOn(storage, principal.org);
      return a.lane.submit(principal, each, Date.now());
    },
  };
  world = await foundWorld(founder);
  b = processOn(storage, world.org);
  await b.state.catchUp();
  storage.groups.length = 0;
  expect(org).not.toBe(world.org);
});
afterEach(() => vi.restoreAllMocks());

const denseAndOnce = () => {
  expect(storage.entries.map(({ seq }) => seq)).toEqual(storage.entries.map((_, i) => i + 1));
};

describe('commands that come twice', () => {
  it('[C2] the same command while the first is under way: one act, two equal answers', async () => {
    const create = newBatch(world);
    const before = storage.entries.length;
    const acks = await Promise.all([1, 2, 3].map(() => on(a).dispatch(world.team, create)));
    expect(new Set(acks.map((ack) => JSON.stringify(ack)))).toEqual(
      new Set([JSON.stringify({ ok: true, first: before + 1, seq: before + 1 })]),
    );
    expect(storage.entries.length).toBe(before + 1);
  });

  it('[C2] the same command later, on this process and on another one that has not heard of it', async () => {
    const create = newBatch(world);
    const first = await on(a).dispatch(world.team, create);
    expect(await on(a).dispatch(world.team, create)).toEqual(first);
    expect(await on(b).dispatch(world.team, create)).toEqual(first);
    expect(await on(b).dispatch(world.team, { ...create, resend: true })).toEqual(first);
    denseAndOnce();
  });

  it('[C2] a success is answered as one after the rights to it are gone', async () => {
    const demote = command('person.edit', { id: world.ops.id, rev: 1, role: 'driver' });
    const create = newBatch(world);
    const first = await on(a).dispatch(world.ops, create);
    await on(a).dispatch(world.admin, demote);
    expect(await on(b).dispatch(world.ops, create)).toEqual(first);
    expect(codeOf(await on(b).dispatch(world.ops, newBatch(world)))).toBe('forbidden');
  });

  it('[C3] the same id for something else, or from somebody else, is refused and tells nothing', async () => {
    const create = newBatch(world);
    await on(a).dispatch(world.team, create);
    const other = newBatch(world);
    for (const process of [a, b]) {
      for (const ack of [
        await on(process).dispatch(world.team, { ...other, commandId: create.commandId }),
        await on(process).dispatch(world.ops, create),
        await on(process).dispatch(world.team, { ...create, doneAt: Date.now() - 5000 }),
      ]) {
        expect(ack).toMatchObject({ ok: false, error: { code: 'command_id_reused' } });
        expect(JSON.stringify(ack)).not.toContain(create.args.id);
      }
    }
    denseAndOnce();
  });

  it('[C3] the order of keys and a new salt make no other command', async () => {
    const create = newBatch(world);
    const first = await on(a).dispatch(world.team, create);
    const reversed = {
      ...create,
      args: Object.fromEntries(Object.entries(create.args).reverse()) as typeof create.args,
    };
    expect(await on(b).dispatch(world.team, reversed)).toEqual(first);
    const id = newId();
    const password = command('person.setPassword', { id: world.ops.id, passwordHash: 'salt1' }, { commandId: id });
    const done = await on(a).dispatch(world.admin, password);
    expect(
      await on(b).dispatch(world.admin, { ...password, args: { ...password.args, passwordHash: 'salt2' } }),
    ).toEqual(done);
  });

  it('[C4] a refusal by a rule is remembered; one for rights is not', async () => {
    const create = newBatch(world);
    await on(a).dispatch(world.team, create);
    const seal = command('batch.seal', { id: create.args.id, count: 1 });
    const refused = await on(a).dispatch(world.team, seal);
    expect(codeOf(refused)).toBe('count_mismatch');
    expect(storage.receipts.get(seal.commandId)?.error?.code).toBe('count_mismatch');
    expect(await on(b).dispatch(world.team, seal)).toEqual(refused);

    const move = command('batch.moveDueDate', { id: create.args.id, rev: 1, dueAt: Date.now() + 9e7, reason: 'Later' });
    expect(codeOf(await on(a).dispatch(world.driver, move))).toBe('forbidden');
    expect(storage.receipts.has(move.commandId)).toBe(false);
    await on(a).dispatch(world.admin, command('person.edit', { id: world.driver.id, rev: 1, role: 'admin' }));
    expect(await on(a).dispatch(world.driver, move)).toMatchObject({ ok: true });
  });
});

describe('several processes', () => {
  it('[J4] decided on an old state: folded, authorized and decided again', async () => {
    const create = newBatch(world);
    await on(a).dispatch(world.team, create);
    await on(a).dispatch(world.team, command('batch.seal', { id: create.args.id, count: 2 }));
    // b has heard of neither.
    const depart = command('batch.depart', { id: create.args.id, driver: world.driver.id });
    expect(await on(b).dispatch(world.team, depart)).toMatchObject({ ok: true });
    // Nor has a heard that the driver may no longer do it.
    await on(b).dispatch(world.admin, command('person.edit', { id: world.driver.id, rev: 1, active: false }));
    expect(codeOf(await on(a).dispatch(world.driver, command('batch.arrive', { id: create.args.id })))).toBe(
      'not_signed_in',
    );
    denseAndOnce();
  });

  it('[J1] [J4] two that write at once both get on, without gap or repeat', async () => {
    const sent = Array.from({ length: 200 }, () => newBatch(world));
    const acks = await Promise.all(
      sent.flatMap((each, i) => [
        on(i % 2 ? a : b).dispatch(world.team, each),
        on(i % 3 ? b : a).dispatch(world.team, each),
      ]),
    );
    expect(acks.filter(({ ok }) => !ok)).toEqual([]);
    for (let i = 0; i < sent.length; i++) expect(acks[2 * i]).toEqual(acks[2 * i + 1]);
    denseAndOnce();
    const references = storage.entries.flatMap(({ set }) => (set['reference'] === undefined ? [] : [set['reference']]));
    expect(new Set(references).size).toBe(200);
  });
});

describe('when storage fails', () => {
  it('[J6] an unknown outcome that was a commit is found by its receipts, and not done again', async () => {
    storage.faults.push((_group, write) => (write(), { type: 'unknown', error: new Error('cut') }));
    const before = storage.entries.length;
    const creates = [newBatch(world), newBatch(world)];
    const acks = await Promise.all(creates.map((each) => on(a).dispatch(world.team, each)));
    expect(acks).toEqual([
      { ok: true, first: before + 1, seq: before + 1 },
      { ok: true, first: before + 2, seq: before + 2 },
    ]);
    expect(storage.entries.length).toBe(before + 2);
    expect(a.state.seq).toBe(before + 2);
  });

  it('[J6] an unknown outcome that was none is decided again', async () => {
    storage.faults.push(() => ({ type: 'unknown', error: new Error('cut') }));
    const before = storage.entries.length;
    expect(await on(a).dispatch(world.team, newBatch(world))).toEqual({ ok: true, first: before + 1, seq: before + 1 });
    denseAndOnce();
  });

  it('[J6] a commit that arrives after it was given up acts once', async () => {
    let late: (() => void) | undefined;
    storage.faults.push((_group, write) => ((late = write), { type: 'unknown', error: new Error('cut') }));
    storage.faults.push((group) => {
      late!();
      // As the database would: the counter has moved.
      return group.from === storage.entries.length ? undefined : { type: 'moved' };
    });
    const before = storage.entries.length;
    expect(await on(a).dispatch(world.team, newBatch(world))).toEqual({ ok: true, first: before + 1, seq: before + 1 });
    expect(storage.entries.length).toBe(before + 1);
  });

  it('[J5] a command that breaks its group fails alone, in a log line and as `internal`', async () => {
    const creates = Array.from({ length: 5 }, () => newBatch(world));
    const bad = creates[2]!;
    const unfit = (group: Group): Outcome | undefined =>
      group.entries.some(({ entry }) => entry.commandId === bad.commandId)
        ? { type: 'broken', error: new Error('too large') }
        : undefined;
    storage.faults.push(...Array.from({ length: 6 }, () => unfit));
    const acks = await Promise.all(creates.map((each) => on(a).dispatch(world.team, each)));
    expect(acks.map(codeOf)).toEqual(['ok', 'ok', 'internal', 'ok', 'ok']);
    expect(acks[2]).not.toMatchObject({ error: { message: expect.stringContaining('too large') as string } });
    expect(lines.join('')).toContain('too large');
    expect(storage.receipts.has(bad.commandId)).toBe(false);
    denseAndOnce();
  });

  it('[J5] one that a unique index refuses is told why, and leaves a receipt; the others are done', async () => {
    const person = () =>
      command('person.create', { id: newId(), name: 'P', email: `${newId()}@x.test`, role: 'driver' as const });
    const [one, taken, two] = [person(), person(), person()];
    storage.faults.push((group) => {
      const entry = group.entries.find(({ entry: { commandId } }) => commandId === taken.commandId)!.entry;
      return { type: 'duplicate', duplicate: { index: 'email', kind: 'person', id: entry.id, message: 'E11000' } };
    });
    const acks = await Promise.all([one, taken, two].map((each) => on(a).dispatch(world.admin, each)));
    expect(acks.map(codeOf)).toEqual(['ok', 'email_taken', 'ok']);
    expect(storage.receipts.get(taken.commandId)?.error?.code).toBe('email_taken');
  });

  it('a rule that throws fails alone: `internal` for the sender, the stack for the log', async () => {
    const [one, bad, two] = [newBatch(world), newBatch(world), newBatch(world)];
    vi.spyOn(deciders as { 'batch.create': Decide<CreateBatch> }, 'batch.create').mockImplementation((_state, args) => {
      if (args.id === bad.args.id) throw new Error('a bug with a secret');
      return refuse('nothing_to_change', 'Nothing.');
    });
    const acks = await Promise.all([one, bad, two].map((each) => on(a).dispatch(world.team, each)));
    expect(acks.map(codeOf)).toEqual(['nothing_to_change', 'internal', 'nothing_to_change']);
    expect(JSON.stringify(acks)).not.toContain('secret');
    expect(lines.join('')).toContain('a bug with a secret');
    expect(lines.join('')).toContain('lane.test.ts');
  });

  it('[C4] storage that stays away: `unavailable`, no receipt, and the same id succeeds later', async () => {
    storage.down = true;
    const create = newBatch(world);
    const answer = on(a).dispatch(world.team, create);
    await until('the lane runs out of patience', () => {
      ahead += 5000;
      return lines.join('').includes('could not be committed');
    });
    expect(codeOf(await answer)).toBe('unavailable');
    expect(storage.receipts.size).toBeGreaterThan(0);
    expect(storage.receipts.has(create.commandId)).toBe(false);
    storage.down = false;
    expect(await on(a).dispatch(world.team, create)).toMatchObject({ ok: true });
  });
});

it('while one group commits, the next gathers: commands of one turn share a transaction', async () => {
  await Promise.all(Array.from({ length: 100 }, () => on(a).dispatch(world.team, newBatch(world))));
  expect(storage.groups.length).toBe(1);
});
