import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '@opsboard/shared/batches/schema';
import type { Retention } from '@opsboard/shared/organization/schema';
import type { Route } from '@opsboard/shared/routes/schema';
import { sweep } from '../../server/src/jobs/sweep.ts';
import { createTrailKeeper } from '../../server/src/positions/retention.ts';
import { createAccessKeeper } from '../../server/src/access/retention.ts';
import { newId } from '../../server/src/platform/ids.ts';
import { createLog } from '../../server/src/platform/log.ts';
import { sweepErasures } from '../../server/src/retention/erasure.ts';
import type { RetentionParts } from '../../server/src/retention/retain.ts';
import { retain } from '../../server/src/retention/retain.ts';
import type { Counts } from '../../server/src/retention/due.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { checkJournal } from '../support/check-journal.ts';
import { signIn } from '../support/client.ts';
import type { TestClock } from '../support/clock.ts';
import { testClock } from '../support/clock.ts';
import { connectLive } from '../support/live-client.ts';
import { until } from '../support/until.ts';
import type { World } from '../support/world.ts';
import { buildWorld, password } from '../support/world.ts';

const day = 86_400_000;
const log = createLog('test', 'silent');
const none: Counts = { batches: 0, routes: 0, messages: 0, access: 0, sessions: 0, links: 0, files: 0, positions: 0 };
const picture = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
let clock: TestClock;
let app: TestApp;
let world: World;

beforeAll(async () => {
  clock = testClock();
  app = await startTestApp({ clock });
  world = await buildWorld(app, 'Keep');
  world.admin.now = clock.now;
}, 60_000);
afterAll(() => app[Symbol.asyncDispose]());

async function parts(): Promise<RetentionParts> {
  const { connection, journal, dispatcher } = await app.backdoor();
  // The back door is another process: it acts on what its own tail has told it.
  const { seq } = (await connection.collection('counters').findOne({ _id: world.org as never })) as unknown as {
    seq: number;
  };
  expect(await (await journal.org(world.org)).waitFor(seq, 5_000)).toBe(true);
  const keepers = { access: createAccessKeeper(connection), trails: createTrailKeeper(connection) };
  return { connection, journal, dispatcher, clock, log, ...keepers };
}
const run = async (goOn?: () => boolean) => retain(await parts(), goOn);
const count = async (collection: string, filter: object = {}) =>
  (await app.backdoor()).connection.collection(collection).countDocuments({ org: world.org, ...filter });
const dryRun = async (retention: Retention) =>
  (await world.admin.post<{ counts: Counts }>('/api/retention/dry-run', { retention })).body.counts;

/** The admin signs in again: their session has run out meanwhile. */
const again = async () => {
  world.admin.cookie = (await signIn(app.url, world.people.admin.email, password)).cookie;
};

async function keep(retention: Retention, logo?: string | null): Promise<void> {
  const { body } = await world.admin.get<{ organization: { rev: number } }>('/api/session');
  await world.admin.mustCommand('organization.edit', {
    id: world.org,
    rev: body.organization.rev,
    retention,
    ...(logo === undefined ? {} : { logo }),
  });
}

async function system(id: string, name: 'message.claim' | 'message.settle' | 'batch.archive', args: object) {
  const { dispatcher } = await parts();
  const ack = await dispatcher.dispatch({ type: 'system', org: world.org, id }, {
    commandId: newId(clock.now()),
    name,
    args,
  } as never);
  if (!ack.ok) throw new Error(`${name}: ${ack.error.message}`);
}

/** A batch that is late, with a message to its customer that was sent. */
async function batchWithMessage(to: string, text: string, sent = true): Promise<{ id: string; message: string }> {
  const id = await world.batch({ dueAt: clock.now() + 1_000 });
  clock.advance(1_001);
  const message = newId();
  await world.admin.mustCommand('batch.notifyCustomer', {
    id,
    messages: [{ id: message, channel: 'email', to, subject: `${text} subject`, text }],
  });
  if (sent) {
    await system('messenger', 'message.claim', { id: message });
    await system('messenger', 'message.settle', { id: message, attempt: 1, state: 'sent' });
  }
  return { id, message };
}

async function cancelled(): Promise<string> {
  const id = await world.batch();
  await world.admin.mustCommand('batch.cancel', { id, reason: 'Wrong customer' });
  return id;
}

describe('retention', () => {
  it('deletes what is over, as counted before, and nothing that is open', async () => {
    const archived = [await cancelled(), await cancelled()];
    const late = await batchWithMessage('old@customer.test', 'An old message');
    await world.admin.mustCommand('batch.cancel', { id: late.id, reason: 'Given up' });
    const open = await batchWithMessage('open@customer.test', 'Of an open batch');
    clock.advance(100 * day);
    await again();
    const young = await cancelled();

    expect(await dryRun({})).toEqual(none);
    const settings = { archivedBatchesDays: 90, messagesDays: 60 };
    const counted = await dryRun(settings);
    expect(counted).toEqual({ ...none, batches: 3, messages: 1 });
    expect(await run(), 'nothing was saved').toEqual(none);
    expect(await dryRun({ archivedBatchesDays: 101 })).toEqual(none);

    await keep(settings);
    expect(await run()).toEqual(counted);
    expect(await dryRun(settings)).toEqual(none);
    expect(await run(), 'once is enough').toEqual(none);
    const ids = [...archived, late.id];
    expect(await count('batches', { _id: { $in: ids } })).toBe(0);
    expect(await count('batches', { _id: { $in: [open.id, young] } })).toBe(2);
    expect(await count('messages', { _id: open.message })).toBe(1);
    expect((await world.admin.get(`/api/batches/${archived[0]}`)).status).toBe(404);
    expect(await world.admin.outcome('batch.reopen', { id: archived[0]!, reason: 'Was it?' })).toBe('not_found');
    expect((await world.admin.get(`/api/batches/${young}`)).status).toBe(200);
    const { body } = await world.admin.get<{ last: { counts: Counts } }>('/api/retention');
    expect(body.last.counts).toEqual(counted);
  });

  it('[J11] leaves a journal whose numbers have no gap, and that says nothing of what went', async () => {
    const { connection } = await parts();
    await checkJournal(connection, world.org);
    const said = JSON.stringify(await connection.collection('journal').find({ org: world.org }).toArray());
    expect(said).not.toContain('Given up');
    expect(said).toContain('batch.erase');
    // A process that starts now, and one that catches up from the beginning, are where the others are.
    const another = await app.start('web');
    const answer = await world.admin.at(another.url).get<{ batches: Batch[] }>('/api/batches');
    expect(answer.status).toBe(200);
    const live = await connectLive(world.admin.at(another.url));
    expect(live).toBeDefined();
    await (live as unknown as AsyncDisposable)[Symbol.asyncDispose]?.();
    expect((await world.admin.get('/api/activity?limit=100')).status).toBe(200);
  });

  it('goes on where it was stopped, however many run at once', async () => {
    const ids = await Promise.all(Array.from({ length: 130 }, cancelled));
    clock.advance(91 * day);
    await again();
    const before = await dryRun({ archivedBatchesDays: 90 });
    let asked = 0;
    const first = await run(() => asked++ < 2);
    expect(first.batches).toBe(100);
    await Promise.all([run(), run(), run()]);
    expect(await count('batches', { _id: { $in: ids } })).toBe(0);
    expect(before.batches).toBeGreaterThanOrEqual(ids.length);
    await checkJournal((await parts()).connection, world.org);
  });

  it('a batch that was reopened, and settings that were taken back, win over a job that has read before', async () => {
    const id = await cancelled();
    clock.advance(91 * day);
    await again();
    const { dispatcher } = await parts();
    const erase = () =>
      dispatcher.dispatch(
        { type: 'system', org: world.org, id: 'retention' },
        { commandId: newId(clock.now()), name: 'batch.erase', args: { id } },
      );
    await keep({});
    expect(await erase()).toMatchObject({ ok: false, error: { code: 'nothing_to_change' } });
    await keep({ archivedBatchesDays: 90 });
    await world.admin.mustCommand('batch.reopen', { id, reason: 'Wanted after all' });
    expect(await erase()).toMatchObject({ ok: false, error: { code: 'nothing_to_change' } });
    expect((await world.admin.get(`/api/batches/${id}`)).status).toBe(200);
  });

  it('lines of the access log go by their own days, and counting counts those', async () => {
    // Older than anything that the log has written by itself.
    const line = (age: number) => ({ _id: newId(), org: world.org, at: clock.now() - age * day, what: 'exported' });
    const { connection } = await app.backdoor();
    await connection.collection<{ _id: string }>('access').insertMany([line(4_000), line(3_990), line(3_640)]);
    const settings = { accessDays: 3_650 };
    expect(await dryRun(settings)).toEqual({ ...none, access: 2 });
    expect((await run()).access).toBe(0);
    await keep(settings);
    expect(await run()).toEqual({ ...none, access: 2 });
    expect(await dryRun(settings)).toEqual(none);
    expect(await count('access', { what: 'exported' })).toBe(1);
  });

  it('sessions that ended and files that nobody names go; the logo and whoever is signed in stay', async () => {
    const [logo, unnamed] = [newId(), newId()];
    for (const id of [logo, unnamed])
      expect((await world.admin.post('/api/files', { id, data: picture })).status).toBe(200);
    await keep({ sessionsDays: 7 }, logo);
    const gone = await signIn(app.url, world.people.team.email, password);
    await gone.request('DELETE', '/api/session');
    clock.advance(89 * day);
    await until('what has run out is ended', async () => {
      const { sweep } = await import('../../server/src/jobs/sweep.ts');
      return (await sweep(await parts())).ended === 0;
    });
    await again();
    clock.advance(8 * day);
    const counted = await dryRun({ sessionsDays: 7 });
    expect(counted.files).toBe(1);
    expect(counted.sessions).toBeGreaterThan(1);
    expect(await run()).toMatchObject({ files: 1, sessions: counted.sessions });
    expect((await world.admin.get(`/api/files/${logo}`)).status).toBe(200);
    expect((await world.admin.get(`/api/files/${unnamed}`)).status).toBe(404);
    expect((await world.admin.get<{ person?: object }>('/api/session')).body.person).toBeDefined();
    await checkJournal((await parts()).connection, world.org);
  });
});

/** The collections that hold a text, of all that the database has. */
async function whereIs(text: string): Promise<string[]> {
  const { connection } = await app.backdoor();
  const found: string[] = [];
  for (const { name } of await connection.listCollections()) {
    const documents = await connection.collection(name).find({}).toArray();
    if (JSON.stringify(documents).includes(text)) found.push(name);
  }
  return found;
}

describe('erasure', () => {
  it('of a person: name, address, telephone and devices are nowhere, and what they did is still on record', async () => {
    const id = newId();
    const secret = { name: 'Wilhelmina Ozturk', email: 'wilhelmina@private.test', phone: '+49 170 5550199' };
    const person = { commandId: newId(clock.now()), id, ...secret, role: 'team_member', password };
    expect((await world.admin.post('/api/people', person)).status).toBe(201);
    const client = await signIn(app.url, secret.email, password);
    client.now = clock.now;
    await client.request('GET', '/api/session', undefined, { 'user-agent': 'UnusualDevice/7' });
    const signedIn = await client.request<object>(
      'POST',
      '/api/session',
      { email: secret.email, password },
      { 'user-agent': 'UnusualDevice/7' },
    );
    expect(signedIn.status).toBe(200);
    const seen = { 'actor.id': id, address: { $exists: true } };
    await until('where they signed in is in the access log', async () => (await count('access', seen)) > 0);
    const batch = newId();
    await client.mustCommand('batch.create', {
      id: batch,
      branch: world.branches.north,
      customer: world.customers.fast,
      center: world.centers.near,
      parts: ['P-1'],
    });
    const texts = [...Object.values(secret), 'UnusualDevice/7'];
    for (const text of texts) expect(await whereIs(text), text).toHaveLength(1);

    expect(await world.admin.outcome('person.erase', { id, rev: 1 }), 'can still sign in').toBe('illegal_step');
    await world.admin.mustCommand('person.edit', { id, rev: 1, active: false });
    const counts = await world.admin.post<{ sessions: number }>('/api/retention/erasure/dry-run', {
      kind: 'person',
      id,
    });
    expect(counts.body.sessions).toBe(2);
    expect(await world.admin.outcome('person.erase', { id, rev: 1 })).toBe('rev_conflict');
    await world.admin.mustCommand('person.erase', { id, rev: 2 });
    await sweepErasures(await parts());
    // The log is written beside the answers: a line that was on its way is the next run's.
    await until('addresses are gone from the access log', async () => {
      await sweepErasures(await parts());
      return (await count('access', seen)) === 0;
    });

    for (const text of texts) expect(await whereIs(text), text).toEqual([]);
    expect(await count('access', { 'actor.id': id }), 'that they did').toBeGreaterThan(0);
    expect((await client.get<{ person?: object }>('/api/session')).body.person).toBeUndefined();
    const people = await world.admin.get<{ people: { id: string; name: string }[] }>('/api/people');
    expect(people.body.people.find((one) => one.id === id)?.name).toBe('Erased person');
    const timeline = await world.admin.get<{ entries: { actor: object }[] }>(`/api/batches/${batch}/timeline`);
    expect(timeline.body.entries[0]!.actor).toEqual({ type: 'person', id });
    expect(await world.admin.outcome('person.edit', { id, rev: 3, active: true }), 'for good').toBe('archived');
    await checkJournal((await parts()).connection, world.org);
  });

  it('of a vendor’s contacts, and of a customer’s address: they are nowhere', async () => {
    const [vendor, customer] = [newId(), newId()];
    const contacts = { contactEmail: 'shelley@vendor.test', contactPhone: '+49 171 5550188' };
    await world.admin.mustCommand('vendor.create', { id: vendor, name: 'Antique Lands', ...contacts });
    const place = { address: '7 Sneer Street', position: [9.987654, 53.123456] as [number, number] };
    await world.admin.mustCommand('customer.create', { id: customer, name: 'Traveller', slaHours: 48, ...place });
    for (const text of [...Object.values(contacts), place.address]) expect(await whereIs(text), text).not.toEqual([]);
    const asked = { kind: 'vendor', id: vendor };
    expect((await world.admin.post<object>('/api/retention/erasure/dry-run', asked)).body).toEqual({});
    const ops = await signIn(app.url, world.people.ops.email, password);
    ops.now = clock.now;
    expect(await ops.outcome('vendor.eraseContacts', { id: vendor, rev: 1 })).toBe('forbidden');
    await world.admin.mustCommand('vendor.eraseContacts', { id: vendor, rev: 1 });
    expect(await world.admin.outcome('vendor.eraseContacts', { id: vendor, rev: 2 })).toBe('nothing_to_change');
    await world.admin.mustCommand('customer.eraseContacts', { id: customer, rev: 1 });
    for (const text of [...Object.values(contacts), place.address]) expect(await whereIs(text), text).toEqual([]);
    const { connection } = await parts();
    expect(await connection.collection<{ _id: string }>('customers').findOne({ _id: customer })).not.toHaveProperty(
      'position',
    );
    await checkJournal(connection, world.org);
  });

  it('of a customer’s contacts: neither address nor text of a message is anywhere; the worker does it at once', async () => {
    await app.start('worker');
    const id = newId();
    const secret = { contactEmail: 'private@contact.test', contactPhone: '+49 171 5550177' };
    await world.admin.mustCommand('customer.create', { id, name: 'Ozymandias', slaHours: 48, ...secret });
    const batch = await world.batch({ customer: id, dueAt: clock.now() + 1_000 });
    clock.advance(1_001);
    await world.admin.mustCommand('batch.notifyCustomer', {
      id: batch,
      messages: [
        { id: newId(), channel: 'email', to: secret.contactEmail, subject: 'Dear Percy', text: 'Look on my works.' },
      ],
    });
    // No way out is set up: it fails, and could be sent again.
    await until('the message has failed', async () => {
      const { body } = await world.admin.get<{ batch: Batch }>(`/api/batches/${batch}`);
      return body.batch.response?.email?.state === 'failed';
    });
    const texts = [...Object.values(secret), 'Dear Percy', 'Look on my works.'];
    for (const text of texts) expect(await whereIs(text), text).not.toEqual([]);
    const counts = await world.admin.post<object>('/api/retention/erasure/dry-run', { kind: 'customer', id });
    expect(counts.body).toEqual({ messages: 1, routes: 0 });

    const ops = await signIn(app.url, world.people.ops.email, password);
    ops.now = clock.now;
    expect(await ops.outcome('customer.eraseContacts', { id, rev: 1 })).toBe('forbidden');
    await world.admin.mustCommand('customer.eraseContacts', { id, rev: 1 });
    await until('the worker has erased the message', async () => (await count('messages', { text: 'erased' })) === 1);
    for (const text of texts) expect(await whereIs(text), text).toEqual([]);
    expect(await whereIs('Ozymandias')).toContain('customers');
    const { body } = await world.admin.get<{ messages: { id: string }[] }>(`/api/batches/${batch}/messages`);
    expect(await world.admin.outcome('message.sendAgain', { id: body.messages[0]!.id })).toBe('nothing_to_change');
    await checkJournal((await parts()).connection, world.org);
  });

  it('names the routes of a customer, driven, archived and ahead, and what a person’s ways hold; then nothing is left of it', async () => {
    const { admin, branches, centers, people } = world;
    const secret = { contactPhone: '+31 20 7777 001', address: 'Kattenburg 13, Amsterdam' };
    const buyer = newId();
    await admin.mustCommand('customer.create', { id: buyer, name: 'Belvedere', slaHours: 48, ...secret });
    /** A route that fetches a batch at the customer's and brings one of another there. */
    const plan = async (driver: string): Promise<{ id: string; stop: string; batch: string }> => {
      const [id, stop, batch] = [newId(), newId(), await world.batch({ customer: buyer })];
      for (const [name, more] of [
        ['batch.seal', { count: 1 }],
        ['batch.depart', { driver }],
        ['batch.arrive', {}],
        ['batch.departBack', { driver }],
      ] as const)
        await admin.mustCommand(name, { id: batch, ...more } as never);
      const home = { id: stop, place: { kind: 'customer' as const, id: buyer }, pickUp: [], handOver: [batch] };
      await admin.mustCommand('route.create', { id, branch: branches.north, day: '2026-05-04', driver, stops: [home] });
      return { id, stop, batch };
    };
    const driven = async (): Promise<string> => {
      const { id, stop, batch } = await plan(people.driver2.id);
      await admin.mustCommand('route.start', { id });
      await admin.mustCommand('route.handOver', { id, stop, batch, count: 1, receiver: 'Femke Receiver' });
      await admin.mustCommand('route.depart', { id, stop });
      return id;
    };
    const archived = await driven();
    clock.advance(10 * 86_400_000);
    await again();
    await sweep(await parts());
    await until(
      'it is archived',
      async () => (await admin.get<{ route: Route }>(`/api/routes/${archived}`)).body.route.archivedAt !== undefined,
    );
    await driven();
    await plan(people.driver1.id);
    // One that does not go there says nothing of them.
    const elsewhere = { id: newId(), place: { kind: 'center' as const, id: centers.near }, pickUp: [], handOver: [] };
    await admin.mustCommand('route.create', {
      id: newId(),
      branch: branches.north,
      day: '2026-05-04',
      stops: [elsewhere],
    });
    const asked = { kind: 'customer', id: buyer } as const;
    const dry = async (body: object) => (await admin.post<object>('/api/retention/erasure/dry-run', body)).body;
    expect(await dry(asked)).toEqual({ messages: 0, routes: 3 });
    for (const text of [...Object.values(secret), 'Femke Receiver'])
      expect(await whereIs(text), text).toContain('routes');
    await admin.mustCommand('customer.eraseContacts', { id: buyer, rev: 1 });
    await until('the archived one says nothing any more', async () => {
      await sweepErasures(await parts());
      return (await whereIs('Femke Receiver')).length === 0;
    });
    for (const text of Object.values(secret)) expect(await whereIs(text), text).toEqual([]);
    expect(await dry(asked)).toEqual({ messages: 0, routes: 0 });

    // Where somebody drove, by the minute, of whatever route.
    const { connection } = await parts();
    const trails = connection.collection<{ _id: string }>('trails');
    const minutes = ['a', 'b', 'c'].map((n) => ({
      _id: `${archived}-${n}`,
      org: world.org,
      driver: people.driver2.id,
      route: archived,
    }));
    const others = { ...minutes[0]!, _id: newId(), driver: people.driver1.id };
    await trails.insertMany([...minutes, others] as never[]);
    expect(await dry({ kind: 'person', id: people.driver2.id })).toMatchObject({ positions: 3 });
    const rev = (await admin.get<{ people: { id: string; rev: number }[] }>('/api/people')).body.people.find(
      ({ id }) => id === people.driver2.id,
    )!.rev;
    await admin.mustCommand('person.edit', { id: people.driver2.id, rev, active: false });
    await admin.mustCommand('person.erase', { id: people.driver2.id, rev: rev + 1 });
    await sweepErasures(await parts());
    expect(await dry({ kind: 'person', id: people.driver2.id })).toMatchObject({ positions: 0 });
    expect(await trails.countDocuments({ driver: people.driver1.id } as never)).toBe(1);
  });
});
