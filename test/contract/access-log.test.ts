import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccessRow } from '@opsboard/shared/access/verbs';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { newId } from '../../server/src/platform/ids.ts';
import { createAccessRecorder } from '../../server/src/access/recorder.ts';
import { countAccess, deleteAccess, forgetAccessOf } from '../../server/src/access/retention.ts';
import { readCsv } from '../../server/src/transfer/csv.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { Client, signIn } from '../support/client.ts';
import type { TestClock } from '../support/clock.ts';
import { testClock } from '../support/clock.ts';
import { makeKey } from '../support/key.ts';
import { keptLog } from '../support/log.ts';
import { until } from '../support/until.ts';
import type { World } from '../support/world.ts';
import { buildWorld, password } from '../support/world.ts';

type Page = { rows: AccessRow[]; next?: string; searchedTo?: number };

let clock: TestClock;
let app: TestApp;
let world: World;
let other: World;

beforeAll(async () => {
  clock = testClock();
  app = await startTestApp({ webs: 1, clock });
  world = await buildWorld(app);
  other = await buildWorld(app);
}, 60_000);
afterAll(() => app[Symbol.asyncDispose]());

async function list(query = '', client = world.admin): Promise<Page> {
  const { status, body, text } = await client.get<Page>(`/api/access${query}`);
  if (status !== 200) throw new Error(text);
  return body;
}
/** Waits until a line is there that fits. */
async function line(query: string, fits: (row: AccessRow) => boolean): Promise<AccessRow> {
  let found: AccessRow | undefined;
  await until(`a line fits ${query}`, async () => (found = (await list(query)).rows.find(fits)) !== undefined);
  return found!;
}

describe('who saw', () => {
  it('a batch that was opened, printed, and a list that was exported, each once, by name', async () => {
    const team = await world.as('team');
    const id = await world.batch();
    await world.admin.mustCommand('batch.seal', { id, count: 1 });
    for (let i = 0; i < 3; i++) await team.get(`/api/batches/${id}`);
    await team.get(`/api/batches/${id}/manifest.pdf`);
    await team.get('/api/batches/export.csv?status=sealed&q=B-');
    await line(`?record=${id}&what=printed`, () => true);
    const { rows } = await list(`?record=${id}&what=read,printed,exported`);
    const { id: person, name } = world.people.team;
    const { reference } = (await team.get<{ batch: { reference: string } }>(`/api/batches/${id}`)).body.batch;
    const by = { actor: { type: 'person', id: person }, who: name, kind: 'batch', record: id, name: reference };
    expect(rows).toMatchObject([
      { what: 'printed', detail: 'manifest.pdf', ...by },
      { what: 'read', ...by },
    ]);
    expect(rows[0]!.address).toBe('127.0.0.1');
    const exported = await line(`?who=person:${person}&what=exported`, () => true);
    expect(exported).toMatchObject({ kind: 'batch', detail: 'status=sealed&q=B-', who: name });
    expect((await list(`?record=${reference}&what=read`)).rows, 'by its reference').toHaveLength(1);
    expect((await list('?record=B-1')).rows, 'a reference that there is not').toEqual([]);
  });

  it('a search, once for all the letters it was typed with', async () => {
    const ops = await world.as('ops');
    for (const q of ['o', 'or', 'org', 'org1 n']) await ops.get(`/api/find?q=${encodeURIComponent(q)}`);
    clock.advance(4_000);
    await line('?what=found', ({ detail }) => detail === 'org1 n');
    const { rows } = await list(`?what=found&who=person:${world.people.ops.id}`);
    expect(rows.map(({ detail }) => detail)).toEqual(['org1 n']);
  });

  it('who signed in, and whose sign-in was refused; an address that nobody has is kept nowhere', async () => {
    const { id, email } = world.people.driver1;
    await signIn(app.url, email, password);
    await new Client(app.url).post('/api/session', { email, password: 'not the password' });
    await new Client(app.url).post('/api/session', { email: 'nobody@nowhere.test', password: 'not the password' });
    const entered = await line(`?who=person:${id}&what=signed_in`, () => true);
    expect(entered).toMatchObject({ who: world.people.driver1.name, address: '127.0.0.1' });
    const refused = await line('?what=sign_in_refused', () => true);
    expect(refused).toMatchObject({ kind: 'person', record: id, name: world.people.driver1.name });
    expect(refused.actor, 'nobody has proved who they are').toBeUndefined();
    const { connection } = await app.backdoor();
    const all = JSON.stringify(await connection.collection('access').find({}).toArray());
    expect(all).not.toContain('nobody@nowhere.test');
    expect(all).not.toContain('not the password');
    expect((await list('?what=changed&kind=session')).rows.filter(({ verb }) => verb === 'session.start')).toEqual([]);
  });

  it('what a key read, by its name, and what it tried in vain not', async () => {
    const key = await makeKey(world.admin, ['batches:read'], { name: 'Reporting' });
    await key.get('/api/batches?limit=1');
    await key.get('/api/people');
    const row = await line(`?who=key:${key.id}`, ({ what }) => what === 'listed');
    expect(row).toMatchObject({ detail: 'batches', who: 'key Reporting' });
    expect((await list(`?who=key:${key.id}`)).rows).toHaveLength(1);
    const { text } = await world.admin.get('/api/access/export.csv');
    expect(text).not.toContain(key.token);
  });

  it('not what was refused, or is another organization’s', async () => {
    const id = await world.batch();
    await (await world.as('southTeam')).get(`/api/batches/${id}`);
    await other.admin.get(`/api/batches/${id}`);
    await world.admin.get(`/api/batches/${id}`);
    await line(`?record=${id}&what=read`, () => true);
    expect((await list(`?record=${id}&what=read`)).rows.map(({ who }) => who)).toEqual([world.people.admin.name]);
    for (const row of (await list('?limit=200', other.admin)).rows)
      expect(row.actor?.type === 'person' ? Object.values(world.people).map(({ id: one }) => one) : []).not.toContain(
        row.actor?.id,
      );
    expect((await list(`?record=${id}`, other.admin)).rows).toEqual([]);
  });
});

describe('who changed', () => {
  it('is in the same list, with the fields and the reason, without what is personal or secret', async () => {
    const id = await world.batch();
    const ops = await world.as('ops');
    await ops.mustCommand('batch.cancel', { id, reason: 'Sent twice' });
    await world.admin.mustCommand('person.edit', { id: world.people.driver2.id, rev: 1, phone: '+49 171 555' });
    await ops.get(`/api/batches/${id}`);
    await line(`?record=${id}&what=read`, () => true);
    const { rows } = await list(`?record=${id}`);
    expect(rows).toMatchObject([
      { what: 'read', who: world.people.ops.name },
      { what: 'changed', verb: 'batch.cancel', who: world.people.ops.name, why: 'Sent twice' },
      { what: 'changed', verb: 'batch.create', who: world.people.admin.name },
    ]);
    const [edit] = (await list(`?record=${world.people.driver2.id}&what=changed`)).rows;
    expect(edit).toMatchObject({ verb: 'person.edit', detail: 'phone', name: world.people.driver2.name });
    const { text } = await world.admin.get('/api/access/export.csv');
    for (const secret of ['171 555', password, 'passwordHash:']) expect(text).not.toContain(secret);
  });

  it('is narrowed by person, kind and day', async () => {
    const { id } = world.people.ops;
    const mine = await list(`?who=person:${id}&what=changed&limit=200`);
    expect(mine.rows.length).toBeGreaterThan(0);
    for (const row of mine.rows) expect(row.actor).toEqual({ type: 'person', id });
    for (const row of (await list('?kind=customer&limit=200')).rows) expect(row.kind).toBe('customer');
    const today = new Date(clock.now()).toISOString().slice(0, 10);
    expect((await list(`?from=${today}`)).rows.length).toBeGreaterThan(0);
    expect((await list('?to=2020-01-01')).rows).toEqual([]);
    expect((await list('?from=2199-01-01')).rows).toEqual([]);
  });
});

describe('the list', () => {
  it('comes in pages, newest first, without a gap or a repeat, and as a file', async () => {
    const team = await world.as('team');
    for (let i = 0; i < 30; i++) await team.get(`/api/batches/${await world.batch()}`);
    const whole = async (): Promise<AccessRow[]> => {
      const rows: AccessRow[] = [];
      for (let cursor = ''; ;) {
        const page = await list(`?limit=17${cursor}`);
        rows.push(...page.rows);
        if (page.next === undefined) return rows;
        cursor = `&cursor=${page.next}`;
      }
    };
    await line(`?who=person:${world.people.team.id}&what=read`, () => true);
    const { connection } = await app.backdoor();
    await until(
      'all are written',
      async () => (await connection.collection('access').countDocuments({ what: 'read', kind: 'batch' })) >= 30,
    );
    const rows = await whole();
    const entries = await connection
      .collection('journal')
      .countDocuments({ org: world.org, verb: { $nin: ['session.start', 'session.renew'] } });
    expect(rows.filter(({ what }) => what === 'changed')).toHaveLength(entries);
    expect(new Set(rows.map(({ what, id }) => `${what === 'changed'}${id}`)).size).toBe(rows.length);
    const seen = rows.filter(({ what }) => what !== 'changed');
    // By their own times; entries keep the order in which they were made.
    expect(seen.map(({ at }) => at)).toEqual(seen.map(({ at }) => at).sort((a, b) => b - a));
    const { text, headers } = await world.admin.get('/api/access/export.csv?what=changed');
    expect(headers.get('content-disposition')).toMatch(/filename="access-log-\d{4}-\d\d-\d\d\.csv"/);
    const table = await readCsv(text, 100_000);
    if ('message' in table) throw new Error(table.message);
    expect(table.rows).toHaveLength(entries);
    expect(table.columns.slice(0, 4)).toEqual(['Time (UTC)', 'What', 'Command', 'Who']);
  });

  it('says how far it has looked where little fits, and goes on from there', async () => {
    const { readAccess } = await import('../../server/src/access/queries.ts');
    const { connection, journal } = await app.backdoor();
    const state = await journal.org(world.org);
    // More entries than one look takes in, none of which fits.
    for (let i = 0; i < 4; i++) {
      const commands = Array.from({ length: 500 }, () => ({
        commandId: newId(),
        name: 'customer.create',
        args: { id: newId(), name: `C ${newId()}`, slaHours: 24 },
      }));
      await world.admin.post('/api/commands/bulk', { commands });
    }
    await until('it is heard', () => state.seq > 2_000);
    const filter = { kind: 'organization', what: ['changed'] as const };
    const first = await readAccess({ connection, journal }, state, filter, { limit: 10, reach: 1_000 });
    expect(first.rows).toEqual([]);
    expect(first.searchedTo).toBeTypeOf('number');
    let page = first;
    for (let i = 0; i < 20 && page.next; i++)
      page = await readAccess({ connection, journal }, state, filter, { limit: 10, reach: 1_000, before: page.next });
    expect(page.rows.at(-1)).toMatchObject({ verb: 'organization.create' });
  });

  it('is for admins of all branches', async () => {
    const code = async (client: Client) => (await client.get<WireError>('/api/access')).body.code;
    for (const who of ['ops', 'team', 'driver1', 'manager', 'display'] as const)
      expect([who, await code(await world.as(who))]).toEqual([who, 'forbidden']);
    const { id, email } = world.people.southOps;
    await world.admin.mustCommand('person.edit', { id, rev: 1, role: 'admin' });
    const limited = await signIn(app.url, email, password);
    expect(await code(limited)).toBe('forbidden');
    expect((await limited.get<WireError>('/api/access/export.csv')).body.code).toBe('forbidden');
    for (const wrong of ['?who=nobody:1', '?what=eaten', '?from=yesterday', '?cursor=x', '?page=2'])
      expect((await world.admin.get(`/api/access${wrong}`)).status).toBe(400);
  });
});

describe('what is kept', () => {
  it('goes by its age, counted before, and loses who it was about when they are erased', async () => {
    const { connection } = await app.backdoor();
    const team = await world.as('team');
    await team.get(`/api/find?q=${newId().slice(0, 8)}`);
    const id = await world.batch();
    await team.get(`/api/batches/${id}`);
    clock.advance(5_000);
    await until('they are written', async () => {
      const lines = connection.collection('access');
      const of = { org: world.org, 'actor.id': world.people.team.id };
      return (
        (await lines.countDocuments({ ...of, what: 'found' })) > 0 && (await lines.countDocuments({ ...of, id })) > 0
      );
    });
    expect(await forgetAccessOf(connection, world.org, world.people.team.id)).toBeGreaterThan(1);
    const { rows } = await list(`?who=person:${world.people.team.id}&limit=200`);
    expect(rows.filter(({ address }) => address !== undefined)).toEqual([]);
    expect(rows.filter(({ what, detail }) => what === 'found' && detail !== undefined)).toEqual([]);
    const before = clock.now() + 1;
    const theirs = await countAccess(connection, other.org, before);
    const count = await countAccess(connection, world.org, before);
    expect(count).toBeGreaterThan(5);
    expect(await deleteAccess(connection, world.org, before, 5)).toBe(5);
    let gone = 5;
    for (let some = -1; some !== 0; gone += some) some = await deleteAccess(connection, world.org, before, 100);
    expect(gone).toBe(count);
    expect(await countAccess(connection, world.org, before)).toBe(0);
    expect(await countAccess(connection, other.org, before), 'nothing of the others').toBe(theirs);
  });

  it('is written when the server stops, and says what there was no room for', async () => {
    const { connection } = await app.backdoor();
    const { log } = keptLog();
    const org = newId();
    const recorder = createAccessRecorder({ connection, clock, log, room: 10 });
    for (let i = 0; i < 25; i++) recorder.record({ org, what: 'read', kind: 'batch', id: newId() });
    expect(recorder.lost).toBe(15);
    await recorder.flush();
    recorder.record({ org, what: 'found', detail: 'abc' });
    await recorder.close();
    const kept = await connection.collection('access').find({ org }).toArray();
    expect(kept.filter(({ what }) => what === 'read')).toHaveLength(10);
    expect(kept.filter(({ what }) => what === 'found')).toHaveLength(1);
    expect(kept.find(({ what }) => what === 'lost')).toMatchObject({ detail: '15' });
  });
});
