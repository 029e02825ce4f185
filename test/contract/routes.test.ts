import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '@opsboard/shared/batches/schema';
import type { ArgsOf, CommandName } from '@opsboard/shared/protocol/deciders';
import type { Entry } from '@opsboard/shared/protocol/entries';
import type { Ack } from '@opsboard/shared/protocol/envelope';
import type { Route } from '@opsboard/shared/routes/schema';
import { sweep } from '../../server/src/jobs/sweep.ts';
import { newId } from '../../server/src/platform/ids.ts';
import { createLog } from '../../server/src/platform/log.ts';
import { readCsv } from '../../server/src/transfer/csv.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { Client } from '../support/client.ts';
import type { TestClock } from '../support/clock.ts';
import { testClock } from '../support/clock.ts';
import { connectLive } from '../support/live-client.ts';
import { jpegPicture } from '../support/pictures.ts';
import type { World } from '../support/world.ts';
import { buildWorld } from '../support/world.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = '2026-03-02';
const log = createLog('test', 'silent');
let clock: TestClock;
let app: TestApp;
let world: World;
let driver: Client;

beforeAll(async () => {
  clock = testClock();
  app = await startTestApp({ clock, webs: 2 });
  world = await buildWorld(app);
  driver = await world.as('driver1');
}, 60_000);
afterAll(() => app[Symbol.asyncDispose]());

/** A command with the time at which it was done. @returns the code of its refusal, or `ok` */
async function done<N extends CommandName>(
  who: Client,
  name: N,
  args: ArgsOf<N>,
  doneAt?: number,
  commandId = newId(),
) {
  const { body } = await who.post<Ack & { code?: string }>('/api/commands', {
    commandId,
    name,
    args,
    ...(doneAt === undefined ? {} : { doneAt }),
  });
  return body.code ?? 'ok';
}
const batchOf = async (id: string): Promise<Batch> =>
  (await world.admin.get<{ batch: Batch }>(`/api/batches/${id}`)).body.batch;
const routeOf = async (id: string, who = world.admin): Promise<Route> =>
  (await who.get<{ route: Route }>(`/api/routes/${id}`)).body.route;
const timeline = async (path: string): Promise<Entry[]> =>
  (await world.admin.get<{ entries: Entry[] }>(`/api/${path}/timeline`)).body.entries;

async function sealedBatch(fields: Parameters<World['batch']>[0] = {}): Promise<string> {
  const id = await world.batch(fields);
  await world.admin.mustCommand('batch.seal', { id, count: 1 });
  return id;
}

/** A route of driver1: batches from the north branch to the near center. */
async function planned(batches: string[], more: Partial<ArgsOf<'route.create'>> = {}) {
  const [id, pick, hand] = [newId(), newId(), newId()];
  const args = {
    id,
    branch: world.branches.north,
    day,
    driver: world.people.driver1.id,
    stops: [
      { id: pick, place: { kind: 'branch' as const, id: world.branches.north }, pickUp: batches, handOver: [] },
      { id: hand, place: { kind: 'center' as const, id: world.centers.near }, pickUp: [], handOver: batches },
    ],
    ...more,
  };
  await world.admin.mustCommand('route.create', args);
  return { id, pick, hand, args };
}

/** Finishes what a test has left, so that the driver is free for the next one. */
async function finish(id: string, stops: readonly string[]): Promise<void> {
  for (const stop of stops) await done(world.admin, 'route.skip', { id, stop, reason: 'the test is over' });
}

describe('a pick-up and a hand-over', () => {
  it('move batch and route in one command: neighbours in the journal, one frame on every screen', async () => {
    const batch = await sealedBatch();
    const { id, pick, hand } = await planned([batch]);
    await driver.mustCommand('route.start', { id });
    const desk = await connectLive(await world.as('ops', app.webs[1]!.url));
    await desk.settled();
    const commandId = newId();
    expect(await done(driver, 'route.pickUp', { id, stop: pick, batch, count: 1 }, undefined, commandId)).toBe('ok');
    const [onRoute, onBatch] = [
      (await timeline(`routes/${id}`)).filter((entry) => entry.commandId === commandId),
      (await timeline(`batches/${batch}`)).filter((entry) => entry.commandId === commandId),
    ];
    expect([onRoute.length, onBatch.length]).toEqual([1, 1]);
    expect(Math.abs(onRoute[0]!.seq - onBatch[0]!.seq)).toBe(1);
    await desk.reached(Math.max(onRoute[0]!.seq, onBatch[0]!.seq));
    const told = desk.frames.filter(({ changes }) => changes.some(({ id: changed }) => changed === batch));
    expect(
      told
        .at(-1)!
        .changes.map(({ kind }) => kind)
        .sort(),
    ).toEqual(['batch', 'route']);
    expect(desk.state!.records.batch.get(batch)).toMatchObject({ status: 'in_transit_to_center', route: id });
    // Told twice, done once.
    expect(await done(driver, 'route.pickUp', { id, stop: pick, batch, count: 1 }, undefined, commandId)).toBe('ok');
    expect((await timeline(`batches/${batch}`)).filter(({ verb }) => verb === 'route.pickUp')).toHaveLength(1);
    expect(await done(driver, 'route.depart', { id, stop: pick })).toBe('ok');
    expect(await done(driver, 'route.handOver', { id, stop: hand, batch, count: 1, receiver: 'M. Devries' })).toBe(
      'ok',
    );
    expect(await done(driver, 'route.depart', { id, stop: hand })).toBe('ok');
    expect(await batchOf(batch)).toMatchObject({ status: 'at_center', steps: { at_center: { route: id, count: 1 } } });
    expect((await batchOf(batch)).route).toBeUndefined();
    const over = await routeOf(id);
    expect(over).toMatchObject({ status: 'finished', receivers: { [`${hand}/${batch}`]: 'M. Devries' } });
    // Who received is on the record, and nowhere in its history.
    expect(JSON.stringify(await timeline(`routes/${id}`))).not.toContain('Devries');
    desk.socket.disconnect();
  });

  it('[D4] a batch that is on a route is moved there, not by hand', async () => {
    const batch = await sealedBatch();
    const { id, pick, hand } = await planned([batch]);
    expect(await done(world.admin, 'batch.depart', { id: batch, driver: world.people.driver1.id })).toBe('on_route');
    expect((await batchOf(batch)).driver).toBe(world.people.driver1.id);
    expect(await done(world.admin, 'route.cancel', { id, reason: 'no' })).toBe('ok');
    expect(await batchOf(batch)).not.toHaveProperty('driver');
    expect(await done(world.admin, 'batch.depart', { id: batch, driver: world.people.driver1.id })).toBe('ok');
    void [pick, hand];
  });
});

describe('[D3] two desks', () => {
  it('that plan the same batch on two routes at once, through two processes: one does', async () => {
    for (let round = 0; round < 4; round++) {
      const batch = await sealedBatch();
      const [ops, team] = [await world.as('ops', app.webs[0]!.url), await world.as('team', app.webs[1]!.url)];
      const plan = () => ({
        id: newId(),
        branch: world.branches.north,
        day,
        stops: [
          { id: newId(), place: { kind: 'branch' as const, id: world.branches.north }, pickUp: [batch], handOver: [] },
        ],
      });
      const [mine, theirs] = [plan(), plan()];
      const answers = await Promise.all([done(ops, 'route.create', mine), done(team, 'route.create', theirs)]);
      expect(answers.toSorted()).toEqual(['ok', 'on_route']);
      const winner = answers[0] === 'ok' ? mine.id : theirs.id;
      expect((await batchOf(batch)).route).toBe(winner);
    }
  });

  it('what a driver taps is no conflict for a desk, nor the other way round; two desks are', async () => {
    const batch = await sealedBatch();
    const { id, pick, hand, args } = await planned([batch]);
    await driver.mustCommand('route.start', { id });
    const { plan, rev } = await routeOf(id);
    expect(await done(driver, 'route.arrive', { id, stop: pick })).toBe('ok');
    const stops = [
      ...args.stops,
      { id: newId(), place: { kind: 'center' as const, id: world.centers.far }, pickUp: [], handOver: [] },
    ];
    // Planned on what was there before the tap; the stop that was reached meanwhile stays as it is.
    expect(await done(world.admin, 'route.plan', { id, plan, stops })).toBe('ok');
    expect(await done(driver, 'route.pickUp', { id, stop: pick, batch, count: 1 })).toBe('ok');
    expect(await done(await world.as('ops'), 'route.plan', { id, plan, stops: [] })).toBe('rev_conflict');
    expect(await done(world.admin, 'route.edit', { id, rev, vehicle: 'Van 1' }), 'on a rev before the plan').toBe(
      'rev_conflict',
    );
    expect((await routeOf(id)).order.slice(0, 2)).toEqual([pick, hand]);
    await finish(id, (await routeOf(id)).order);
  });
});

describe('[D5] a phone that was offline', () => {
  it('tells late what was done in time: in order, each at its time, none before the step before it', async () => {
    const batch = await sealedBatch();
    const { id, pick, hand } = await planned([batch]);
    clock.advance(5 * hour);
    const began = clock.now() - 3 * hour;
    const acts: [CommandName, object, number][] = [
      ['route.start', {}, began],
      ['route.arrive', { stop: pick }, began + 10 * minute],
      ['route.pickUp', { stop: pick, batch, count: 1 }, began + 15 * minute],
      ['route.depart', { stop: pick }, began + 20 * minute],
      // A clock that was set back on the way.
      ['route.arrive', { stop: hand }, began - 24 * hour],
      ['route.handOver', { stop: hand, batch, count: 1 }, clock.now() + 24 * hour],
    ];
    for (const [name, args, at] of acts) expect(await done(driver, name, { id, ...args } as never, at)).toBe('ok');
    const { stops, startedAt } = await routeOf(id);
    expect(startedAt).toBe(began);
    expect(stops[pick]).toMatchObject({
      arrived: { at: began + 10 * minute },
      departed: { at: began + 20 * minute },
      done: { [batch]: { at: began + 15 * minute } },
    });
    expect(stops[hand]!.arrived!.at, 'not before the step before it').toBe(began + 20 * minute);
    const handed = stops[hand]!.done![batch]!.at;
    expect(handed, 'not after it was told').toBeLessThanOrEqual(clock.now());
    expect((await batchOf(batch)).steps).toMatchObject({
      in_transit_to_center: { at: began + 15 * minute },
      at_center: { at: handed },
    });
    await finish(id, [hand]);
  });

  it('[D6] withdraws a breach, visibly, when the batch was home in time', async () => {
    const batch = await sealedBatch({ dueAt: clock.now() + hour, driver: world.people.driver1.id });
    for (const [name, more] of [
      ['batch.depart', {}],
      ['batch.arrive', {}],
      ['batch.departBack', {}],
    ] as const)
      await world.admin.mustCommand(name, { id: batch, ...more });
    const home = newId();
    const { id } = await planned([], {
      stops: [{ id: home, place: { kind: 'branch', id: world.branches.north }, pickUp: [], handOver: [batch] }],
    });
    await driver.mustCommand('route.start', { id });
    const { dueAt } = await batchOf(batch);
    const inTime = clock.now() + 20 * minute;
    clock.advance(2 * hour);
    const { journal, dispatcher } = await app.backdoor();
    await sweep({ journal, dispatcher, clock, log });
    await expect.poll(async () => (await batchOf(batch)).breachOf).toBe(dueAt);
    expect(await done(driver, 'route.handOver', { id, stop: home, batch, count: 1 }, inTime)).toBe('ok');
    const after = await batchOf(batch);
    expect(after).toMatchObject({ status: 'completed', since: inTime, breachWithdrawn: { of: dueAt } });
    expect(after).not.toHaveProperty('breachOf');
    expect(after).not.toHaveProperty('response');
    const last = (await timeline(`batches/${batch}`)).at(-1)!;
    expect(last).toMatchObject({ verb: 'route.handOver', done: inTime, was: { breachOf: dueAt } });
    expect(last.at).toBeGreaterThan(dueAt);
    expect(last.why).toContain('withdrawn');
    await finish(id, [home]);
  });

  it('a departure told late is taken, and what was left undone is said; told at once it is refused by name', async () => {
    const batch = await sealedBatch();
    const { id, pick, hand } = await planned([batch]);
    await driver.mustCommand('route.start', { id });
    await driver.mustCommand('route.arrive', { id, stop: pick });
    expect(await done(driver, 'route.depart', { id, stop: pick })).toBe('illegal_step');
    clock.advance(10 * minute);
    expect(await done(driver, 'route.depart', { id, stop: pick }, clock.now() - 5 * minute)).toBe('ok');
    const { reference } = await batchOf(batch);
    expect((await routeOf(id)).stops[pick]!.skipped!.why).toContain(reference);
    expect(await batchOf(batch)).not.toHaveProperty('route');
    await finish(id, [hand]);
  });

  it('reports what was not accepted, also of a route that is another driver’s by now', async () => {
    const { id, args } = await planned([]);
    await world.admin.mustCommand('route.assign', { id, plan: 1, driver: world.people.driver2.id });
    expect(await done(driver, 'route.start', { id })).toBe('not_found');
    const problem = newId();
    const text = 'Pick-up of B-1 at 10:02 was not accepted';
    expect(await done(driver, 'route.report', { id, problem, reason: 'not_accepted', text })).toBe('ok');
    expect((await routeOf(id)).problems![problem]).toMatchObject({ by: world.people.driver1.id, text });
    expect(await done(driver, 'route.resolve', { id, problem })).toBe('forbidden');
    await world.admin.mustCommand('route.resolve', { id, problem, how: 'Rang them' });
    void args;
  });

  it('nothing else: every action of a phone whose whole route went to somebody else is refused, and can be told', async () => {
    const batch = await sealedBatch();
    const { id, pick, hand } = await planned([batch]);
    await driver.mustCommand('route.start', { id });
    const { plan } = await routeOf(id);
    await world.admin.mustCommand('route.assign', { id, plan, driver: world.people.driver2.id });
    const before = await routeOf(id);
    const at = { id, stop: pick };
    for (const [name, args] of [
      ['route.arrive', at],
      ['route.pickUp', { ...at, batch, count: 1 }],
      ['route.depart', at],
      ['route.skip', { ...at, reason: 'Closed' }],
      ['route.handOver', { id, stop: hand, batch, count: 1 }],
      ['route.acknowledge', { id, plan: before.plan }],
      ['route.finish', { id }],
    ] as const)
      expect([name, await done(driver, name, args)]).toEqual([name, 'not_found']);
    expect(await routeOf(id)).toEqual(before);
    const problem = newId();
    const report = { id, problem, reason: 'not_accepted', stop: pick, batch, text: 'Picked up' } as const;
    expect(await done(driver, 'route.report', report)).toBe('ok');
    expect((await routeOf(id)).problems![problem]).toMatchObject({ by: world.people.driver1.id, stop: pick, batch });
    await finish(id, [pick, hand]);
  });

  it('also where nobody had it in between', async () => {
    const { id } = await planned([]);
    await world.admin.mustCommand('route.assign', { id, plan: 1, driver: null });
    await world.admin.mustCommand('route.assign', { id, plan: 2, driver: world.people.driver2.id });
    expect(await done(driver, 'route.start', { id })).toBe('not_found');
    expect(await done(driver, 'route.report', { id, problem: newId(), reason: 'not_accepted' })).toBe('ok');
  });

  it('also where it was given by mistake, and that was undone', async () => {
    const { id } = await planned([]);
    const { driver1, driver2 } = world.people;
    const [commandId, other] = [newId(), await world.as('driver2')];
    await world.admin.mustCommand('route.assign', { id, plan: 1, driver: driver2.id }, { commandId });
    expect(await done(other, 'route.acknowledge', { id, plan: 2 })).toBe('ok');
    expect(await done(world.admin, 'undo', { commandId })).toBe('ok');
    expect(await routeOf(id)).toMatchObject({ driver: driver1.id, formerDrivers: [driver1.id, driver2.id] });
    expect(await done(other, 'route.start', { id })).toBe('not_found');
    expect(await done(other, 'route.report', { id, problem: newId(), reason: 'not_accepted' })).toBe('ok');
    expect(await done(driver, 'route.start', { id })).toBe('ok');
    await finish(id, (await routeOf(id)).order);
  });
});

describe('what is seen of routes', () => {
  it('a place that moves or is called by another number reaches who has still to go there, and an undo brings it back', async () => {
    const stopAt = (kind: 'branch' | 'customer', at: string) => ({
      ...{ id: newId(), place: { kind, id: at }, pickUp: [], handOver: [] },
    });
    const { admin, branches } = world;
    const customer = newId();
    await admin.mustCommand('customer.create', {
      id: customer,
      name: 'Moving',
      slaHours: 48,
      contactPhone: '+49 30 111111',
    });
    const stops = [stopAt('customer', customer), stopAt('branch', branches.north), stopAt('customer', customer)];
    const { id } = await planned([], { stops });
    const [gone, , ahead] = (await routeOf(id)).order as [string, string, string];
    await done(driver, 'route.start', { id });
    await done(driver, 'route.arrive', { id, stop: gone });
    await done(driver, 'route.depart', { id, stop: gone });
    const { rev, plan } = await routeOf(id);

    await admin.mustCommand('customer.edit', {
      id: customer,
      rev: 1,
      contactPhone: '+49 30 222222',
      address: '9 New Road',
    });
    const after = await routeOf(id, driver);
    expect(after.places![ahead]).toEqual({ name: 'Moving', phone: '+49 30 222222', address: '9 New Road' });
    expect(after.places![gone], 'as it was driven').toEqual({ name: 'Moving', phone: '+49 30 111111' });
    expect([after.rev, after.plan], 'no new plan').toEqual([rev + 1, plan]);
    expect(JSON.stringify(await timeline(`routes/${id}`)), 'and not in its history').not.toContain('222222');
    await admin.mustCommand('customer.edit', { id: customer, rev: 2, slaHours: 24 });
    expect((await routeOf(id)).rev, 'what a driver is not told of changes nothing').toBe(rev + 1);

    const into = newId();
    await admin.mustCommand('customer.create', { id: into, name: 'Kept', slaHours: 48, contactPhone: '+49 30 333333' });
    const commandId = newId();
    expect(await done(admin, 'customer.merge', { id: customer, into, rev: 3 }, undefined, commandId)).toBe('ok');
    expect((await routeOf(id)).places![ahead]).toEqual({ name: 'Kept', phone: '+49 30 333333' });
    expect(await done(admin, 'undo', { commandId })).toBe('ok');
    expect((await routeOf(id)).places![ahead]).toEqual({
      name: 'Moving',
      phone: '+49 30 222222',
      address: '9 New Road',
    });
    for (const stop of (await routeOf(id)).order.slice(1)) await done(driver, 'route.skip', { id, stop, reason: 'no' });
    await done(driver, 'route.finish', { id });
    expect(await routeOf(id)).toMatchObject({ status: 'finished' });
    await admin.mustCommand('customer.edit', { id: customer, rev: 5, contactPhone: '+49 30 444444' });
    expect(JSON.stringify(await routeOf(id)), 'nobody goes there any more').not.toContain('444444');
  });

  it('by drivers their own, with what they must know of the places; by a wall screen without it', async () => {
    const { id } = await planned([], {
      stops: [{ id: newId(), place: { kind: 'customer', id: world.customers.slow }, pickUp: [], handOver: [] }],
    });
    const [stop] = (await routeOf(id)).order;
    expect((await routeOf(id, driver)).places![stop!]).toMatchObject({ phone: '+49 30 1234567' });
    expect((await (await world.as('driver2')).get(`/api/routes/${id}`)).status).toBe(404);
    expect((await (await world.as('southOps')).get(`/api/routes/${id}`)).status).toBe(404);
    expect(await routeOf(id, await world.as('display'))).not.toHaveProperty('places');
    const mine = await driver.get<{ routes: Route[] }>('/api/routes');
    expect(new Set(mine.body.routes.map((one) => one.driver))).toEqual(new Set([world.people.driver1.id]));
    const live = await connectLive(driver);
    await live.settled();
    expect(live.state!.records.route.has(id)).toBe(true);
    // Customers that are on none of their routes have a name, and nothing to reach them by.
    expect(live.raw.join('')).not.toContain('fast@');
    live.socket.disconnect();
    // Erasing the customer's contacts reaches what drivers are told.
    const { rev } = live.state!.records.customer.get(world.customers.slow)!;
    await world.admin.mustCommand('customer.eraseContacts', { id: world.customers.slow, rev });
    expect((await routeOf(id, driver)).places![stop!]).not.toHaveProperty('phone');
    await world.admin.mustCommand('route.cancel', { id, reason: 'no' });
    expect((await driver.get(`/api/routes/${id}`)).status).toBe(404);
  });

  it('exports what the list shows, archived or not, as a table that no spreadsheet runs', async () => {
    const on = '2031-05-06';
    const batch = await sealedBatch();
    const mine = await planned([batch], { day: on, vehicle: '=1+1' });
    await world.admin.mustCommand('route.start', { id: mine.id });
    await driver.mustCommand('route.pickUp', { id: mine.id, stop: mine.pick, batch, count: 2, reason: 'One more' });
    await driver.mustCommand('route.report', { id: mine.id, problem: newId(), reason: 'road' });
    const south = newId();
    const { branches, people } = world;
    await world.admin.mustCommand('route.create', { id: south, branch: branches.south, day: on, stops: [] });
    const gone = await planned([], { day: on, driver: people.driver2.id });
    await world.admin.mustCommand('route.cancel', { id: gone.id, reason: 'Planned twice' });
    clock.advance(4 * 24 * hour);
    await sweep({ ...(await app.backdoor()), clock, log } as never);
    const exported = async (query: string, who = world.admin) => {
      const { status, text, headers } = await who.get(`/api/routes/export.csv?from=${on}&to=${on}${query}`);
      expect([status, headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
      const table = await readCsv(text, 100_000);
      if ('message' in table) throw new Error(table.message);
      expect(Number(headers.get('x-total-rows'))).toBe(table.rows.length);
      return {
        text,
        name: /filename="(.+)"/.exec(headers.get('content-disposition') ?? '')?.[1],
        rows: table.rows.map(({ cells }) => Object.fromEntries(table.columns.map((name, i) => [name, cells[i] ?? '']))),
      };
    };
    const references = async (query: string, who?: Client): Promise<string[]> =>
      (await exported(query, who)).rows.map((row) => row['Reference']!);
    const [a, b] = await Promise.all([mine.id, south].map(async (id) => (await routeOf(id)).reference));
    const { reference: c } = await routeOf(gone.id);
    const { rows, name, text } = await exported('');
    expect(text).toContain(",'=1+1,");
    expect(name).toBe(`routes-${on}.csv`);
    expect(rows).toMatchObject([
      {
        Reference: a,
        Day: on,
        Status: 'Under way',
        Driver: people.driver1.name,
        'Stop count': '2',
        'Stops done': '0',
        'Batch count': '1',
        'Picked up': '1',
        'Handed over': '0',
        'Not as expected': '1',
        'Problems open': '1',
      },
      { Reference: b, Status: 'Planned', Driver: '', 'Stop count': '0', Stops: '' },
    ]);
    expect(rows[0]!['Stops']).toMatch(/^1 .* North, arrived \d{4}-\d\d-\d\d \d\d:\d\d\n2 .* Near$/);
    expect(await references('&archived=true')).toEqual([c]);
    // Of a day in the order in which they were made.
    expect(await references('&archived=all')).toEqual([a, b, c]);
    expect(await references('&archived=all&status=cancelled')).toEqual([c]);
    expect(await references(`&archived=all&driver=${people.driver2.id}`)).toEqual([c]);
    expect(await references('&archived=all', await world.as('southOps'))).toEqual([b]);
    expect(await references('&archived=all', driver)).toEqual([a]);
    expect((await world.admin.get('/api/routes/export.csv?archived=some')).status).toBe(400);
    await finish(mine.id, [mine.pick, mine.hand]);
  });

  it('lists them by day, status and driver, page by page, and those that were archived', async () => {
    const made = [];
    for (const on of ['2026-05-01', '2026-05-02', '2026-05-02', '2026-05-03'])
      made.push((await planned([], { day: on, driver: world.people.driver2.id })).id);
    const list = async (query: string) =>
      (await world.admin.get<{ routes: Route[]; next?: string }>(`/api/routes?${query}`)).body;
    const ids = ({ routes }: { routes: Route[] }) => routes.map(({ id }) => id);
    const may = `from=2026-05-01&to=2026-05-31&driver=${world.people.driver2.id}`;
    expect(ids(await list(may))).toEqual([made[3], made[1], made[2], made[0]]);
    expect(ids(await list(`${may}&status=finished`))).toEqual([]);
    const first = await list(`${may}&limit=2`);
    const second = await list(`${may}&limit=2&cursor=${first.next}`);
    expect([...ids(first), ...ids(second)]).toEqual([made[3], made[1], made[2], made[0]]);
    expect(second.next).toBeUndefined();

    for (const id of made.slice(0, 3)) await world.admin.mustCommand('route.cancel', { id, reason: 'no' });
    clock.advance(4 * 24 * hour);
    const { journal, dispatcher } = await app.backdoor();
    await sweep({ journal, dispatcher, clock, log });
    await expect.poll(async () => ids(await list(may))).toEqual([made[3]]);
    const archived = await list(`${may}&archived=true&limit=2`);
    const rest = await list(`${may}&archived=true&limit=2&cursor=${archived.next}`);
    expect([...ids(archived), ...ids(rest)]).toEqual([made[1], made[2], made[0]]);
    expect(await routeOf(made[0]!)).not.toHaveProperty('places');
  });
});

describe('[D7] the proof of a hand-over', () => {
  const upload = async (who: Client): Promise<string> => {
    const id = newId();
    const exif = Buffer.concat([Buffer.from([0xff, 0xe1, 0, 14]), Buffer.from('Exif\0\0GPS 52')]);
    const data = Buffer.concat([jpegPicture.subarray(0, 20), exif, jpegPicture.subarray(20)]);
    expect((await who.post('/api/files', { id, data: data.toString('base64') })).status).toBe(200);
    return id;
  };
  const bytes = async (who: Client, id: string) => {
    const answer = await fetch(`${who.url}/api/files/${id}`, { headers: { cookie: who.cookie! } });
    return answer.status === 200 ? Buffer.from(await answer.arrayBuffer()) : answer.status;
  };

  it('is asked for by name, is a file of the driver’s own, loses where it was taken, and is not other drivers’', async () => {
    const { body } = await world.admin.get<{ organization: { rev: number } }>('/api/session');
    const proof = { receiver: 'required', signature: 'optional', photo: 'required' } as const;
    await world.admin.mustCommand('organization.edit', { id: world.org, rev: body.organization.rev, proof });
    const batch = await sealedBatch();
    const { id, pick, hand } = await planned([batch]);
    await driver.mustCommand('route.start', { id });
    await driver.mustCommand('route.pickUp', { id, stop: pick, batch, count: 1 });
    const args = { id, stop: hand, batch, count: 1 };
    const refused = await driver.post<{ details: { missing: string[] } }>('/api/commands', {
      commandId: newId(),
      name: 'route.handOver',
      args,
    });
    expect(refused.body).toMatchObject({
      code: 'proof_required',
      field: 'receiver',
      details: { missing: ['receiver', 'photo'] },
    });
    const receiver = 'M. Devries';
    const theirs = await upload(await world.as('driver2'));
    expect(await done(driver, 'route.handOver', { ...args, receiver, photo: theirs })).toBe('unknown_reference');
    expect(await done(driver, 'route.handOver', { ...args, receiver, photo: newId() })).toBe('unknown_reference');
    const photo = await upload(driver);
    expect(await bytes(await world.as('ops'), photo), 'nobody’s yet').toBe(404);
    expect(await done(driver, 'route.handOver', { ...args, receiver, photo })).toBe('ok');
    for (const who of ['driver1', 'ops', 'team', 'manager'] as const)
      expect((await bytes(await world.as(who), photo)) as Buffer, who).toEqual(jpegPicture);
    for (const who of ['driver2', 'southOps', 'display'] as const)
      expect(await bytes(await world.as(who), photo), who).toBe(404);
    await finish(id, [hand]);
  });
});
