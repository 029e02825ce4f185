import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { socketPath } from '@opsboard/shared/protocol/events';
import { protocolVersion } from '@opsboard/shared/protocol/frames';
import { apiEndpoints } from '../../../server/src/app.ts';
import { newId } from '../../../server/src/platform/ids.ts';
import type { TestApp } from '../../support/app.ts';
import { startTestApp } from '../../support/app.ts';
import { Client, signIn } from '../../support/client.ts';
import type { World } from '../../support/world.ts';
import { buildWorld, password } from '../../support/world.ts';

const endpoints = apiEndpoints({ release: 'test', secure: false } as never);
const writing = endpoints.filter(({ method }) => method !== 'get');

let app: TestApp;
let world: World;
let other: World;
let host: string;

beforeAll(async () => {
  app = await startTestApp();
  world = await buildWorld(app, 'Ours');
  other = await buildWorld(app, 'Theirs');
  host = new URL(app.url).host;
}, 60_000);
afterAll(() => app?.[Symbol.asyncDispose]());

const seqOf = async (org: string): Promise<number> => {
  const { connection } = await app.backdoor();
  const last = await connection.collection<{ seq: number }>('journal').findOne({ org }, { sort: { seq: -1 } });
  return last!.seq;
};

/** A request exactly as given: fetch would not let some of these headers out. */
async function sent(method: string, path: string, headers: { [name: string]: string }, body = '') {
  const asked = httpRequest(app.url + path, {
    method,
    headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
  });
  asked.end(body);
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: answer.statusCode!, headers: answer.headers, body: await textOf(answer) };
}

describe('a page of another site (CSRF)', () => {
  /** What a browser says of a page that is not ours, in every way it may say so. */
  const foreign: readonly [string, () => { [name: string]: string }][] = [
    ['another site', () => ({ origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' })],
    ['another port of this host', () => ({ origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' })],
    ['a sandboxed frame', () => ({ origin: 'null', 'sec-fetch-site': 'cross-site' })],
    ['a host that begins like ours', () => ({ origin: `http://${host}.evil.example` })],
    ['a host that ends like ours', () => ({ origin: `http://evil-${host}` })],
    ['our host as a user name', () => ({ origin: `http://${host}@evil.example` })],
    ['our host over another scheme', () => ({ origin: `file://${host}` })],
    ['no origin, and the browser says cross-site', () => ({ 'sec-fetch-site': 'cross-site' })],
    ['no origin, and the browser says same-site', () => ({ 'sec-fetch-site': 'same-site' })],
  ];

  it.each(foreign)('%s: no endpoint carries anything out', async (_what, headers) => {
    const before = await seqOf(world.org);
    const { cookie } = world.admin;
    for (const { method, path } of writing) {
      const answer = await sent(
        method.toUpperCase(),
        path.replace(':id', world.people.team.id),
        { cookie: cookie!, 'content-type': 'application/json', ...headers() },
        JSON.stringify({ commandId: newId(), name: 'branch.create', args: { id: newId(), name: 'Planted' } }),
      );
      expect([path, answer.status, (JSON.parse(answer.body) as WireError).code]).toEqual([path, 403, 'wrong_origin']);
    }
    expect(await seqOf(world.org)).toBe(before);
    expect((await world.admin.get('/api/sessions')).status).toBe(200);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain; application/json',
    '',
  ])('a form’s content type (%s) is not taken for JSON, should the origin ever be missing', async (type) => {
    const before = await seqOf(world.org);
    const { cookie } = world.admin;
    const command = JSON.stringify({
      commandId: newId(),
      name: 'branch.create',
      args: { id: newId(), name: 'Planted' },
    });
    for (const body of [command, `${command.slice(0, -1)},"x":"="}`, `--x\r\n\r\n${command}\r\n--x--`]) {
      const answer = await sent(
        'POST',
        '/api/commands',
        { cookie: cookie!, ...(type ? { 'content-type': type } : {}) },
        body,
      );
      expect(answer.status).toBe(400);
    }
    expect(await seqOf(world.org)).toBe(before);
  });

  it('no reading changes anything, so that a link or an image does no harm', async () => {
    const client = await signIn(app.url, world.people.admin.email, password);
    const batch = await world.batch();
    const before = await seqOf(world.org);
    for (const { path, method } of endpoints) {
      if (method !== 'get') continue;
      const id = path.includes('people') ? world.people.team.id : batch;
      await client.get(path.replace(':id', id).replace(':partId', 'P-1'));
    }
    expect(await seqOf(world.org)).toBe(before);
  });

  it('answers are not for other origins to read, and no one may ask for leave to', async () => {
    for (const path of ['/api/session', '/api/people', '/api/live/snapshot', '/']) {
      const { headers } = await world.admin.get(path, { origin: 'https://evil.example' });
      expect([path, headers.get('access-control-allow-origin')]).toEqual([path, null]);
      expect([path, headers.get('cross-origin-resource-policy')]).toEqual([path, 'same-origin']);
    }
    const asked = await sent('OPTIONS', '/api/commands', {
      origin: 'https://evil.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    });
    expect(Object.keys(asked.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('a WebSocket of another site', () => {
  const connect = (headers: { [name: string]: string }, more: object = {}) =>
    io(app.url, {
      path: socketPath,
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      auth: { protocol: protocolVersion },
      extraHeaders: { cookie: world.admin.cookie!, ...headers },
      ...more,
    });

  it.each(['https://evil.example', 'null', 'http://127.0.0.1:1', 'file://', 'http://[::1]'])(
    'from %s is refused before it is one',
    async (origin) => {
      const socket = connect({ origin });
      const outcome = await Promise.race([
        new Promise<string>((resolve) => socket.once('connect_error', (error) => resolve(error.message))),
        new Promise<string>((resolve) => socket.once('hello' as never, (() => resolve('hello')) as never)),
      ]);
      socket.disconnect();
      expect(outcome).not.toBe('hello');
    },
  );

  it('our own page is let in', async () => {
    const socket = connect({ origin: app.url });
    await new Promise((resolve) => socket.once('hello' as never, resolve as never));
    socket.disconnect();
  });

  it('there is no polling that a form could drive', async () => {
    for (const method of ['GET', 'POST']) {
      const { status, body } = await sent(method, `${socketPath}/?EIO=4&transport=polling`, {
        cookie: world.admin.cookie!,
      });
      expect(status).toBe(400);
      expect(body).not.toContain('sid');
    }
  });
});

describe('frames of other pages (clickjacking)', () => {
  it('may hold nothing of ours: pages, answers, files, papers', async () => {
    const batch = await world.batch();
    await world.admin.mustCommand('batch.seal', { id: batch, count: 1 });
    const paths = endpoints
      .filter(({ method }) => method === 'get')
      .map(({ path }) =>
        path.replace(':id', path.includes('people') ? world.people.team.id : batch).replace(':partId', 'P-1'),
      );
    for (const path of [...paths, '/', '/sign-in', '/join', '/settings/people', '/nothing.js', '/healthz']) {
      // A copy: a way to sign in may set cookies of its own.
      const { headers } = await world.admin.at(app.url).get(path);
      expect([path, headers.get('x-frame-options')]).toEqual([path, 'DENY']);
      expect([path, headers.get('x-content-type-options')]).toEqual([path, 'nosniff']);
      expect([path, headers.get('content-security-policy')]).toEqual([
        path,
        expect.stringMatching(/default-src '(self|none)'/),
      ]);
    }
  });
});

describe('sessions', () => {
  it('a session that was planted before signing in is none afterwards (fixation)', async () => {
    const planted = `opsboard=${'P'.repeat(43)}`;
    const victim = new Client(app.url, planted);
    await victim.post('/api/session', { email: world.people.ops.email, password });
    expect(victim.cookie).not.toBe(planted);
    expect((await new Client(app.url, planted).get('/api/sessions')).status).toBe(401);
    // Nor is one’s own earlier session taken over by whoever signs in next on the same browser.
    const earlier = victim.cookie!;
    const next = new Client(app.url, earlier);
    await next.post('/api/session', { email: world.people.team.email, password });
    const { body } = await new Client(app.url, earlier).get<{ person?: { id: string } }>('/api/session');
    expect(body.person?.id).not.toBe(world.people.team.id);
  });

  it('every cookie over https is of this host only, and out of reach of scripts', async () => {
    await using secure = await startTestApp({ stores: app.stores, env: { PUBLIC_URL: 'https://board.example.com' } });
    const client = new Client(secure.url);
    const cookies: string[] = [];
    const keep = ({ headers }: { headers: Headers }) => void cookies.push(...headers.getSetCookie());
    const organization = { name: 'A', timeZone: 'UTC' };
    keep(await client.post('/api/setup', { organization, admin: { name: 'A', email: 'a@https.test', password } }));
    keep(await new Client(secure.url).post('/api/session', { email: 'a@https.test', password }));
    const made = await client.post<{ path: string }>('/api/people/invitations', {
      id: newId(),
      name: 'Guest',
      email: 'guest@https.test',
      role: 'team_member',
    });
    const token = made.body.path.split('#')[1]!;
    keep(await new Client(secure.url).post('/api/links/use', { token, password }));
    keep(await client.delete('/api/session'));
    expect(cookies).toHaveLength(4);
    for (const cookie of cookies)
      expect(cookie).toMatch(/^__Host-opsboard=[\w-]*; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/);
  });
});

describe('what others have', () => {
  it('an id of another organization answers as one of nobody, wherever it is named', async () => {
    const theirs = await other.batch();
    const unknown = newId();
    const say = async (id: string): Promise<string[]> => {
      const said: string[] = [];
      for (const path of [
        `/api/batches/${id}`,
        `/api/people/${id}/sessions`,
        `/api/files/${id}`,
        `/api/batches/${id}/manifest.pdf`,
      ])
        said.push((await world.admin.get(path)).text);
      const base = { branch: world.branches.north, customer: world.customers.fast, center: world.centers.near };
      for (const field of ['branch', 'customer', 'center', 'driver'] as const) {
        const ack = await world.admin.command('batch.create', { id: newId(), ...base, parts: ['X-1'], [field]: id });
        said.push(JSON.stringify(ack));
      }
      return said;
    };
    expect(await say(theirs)).toEqual(await say(unknown));
    expect(await say(other.branches.north)).toEqual(await say(unknown));
    expect(await say(other.people.driver1.id)).toEqual(await say(unknown));
  });

  it('lists narrowed by an id of another organization are empty, as by one of nobody', async () => {
    await other.batch();
    for (const filter of [
      `customer=${other.customers.fast}`,
      `branch=${other.branches.north}`,
      `driver=${other.people.driver1.id}`,
    ]) {
      const { body } = await world.admin.get<{ batches: unknown[] }>(`/api/batches?${filter}`);
      expect(body.batches).toEqual([]);
    }
  });
});

describe('headers that somebody writes', () => {
  const nasty = [
    'a"; filename="evil.exe',
    'a\r\nSet-Cookie: opsboard=x',
    'a\nX-Evil: 1',
    '../../etc/passwd',
    '\u2028\u2029',
    'é\u202egpj.exe',
    '%0d%0aX-Evil:1',
  ];

  it('the name of a file is letters, digits and dashes, whatever was searched for', async () => {
    for (const word of nasty) {
      const { status, headers } = await world.admin.get(`/api/batches/export.csv?q=${encodeURIComponent(word)}`);
      if (status === 400) continue;
      expect([word, headers.get('content-disposition')]).toEqual([
        word,
        expect.stringMatching(/^attachment; filename="batches-[a-z0-9-]+\.csv"$/),
      ]);
      expect(headers.get('x-evil')).toBeNull();
      expect(headers.getSetCookie()).toEqual([]);
    }
  });

  it('nothing of a request comes back in the headers of its answer', async () => {
    const { headers } = await world.admin.get('/api/nothing?x=%0d%0aX-Evil:%201', {
      'x-request-id': 'mine',
      'accept-language': 'evil',
    });
    expect([...headers.values()].join('\n')).not.toMatch(/mine|evil/i);
  });
});
