import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '@opsboard/shared/batches/schema';
import type { ArgsOf, CommandName } from '@opsboard/shared/protocol/deciders';
import type { Entry } from '@opsboard/shared/protocol/entries';
import type { Route } from '@opsboard/shared/routes/schema';
import { settledTime, stampedTime } from '../../web/src/lib/drive/kept/action.ts';
import { sweep } from '../../server/src/jobs/sweep.ts';
import { newId } from '../../server/src/platform/ids.ts';
import { createLog } from '../../server/src/platform/log.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { Client } from '../support/client.ts';
import type { TestClock } from '../support/clock.ts';
import { testClock } from '../support/clock.ts';
import { seeded } from '../support/random.ts';
import type { World } from '../support/world.ts';
import { buildWorld } from '../support/world.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const log = createLog('test', 'silent');
/** By how much a time may be off: the phone takes two clocks for one that are closer than that, milliseconds. */
const close = 5_000;

let clock: TestClock;
let app: TestApp;
let world: World;
let driver: Client;

beforeAll(async () => {
  clock = testClock();
  app = await startTestApp({ clock });
  world = await buildWorld(app);
  driver = await world.as('driver1');
}, 60_000);
afterAll(() => app?.[Symbol.asyncDispose]());

/** A phone without network, whose clock is wrong and may be set by somebody on the way. */
class Phone {
  readonly #kept: { name: CommandName; args: object; doneAt: number; stamp: Parameters<typeof stampedTime>[0] }[] = [];
  readonly #offset: number;
  #off: number;
  #after: number;

  /** @param off how far it is ahead, milliseconds */
  constructor(off: number) {
    this.#off = off;
    this.#offset = clock.now() - this.wall();
    this.#after = clock.now();
  }
  wall(): number {
    return clock.now() + this.#off;
  }
  setClock(off: number): void {
    this.#off = off;
  }
  act<N extends CommandName>(name: N, args: ArgsOf<N>): void {
    const stamp = { wall: this.wall(), offset: this.#offset, after: this.#after };
    const doneAt = stampedTime(stamp);
    this.#after = doneAt;
    this.#kept.push({ name, args, doneAt, stamp });
  }
  /** The network is back: what waited is sent in order. */
  async send(): Promise<void> {
    const offset = clock.now() - this.wall();
    for (const { name, args, doneAt, stamp } of this.#kept) {
      const at = settledTime({ doneAt, stamp }, offset, clock.now());
      const commandId = newId();
      const { status, text } = await driver.post('/api/commands', { commandId, name, args, doneAt: at });
      expect([name, status, text]).toEqual([name, 200, text]);
    }
  }
}

const verdicts = { withdrawn: 0, stands: 0 };
const seeds = Array.from({ length: 24 }, (_, i) => i + 1);

describe('[D6] phones up to a day wrong', () => {
  it.each(seeds)('seed %i: verdicts as with right clocks, and both times kept', async (seed) => {
    const random = seeded(seed);
    const between = (least: number, most: number): number => least + random.whole(most - least + 1);
    const batch = await world.batch({ dueAt: clock.now() + 30 * minute, driver: world.people.driver1.id });
    await world.admin.mustCommand('batch.seal', { id: batch, count: 1 });
    for (const name of ['batch.depart', 'batch.arrive', 'batch.departBack'] as const)
      await world.admin.mustCommand(name, { id: batch });
    const [id, home] = [newId(), newId()];
    await world.admin.mustCommand('route.create', {
      id,
      branch: world.branches.north,
      day: '2026-03-02',
      driver: world.people.driver1.id,
      stops: [{ id: home, place: { kind: 'branch', id: world.branches.north }, pickUp: [], handOver: [batch] }],
    });
    const { dueAt } = (await world.admin.get<{ batch: Batch }>(`/api/batches/${batch}`)).body.batch;
    const phone = new Phone(between(-day, day));
    const truth: number[] = [];
    const acts: [CommandName, object][] = [
      ['route.start', { id }],
      ['route.arrive', { id, stop: home }],
      ['route.handOver', { id, stop: home, batch, count: 1 }],
      ['route.depart', { id, stop: home }],
    ];
    // In every third seed somebody sets the clock once, between two actions.
    const set = seed % 3 === 0 ? between(1, 3) : undefined;
    for (const [i, [name, args]] of acts.entries()) {
      clock.advance(between(2 * minute, 16 * minute));
      if (i === set) phone.setClock(between(-day, day));
      truth.push(clock.now());
      phone.act(name, args as never);
    }
    clock.advance(Math.max(dueAt + minute - clock.now(), minute));
    const { journal, dispatcher } = await app.backdoor();
    await sweep({ journal, dispatcher, clock, log });
    await expect
      .poll(async () => (await world.admin.get<{ batch: Batch }>(`/api/batches/${batch}`)).body.batch.breachOf)
      .toBe(dueAt);
    await phone.send();

    const { route } = (await world.admin.get<{ route: Route }>(`/api/routes/${id}`)).body;
    const stop = route.stops[home]!;
    const recorded = [route.startedAt!, stop.arrived!.at, stop.done![batch]!.at, stop.departed!.at];
    for (const [i, at] of recorded.entries()) expect(Math.abs(at - truth[i]!), acts[i]![0]).toBeLessThan(close);
    const after = (await world.admin.get<{ batch: Batch }>(`/api/batches/${batch}`)).body.batch;
    expect(after.status).toBe('completed');
    verdicts[truth[2]! <= dueAt ? 'withdrawn' : 'stands']++;
    if (truth[2]! <= dueAt) expect(after).toMatchObject({ breachWithdrawn: { of: dueAt } });
    else expect(after).toMatchObject({ breachOf: dueAt });
    expect(after.breachOf === undefined).toBe(truth[2]! <= dueAt);
    const { entries } = (await world.admin.get<{ entries: Entry[] }>(`/api/batches/${batch}/timeline`)).body;
    const entry = entries.find(({ verb }) => verb === 'route.handOver')!;
    expect(Math.abs(entry.done - truth[2]!)).toBeLessThan(close);
    expect(entry.at).toBeGreaterThan(dueAt);
  });

  it('some of them in time and some late', () => {
    expect(verdicts.withdrawn).toBeGreaterThan(3);
    expect(verdicts.stands).toBeGreaterThan(3);
  });
});
