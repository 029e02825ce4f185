import { createHash } from 'node:crypto';
import { get as httpGet } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from '@opsboard/shared/protocol/entries';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { createLog } from '../../server/src/platform/log.ts';
import { newId } from '../../server/src/platform/ids.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { signIn } from '../support/client.ts';
import type { TestClock } from '../support/clock.ts';
import { testClock } from '../support/clock.ts';
import { KeyClient, makeKey } from '../support/key.ts';
import { LiveClient } from '../support/live-client.ts';
import { until } from '../support/until.ts';
import type { World } from '../support/world.ts';
import { buildWorld, password } from '../support/world.ts';

const lines: string[] = [];
let clock: TestClock;
let app: TestApp;
let world: World;
let other: World;

beforeAll(async () => {
  clock = testClock();
  const log = createLog('test', 'trace', { write: (line: string) => void lines.push(line) });
  app = await startTestApp({ webs: 2, clock, log });
  world = await buildWorld(app);
  other = await buildWorld(app);
  await world.admin.mustCommand('part.create', { id: newId(), partId: 'KEY-1', label: 'Card reader' });
}, 60_000);
afterAll(() => app[Symbol.asyncDispose]());

const code = async (answer: Promise<{ status: number; body: unknown }>): Promise<string> => {
  const { status, body } = await answer;
  return status < 300 ? 'ok' : (body as WireError).code;
};

describe('a new key', () => {
  it('is told once; the database keeps its hash, the journal and the log nothing of it', async () => {
    const key = await makeKey(world.admin, ['batches:read'], { name: 'Told once' });
    expect(key.token).toMatch(/^ops_[A-Za-z0-9_-]{43}$/);
    expect(await code(key.get('/api/batches'))).toBe('ok');
    const { connection } = await app.backdoor();
    const stored = await connection.collection('apiKeys').findOne({ _id: key.id as never });
    expect(stored).toMatchObject({
      tokenHash: createHash('sha256').update(key.token).digest('hex'),
      hint: key.token.slice(-4),
    });
    const entry = await connection.collection('journal').findOne({ id: key.id });
    expect(entry).toMatchObject({ verb: 'apiKey.create', touched: ['tokenHash'] });
    const collections = await connection.db!.listCollections().toArray();
    for (const { name } of collections) {
      const all = JSON.stringify(await connection.collection(name).find({}).toArray());
      expect(all.includes(key.token), name).toBe(false);
    }
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.filter((line) => line.includes(key.token) || line.includes(String(stored!['tokenHash'])))).toEqual([]);
  });

  it('is not answered twice under one command id, nor made by a command', async () => {
    const body = { commandId: newId(), id: newId(), name: 'Twice', scopes: ['people:read'] };
    expect((await world.admin.post('/api/keys', body)).status).toBe(201);
    expect(await code(world.admin.post('/api/keys', body))).toBe('command_id_reused');
    const args = { id: newId(), name: 'N', scopes: ['people:read' as const], tokenHash: 'a'.repeat(64), hint: 'abcd' };
    expect(await world.admin.outcome('apiKey.create', args)).toBe('bad_request');
  });

  it('is an admin’s to make, and reaches no further than they do', async () => {
    const body = () => ({ commandId: newId(), id: newId(), name: 'N', scopes: ['batches:read'] });
    for (const who of ['ops', 'team', 'driver1', 'manager', 'display'] as const)
      expect([who, await code((await world.as(who)).post('/api/keys', body()))]).toEqual([who, 'forbidden']);
    const south = [world.branches.south];
    const { id, email } = world.people.southOps;
    await world.admin.mustCommand('person.edit', { id, rev: 1, role: 'admin' });
    const limited = await signIn(app.url, email, password);
    expect(await code(limited.post('/api/keys', body()))).toBe('forbidden');
    expect(await code(limited.post('/api/keys', { ...body(), branches: [world.branches.north] }))).toBe('forbidden');
    const own = await makeKey(limited, ['batches:read'], { branches: south });
    expect(await limited.outcome('apiKey.edit', { id: own.id, rev: 1, branches: null })).toBe('forbidden');
    await world.admin.mustCommand('person.edit', { id, rev: 2, role: 'operations_manager' });
  });

  it.each([
    ['no scope', { scopes: [] }, 'bad_request'],
    ['a scope that there is not', { scopes: ['settings:write'] }, 'bad_request'],
    ['an end that has passed', { expiresAt: 1_600_000_000_000 }, 'date_not_ahead'],
    ['a branch of another organization', { branches: 'other' }, 'unknown_reference'],
  ])('is refused with %s', async (_what, wrong, expected) => {
    const given = 'branches' in wrong ? { branches: [other.branches.north] } : wrong;
    const body = { commandId: newId(), id: newId(), name: 'N', scopes: ['batches:read'], ...given };
    expect(await code(world.admin.post('/api/keys', body))).toBe(expected);
  });
});

describe('what a key may do', () => {
  /** By hand: what each scope opens, and what none does. */
  const reads: [path: string, scopes: string[]][] = [
    ['/api/batches', ['batches:read', 'batches:write']],
    ['/api/batches/export.csv', ['batches:read', 'batches:write']],
    ['/api/batches/BATCH', ['batches:read', 'batches:write']],
    ['/api/batches/BATCH/timeline', ['batches:read', 'batches:write']],
    ['/api/batches/BATCH/manifest.pdf', ['batches:read', 'batches:write']],
    ['/api/find?q=P-', ['batches:read', 'batches:write']],
    ['/api/customers', ['directory:read', 'directory:write']],
    ['/api/customers/export.csv', ['directory:read', 'directory:write']],
    ['/api/parts/export.csv', ['batches:read', 'batches:write', 'directory:read', 'directory:write']],
    ['/api/parts/labels.pdf?parts=KEY-1', ['batches:read', 'batches:write', 'directory:read', 'directory:write']],
    ['/api/people', ['people:read']],
    ['/api/activity', []],
    ['/api/keys/used', []],
    ['/api/live/snapshot', []],
    ['/api/live/catch-up?from=0', []],
  ];
  const scopes = ['batches:read', 'batches:write', 'directory:read', 'directory:write', 'people:read'] as const;

  it.each(scopes)('%s reads what it says and nothing else', async (scope) => {
    const batch = await world.batch();
    await world.admin.mustCommand('batch.seal', { id: batch, count: 1 });
    const key = await makeKey(world.admin, [scope]);
    for (const [path, held] of reads) {
      const expected = held.includes(scope) ? 'ok' : 'forbidden';
      expect([path, await code(key.get(path.replace('BATCH', batch)))]).toEqual([path, expected]);
    }
  });

  it('changes what its scopes say, in its own name, and nothing else', async () => {
    const batch = await world.batch();
    const key = await makeKey(world.admin, ['batches:write'], { name: 'Warehouse sync' });
    await key.mustCommand('batch.seal', { id: batch, count: 1 });
    const { body } = await world.admin.get<{ entries: Entry[] }>(`/api/batches/${batch}/timeline`);
    expect(body.entries.at(-1)).toMatchObject({ verb: 'batch.seal', actor: { type: 'key', id: key.id } });
    const seen = await (await world.as('team')).get<{ entries: Entry[] }>(`/api/batches/${batch}/timeline`);
    expect(seen.body.entries.at(-1)!.actor).toEqual({ type: 'key', id: key.id });
    const person = world.people.driver2;
    expect(await key.outcome('customer.create', { id: newId(), name: 'C', slaHours: 48 })).toBe('forbidden');
    expect(await key.outcome('branch.create', { id: newId(), name: 'B' })).toBe('forbidden');
    expect(await key.outcome('person.edit', { id: person.id, rev: 1, name: 'X' })).toBe('forbidden');
    expect(await key.outcome('organization.edit', { id: world.org, rev: 1, name: 'X' })).toBe('forbidden');
    expect(await key.outcome('apiKey.revoke', { id: key.id })).toBe('forbidden');
    expect(await key.outcome('apiKey.edit', { id: key.id, rev: 1, scopes: ['people:read'] })).toBe('forbidden');
    expect(await key.outcome('session.endAll', { person: person.id, sessions: [newId()] })).toBe('forbidden');
    expect(
      await code(key.post('/api/keys', { commandId: newId(), id: newId(), name: 'N', scopes: ['people:read'] })),
    ).toBe('forbidden');
    expect(await code(key.post('/api/password', { current: 'x', next: 'y'.repeat(12) }))).toBe('forbidden');
    expect(await code(key.delete('/api/sessions'))).toBe('forbidden');
    const writer = await makeKey(world.admin, ['directory:write']);
    const customer = newId();
    await writer.mustCommand('customer.create', { id: customer, name: 'By key', slaHours: 48 });
    expect(await writer.outcome('batch.seal', { id: batch, count: 1 })).toBe('forbidden');
    const file = { commandId: newId(), kind: 'customers', csv: 'Name,SLA hours\nImported by key,24\n' };
    expect(await code(writer.post('/api/import', file))).toBe('ok');
    expect(await code(key.post('/api/import', { ...file, commandId: newId() }))).toBe('forbidden');
  });

  it('stays within its branches, for reading and writing, also by finding', async () => {
    const [north, south] = [await world.batch(), await world.batch({ branch: world.branches.south })];
    const key = await makeKey(world.admin, ['batches:write'], { branches: [world.branches.south] });
    const { body } = await key.get<{ batches: { id: string }[] }>('/api/batches?limit=500');
    expect(body.batches.map(({ id }) => id)).toContain(south);
    expect(body.batches.map(({ id }) => id)).not.toContain(north);
    expect(await code(key.get(`/api/batches/${north}`))).toBe('not_found');
    expect(await key.outcome('batch.seal', { id: north, count: 1 })).toBe('not_found');
    expect(await key.outcome('batch.edit', { id: south, rev: 1, branch: world.branches.north })).toBe('forbidden');
    expect(await key.outcome('batch.seal', { id: south, count: 1 })).toBe('ok');
    const found = await key.get<{ names: unknown[] }>('/api/find?q=org');
    expect(found.body.names, 'names are the directory’s').toEqual([]);
  });

  it('knows its own organization only', async () => {
    const theirs = await other.batch();
    const key = await makeKey(world.admin, ['batches:write', 'people:read', 'directory:write']);
    expect(await code(key.get(`/api/batches/${theirs}`))).toBe('not_found');
    expect(await key.outcome('batch.seal', { id: theirs, count: 1 })).toBe('not_found');
    const { text } = await key.get('/api/people');
    for (const { id } of Object.values(other.people)) expect(text).not.toContain(id);
    expect(await other.admin.outcome('apiKey.revoke', { id: key.id })).toBe('not_found');
    const used = await other.admin.get<{ used: object }>('/api/keys/used');
    expect(used.body.used).not.toHaveProperty(key.id);
  });

  it('narrowed, it is narrower at once', async () => {
    const key = await makeKey(world.admin, ['batches:read', 'people:read']);
    expect(await code(key.get('/api/people'))).toBe('ok');
    await world.admin.mustCommand('apiKey.edit', { id: key.id, rev: 1, scopes: ['batches:read'] });
    expect(await code(key.get('/api/people'))).toBe('forbidden');
    expect(await code(key.get('/api/batches'))).toBe('ok');
  });
});

describe('a request with a key', () => {
  it('never speaks for the cookie beside it', async () => {
    const key = await makeKey(world.admin, ['batches:read']);
    const cookie = { cookie: world.admin.cookie! };
    expect(await code(key.get('/api/people', cookie))).toBe('forbidden');
    const me = await key.get<{ person?: unknown }>('/api/session', cookie);
    expect([me.status, me.body.person]).toEqual([200, undefined]);
    await key.delete('/api/session', cookie);
    expect((await world.admin.get<{ person?: unknown }>('/api/session')).body.person, 'still signed in').toBeDefined();
    for (const wrong of ['', 'x', `ops_${'A'.repeat(43)}`])
      expect(await code(world.admin.get('/api/batches', { authorization: `Bearer ${wrong}` }))).toBe('not_signed_in');
    // Another scheme is not ours: a proxy in front may ask for one.
    expect(await code(world.admin.get('/api/batches', { authorization: 'Basic eDp5' }))).toBe('ok');
  });

  it('needs no origin, and a stranger’s page gains nothing by it', async () => {
    const batch = await world.batch();
    const key = await makeKey(world.admin, ['batches:write']);
    const evil = { origin: 'https://evil.test' };
    const seal = { commandId: newId(), name: 'batch.seal', args: { id: batch, count: 1 } };
    expect(await code(world.admin.post('/api/commands', seal, evil))).toBe('wrong_origin');
    expect(
      await code(world.admin.post('/api/commands', seal, { ...evil, authorization: 'Bearer ops_guess' })),
      'the cookie is not looked at',
    ).toBe('not_signed_in');
    expect(await code(key.post('/api/commands', seal, evil))).toBe('ok');
  });

  it('opens no socket', async () => {
    const key = await makeKey(world.admin, ['batches:read']);
    await using line = await new LiveClient(key, { follow: false, headers: key.headers }).settled();
    expect([line.hellos, line.refusals.map((refusal) => refusal.code)]).toEqual([[], ['forbidden']]);
  });

  it('is held back when there are too many, and nobody else is', async () => {
    const [busy, calm] = [await makeKey(world.admin, ['batches:read']), await makeKey(world.admin, ['batches:read'])];
    const statuses: number[] = [];
    while (statuses.length < 4_000 && statuses.at(-1) !== 429) {
      const some = Array.from({ length: 50 }, () => busy.get('/api/batches?limit=1'));
      statuses.push(...(await Promise.all(some)).map(({ status }) => status));
    }
    expect(statuses.slice(0, 600).every((status) => status === 200)).toBe(true);
    expect(statuses).toContain(429);
    expect(await code(calm.get('/api/batches'))).toBe('ok');
    await until('it has its turn again', async () => (await busy.get('/api/batches')).status === 200);
  });
});

describe('the end of a key', () => {
  it('is everywhere within a second, also in the middle of an export', async () => {
    const key = await makeKey(world.admin, ['batches:read']);
    const there = key.at(app.webs[1]!.url);
    expect(await code(there.get('/api/batches'))).toBe('ok');
    await manyArchived(await world.batch());
    const request = httpGet(`${there.url}/api/batches/export.csv?archived=true`, {
      headers: { authorization: `Bearer ${key.token}` },
    });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    await once(response, 'readable');
    let received = (response.read() as Buffer).length;
    const began = performance.now();
    await world.admin.mustCommand('apiKey.revoke', { id: key.id });
    await until('it is refused there', async () => (await there.get('/api/batches')).status === 401, 1_000);
    expect(performance.now() - began).toBeLessThan(1_000);
    const ended = new Promise<string>((resolve) => {
      response.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      response.once('end', () => resolve('whole'));
    });
    response.on('data', (bytes: Buffer) => (received += bytes.length));
    expect(await ended).toBe('ECONNRESET');
    expect(received).toBeLessThan(archivedBytes);
    expect(await code(key.get('/api/batches'))).toBe('not_signed_in');
    expect(await key.outcome('batch.seal', { id: newId(), count: 1 })).toBe('not_signed_in');
    expect(await world.admin.outcome('apiKey.revoke', { id: key.id })).toBe('nothing_to_change');
  }, 30_000);

  it('comes by itself on its day', async () => {
    const key = await makeKey(world.admin, ['batches:read'], { expiresAt: clock.now() + 60_000 });
    expect(await code(key.get('/api/batches'))).toBe('ok');
    clock.advance(60_000);
    expect(await code(key.get('/api/batches'))).toBe('not_signed_in');
    expect(await code(key.at(app.webs[1]!.url).get('/api/batches'))).toBe('not_signed_in');
  });
});

describe('last used', () => {
  it('is told to admins, to the minute, and is no entry of the journal', async () => {
    const key = await makeKey(world.admin, ['batches:read']);
    const used = async () =>
      (await world.admin.get<{ used: { [id: string]: number } }>('/api/keys/used')).body.used[key.id];
    expect(await used()).toBeUndefined();
    const { journal } = await app.backdoor();
    const state = await journal.org(world.org);
    const seq = state.seq;
    const from = clock.now();
    await key.get('/api/batches');
    await until('it is written', async () => (await used()) !== undefined);
    const first = (await used())!;
    expect(first >= from && first <= clock.now()).toBe(true);
    clock.advance(30_000);
    await key.get('/api/batches');
    clock.advance(31_000);
    await key.get('/api/batches');
    await until('it is written again, a minute later', async () => (await used())! > first);
    expect(await used(), 'not in between').toBeGreaterThanOrEqual(first + 60_000);
    expect(state.seq).toBe(seq);
  });
});

// Last: from here on this place is not believed to bring a new key.
describe('a wrong key', () => {
  it('is not guessed: wrong keys from one place are soon not looked at', async () => {
    const known = await makeKey(world.admin, ['batches:read']);
    expect(await code(known.get('/api/batches'))).toBe('ok');
    const guess = () =>
      new KeyClient(app.url, `ops_${newId().replaceAll('-', '').padEnd(43, 'x')}`).get('/api/batches');
    const codes: string[] = [];
    for (let i = 0; i < 25; i++) codes.push(await code(guess()));
    expect(codes[0]).toBe('not_signed_in');
    expect(codes.at(-1)).toBe('too_many_requests');
    expect(await code(known.get('/api/batches')), 'who is known goes on').toBe('ok');
  });
});

/** More than a socket takes in unread: an export of these waits for its reader. */
const archivedBytes = 16_000_000;
async function manyArchived(like: string): Promise<void> {
  const { connection } = await app.backdoor();
  const batches = connection.collection<{ _id: string }>('batches');
  const { openParts: _open, ...stored } = (await batches.findOne({ _id: like })) as { [field: string]: unknown };
  const parts = Object.fromEntries(
    Array.from({ length: 200 }, (_, i) => [`LONG-PART-ID-OF-AN-OLD-BATCH-${i}`.padEnd(40, 'X'), { addedAt: 1 }]),
  );
  const count = archivedBytes / 8_000;
  const made = Array.from({ length: count }, (_, i) => ({
    ...stored,
    _id: newId(),
    reference: `A-${i}`,
    parts,
    status: 'completed',
    archivedAt: clock.now(),
  }));
  await batches.insertMany(made as never[], { ordered: false });
}
