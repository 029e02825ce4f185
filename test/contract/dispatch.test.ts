import type { Principal } from '@opsboard/shared/protocol/actors';
import type { Ack, Command } from '@opsboard/shared/protocol/envelope';
import { uuidv7From } from '@opsboard/shared/protocol/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../server/src/platform/ids.ts';
import type { BoardProcess, TestDatabase } from '../support/board-process.ts';
import { startBoardProcess, startDatabase } from '../support/board-process.ts';
import type { World } from '../support/dispatch-world.ts';
import { command, foundWorld, newBatch } from '../support/dispatch-world.ts';

let db: TestDatabase;
/** Two processes on one database. */
let a: BoardProcess;
let b: BoardProcess;
let world: World;

beforeAll(async () => {
  db = await startDatabase();
  a = await startBoardProcess(db.uri('dispatch'));
  b = await startBoardProcess(db.uri('dispatch'));
});
afterAll(async () => {
  await a[Symbol.asyncDispose]();
  await b[Symbol.asyncDispose]();
  await db[Symbol.asyncDispose]();
});
beforeEach(async () => {
  world = await foundWorld(a.dispatcher);
});

const send = (principal: Principal, each: Command, process = a) => process.dispatcher.dispatch(principal, each);
const must = async (principal: Principal, each: Command, process = a) => {
  const ack = await send(principal, each, process);
  if (!ack.ok) throw new Error(`${each.name}: ${JSON.stringify(ack.error)}`);
  return ack;
};
const code = (ack: Ack): string => (ack.ok ? 'ok' : ack.error.code);
const errorOf = (ack: Ack) => {
  if (ack.ok) throw new Error('it was accepted');
  return ack.error;
};
const receipt = (commandId: string) => a.connection.db!.collection('receipts').findOne({ org: world.org, commandId });
const seqOf = async () =>
  (await a.connection.db!.collection<{ _id: string; seq: number }>('counters').findOne({ _id: world.org }))!.seq;
const batchNow = async (id: string) => (await a.journal.org(world.org)).get('batch', id)!;

describe('ids and receipts', () => {
  it('[C2] sent twice at once to two processes: one act, one answer', async () => {
    const from = await seqOf();
    const sent = Array.from({ length: 20 }, () => newBatch(world));
    const acks = await Promise.all(
      sent.map((each) => Promise.all([send(world.team, each), send(world.team, each, b)])),
    );
    for (const [one, two] of acks) {
      expect(one.ok).toBe(true);
      expect(two).toEqual(one);
    }
    expect(await seqOf()).toBe(from + 20);
  });

  it('[C2] [C4] a refusal by a rule is the same everywhere, also after its reason is gone', async () => {
    const create = newBatch(world, { parts: [] });
    await must(world.team, create);
    const seal = command('batch.seal', { id: create.args.id, count: 0 });
    const refused = await send(world.team, seal);
    expect(code(refused)).toBe('no_parts');
    await must(
      world.team,
      command('batch.addParts', { id: create.args.id, parts: [`X-${newId().slice(-9).toUpperCase()}`] }),
    );
    expect(await send(world.team, seal, b)).toEqual(refused);
    expect(await send(world.team, { ...seal, resend: true }, b)).toEqual(refused);
  });

  it('[C3] an id used again for something else or by somebody else tells nothing of the first', async () => {
    const create = newBatch(world);
    await must(world.team, create);
    for (const process of [a, b]) {
      expect(code(await send(world.ops, create, process))).toBe('command_id_reused');
      const other = { ...newBatch(world), commandId: create.commandId };
      expect(code(await send(world.team, other, process))).toBe('command_id_reused');
    }
  });

  it('[C4] refusals of sign-in, rights and sight leave no receipt', async () => {
    const create = newBatch(world, { branch: world.south });
    await must(world.team, create);
    const { id } = create.args;
    const none = [
      [world.manager, command('batch.seal', { id, count: 2 }), 'forbidden'],
      [world.north_team, command('batch.seal', { id, count: 2 }), 'not_found'],
      [{ ...world.team, session: newId() } as Principal, command('batch.seal', { id, count: 2 }), 'not_signed_in'],
      [world.team, command('batch.seal', { id: newId(), count: 2 }), 'not_found'],
    ] as const;
    for (const [who, each, expected] of none) {
      expect(code(await send(who, each))).toBe(expected);
      expect(await receipt(each.commandId), expected).toBeNull();
    }
    const counted = command('batch.seal', { id, count: 3 });
    expect(code(await send(world.team, counted))).toBe('count_mismatch');
    expect(await receipt(counted.commandId)).toMatchObject({
      actor: { type: 'person', id: world.team.id },
      error: { code: 'count_mismatch' },
    });
    const sealed = command('batch.seal', { id, count: 2 });
    const { first, seq } = await must(world.team, sealed);
    const kept = await receipt(sealed.commandId);
    expect(kept).toMatchObject({ first, seq });
    expect(kept!['expiresAt']).toBeInstanceOf(Date);
    const days = ((kept!['expiresAt'] as Date).getTime() - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(89.9);
    expect(days).toBeLessThan(90.1);
  });

  it('[C5] too old, and too far ahead', async () => {
    const made = (daysAgo: number) => ({
      ...newBatch(world),
      commandId: uuidv7From(Date.now() - daysAgo * 86_400_000, new Uint8Array(10)),
    });
    expect(code(await send(world.team, made(60.1)))).toBe('command_too_old');
    expect(code(await send(world.team, made(59.9)))).toBe('ok');
    expect(code(await send(world.team, made(-1.01)))).toBe('ok');
    expect(errorOf(await send(world.team, made(-1.1)))).toMatchObject({ code: 'bad_request', field: 'commandId' });
  });

  it('[C6] `doneAt` stays between the step before it and its arrival', async () => {
    const now = Date.now();
    const create = newBatch(world);
    const at = (doneAt: number) => ({ doneAt });
    await must(world.team, { ...create, ...at(now - 60_000) });
    const { id } = create.args;
    expect((await batchNow(id)).since).toBe(now - 60_000);
    const { seq } = await must(world.team, command('batch.seal', { id, count: 2 }, at(now - 90_000)));
    expect((await batchNow(id)).steps.sealed!.at, 'not before the step before').toBe(now - 60_000);
    const before = Date.now();
    await must(world.team, command('batch.depart', { id, driver: world.driver.id }, at(now + 900_000)));
    const departed = (await batchNow(id)).steps.in_transit_to_center!.at;
    expect(departed, 'not after arrival').toBeGreaterThanOrEqual(before);
    expect(departed).toBeLessThanOrEqual(Date.now());
    const [entry] = await a.journal.entries(world.org, { from: seq - 1, to: seq });
    expect(entry!.done).toBe(now - 60_000);
    expect(entry!.at).toBeGreaterThanOrEqual(now);
    const { seq: next } = await must(world.driver, command('batch.arrive', { id }));
    const [arrived] = await a.journal.entries(world.org, { from: next - 1, to: next });
    expect(arrived!.done, 'absent means arrival').toBe(arrived!.at);
  });
});

describe('rights', () => {
  it('[C7] a role that changed counts at once, whatever the principal still says, on every process', async () => {
    const create = newBatch(world);
    await must(world.team, create);
    await must(world.admin, command('person.edit', { id: world.team.id, rev: 1, role: 'manager' }));
    const seal = command('batch.seal', { id: create.args.id, count: 2 });
    expect(code(await send(world.team, seal))).toBe('forbidden');
    expect(code(await send(world.team, seal, b))).toBe('forbidden');
    await must(world.admin, command('person.edit', { id: world.team.id, rev: 2, active: false }));
    expect(code(await send(world.team, seal))).toBe('not_signed_in');
    expect(code(await send(world.team, seal, b))).toBe('not_signed_in');
  });

  it('[C7] also inside one round: what comes after the change is judged by it', async () => {
    const sent = [
      send(world.team, newBatch(world)),
      send(world.admin, command('person.edit', { id: world.team.id, rev: 1, active: false })),
      send(world.team, newBatch(world)),
    ];
    expect((await Promise.all(sent)).map(code)).toEqual(['ok', 'ok', 'not_signed_in']);
  });

  it('[C7] an ended, an expired and an unknown session may do nothing; one that another process began may', async () => {
    const start = (expiresIn: number) =>
      command('session.start', {
        id: newId(),
        person: world.team.id,
        tokenHash: newId().padEnd(64, '0'),
        expiresAt: Date.now() + expiresIn,
      });
    const signIn: Principal = { type: 'system', org: world.org, id: 'sign-in' };
    const good = start(60_000);
    const gone = start(60_000);
    const old = start(-1);
    for (const each of [good, gone, old]) await must(signIn, each);
    await must({ ...world.team, session: good.args.id } as Principal, command('session.end', { id: gone.args.id }));
    const as = (id: string) => ({ ...world.team, session: id }) as Principal;
    for (const process of [a, b]) {
      expect(code(await send(as(good.args.id), newBatch(world), process))).toBe('ok');
      expect(code(await send(as(gone.args.id), newBatch(world), process))).toBe('not_signed_in');
      expect(code(await send(as(old.args.id), newBatch(world), process))).toBe('not_signed_in');
      expect(code(await send(as(newId()), newBatch(world), process))).toBe('not_signed_in');
    }
    const others = { ...world.ops, session: good.args.id } as Principal;
    expect(code(await send(others, newBatch(world))), 'somebody else’s session').toBe('not_signed_in');
  });

  it('[C7] what the asker may not see is answered like what is not there, word for word', async () => {
    const hidden = newBatch(world, { branch: world.south });
    await must(world.team, hidden);
    const asks = (id: string): Command[] => [
      command('batch.seal', { id, count: 2 }),
      command('batch.edit', { id, rev: 1, center: world.center }),
      command('batch.addParts', { id, parts: ['A'] }),
      command('batch.depart', { id }),
      command('batch.moveDueDate', { id, rev: 1, dueAt: Date.now() + 1e8, reason: 'x' }),
    ];
    const north: Principal = world.north_team;
    await must(world.admin, command('person.edit', { id: north.id, rev: 1, role: 'operations_manager' }));
    const there = asks(hidden.args.id);
    const absent = asks(newId());
    for (let i = 0; i < there.length; i++) {
      const answer = errorOf(await send(north, there[i]!));
      expect(answer.code).toBe('not_found');
      expect(answer).toEqual(errorOf(await send(north, absent[i]!)));
    }
    const stranger = await foundWorld(a.dispatcher);
    for (const each of asks(hidden.args.id)) expect(code(await send(stranger.admin, each))).toBe('not_found');
    for (const each of asks(hidden.args.id))
      expect(code(await send(world.driver, each))).toBe(each.name === 'batch.depart' ? 'not_found' : 'forbidden');
  });

  it('[C8] nobody acts on another branch, nor moves a record there', async () => {
    const mine = newBatch(world);
    await must(world.north_team, mine);
    expect(code(await send(world.north_team, newBatch(world, { branch: world.south })))).toBe('forbidden');
    const move = command('batch.edit', { id: mine.args.id, rev: 1, branch: world.south });
    expect(code(await send(world.north_team, move))).toBe('forbidden');
    expect((await batchNow(mine.args.id)).branch).toBe(world.north);
    await must(world.team, move);
    expect((await batchNow(mine.args.id)).branch).toBe(world.south);
    expect(code(await send(world.north_team, command('batch.seal', { id: mine.args.id, count: 2 })))).toBe('not_found');
  });

  it('[C8] an admin limited to a branch lifts nobody’s limit, their own least of all', async () => {
    const { id } = world.north_team;
    await must(world.admin, command('person.edit', { id, rev: 1, role: 'admin' }));
    expect(code(await send(world.north_team, command('person.edit', { id, rev: 2, branches: null })))).toBe(
      'forbidden',
    );
    expect(code(await send(world.north_team, command('person.edit', { id, rev: 2, branches: [world.south] })))).toBe(
      'forbidden',
    );
    expect(
      code(await send(world.north_team, command('person.edit', { id: world.ops.id, rev: 1, role: 'driver' }))),
    ).toBe('forbidden');
    expect(
      code(
        await send(
          world.north_team,
          command('person.create', { id: newId(), name: 'X', email: `${newId()}@x.test`, role: 'admin' }),
        ),
      ),
    ).toBe('forbidden');
  });

  it('[C7] a driver moves their own batches, hands none to others, and touches nobody else’s', async () => {
    const mine = newBatch(world, { driver: world.driver.id });
    await must(world.team, mine);
    const { id } = mine.args;
    await must(world.team, command('batch.seal', { id, count: 2 }));
    expect(code(await send(world.driver2, command('batch.depart', { id })))).toBe('not_found');
    expect(code(await send(world.driver2, command('batch.depart', { id, driver: world.driver2.id })))).toBe(
      'not_found',
    );
    expect(code(await send(world.driver, command('batch.depart', { id, driver: world.driver2.id })))).toBe('forbidden');
    await must(world.driver, command('batch.depart', { id }));
    await must(world.driver, command('batch.arrive', { id }));
  });

  it('[C7] systems may do what they are there for', async () => {
    const create = newBatch(world);
    await must(world.team, create);
    const clock: Principal = { type: 'system', org: world.org, id: 'clock' };
    expect(code(await send(clock, command('batch.seal', { id: create.args.id, count: 2 })))).toBe('forbidden');
    expect(code(await send(clock, command('batch.markBreached', { id: create.args.id, dueAt: 946_684_800_000 })))).toBe(
      'nothing_to_change',
    );
    const setup: Principal = { type: 'system', org: world.org, id: 'setup' };
    const second = command('organization.create', {
      id: newId(),
      name: 'Other',
      timeZone: 'UTC',
      admin: { id: newId(), name: 'A', email: `${newId()}@x.test`, passwordHash: 'x' },
    });
    expect(code(await send(setup, second)), 'the id of another organization').toBe('bad_request');
    expect(code(await send(setup, { ...second, commandId: newId(), args: { ...second.args, id: world.org } }))).toBe(
      'already_set_up',
    );
  });
});

describe('conflicts', () => {
  it('[C9] an edit on an old `rev` writes nothing and brings the record as the asker sees it', async () => {
    const create = newBatch(world);
    await must(world.team, create);
    const { id } = create.args;
    const dueAt = Date.now() + 9e7;
    await must(world.ops, command('batch.moveDueDate', { id, rev: 1, dueAt, reason: 'Late' }));
    const from = await seqOf();
    const edit = command('batch.assignDriver', { id, rev: 1, driver: world.driver.id });
    const error = errorOf(await send(world.team, edit));
    expect(error).toMatchObject({
      code: 'rev_conflict',
      details: { kind: 'batch', id, rev: 2, record: { id, rev: 2, dueAt } },
    });
    expect(error.details!['record']).not.toHaveProperty('parts');
    expect(await seqOf()).toBe(from);
    expect((await receipt(edit.commandId))!['error'].details).not.toHaveProperty('record');
    expect(errorOf(await send(world.team, edit, b))).toEqual(error);
  });

  it('[C9] of a person, the colleague’s address is left out', async () => {
    await must(world.admin, command('person.edit', { id: world.team.id, rev: 1, phone: '+49 30 1' }));
    const admin = errorOf(
      await send(world.admin, command('person.edit', { id: world.team.id, rev: 1, role: 'driver' })),
    );
    expect(admin.details!['record']).toHaveProperty('email');
    const self = errorOf(
      await send(world.team, command('person.editProfile', { id: world.team.id, rev: 1, name: 'New' })),
    );
    expect(self.details!['record']).toMatchObject({ phone: '+49 30 1' });
    expect(self.details!['record']).not.toHaveProperty('email');
    expect(JSON.stringify([admin, self])).not.toContain('passwordHash');
  });

  it('[C12] a part goes into one open batch, under any concurrency', async () => {
    const part = `P-${newId().slice(-12).toUpperCase()}`;
    const sent = Array.from({ length: 40 }, () => newBatch(world, { parts: [part] }));
    const acks = await Promise.all(sent.map((each, i) => send(world.team, each, i % 2 ? a : b)));
    expect(acks.filter(({ ok }) => ok)).toHaveLength(1);
    const winner = sent[acks.findIndex(({ ok }) => ok)]!;
    for (const ack of acks.filter(({ ok }) => !ok)) {
      expect(errorOf(ack)).toMatchObject({ code: 'part_in_open_batch', details: { part, batch: winner.args.id } });
    }
    expect(await a.connection.db!.collection('batches').countDocuments({ org: world.org, openParts: part })).toBe(1);
  });

  it('[C12] names the batch only to whom may see it', async () => {
    const part = `P-${newId().slice(-12).toUpperCase()}`;
    const hidden = newBatch(world, { branch: world.south, parts: [part] });
    await must(world.team, hidden);
    const { reference } = await batchNow(hidden.args.id);
    const told = await send(world.team, newBatch(world, { parts: [part] }));
    expect(JSON.stringify(told)).toContain(reference);
    const again = newBatch(world, { parts: [part] });
    for (const process of [a, b]) {
      const ack = await send(world.north_team, again, process);
      expect(errorOf(ack)).toMatchObject({ code: 'part_in_open_batch', details: { part } });
      expect(JSON.stringify(ack)).not.toContain(reference);
      expect(JSON.stringify(ack)).not.toContain(hidden.args.id);
    }
  });

  it('[C12] a part is free again when it is taken out, and when its batch is completed', async () => {
    const part = `P-${newId().slice(-12).toUpperCase()}`;
    const first = newBatch(world, { parts: [part], driver: world.driver.id });
    const second = newBatch(world, { parts: [] });
    // In one round: taken out here, put in there, and on to the end.
    const acks = await Promise.all(
      [
        first,
        second,
        command('batch.removeParts', { id: first.args.id, parts: [part] }),
        command('batch.addParts', { id: second.args.id, parts: [part] }),
        command('batch.addParts', { id: first.args.id, parts: [part] }),
        command('batch.seal', { id: second.args.id, count: 1 }),
        command('batch.depart', { id: second.args.id, driver: world.driver.id }),
        command('batch.arrive', { id: second.args.id }),
        command('batch.departBack', { id: second.args.id }),
        command('batch.complete', { id: second.args.id, count: 1 }),
        command('batch.addParts', { id: first.args.id, parts: [part] }),
      ].map((each) => send(world.team, each)),
    );
    expect(acks.map(code)).toEqual(['ok', 'ok', 'ok', 'ok', 'part_in_open_batch', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok']);
    const stored = await a.connection.db!.collection('batches').find({ org: world.org, openParts: part }).toArray();
    expect(stored.map(({ _id }) => _id)).toEqual([first.args.id]);
    const state = await b.journal.org(world.org);
    await state.waitFor(await seqOf(), 5000);
    expect(state.openBatchOf(part)?.id).toBe(first.args.id);
  });

  it('[C12] two batches that swap parts in one round both succeed', async () => {
    const one = newBatch(world);
    const two = newBatch(world);
    await must(world.team, one);
    await must(world.team, two);
    const acks = await Promise.all(
      [
        command('batch.removeParts', { id: one.args.id, parts: one.args.parts }),
        command('batch.removeParts', { id: two.args.id, parts: two.args.parts }),
        command('batch.addParts', { id: one.args.id, parts: two.args.parts }),
        command('batch.addParts', { id: two.args.id, parts: one.args.parts }),
      ].map((each) => send(world.team, each)),
    );
    expect(acks.map(code)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(Object.keys((await batchNow(one.args.id)).parts)).toEqual(two.args.parts);
  });

  it('[J5] an e-mail address that another organization uses, and an id of theirs: refused alone', async () => {
    const other = await foundWorld(b.dispatcher);
    const theirs = newBatch(other);
    await must(other.team, theirs, b);
    const email = (await b.journal.org(other.org)).get('person', other.ops.id)!.email;
    const person = (address: string) =>
      command('person.create', { id: newId(), name: 'P', email: address, role: 'driver' as const });
    const taken = person(email);
    const acks = await Promise.all([
      send(world.admin, person(`${newId()}@x.test`)),
      send(world.admin, taken),
      send(world.team, newBatch(world, { id: theirs.args.id })),
      send(world.team, newBatch(world)),
      send(world.admin, command('person.edit', { id: world.ops.id, rev: 1, email })),
    ]);
    expect(acks.map(code)).toEqual(['ok', 'email_taken', 'already_exists', 'ok', 'email_taken']);
    expect((await receipt(taken.commandId))!['error'].code).toBe('email_taken');
    expect(await send(world.admin, taken, b)).toEqual(acks[1]);
  });
});

describe('undo', () => {
  const sealed = async (more: Partial<Command<'batch.create'>['args']> = {}) => {
    const create = newBatch(world, more);
    await must(world.team, create);
    const seal = command('batch.seal', { id: create.args.id, count: 2 });
    await must(world.team, seal);
    return { id: create.args.id, seal };
  };

  it('[C10] restores what was, also by another process, once', async () => {
    const { id, seal } = await sealed();
    const undo = command('undo', { commandId: seal.commandId });
    await must(world.team, undo, b);
    const { status, steps, rev } = (await b.journal.org(world.org)).get('batch', id)!;
    expect({ status, rev, steps: Object.keys(steps) }).toEqual({ status: 'draft', rev: 3, steps: ['draft'] });
    expect(code(await send(world.team, command('undo', { commandId: seal.commandId })))).toBe('changed_since');
    expect(code(await send(world.team, command('undo', { commandId: undo.commandId })))).toBe('not_reversible');
    expect(code(await send(world.team, command('undo', { commandId: newId() })))).toBe('not_found');
  });

  it('[C10] of a command of the same round', async () => {
    const create = newBatch(world);
    const seal = command('batch.seal', { id: create.args.id, count: 2 });
    const acks = await Promise.all(
      [create, seal, command('undo', { commandId: seal.commandId })].map((each) => send(world.team, each)),
    );
    expect(acks.map(code)).toEqual(['ok', 'ok', 'ok']);
    expect((await batchNow(create.args.id)).status).toBe('draft');
  });

  it('[C10] needs the right to what it takes back, and to see it', async () => {
    const create = newBatch(world, { driver: world.driver.id });
    await must(world.team, create);
    const move = command('batch.moveDueDate', { id: create.args.id, rev: 1, dueAt: Date.now() + 9e7, reason: 'x' });
    await must(world.ops, move);
    expect(code(await send(world.team, command('undo', { commandId: move.commandId })))).toBe('forbidden');
    expect(code(await send(world.manager, command('undo', { commandId: move.commandId })))).toBe('forbidden');
    expect(code(await send(world.driver, command('undo', { commandId: move.commandId })))).toBe('forbidden');
    expect(code(await send(world.driver2, command('undo', { commandId: move.commandId })))).toBe('not_found');
    await must(world.ops, command('undo', { commandId: move.commandId }));
  });

  it('[C8] [C10] brings no record out of or into a branch that is not the asker’s', async () => {
    const create = newBatch(world);
    await must(world.team, create);
    const move = command('batch.edit', { id: create.args.id, rev: 1, branch: world.south });
    await must(world.team, move);
    expect(code(await send(world.north_team, command('undo', { commandId: move.commandId })))).toBe('not_found');
    const south = newBatch(world, { branch: world.south });
    await must(world.team, south);
    const north = command('batch.edit', { id: south.args.id, rev: 1, branch: world.north });
    await must(world.team, north);
    expect(code(await send(world.north_team, command('undo', { commandId: north.commandId })))).toBe('forbidden');
  });

  it('[C10] [C12] keeps a part in one open batch', async () => {
    const create = newBatch(world);
    await must(world.team, create);
    const [part] = create.args.parts as [string, string];
    const out = command('batch.removeParts', { id: create.args.id, parts: [part] });
    await must(world.team, out);
    await must(world.team, newBatch(world, { parts: [part] }));
    expect(code(await send(world.team, command('undo', { commandId: out.commandId })))).toBe('part_in_open_batch');
  });

  it('[C10] is refused after the organization’s time for it', async () => {
    const { seal } = await sealed();
    const late = await a.dispatcher.dispatch(world.team, command('undo', { commandId: seal.commandId }), {
      at: Date.now() + 61_000,
    });
    expect(code(late)).toBe('not_reversible');
  });
});

describe('records outside memory', () => {
  it('an archived batch is named as archived, on every process', async () => {
    const create = newBatch(world, { driver: world.driver.id });
    const { id } = create.args;
    const archive: Principal = { type: 'system', org: world.org, id: 'archive' };
    for (const each of [
      create,
      command('batch.seal', { id, count: 2 }),
      command('batch.depart', { id }),
      command('batch.arrive', { id }),
      command('batch.departBack', { id }),
      command('batch.complete', { id, count: 2 }),
    ]) {
      await must(world.team, each);
    }
    await must(archive, command('batch.archive', { id }));
    expect((await a.journal.org(world.org)).get('batch', id)).toBeUndefined();
    for (const process of [a, b]) {
      expect(code(await send(world.team, command('batch.seal', { id, count: 2 }), process))).toBe('archived');
      expect(code(await send(world.team, newBatch(world, { id }), process))).toBe('already_exists');
      const rev = command('batch.moveDueDate', { id, rev: 1, dueAt: Date.now() + 9e7, reason: 'x' });
      expect(code(await send(world.ops, rev, process))).toBe('archived');
    }
  });

  it('sessions end all at once, on the process that did not begin them', async () => {
    const signIn: Principal = { type: 'system', org: world.org, id: 'sign-in' };
    const start = () =>
      command('session.start', {
        id: newId(),
        person: world.team.id,
        tokenHash: newId().padEnd(64, '0'),
        expiresAt: Date.now() + 60_000,
      });
    const [one, two] = [start(), start()];
    await must(signIn, one, b);
    await must(signIn, two, b);
    const ack = await must(
      world.team,
      command('session.endAll', { person: world.team.id, sessions: [one.args.id, two.args.id] }),
    );
    expect(ack.seq - ack.first).toBe(1);
    expect(code(await send({ ...world.team, session: one.args.id } as Principal, newBatch(world), b))).toBe(
      'not_signed_in',
    );
  });
});

describe('reads', () => {
  it('go by the same table, on the person as they are now', async () => {
    expect(a.dispatcher.read(world.driver, 'batches.read')).toBeUndefined();
    expect(a.dispatcher.read(world.driver, 'journal.read')).toMatchObject({ code: 'forbidden' });
    expect(a.dispatcher.read(world.manager, 'journal.read')).toBeUndefined();
    await must(world.admin, command('person.edit', { id: world.manager.id, rev: 1, active: false }));
    expect(a.dispatcher.read(world.manager, 'journal.read')).toMatchObject({ code: 'not_signed_in' });
    expect(a.dispatcher.read({ type: 'system', org: world.org, id: 'clock' }, 'journal.read')).toMatchObject({
      code: 'forbidden',
    });
  });
});
