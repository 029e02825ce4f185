import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../server/src/platform/ids.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { Client } from '../support/client.ts';
import type { PersonName, World } from '../support/world.ts';
import { buildWorld } from '../support/world.ts';

type Checked = { part: string; label?: string; in?: { batch: string; reference: string }; elsewhere?: true };

let app: TestApp;
let world: World;
let other: World;
let north: string;
let south: string;

beforeAll(async () => {
  app = await startTestApp();
  world = await buildWorld(app);
  other = await buildWorld(app);
  north = await world.batch({ parts: ['CHK-1', 'CHK-2'] });
  south = await world.batch({ branch: world.branches.south, parts: ['CHK-3'] });
  await world.admin.mustCommand('part.create', { id: newId(), partId: 'CHK-2', label: 'Pump housing' });
  await world.admin.mustCommand('part.create', { id: newId(), partId: 'CHK-9', label: 'Valve' });
  await other.batch({ parts: ['CHK-8'] });
  await other.admin.mustCommand('part.create', { id: newId(), partId: 'CHK-8', label: 'Not yours' });
}, 60_000);
afterAll(() => app[Symbol.asyncDispose]());

const check = async (client: Client, parts: string[]): Promise<Checked[]> => {
  const { status, body, text } = await client.post<{ parts: Checked[] }>('/api/parts/check', { parts });
  if (status !== 200) throw new Error(text);
  return body.parts;
};
const referenceOf = async (id: string) =>
  (await world.admin.get<{ batch: { reference: string } }>(`/api/batches/${id}`)).body.batch.reference;

describe('POST /api/parts/check', () => {
  it('names the open batch that holds a part and what the part is, and leaves out what nothing is known of', async () => {
    const [first, second] = [await referenceOf(north), await referenceOf(south)];
    expect(await check(world.admin, ['chk-3', 'CHK-2', 'CHK-1', 'CHK-9', 'CHK-404', 'CHK-2'])).toEqual([
      { part: 'CHK-3', in: { batch: south, reference: second } },
      { part: 'CHK-2', label: 'Pump housing', in: { batch: north, reference: first } },
      { part: 'CHK-1', in: { batch: north, reference: first } },
      { part: 'CHK-9', label: 'Valve' },
    ]);
  });

  it('says only "elsewhere" of a batch at a branch that the asker does not see', async () => {
    expect(await check(await world.as('southTeam'), ['CHK-1', 'CHK-3'])).toEqual([
      { part: 'CHK-1', elsewhere: true },
      { part: 'CHK-3', in: { batch: south, reference: await referenceOf(south) } },
    ]);
  });

  it('knows nothing of another organization', async () => {
    expect(await check(world.admin, ['CHK-8'])).toEqual([]);
    expect(await check(other.admin, ['CHK-1', 'CHK-2'])).toEqual([]);
  });

  it('a part is free again once its batch is completed or cancelled', async () => {
    const id = await world.batch({ parts: ['CHK-5'] });
    expect(await check(world.admin, ['CHK-5'])).toMatchObject([{ in: { batch: id } }]);
    await world.admin.mustCommand('batch.cancel', { id, reason: 'never sent' });
    expect(await check(world.admin, ['CHK-5'])).toEqual([]);
  });

  it.each<[PersonName, number]>([
    ['admin', 200],
    ['ops', 200],
    ['team', 200],
    ['manager', 200],
    ['southTeam', 200],
    ['driver1', 403],
    ['display', 403],
  ])('%s: %i', async (who, expected) => {
    const { status } = await (await world.as(who)).post('/api/parts/check', { parts: ['CHK-1'] });
    expect(status).toBe(expected);
  });

  it('is for people who are signed in', async () => {
    expect((await new Client(app.url).post('/api/parts/check', { parts: ['CHK-1'] })).status).toBe(401);
  });

  it.each<[string, unknown]>([
    ['no part', { parts: [] }],
    ['what is no part ID', { parts: ['$where'] }],
    ['too many', { parts: Array.from({ length: 501 }, (_, n) => `P-${n}`) }],
    ['something else', { parts: ['P-1'], org: 'x' }],
  ])('refuses %s', async (_what, body) => {
    const answer = await world.admin.post<{ code: string }>('/api/parts/check', body);
    expect([answer.status, answer.body.code]).toEqual([400, 'bad_request']);
  });

  it('takes as many as a batch holds', async () => {
    const parts = Array.from({ length: 500 }, (_, n) => `CHK-BULK-${n}`);
    expect(await check(world.admin, ['CHK-1', ...parts.slice(1)])).toHaveLength(1);
  });
});
