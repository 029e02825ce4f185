import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Batch } from '@opsboard/shared/batches/schema';
import type { Entry } from '@opsboard/shared/protocol/entries';
import type { Staleness } from '@opsboard/shared/protocol/frames';
import type { Route } from '@opsboard/shared/routes/schema';
import { sweep } from '../../server/src/jobs/sweep.ts';
import { newId } from '../../server/src/platform/ids.ts';
import { createLog } from '../../server/src/platform/log.ts';
import { startSteadyClock } from '../../server/src/platform/steady-clock.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { BoardClient } from '../support/board-client.ts';
import { openBoard } from '../support/board-client.ts';
import { DriverPhone } from '../support/driver-phone.ts';
import { until } from '../support/until.ts';
import type { World } from '../support/world.ts';
import { buildWorld } from '../support/world.ts';

const minute = 60_000;
const hour = 60 * minute;
const log = createLog('test', 'silent');

/** A machine whose hands can be moved, and on which time can pass. */
function machine() {
  let [passed, hands] = [0, 0];
  const sinceBoot = (): number => performance.now() + passed;
  const steady = startSteadyClock(log, {
    now: () => Date.now() + passed + hands,
    monotonic: sinceBoot,
    sinceBoot,
  });
  return {
    // Time that a test lets go by is none for deadlines: who was not heard for so long would be taken for dead.
    clock: { ...steady, monotonic: () => performance.now() },
    /** The right time, whatever the hands say. */
    right: () => Date.now() + passed,
    /** Time goes by. */
    pass: (ms: number) => {
      passed += ms;
      steady.check();
    },
    /** Somebody moves the hands. */
    step: (ms: number) => {
      hands += ms;
      steady.check();
    },
  };
}

let on: ReturnType<typeof machine>;
let app: TestApp;
let world: World;
let board: BoardClient;
let phone: DriverPhone;
/** What the phone's connection was told of the server's clock. */
let words: Staleness[];
let online: boolean;

beforeAll(async () => {
  on = machine();
  app = await startTestApp({ clock: on.clock });
  world = await buildWorld(app);
}, 60_000);
afterAll(async () => {
  on?.clock.close();
  await app?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  words = [];
  online = true;
  board = await openBoard(world, 'driver1', app.url);
  board.socket.on('stale', (word) => void words.push(word));
  phone = new DriverPhone(board, world.people.driver1.id, {
    url: () => app.url,
    loses: () => (online ? undefined : 'request'),
    now: on.right,
  });
});
afterEach(() => board[Symbol.asyncDispose]());

const readBatch = async (id: string): Promise<Batch> =>
  (await world.admin.get<{ batch: Batch }>(`/api/batches/${id}`)).body.batch;
const readRoute = async (id: string): Promise<Route> =>
  (await world.admin.get<{ route: Route }>(`/api/routes/${id}`)).body.route;

/** A batch on its way home, due in half an hour, on a route of the driver's. */
async function planned(): Promise<{ id: string; stop: string; batch: string; dueAt: number }> {
  world.admin.now = on.right;
  const dueAt = on.right() + 30 * minute;
  const batch = await world.batch({ dueAt, driver: world.people.driver1.id });
  await world.admin.mustCommand('batch.seal', { id: batch, count: 1 });
  for (const name of ['batch.depart', 'batch.arrive', 'batch.departBack'] as const)
    await world.admin.mustCommand(name, { id: batch });
  const [id, stop] = [newId(on.right()), newId(on.right())];
  await world.admin.mustCommand('route.create', {
    id,
    branch: world.branches.north,
    day: '2026-03-02',
    driver: world.people.driver1.id,
    stops: [{ id: stop, place: { kind: 'branch', id: world.branches.north }, pickUp: [], handOver: [batch] }],
  });
  await until('the phone has it, and that the one before is over', () => {
    const routes = board.replica.all('route');
    return routes.has(id) && ![...routes.values()].some(({ status }) => status === 'under_way');
  });
  return { id, stop, batch, dueAt };
}

/** Does one thing on the phone. @returns when, by the right time */
async function act(name: Parameters<DriverPhone['act']>[0], args: object): Promise<number> {
  const at = on.right();
  expect(await phone.act(name, args as never), name).toBeUndefined();
  await phone.send();
  return at;
}

/** The times of the route's steps as they are kept, and of their entries. */
async function kept(id: string, stop: string, batch: string) {
  const route = await readRoute(id);
  const { arrived, done, departed } = route.stops[stop]!;
  const times = [route.startedAt!, arrived!.at, done![batch]!.at, departed!.at];
  const { entries } = (await world.admin.get<{ entries: Entry[] }>(`/api/batches/${batch}/timeline`)).body;
  return { times, handed: entries.find(({ verb }) => verb === 'route.handOver')! };
}

describe("the server's hands are moved while a phone waits to send", () => {
  it.each([
    ['an hour on', hour],
    ['an hour back', -hour],
  ])('%s: what was done has its time, in order, and no breach comes or goes', async (_what, ms) => {
    const { id, stop, batch, dueAt } = await planned();
    const done = [await act('route.start', { id })];
    online = false;
    on.pass(5 * minute);
    done.push(await act('route.arrive', { id, stop }));
    on.step(ms);
    await until('everybody is told', () => words.some(({ clockOff }) => Math.abs((clockOff ?? 0) - ms) < 5_000));
    on.pass(5 * minute);
    done.push(await act('route.handOver', { id, stop, batch, count: 1 }));
    done.push(await act('route.depart', { id, stop }));
    const { journal, dispatcher } = await app.backdoor();
    await sweep({ journal, dispatcher, clock: on.clock, log });
    expect((await readBatch(batch)).breachOf, 'it is not late by the right time').toBeUndefined();

    online = true;
    await phone.send();
    expect(await phone.waiting()).toBe(0);
    const { times, handed } = await kept(id, stop, batch);
    for (const [i, at] of times.entries()) expect(Math.abs(at - done[i]!), `step ${i}`).toBeLessThan(5_000);
    expect(times, 'in order').toEqual([...times].sort((a, b) => a - b));
    expect(handed.done).toBe(times[2]);
    expect(handed.at, 'when it came is kept, too').toBeGreaterThan(handed.done);
    const after = await readBatch(batch);
    expect(after).toMatchObject({ status: 'completed', since: times[2] });
    expect(after.breachOf).toBeUndefined();
    expect(after.dueAt).toBe(dueAt);
    on.step(-ms);
    await until('all is well again', () => words.at(-1)!.clockOff === undefined);
  });

  it('an hour back, and left so until it is believed: no step is before the one before it', async () => {
    const { id, stop, batch } = await planned();
    await act('route.start', { id });
    await act('route.arrive', { id, stop });
    on.step(-hour);
    on.pass(11 * minute);
    await until('it is believed', () => words.length > 0 && words.at(-1)!.clockOff === undefined);
    expect(on.clock.now()).toBeLessThan(on.right() - hour + minute);
    // A desk acts for the phone, and says no time.
    await world.admin.mustCommand('route.handOver', { id, stop, batch, count: 1 });
    await world.admin.mustCommand('route.depart', { id, stop });
    const { times, handed } = await kept(id, stop, batch);
    expect(times, 'in order').toEqual([...times].sort((a, b) => a - b));
    const after = await readBatch(batch);
    expect([after.since, after.steps.completed!.at], 'stop and batch say the same').toEqual([times[2], times[2]]);
    expect(handed.at, 'when it came is kept as the clock said').toBeLessThan(times[0]!);
    on.step(hour);
    on.pass(11 * minute);
  });
});
