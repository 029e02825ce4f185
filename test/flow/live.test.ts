import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Audience } from '@opsboard/shared/protocol/audiences';
import { viewOf } from '@opsboard/shared/protocol/audiences';
import type { Kind } from '@opsboard/shared/protocol/kinds';
import { allKinds } from '@opsboard/shared/protocol/kinds';
import { newId } from '../../server/src/platform/ids.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { LiveClient } from '../support/live-client.ts';
import { connectLive } from '../support/live-client.ts';
import { until } from '../support/until.ts';
import type { PersonName, World } from '../support/world.ts';
import { buildWorld } from '../support/world.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ webs: 2 });
}, 60_000);
afterAll(async () => {
  await app?.[Symbol.asyncDispose]();
});

const web = (i: number) => app.webs[i % 2]!.url;

/** What a person must hold: the live set in the database, through their eyes, by a journal of its own. */
async function expected(world: World, who: PersonName): Promise<Map<string, unknown>> {
  const { role, branches, id } = world.people[who];
  const audience: Audience = {
    org: world.org,
    role,
    ...(branches ? { branches } : {}),
    ...(role === 'driver' ? { person: id } : {}),
  };
  const state = await (await app.backdoor()).journal.org(world.org);
  const records = new Map<string, unknown>();
  for (const kind of allKinds) {
    for (const record of state.all(kind)) {
      const view = viewOf(audience, kind as Kind, record as never);
      if (view) records.set(`${kind} ${record.id}`, view);
    }
  }
  return records;
}

const held = (client: LiveClient) =>
  new Map(
    allKinds.flatMap((kind) => [...client.state!.records[kind]].map(([id, record]) => [`${kind} ${id}`, record])),
  );

async function seqNow(world: World): Promise<number> {
  const { connection } = await app.backdoor();
  const counter = await connection.collection<{ _id: string; seq: number }>('counters').findOne({ _id: world.org });
  return counter!.seq;
}

describe('two processes on one database', () => {
  it('[L2] [L9] [C2] clients of every audience on both stay equal to the database while all write, each command sent twice', async () => {
    const world = await buildWorld(app);
    const names: PersonName[] = [
      'admin',
      'ops',
      'team',
      'manager',
      'display',
      'southOps',
      'southTeam',
      'driver1',
      'driver2',
    ];
    const clients = await Promise.all(
      names.map(async (who, i) => ({ who, live: await connectLive(await world.as(who, web(i)), { reconnect: true }) })),
    );
    const batches = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        world.batch({ branch: i % 2 ? world.branches.north : world.branches.south, parts: [] }),
      ),
    );
    const [admin, ops] = [await world.as('admin', web(0)), await world.as('ops', web(1))];
    const twice = async (name: 'batch.edit' | 'batch.assignDriver' | 'batch.moveDueDate', args: object, i: number) => {
      const commandId = newId();
      const [first, second] = i % 2 ? [admin, ops] : [ops, admin];
      const acks = await Promise.all(
        [first, second].map((client) => client.command(name, args as never, { commandId })),
      );
      // The other sender is another person: for them the id is taken. The same one, again, hears the same again.
      const [ok] = acks.filter((ack) => ack.ok);
      const again = await (acks[0] === ok ? first : second).at(web(i + 1)).command(name, args as never, { commandId });
      if (ok) expect(again).toEqual(ok);
    };
    let rounds = 0;
    await Promise.all(
      batches.map(async (id, n) => {
        for (let i = 0; i < 6; i++) {
          rounds++;
          const rev = (clients[0]!.live.state!.records.batch.get(id)?.rev ?? 1) as number;
          if (i % 3 === 0)
            await twice(
              'batch.edit',
              { id, rev, branch: (n + i) % 2 ? world.branches.south : world.branches.north },
              n + i,
            );
          else if (i % 3 === 1)
            await twice(
              'batch.assignDriver',
              { id, rev, driver: world.people[n % 2 ? 'driver1' : 'driver2'].id },
              n + i,
            );
          else
            await twice('batch.moveDueDate', { id, rev, dueAt: Date.now() + 86_400_000 + i, reason: 'Because' }, n + i);
          if (n === 0 && i === 3) clients[5]!.live.cutLine();
        }
      }),
    );
    expect(rounds).toBe(72);
    const seq = await seqNow(world);
    await until(
      'the back door hears it too',
      async () => (await (await app.backdoor()).journal.org(world.org)).seq >= seq,
    );
    for (const { who, live } of clients) {
      await live.reached(seq);
      expect(held(live), who).toEqual(await expected(world, who));
      for (const [i, frame] of live.frames.entries()) {
        if (i > 0 && live.hellos.length === 1) expect(frame.from).toBeLessThanOrEqual(live.frames[i - 1]!.to);
      }
      live.socket.disconnect();
    }
  });

  it('[L11] a right taken away on one process cuts within a second on the other', async () => {
    const world = await buildWorld(app);
    const live = await connectLive(await world.as('team', web(1)), { reconnect: true });
    const admin = await world.as('admin', web(0));
    const from = performance.now();
    await admin.mustCommand('person.edit', { id: world.people.team.id, rev: 1, branches: [world.branches.south] });
    await until('it is cut and back', () => live.cuts.length === 1 && live.hellos.length === 2);
    expect(performance.now() - from).toBeLessThan(1_500);
    expect(live.hellos[1]!.audience).not.toBe(live.hellos[0]!.audience);
    await live.http.delete('/api/session');
    await until('signed out on the other process too', () => live.cuts.length === 2);
    expect(live.cuts[1]!.code).toBe('not_signed_in');
    live.socket.disconnect();
  });

  it('[L5] no byte of another branch or organization reaches a client, by any way it can ask', async () => {
    const [world, other] = [await buildWorld(app), await buildWorld(app, `secretorg${Date.now()}`)];
    const south = await connectLive(await world.as('southTeam', web(1)), { reconnect: true });
    const driver = await connectLive(await world.as('driver1', web(0)), { reconnect: true });
    const admin = await world.as('admin', web(0));

    const ours = await world.batch({ branch: world.branches.south, parts: ['S-SOUTH-1'] });
    const theirs = await world.batch({ branch: world.branches.north, parts: ['S-NORTH-1'] });
    const foreign = await other.batch();
    const due = Date.now() + 5 * 86_400_000;
    await admin.mustCommand('batch.moveDueDate', { id: theirs, rev: 1, dueAt: due, reason: 'northern secret' });
    // Comes into view, is changed, leaves, is changed again out of sight.
    const wanders = await world.batch({ branch: world.branches.north });
    await admin.mustCommand('batch.edit', { id: wanders, rev: 1, branch: world.branches.south });
    await admin.mustCommand('batch.moveDueDate', { id: wanders, rev: 2, dueAt: due, reason: 'seen in the south' });
    await south.reached(await seqNow(world));
    expect([...south.state!.records.batch.keys()].sort()).toEqual([ours, wanders].sort());
    await admin.mustCommand('batch.edit', { id: wanders, rev: 3, branch: world.branches.north });
    await south.reached(await seqNow(world));
    const until3 = south.raw.join();
    await admin.mustCommand('batch.moveDueDate', { id: wanders, rev: 4, dueAt: due + 1, reason: 'hidden wandering' });
    expect(until3).toContain(wanders);

    // Errors and acknowledgements tell nothing either; nor do catch-up and snapshot.
    const acks = [
      await south.send('batch.seal', { id: theirs, count: 1 }),
      await south.send('batch.seal', { id: foreign, count: 1 }),
      await south.send('batch.moveDueDate', { id: wanders, rev: 1, dueAt: due, reason: 'x' }),
      await south.send('batch.addParts', { id: ours, parts: ['S-NORTH-1'] }),
      await driver.send('batch.arrive', { id: theirs }),
    ];
    expect(acks.map((ack) => ack.ok)).toEqual([false, false, false, false, false]);
    south.cutLine();
    await until('it is back', () => south.hellos.length === 2);
    const catchUp = await south.http.get('/api/live/catch-up?from=0');
    const snapshot = await south.http.get('/api/live/snapshot');
    await south.reached(await seqNow(world));

    const foreigners = [
      foreign,
      other.org,
      other.branches.north,
      other.customers.fast,
      other.people.ops.id,
      'secretorg',
    ];
    const toSouth = [...south.raw, JSON.stringify(acks.slice(0, 4)), catchUp.text, snapshot.text].join('\n');
    const toDriver = [...driver.raw, JSON.stringify(acks[4])].join('\n');
    for (const text of [theirs, 'northern secret', 'hidden wandering', world.branches.north, ...foreigners]) {
      expect(toSouth.includes(text), `south heard ${text}`).toBe(false);
      if (text !== world.branches.north) expect(toDriver.includes(text), `the driver heard ${text}`).toBe(false);
    }
    for (const text of [ours, wanders, 'seen in the south'])
      expect(toDriver.includes(text), `the driver heard ${text}`).toBe(false);
    expect(toSouth).toContain('seen in the south');
    for (const live of [south, driver]) {
      expect(live.raw.join()).not.toMatch(/passwordHash|tokenHash|argon2/);
      live.socket.disconnect();
    }
  });
});
