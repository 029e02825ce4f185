import { createHash, randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../server/src/platform/ids.ts';
import type { TestApp } from '../../support/app.ts';
import { startTestApp } from '../../support/app.ts';
import { enrol } from '../../support/authenticator.ts';
import { Client, signIn } from '../../support/client.ts';
import { KeyClient, makeKey } from '../../support/key.ts';
import { connectLive } from '../../support/live-client.ts';
import { keptLog } from '../../support/log.ts';
import type { MailServer, SmsGateway } from '../../support/outside.ts';
import { startMailServer, startSmsGateway } from '../../support/outside.ts';
import { until } from '../../support/until.ts';
import type { World } from '../../support/world.ts';
import { buildWorld, password } from '../../support/world.ts';

const { log, lines } = keptLog('trace');
/** Every secret that was used, by what it is. Some are found by their own shape in answers and in the database. */
const secrets = new Map<string, string>();
const secret = (what: string, value: string): string => {
  secrets.set(`${what} ${secrets.size}`, value);
  return value;
};
const random = (): string => randomBytes(12).toString('base64url');

/** Everything that anybody was told over HTTP or a socket, but for the one answer in which a secret is handed out. */
const told: string[] = [];
const smtpPassword = secret('password of the mail server', random());
const smsToken = secret('token of the SMS gateway', random());
const secretsKey = secret('key of second factors', randomBytes(32).toString('base64'));

let app: TestApp;
let world: World;
let mail: MailServer;
let sms: SmsGateway;

beforeAll(async () => {
  [mail, sms] = await Promise.all([startMailServer(), startSmsGateway()]);
  app = await startTestApp({
    workers: 1,
    log,
    env: {
      SMTP_URL: mail.url.replace('smtp://', `smtp://board:${smtpPassword}@`),
      MAIL_FROM: 'Ops <ops@board.test>',
      SMS_URL: sms.url,
      SMS_TOKEN: smsToken,
      SECRETS_KEY: secretsKey,
      PUBLIC_URL: 'https://board.example.com',
    },
  });
  world = await buildWorld(app, 'Secretive');
  secret('password of everybody', password);
  await useEverything();
  await goWrong();
  await lookAround();
}, 90_000);
afterAll(async () => {
  await app?.[Symbol.asyncDispose]();
  await Promise.all([mail, sms].map((server) => server?.[Symbol.asyncDispose]()));
});

const cookieOf = (client: Client): string => client.cookie!.split('=')[1]!;

/** Every way in which a secret comes in or goes out. */
async function useEverything(): Promise<void> {
  const { admin, people } = world;
  for (const who of ['admin', 'ops', 'team', 'driver1'] as const) secret('session', cookieOf(await world.as(who)));
  const ops = await signIn(app.url, people.ops.email, password);
  secret('session', cookieOf(ops));
  const next = secret('new password', `next ${random()}`);
  expect((await ops.post('/api/password', { current: password, next })).status).toBe(204);
  const set = secret('password by an admin', `set ${random()}`);
  expect((await admin.post(`/api/people/${people.driver2.id}/password`, { password: set })).status).toBe(204);

  const invited = await admin.post<{ path: string }>('/api/people/invitations', {
    id: newId(),
    name: 'Guest',
    email: 'guest@secretive.test',
    role: 'team_member',
  });
  const token = secret('invitation', invited.body.path.split('#')[1]!);
  await admin.post('/api/links/look', { token });
  const guest = new Client(app.url);
  const chosen = secret('password by a link', `chosen ${random()}`);
  expect((await guest.post('/api/links/use', { token, password: chosen })).status).toBe(200);
  secret('session', cookieOf(guest));
  const again = await admin.post<{ path: string }>(`/api/people/${people.team.id}/links`, { purpose: 'password' });
  secret('reset', again.body.path.split('#')[1]!);
  await new Client(app.url).post('/api/password/forgotten', { email: people.manager.email });
  await until('the link for a forgotten password is out', () =>
    mail.taken.some(({ to }) => to.includes(people.manager.email)),
  );
  for (const { raw } of mail.taken) {
    const link = /#([\w-]{43})/.exec(raw.replaceAll('=\r\n', '').replaceAll('=3D', '='))?.[1];
    if (link) secret('link in a mail', link);
  }

  const manager = await world.as('manager');
  const { app: device, recoveryCodes } = await enrol(manager, password, Date.now());
  secret('seed of an authenticator', device.secret);
  for (const code of recoveryCodes) secret('recovery code', code);
  const first = await new Client(app.url).post<{ details: { challenge: string } }>('/api/session', {
    email: people.manager.email,
    password,
  });
  const challenge = secret('challenge', first.body.details.challenge);
  const second = new Client(app.url);
  expect((await second.post('/api/session/second-factor', { challenge, code: recoveryCodes[0]! })).status).toBe(200);
  secret('session', cookieOf(second));

  const key = await makeKey(admin, ['batches:read']);
  secret('key', key.token);
  told.push((await key.get('/api/batches')).text);
  const id = await world.batch({ dueAt: Date.now() + 300 });
  await until('it is late', async () => {
    const ack = await admin.command('batch.notifyCustomer', {
      id,
      messages: [{ id: newId(), channel: 'sms', to: '+49 30 1234567', text: 'It is late.' }],
    });
    return ack.ok;
  });
  await until('the SMS is out', () => sms.asked.length > 0);
}

/** What fails, fails in silence about what it was given. */
async function goWrong(): Promise<void> {
  const wrong = secret('wrong password', `wrong ${random()}`);
  const guess = secret('guessed token', randomBytes(32).toString('base64url'));
  const client = new Client(app.url);
  const bad: Promise<{ text: string }>[] = [
    client.post('/api/session', { email: world.people.ops.email, password: wrong }),
    client.post('/api/session', `{"email":"x@y.test","password":"${wrong}"`),
    client.post('/api/session', { email: 'x@y.test', password: { is: wrong } }),
    client.post('/api/session', { email: 'x@y.test', password: wrong, more: wrong }),
    client.post('/api/links/use', { token: guess, password: wrong }),
    client.post('/api/links/look', { token: guess }),
    client.post('/api/session/second-factor', { challenge: guess, code: wrong }),
    world.admin.post('/api/password', { current: wrong, next: wrong }),
    world.admin.post('/api/people', { password: wrong, name: wrong }),
    new Client(app.url, `__Host-opsboard=${guess}`).get('/api/sessions'),
    new KeyClient(app.url, `ops_${guess}`).get('/api/batches'),
    client.get('/api/batches', { authorization: `Basic ${guess}` }),
    world.admin.post('/api/commands', {
      commandId: newId(),
      name: 'person.setPassword',
      args: { id: world.people.ops.id, passwordHash: guess },
    }),
  ];
  for (const { text } of await Promise.all(bad)) told.push(text);
}

/** Everything that everybody can see afterwards. */
async function lookAround(): Promise<void> {
  for (const who of ['admin', 'ops', 'team', 'driver1', 'display'] as const) {
    // The one whose password was changed keeps its session here.
    const client = await world.as(who);
    for (const path of [
      '/api/session',
      '/api/sessions',
      '/api/people',
      '/api/activity?limit=200',
      '/api/live/snapshot',
      '/api/live/catch-up?from=1',
      '/api/second-factor',
      '/api/keys/used',
      `/api/people/${world.people.team.id}/links`,
      `/api/people/${world.people.manager.id}/sessions`,
      '/api/openapi.json',
      '/metrics',
      '/healthz',
      '/readyz',
    ])
      told.push((await client.get(path)).text);
    if (who !== 'admin') continue;
    await using live = await connectLive(client);
    told.push(...live.raw);
  }
}

/** Secrets that stand in a text, by what they are. */
const foundIn = (text: string): string[] =>
  [...secrets]
    .filter(([, value]) => text.includes(value) || text.includes(encodeURIComponent(value)))
    .map(([what]) => what);

describe('secrets', () => {
  it('are many, and of every sort', () => {
    expect(new Set([...secrets.keys()].map((what) => what.replace(/ \d+$/, ''))).size).toBeGreaterThanOrEqual(14);
    expect(secrets.size).toBeGreaterThan(25);
    expect([...secrets.values()].filter((value) => value.length < 8)).toEqual([]);
  });

  it('are in no line of the log, at its most talkative', () => {
    const text = lines.join('');
    expect(text).toContain('"route":"/api/links/use"');
    expect(lines.filter((line) => foundIn(line).length > 0)).toEqual([]);
    // Nor what they are stored as.
    const hashes = [...secrets.values()].map((value) => createHash('sha256').update(value).digest('hex'));
    expect(hashes.filter((hash) => text.includes(hash))).toEqual([]);
    expect(text).not.toMatch(/argon2id|opsboard=[\w-]{10}|Bearer /);
    // Addresses of people are theirs.
    expect(text).not.toMatch(/@secretive\.test/);
  });

  it('are in no answer but the one that hands them out, in no error, and not among the measurements', () => {
    expect(told.length).toBeGreaterThan(60);
    expect(told.flatMap((text) => foundIn(text).map((what) => `${what}: ${text.slice(0, 200)}`))).toEqual([]);
    for (const text of told) expect(text).not.toMatch(/argon2id|"(tokenHash|passwordHash|recoveryHashes|totp)"\s*:/);
  });

  it('are nowhere in the database: only their hashes, or sealed', async () => {
    const { connection } = await app.backdoor();
    const found: string[] = [];
    for (const { name } of await connection.db!.listCollections().toArray()) {
      const text = JSON.stringify(await connection.collection(name).find({}).toArray());
      found.push(...foundIn(text).map((what) => `${name}: ${what}`));
      // [J9] what happened names them at most.
      if (name === 'journal' || name === 'receipts') expect([name, /argon2id/.test(text)]).toEqual([name, false]);
    }
    expect(found).toEqual([]);
  });

  it('are nowhere in Redis', async () => {
    const redis = new Redis(app.stores.redisUrl);
    try {
      const keys = await redis.keys('*');
      const texts = await Promise.all(keys.map(async (key) => `${key} ${(await redis.dump(key)) ?? ''}`));
      expect(texts.flatMap(foundIn)).toEqual([]);
      expect(keys.length).toBeGreaterThan(0);
    } finally {
      redis.disconnect();
    }
  });

  it('are never part of an address: links carry them behind the #, which no browser sends', () => {
    for (const { raw } of mail.taken) {
      const text = raw.replaceAll('=\r\n', '').replaceAll('=3D', '=');
      for (const [, address] of text.matchAll(/(https?:\/\/\S+)/g))
        expect(foundIn(address!.split('#')[0]!)).toEqual([]);
    }
    expect(mail.taken.length).toBeGreaterThanOrEqual(3);
  });
});

describe('mail', () => {
  it('has the headers that it should have and no others, whatever names and subjects hold', async () => {
    const allowed =
      /^(from|to|subject|message-id|date|mime-version|content-type|content-transfer-encoding|auto-submitted|x-auto-response-suppress)$/;
    const heads = mail.taken.map(({ raw }) => raw.slice(0, raw.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' '));
    for (const head of heads) {
      const names = head.split('\r\n').map((line) => line.slice(0, line.indexOf(':')).toLowerCase());
      expect(names.filter((name) => !allowed.test(name))).toEqual([]);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it('takes no line break in an address, a name or a subject', async () => {
    const id = await world.batch({ dueAt: Date.now() + 200 });
    const message = (more: object) => ({
      id: newId(),
      channel: 'email',
      to: 'jo@customer.test',
      subject: 'Late',
      text: 'T',
      ...more,
    });
    for (const more of [
      { to: 'jo@customer.test\r\nBcc: evil@x.test' },
      { to: 'jo@customer.test, evil@x.test' },
      { subject: 'Late\r\nBcc: evil@x.test' },
      { subject: 'Late\nBcc: evil@x.test' },
      { subject: 'Late\u0000' },
      { subject: 'Late\u2028Bcc: evil@x.test' },
    ]) {
      const answer = await world.admin.post<{ code: string }>('/api/commands', {
        commandId: newId(),
        name: 'batch.notifyCustomer',
        args: { id, messages: [message(more)] },
      });
      expect([more, answer.status, answer.body.code]).toEqual([more, 400, 'bad_request']);
    }
    const named = await world.admin.post('/api/people/invitations', {
      id: newId(),
      name: 'Jo\r\nBcc: evil@x.test',
      email: 'jo@secretive.test',
      role: 'driver',
    });
    expect(named.status).toBe(400);
  });

  it('shows what looks like a header as the text that it is', async () => {
    const id = await world.batch({ dueAt: Date.now() + 200 });
    const subject = '=?utf-8?Q?Late=0D=0ABcc:_evil@x.test?= \u202eBcc: evil@x.test';
    await until('it is late', async () => {
      const ack = await world.admin.command('batch.notifyCustomer', {
        id,
        messages: [
          { id: newId(), channel: 'email', to: 'nasty@customer.test', subject, text: '.\r\nBcc: x\n<b>bold</b>' },
        ],
      });
      return ack.ok;
    });
    await until('it is out', () => mail.taken.some(({ to }) => to.includes('nasty@customer.test')), 15_000);
    const taken = mail.taken.filter(({ to }) => to.includes('nasty@customer.test'));
    expect(taken.map(({ to }) => to)).toEqual([['nasty@customer.test']]);
    const head = taken[0]!.raw.slice(0, taken[0]!.raw.indexOf('\r\n\r\n'));
    expect(head).not.toMatch(/^(bcc|cc):/im);
    expect(taken[0]!.raw).not.toMatch(/\u202e|E2=80=AE|4oCu/i);
    // Encoded once more: a mail program shows the signs, and not what they would stand for.
    expect(head).not.toMatch(/=\?utf-8\?Q\?Late=0D=0A/i);
    expect(taken[0]!.raw).toMatch(/^content-type: text\/plain/im);
  });
});
