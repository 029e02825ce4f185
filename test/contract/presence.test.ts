import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PersonHere, Place, PresenceNews, Whereabouts } from '@opsboard/shared/presence/schema';
import type { WireError } from '@opsboard/shared/protocol/errors';
import type { Clock } from '../../server/src/platform/clock.ts';
import { newId } from '../../server/src/platform/ids.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { Client } from '../support/client.ts';
import { signIn } from '../support/client.ts';
import { LiveClient } from '../support/live-client.ts';
import { batchChange, startLiveServer } from '../support/memory-journal.ts';
import { until } from '../support/until.ts';
import type { World } from '../support/world.ts';
import { buildWorld, password } from '../support/world.ts';

type Answer = { ok: true } | { ok: false; error: WireError };

const board: Place = { page: 'board' };

/** A desk: says where it is, and keeps what it is told of the others. */
class Desk implements AsyncDisposable {
  readonly live: LiveClient;
  readonly here = new Map<string, PersonHere>();
  readonly news: { at: number; text: string }[] = [];

  constructor(client: Client) {
    this.live = new LiveClient(client, { follow: false });
    this.live.socket.on('presence', (news: PresenceNews) => {
      this.news.push({ at: performance.now(), text: JSON.stringify(news) });
      if (news.all) this.here.clear();
      for (const one of news.here) this.here.set(one.person, one);
      for (const person of news.gone ?? []) this.here.delete(person);
    });
  }

  static async open(client: Client, place: Place | null | 'silent' = board): Promise<Desk> {
    const desk = new Desk(client);
    await desk.live.settled();
    if (place !== 'silent') expect(await desk.say(place)).toEqual({ ok: true });
    return desk;
  }

  say(place: Place | null, moving?: string): Promise<Answer> {
    return this.emit({ place, ...(moving === undefined ? {} : { moving }) } satisfies Whereabouts);
  }

  emit(whereabouts: unknown): Promise<Answer> {
    return this.live.socket.timeout(5_000).emitWithAck('presence', whereabouts as never);
  }

  /** Where a person is, as this desk has been told; undefined when not at all. */
  places(person: string): Place[] | undefined {
    return this.here.get(person)?.at;
  }

  async sees(person: string, places: Place[] | undefined, timeoutMs = 10_000): Promise<void> {
    await until(
      `${person} is at ${JSON.stringify(places)}`,
      () => JSON.stringify(this.places(person)) === JSON.stringify(places),
      timeoutMs,
    ).catch((error: Error) => {
      throw new Error(`${error.message}; told: ${JSON.stringify([...this.here.values()])}`);
    });
  }

  /** Every byte that came over the line. */
  get raw(): string {
    return this.live.raw.join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.live.socket.disconnect();
  }
}

describe('[P1] what a tab says', () => {
  it.each<[string, unknown, string, string | undefined]>([
    ['nothing', undefined, 'bad_request', undefined],
    ['no place', {}, 'bad_request', 'place'],
    ['a page that there is not', { place: { page: 'kitchen' } }, 'bad_request', 'place'],
    ['a batch that is no id', { place: { batch: 'B-2041' } }, 'bad_request', 'place.batch'],
    ['two places at once', { place: { page: 'board', batch: newId() } }, 'bad_request', 'place'],
    ['a hand full', { place: board, moving: [newId(), newId()] }, 'bad_request', 'moving'],
    ['a word more', { place: board, mood: 'fine' }, 'bad_request', 'mood'],
    [
      'very much',
      { place: { page: 'x'.repeat(50_000) }, more: Array.from({ length: 99 }, () => 1) },
      'too_large',
      undefined,
    ],
  ])('%s is refused', async (_what, whereabouts, code, field) => {
    await using server = await startLiveServer();
    await using desk = await Desk.open(server.person('admin').client, 'silent');
    const answer = await desk.emit(whereabouts);
    expect(answer).toMatchObject({ ok: false, error: { code, ...(field === undefined ? {} : { field }) } });
    expect(desk.live.socket.connected).toBe(true);
  });

  it.each(['driver', 'display'] as const)('a %s is not shown and is told nothing', async (role) => {
    await using server = await startLiveServer();
    const { id, client } = server.person(role);
    await using other = await Desk.open(server.person('admin').client);
    await using desk = await Desk.open(client, 'silent');
    expect(await desk.say(board)).toMatchObject({ ok: false, error: { code: 'forbidden' } });
    const { id: late, client: lateClient } = server.person('manager');
    await using last = await Desk.open(lateClient);
    await other.sees(late, [board]);
    await last.sees(late, [board]);
    expect(other.raw).not.toContain(id);
    expect(desk.news).toEqual([]);
  });

  it('too many words are refused for a while, and commands are not', async () => {
    await using server = await startLiveServer({ limits: { presence: { burst: 3, perSecond: 0.001 } } });
    await using desk = await Desk.open(server.person('admin').client, 'silent');
    const answers = await Promise.all([1, 2, 3, 4].map(() => desk.say(board)));
    expect(answers.map((answer) => (answer.ok ? 'ok' : answer.error.code))).toEqual([
      'ok',
      'ok',
      'ok',
      'too_many_requests',
    ]);
    const batch = batchChange(newId());
    server.commit(batch);
    const ack = await desk.live.emit({ commandId: newId(), name: 'batch.arrive', args: { id: batch.id } });
    expect(ack.ok).toBe(true);
  });
});

describe('one process', () => {
  it('[P2] who has not said a place, or is out of sight, is told nothing; who comes back is told everybody', async () => {
    await using server = await startLiveServer();
    const [anna, bert] = [server.person('admin'), server.person('team_member')];
    await using silent = await Desk.open(server.person('manager').client, 'silent');
    await using one = await Desk.open(anna.client);
    await using other = await Desk.open(bert.client);
    await one.sees(bert.id, [board]);
    await one.say(null);
    await other.sees(anna.id, undefined);
    const before = one.news.length;
    await other.say({ page: 'dashboard' });
    await other.sees(bert.id, [{ page: 'dashboard' }]);
    expect(one.news).toHaveLength(before);
    await one.say(board);
    await one.sees(bert.id, [{ page: 'dashboard' }]);
    expect(JSON.parse(one.news.at(-1)!.text)).toMatchObject({ all: true });
    expect(silent.news).toEqual([]);
  });

  it('[P4] nobody is shown with a card in hand whose role moves none', async () => {
    await using server = await startLiveServer();
    const batch = batchChange(newId());
    server.commit(batch);
    const [manager, team] = [server.person('manager'), server.person('team_member')];
    await using watcher = await Desk.open(server.person('admin').client);
    await using one = await Desk.open(manager.client, 'silent');
    await using other = await Desk.open(team.client, 'silent');
    await one.say(board, batch.id);
    await other.say(board, batch.id);
    await until('the team member moves it', () => watcher.here.get(team.id)?.moving === batch.id);
    await watcher.sees(manager.id, [board]);
    expect(watcher.here.get(manager.id)).not.toHaveProperty('moving');
  });

  it('[P4] a process that does not hear the database tells nothing, and what was meanwhile when it does', async () => {
    await using server = await startLiveServer();
    const bert = server.person('team_member');
    await using one = await Desk.open(server.person('admin').client);
    await using other = await Desk.open(bert.client);
    await one.sees(bert.id, [board]);
    server.setStale(true);
    const before = one.news.length;
    await other.say({ page: 'batches' });
    await other.say({ page: 'dashboard' });
    // Two beats of the stale process: anything that was to be told would have come before.
    const words = one.live.raw.length;
    await until(
      'it says that it is stale',
      () => one.live.raw.slice(words).filter((text) => /stale/.test(text)).length >= 2,
    );
    expect(one.news).toHaveLength(before);
    server.setStale(false);
    await one.sees(bert.id, [{ page: 'dashboard' }]);
  });

  it('[P5] at most four messages a second, however much happens; the last word counts', async () => {
    await using server = await startLiveServer({ limits: { presence: { burst: 10_000, perSecond: 10_000 } } });
    await using watcher = await Desk.open(server.person('admin').client);
    const people = Array.from({ length: 20 }, () => server.person('team_member'));
    const desks = await Promise.all(people.map(({ client }) => Desk.open(client, 'silent')));
    const began = performance.now();
    const pages = ['board', 'batches', 'dashboard'] as const;
    let rounds = 0;
    for (; performance.now() - began < 1_500; rounds++) {
      await Promise.all(desks.map((desk, i) => desk.say({ page: pages[(rounds + i) % 3]! })));
    }
    await Promise.all(desks.map((desk) => desk.say(board)));
    for (const { id } of people) {
      await watcher.sees(id, [board]);
    }
    const times = watcher.news.map(({ at }) => at);
    const seconds = (times.at(-1)! - times[0]!) / 1_000;
    // One at each end of the time; what arrives late is not sent early.
    expect(times.length).toBeLessThanOrEqual(4 * seconds + 2);
    expect(rounds).toBeGreaterThan(times.length);
    for (const desk of desks) desk.live.socket.disconnect();
  });

  it('[P6] who falls silent without a goodbye is gone, and who goes on saying stays', async () => {
    let ahead = 0;
    const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now() + ahead };
    await using server = await startLiveServer({ clock });
    const [anna, bert] = [server.person('admin'), server.person('team_member')];
    await using one = await Desk.open(anna.client);
    await using other = await Desk.open(bert.client);
    await one.sees(bert.id, [board]);
    ahead += 8_000;
    await one.say(board);
    ahead += 8_000;
    await one.sees(bert.id, undefined);
    expect(one.places(anna.id)).toEqual([board]);
    await other.say(board);
    await one.sees(bert.id, [board]);
  });
});

describe('two processes', () => {
  let app: TestApp;
  let world: World;
  let urls: [string, string];
  beforeAll(async () => {
    app = await startTestApp({ webs: 2 });
    world = await buildWorld(app);
    urls = [app.webs[0]!.url, app.webs[1]!.url];
  });
  afterAll(() => app?.[Symbol.asyncDispose]());

  const desk = async (who: Parameters<World['as']>[0], web: 0 | 1, place: Place | null = board): Promise<Desk> =>
    Desk.open(await world.as(who, urls[web]), place);

  it('see each other, also who is there when one comes; looking, moving, leaving', async () => {
    const batch = await world.batch();
    const { ops, team } = world.people;
    await using one = await desk('ops', 0, { batch });
    await using other = await desk('team', 1);
    await Promise.all([one.sees(team.id, [board]), other.sees(ops.id, [{ batch }])]);
    expect(one.here.get(team.id)!.colour).not.toBe(one.here.get(ops.id)!.colour);
    await one.say(board, batch);
    await until('it is in hand', () => other.here.get(ops.id)?.moving === batch);
    await one.say(board);
    await until('it is laid down', () => other.here.get(ops.id)?.moving === undefined);
    await one.say(null);
    await other.sees(ops.id, undefined, 2_000);
    await one.say(board, batch);
    await until('it is in hand again', () => other.here.get(ops.id)?.moving === batch);
    one.live.cutLine();
    await until('the hand is empty at once', () => other.here.get(ops.id)?.moving === undefined, 1_000);
    await other.sees(ops.id, undefined, 4_000);
  });

  it('[P3] three tabs on two processes are one person', async () => {
    const batch = await world.batch();
    const { ops } = world.people;
    await using watcher = await desk('team', 1);
    await using first = await desk('ops', 0);
    await using second = await desk('ops', 1, { batch });
    await using third = await desk('ops', 0, { batch });
    await watcher.sees(ops.id, [{ batch }, board]);
    expect(watcher.here.size).toBe(2);
    await second.say(null);
    await third.say(null);
    await watcher.sees(ops.id, [board]);
    await first.say(null);
    await watcher.sees(ops.id, undefined);
  });

  it('[P4] no byte of what an audience does not see: batches, people, organizations', async () => {
    const stranger = await buildWorld(app);
    const northOnly = { id: newId(), name: 'North Only', email: `north-${newId()}@x.test`, role: 'team_member' };
    const added = await world.admin.post('/api/people', {
      commandId: newId(),
      password,
      ...northOnly,
      branches: [world.branches.north],
    });
    expect(added.status).toBe(201);
    const [northern, southern] = [await world.batch(), await world.batch({ branch: world.branches.south })];
    const { ops, southTeam } = world.people;

    await using south = await desk('southTeam', 1, { batch: northern });
    await using north = await Desk.open((await signIn(urls[0], northOnly.email, password)).at(urls[0]), {
      batch: northern,
    });
    await using foreign = await Desk.open(await stranger.as('ops', urls[1]));
    await using everywhere = await desk('ops', 0, { batch: northern });
    await using admin = await desk('admin', 1);
    await everywhere.say({ batch: northern }, northern);

    // Who says to look at what they may not see is not believed.
    await admin.sees(southTeam.id, [{ page: 'batches' }]);
    await admin.sees(northOnly.id, [{ batch: northern }]);
    await admin.sees(ops.id, [{ batch: northern }]);
    await until('it is in hand', () => admin.here.get(ops.id)?.moving === northern);
    await south.sees(ops.id, [{ page: 'batches' }]);
    await north.sees(ops.id, [{ batch: northern }]);
    expect(north.places(southTeam.id)).toBeUndefined();
    expect(foreign.here.size).toBe(1);

    // A batch that comes into sight is told of, and one that leaves is not any more.
    await everywhere.say({ batch: southern });
    await south.sees(ops.id, [{ batch: southern }]);
    await world.admin.mustCommand('batch.edit', { id: southern, rev: 1, branch: world.branches.north });
    await south.sees(ops.id, [{ page: 'batches' }]);
    await north.sees(ops.id, [{ batch: southern }]);

    expect(south.raw).not.toContain(northern);
    expect(south.raw).not.toContain(northOnly.id);
    expect(north.raw).not.toContain(southTeam.id);
    for (const id of [northern, southern, ops.id, world.org]) expect(foreign.raw).not.toContain(id);
    for (const { raw } of [south, north, everywhere, admin]) expect(raw).not.toContain(stranger.people.ops.id);
  });

  it('[P4] who is deactivated is gone at once, and hears nothing more', async () => {
    const person = { id: newId(), name: 'Short Stay', email: `short-${newId()}@x.test`, role: 'team_member' };
    await world.admin.post('/api/people', { commandId: newId(), password, ...person });
    await using short = await Desk.open((await signIn(urls[0], person.email, password)).at(urls[0]));
    await using watcher = await desk('team', 1);
    await watcher.sees(person.id, [board]);
    await world.admin.mustCommand('person.edit', { id: person.id, rev: 1, active: false });
    await watcher.sees(person.id, undefined, 2_000);
    const heard = short.news.length;
    await watcher.say({ page: 'dashboard' });
    await watcher.sees(world.people.team.id, [{ page: 'dashboard' }]);
    expect(short.news).toHaveLength(heard);
  });
});

it('[P6] [P7] a killed process leaves no ghosts; without Redis all else goes on, and all find each other again', async () => {
  await using app = await startTestApp({ webs: 2, child: true });
  const world = await buildWorld(app);
  const { ops, team, manager } = world.people;
  const [first, second] = [app.webs[0]!, app.webs[1]!];
  await using one = await Desk.open(await world.as('ops', first.url));
  await using other = await Desk.open(await world.as('team', second.url));
  await Promise.all([one.sees(team.id, [board]), other.sees(ops.id, [board])]);

  await app.stores.redis.kill();
  // A new one on the same process is seen, and one of another process is forgotten: presence is local now.
  await using near = await Desk.open(await world.as('manager', first.url));
  await one.sees(manager.id, [board]);
  const keepSaying = setInterval(
    () => [one, other, near].forEach((desk) => void desk.say(board).catch(() => {})),
    2_000,
  );
  try {
    await one.sees(team.id, undefined, 9_000);
    await world.admin.mustCommand('customer.create', { id: newId(), name: 'Meanwhile', slaHours: 24 });

    await app.stores.redis.restart();
    await Promise.all([one.sees(team.id, [board]), other.sees(ops.id, [board]), other.sees(manager.id, [board])]);

    await second.kill();
    await one.sees(team.id, undefined, 9_000);
    expect(one.places(manager.id)).toEqual([board]);
  } finally {
    clearInterval(keepSaying);
  }
}, 60_000);
