import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { createLog } from '../../server/src/platform/log.ts';
import { newId } from '../../server/src/platform/ids.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { Client, signIn } from '../support/client.ts';
import type { TestClock } from '../support/clock.ts';
import { testClock } from '../support/clock.ts';
import { connectLive } from '../support/live-client.ts';
import type { Stores } from '../support/stores.ts';
import { startStores } from '../support/stores.ts';
import { until } from '../support/until.ts';
import type { World } from '../support/world.ts';
import { buildWorld, password } from '../support/world.ts';

type Me = {
  setUp: boolean;
  person?: { id: string; email: string };
  audience?: string;
  organization?: { name: string };
  now: number;
};

const minute = 60_000;
const lines: string[] = [];
let stores: Stores;
let clock: TestClock;
let app: TestApp;
let world: World;

beforeAll(async () => {
  stores = await startStores();
  clock = testClock();
  const log = createLog('test', 'trace', { write: (line: string) => void lines.push(line) });
  app = await startTestApp({ stores, webs: 2, clock, log });
  world = await buildWorld(app);
}, 60_000);
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await stores[Symbol.asyncDispose]();
});

const me = async (client: Client): Promise<Me> => (await client.get<Me>('/api/session')).body;
const isIn = async (client: Client): Promise<boolean> => (await me(client)).person !== undefined;
/** Another web hears of an end by its tail of the journal, within a second. */
const isOut = (client: Client) => until('the session has ended there', async () => !(await isIn(client)), 1_000);

describe('first start', () => {
  it('happens once, also when many try at once on two processes', async () => {
    await using fresh = await startTestApp({ stores, webs: 2 });
    expect(await me(new Client(fresh.url))).toEqual({ setUp: false, now: expect.any(Number) });
    const attempts = Array.from({ length: 10 }, (_, i) => {
      const client = new Client(fresh.webs[i % 2]!.url);
      const admin = { name: `Admin ${i}`, email: `admin${i}@first.test`, password };
      return client.post('/api/setup', { organization: { name: `Org ${i}`, timeZone: 'UTC' }, admin });
    });
    const statuses = (await Promise.all(attempts)).map((answer) => answer.status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(9);
    const { connection } = await fresh.backdoor();
    expect(await connection.collection('organizations').find({}).toArray()).toHaveLength(1);
    expect(await connection.collection('people').find({}).toArray()).toHaveLength(1);
    expect((await me(new Client(fresh.url))).setUp).toBe(true);
  });

  it.each([
    ['a short password', { admin: { password: 'short' } }, 'admin.password'],
    ['no e-mail address', { admin: { email: 'admin' } }, 'admin.email'],
    ['a time zone that is none', { organization: { timeZone: 'Mars/Base' } }, 'organization.timeZone'],
    ['a name of two lines', { organization: { name: 'A\nB' } }, 'organization.name'],
    ['a field of its own', { organization: { plan: 'gold' } }, 'organization.plan'],
  ])('refuses %s by its field', async (_what, wrong: { organization?: object; admin?: object }, field) => {
    const { status, body } = await new Client(app.url).post<WireError>('/api/setup', {
      organization: { name: 'A', timeZone: 'UTC', ...wrong.organization },
      admin: { name: 'A', email: 'a@b.test', password, ...wrong.admin },
    });
    expect([status, body.code, body.field]).toEqual([400, 'bad_request', field]);
  });
});

describe('signing in', () => {
  it('tells who one is, without anything secret', async () => {
    const client = await signIn(app.url, world.people.ops.email.toUpperCase(), password);
    const { body, text } = await client.get<Me>('/api/session');
    expect(body).toMatchObject({
      setUp: true,
      person: { id: world.people.ops.id, email: world.people.ops.email },
      organization: { id: world.org },
    });
    expect(body.audience).toContain('operations_manager');
    expect(text).not.toMatch(/argon2|tokenHash|passwordHash/);
  });

  it('sets a cookie that scripts and other sites cannot use, and that says how long it holds', async () => {
    const { headers } = await new Client(app.url).post('/api/session', { email: world.people.ops.email, password });
    const [cookie = ''] = headers.getSetCookie();
    expect(cookie).toMatch(/^opsboard=[\w-]{43}; Path=\/; Max-Age=25(91999|92000); HttpOnly; SameSite=Lax$/);
  });

  it('sets a secure cookie of this host only where people come by https', async () => {
    await using secure = await startTestApp({ stores, env: { PUBLIC_URL: 'https://board.example.com' } });
    const { headers } = await new Client(secure.url).post('/api/setup', {
      organization: { name: 'A', timeZone: 'UTC' },
      admin: { name: 'A', email: 'a@secure.test', password },
    });
    expect(headers.getSetCookie()[0]).toMatch(
      /^__Host-opsboard=[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/,
    );
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
    expect(headers.get('content-security-policy')).toContain('wss://board.example.com');
  });

  it('makes a new token each time and takes none that was brought along (fixation)', async () => {
    const planted = `opsboard=${'B'.repeat(43)}`;
    const client = new Client(app.url, planted);
    await client.post('/api/session', { email: world.people.ops.email, password });
    expect(client.cookie).not.toBe(planted);
    expect(await isIn(client)).toBe(true);
    expect(await isIn(new Client(app.url, planted))).toBe(false);
    const again = client.at(app.url);
    await again.post('/api/session', { email: world.people.ops.email, password });
    expect(again.cookie).not.toBe(client.cookie);
  });

  it('stores the hash of the token and of the password, never these', async () => {
    const client = await signIn(app.url, world.people.manager.email, password);
    const token = client.cookie!.split('=')[1]!;
    const { connection } = await app.backdoor();
    const stored = await connection
      .collection('sessions')
      .findOne({ tokenHash: createHash('sha256').update(token).digest('hex') });
    expect(stored).toMatchObject({ person: world.people.manager.id });
    for (const name of ['sessions', 'people', 'journal', 'receipts']) {
      const text = JSON.stringify(await connection.collection(name).find({}).toArray());
      expect(text).not.toContain(token);
      expect(text).not.toContain(password);
      // [J9] not even hashes are in entries
      if (name === 'journal') expect(text).not.toMatch(/argon2|tokenHash":/);
    }
  });

  it('answers an unknown address and a wrong password alike', async () => {
    const wrong = await new Client(app.url).post('/api/session', {
      email: world.people.driver2.email,
      password: 'not this one',
    });
    const unknown = await new Client(app.url).post('/api/session', {
      email: 'nobody@nowhere.test',
      password: 'not this one',
    });
    expect(wrong.status).toBe(401);
    expect(unknown.status).toBe(401);
    expect(wrong.body).toEqual(unknown.body);
    expect(wrong.headers.getSetCookie()).toEqual([]);
  });

  it('works on every process at once: the second one reads the session and remembers it', async () => {
    const client = await signIn(app.webs[0]!.url, world.people.team.email, password);
    expect(await isIn(client.at(app.webs[1]!.url))).toBe(true);
  });
});

describe('throttle', () => {
  const attempt = (email: string, web = 0, given = 'not this one') =>
    new Client(app.webs[web]!.url).post<WireError>('/api/session', { email, password: given });

  it('refuses after ten failures for one e-mail, on all processes together, and says how long to wait', async () => {
    const { email } = world.people.driver1;
    for (let i = 0; i < 10; i++) expect((await attempt(email, i % 2)).status).toBe(401);
    for (const web of [0, 1]) {
      const { status, body, headers } = await attempt(email, web, password);
      expect([status, body.code]).toEqual([429, 'too_many_requests']);
      const seconds = Number(headers.get('retry-after'));
      expect(seconds).toBeGreaterThan(200);
      expect(seconds).toBeLessThanOrEqual(300);
      expect(body.details).toEqual({ retryAfterSeconds: seconds });
      expect(body.message).toMatch(/Wait \d+ minutes/);
    }
    // Somebody else at the same place is not held up.
    expect((await attempt(world.people.southOps.email, 0, password)).status).toBe(200);
  });

  it('holds against guesses that are sent all at once', async () => {
    const { email } = world.people.southTeam;
    const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => attempt(email, i % 2)));
    const judged = answers.filter((answer) => answer.status === 401).length;
    // Two are checked at a time in each of two processes when the tenth failure is counted.
    expect(judged).toBeLessThanOrEqual(14);
    expect(answers.every((answer) => answer.status === 401 || answer.status === 429)).toBe(true);
  });

  it('goes on counting while Redis is away', async () => {
    await using alone = await startTestApp({ stores });
    await new Client(alone.url).post('/api/setup', {
      organization: { name: 'A', timeZone: 'UTC' },
      admin: { name: 'A', email: 'a@alone.test', password },
    });
    await stores.redis.kill();
    try {
      const client = new Client(alone.url);
      const statuses: number[] = [];
      for (let i = 0; i < 12; i++)
        statuses.push((await client.post('/api/session', { email: 'a@alone.test', password: 'no' })).status);
      expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429]);
      expect((await client.get<{ ready: boolean; redis: boolean }>('/readyz')).body).toMatchObject({
        ready: true,
        redis: false,
      });
    } finally {
      await stores.redis.restart();
    }
  });
});

describe('signing out', () => {
  it('ends the session for good: the old cookie opens nothing, here and elsewhere', async () => {
    const client = await signIn(app.url, world.people.ops.email, password);
    const [here, there] = [client.at(app.url), client.at(app.webs[1]!.url)];
    expect(await isIn(there)).toBe(true);
    const { status, headers } = await client.delete('/api/session');
    expect(status).toBe(204);
    expect(headers.getSetCookie()[0]).toMatch(/^opsboard=; Path=\/; Max-Age=0;/);
    expect(await isIn(here)).toBe(false);
    await isOut(there);
    expect((await client.delete('/api/session')).status).toBe(204);
  });

  it('everywhere ends all of one’s sessions and cuts their live connections within a second [L11]', async () => {
    const { email } = world.people.manager;
    const clients = await Promise.all([0, 1, 1].map((web) => signIn(app.webs[web]!.url, email, password)));
    const bystander = await world.as('ops');
    await using live = await connectLive(clients[2]!);
    expect((await clients[0]!.delete('/api/sessions')).status).toBe(204);
    for (const client of clients) if (client.cookie) await isOut(client);
    await until('the live connection is cut', () => live.cuts.length > 0 && !live.socket.connected, 1_000);
    expect(live.cuts[0]!.code).toBe('not_signed_in');
    expect(await isIn(bystander)).toBe(true);
  });

  it('ends by itself at its time', async () => {
    await using short = await startTestApp({ stores, clock: testClock(), env: { SESSION_DAYS: '1' } });
    const admin = new Client(short.url);
    await admin.post('/api/setup', {
      organization: { name: 'A', timeZone: 'UTC' },
      admin: { name: 'A', email: 'a@short.test', password },
    });
    (short.clock as TestClock).advance(24 * 60 * minute - 5_000);
    expect(await isIn(admin)).toBe(true);
    (short.clock as TestClock).advance(5_000);
    expect(await isIn(admin)).toBe(false);
  });
});

describe('rights that change', () => {
  it('a role given or taken holds at the next request, on every process', async () => {
    const client = await signIn(app.webs[1]!.url, world.people.driver2.email, password);
    expect((await client.get('/api/people')).status).toBe(403);
    const edit = async (role: 'team_member' | 'driver') => {
      const { body } = await world.admin.get<{ people: { id: string; rev: number }[] }>('/api/people');
      const { rev } = body.people.find((person) => person.id === world.people.driver2.id)!;
      await world.admin.mustCommand('person.edit', { id: world.people.driver2.id, rev, role });
    };
    await edit('team_member');
    await until('the new role holds', async () => (await client.get('/api/people')).status === 200, 1_000);
    await edit('driver');
    await until('the old role holds', async () => (await client.get('/api/people')).status === 403, 1_000);
  });

  it('a person who is deactivated is out at once and cannot come back', async () => {
    const id = newId();
    await world.admin.post('/api/people', {
      commandId: newId(),
      id,
      name: 'Leaver',
      email: 'leaver@out.test',
      role: 'team_member',
      password,
    });
    const client = await signIn(app.webs[1]!.url, 'leaver@out.test', password);
    await world.admin.mustCommand('person.edit', { id, rev: 1, active: false });
    await isOut(client);
    const { status, body } = await new Client(app.url).post<WireError>('/api/session', {
      email: 'leaver@out.test',
      password,
    });
    expect([status, body.code]).toEqual([401, 'wrong_credentials']);
  });
});

describe('passwords', () => {
  const next = 'another long password';
  let id: string;
  const email = 'changer@pass.test';

  beforeAll(async () => {
    id = newId();
    await world.admin.post('/api/people', {
      commandId: newId(),
      id,
      name: 'Changer',
      email,
      role: 'team_member',
      password,
    });
  });

  it('are changed with the present one only; the other sessions end, this one stays', async () => {
    const [client, elsewhere] = [
      await signIn(app.url, email, password),
      await signIn(app.webs[1]!.url, email, password),
    ];
    const wrong = await client.post<WireError>('/api/password', { current: 'not this one', next });
    expect([wrong.status, wrong.body.code, wrong.body.field]).toEqual([401, 'wrong_credentials', 'current']);
    expect(await isIn(elsewhere)).toBe(true);
    expect((await client.post('/api/password', { current: password, next })).status).toBe(204);
    expect(await isIn(client)).toBe(true);
    await isOut(elsewhere);
    expect((await new Client(app.url).post('/api/session', { email, password })).status).toBe(401);
    await signIn(app.url, email, next);
  });

  it('are set by an admin for somebody else, whose sessions end', async () => {
    const client = await signIn(app.url, email, next);
    const set = (who: Client, person: string) => who.post<WireError>(`/api/people/${person}/password`, { password });
    expect((await set(await world.as('ops'), id)).status).toBe(403);
    expect((await set(world.admin, world.people.admin.id)).status).toBe(403);
    expect((await set(world.admin, id)).status).toBe(204);
    await isOut(client);
    await signIn(app.url, email, password);
  });

  it('never come in by a command, not even as a hash', async () => {
    const hash = '$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo';
    const tries = [
      world.admin.command('person.setPassword', { id: world.people.ops.id, passwordHash: hash }),
      world.admin.command('person.create', {
        id: newId(),
        name: 'A',
        email: 'hash@pass.test',
        role: 'admin',
        passwordHash: hash,
      }),
    ];
    for (const ack of await Promise.all(tries))
      expect(ack).toMatchObject({ ok: false, error: { code: 'bad_request', field: 'args.passwordHash' } });
    expect((await new Client(app.url).post('/api/session', { email: world.people.ops.email, password })).status).toBe(
      200,
    );
  });

  it('a person is added once, however often the request is sent', async () => {
    const body = {
      commandId: newId(),
      id: newId(),
      name: 'Twice',
      email: 'twice@pass.test',
      role: 'team_member',
      password,
    };
    const [first, second] = [await world.admin.post('/api/people', body), await world.admin.post('/api/people', body)];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    const taken = await world.admin.post<WireError>('/api/people', { ...body, commandId: newId(), id: newId() });
    expect([taken.status, taken.body.code]).toEqual([422, 'email_taken']);
  });
});

describe('the log', () => {
  it('has a line for each request and nothing secret in it, after all of the above', () => {
    const text = lines.join('');
    expect(text).toContain('"route":"/api/session"');
    expect(text).not.toContain(password);
    expect(text).not.toContain('another long password');
    expect(text).not.toMatch(/argon2id|opsboard=[\w-]{10}|@[a-z0-9]+\.test/);
  });
});
