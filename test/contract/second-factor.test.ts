import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { createLog } from '../../server/src/platform/log.ts';
import { newId } from '../../server/src/platform/ids.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { authenticator, enrol } from '../support/authenticator.ts';
import type { Authenticator } from '../support/authenticator.ts';
import { Client, signIn } from '../support/client.ts';
import type { TestClock } from '../support/clock.ts';
import { testClock } from '../support/clock.ts';
import type { World } from '../support/world.ts';
import { buildWorld, password } from '../support/world.ts';

const step = 30_000;
const minute = 60_000;
const lines: string[] = [];
const secrets: string[] = [];
const secretsKey = Buffer.alloc(32, 7).toString('base64');
let clock: TestClock;
let app: TestApp;
let world: World;

beforeAll(async () => {
  clock = testClock();
  const log = createLog('test', 'trace', { write: (line: string) => void lines.push(line) });
  app = await startTestApp({ webs: 2, clock, log, env: { SECRETS_KEY: secretsKey } });
  world = await buildWorld(app);
}, 60_000);
afterAll(() => app[Symbol.asyncDispose]());

type State = { on: boolean; since?: number; recoveryCodesLeft: number; password: boolean };
const state = async (client: Client): Promise<State> => (await client.get<State>('/api/second-factor')).body;
const isIn = async (client: Client): Promise<boolean> =>
  (await client.get<{ person?: unknown }>('/api/session')).body.person !== undefined;

let added = 0;
/** Somebody of their own for each test, so that counts of failures do not meet. */
async function person(): Promise<{ id: string; email: string; client: Client }> {
  const [id, email] = [newId(), `second${++added}@two.test`];
  await world.admin.post('/api/people', { commandId: newId(), id, name: 'Two', email, role: 'team_member', password });
  return { id, email, client: await signIn(app.url, email, password) };
}
async function enrolled(): Promise<
  Awaited<ReturnType<typeof person>> & { app: Authenticator; recoveryCodes: string[] }
> {
  const somebody = await person();
  const set = await enrol(somebody.client, password, clock.now());
  secrets.push(set.app.secret, ...set.recoveryCodes);
  // The first code is used up and out of the window; and no step ends while a test is under way.
  clock.advance(3 * step - (clock.now() % step) + 1_000);
  return { ...somebody, ...set };
}
/** The first step of a sign-in. */
async function challenge(email: string, given = password): Promise<{ client: Client; challenge: string }> {
  const client = new Client(app.url);
  const { status, body, headers } = await client.post<WireError>('/api/session', { email, password: given });
  expect([status, body.code]).toEqual([401, 'second_factor_required']);
  expect(headers.getSetCookie()).toEqual([]);
  expect(await isIn(client)).toBe(false);
  return { client, challenge: body.details!['challenge'] as string };
}
const second = (client: Client, given: string, code: string) =>
  client.post<WireError>('/api/session/second-factor', { challenge: given, code });

describe('setting it up', () => {
  it('needs the password, then a first code; the recovery codes are shown once', async () => {
    const { client } = await person();
    expect(await state(client)).toEqual({ on: false, recoveryCodesLeft: 0, password: true });
    const wrong = await client.post<WireError>('/api/second-factor/offer', { password: 'not this one' });
    expect([wrong.status, wrong.body.code, wrong.body.field]).toEqual([401, 'wrong_credentials', 'password']);

    const { body: offer } = await client.post<{ offer: string; secret: string; address: string; qr: string }>(
      '/api/second-factor/offer',
      { password },
    );
    expect(offer.address).toContain(`secret=${offer.secret}`);
    expect(offer.qr).toMatch(/^data:image\/svg\+xml;base64,/);
    expect(await state(client)).toMatchObject({ on: false });
    const device = authenticator(offer.secret);
    const mistyped = await client.post<WireError>('/api/second-factor', { offer: offer.offer, code: '000000' });
    expect([mistyped.status, mistyped.body.code, mistyped.body.field]).toEqual([401, 'wrong_code', 'code']);
    const done = await client.post<{ recoveryCodes: string[] }>('/api/second-factor', {
      offer: offer.offer,
      code: device.code(clock.now()).replace(/^.../, '$& '),
    });
    expect(done.status).toBe(201);
    expect(new Set(done.body.recoveryCodes).size).toBe(10);
    expect(await state(client)).toEqual({
      on: true,
      since: expect.any(Number),
      recoveryCodesLeft: 10,
      password: true,
    });
    const again = await client.post<WireError>('/api/second-factor/offer', { password });
    expect(again.body.code).toBe('already_exists');
  });

  it('an offer is for one session, for a quarter of an hour, and not after another password', async () => {
    const [ada, bob] = [await person(), await person()];
    const offerOf = async (client: Client) =>
      (await client.post<{ offer: string; secret: string }>('/api/second-factor/offer', { password })).body;
    const confirm = (client: Client, { offer, secret }: { offer: string; secret: string }) =>
      client.post<WireError>('/api/second-factor', { offer, code: authenticator(secret).code(clock.now()) });
    const offer = await offerOf(ada.client);
    const elsewhere = await signIn(app.url, ada.email, password);
    for (const other of [bob.client, elsewhere])
      expect((await confirm(other, offer)).body.code).toBe('challenge_expired');
    clock.advance(15 * minute);
    expect((await confirm(ada.client, offer)).body.code).toBe('challenge_expired');
    const fresh = await offerOf(ada.client);
    await ada.client.post('/api/password', { current: password, next: `${password}!` });
    expect((await confirm(ada.client, fresh)).body.code).toBe('challenge_expired');
    expect(await state(ada.client)).toMatchObject({ on: false });
  });

  it('keeps no secret in the clear, in no collection', async () => {
    const { app: device, recoveryCodes, id } = await enrolled();
    const { connection } = await app.backdoor();
    for (const name of ['people', 'journal', 'receipts', 'usedCodes']) {
      const text = JSON.stringify(await connection.collection(name).find({}).toArray());
      expect(text, name).not.toContain(device.secret);
      for (const code of recoveryCodes) expect(text, name).not.toContain(code);
      if (name === 'journal') expect(text).not.toMatch(/sealed:|recoveryHashes":\[/);
    }
    const stored = await connection.collection<{ _id: string }>('people').findOne({ _id: id });
    expect(stored).toMatchObject({ totp: { secret: expect.stringMatching(/^sealed:1:/) } });
    // Nor does anybody get any of it to see.
    for (const path of ['/api/people', '/api/live/snapshot', '/api/session', '/api/activity'])
      expect((await world.admin.get(path)).text, path).not.toMatch(/sealed:|"totp"|recoveryHashes":/);
  });
});

describe('signing in', () => {
  it('takes the code of now, of the step before or after, and starts a session of its own', async () => {
    for (const apart of [0, -step, step]) {
      const { email, app: device } = await enrolled();
      const asked = await challenge(email);
      const done = await second(asked.client, asked.challenge, device.code(clock.now() + apart));
      expect([apart, done.status]).toEqual([apart, 200]);
      expect(await isIn(asked.client)).toBe(true);
      expect(done.headers.getSetCookie()[0]).toMatch(/^opsboard=[\w-]{43}; .*HttpOnly/);
      expect(done.text).not.toMatch(/sealed:|totp|recoveryHashes/);
    }
  });

  it.each([-2 * step, 2 * step])('refuses a code of %i ms from now', async (apart) => {
    const { email, app: device } = await enrolled();
    const asked = await challenge(email);
    const refused = await second(asked.client, asked.challenge, device.code(clock.now() + apart));
    expect([refused.status, refused.body.code]).toEqual([401, 'wrong_code']);
    expect(await isIn(asked.client)).toBe(false);
  });

  it('takes a code once, however many ask at the same moment, on both processes', async () => {
    const { email, app: device } = await enrolled();
    const asked = await Promise.all([0, 1, 2, 3].map(() => challenge(email)));
    const code = device.code(clock.now());
    const answers = await Promise.all(
      asked.map(({ client, challenge: its }, i) => second(client.at(app.webs[i % 2]!.url), its, code)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
    clock.advance(step);
    const later = await challenge(email);
    expect((await second(later.client, later.challenge, code)).body.code).toBe('wrong_code');
    expect((await second(later.client, later.challenge, device.code(clock.now()))).status).toBe(200);
  });

  it('takes a recovery code once, however it is typed, and says how many are left', async () => {
    const { email, client, recoveryCodes } = await enrolled();
    const [first = ''] = recoveryCodes;
    const asked = await Promise.all([0, 1].map(() => challenge(email)));
    const answers = await Promise.all(
      asked.map(({ client: own, challenge: its }, i) =>
        second(own.at(app.webs[i]!.url), its, ` ${first.toUpperCase().replaceAll('-', ' ')} `),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect(await state(client)).toMatchObject({ on: true, recoveryCodesLeft: 9 });
    const again = await challenge(email);
    expect((await second(again.client, again.challenge, first)).body.code).toBe('wrong_code');
    expect((await second(again.client, again.challenge, recoveryCodes[1]!)).status).toBe(200);
  });

  it('a challenge is for five minutes, one person and this purpose, and ends with the password', async () => {
    const [ada, bob] = [await enrolled(), await enrolled()];
    const asked = await challenge(ada.email);
    expect((await second(asked.client, asked.challenge, bob.app.code(clock.now()))).body.code).toBe('wrong_code');
    const forged = `${asked.challenge.slice(0, -4)}AAAA`;
    expect((await second(asked.client, forged, ada.app.code(clock.now()))).body.code).toBe('challenge_expired');
    const enrolling = await bob.client.post<WireError>('/api/second-factor', {
      offer: asked.challenge,
      code: ada.app.code(clock.now()),
    });
    expect(enrolling.body.code).toBe('challenge_expired');
    clock.advance(5 * minute);
    expect((await second(asked.client, asked.challenge, ada.app.code(clock.now()))).body.code).toBe(
      'challenge_expired',
    );

    const fresh = await challenge(ada.email);
    expect((await ada.client.post('/api/password', { current: password, next: 'changed in between' })).status).toBe(
      204,
    );
    const refused = await second(fresh.client, fresh.challenge, ada.app.code(clock.now()));
    expect(refused.body.code).toBe('challenge_expired');
    const right = await challenge(ada.email, 'changed in between');
    expect((await second(right.client, right.challenge, ada.app.code(clock.now()))).status).toBe(200);
  });

  it('a person who is deactivated in between stays out', async () => {
    const { id, email, app: device } = await enrolled();
    const asked = await challenge(email);
    const { body } = await world.admin.get<{ people: { id: string; rev: number }[] }>('/api/people');
    const { rev } = body.people.find((one) => one.id === id)!;
    await world.admin.mustCommand('person.edit', { id, rev, active: false });
    expect((await second(asked.client, asked.challenge, device.code(clock.now()))).status).toBe(401);
    expect(await isIn(asked.client)).toBe(false);
  });

  it('is not reached with a wrong password, which is answered as for everybody', async () => {
    const [ada, bob] = [await enrolled(), await person()];
    const wrong = (email: string) =>
      new Client(app.url).post<WireError>('/api/session', { email, password: 'not this one' });
    expect((await wrong(ada.email)).body).toEqual((await wrong(bob.email)).body);
  });

  it('refuses after ten wrong codes, on both processes together, also the right one, and says how long', async () => {
    const { email, app: device } = await enrolled();
    const asked = await challenge(email);
    for (let i = 0; i < 10; i++) {
      const client = asked.client.at(app.webs[i % 2]!.url);
      expect((await second(client, asked.challenge, i % 3 ? '000000' : 'aaaa-aaaa-aaaa-aaaa')).status).toBe(401);
    }
    for (const { url } of app.webs) {
      const refused = await second(asked.client.at(url), asked.challenge, device.code(clock.now()));
      expect([refused.status, refused.body.code]).toEqual([429, 'too_many_requests']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(800);
    }
  });

  it('holds against codes that are guessed all at once', async () => {
    const { email } = await enrolled();
    const asked = await challenge(email);
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) => second(asked.client.at(app.webs[i % 2]!.url), asked.challenge, '000000')),
    );
    expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(14);
    expect(answers.every(({ status }) => status === 401 || status === 429)).toBe(true);
  });
});

describe('what exists', () => {
  it('is turned off with password and code, and the password alone signs in again', async () => {
    const { email, client, app: device } = await enrolled();
    const off = (given: string, code: string) =>
      client.post<WireError>('/api/second-factor/off', { password: given, code });
    expect((await off('not this one', device.code(clock.now()))).body.field).toBe('password');
    expect((await off(password, '000000')).body.field).toBe('code');
    expect(await state(client)).toMatchObject({ on: true });
    expect((await off(password, device.code(clock.now()))).status).toBe(204);
    expect(await state(client)).toEqual({ on: false, recoveryCodesLeft: 0, password: true });
    expect(await isIn(await signIn(app.url, email, password))).toBe(true);
    expect((await off(password, '000000')).body.code).toBe('nothing_to_change');
    const { app: other } = await enrol(client, password, clock.now());
    expect(other.secret).not.toBe(device.secret);
  });

  it('gets new recovery codes with password and code; the earlier ones are no good any more', async () => {
    const { email, client, app: device, recoveryCodes } = await enrolled();
    const { status, body } = await client.post<{ recoveryCodes: string[] }>('/api/second-factor/recovery-codes', {
      password,
      code: device.code(clock.now()),
    });
    expect(status).toBe(200);
    secrets.push(...body.recoveryCodes);
    const asked = await challenge(email);
    expect((await second(asked.client, asked.challenge, recoveryCodes[0]!)).body.code).toBe('wrong_code');
    expect((await second(asked.client, asked.challenge, body.recoveryCodes[0]!)).status).toBe(200);
    const lost = { password, code: body.recoveryCodes[1]! };
    expect((await client.post('/api/second-factor/off', lost)).status).toBe(204);
  });

  it('is taken off by an admin with the reason, which is on the record; not one’s own, nor by others', async () => {
    const { id, email } = await enrolled();
    const args = { id, why: 'Phone lost on Monday' };
    expect(await (await world.as('ops')).outcome('person.removeSecondFactor', args)).toBe('forbidden');
    expect(await world.admin.outcome('person.removeSecondFactor', { ...args, id: world.people.admin.id })).toBe(
      'forbidden',
    );
    await world.admin.mustCommand('person.removeSecondFactor', args);
    expect(await isIn(await signIn(app.url, email, password))).toBe(true);
    expect(await world.admin.outcome('person.removeSecondFactor', args)).toBe('nothing_to_change');
    const { connection } = await app.backdoor();
    const entry = await connection.collection('journal').findOne({ id, verb: 'person.removeSecondFactor' });
    expect(entry).toMatchObject({ why: args.why, actor: { type: 'person', id: world.people.admin.id } });
  });

  it('cannot be changed by commands: they would go around password and code', async () => {
    const { id, client } = await enrolled();
    const recoveryHashes = ['a'.repeat(64)];
    expect(await client.outcome('person.dropSecondFactor', { id })).toBe('bad_request');
    expect(await client.outcome('person.renewRecoveryCodes', { id, recoveryHashes })).toBe('bad_request');
    expect(await client.outcome('person.enrolSecondFactor', { id, totp: { secret: 'A' }, recoveryHashes })).toBe(
      'bad_request',
    );
    for (const who of [client, world.admin])
      expect(await who.outcome('person.spendRecoveryCode', { id, recoveryHashes: ['a'.repeat(64)] })).toBe('forbidden');
  });

  it('a recovery code still signs in when the key of the secrets is another one', async () => {
    const { email, app: device, recoveryCodes } = await enrolled();
    const other = await app.start('web', { env: { SECRETS_KEY: Buffer.alloc(32, 8).toString('base64') } });
    const client = new Client(other.url);
    const { body } = await client.post<WireError>('/api/session', { email, password });
    const its = body.details!['challenge'] as string;
    expect((await second(client, its, device.code(clock.now()))).body.code).toBe('wrong_code');
    expect((await second(client, its, recoveryCodes[0]!)).status).toBe(200);
    expect(lines.join('')).toContain('a second factor cannot be read');
  });
});

describe('the log', () => {
  it('has nothing secret in it, after all of the above', () => {
    const text = lines.join('');
    expect(text).toContain('"route":"/api/session/second-factor"');
    expect(secrets.length).toBeGreaterThan(50);
    for (const secret of [...secrets, password, secretsKey]) expect(text.includes(secret), secret).toBe(false);
    expect(text).not.toMatch(/otpauth:|sealed:1:/);
  });
});
