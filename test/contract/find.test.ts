import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Found, PartDetail } from '@opsboard/shared/find/found';
import { archivedQuery } from '../../server/src/find/queries.ts';
import { sweep } from '../../server/src/jobs/sweep.ts';
import { findWords } from '../../server/src/journal/find-words.ts';
import type { OrgState } from '../../server/src/journal/org-state.ts';
import { newId } from '../../server/src/platform/ids.ts';
import { createLog } from '../../server/src/platform/log.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { Client } from '../support/client.ts';
import type { TestClock } from '../support/clock.ts';
import { testClock } from '../support/clock.ts';
import type { World } from '../support/world.ts';
import { buildWorld } from '../support/world.ts';

const hour = 3_600_000;
const day = 24 * hour;
let clock: TestClock;
let app: TestApp;
let world: World;
let other: World;
let open: string;
let done: string;
let cancelled: string;

async function find(client: Client, q: string): Promise<Found> {
  const { status, body, text } = await client.get<Found>(`/api/find?q=${encodeURIComponent(q)}`);
  if (status !== 200) throw new Error(text);
  return body;
}
const detail = (client: Client, part: string) => client.get<PartDetail>(`/api/parts/${encodeURIComponent(part)}`);
/** Part → where it is, as a line. */
const places = ({ parts }: Found) => parts.map(({ part, place, batch }) => [part, place.kind, place.name, batch.id]);

beforeAll(async () => {
  clock = testClock();
  app = await startTestApp({ clock });
  world = await buildWorld(app, 'Finder');
  other = await buildWorld(app, 'Elsewhere');
  await other.batch({ parts: ['FP-40017'] });
  const { admin, people, branches } = world;
  // The same part first in a batch that is archived by now, then in one that is open.
  done = await world.batch({ parts: ['FP-40017', 'FP-40012', 'A/1-2'] });
  await admin.mustCommand('batch.seal', { id: done, count: 3 });
  await admin.mustCommand('batch.depart', { id: done, driver: people.driver2.id });
  await admin.mustCommand('batch.arrive', { id: done });
  await admin.mustCommand('batch.departBack', { id: done });
  await admin.mustCommand('batch.complete', { id: done, count: 3 });
  cancelled = await world.batch({ parts: ['FP-50001'], branch: branches.south });
  await admin.mustCommand('batch.cancel', { id: cancelled, reason: 'Ordered twice' });
  clock.advance(5 * day);
  await sweep({ ...(await app.backdoor()), clock, log: createLog('test', 'silent') } as never);
  open = await world.batch({ parts: ['FP-40017', 'FP-40018', 'FP-4'], dueAt: clock.now() + hour });
  await admin.mustCommand('batch.seal', { id: open, count: 3 });
  await admin.mustCommand('batch.handOver', { id: open, driver: people.driver1.id, count: 3 });
  await admin.mustCommand('part.create', { id: newId(), partId: 'FP-40017', label: 'Card reader' });
}, 60_000);
afterAll(() => app[Symbol.asyncDispose]());

describe('finding', () => {
  it('a part by how it or its number begins: the batch it is in now tells where it is', async () => {
    const branch = 'Finder North';
    const driver = world.people.driver1.name;
    for (const q of ['4001', 'FP-4001', ' fp-4001 ']) {
      expect(places(await find(world.admin, q))).toEqual([
        ['FP-40017', 'person', driver, open],
        ['FP-40018', 'person', driver, open],
        ['FP-40012', 'branch', branch, done],
      ]);
    }
    const { parts } = await find(world.admin, 'FP-40017');
    expect(parts[0]).toMatchObject({
      label: 'Card reader',
      batch: { status: 'sealed', sla: 'on_track', customer: 'Finder Fast' },
    });
    expect((await find(world.admin, '40012')).parts[0]).toMatchObject({
      batch: { archived: true, status: 'completed' },
    });
  });

  it('the whole part before those that only begin so; behind the first dash only', async () => {
    expect(places(await find(world.admin, '4')).map(([part]) => part)).toEqual(['FP-4', 'FP-40017', 'FP-40018']);
    expect((await find(world.admin, 'A/1-2')).parts).toHaveLength(1);
    expect((await find(world.admin, '2')).parts).toEqual([]);
    expect((await find(world.admin, '0017')).parts).toEqual([]);
  });

  it('a batch by its reference or number, on the boards, archived, or cancelled', async () => {
    const { body } = await world.admin.get<{ batch: { reference: string } }>(`/api/batches/${done}`);
    const { reference } = body.batch;
    expect((await find(world.admin, reference)).batches).toMatchObject([{ id: done, archived: true }]);
    expect((await find(world.admin, reference.slice(2))).batches).toMatchObject([{ id: done }]);
    expect((await find(world.admin, reference.toLowerCase())).batches).toMatchObject([{ id: done }]);
    expect(places(await find(world.admin, '50001'))).toEqual([['FP-50001', 'branch', 'Finder South', cancelled]]);
    expect((await find(world.admin, '50001')).parts[0]!.batch).toMatchObject({ cancelled: true, archived: true });
  });

  it('names of customers, centers, branches and people, those that begin so first', async () => {
    const { names } = await find(world.admin, 'finder');
    expect(names.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Finder Fast', 'Finder Near', 'Finder North', 'Finder ops']),
    );
    expect((await find(world.admin, 'slow')).names).toEqual([
      { kind: 'customer', id: world.customers.slow, name: 'Finder Slow', hint: 'SLA 72 h' },
    ]);
    expect(await find(world.admin, 'no such thing: ü%')).toEqual({ parts: [], batches: [], routes: [], names: [] });
  });

  it('routes by reference or number, on the boards and archived, and by who drives them, as far as they are seen', async () => {
    const { admin, people, branches } = world;
    const plan = async (driver: string, branch: string): Promise<string> => {
      const id = newId();
      const stops = [{ id: newId(), place: { kind: 'branch' as const, id: branch }, pickUp: [], handOver: [] }];
      await admin.mustCommand('route.create', { id, branch, day: '2030-02-03', driver, stops });
      return id;
    };
    const old = await plan(people.driver1.id, branches.north);
    await admin.mustCommand('route.cancel', { id: old, reason: 'Planned twice' });
    clock.advance(5 * day);
    await sweep({ ...(await app.backdoor()), clock, log: createLog('test', 'silent') } as never);
    const [north, south] = [
      await plan(people.driver1.id, branches.north),
      await plan(people.driver2.id, branches.south),
    ];
    const routes = async (client: Client, q: string): Promise<string[]> =>
      (await find(client, q)).routes.map(({ id }) => id);
    expect((await find(admin, 'R-2')).routes).toEqual([
      {
        id: north,
        reference: 'R-2',
        status: 'planned',
        day: '2030-02-03',
        driver: 'Finder driver1',
        stops: 1,
        done: 0,
      },
    ]);
    expect((await find(admin, 'r-1')).routes).toMatchObject([{ id: old, archived: true, status: 'cancelled' }]);
    expect(await routes(admin, '3')).toEqual([south]);
    expect(await routes(admin, 'DRIVER1')).toEqual([north]);
    const [southOps, driver1, driver2] = await Promise.all(
      (['southOps', 'driver1', 'driver2'] as const).map((who) => world.as(who)),
    );
    expect([await routes(southOps!, 'R-'), await routes(southOps!, 'driver')]).toEqual([[south], [south]]);
    expect(await routes(driver1!, 'R-')).toEqual([north]);
    expect(await routes(driver2!, 'R-2')).toEqual([]);
    expect(await routes(other.admin, 'R-')).toEqual([]);
  });

  it('keeps to what the asker sees, also among what is archived', async () => {
    const [south, driver1, driver2] = await Promise.all([
      world.as('southOps'),
      world.as('driver1'),
      world.as('driver2'),
    ]);
    expect(places(await find(south, 'FP-'))).toEqual([['FP-50001', 'branch', 'Finder South', cancelled]]);
    expect(places(await find(driver1, 'FP-40017')).map(([, , , batch]) => batch)).toEqual([open]);
    expect(places(await find(driver2, 'FP-40017')).map(([, , , batch]) => batch)).toEqual([done]);
    expect(places(await find(other.admin, '4001'))).toHaveLength(1);
    // What parts are is not for the road, nor for a wall.
    expect((await find(driver1, 'FP-40017')).parts[0]).not.toHaveProperty('label');
    expect((await find(driver1, 'finder')).names.map(({ kind, name }) => [kind, name])).not.toContainEqual([
      'person',
      'Finder ops',
    ]);
    for (const client of [south, driver2, other.admin]) expect((await detail(client, 'FP-40018')).status).toBe(404);
  });

  it('a query that is empty, too long or unknown is refused', async () => {
    for (const query of ['', '?q=', `?q=${'x'.repeat(81)}`, '?q=a&kind=part']) {
      expect((await world.admin.get(`/api/find${query}`)).status).toBe(400);
    }
  });
});

describe('a part', () => {
  it('tells where it is and has been, hand by hand', async () => {
    const { body } = await detail(world.admin, 'fp-40017');
    expect(body).toMatchObject({ part: 'FP-40017', label: 'Card reader', batches: [{ id: open }, { id: done }] });
    const [now, before] = body.batches;
    const chain = (batch: typeof now) =>
      batch!.custody.map(({ event, place }) => event ?? `${place.kind} ${place.name}`);
    expect(chain(now)).toEqual(['added', 'branch Finder North', `person ${world.people.driver1.name}`]);
    expect(chain(before)).toEqual([
      'added',
      'branch Finder North',
      `person ${world.people.driver2.name}`,
      'center Finder Near',
      `person ${world.people.driver2.name}`,
      'branch Finder North',
    ]);
    expect(now!.custody.at(-1)).toMatchObject({ at: now!.since, by: world.people.admin.name });
  });

  it('that is lost says so', async () => {
    const id = await world.batch({ parts: ['LOST-1', 'LOST-2'] });
    await world.admin.mustCommand('batch.seal', { id, count: 2 });
    await world.admin.mustCommand('batch.settleParts', {
      id,
      parts: ['LOST-1'],
      how: 'lost',
      reason: 'Fell off the van',
    });
    expect((await find(world.admin, 'LOST')).parts.map(({ part, place }) => [part, place.kind])).toEqual([
      ['LOST-1', 'lost'],
      ['LOST-2', 'branch'],
    ]);
    const { body } = await detail(world.admin, 'LOST-1');
    expect(body.batches[0]!.custody.at(-1)).toMatchObject({ event: 'lost', why: 'Fell off the van' });
  });

  it('with a slash in its ID is read, and an unknown one is not there', async () => {
    expect((await detail(world.admin, 'A/1-2')).body.batches).toHaveLength(1);
    expect((await detail(world.admin, 'NOPE-1')).status).toBe(404);
    expect((await detail(world.admin, 'no part')).status).toBe(404);
  });
});

describe('the archive', () => {
  it('is searched through its index: what is looked at is what is found, however much there is', async () => {
    const { connection } = await app.backdoor();
    const collection = connection.db!.collection<{ _id: string }>('batches');
    const org = newId();
    const size = 10_000;
    for (let from = 0; from < size; from += 2_000) {
      await collection.insertMany(
        Array.from({ length: 2_000 }, (_, i) => {
          const n = from + i;
          const parts = Object.fromEntries([0, 1, 2].map((k) => [`P-${100_000 + n * 3 + k}`, { addedAt: 1 }]));
          const batch = { org, reference: `B-${n}`, rev: 1, status: 'completed', branch: 'x', archivedAt: 1, parts };
          return { _id: newId(), ...batch, findWords: findWords(batch as never)! };
        }),
      );
    }
    const context = { state: { org } as OrgState, audience: { org, role: 'admin' } as const };
    for (const [text, expected] of [
      ['P-12345', 10],
      ['12345', 10],
      ['B-777', 11],
      ['P-123456', 1],
      ['Q', 0],
    ] as const) {
      const plan = await collection.find(archivedQuery(context, text)).explain('executionStats');
      const { totalKeysExamined, nReturned } = (
        plan as { executionStats: { totalKeysExamined: number; nReturned: number } }
      ).executionStats;
      expect([text, totalKeysExamined]).toEqual([text, expected]);
      expect(nReturned).toBeLessThanOrEqual(expected);
    }
  }, 60_000);
});
