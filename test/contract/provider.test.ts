import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../server/src/platform/log.ts';
import { newId } from '../../server/src/platform/ids.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { Client, signIn } from '../support/client.ts';
import type { TestClock } from '../support/clock.ts';
import { testClock } from '../support/clock.ts';
import type { Account, OidcServer } from '../support/oidc.ts';
import { startOidcServer, Visitor } from '../support/oidc.ts';
import type { Stores } from '../support/stores.ts';
import { startStores } from '../support/stores.ts';
import type { World } from '../support/world.ts';
import { buildWorld, password } from '../support/world.ts';

type Me = { person?: { id: string; name: string; email: string; role: string }; provider?: { name: string } };

const lines: string[] = [];
let stores: Stores;
let clock: TestClock;
let oidc: OidcServer;
let app: TestApp;
let world: World;

beforeAll(async () => {
  [stores, oidc] = await Promise.all([startStores(), startOidcServer()]);
  clock = testClock();
  const log = createLog('test', 'trace', { write: (line: string) => void lines.push(line) });
  app = await startTestApp({ stores, clock, log, env: oidc.env });
  oidc.serve(app.url);
  world = await buildWorld(app);
}, 60_000);
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await oidc[Symbol.asyncDispose]();
  await stores[Symbol.asyncDispose]();
});
beforeEach(() => {
  oidc.down = false;
  oidc.mangleNonce = false;
});

let made = 0;
/** An account at the provider; its subject. */
function account(fields: Account = {}): string {
  const who = `subject-${++made}`;
  oidc.accounts.set(who, { email: `${who}@provider.test`, email_verified: true, name: `Name ${made}`, ...fields });
  return who;
}
const emailOf = (who: string): string => oidc.accounts.get(who)!.email!;

/** Somebody on the board, with a password. */
async function person(role = 'team_member', more: object = {}): Promise<{ id: string; email: string }> {
  const [id, email] = [newId(), `here-${++made}@board.test`];
  const added = { commandId: newId(), id, name: `Here ${made}`, email, role, password, ...more };
  expect((await world.admin.post('/api/people', added)).status).toBe(201);
  return { id, email };
}

/** The whole way. @returns where it ended, and who is signed in there */
async function goes(who: string, to?: string, visitor = new Visitor()): Promise<{ at: string; me: Me['person'] }> {
  const back = await visitor.throughProvider(app.url, who, to);
  return arrives(visitor, back);
}
async function arrives(visitor: Visitor, back: string): Promise<{ at: string; me: Me['person'] }> {
  const { response, to = '' } = await visitor.ask(back);
  expect(response.status).toBe(302);
  expect(new URL(to).origin).toBe(app.url);
  return { at: to.slice(app.url.length), me: await meOf(visitor) };
}
async function meOf(visitor: Visitor): Promise<Me['person']> {
  const { response } = await visitor.ask(`${app.url}/api/session`);
  return ((await response.json()) as Me).person;
}
const refused = (why: string, to = '/operations') => `/sign-in?refused=${why}&to=${encodeURIComponent(to)}`;
const entriesOf = async (id: string) => {
  const { connection } = await app.backdoor();
  return connection.collection('journal').find({ id }).sort({ seq: 1 }).toArray();
};

describe('a sign-in', () => {
  it('is offered by its name, to everybody', async () => {
    expect((await new Client(app.url).get<Me>('/api/session')).body.provider).toEqual({ name: 'Works account' });
    expect((await world.admin.get<Me>('/api/session')).body.provider).toEqual({ name: 'Works account' });
  });

  it('asks with PKCE, state and nonce, and leaves nothing but a short cookie of this host', async () => {
    const { response, to = '' } = await new Visitor().ask(`${app.url}/api/session/provider?to=/wall`);
    const asked = new URL(to).searchParams;
    expect(to.startsWith(oidc.issuer)).toBe(true);
    expect(Object.fromEntries(asked)).toMatchObject({
      client_id: 'board',
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: `${app.url}/api/session/provider/callback`,
      scope: 'openid email profile',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked.get(name)!.length).toBeGreaterThan(40);
    const [cookie = ''] = response.headers.getSetCookie();
    expect(cookie).toMatch(/^opsboard-provider=[\w-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('makes the person of a role that the claim stands for, and leads where they wanted to go', async () => {
    const who = account({ groups: ['others', 'leads', 'desk'] });
    const { at, me } = await goes(who, '/operations/board?sla=breached');
    expect(at).toBe('/operations/board?sla=breached');
    expect(me).toMatchObject({ email: emailOf(who), name: oidc.accounts.get(who)!.name, role: 'operations_manager' });
    const entries = await entriesOf(me!.id);
    expect(entries.map(({ verb, actor }) => [verb, actor])).toEqual([
      ['person.create', { type: 'system', id: 'sign-in' }],
      ['person.followProvider', { type: 'system', id: 'sign-in' }],
    ]);
    // Who they are there is personal: entries only name it.
    expect(JSON.stringify(entries)).not.toContain(who);
  });

  it('knows somebody by their account from then on, whatever e-mail address they have there', async () => {
    const who = account({ groups: 'desk' });
    const first = await goes(who);
    oidc.accounts.set(who, { ...oidc.accounts.get(who), email: 'moved@provider.test', email_verified: false });
    const again = await goes(who);
    expect(again.me).toMatchObject({ id: first.me!.id, email: first.me!.email });
  });

  it('finds a person by an e-mail address that the provider vouches for, once', async () => {
    const { id, email } = await person('team_member');
    const { me } = await goes(account({ email: email.toUpperCase(), groups: ['desk'] }));
    expect(me).toMatchObject({ id, role: 'team_member' });
    // The address is somebody else's there by now: they do not become this person.
    const heir = await goes(account({ email, groups: ['desk'] }));
    expect(heir).toEqual({ at: refused('unknown'), me: undefined });
    // And the password still works.
    await signIn(app.url, email, password);
  });

  it('lets an invited person in, who then has come', async () => {
    const [id, email] = [newId(), 'invited@board.test'];
    const invited = await world.admin.post('/api/people/invitations', { id, name: 'In Vited', email, role: 'driver' });
    expect(invited.status).toBe(201);
    const { me } = await goes(account({ email, groups: ['field'] }));
    expect(me).toMatchObject({ id, role: 'driver' });
    const { connection } = await app.backdoor();
    const stored = await connection.collection<{ _id: string }>('people').findOne({ _id: id });
    expect(stored).toMatchObject({ joinedAt: expect.any(Number) });
  });

  it('follows the claim each time, on the record, and leaves branches alone', async () => {
    const { id, email } = await person('manager', { branches: [world.branches.north] });
    const who = account({ email, groups: ['desk'] });
    expect((await goes(who)).me).toMatchObject({ id, role: 'team_member', branches: [world.branches.north] });
    oidc.accounts.set(who, { ...oidc.accounts.get(who), groups: ['leads'] });
    expect((await goes(who)).me).toMatchObject({ id, role: 'operations_manager' });
    const before = (await entriesOf(id)).length;
    expect((await goes(who)).me).toMatchObject({ id, role: 'operations_manager' });
    const entries = await entriesOf(id);
    expect(entries.length, 'nothing new, nothing written').toBe(before);
    expect(entries.at(-1)).toMatchObject({ verb: 'person.followProvider', set: { role: 'operations_manager' } });
    oidc.accounts.set(who, { ...oidc.accounts.get(who), groups: ['others'] });
    expect(await goes(who)).toEqual({ at: refused('no_role'), me: undefined });
  });

  it('does not take the last admin away', async () => {
    const { id, email } = world.people.admin;
    expect((await goes(account({ email, groups: ['desk'] }))).me).toMatchObject({ id, role: 'admin' });
  });

  it('begins a session of its own, whatever cookie came along (fixation)', async () => {
    const who = account({ groups: ['desk'] });
    const visitor = new Visitor();
    const planted = 'B'.repeat(43);
    visitor.cookiesOf(app.url).set('opsboard', planted);
    expect((await goes(who, undefined, visitor)).me).toBeDefined();
    const token = visitor.cookiesOf(app.url).get('opsboard')!;
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(token).not.toBe(planted);
    expect((await new Client(app.url, `opsboard=${planted}`).get<Me>('/api/session')).body.person).toBeUndefined();
    expect(visitor.cookiesOf(app.url).has('opsboard-provider'), 'the short cookie is gone').toBe(false);
  });

  it.each(['https://elsewhere.test/', '//elsewhere.test', '/\\elsewhere.test', '/api/docs', 'javascript:alert(1)'])(
    'leads nobody astray: %s',
    async (to) => expect((await goes(account({ groups: ['desk'] }), to)).at).toBe('/operations'),
  );
});

describe('is refused, and signs nobody in:', () => {
  it('another state', async () => {
    const visitor = new Visitor();
    const back = new URL(await visitor.throughProvider(app.url, account({ groups: ['desk'] })));
    back.searchParams.set('state', 'A'.repeat(43));
    expect(await arrives(visitor, back.href)).toEqual({ at: refused('interrupted'), me: undefined });
  });

  it('another browser: an answer is bound to the one that asked (login CSRF)', async () => {
    const back = await new Visitor().throughProvider(app.url, account({ groups: ['desk'] }));
    const victim = new Visitor();
    const { to = '' } = await victim.ask(back);
    expect(to).toBe(`${app.url}/sign-in?refused=interrupted`);
    expect(await meOf(victim)).toBeUndefined();
    // Nor one that is under way with a sign-in of its own.
    await victim.ask(`${app.url}/api/session/provider`);
    expect(await arrives(victim, back)).toEqual({ at: refused('interrupted'), me: undefined });
  });

  it('another nonce', async () => {
    oidc.mangleNonce = true;
    expect(await goes(account({ groups: ['desk'] }))).toEqual({ at: refused('interrupted'), me: undefined });
  });

  it('a code that was used, also with the cookie brought back', async () => {
    const visitor = new Visitor();
    const back = await visitor.throughProvider(app.url, account({ groups: ['desk'] }));
    const kept = visitor.cookiesOf(app.url).get('opsboard-provider')!;
    expect((await arrives(visitor, back)).me).toBeDefined();
    const thief = new Visitor();
    expect((await thief.ask(back)).to).toBe(`${app.url}/sign-in?refused=interrupted`);
    thief.cookiesOf(app.url).set('opsboard-provider', kept);
    expect(await arrives(thief, back)).toEqual({ at: refused('interrupted'), me: undefined });
  });

  it('one that took longer than ten minutes', async () => {
    const visitor = new Visitor();
    const back = await visitor.throughProvider(app.url, account({ groups: ['desk'] }));
    clock.advance(10 * 60_000);
    expect((await visitor.ask(back)).to).toBe(`${app.url}/sign-in?refused=interrupted`);
    expect(await meOf(visitor)).toBeUndefined();
  });

  it('an e-mail address that the provider does not vouch for', async () => {
    const { email } = await person();
    for (const email_verified of [false, undefined]) {
      const { at, me } = await goes(account({ email, email_verified, groups: ['desk'] }));
      expect([at, me]).toEqual([refused('email_unverified'), undefined]);
    }
  });

  it('somebody who is not known and has no role', async () => {
    for (const groups of [['others'], [], undefined, 'LEADS']) {
      const who = account({ groups });
      expect(await goes(who)).toEqual({ at: refused('unknown'), me: undefined });
      const { connection } = await app.backdoor();
      expect(await connection.collection('people').findOne({ email: emailOf(who) })).toBeNull();
    }
  });

  it('a person who is deactivated, who stays so', async () => {
    const { id, email } = await person();
    const who = account({ email, groups: ['desk'] });
    expect((await goes(who)).me).toMatchObject({ id });
    const { body } = await world.admin.get<{ people: { id: string; rev: number }[] }>('/api/people');
    await world.admin.mustCommand('person.edit', {
      id,
      rev: body.people.find((one) => one.id === id)!.rev,
      active: false,
    });
    oidc.accounts.set(who, { ...oidc.accounts.get(who), groups: ['board-admins'] });
    expect(await goes(who)).toEqual({ at: refused('unknown'), me: undefined });
    const { connection } = await app.backdoor();
    const stored = await connection.collection<{ _id: string }>('people').findOne({ _id: id });
    expect(stored).toMatchObject({ role: 'team_member', inactiveAt: expect.any(Number) });
  });

  it('a person who says no at the provider, whose words are not passed on', async () => {
    const { at, me } = await goes('', '/wall');
    expect([at, me]).toEqual([refused('declined', '/wall'), undefined]);
  });

  it('a provider that is away; passwords still work', async () => {
    const visitor = new Visitor();
    const back = await visitor.throughProvider(app.url, account({ groups: ['desk'] }));
    oidc.down = true;
    expect(await arrives(visitor, back)).toEqual({ at: refused('away'), me: undefined });
    // One that has not been reached yet.
    await using fresh = await startTestApp({ stores, env: oidc.env });
    const { to } = await new Visitor().ask(`${fresh.url}/api/session/provider`);
    expect(to).toBe(`${fresh.url}${refused('away')}`);
    await signIn(app.url, world.people.ops.email, password);
    oidc.down = false;
    expect((await new Visitor().ask(`${fresh.url}/api/session/provider`)).to).toContain(oidc.issuer);
  });

  it('anybody, where there is no provider', async () => {
    await using without = await startTestApp({ stores });
    for (const path of ['/api/session/provider', '/api/session/provider/callback?code=a&state=b'])
      expect((await new Visitor().ask(without.url + path)).to).toBe(`${without.url}/sign-in?refused=off`);
    expect((await new Client(without.url).get<Me>('/api/session')).body.provider).toBeUndefined();
  });

  it('somebody who is not known, where there is more than one organization', async () => {
    await buildWorld(app);
    expect(await goes(account({ groups: ['desk'] }))).toEqual({ at: refused('unknown'), me: undefined });
    expect((await goes(account({ email: world.people.ops.email, groups: ['leads'] }))).me?.id).toBe(
      world.people.ops.id,
    );
  });

  it('thirty that came to nothing from one place: the next waits', async () => {
    await using other = await startTestApp({ stores, env: oidc.env });
    const visitor = new Visitor();
    const ask = async () => (await visitor.ask(`${other.url}/api/session/provider/callback?code=a&state=b`)).to;
    for (let i = 0; i < 30; i++) expect(await ask()).toContain('refused=interrupted');
    expect(await ask()).toBe(`${other.url}/sign-in?refused=too_many`);
  });
});

describe('the log', () => {
  it('has nothing of anybody in it, after all of the above', () => {
    const text = lines.join('');
    expect(text).toContain('sign-in by the provider refused');
    expect(text).not.toMatch(/@provider\.test|@board\.test|@secret\.test|code=|state=|eyJ|subject-/);
    expect(text).not.toContain(oidc.env['OIDC_CLIENT_SECRET']);
  });
});
