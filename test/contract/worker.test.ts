import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Redis } from 'ioredis';
import type { Entry } from '@opsboard/shared/protocol/entries';
import type { Batch } from '@opsboard/shared/batches/schema';
import type { Swept } from '../../server/src/jobs/sweep.ts';
import { sweep } from '../../server/src/jobs/sweep.ts';
import { newId } from '../../server/src/platform/ids.ts';
import { createLog } from '../../server/src/platform/log.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { signIn } from '../support/client.ts';
import type { TestClock } from '../support/clock.ts';
import { testClock } from '../support/clock.ts';
import { until } from '../support/until.ts';
import type { World } from '../support/world.ts';
import { buildWorld, password } from '../support/world.ts';

const hour = 3_600_000;
const day = 24 * hour;
const log = createLog('test', 'silent');
let clock: TestClock;
let app: TestApp;
let world: World;

beforeAll(async () => {
  clock = testClock();
  app = await startTestApp({ clock, webs: 1 });
  world = await buildWorld(app);
}, 60_000);
afterAll(() => app[Symbol.asyncDispose]());

const read = async (id: string) =>
  (await (await world.as('ops')).get<{ batch: Batch }>(`/api/batches/${id}`)).body.batch;
const verbs = async (id: string) =>
  (await (await world.as('ops')).get<{ entries: Entry[] }>(`/api/batches/${id}/timeline`)).body.entries.map(
    (entry) => entry.verb,
  );

async function swept(times = 1): Promise<Swept[]> {
  const { journal, dispatcher } = await app.backdoor();
  // The back door is another process: it sweeps on what its own tail has told it.
  const state = await journal.org(world.org);
  const [latest] = (await (await world.as('ops')).get<{ activity: { seq: number }[] }>('/api/activity?limit=1')).body
    .activity;
  expect(await state.waitFor(latest!.seq, 5_000)).toBe(true);
  const results = await Promise.all(Array.from({ length: times }, () => sweep({ journal, dispatcher, clock, log })));
  // And the web hears of it by its own tail.
  if (results.every(({ breached, archived }) => breached + archived === 0)) return results;
  const upTo = state.seq;
  await until('the web has heard of the sweep', async () => {
    const { body } = await (await world.as('ops')).get<{ activity: { seq: number }[] }>('/api/activity?limit=1');
    return body.activity[0]!.seq >= upTo;
  });
  return results;
}

describe('sweep', () => {
  it('puts a breach on record once for each promised date, however many sweep at once', async () => {
    const id = await world.batch({ dueAt: clock.now() + hour });
    expect(await swept()).toEqual([{ breached: 0, archived: 0, ended: 0, refused: 0 }]);
    clock.advance(hour + 1);
    const results = await swept(3);
    expect(results.reduce((sum, result) => sum + result.breached, 0)).toBe(1);
    expect((await read(id)).breachOf).toBe((await read(id)).dueAt);
    expect(await swept()).toEqual([{ breached: 0, archived: 0, ended: 0, refused: 0 }]);
    expect(await verbs(id)).toEqual(['batch.create', 'batch.markBreached']);

    const { rev } = await read(id);
    await (
      await world.as('ops')
    ).mustCommand('batch.moveDueDate', { id, rev, dueAt: clock.now() + hour, reason: 'Late truck' });
    expect(await swept()).toEqual([{ breached: 0, archived: 0, ended: 0, refused: 0 }]);
    clock.advance(hour + 1);
    expect(await swept()).toEqual([{ breached: 1, archived: 0, ended: 0, refused: 0 }]);
    expect(await verbs(id)).toEqual(['batch.create', 'batch.markBreached', 'batch.moveDueDate', 'batch.markBreached']);
  });

  it('is in the journal as done by the clock', async () => {
    const id = await world.batch({ dueAt: clock.now() + 1_000 });
    clock.advance(2_000);
    await swept();
    const { entries } = (await world.admin.get<{ entries: Entry[] }>(`/api/batches/${id}/timeline`)).body;
    expect(entries.at(-1)).toMatchObject({ verb: 'batch.markBreached', actor: { type: 'system', id: 'clock' } });
  });

  it('archives what was completed longer ago than the organization says, and frees nothing else', async () => {
    const id = await world.batch({ driver: world.people.driver1.id, dueAt: clock.now() + 30 * day });
    const open = await world.batch({ dueAt: clock.now() + 30 * day });
    for (const [name, args] of [
      ['batch.seal', { id, count: 1 }],
      ['batch.depart', { id }],
      ['batch.arrive', { id }],
      ['batch.departBack', { id }],
      ['batch.complete', { id, count: 1 }],
    ] as const) {
      await world.admin.mustCommand(name, args as never);
    }
    clock.advance(3 * day - hour);
    expect((await swept())[0]!.archived).toBe(0);
    clock.advance(2 * hour);
    expect((await swept())[0]!.archived).toBe(1);
    expect((await read(id)).archivedAt).toBeDefined();
    expect((await read(open)).archivedAt).toBeUndefined();
    expect((await swept())[0]!.archived).toBe(0);
  });

  it('takes hundreds in chunks', async () => {
    await Promise.all(Array.from({ length: 250 }, () => world.batch({ dueAt: clock.now() + hour })));
    clock.advance(2 * hour);
    expect((await swept())[0]!.breached).toBe(250);
    expect((await swept())[0]!.breached).toBe(0);
  });

  it('ends the sessions of somebody who was deactivated: let in again, their old cookie opens nothing', async () => {
    const id = newId();
    const person = {
      commandId: newId(),
      id,
      name: 'Leaver',
      email: 'leaver@worker.test',
      role: 'team_member',
      password,
    };
    expect((await world.admin.post('/api/people', person)).status).toBe(201);
    const client = await signIn(app.url, person.email, password);
    const isIn = async () => (await client.get<{ person?: object }>('/api/session')).body.person !== undefined;
    await world.admin.mustCommand('person.edit', { id, rev: 1, active: false });
    expect((await swept())[0]!.ended).toBe(1);
    await world.admin.mustCommand('person.edit', { id, rev: 2, active: true });
    expect(await isIn()).toBe(false);
    await signIn(app.url, person.email, password);
    expect((await swept())[0]!.ended).toBe(0);
  });

  it('stops between chunks when the process ends', async () => {
    await world.batch({ dueAt: clock.now() + hour });
    clock.advance(2 * hour);
    const { journal, dispatcher } = await app.backdoor();
    expect(await sweep({ journal, dispatcher, clock, log }, () => false)).toEqual({
      breached: 0,
      archived: 0,
      ended: 0,
      refused: 0,
    });
  });
});

describe('worker', () => {
  it('sweeps by itself, also after Redis was killed and after it forgot everything', async () => {
    const breached = async (id: string) =>
      until('the breach is on record', async () => (await read(id)).breachOf !== undefined, 15_000);
    await app.start('worker');
    const first = await world.batch({ dueAt: clock.now() + hour });
    clock.advance(2 * hour);
    await breached(first);

    await app.stores.redis.kill();
    const second = await world.batch({ dueAt: clock.now() + hour });
    clock.advance(2 * hour);
    await app.stores.redis.restart();
    await breached(second);

    const redis = new Redis(app.stores.redisUrl);
    const keys = await redis.keys('*');
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.filter((key) => !key.startsWith(`${app.config.REDIS_PREFIX}:`))).toEqual([]);
    await redis.flushall();
    redis.disconnect();
    const third = await world.batch({ dueAt: clock.now() + hour });
    clock.advance(2 * hour);
    await breached(third);
  }, 60_000);
});
