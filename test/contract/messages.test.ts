import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '@opsboard/shared/batches/schema';
import type { Message } from '@opsboard/shared/messages/schema';
import { createSender, claimLifetime, retryAfter } from '../../server/src/messages/sender.ts';
import { channelsOf } from '../../server/src/messages/messages.ts';
import { newId } from '../../server/src/platform/ids.ts';
import { createLog } from '../../server/src/platform/log.ts';
import type { TestApp, TestProcess } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { Client } from '../support/client.ts';
import type { TestClock } from '../support/clock.ts';
import { testClock } from '../support/clock.ts';
import { connectLive } from '../support/live-client.ts';
import type { MailServer, SmsGateway } from '../support/outside.ts';
import { startMailServer, startSmsGateway } from '../support/outside.ts';
import { until } from '../support/until.ts';
import type { World } from '../support/world.ts';
import { buildWorld } from '../support/world.ts';

const log = createLog('test', 'silent');
let clock: TestClock;
let app: TestApp;
let world: World;
let ops: Client;
let mail: MailServer;
let sms: SmsGateway;

beforeAll(async () => {
  clock = testClock();
  [mail, sms] = await Promise.all([startMailServer(), startSmsGateway()]);
  const env = { SMTP_URL: mail.url, MAIL_FROM: 'Test Ops <ops@works.test>', SMS_URL: sms.url, SMS_TOKEN: 'sesame' };
  app = await startTestApp({ clock, env });
  world = await buildWorld(app);
  ops = await world.as('ops');
}, 60_000);
afterAll(async () => {
  await app?.[Symbol.asyncDispose]();
  await Promise.all([mail, sms].map((server) => server?.[Symbol.asyncDispose]()));
});
afterEach(async () => {
  mail.behaviour = {};
  sms.status = 202;
  await Promise.all(app.workers.splice(0).map((worker) => worker.close()));
});

/** A batch whose date passes a moment later. */
async function breachedBatch(fields: { branch?: string } = {}): Promise<string> {
  const id = await world.batch({ dueAt: clock.now() + 1_000, ...fields });
  clock.advance(1_001);
  return id;
}

const email = (more: object = {}) =>
  ({ id: newId(), channel: 'email', to: 'jo@customer.test', subject: 'Late', text: 'It is late.', ...more }) as const;
const text = () => ({ id: newId(), channel: 'sms', to: '+49 30 1234567', text: 'It is late.' }) as const;
const read = async (id: string) => (await ops.get<{ batch: Batch }>(`/api/batches/${id}`)).body.batch;
const messagesOf = async (id: string, who = ops) =>
  (await who.get<{ messages: Message[] }>(`/api/batches/${id}/messages`)).body.messages;
const state = async (id: string, channel: 'email' | 'sms' = 'email') => (await read(id)).response?.[channel]?.state;
const settles = (id: string, wanted: string, channel: 'email' | 'sms' = 'email') =>
  until(`${channel} of the batch is ${wanted}`, async () => (await state(id, channel)) === wanted, 15_000);
const mailsOf = (id: string) => mail.taken.filter((taken) => taken.id === id);

/** A sweep by one more sender, as another worker's. */
async function sweep(isFromBackup?: () => Promise<boolean>): Promise<{ waiting: number; lost: number }> {
  const { connection, dispatcher, journal } = await app.backdoor();
  await journal.org(world.org);
  const sender = createSender({ connection, dispatcher, channels: channelsOf(app.config), isFromBackup, clock, log });
  try {
    return await sender.sweep(world.org);
  } finally {
    await sender.close();
  }
}

describe('a message to a customer', () => {
  it('goes out once by e-mail and by SMS, though two workers follow the journal', async () => {
    await Promise.all([app.start('worker'), app.start('worker')]);
    const id = await breachedBatch();
    const [letter, short] = [email({ subject: 'Später: „B“ — 遅れ', text: 'Erste Zeile\n.\nletzte' }), text()];
    await ops.mustCommand('batch.notifyCustomer', { id, messages: [letter, short] });
    await Promise.all([settles(id, 'sent'), settles(id, 'sent', 'sms')]);

    const [taken, ...more] = mailsOf(letter.id);
    expect(more).toEqual([]);
    expect(taken).toMatchObject({ from: 'ops@works.test', to: ['jo@customer.test'] });
    expect(taken!.raw).toContain(`Message-ID: <${letter.id}@works.test>`);
    expect(taken!.raw).toMatch(/^From: Test Ops <ops@works.test>$/m);
    const asked = sms.asked.filter(({ key }) => key === short.id);
    const body = { id: short.id, to: short.to, text: short.text };
    expect(asked).toEqual([{ key: short.id, token: 'Bearer sesame', body }]);

    expect(await messagesOf(id)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: letter.id, state: 'sent', attempts: 1, text: 'Erste Zeile\n.\nletzte' }),
        expect.objectContaining({ id: short.id, state: 'sent', attempts: 1 }),
      ]),
    );
  });

  it('is sent although no worker was there when it was written, and not again by a later sweep', async () => {
    const id = await breachedBatch();
    const letter = email();
    await ops.mustCommand('batch.notifyCustomer', { id, messages: [letter] });
    expect(await state(id)).toBe('queued');
    expect(await sweep()).toEqual({ waiting: 1, lost: 0 });
    await settles(id, 'sent');
    expect(await sweep()).toEqual({ waiting: 0, lost: 0 });
    expect(mailsOf(letter.id)).toHaveLength(1);
  });

  it('is tried again after a temporary failure, no earlier than said, and then is sent', async () => {
    const id = await breachedBatch();
    const letter = email();
    mail.behaviour = { recipient: '451 Greylisted, come back later' };
    await ops.mustCommand('batch.notifyCustomer', { id, messages: [letter] });
    await sweep();
    await until('the failure is on record', async () => (await read(id)).response?.email?.nextAt !== undefined);
    const { response } = await read(id);
    expect(response!.email).toMatchObject({ state: 'queued', why: expect.stringContaining('come back later') });
    mail.behaviour = {};
    expect((await sweep()).waiting).toBe(0);
    clock.advance(retryAfter[0]! + 1);
    expect((await sweep()).waiting).toBe(1);
    await settles(id, 'sent');
    expect((await read(id)).response!.email).not.toHaveProperty('why');
    expect(mailsOf(letter.id)).toHaveLength(1);
    expect((await messagesOf(id))[0]).toMatchObject({ attempts: 2 });
  });

  it('is given up after the last attempt', async () => {
    const id = await breachedBatch();
    mail.behaviour = { recipient: '451 Not today' };
    await ops.mustCommand('batch.notifyCustomer', { id, messages: [email()] });
    for (const pause of [0, ...retryAfter]) {
      clock.advance(pause + 1);
      expect((await sweep()).waiting).toBe(1);
    }
    await settles(id, 'failed');
    expect((await read(id)).response!.email!.why).toContain(`tried ${retryAfter.length + 1} times`);
  });

  it('that was refused for good says so, without the address, and the step is open again', async () => {
    const id = await breachedBatch();
    const letter = email();
    mail.behaviour = { recipient: '550 No such user <jo@customer.test>' };
    await ops.mustCommand('batch.notifyCustomer', { id, messages: [letter] });
    await sweep();
    await settles(id, 'failed');
    const { why } = (await read(id)).response!.email!;
    expect(why).toContain('No such user');
    expect(why).not.toContain('jo@customer.test');
    // With the same id: what was refused cannot have arrived.
    mail.behaviour = {};
    expect(await ops.outcome('message.sendAgain', { id: letter.id })).toBe('ok');
    expect(await ops.outcome('message.sendAgain', { id: letter.id })).toBe('nothing_to_change');
    await sweep();
    await settles(id, 'sent');
    expect(mailsOf(letter.id)).toHaveLength(1);
  });

  it('whose line broke while the text went out is unknown, and only a person sends it again', async () => {
    const id = await breachedBatch();
    const letter = email();
    mail.behaviour = { data: (socket) => socket.destroy() };
    await ops.mustCommand('batch.notifyCustomer', { id, messages: [letter] });
    await sweep();
    await settles(id, 'unknown');
    // The server took it, but nobody was told: this is what must not be repeated by itself.
    expect(mailsOf(letter.id)).toHaveLength(1);
    mail.behaviour = {};
    clock.advance(86_400_000);
    expect(await sweep()).toEqual({ waiting: 0, lost: 0 });
    expect(mailsOf(letter.id)).toHaveLength(1);
    await ops.mustCommand('message.sendAgain', { id: letter.id });
    await sweep();
    await settles(id, 'sent');
    expect(mailsOf(letter.id)).toHaveLength(2);
  });

  it('that waited in a backup is not sent after a restore, for it may have been: a person sends it again', async () => {
    const id = await breachedBatch();
    const letter = email();
    await ops.mustCommand('batch.notifyCustomer', { id, messages: [letter] });
    await sweep(() => Promise.resolve(true));
    await settles(id, 'unknown');
    expect((await read(id)).response?.email?.why).toMatch(/may have been sent/);
    expect(mailsOf(letter.id)).toEqual([]);
    await ops.mustCommand('message.sendAgain', { id: letter.id });
    await sweep(() => Promise.resolve(false));
    await settles(id, 'sent');
    expect(mailsOf(letter.id)).toHaveLength(1);
  });

  it('by SMS: a gateway that fails leaves it unknown, one that is busy is asked again', async () => {
    const [lost, busy] = [await breachedBatch(), await breachedBatch()];
    sms.status = 500;
    await ops.mustCommand('batch.notifyCustomer', { id: lost, messages: [text()] });
    await sweep();
    await settles(lost, 'unknown', 'sms');
    sms.status = 503;
    const waiting = text();
    await ops.mustCommand('batch.notifyCustomer', { id: busy, messages: [waiting] });
    await sweep();
    await until('it is put off', async () => (await read(busy)).response?.sms?.nextAt !== undefined);
    expect((await read(busy)).response!.sms!.why).not.toContain('1234567');
    sms.status = 200;
    clock.advance(retryAfter[0]! + 1);
    await sweep();
    await settles(busy, 'sent', 'sms');
    expect(sms.asked.filter(({ key }) => key === waiting.id)).toHaveLength(2);
  });

  it('whose worker is killed between claim and outcome is shown as unknown, and no second one goes out', async () => {
    for (const moment of ['at the text', 'after the text', 'after a while'] as const) {
      const victim: TestProcess = await app.start('worker', { child: true });
      const id = await breachedBatch();
      const letter = email();
      const reached = Promise.withResolvers<void>();
      const held = Promise.withResolvers<void>();
      mail.behaviour = {
        data: () => {
          reached.resolve();
          return moment === 'at the text' ? held.promise : undefined;
        },
      };
      await ops.mustCommand('batch.notifyCustomer', { id, messages: [letter] });
      await reached.promise;
      if (moment === 'after a while') await new Promise((resolve) => setTimeout(resolve, Math.random() * 30));
      await victim.kill();
      app.workers.splice(0);
      held.resolve();
      // Those who come after it find the claim, and leave it alone while its sender may still be alive.
      if (moment === 'at the text') await app.start('worker', { child: true });
      await sweep();
      clock.advance(claimLifetime + 1);
      await sweep();
      const last = await state(id);
      expect(moment === 'at the text' ? ['unknown'] : ['unknown', 'sent'], moment).toContain(last);
      clock.advance(86_400_000);
      expect(await sweep()).toEqual({ waiting: 0, lost: 0 });
      expect(mailsOf(letter.id).length, moment).toBeLessThanOrEqual(1);
      if (last === 'unknown') expect((await read(id)).response!.email!.why).toContain('may or may not');
      await Promise.all(app.workers.splice(0).map((worker) => worker.close()));
    }
  }, 60_000);
});

describe('what is refused', () => {
  it.each([
    ['a subject of two lines', { subject: 'Late\r\nBcc: all@x.test' }],
    ['a subject with a lone line feed', { subject: 'Late\nBcc: all@x.test' }],
    ['an address with a line end', { to: 'jo@x.test\r\nBcc: all@x.test' }],
    ['two addresses', { to: 'jo@x.test, all@x.test' }],
    ['a name with the address', { to: 'Jo <jo@x.test>' }],
    ['no text', { text: '  ' }],
    ['a text with a null', { text: 'a\u0000b' }],
  ])('%s', async (_what, field) => {
    const id = await breachedBatch();
    expect(await ops.outcome('batch.notifyCustomer', { id, messages: [email(field)] as never })).toBe('bad_request');
  });

  it('a text that looks like headers is a text', async () => {
    const id = await breachedBatch();
    const letter = email({ text: 'Bcc: all@x.test\r\n\r\n.\r\nRCPT TO:<all@x.test>' });
    await ops.mustCommand('batch.notifyCustomer', { id, messages: [letter] });
    await sweep();
    await settles(id, 'sent');
    const [taken] = mailsOf(letter.id);
    expect(taken!.to).toEqual(['jo@customer.test']);
    expect(taken!.raw.slice(0, taken!.raw.indexOf('\r\n\r\n'))).not.toContain('all@x.test');
  });

  it('a second e-mail while the first is on its way; two at once; nothing at all; where nothing is breached', async () => {
    const id = await breachedBatch();
    const notify = (messages: unknown, told?: string) =>
      ops.outcome('batch.notifyCustomer', { id, messages, ...(told ? { told } : {}) } as never);
    expect(await notify([])).toBe('bad_request');
    expect(await notify([email(), email()])).toBe('bad_request');
    expect(await notify([email()])).toBe('ok');
    expect(await notify([email()])).toBe('illegal_step');
    expect(await notify([], 'Called Jo myself')).toBe('ok');
    const well = await world.batch({ dueAt: clock.now() + 3_600_000 });
    expect(await ops.outcome('batch.logCall', { id: well, note: 'Hello' })).toBe('illegal_step');
    await sweep();
    await settles(id, 'sent');
  });

  it('an id that is taken: nothing of it is written', async () => {
    const [first, second] = [await breachedBatch(), await breachedBatch()];
    const letter = email();
    await ops.mustCommand('batch.notifyCustomer', { id: first, messages: [letter] });
    expect(await ops.outcome('batch.notifyCustomer', { id: second, messages: [letter] })).toBe('already_exists');
    expect((await read(second)).response?.email).toBeUndefined();
    await sweep();
    await settles(first, 'sent');
  });
});

describe('who sees it', () => {
  it('another branch, drivers and walls read nothing; the messenger does nothing else', async () => {
    const id = await breachedBatch({ branch: world.branches.north });
    await using wall = await connectLive(await world.as('display'));
    await using south = await connectLive(await world.as('southOps'));
    const letter = email({ to: 'secret-jo@customer.test', text: 'secret-text' });
    await ops.mustCommand('batch.notifyCustomer', { id, messages: [letter] });
    const path = `/api/batches/${id}/messages`;
    expect((await (await world.as('southTeam')).get(path)).status).toBe(404);
    expect((await (await world.as('driver1')).get(path)).status).toBe(403);
    expect((await (await world.as('display')).get(path)).status).toBe(403);
    expect((await messagesOf(id, await world.as('manager'))).map(({ to }) => to)).toEqual(['secret-jo@customer.test']);
    const southOps = await world.as('southOps');
    expect(await southOps.outcome('message.sendAgain', { id: letter.id })).toBe('not_found');
    expect(await ops.outcome('message.claim', { id: letter.id })).toBe('forbidden');
    expect(await ops.outcome('message.settle', { id: letter.id, attempt: 1, state: 'sent' })).toBe('forbidden');
    const { dispatcher } = await app.backdoor();
    const other = await dispatcher.dispatch(
      { type: 'system', org: world.org, id: 'messenger' },
      { commandId: newId(), name: 'batch.addNote', args: { id, note: { id: newId(), text: 'x' } } },
    );
    expect(other).toMatchObject({ ok: false, error: { code: 'forbidden' } });
    await sweep();
    await settles(id, 'sent');
    await until('the wall has heard of it', () => wall.raw.join('').includes('"sent"'));
    expect([...wall.raw, ...south.raw].join('')).not.toContain('secret-');
    const timeline = await ops.get(`/api/batches/${id}/timeline`);
    expect(timeline.text).toContain('batch.notifyCustomer');
    expect(timeline.text).not.toContain('secret-');
  });

  it('a driver sees the batch, and not what was said about its breach', async () => {
    const id = await world.batch({ dueAt: clock.now() + 1_000, driver: world.people.driver1.id });
    clock.advance(1_001);
    await ops.mustCommand('batch.logCall', { id, note: 'secret-call' });
    await ops.mustCommand('batch.addNote', { id, note: { id: newId(), text: 'secret-note' }, reason: true });
    const driver = await world.as('driver1');
    const [batch, timeline] = [await driver.get(`/api/batches/${id}`), await driver.get(`/api/batches/${id}/timeline`)];
    expect(batch.status).toBe(200);
    expect(batch.text + timeline.text).not.toContain('secret-');
    expect((await ops.get(`/api/batches/${id}/timeline`)).text).toContain('secret-note');
  });
});

describe('without a mail server', () => {
  it('the form can ask, and what is sent all the same fails with what to do', async () => {
    await using bare = await startTestApp({ stores: app.stores });
    const other = await buildWorld(bare);
    await bare.start('worker');
    const admin = other.admin;
    expect((await admin.get('/api/messages/channels')).body).toEqual({ email: false, sms: false });
    expect((await ops.get('/api/messages/channels')).body).toEqual({ email: true, sms: true });
    const due = Date.now() + 300;
    const id = await other.batch({ dueAt: due });
    await until('it is breached', () => Date.now() > due + 5);
    await admin.mustCommand('batch.notifyCustomer', { id, messages: [email()] });
    const delivery = async () => (await admin.get<{ batch: Batch }>(`/api/batches/${id}`)).body.batch.response?.email;
    await until('it has failed', async () => (await delivery())?.state === 'failed');
    expect((await delivery())!.why).toContain('SMTP_URL');
  });
});
