import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorCode, WireError } from '@opsboard/shared/protocol/errors';
import { errorTable } from '@opsboard/shared/protocol/errors';
import type { Role } from '@opsboard/shared/people/roles';
import { apiEndpoints } from '../../server/src/app.ts';
import type { Endpoint } from '../../server/src/ingress/endpoint.ts';
import { newId } from '../../server/src/platform/ids.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { Client } from '../support/client.ts';
import type { PersonName, World } from '../support/world.ts';
import { buildWorld } from '../support/world.ts';

/** The registry itself: an endpoint that is added is in every table below. */
const endpoints = apiEndpoints({ release: 'test', secure: false } as never);
const titled = endpoints.map((endpoint) => [`${endpoint.method.toUpperCase()} ${endpoint.path}`, endpoint] as const);

/**
 * Which roles may read what, by hand: an endpoint that is not here fails. `self` answers everybody who is signed in,
 * `open` everybody, `redirect` everybody by leading them elsewhere; `absent` tells everybody who is signed in that it is not there.
 */
const everyRole: Role[] = ['admin', 'operations_manager', 'team_member', 'driver', 'manager', 'display'];
const desk: Role[] = ['admin', 'operations_manager', 'team_member', 'manager', 'display'];
const readers: { [endpoint: string]: Role[] | 'open' | 'command' | 'redirect' | 'absent' } = {
  'GET /api/setup': 'open',
  'POST /api/setup': 'open',
  'POST /api/session': 'open',
  'GET /api/session': 'open',
  'DELETE /api/session': 'open',
  'GET /api/sessions': everyRole,
  'POST /api/session/second-factor': 'open',
  'GET /api/session/provider': 'redirect',
  'GET /api/session/provider/callback': 'redirect',
  'GET /api/second-factor': everyRole,
  'POST /api/second-factor': 'command',
  'POST /api/second-factor/offer': 'command',
  'POST /api/second-factor/recovery-codes': 'command',
  'POST /api/second-factor/off': 'command',
  'DELETE /api/sessions': 'command',
  'GET /api/password/forgotten': 'open',
  'POST /api/password/forgotten': 'open',
  'POST /api/links/look': 'open',
  'POST /api/links/use': 'open',
  'POST /api/password': 'command',
  'POST /api/people': 'command',
  'POST /api/people/:id/password': 'command',
  'POST /api/people/invitations': 'command',
  'GET /api/people/:id/sessions': ['admin'],
  'GET /api/people/:id/links': ['admin'],
  'POST /api/people/:id/links': 'command',
  'POST /api/keys': 'command',
  'GET /api/keys/used': ['admin'],
  'GET /api/access': ['admin'],
  'GET /api/access/export.csv': ['admin'],
  'POST /api/commands': 'command',
  'POST /api/commands/bulk': 'command',
  'GET /api/batches': everyRole,
  'GET /api/batches/export.csv': everyRole,
  'GET /api/batches/:id': everyRole,
  'GET /api/batches/:id/timeline': everyRole,
  'GET /api/batches/:id/manifest.pdf': everyRole,
  'GET /api/batches/:id/labels.pdf': everyRole,
  'GET /api/batches/:id/messages': ['admin', 'operations_manager', 'team_member', 'manager'],
  'GET /api/messages/channels': ['admin', 'operations_manager', 'team_member', 'manager'],
  'GET /api/find': everyRole,
  'GET /api/parts/labels.pdf': ['admin', 'operations_manager', 'team_member', 'manager'],
  'GET /api/parts/:partId': everyRole,
  'GET /api/parts': ['admin', 'operations_manager', 'team_member', 'manager'],
  'POST /api/parts/check': 'command',
  'GET /api/parts/export.csv': ['admin', 'operations_manager', 'team_member', 'manager'],
  'GET /api/customers/export.csv': desk,
  'GET /api/centers/export.csv': desk,
  'GET /api/branches/export.csv': desk,
  'GET /api/warehouses/export.csv': desk,
  'GET /api/vendors/export.csv': desk,
  'GET /api/teams/export.csv': desk,
  'GET /api/import/template.csv': everyRole,
  'POST /api/import/preview': 'command',
  'POST /api/import': 'command',
  'GET /api/activity': desk,
  'GET /api/figures/day': desk,
  'GET /api/branches': desk,
  'GET /api/warehouses': desk,
  'GET /api/vendors': desk,
  'GET /api/teams': desk,
  'GET /api/customers': desk,
  'GET /api/centers': desk,
  'GET /api/people': desk,
  'POST /api/files': 'command',
  'GET /api/files/:id': everyRole,
  'GET /api/retention': ['admin'],
  'POST /api/retention/dry-run': ['admin'],
  'POST /api/retention/erasure/dry-run': ['admin'],
  'GET /api/map': everyRole,
  'GET /api/map/city': 'absent',
  'GET /api/map/tiles': 'absent',
  'GET /api/routes': everyRole,
  'GET /api/routes/export.csv': everyRole,
  'GET /api/routes/:id': everyRole,
  'GET /api/routes/:id/timeline': everyRole,
  'GET /api/routes/:id/trail': desk,
  'GET /api/live/snapshot': everyRole,
  'GET /api/live/catch-up': everyRole,
  'GET /api/openapi.json': 'open',
  'GET /api/docs': 'open',
};

const isOpen = (name: string): boolean => readers[name] === 'open' || readers[name] === 'redirect';

const personOf: { [R in Role]: PersonName } = {
  admin: 'admin',
  operations_manager: 'ops',
  team_member: 'team',
  driver: 'driver1',
  manager: 'manager',
  display: 'display',
};

let app: TestApp;
let world: World;
let other: World;
let batch: string;
const part = 'P-40817';
/** A PNG of one pixel. */
const onePixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

beforeAll(async () => {
  app = await startTestApp();
  world = await buildWorld(app);
  other = await buildWorld(app);
  batch = await world.batch({ driver: world.people.driver1.id, parts: [part] });
  await world.admin.mustCommand('batch.seal', { id: batch, count: 1 });
  await world.admin.mustCommand('part.create', { id: newId(), partId: part, label: 'Card reader' });
  // One id for whatever an address asks for.
  await world.admin.post('/api/files', { id: batch, data: onePixel });
  const { body } = await world.admin.get<{ organization: { rev: number } }>('/api/session');
  await world.admin.mustCommand('organization.edit', { id: world.org, rev: body.organization.rev, logo: batch });
  await world.admin.mustCommand('route.create', {
    id: batch,
    branch: world.branches.north,
    day: '2026-03-02',
    driver: world.people.driver1.id,
    stops: [],
  });
}, 60_000);
afterAll(() => app[Symbol.asyncDispose]());

/** What must be asked for, where something must. */
const asks: { [path: string]: string } = {
  '/api/live/catch-up': '?from=0',
  '/api/find': '?q=40817',
  '/api/parts/labels.pdf': '?parts=P-40817',
  '/api/import/template.csv': '?kind=customers',
};
/** What must be sent along with an id, where it is not a password. */
const bodies: { [path: string]: object } = { '/api/people/:id/links': { purpose: 'password' } };
/** The id of something that the address is about. */
const anId = ({ path }: Endpoint): string => (path.includes('people') ? world.people.team.id : batch);
const pathOf = ({ path }: Endpoint, id: string): string =>
  path.replace(':id', id).replace(':partId', part) + (asks[path] ?? '');

/** A refusal has exactly the one shape, a code of the table with its status, and a sentence. */
function expectError(answer: { status: number; body: unknown; headers: Headers }, code: ErrorCode): WireError {
  const error = answer.body as WireError;
  expect(error).toMatchObject({ code, message: expect.stringMatching(/^["A-Z].{10,}[.]$/) });
  expect(Object.keys(error).filter((key) => !['code', 'message', 'field', 'details'].includes(key))).toEqual([]);
  expect(answer.status).toBe(errorTable[code].status);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  return error;
}

describe('every endpoint', () => {
  it('is in the table of who may ask', () => {
    expect(titled.map(([name]) => name).sort()).toEqual(Object.keys(readers).sort());
  });

  it.each(titled)('%s: signed out', async (name, endpoint) => {
    const answer = await new Client(app.url).request(
      endpoint.method.toUpperCase(),
      pathOf(endpoint, batch),
      endpoint.body ? {} : undefined,
    );
    if (isOpen(name)) expect(answer.status).not.toBe(401);
    else expectError(answer, 'not_signed_in');
  });

  it.each(titled)('%s: with a session of somebody’s imagination', async (name, endpoint) => {
    const stranger = new Client(app.url, `opsboard=${'A'.repeat(43)}`);
    const answer = await stranger.request(
      endpoint.method.toUpperCase(),
      pathOf(endpoint, batch),
      endpoint.body ? {} : undefined,
    );
    if (isOpen(name)) expect(answer.status).not.toBe(401);
    else expectError(answer, 'not_signed_in');
  });

  it.each(titled.filter(([, { method }]) => method === 'get'))('%s: by role', async (name, endpoint) => {
    const allowed = readers[name]!;
    for (const role of everyRole) {
      const answer = await (await world.as(personOf[role])).get(pathOf(endpoint, anId(endpoint)));
      if (allowed === 'absent') expectError(answer, 'not_found');
      else if (allowed === 'redirect') expect([role, answer.status]).toEqual([role, 302]);
      else if (allowed === 'open' || (Array.isArray(allowed) && allowed.includes(role)))
        expect([role, answer.status]).toEqual([role, 200]);
      else expectError(answer, 'forbidden');
    }
  });

  it.each(titled.filter(([, { method }]) => method !== 'get'))(
    '%s: from another site, nothing is done',
    async (_name, endpoint) => {
      const { admin } = world;
      const before = await admin.get('/api/session');
      const answer = await admin.request(
        endpoint.method.toUpperCase(),
        pathOf(endpoint, batch),
        endpoint.body ? {} : undefined,
        {
          origin: 'https://evil.example',
        },
      );
      expectError(answer, 'wrong_origin');
      expect((await admin.get('/api/session')).status).toBe(before.status);
    },
  );

  it.each(titled.filter(([, { body }]) => body))(
    '%s: 10 MB, broken JSON, another type, no body',
    async (_name, endpoint) => {
      const client = world.admin;
      const path = pathOf(endpoint, world.people.team.id);
      const huge = JSON.stringify({ commands: [], filler: 'x'.repeat(10 * 1024 * 1024) });
      expectError(await client.post(path, huge), 'too_large');
      const broken = expectError(await client.post(path, '{"email": "a"'), 'bad_request');
      expect(broken.message).toBe('The body is not valid JSON.');
      expectError(
        await client.request('POST', path, 'email=a', { 'content-type': 'application/x-www-form-urlencoded' }),
        'bad_request',
      );
      expectError(await client.request('POST', path), 'bad_request');
      for (const body of ['null', '[]', '"text"', '7', '{"__proto__": {"role": "admin"}}', '{"unknown": true}']) {
        expectError(await client.post(path, body), 'bad_request');
      }
    },
  );

  it.each(titled.filter(([, { method, query }]) => method === 'get' && !query))(
    '%s: an unknown filter is refused, not ignored',
    async (_name, endpoint) => {
      if (endpoint.respond) return;
      const error = expectError(await world.admin.get(`${pathOf(endpoint, batch)}?colour=red`), 'bad_request');
      expect(error.field).toBe('colour');
    },
  );

  it.each(titled.filter(([, { path }]) => path.includes(':id')))(
    '%s: ids of another organization, unknown ones and nonsense answer alike',
    async (_name, endpoint) => {
      const theirs = anId(endpoint);
      const answers: string[] = [];
      for (const id of [theirs, newId(), 'B-2001', '%00', '..%2f..%2fetc']) {
        const body = endpoint.body ? (bodies[endpoint.path] ?? { password: 'a new enough password' }) : undefined;
        const answer = await other.admin.request(endpoint.method.toUpperCase(), pathOf(endpoint, id), body);
        if (answer.status === 400) continue;
        answers.push(expectError(answer, 'not_found').code);
      }
      expect(answers.length).toBeGreaterThanOrEqual(3);
    },
  );
});

describe('addresses', () => {
  it.each([
    '/api',
    '/api/',
    '/api/nothing',
    '/api/batches/',
    '/api/Batches',
    '/api/batches/x/y/z',
    '/api/../api/nothing',
  ])('%s does not exist, in the one error shape', async (path) => {
    expectError(await world.admin.get(path), 'not_found');
  });

  it('tells which methods a known address has', async () => {
    const answer = await world.admin.delete('/api/batches');
    expectError(answer, 'not_found');
    expect(answer.headers.get('allow')).toBe('GET');
  });

  it('refuses an address that cannot be decoded', async () => {
    expectError(await world.admin.get('/api/batches/%E0%A4%A'), 'bad_request');
  });

  it('serves the page for the app’s own addresses only', async () => {
    const page = await new Client(app.url).get('/operations/batches');
    expect([200, 503]).toContain(page.status);
    expect((await new Client(app.url).get('/_app/immutable/nothing.js')).headers.get('content-type')).not.toMatch(
      /html/,
    );
    expect((await new Client(app.url).post('/operations', {})).status).toBe(405);
  });
});

describe('headers', () => {
  it('[C14] a request that names another person than the session is not answered', async () => {
    const driver = await world.as('driver1');
    const depart = { commandId: newId(), name: 'route.start', args: { id: newId() } };
    const as = (person: string) =>
      driver.post<WireError>('/api/commands', depart, { 'x-person': person }).then(({ body }) => body.code);
    expect(await as(world.people.driver2.id)).toBe('not_signed_in');
    expect(await as(world.people.driver1.id)).toBe('not_found');
  });

  it('forbids frames, foreign scripts and guessing of types everywhere', async () => {
    for (const path of ['/', '/api/session', '/api/nothing', '/healthz']) {
      const { headers } = await new Client(app.url).get(path);
      const policy = headers.get('content-security-policy')!;
      expect(policy).toContain("default-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("object-src 'none'");
      // WebAssembly is allowed, for the camera's reader; text as code is not.
      expect(policy).not.toMatch(/script-src[^;]*'unsafe/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('same-origin');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('x-request-id')).toMatch(/^[\w-]{12}$/);
    }
  });

  it('keeps answers about the board out of caches', async () => {
    for (const path of ['/api/session', '/api/batches', '/api/people', '/api/nothing']) {
      expect((await world.admin.get(path)).headers.get('cache-control')).toBe('no-store');
    }
  });
});

describe('health', () => {
  it('lives, is ready, and names its parts', async () => {
    const client = new Client(app.url);
    expect((await client.get('/healthz')).text).toBe('ok');
    expect((await client.get('/readyz')).body).toEqual({
      ready: true,
      database: true,
      journal: true,
      redis: true,
      draining: false,
    });
  });

  it('tells its measurements on this machine, and not through a proxy', async () => {
    const client = new Client(app.url);
    expect((await client.get('/metrics')).text).toContain('opsboard_http_request_seconds_bucket');
    expect((await client.get('/metrics', { 'x-forwarded-for': '127.0.0.1' })).status).toBe(404);
  });
});
