import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '@opsboard/shared/people/roles';
import type { ArgsOf, CommandName } from '@opsboard/shared/protocol/deciders';
import { newId } from '../../../server/src/platform/ids.ts';
import type { TestApp } from '../../support/app.ts';
import { startTestApp } from '../../support/app.ts';
import { Client } from '../../support/client.ts';
import { connectLive, LiveClient } from '../../support/live-client.ts';
import { until } from '../../support/until.ts';
import type { Limit } from './principals.ts';
import type { RightsWorld } from './rights-world.ts';
import { buildRightsWorld, unique } from './rights-world.ts';
import { makeRoute } from './route-subjects.ts';
import { makeBatch, makeTemplate } from './subjects.ts';

/** The longest that somebody may go on seeing what they should not see any more, milliseconds. */
const limit = 1_000;

let app: TestApp;
let world: RightsWorld;
let admin: Client;

beforeAll(async () => {
  app = await startTestApp({ webs: 2 });
  world = await buildRightsWorld(app, unique('Revoked'));
  admin = world.people.get('admin')!.client;
  await heard();
}, 60_000);
afterAll(() => app?.[Symbol.asyncDispose]());

/** Both processes have heard of everything that was made from inside. */
async function heard(): Promise<void> {
  for (const { url } of app.webs) await admin.at(url).get(`/api/live/snapshot?atLeast=${world.seq()}`);
}

type Victim = AsyncDisposable & {
  id: string;
  client: Client;
  session: string;
  /** A line to each process. */
  lines: LiveClient[];
};

/** Somebody new, signed in, with a line to each process that follows the board. */
async function victim(role: Role, branches?: Limit): Promise<Victim> {
  const id = await world.person(role, branches);
  const { id: session, token } = await world.session(id);
  await heard();
  const client = new Client(app.url, `opsboard=${token}`);
  const lines = await Promise.all(app.webs.map(({ url }) => connectLive(client.at(url))));
  return {
    id,
    client,
    session,
    lines,
    [Symbol.asyncDispose]: async () => lines.forEach((line) => line.socket.disconnect()),
  };
}

/** Does something, and measures how long it is until a condition holds on each line. */
async function within(act: () => Promise<unknown>, lines: readonly LiveClient[], holds: (line: LiveClient) => boolean) {
  const from = performance.now();
  const waiting = Promise.all(
    lines.map(async (line, i) => {
      await until(`line ${i + 1} is cut or corrected`, () => holds(line), 10_000);
      return performance.now() - from;
    }),
  );
  await act();
  for (const [i, ms] of (await waiting).entries()) expect(ms, `process ${i + 1}`).toBeLessThan(limit);
}

const isCut = (line: LiveClient): boolean => line.cuts.length > 0 && !line.socket.connected;
const revOf = (line: LiveClient, id: string): number => line.state!.records.person.get(id)!.rev;

/** A word that is written on the board only after the right was taken. */
async function writtenAfterwards(): Promise<string> {
  const name = unique('Afterwards');
  await admin.mustCommand('customer.create', { id: newId(), name, slaHours: 24 });
  return name;
}

const must = <N extends CommandName>(name: N, args: ArgsOf<N>) => admin.mustCommand(name, args);

describe('a right that is taken cuts every live connection within a second', () => {
  const cases: readonly [string, Role, (one: Victim) => Promise<unknown>, 'not_signed_in' | 'unavailable'][] = [
    [
      'another role',
      'operations_manager',
      ({ id }) => must('person.edit', { id, rev: 1, role: 'driver' }),
      'unavailable',
    ],
    [
      'other branches',
      'team_member',
      ({ id }) => must('person.edit', { id, rev: 1, branches: [world.branches.south] }),
      'unavailable',
    ],
    ['deactivated', 'team_member', ({ id }) => must('person.edit', { id, rev: 1, active: false }), 'not_signed_in'],
    [
      'the session ended by an admin',
      'manager',
      ({ session }) => must('session.end', { id: session }),
      'not_signed_in',
    ],
    ['signed out', 'driver', ({ client }) => client.at(app.url).delete('/api/session'), 'not_signed_in'],
    [
      'signed out everywhere',
      'team_member',
      ({ client }) => client.at(app.url).delete('/api/sessions'),
      'not_signed_in',
    ],
    [
      'all sessions ended by an admin',
      'operations_manager',
      ({ id, session }) => must('session.endAll', { person: id, sessions: [session] }),
      'not_signed_in',
    ],
  ];

  it.each(cases)('%s', async (_what, role, act, code) => {
    await using one = await victim(role);
    const [first] = one.lines;
    await within(() => act(one), one.lines, isCut);
    for (const line of one.lines) expect(line.cuts.map((cut) => cut.code)).toEqual([code]);
    const name = await writtenAfterwards();
    for (const { url } of app.webs) {
      const client = one.client.at(url);
      await until(
        'the process knows',
        async () => (await client.get('/api/sessions')).status === (code === 'not_signed_in' ? 401 : 200),
        limit,
      );
      if (code === 'unavailable') continue;
      expect((await client.get('/api/live/snapshot')).status).toBe(401);
      const refused = await new LiveClient(client, { follow: false }).settled();
      expect(refused.refusals.map((refusal) => refusal.code)).toEqual(['not_signed_in']);
      refused.socket.disconnect();
    }
    expect(first!.raw.join('\n')).not.toContain(name);
  });

  it('a new password by an admin', async () => {
    await using one = await victim('team_member');
    // Making the hash takes its time, before anything is committed.
    const client = admin;
    const { status } = await client.post(`/api/people/${one.id}/password`, { password: 'another long password' });
    const from = performance.now();
    expect(status).toBe(204);
    await until('both are cut', () => one.lines.every(isCut), limit);
    expect(performance.now() - from).toBeLessThan(limit);
  });
});

describe('who comes back comes back with the rights that they have now', () => {
  it('other branches: the old ones are not in the snapshot, nor in a catch-up from before', async () => {
    const [north, south] = [await makeBatch(world, { branch: 'north' }), await makeBatch(world, { branch: 'south' })];
    await using one = await victim('team_member');
    const [line] = one.lines;
    const { seq, epoch } = line!.state!;
    expect(line!.state!.records.batch.has(north.id)).toBe(true);
    await within(() => must('person.edit', { id: one.id, rev: 1, branches: [world.branches.south] }), one.lines, isCut);
    await must('batch.addNote', { id: north.id, note: { id: newId(), text: 'For the north.' } });
    await using again = await connectLive(one.client);
    expect([again.state!.records.batch.has(north.id), again.state!.records.batch.has(south.id)]).toEqual([false, true]);
    const { text } = await one.client.get(`/api/live/catch-up?from=${seq - 2}&epoch=${epoch}`);
    expect(text).not.toContain(north.id);
  });

  it('another role: what the new one does not see is refused on the same session', async () => {
    await using one = await victim('operations_manager');
    expect((await one.client.get('/api/customers')).status).toBe(200);
    await within(() => must('person.edit', { id: one.id, rev: 1, role: 'driver' }), one.lines, isCut);
    for (const { url } of app.webs) expect((await one.client.at(url).get('/api/customers')).status).toBe(403);
    await using again = await connectLive(one.client);
    expect([...again.state!.records.person.keys()]).toEqual([one.id]);
  });
});

describe('what leaves somebody’s sight leaves their live state within a second', () => {
  const gone = (kind: 'batch' | 'route' | 'template' | 'person', id: string) => (line: LiveClient) =>
    !line.state!.records[kind].has(id);

  it('a batch that is given to another driver', async () => {
    const batch = await makeBatch(world, { branch: 'north', driver: 'driver' });
    await heard();
    const client = world.people.get('driver')!.client;
    const lines = await Promise.all(app.webs.map(({ url }) => connectLive(client.at(url))));
    expect(lines.every((line) => line.state!.records.batch.has(batch.id))).toBe(true);
    const act = () => must('batch.assignDriver', { id: batch.id, rev: batch.rev, driver: world.otherDriver });
    await within(act, lines, gone('batch', batch.id));
    expect((await client.get(`/api/batches/${batch.id}`)).status).toBe(404);
    for (const line of lines) line.socket.disconnect();
  });

  it('a route that is given to another driver, with its batch, its people and where it is driven', async () => {
    await using one = await victim('driver');
    const { id, stops, batch } = await makeRoute(world, { branch: 'north', load: true });
    await world.act('route.assign', { id, plan: 1, driver: one.id });
    await world.act('route.start', { id });
    await heard();
    const [line] = one.lines;
    await until('it is the driver’s', () => one.lines.every((each) => each.state!.records.batch.has(batch)));
    expect(line!.state!.records.route.get(id)!.places![stops[1]]!.name).not.toBe('');
    const say = () =>
      line!.socket
        .timeout(20_000)
        .emitWithAck('position', { route: id, points: [{ at: Date.now(), point: [4.9, 52.37] }] });
    expect((await say()).ok).toBe(true);
    await within(
      () => must('route.assign', { id, plan: 2, driver: world.otherDriver }),
      one.lines,
      (each) => gone('route', id)(each) && gone('batch', batch)(each),
    );
    const said = await say();
    expect(said.ok ? 'taken' : said.error.code).toBe('not_found');
    for (const path of [`/api/routes/${id}`, `/api/routes/${id}/timeline`, `/api/batches/${batch}`])
      expect([path, (await one.client.get(path)).status]).toEqual([path, 404]);
    const late = await one.client.command('route.arrive', { id, stop: stops[0] });
    expect(late.ok ? 'done' : late.error.code).toBe('not_found');
    // What the phone still holds is told all the same.
    expect((await one.client.command('route.report', { id, problem: newId(), reason: 'not_accepted' })).ok).toBe(true);
  });

  it('a batch, a template and a colleague that go to another branch', async () => {
    const batch = await makeBatch(world, { branch: 'south' });
    const template = await makeTemplate(world, 'south');
    const colleague = await world.person('team_member', ['south']);
    await using one = await victim('team_member', ['south']);
    const { north } = world.branches;
    expect(revOf(one.lines[0]!, colleague)).toBe(1);
    await within(
      () => must('batch.edit', { id: batch.id, rev: batch.rev, branch: north }),
      one.lines,
      gone('batch', batch.id),
    );
    await within(
      () => must('template.edit', { id: template, rev: 1, branch: north }),
      one.lines,
      gone('template', template),
    );
    await within(
      () => must('person.edit', { id: colleague, rev: 1, branches: [north] }),
      one.lines,
      gone('person', colleague),
    );
    expect(one.lines.every((line) => line.cuts.length === 0)).toBe(true);
  });
});
