import { expect, it } from 'vitest';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { startTestApp } from '../support/app.ts';
import { Client } from '../support/client.ts';
import { until } from '../support/until.ts';
import { buildWorld, password } from '../support/world.ts';

it('[L12] without its database a web says so, tells no records, writes nothing, and comes back by itself', async () => {
  await using app = await startTestApp();
  const world = await buildWorld(app);
  const id = await world.batch();
  const code = async (path: string) => (await world.admin.get<WireError>(path)).body.code;

  await app.stores.mongo.kill();
  await until('it is not ready', async () => (await world.admin.get('/readyz')).status === 503);
  for (const path of ['/api/batches', `/api/batches/${id}`, '/api/people', '/api/activity', '/api/figures/day']) {
    expect([path, await code(path)]).toEqual([path, 'unavailable']);
  }
  const ack = await world.admin.command('batch.seal', { id, count: 1 });
  expect(ack).toMatchObject({ ok: false, error: { code: 'unavailable' } });
  expect((await new Client(app.url).post('/api/session', { email: world.people.ops.email, password })).status).toBe(
    503,
  );
  // What is known without the database is still said: the process lives, and who is signed in.
  expect((await world.admin.get('/healthz')).status).toBe(200);
  expect((await world.admin.get('/api/session')).status).toBe(200);

  await app.stores.mongo.restart();
  await until('it is ready again', async () => (await world.admin.get('/readyz')).status === 200, 30_000);
  await until('records are told again', async () => (await world.admin.get('/api/batches')).status === 200, 10_000);
  await world.admin.mustCommand('batch.seal', { id, count: 1 });
}, 90_000);
