import { createHash } from 'node:crypto';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WireError } from '@opsboard/shared/protocol/errors';
import type { Role } from '@opsboard/shared/people/roles';
import { newId } from '../../server/src/platform/ids.ts';
import { createLog } from '../../server/src/platform/log.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { Client, signIn } from '../support/client.ts';
import type { TestClock } from '../support/clock.ts';
import { testClock } from '../support/clock.ts';
import { connectLive } from '../support/live-client.ts';
import type { MailServer } from '../support/outside.ts';
import { startMailServer } from '../support/outside.ts';
import { until } from '../support/until.ts';
import type { World } from '../support/world.ts';
import { buildWorld, password } from '../support/world.ts';

type Made = { id: string; purpose: string; path: string; expiresAt: number; mailed: boolean };
type Shown = {
  id: string;
  purpose: string;
  usedAt?: number;
  revokedAt?: number;
  mail?: { state: string; why?: string };
};
type Refused = WireError & { details: { why: string } };
type Sessions = {
  sessions: { id: string; device?: string; expiresAt: number; renewedAt?: number; current: boolean }[];
};

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
const chosen = 'five words of my own';
const lines: string[] = [];
const tokens: string[] = [];
let clock: TestClock;
let mail: MailServer;
let app: TestApp;
let world: World;
let other: World;

beforeAll(async () => {
  clock = testClock();
  mail = await startMailServer();
  const log = createLog('test', 'trace', { write: (line: string) => void lines.push(line) });
  app = await startTestApp({ webs: 2, clock, log, env: { SMTP_URL: mail.url, MAIL_FROM: 'Ops <ops@works.test>' } });
  world = await buildWorld(app);
  other = await buildWorld(app);
}, 60_000);
afterAll(async () => {
  await app?.[Symbol.asyncDispose]();
  await mail?.[Symbol.asyncDispose]();
});

const tokenOf = ({ path }: { path: string }): string => {
  const token = path.split('#')[1]!;
  tokens.push(token);
  return token;
};
let people = 0;
const newPerson = (role: Role = 'team_member') => {
  const name = `Guest ${++people}`;
  return { id: newId(), name, email: `guest${people}@links.test`, role };
};
/** Invites somebody. @returns them, and the token of their link */
async function invite(role?: Role, more: object = {}, by: Client = world.admin) {
  const person = { ...newPerson(role), ...more };
  const { status, body, text } = await by.post<Made>('/api/people/invitations', person);
  if (status !== 201) throw new Error(text);
  return { ...person, made: body, token: tokenOf(body) };
}
async function newLink(person: string, purpose = 'password'): Promise<{ made: Made; token: string }> {
  const { status, body, text } = await world.admin.post<Made>(`/api/people/${person}/links`, { purpose });
  if (status !== 201) throw new Error(text);
  return { made: body, token: tokenOf(body) };
}
const look = (token: string, url = app.url) => new Client(url).post<Refused>('/api/links/look', { token });
const use = (token: string, given = chosen, client = new Client(app.url)) =>
  client.post<Refused & { person: { id: string; role: string } }>('/api/links/use', { token, password: given });
const refusal = async (token: string) => {
  const [looked, used] = [await look(token), await use(token)];
  expect(used.body).toEqual(looked.body);
  expect([looked.status, used.status, looked.body.code]).toEqual([410, 410, 'link_void']);
  expect(used.headers.getSetCookie()).toEqual([]);
  return looked.body.details.why;
};
const linksOf = async (person: string) =>
  (await world.admin.get<{ links: Shown[] }>(`/api/people/${person}/links`)).body.links;
const isIn = async (client: Client) =>
  (await client.get<{ person?: object }>('/api/session')).body.person !== undefined;
const mailsTo = (email: string) => mail.taken.filter(({ to }) => to.includes(email));
const revOf = async (id: string) =>
  (await world.admin.get<{ people: { id: string; rev: number }[] }>('/api/people')).body.people.find(
    (person) => person.id === id,
  )!.rev;

describe('an invitation', () => {
  it('goes to its person and to the admin, opens once, and signs in with the role it was made with', async () => {
    const guest = await invite('manager', { branches: [world.branches.south] });
    expect(guest.made).toMatchObject({ purpose: 'invitation', mailed: true });
    expect(guest.made.path).toMatch(/^\/join#[\w-]{43}$/);
    expect(guest.made.expiresAt - clock.now()).toBeGreaterThan(7 * day - minute);
    await until('the mail is taken', () => mailsTo(guest.email).length === 1);
    const raw = mailsTo(guest.email)[0]!
      .raw.replace(/=\r?\n/g, '')
      .replace(/=3D/g, '=');
    expect(raw).toContain(`${app.url}${guest.made.path}`);
    expect(raw).toMatch(/It works once, until \w+/);
    expect(raw).toContain(world.people.admin.name);
    await until('that it was sent is on record', async () => (await linksOf(guest.id))[0]!.mail?.state === 'sent');

    expect((await new Client(app.url).post('/api/session', { email: guest.email, password })).status).toBe(401);
    const looked = await look(guest.token, app.webs[1]!.url);
    expect(looked.body).toEqual({
      purpose: 'invitation',
      organization: (await world.admin.get<{ organization: { name: string } }>('/api/session')).body.organization.name,
      person: guest.name,
      expiresAt: guest.made.expiresAt,
    });
    expect((await look(guest.token)).status).toBe(200);
    const client = new Client(app.url);
    const used = await use(guest.token, chosen, client);
    expect([used.status, used.body.person]).toMatchObject([
      200,
      { id: guest.id, role: 'manager', branches: [world.branches.south] },
    ]);
    expect(used.text).not.toMatch(/Hash|argon2|linksSince/);
    expect(await isIn(client)).toBe(true);
    expect(await refusal(guest.token)).toBe('used');
    await signIn(app.webs[1]!.url, guest.email, chosen);
    expect(
      (await world.admin.post<WireError>(`/api/people/${guest.id}/links`, { purpose: 'invitation' })).body.code,
    ).toBe('nothing_to_change');
  });

  it('is not used up by a password that is too short, and by looking', async () => {
    const { token } = await invite();
    const short = await use(token, 'short');
    expect([short.status, short.body.code, short.body.field]).toEqual([400, 'bad_request', 'password']);
    expect((await look(token)).status).toBe(200);
    expect((await use(token)).status).toBe(200);
  });

  it('opens for one of two who come at the same moment, on two processes', async () => {
    for (let round = 0; round < 5; round++) {
      const { token, email } = await invite();
      const words = ['the first of the two', 'the other of the two'];
      const answers = await Promise.all(words.map((given, i) => use(token, given, new Client(app.webs[i]!.url))));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 410]);
      const won = answers.findIndex(({ status }) => status === 200);
      expect(answers[1 - won]!.body.details.why).toBe('used');
      await signIn(app.url, email, words[won]!);
      expect((await new Client(app.url).post('/api/session', { email, password: words[1 - won] })).status).toBe(401);
    }
  });

  it('runs out after seven days, a link for a new password after an hour', async () => {
    const [guest, sooner] = [await invite(), await invite()];
    const reset = await newLink(world.people.team.id);
    clock.advance(hour - minute);
    expect((await look(reset.token)).status).toBe(200);
    clock.advance(minute);
    expect(await refusal(reset.token)).toBe('expired');
    clock.advance(7 * day - hour - minute);
    expect((await use(sooner.token)).status).toBe(200);
    clock.advance(minute);
    expect(await refusal(guest.token)).toBe('expired');
    const again = await newLink(guest.id, 'invitation');
    expect((await use(again.token)).status).toBe(200);
  });

  it('is the admin’s to make: within their organization, of their branches, and once per person and address', async () => {
    const guest = await invite();
    for (const who of ['ops', 'team', 'driver1', 'manager', 'display', 'southOps'] as const) {
      const client = await signIn(app.url, world.people[who].email, password);
      const tries = [
        await client.post<WireError>('/api/people/invitations', newPerson()),
        await client.post<WireError>(`/api/people/${guest.id}/links`, { purpose: 'invitation' }),
        await client.get<WireError>(`/api/people/${guest.id}/links`),
        await client.get<WireError>(`/api/people/${guest.id}/sessions`),
      ];
      for (const { status, body } of tries) expect([who, status, body.code]).toEqual([who, 403, 'forbidden']);
    }
    expect((await other.admin.get(`/api/people/${guest.id}/links`)).status).toBe(404);
    const twice = await world.admin.post<WireError>('/api/people/invitations', { ...newPerson(), id: guest.id });
    expect([twice.status, twice.body.code]).toEqual([409, 'already_exists']);
    const taken = await other.admin.post<WireError>('/api/people/invitations', { ...newPerson(), email: guest.email });
    expect([taken.status, taken.body.code, taken.body.field]).toEqual([422, 'email_taken', 'email']);
    for (const name of ['person.invite', 'link.create', 'link.use'] as const) {
      const ack = await world.admin.command(name, { id: newId() } as never);
      expect([name, ack.ok]).toEqual([name, false]);
    }
  });
});

describe('a link opens nothing any more', () => {
  it('once a newer one was made, or it was withdrawn', async () => {
    const guest = await invite();
    const newer = await newLink(guest.id, 'invitation');
    expect(await refusal(guest.token)).toBe('revoked');
    expect((await look(newer.token)).status).toBe(200);
    await world.admin.mustCommand('link.revoke', { id: newer.made.id });
    expect(await refusal(newer.token)).toBe('revoked');
    expect(await linksOf(guest.id)).toMatchObject([
      { id: newer.made.id, revokedAt: expect.any(Number) },
      { id: guest.made.id, revokedAt: expect.any(Number) },
    ]);
  });

  it('once its person was deactivated, also after they were let in again', async () => {
    const guest = await invite();
    await world.admin.mustCommand('person.edit', { id: guest.id, rev: 1, active: false });
    expect(await refusal(guest.token)).toBe('revoked');
    const shut = await world.admin.post<WireError>(`/api/people/${guest.id}/links`, { purpose: 'invitation' });
    expect([shut.status, shut.body.code]).toEqual([422, 'inactive']);
    await world.admin.mustCommand('person.edit', { id: guest.id, rev: 2, active: true });
    expect(await refusal(guest.token)).toBe('revoked');
  });

  it('once the address it went to is another, or the password was changed some other way', async () => {
    const guest = await invite();
    clock.advance(1);
    await world.admin.mustCommand('person.edit', { id: guest.id, rev: 1, email: `moved${guest.email}` });
    expect(await refusal(guest.token)).toBe('revoked');
    const { token } = await newLink(guest.id);
    clock.advance(1);
    expect((await world.admin.post(`/api/people/${guest.id}/password`, { password: chosen })).status).toBe(204);
    expect(await refusal(token)).toBe('revoked');
    await signIn(app.url, `moved${guest.email}`, chosen);
  });

  it.each(['x', 'A'.repeat(43), 'A'.repeat(42), `${'A'.repeat(43)}\n`, '$ne', '%00'])(
    'that never was: %j',
    async (token) => {
      expect(await refusal(token)).toBe('unknown');
    },
  );

  it('and a token is no text but a text', async () => {
    for (const token of [{ $ne: '' }, ['a'], null, 7, ''])
      expect((await new Client(app.url).post('/api/links/look', { token })).status).toBe(400);
  });
});

describe('a new password by link', () => {
  it('ends every session of its person and cuts their live connections, and leaves the others alone', async () => {
    const { southTeam } = world.people;
    const [old, elsewhere] = [
      await signIn(app.url, southTeam.email, password),
      await signIn(app.webs[1]!.url, southTeam.email, password),
    ];
    await using line = await connectLive(elsewhere);
    const { token } = await newLink(southTeam.id);
    const client = new Client(app.url);
    expect((await use(token, chosen, client)).status).toBe(200);
    expect(await isIn(old)).toBe(false);
    await until('the line is cut', () => line.cuts.length > 0 && !line.socket.connected, 1_000);
    expect(await isIn(client)).toBe(true);
    expect(await isIn(world.admin)).toBe(true);
    expect((await new Client(app.url).post('/api/session', { email: southTeam.email, password })).status).toBe(401);
  });

  it('signs out whoever else was signed in with that browser', async () => {
    const guest = await invite();
    const browser = await signIn(app.url, world.people.ops.email, password);
    const before = browser.at(app.url);
    await use(guest.token, chosen, browser);
    expect(await isIn(before)).toBe(false);
    expect((await browser.get<{ person: { id: string } }>('/api/session')).body.person.id).toBe(guest.id);
  });

  it('is sent to whoever forgot theirs; nobody learns from the answer whether there is such a person', async () => {
    const guest = await invite();
    await use(guest.token);
    const ask = (email: string) => new Client(app.url).post('/api/password/forgotten', { email });
    const [known, unknown] = [await ask(guest.email.toUpperCase()), await ask('nobody@links.test')];
    expect([known.status, known.body]).toEqual([200, { mail: true }]);
    expect([unknown.status, unknown.text]).toEqual([known.status, known.text]);
    expect([...unknown.headers.keys()].sort()).toEqual([...known.headers.keys()].sort());
    await until('the mail is taken', () => mailsTo(guest.email).length === 2);
    expect(mailsTo('nobody@links.test')).toEqual([]);
    const raw = mailsTo(guest.email)[1]!
      .raw.replace(/=\r?\n/g, '')
      .replace(/=3D/g, '=');
    const token = /\/reset#([\w-]{43})/.exec(raw)![1]!;
    tokens.push(token);
    expect((await use(token, 'another five words')).status).toBe(200);
    await signIn(app.url, guest.email, 'another five words');
    // Known or not, three are enough for a quarter of an hour.
    for (const email of [guest.email, 'nobody@links.test']) {
      await ask(email);
      await ask(email);
      const { status, body } = await ask(email);
      expect([email, status, (body as WireError).code]).toEqual([email, 429, 'too_many_requests']);
    }
  });

  it('is answered for before the mail is on its way, and never leads where a request says', async () => {
    const guest = await invite();
    await until('the invitation is sent', () => mailsTo(guest.email).length === 1);
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    mail.behaviour = { data: () => held };
    const { hostname, port } = new URL(app.url);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const asked = request(
        {
          hostname,
          port,
          path: '/api/password/forgotten',
          method: 'POST',
          headers: { host: 'evil.example', 'content-type': 'application/json', 'x-forwarded-host': 'evil.example' },
        },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        },
      );
      asked.on('error', reject);
      asked.end(JSON.stringify({ email: guest.email }));
    });
    expect(status).toBe(200);
    goOn();
    mail.behaviour = {};
    await until('the mail is taken', () => mailsTo(guest.email).length === 2);
    expect(mailsTo(guest.email)[1]!.raw).not.toContain('evil');
    expect(mailsTo(guest.email)[1]!.raw.replace(/=\r?\n/g, '')).toContain(`${app.url}/reset#`);
  });

  it('says what became of its mail, and does not send again what may have arrived', async () => {
    mail.behaviour = { recipient: '550 No such user' };
    const refused = await invite();
    await until('it has failed', async () => (await linksOf(refused.id))[0]!.mail?.state === 'failed');
    expect((await linksOf(refused.id))[0]!.mail!.why).toMatch(/does not take mail for this address/);
    mail.behaviour = { data: (socket) => socket.destroy() };
    const broken = await invite();
    await until('nobody knows', async () => (await linksOf(broken.id))[0]!.mail?.state === 'unknown');
    mail.behaviour = {};
    expect(mailsTo(broken.email)).toHaveLength(1);
    // The admin has the link all the same.
    expect((await use(broken.token)).status).toBe(200);
  });
});

describe('sessions', () => {
  it('are listed for their person and the admin, and ended one by one', async () => {
    const { southOps } = world.people;
    const [one, two] = [
      await signIn(app.url, southOps.email, password),
      await signIn(app.url, southOps.email, password),
    ];
    const { body, text } = await one.get<Sessions>('/api/sessions');
    expect(body.sessions.filter(({ current }) => current)).toHaveLength(1);
    expect(text).not.toMatch(/token|hash/i);
    const theirs = await world.admin.get<Sessions>(`/api/people/${southOps.id}/sessions`);
    expect(theirs.body.sessions.map(({ id }) => id).sort()).toEqual(body.sessions.map(({ id }) => id).sort());
    expect(theirs.body.sessions.some(({ current }) => current)).toBe(false);
    const second = (await two.get<Sessions>('/api/sessions')).body.sessions.find(({ current }) => current)!;
    expect(await (await world.as('driver2')).outcome('session.end', { id: second.id })).toBe('not_found');
    await one.mustCommand('session.end', { id: second.id });
    expect([await isIn(one), await isIn(two)]).toEqual([true, false]);
    const three = await signIn(app.url, southOps.email, password);
    expect((await one.delete('/api/sessions?which=others')).status).toBe(204);
    expect([await isIn(one), await isIn(three)]).toEqual([true, false]);
    expect((await one.delete('/api/sessions?which=mine')).status).toBe(400);
  });

  it('of drivers are renewed by use, on record once a day, so that no shift ends in a sign-in form', async () => {
    const clock = testClock();
    await using own = await startTestApp({ stores: app.stores, clock });
    const { admin } = await buildWorld(own);
    const driver = await invite('driver', {}, admin);
    const client = new Client(own.url);
    const { headers } = await use(driver.token, chosen, client);
    expect(headers.getSetCookie()[0]).toContain(`Max-Age=${400 * 86_400};`);
    const [{ id, expiresAt }] = (await client.get<Sessions>('/api/sessions')).body.sessions as [
      Sessions['sessions'][0],
    ];
    expect(Math.round((expiresAt - clock.now()) / day)).toBe(90);
    await using line = await connectLive(client);
    const { connection } = await own.backdoor();
    const renewals = () => connection.collection('journal').countDocuments({ id, verb: 'session.renew' });
    clock.advance(day / 2);
    for (let i = 0; i < 3; i++) expect(await isIn(client)).toBe(true);
    expect(await renewals()).toBe(0);
    clock.advance(88 * day);
    await Promise.all(Array.from({ length: 20 }, () => isIn(client)));
    await until('the use is on record', async () => (await renewals()) === 1);
    await Promise.all(Array.from({ length: 20 }, () => isIn(client)));
    clock.advance(89 * day);
    expect(await isIn(client)).toBe(true);
    await until('and the next one', async () => (await renewals()) === 2);
    // The beat looks for lines whose session has run out once a second: two frames later it has looked.
    const frames = line.frames.length;
    await until('two beats', () => line.frames.length >= frames + 2);
    expect(line.socket.connected).toBe(true);
    clock.advance(91 * day);
    expect(await isIn(client)).toBe(false);
    await until('the line is cut', () => !line.socket.connected, 3_000);
  });

  it('of who drives no more last as long as everybody’s; a desk’s are not renewed', async () => {
    const clock = testClock();
    await using own = await startTestApp({ stores: app.stores, clock });
    const theirs = await buildWorld(own);
    const driver = await invite('driver', {}, theirs.admin);
    const client = new Client(own.url);
    await use(driver.token, chosen, client);
    const desk = await theirs.as('ops');
    clock.advance(29 * day);
    expect([await isIn(client), await isIn(desk)]).toEqual([true, true]);
    await theirs.admin.mustCommand('person.edit', { id: driver.id, rev: 2, role: 'team_member' });
    clock.advance(2 * day);
    expect(await isIn(desk)).toBe(false);
    clock.advance(30 * day);
    expect(await isIn(client)).toBe(false);
  });
});

describe('deactivation', () => {
  it('ends requests, live connections and an export under way within a second, and leaves history whole', async () => {
    const leaver = await invite('operations_manager');
    const client = new Client(app.webs[1]!.url);
    await use(leaver.token, chosen, client);
    const batch = await world.batch();
    await client.mustCommand('batch.seal', { id: batch, count: 1 });

    // Far more than fits between a server and a reader that does not read.
    const { connection } = await app.backdoor();
    const draft = await world.batch();
    await world.admin.mustCommand('batch.cancel', { id: draft, reason: 'not wanted' });
    const batches = connection.collection<{ _id: string; reference: string }>('batches');
    const pattern = (await batches.findOne({ _id: draft }))!;
    const copies = (from: number) =>
      Array.from({ length: 1_000 }, (_, i) => ({
        ...pattern,
        _id: newId(),
        reference: `X-${from + i}-${'x'.repeat(2_000)}`,
      }));
    for (let i = 0; i < 6; i++) await batches.insertMany(copies(i * 1_000));

    await using line = await connectLive(client);
    const { hostname, port } = new URL(client.url);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const path = '/api/batches/export.csv?archived=true';
      request({ hostname, port, path, headers: { cookie: client.cookie } }, resolve)
        .on('error', reject)
        .end();
    });
    expect(answer.statusCode).toBe(200);
    answer.pause();
    let broken = 0;
    answer.on('error', () => (broken = performance.now()));
    answer.on('aborted', () => (broken = performance.now()));

    const from = performance.now();
    await world.admin.mustCommand('person.edit', { id: leaver.id, rev: await revOf(leaver.id), active: false });
    await until('requests are refused', async () => !(await isIn(client)), 1_000);
    await until('the line is cut', () => line.cuts.length > 0 && !line.socket.connected, 1_000);
    // Whoever begins to read gets what was on its way, and never the end.
    let bytes = 0;
    answer.on('data', (chunk: Buffer) => (bytes += chunk.length)).resume();
    await until('the export is broken off', () => broken > 0, 1_000);
    expect(performance.now() - from).toBeLessThan(1_500);
    expect(bytes).toBeLessThan(6_000 * 2_000);
    await batches.deleteMany({ reference: /^X-/ });

    const timeline = await world.admin.get<{ entries: { verb: string; actor: { id: string } }[] }>(
      `/api/batches/${batch}/timeline`,
    );
    expect(timeline.body.entries.find(({ verb }) => verb === 'batch.seal')!.actor.id).toBe(leaver.id);
    const names = await (
      await signIn(app.url, world.people.team.email, password)
    ).get<{ people: { id: string; name: string }[] }>('/api/people');
    expect(names.body.people.find(({ id }) => id === leaver.id)?.name).toBe(leaver.name);
  });

  it('leaves one admin, also when two shut each other out at the same moment on two processes', async () => {
    const second = await invite('admin');
    const client = new Client(app.webs[1]!.url);
    await use(second.token, chosen, client);
    const out = (id: string, rev: number) => ({ id, rev, active: false });
    const outcomes = await Promise.all([
      world.admin.outcome('person.edit', out(second.id, await revOf(second.id))),
      client.outcome('person.edit', out(world.people.admin.id, await revOf(world.people.admin.id))),
    ]);
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1);
    expect(['last_admin', 'not_signed_in']).toContain(outcomes.find((outcome) => outcome !== 'ok'));
  });
});

it('guesses at links from one place are refused after sixty', async () => {
  const guess = () => look(createHash('sha256').update(`${Math.random()}`).digest('base64url'));
  const answers = await Promise.all(Array.from({ length: 70 }, guess));
  expect(answers.some(({ status }) => status === 410)).toBe(true);
  await until('no more', async () => (await guess()).status === 429);
});

it('tokens are nowhere: not in the log, the records, the journal, the receipts', async () => {
  const { connection } = await app.backdoor();
  const stored = await Promise.all(
    ['links', 'people', 'sessions', 'journal', 'receipts'].map(async (name) =>
      JSON.stringify(await connection.collection(name).find({}).toArray()),
    ),
  );
  const log = lines.join('');
  expect(log).toContain('"route":"/api/links/use"');
  expect(log).toContain('link sent');
  expect(tokens.length).toBeGreaterThan(15);
  for (const token of tokens) for (const text of [log, ...stored]) expect(text.includes(token)).toBe(false);
  for (const text of [log, ...stored]) expect(text.includes(chosen)).toBe(false);
  // Not even hashes are in entries, nor addresses in the log.
  expect(stored[3]).not.toMatch(/tokenHash":|argon2|linksSince":/);
  expect(log).not.toMatch(/argon2id|@links\.test/);
});
