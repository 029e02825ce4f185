import type { Principal } from '@opsboard/shared/protocol/actors';
import type { Ack, Command } from '@opsboard/shared/protocol/envelope';
import type { Entry } from '@opsboard/shared/protocol/entries';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Applied } from '../../server/src/journal/org-state.ts';
import { newId } from '../../server/src/platform/ids.ts';
import type { BoardProcess, TestDatabase } from '../support/board-process.ts';
import { startBoardProcess, startDatabase } from '../support/board-process.ts';
import { checkJournal, checkState } from '../support/check-journal.ts';
import type { World } from '../support/dispatch-world.ts';
import { command, foundWorld, newBatch } from '../support/dispatch-world.ts';
import { until } from '../support/until.ts';

let db: TestDatabase;
/** Two processes on one database. */
let a: BoardProcess;
let b: BoardProcess;
let world: World;

beforeAll(async () => {
  db = await startDatabase();
  a = await startBoardProcess(db.uri('journal'));
  b = await startBoardProcess(db.uri('journal'));
});
afterAll(async () => {
  await a[Symbol.asyncDispose]();
  await b[Symbol.asyncDispose]();
  await db[Symbol.asyncDispose]();
});
beforeEach(async () => {
  world = await foundWorld(a.dispatcher);
  await b.journal.org(world.org);
});

const send = (principal: Principal, each: Command, process = a) => process.dispatcher.dispatch(principal, each);
const must = async (principal: Principal, each: Command, process = a) => {
  const ack = await send(principal, each, process);
  if (!ack.ok) throw new Error(`${each.name}: ${JSON.stringify(ack.error)}`);
  return ack;
};
const code = (ack: Ack): string => (ack.ok ? 'ok' : ack.error.code);

/** Everything holds, and both processes stand where the database stands. */
async function checkAll(processes = [a, b]): Promise<Entry[]> {
  const held = await checkJournal(a.connection, world.org);
  for (const process of processes) {
    const state = await process.journal.org(world.org);
    expect(await state.waitFor(held.entries.length, 5000)).toBe(true);
    checkState(state, held);
  }
  return held.entries;
}

/** All the steps of a batch's life, with edits on the way. */
const life = (id: string): Command[] => [
  command('batch.assignDriver', { id, rev: 1, driver: world.driver.id }),
  command('batch.assignDriver', { id, rev: 2, driver: null }),
  command('batch.edit', { id, rev: 3, branch: world.south }),
  command('batch.addParts', { id, parts: [`L-${id.slice(-12).toUpperCase()}`] }),
  command('batch.seal', { id, count: 3 }),
  command('batch.depart', { id, driver: world.driver.id }),
  command('batch.arrive', { id }),
  command('batch.moveDueDate', { id, rev: 8, dueAt: Date.now() + 9e7, reason: 'Late' }),
  command('batch.departBack', { id, driver: world.driver2.id }),
  command('batch.complete', { id, count: 3 }),
];

describe('the journal', () => {
  it('[J1] [J2] [J7] [J8] [J9] [J10] lives of batches, people and sessions leave a journal that holds, forwards and backwards', async () => {
    const creates = Array.from({ length: 10 }, () => newBatch(world));
    await Promise.all(
      creates.map(async (create, i) => {
        await must(world.ops, create, i % 2 ? a : b);
        for (const each of life(create.args.id)) await must(world.ops, each, i % 3 ? a : b);
      }),
    );
    const signIn: Principal = { type: 'system', org: world.org, id: 'sign-in' };
    const session = { id: newId(), person: world.team.id, tokenHash: newId().padEnd(64, 'f'), device: 'Secret device' };
    await must(signIn, command('session.start', { ...session, expiresAt: Date.now() + 60_000 }));
    await must(
      world.admin,
      command('person.edit', { id: world.team.id, rev: 1, name: 'Secret name', phone: '+49 1234' }),
      b,
    );
    await must(world.admin, command('person.edit', { id: world.team.id, rev: 2, phone: null, role: 'driver' }));
    await must(world.admin, command('person.setPassword', { id: world.team.id, passwordHash: 'Secret hash' }), b);
    await must(
      world.admin,
      command('customer.edit', { id: world.customer, rev: 1, contactEmail: 'secret@customer.test' }),
    );
    await must(
      signIn,
      command('session.start', {
        ...session,
        id: newId(),
        tokenHash: newId().padEnd(64, 'e'),
        expiresAt: Date.now() + 60_000,
      }),
      b,
    );
    await must(world.team, command('session.end', { id: session.id }), b);
    await must(
      { type: 'system', org: world.org, id: 'archive' },
      command('batch.archive', { id: creates[0]!.args.id }),
      b,
    );
    const entries = await checkAll();
    // Twelve: an id by chance has four in a row now and then.
    expect(JSON.stringify(entries)).not.toMatch(/secret|test\.test|f{12}|\+49/i);
    expect(entries.every(({ v }) => v === 1)).toBe(true);
  });

  it('[J1] [C2] two processes, 500 commands each sent twice, rights changing in the middle: dense, once, equal', async () => {
    const from = (await a.journal.org(world.org)).seq;
    const sent = Array.from({ length: 500 }, () => newBatch(world));
    let demoted: Promise<unknown> | undefined;
    const answers = sent.map((each, i) => {
      const who = i % 5 === 0 ? world.team : world.ops;
      if (i === 250)
        demoted = must(world.admin, command('person.edit', { id: world.team.id, rev: 1, role: 'manager' }), b);
      return Promise.all([send(who, each, a), send(who, each, b)]);
    });
    const acks = await Promise.all(answers);
    await demoted;
    for (const [one, two] of acks) expect(two).toEqual(one);
    const made = acks.filter(([ack]) => ack.ok).length;
    const refused = acks.flatMap(([ack]) => (ack.ok ? [] : [ack.error.code]));
    expect(new Set(refused)).toEqual(new Set(refused.length === 0 ? [] : ['forbidden']));
    expect(made).toBeGreaterThanOrEqual(400);
    const entries = await checkAll();
    expect(entries.length).toBe(from + made + 1);
  });

  it('[J4] two processes that never rest both get on', async () => {
    const made = new Map<BoardProcess, number>([
      [a, 0],
      [b, 0],
    ]);
    let total = 0;
    const client = async (process: BoardProcess): Promise<void> => {
      while (total < 400) {
        await must(world.team, newBatch(world), process);
        made.set(process, made.get(process)! + 1);
        total += 1;
      }
    };
    await Promise.all([a, b].flatMap((process) => Array.from({ length: 5 }, () => client(process))));
    expect(Math.min(...made.values())).toBeGreaterThan(total / 10);
    await checkAll();
  });

  it('[J4] a turn whose process is gone is passed over', async () => {
    const counters = a.connection.getClient().db(a.connection.name).collection<{ _id: string }>('counters');
    await counters.updateOne({ _id: world.org }, { $set: { turn: newId() } });
    const began = performance.now();
    await must(world.team, newBatch(world));
    expect(performance.now() - began).toBeGreaterThan(100);
    expect(await counters.findOne({ _id: world.org })).not.toHaveProperty('turn');
    await checkAll();
  });

  it('[J4] a process that died in the middle of a commit holds nobody for long', async () => {
    const client = b.connection.getClient();
    const database = client.db(b.connection.name);
    const dead = client.startSession();
    await database.collection('lanes').insertOne({ _id: dead.id!.id as never, org: world.org, at: new Date() });
    dead.startTransaction();
    await database
      .collection<{ _id: string }>('counters')
      .updateOne({ _id: world.org }, { $set: { seq: 0 } }, { session: dead });
    const began = performance.now();
    const acks = await Promise.all([a, b].map((process) => send(world.team, newBatch(world), process)));
    expect(acks.map(code)).toEqual(['ok', 'ok']);
    expect(performance.now() - began).toBeLessThan(8000);
    await dead.endSession();
    await checkAll();
  });

  it('[J10] unknown fields of an entry are kept', async () => {
    const { seq } = await must(world.team, newBatch(world));
    const journal = a.connection.getClient().db(a.connection.name).collection('journal');
    await journal.updateOne({ org: world.org, seq }, { $set: { later: { x: 1 } } });
    const [entry] = await b.journal.entries(world.org, { from: seq - 1 });
    expect(entry).toMatchObject({ seq, later: { x: 1 } });
  });

  it('reads ranges in order, and one record’s entries newest first', async () => {
    const create = newBatch(world);
    const { seq } = await must(world.team, create);
    for (const each of life(create.args.id).slice(0, 4)) await must(world.ops, each);
    await must(world.team, newBatch(world));
    expect((await b.journal.entries(world.org, { from: seq, to: seq + 3 })).map((entry) => entry.seq)).toEqual([
      seq + 1,
      seq + 2,
      seq + 3,
    ]);
    expect((await b.journal.entries(world.org, { from: seq, limit: 2 })).map((entry) => entry.seq)).toEqual([
      seq + 1,
      seq + 2,
    ]);
    expect(await b.journal.entries(world.org, { from: seq + 5 })).toEqual([]);
    const own = await b.journal.entriesOfRecord(world.org, 'batch', create.args.id, { limit: 3 });
    expect(own.map((entry) => entry.rev)).toEqual([5, 4, 3]);
    const older = await b.journal.entriesOfRecord(world.org, 'batch', create.args.id, {
      limit: 3,
      before: own[2]!.seq,
    });
    expect(older.map((entry) => entry.rev)).toEqual([2, 1]);
    expect(await b.journal.entriesOfRecord(newId(), 'batch', create.args.id, { limit: 3 })).toEqual([]);
  });

  it('has one epoch for every process of a database, another for another database', async () => {
    expect(b.journal.epoch).toBe(a.journal.epoch);
    await using other = await startBoardProcess(db.uri('journal-other'));
    expect(other.journal.epoch).not.toBe(a.journal.epoch);
    expect(await other.journal.orgs()).toEqual([]);
    expect(await a.journal.orgs()).toContain(world.org);
  });
});

describe('the state in memory', () => {
  it('tells every entry once, in order, with the records around it, on both processes', async () => {
    const heard = new Map<BoardProcess, Applied[]>([
      [a, []],
      [b, []],
    ]);
    const stops = await Promise.all(
      [...heard].map(async ([process, list]) =>
        (await process.journal.org(world.org)).onApplied((batch) => void list.push(...batch)),
      ),
    );
    const from = (await a.journal.org(world.org)).seq;
    const create = newBatch(world);
    await must(world.ops, create);
    for (const [i, each] of life(create.args.id).entries()) await must(world.ops, each, i % 2 ? a : b);
    await must(world.admin, command('person.edit', { id: world.team.id, rev: 1, name: 'Renamed' }), b);
    const last = await must(
      { type: 'system', org: world.org, id: 'archive' },
      command('batch.archive', { id: create.args.id }),
    );
    for (const [process, list] of heard) {
      expect(await (await process.journal.org(world.org)).waitFor(last.seq, 5000)).toBe(true);
      expect(list.map(({ entry }) => entry.seq)).toEqual(
        Array.from({ length: last.seq - from }, (_, i) => from + 1 + i),
      );
      const [made, ...rest] = list;
      expect(made).toMatchObject({ before: undefined, after: { id: create.args.id, rev: 1 } });
      for (const { entry, before, after } of rest) {
        expect(before?.rev).toBe(entry.rev - 1);
        expect(after?.rev).toBe(entry.rev);
      }
      expect(rest.at(-2)).toMatchObject({ before: { name: 'team' }, after: { name: 'Renamed' } });
      expect(rest.at(-1)).toMatchObject({ after: { archivedAt: expect.any(Number) as number } });
    }
    expect(heard.get(a)).toEqual(heard.get(b));
    for (const stop of stops) stop();
    await must(world.ops, newBatch(world));
    expect(heard.get(a)!.at(-1)!.entry.seq).toBe(last.seq);
  });

  it('storage names the process that committed an entry, and nothing else does', async () => {
    const stored = await a.connection.db!.collection('journal').find({ org: world.org }).toArray();
    expect(new Set(stored.map((entry) => entry['process'] as string)).size).toBe(1);
    await must(world.team, newBatch(world), b);
    const both = await a.connection.db!.collection('journal').find({ org: world.org }).toArray();
    expect(new Set(both.map((entry) => entry['process'] as string)).size).toBe(2);
    // Nothing of it is told outside.
    const entries = await a.journal.entries(world.org, { from: 0 });
    expect(entries.some((entry) => 'process' in entry || '_id' in entry)).toBe(false);
  });

  it('the own commit is folded and told before it is answered', async () => {
    const state = await a.journal.org(world.org);
    let told = 0;
    const stop = state.onApplied((batch) => (told = batch.at(-1)!.entry.seq));
    const { seq } = await must(world.team, newBatch(world));
    expect({ told, seq: state.seq }).toEqual({ told: seq, seq });
    stop();
  });

  it('a listener that throws keeps nobody else from an entry', async () => {
    const state = await a.journal.org(world.org);
    const seen: number[] = [];
    const stops = [
      state.onApplied(() => {
        throw new Error('a listener’s bug');
      }),
      state.onApplied((batch) => void seen.push(...batch.map(({ entry }) => entry.seq))),
    ];
    const { seq } = await must(world.team, newBatch(world));
    expect(seen).toEqual([seq]);
    expect(a.lines.join('')).toContain('a listener’s bug');
    for (const stop of stops) stop();
  });

  it('loaded while others write, it is exactly the state at its seq', async () => {
    const creates = Array.from({ length: 300 }, () => newBatch(world));
    await Promise.all(creates.map((each) => send(world.ops, each)));
    let writing = true;
    const writes = (async () => {
      for (const create of creates) {
        if (!writing) return;
        await Promise.all(
          life(create.args.id)
            .slice(0, 5)
            .map((each) => send(world.ops, each)),
        );
        await must(
          world.admin,
          command('person.editProfile', {
            id: world.admin.id,
            rev: (await a.journal.org(world.org)).get('person', world.admin.id)!.rev,
            name: `Name ${create.args.id}`,
          }),
        );
      }
    })();
    for (let i = 0; i < 4; i++) {
      await using late = await startBoardProcess(db.uri('journal'));
      const state = await late.journal.org(world.org);
      const { seq } = state;
      const stored = await late.journal.entries(world.org, { from: 0, to: seq });
      expect(stored.length).toBe(seq);
      const batches = new Map<string, number>();
      for (const entry of stored) if (entry.kind === 'batch') batches.set(entry.id, entry.rev);
      // What is heard between loading and now is folded in turns of their own: the state is still at its seq.
      if (state.seq === seq) for (const [id, rev] of batches) expect(state.get('batch', id)?.rev).toBe(rev);
      await must(world.ops, newBatch(world), late);
    }
    writing = false;
    await writes;
    await checkAll();
  });

  it('waits for a seq that another process reached, and no longer than it is told', async () => {
    const { seq } = await must(world.team, newBatch(world));
    const state = await b.journal.org(world.org);
    expect(await state.waitFor(seq, 5000)).toBe(true);
    expect(await state.waitFor(seq + 1, 20)).toBe(false);
  });
});

/** Makes the next commands of the database fail. */
const fail = (failCommands: string[], data: { [field: string]: unknown }, times = 1) =>
  db.admin({ configureFailPoint: 'failCommand', mode: { times }, data: { failCommands, ...data } });

describe.skipIf(process.env['TEST_MONGODB_URI'] !== undefined)('when the database fails', () => {
  afterEach(() => db.admin({ configureFailPoint: 'failCommand', mode: 'off' }));

  it.each<[string, string[], { [field: string]: unknown }, number]>([
    [
      'the writes are refused as a conflict',
      ['bulkWrite'],
      { errorCode: 112, errorLabels: ['TransientTransactionError'] },
      2,
    ],
    ['the line is cut at the writes', ['bulkWrite'], { closeConnection: true }, 2],
    [
      'the primary steps down at the writes',
      ['bulkWrite'],
      { errorCode: 189, errorLabels: ['TransientTransactionError'] },
      1,
    ],
    ['the commit is refused', ['commitTransaction'], { errorCode: 251, errorLabels: ['TransientTransactionError'] }, 1],
    ['[J6] the line is cut at the commit', ['commitTransaction'], { closeConnection: true }, 1],
    ['[J6] the line is cut at the commit, and again', ['commitTransaction'], { closeConnection: true }, 4],
    [
      '[J6] it is committed, and a majority cannot be told',
      ['commitTransaction'],
      { writeConcernError: { code: 64, errmsg: 'no majority' } },
      1,
    ],
    [
      '[J6] the server shuts down at the commit',
      ['commitTransaction'],
      { errorCode: 91, errorLabels: ['RetryableWriteError'] },
      3,
    ],
  ])('[J2] %s: every command acts once, and is answered', async (_what, commands, data, times) => {
    await fail(commands, data, times);
    const sent = Array.from({ length: 20 }, () => newBatch(world));
    const acks = await Promise.all(sent.map((each) => send(world.team, each)));
    expect(acks.map(code)).toEqual(sent.map(() => 'ok'));
    await checkAll();
    expect(await Promise.all(sent.map((each) => send(world.team, each, b)))).toEqual(acks);
  });

  it('[J2] writes that fail for good leave nothing of their group, and nobody is told a success', async () => {
    const before = (await checkAll()).length;
    await fail(['bulkWrite'], { errorCode: 8000 }, 3);
    const sent = [newBatch(world), newBatch(world)];
    const acks = await Promise.all(sent.map((each) => send(world.team, each)));
    expect(acks.map(code)).toEqual(['internal', 'internal']);
    expect((await checkAll()).length).toBe(before);
    expect((await Promise.all(sent.map((each) => send(world.team, each)))).map(code)).toEqual(['ok', 'ok']);
  });

  it('a stream that is too old starts again from the collection [286]', async () => {
    const state = await b.journal.org(world.org);
    await db.admin({
      configureFailPoint: 'failCommand',
      mode: { times: 4 },
      data: { failCommands: ['getMore', 'aggregate'], errorCode: 286 },
    });
    const { seq } = await must(world.team, newBatch(world));
    expect(await state.waitFor(seq, 10_000)).toBe(true);
    const again = await must(world.team, newBatch(world));
    expect(await state.waitFor(again.seq, 10_000)).toBe(true);
    await checkAll();
  });

  it('a replaced journal collection is noticed, and followed anew', async () => {
    await using other = await startBoardProcess(db.uri('journal-replaced'));
    const { org, team } = await foundWorld(other.dispatcher);
    const collections = other.connection.getClient().db(other.connection.name);
    await collections.collection('journal').rename('journal_away');
    await collections.collection('journal_away').rename('journal');
    await using second = await startBoardProcess(db.uri('journal-replaced'));
    const mine = { ...world, org, team };
    const state = await other.journal.org(org);
    const directory = [...state.all('branch')].map(({ id }) => id);
    const ack = await second.dispatcher.dispatch(
      team,
      newBatch({
        ...mine,
        north: directory[0]!,
        customer: [...state.all('customer')][0]!.id,
        center: [...state.all('center')][0]!.id,
      }),
    );
    expect(ack.ok).toBe(true);
    if (ack.ok) expect(await state.waitFor(ack.seq, 10_000)).toBe(true);
  });

  it('[J3] [L12] killed with -9 and started again: stale meanwhile, nothing acknowledged is lost, nothing twice', async () => {
    await using ownDb = await startDatabase();
    await using one = await startBoardProcess(ownDb.uri('killed'));
    await using two = await startBoardProcess(ownDb.uri('killed'));
    const own = await foundWorld(one.dispatcher);
    await two.journal.org(own.org);
    const health: boolean[] = [];
    two.journal.onHealth(({ stale }) => health.push(stale));
    const sent = Array.from({ length: 300 }, () => newBatch(own));
    let answered = 0;
    const answers = sent.map(async (each, i) => {
      const process = i % 2 ? one : two;
      for (;;) {
        const ack = await process.dispatcher.dispatch(own.ops, { ...each, resend: true });
        answered += 1;
        if (ack.ok || ack.error.code !== 'unavailable') return ack;
      }
    });
    await until('some are answered', () => answered > 0);
    await ownDb.process!.kill();
    await until('[L12] the process says that it is stale', () => health.includes(true), 5000);
    await ownDb.restart();
    const acks = await Promise.all(answers);
    expect(acks.filter(({ ok }) => !ok)).toEqual([]);
    await until('[L12] and that it is not any more', () => health.at(-1) === false);
    const held = await checkJournal(one.connection, own.org);
    for (const [i, ack] of acks.entries()) {
      expect(ack.ok && held.entries[ack.seq - 1]?.commandId).toBe(sent[i]!.commandId);
    }
    for (const process of [one, two]) {
      const state = await process.journal.org(own.org);
      expect(await state.waitFor(held.entries.length, 10_000)).toBe(true);
      checkState(state, held);
    }
  }, 60_000);

  it('[L12] frozen, the process says so within about a second, and that it hears again', async () => {
    await using ownDb = await startDatabase();
    await using one = await startBoardProcess(ownDb.uri('frozen'));
    const own = await foundWorld(one.dispatcher);
    expect(one.journal.health.stale).toBe(false);
    const { pid } = ownDb.process!;
    const changes: { stale: boolean; after: number }[] = [];
    const began = performance.now();
    one.journal.onHealth(({ stale }) => changes.push({ stale, after: performance.now() - began }));
    process.kill(pid, 'SIGSTOP');
    try {
      await until('stale', () => changes.length === 1);
      expect(changes[0]!.stale).toBe(true);
      expect(changes[0]!.after).toBeLessThan(2000);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await until('not stale', () => changes.length === 2);
    expect(changes[1]!.stale).toBe(false);
    expect(code(await one.dispatcher.dispatch(own.team, newBatch(own)))).toBe('ok');
  });
});
