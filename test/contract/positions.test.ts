import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DriverPosition, Fix, PositionsNews, TrailPoint } from '@opsboard/shared/positions/schema';
import type { Plain } from '@opsboard/shared/protocol/events';
import { newId } from '../../server/src/platform/ids.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { Client } from '../support/client.ts';
import { signIn } from '../support/client.ts';
import { LiveClient } from '../support/live-client.ts';
import type { LiveServer } from '../support/memory-journal.ts';
import { startLiveServer } from '../support/memory-journal.ts';
import { until } from '../support/until.ts';
import type { PersonName, World } from '../support/world.ts';
import { buildWorld, password } from '../support/world.ts';

const day = 86_400_000;
const inAldermoor = (n: number): [number, number] => [Math.round((4.9 + n / 10_000) * 1e6) / 1e6, 52.37];
/** The n-th place on a drive, now or some milliseconds ago. */
const fixAt = (n: number, ago = 0, more: Partial<Fix> = {}): Fix => ({
  at: Date.now() - ago,
  point: inAldermoor(n),
  ...more,
});

/** A phone or a desk: says where it is, and keeps what it is told of others. */
class Line implements AsyncDisposable {
  readonly live: LiveClient;
  readonly drivers = new Map<string, DriverPosition>();
  readonly news: { at: number; text: string; all: boolean }[] = [];

  constructor(client: Client) {
    this.live = new LiveClient(client, { follow: false });
    this.live.socket.on('positions', (news: PositionsNews) => {
      this.news.push({ at: performance.now(), text: JSON.stringify(news), all: news.all ?? false });
      if (news.all) this.drivers.clear();
      for (const one of news.drivers) this.drivers.set(one[0], one);
      for (const driver of news.gone ?? []) this.drivers.delete(driver);
    });
  }

  static async open(client: Client): Promise<Line> {
    const line = new Line(client);
    await line.live.settled();
    return line;
  }

  static async watching(client: Client): Promise<Line> {
    const line = await Line.open(client);
    expect(await line.watch(true)).toEqual({ ok: true });
    await until('everybody is told of once', () => line.news.length > 0);
    return line;
  }

  watch(on: unknown): Promise<Plain> {
    return this.live.socket.timeout(5_000).emitWithAck('watchPositions', on as never);
  }

  say(route: string, ...points: Fix[]): Promise<Plain> {
    return this.emit({ route, points });
  }

  /** Says where it is without waiting until that is kept. */
  tell(route: string, ...points: Fix[]): void {
    this.live.socket.emit('position', { route, points }, () => {});
  }

  emit(report: unknown): Promise<Plain> {
    return this.live.socket.timeout(15_000).emitWithAck('position', report as never);
  }

  async sees(driver: string, lon: number | undefined, timeoutMs = 10_000): Promise<void> {
    await until(`${driver} is at ${lon}`, () => this.drivers.get(driver)?.[2] === lon, timeoutMs).catch(
      (error: Error) => {
        throw new Error(
          `${error.message}; told: ${JSON.stringify(this.drivers.get(driver))}, and of ${this.drivers.size} in all`,
        );
      },
    );
  }

  /** Every byte that came over the line. */
  get raw(): string {
    return this.live.raw.join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.live.socket.disconnect();
  }
}

const codeOf = (answer: Plain): string => (answer.ok ? 'ok' : answer.error.code);

/** A route of the memory's organization, under way unless told otherwise. */
function routeIn(server: LiveServer, driver: string, fields: { [name: string]: unknown } = {}): string {
  const id = newId();
  const now = Date.now();
  server.commit({
    kind: 'route',
    id,
    create: true,
    set: {
      reference: `R-${now}`,
      branch: newId(),
      day: '2026-11-21',
      status: 'under_way',
      startedAt: now - 3_600_000,
      driver,
      stops: {},
      order: [],
      plan: 1,
      edited: 1,
      createdAt: now,
      createdBy: driver,
      ...fields,
    },
  });
  return id;
}

describe('[G1] what a phone says', () => {
  const route = '01990000-0000-7000-8000-000000000001';
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'bad_request'],
    ['null', null, 'bad_request'],
    ['a list', [1, 2], 'bad_request'],
    ['no route', { points: [fixAt(1)] }, 'bad_request'],
    ['no points', { route }, 'bad_request'],
    ['none of them', { route, points: [] }, 'bad_request'],
    ['NaN, as JSON has it', { route, points: [{ ...fixAt(1), point: [null, 52] }] }, 'bad_request'],
    ['a place that is not on earth', { route, points: [{ ...fixAt(1), point: [500, 52] }] }, 'bad_request'],
    ['text for a time', { route, points: [{ ...fixAt(1), at: '2026-11-21' }] }, 'bad_request'],
    ['bytes', { route, points: Buffer.alloc(2_000) }, 'too_large'],
    ['601 points', { route, points: Array.from({ length: 601 }, (_, i) => fixAt(i)) }, 'bad_request'],
    ['more than a report can hold', { route, points: Array.from({ length: 1_500 }, (_, i) => fixAt(i)) }, 'too_large'],
    ['a field more', { route, points: [fixAt(1)], __proto__: { x: 1 }, mood: 'fine' }, 'bad_request'],
  ])('%s is refused', async (_what, report, code) => {
    await using server = await startLiveServer();
    await using phone = await Line.open(server.person('driver').client);
    expect(codeOf(await phone.emit(report))).toBe(code);
    expect(phone.live.socket.connected).toBe(true);
  });

  it('is taken of the driver of a route under way only; nobody learns of other routes', async () => {
    await using server = await startLiveServer();
    const [anna, bert] = [server.person('driver'), server.person('driver')];
    const own = routeIn(server, anna.id);
    const others = routeIn(server, bert.id);
    const planned = routeIn(server, anna.id, { status: 'planned', startedAt: undefined });
    const cancelled = routeIn(server, anna.id, { status: 'cancelled' });
    await using phone = await Line.open(anna.client);
    expect(codeOf(await phone.say(own, fixAt(1)))).toBe('ok');
    const refusals = await Promise.all([phone.say(others, fixAt(2)), phone.say(newId(), fixAt(2))]);
    expect(refusals.map(codeOf)).toEqual(['not_found', 'not_found']);
    expect(refusals[0]).toEqual(refusals[1]);
    expect(codeOf(await phone.say(planned, fixAt(1)))).toBe('illegal_step');
    expect(codeOf(await phone.say(cancelled, fixAt(1)))).toBe('illegal_step');
    await using desk = await Line.open(server.person('admin').client);
    expect(codeOf(await desk.say(own, fixAt(3)))).toBe('forbidden');
    await desk.watch(true);
    await desk.sees(anna.id, inAldermoor(1)[0]);
    expect(desk.drivers.size).toBe(1);
  });

  it('too much is refused for a while, and commands are not; a flood is cut', async () => {
    await using server = await startLiveServer({ limits: { positions: { burst: 3, perSecond: 0.001 } } });
    const anna = server.person('driver');
    const route = routeIn(server, anna.id);
    await using phone = await Line.open(anna.client);
    const many = Array.from({ length: 600 }, (_, i) => fixAt(i, 600 - i));
    expect(codeOf(await phone.say(route, ...many)), 'ten tokens, three are there').toBe('too_many_requests');
    const answers = await Promise.all([1, 2, 3, 4].map((n) => phone.say(route, fixAt(n))));
    expect(answers.map(codeOf).filter((code) => code === 'ok').length).toBeLessThan(3);
    expect(answers.map(codeOf)).toContain('too_many_requests');
    const ack = await phone.live.emit({ commandId: newId(), name: 'route.finish', args: { id: route } });
    expect(ack.ok).toBe(true);
    const { socket } = phone.live;
    for (let i = 0; i < 8_000 && socket.connected; i++)
      socket.emit('position', { route, points: [fixAt(i)] }, () => {});
    await until('it is cut', () => !socket.connected);
  });

  it('is asked for again when it could not be kept', async () => {
    let kept = false;
    await using server = await startLiveServer({ kept: () => kept });
    const anna = server.person('driver');
    const route = routeIn(server, anna.id);
    await using phone = await Line.open(anna.client);
    expect(codeOf(await phone.say(route, fixAt(1)))).toBe('unavailable');
    kept = true;
    expect(codeOf(await phone.say(route, fixAt(1)))).toBe('ok');
  });
});

describe('one process', () => {
  it('[G3] tells who watches, and nobody else; a role that may not is refused', async () => {
    await using server = await startLiveServer();
    const anna = server.person('driver');
    const route = routeIn(server, anna.id);
    await using phone = await Line.open(anna.client);
    await using silent = await Line.open(server.person('admin').client);
    await using desk = await Line.watching(server.person('admin').client);
    await using wall = await Line.watching(server.person('display').client);
    expect(codeOf(await phone.watch(true))).toBe('forbidden');
    for (const wrong of [undefined, null, 'true', 1, {}]) expect(codeOf(await desk.watch(wrong))).toBe('bad_request');
    const told = fixAt(1, 0, { heading: 271.6, speed: 13.44, accuracy: 7 });
    await phone.say(route, told);
    await desk.sees(anna.id, inAldermoor(1)[0]);
    await wall.sees(anna.id, inAldermoor(1)[0]);
    expect(desk.drivers.get(anna.id)).toEqual([anna.id, route, ...inAldermoor(1), told.at, 272, 13.4]);
    expect(await desk.watch(false)).toEqual({ ok: true });
    const heard = desk.news.length;
    await phone.say(route, fixAt(2));
    await wall.sees(anna.id, inAldermoor(2)[0]);
    expect(desk.news).toHaveLength(heard);
    expect(silent.news).toEqual([]);
    expect(phone.news).toEqual([]);
  });

  it('[G2] [G5] late ones do not move anybody back, and times keep within the route', async () => {
    await using server = await startLiveServer();
    const anna = server.person('driver');
    const route = routeIn(server, anna.id);
    await using phone = await Line.open(anna.client);
    await using desk = await Line.watching(server.person('admin').client);
    await phone.say(route, fixAt(9));
    await phone.say(route, fixAt(1, 60_000), fixAt(2, 50_000));
    await phone.say(route, fixAt(3, day));
    await desk.sees(anna.id, inAldermoor(9)[0]);
    // A phone a day ahead is where it says, now.
    const before = Date.now();
    await phone.say(route, fixAt(10, -day));
    await desk.sees(anna.id, inAldermoor(10)[0]);
    const at = desk.drivers.get(anna.id)![4];
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
  });

  it('[G3] who finishes is gone; points from before the finish are taken after it, and move nobody', async () => {
    await using server = await startLiveServer();
    const anna = server.person('driver');
    const route = routeIn(server, anna.id);
    await using phone = await Line.open(anna.client);
    await using desk = await Line.watching(server.person('admin').client);
    await phone.say(route, fixAt(1));
    await desk.sees(anna.id, inAldermoor(1)[0]);
    server.commit({ kind: 'route', id: route, set: { status: 'finished', finishedAt: Date.now() } });
    await desk.sees(anna.id, undefined);
    expect(JSON.parse(desk.news.at(-1)!.text)).toMatchObject({ drivers: [], gone: [anna.id] });
    expect(codeOf(await phone.say(route, fixAt(2, 30_000)))).toBe('ok');
    expect(codeOf(await phone.say(route, fixAt(2, -30_000)))).toBe('ok');
    const late = await Line.watching(server.person('admin').client);
    expect(late.drivers.size).toBe(0);
    await late[Symbol.asyncDispose]();
  });

  it('[G4] at most one message a second, however many move; the last place counts', async () => {
    await using server = await startLiveServer({ limits: { positions: { burst: 10_000, perSecond: 10_000 } } });
    await using desk = await Line.watching(server.person('admin').client);
    const people = Array.from({ length: 20 }, () => server.person('driver'));
    const phones = await Promise.all(
      people.map(async ({ id, client }) => ({ id, route: routeIn(server, id), line: await Line.open(client) })),
    );
    const began = performance.now();
    let rounds = 0;
    for (; performance.now() - began < 3_200; rounds++) {
      await Promise.all(phones.map(({ route, line }) => line.say(route, fixAt(rounds))));
    }
    await Promise.all(phones.map(({ route, line }) => line.say(route, fixAt(9_999))));
    for (const { id } of people) await desk.sees(id, inAldermoor(9_999)[0]);
    const times = desk.news.map(({ at }) => at);
    const seconds = (times.at(-1)! - times[0]!) / 1_000;
    expect(times.length).toBeLessThanOrEqual(seconds + 2);
    expect(times.length).toBeGreaterThan(2);
    expect(rounds).toBeGreaterThan(times.length);
    expect(desk.news.filter(({ all }) => all)).toHaveLength(1);
    for (const { line } of phones) line.live.socket.disconnect();
  }, 30_000);

  it('[G6] a process that does not hear the database tells nothing, and what was meanwhile when it does', async () => {
    await using server = await startLiveServer();
    const anna = server.person('driver');
    const route = routeIn(server, anna.id);
    await using phone = await Line.open(anna.client);
    await using desk = await Line.watching(server.person('admin').client);
    server.setStale(true);
    const heard = desk.news.length;
    await phone.say(route, fixAt(1));
    await phone.say(route, fixAt(2));
    const words = desk.live.raw.length;
    await until(
      'it says that it is stale',
      () => desk.live.raw.slice(words).filter((text) => /stale/.test(text)).length >= 2,
    );
    expect(desk.news).toHaveLength(heard);
    server.setStale(false);
    await desk.sees(anna.id, inAldermoor(2)[0]);
  });

  it('[G4] a client that does not read gets everybody when it reads again, and costs little meanwhile', async () => {
    await using server = await startLiveServer({ limits: { positions: { burst: 10_000, perSecond: 10_000 } } });
    await using desk = await Line.watching(server.person('admin').client);
    await using slow = await Line.watching(server.person('admin').client);
    const people = Array.from({ length: 300 }, () => server.person('driver'));
    const route = new Map(people.map(({ id }) => [id, routeIn(server, id)]));
    const phones = await Promise.all(people.map(async ({ id, client }) => ({ id, line: await Line.open(client) })));
    slow.live.pause();
    for (let round = 1; round <= 4; round++) {
      await Promise.all(phones.map(({ id, line }) => line.say(route.get(id)!, fixAt(round))));
      for (const { id } of phones) await desk.sees(id, inAldermoor(round)[0]);
    }
    slow.live.resume();
    for (const { id } of phones) await slow.sees(id, inAldermoor(4)[0]);
    for (const { line } of phones) line.live.socket.disconnect();
  }, 40_000);

  it('a last position is not kept for ever: after a day without a word it is forgotten', async () => {
    await using server = await startLiveServer();
    const anna = server.person('driver');
    const yesterday = Date.now() - day;
    const route = routeIn(server, anna.id, { startedAt: yesterday - 3_600_000 });
    await using phone = await Line.open(anna.client);
    await using desk = await Line.watching(server.person('admin').client);
    await phone.say(route, fixAt(1, day - 3_000));
    await desk.sees(anna.id, inAldermoor(1)[0]);
    await desk.sees(anna.id, undefined, 15_000);
  }, 30_000);
});

describe('two processes', () => {
  let app: TestApp;
  let world: World;
  let urls: [string, string];
  beforeAll(async () => {
    app = await startTestApp({ webs: 2 });
    world = await buildWorld(app);
    urls = [app.webs[0]!.url, app.webs[1]!.url];
  }, 60_000);
  afterAll(() => app?.[Symbol.asyncDispose]());

  const open = async (who: PersonName, web: 0 | 1): Promise<Line> => Line.open(await world.as(who, urls[web]));
  const watch = async (who: PersonName, web: 0 | 1): Promise<Line> => Line.watching(await world.as(who, urls[web]));

  /** A route with one stop, started unless told otherwise. */
  async function route(driver: PersonName, branch: 'north' | 'south' = 'north', start = true) {
    const [id, stop] = [newId(), newId()];
    const place = { kind: 'center' as const, id: world.centers.near };
    await world.admin.mustCommand('route.create', {
      id,
      branch: world.branches[branch],
      day: '2026-11-21',
      driver: world.people[driver].id,
      stops: [{ id: stop, place, pickUp: [], handOver: [] }],
    });
    if (start) await world.admin.mustCommand('route.start', { id });
    return { id, stop };
  }
  async function end({ id, stop }: { id: string; stop: string }): Promise<void> {
    await world.admin.mustCommand('route.arrive', { id, stop });
    await world.admin.mustCommand('route.depart', { id, stop });
  }
  const seqNow = async (): Promise<number> => (await world.admin.get<{ seq: number }>('/api/live/snapshot')).body.seq;

  it('[G5] a phone at one is seen at the other, also by who comes later, and when it changes the process', async () => {
    const { driver1 } = world.people;
    const today = await route('driver1');
    await using phone = await open('driver1', 0);
    await using near = await watch('ops', 0);
    await using far = await watch('ops', 1);
    // Who signs in makes an entry.
    await world.as('manager');
    const seq = await seqNow();
    phone.tell(today.id, fixAt(1));
    await Promise.all([near.sees(driver1.id, inAldermoor(1)[0]), far.sees(driver1.id, inAldermoor(1)[0])]);
    await using late = await watch('manager', 1);
    await late.sees(driver1.id, inAldermoor(1)[0]);
    await using elsewhere = await open('driver1', 1);
    elsewhere.tell(today.id, fixAt(2));
    await Promise.all([near.sees(driver1.id, inAldermoor(2)[0]), far.sees(driver1.id, inAldermoor(2)[0])]);
    // What the first process heard late is older than what the second one knows.
    phone.tell(today.id, fixAt(3, 5_000));
    elsewhere.tell(today.id, fixAt(4));
    await Promise.all([near.sees(driver1.id, inAldermoor(4)[0]), far.sees(driver1.id, inAldermoor(4)[0])]);
    expect(near.raw + far.raw).not.toContain(`,${inAldermoor(3)[0]},`);
    expect(await seqNow(), 'nothing of it is in the journal').toBe(seq);
    await end(today);
    await Promise.all([near, far, late].map((line) => line.sees(driver1.id, undefined, 3_000)));
  });

  it('[G3] no byte for who does not see the route: branches, drivers, other organizations', async () => {
    const stranger = await buildWorld(app);
    const { driver1, driver2 } = world.people;
    const [north, south] = [await route('driver1', 'north'), await route('driver2', 'south')];
    await using southern = await watch('southOps', 1);
    await using foreign = await Line.watching(await stranger.as('ops', urls[0]));
    await using everywhere = await watch('admin', 1);
    await using wall = await watch('display', 0);
    await using phone1 = await open('driver1', 0);
    await using phone2 = await open('driver2', 1);
    await using theirs = await Line.open(await stranger.as('driver1', urls[0]));
    expect(codeOf(await theirs.say(north.id, fixAt(66)))).toBe('not_found');
    expect(codeOf(await phone2.say(north.id, fixAt(66)))).toBe('not_found');
    phone1.tell(north.id, fixAt(5));
    phone2.tell(south.id, fixAt(6));
    for (const line of [everywhere, wall]) {
      await line.sees(driver1.id, inAldermoor(5)[0]);
      await line.sees(driver2.id, inAldermoor(6)[0]);
    }
    await southern.sees(driver2.id, inAldermoor(6)[0]);
    expect(southern.drivers.size).toBe(1);
    expect(foreign.drivers.size).toBe(0);
    const news = (line: Line) => line.news.map(({ text }) => text).join();
    for (const id of [driver1.id, north.id, `${inAldermoor(5)[0]}`]) expect(news(southern)).not.toContain(id);
    for (const id of [driver1.id, driver2.id, north.id, south.id]) expect(foreign.raw).not.toContain(id);
    expect(phone1.raw + phone2.raw).not.toContain('"positions"');
    await Promise.all([end(north), end(south)]);
  });

  it('[G3] a driver who is taken off a route is told of no more, and is not listened to', async () => {
    const { driver1, driver2 } = world.people;
    const today = await route('driver1');
    await using phone = await open('driver1', 0);
    await using other = await open('driver2', 0);
    await using desk = await watch('ops', 1);
    phone.tell(today.id, fixAt(1));
    await desk.sees(driver1.id, inAldermoor(1)[0]);
    await world.admin.mustCommand('route.assign', { id: today.id, plan: 1, driver: driver2.id });
    await desk.sees(driver1.id, undefined);
    await until('it is refused', async () => codeOf(await phone.say(today.id, fixAt(2))) === 'not_found');
    other.tell(today.id, fixAt(3));
    await desk.sees(driver2.id, inAldermoor(3)[0]);
    expect(desk.drivers.size).toBe(1);
    await end(today);
  });

  it('revoking ends it within a second: who watches hears nothing more, a phone is not listened to', async () => {
    const people = (['driver', 'manager'] as const).map((role) => {
      const id = newId();
      return { id, name: `Short ${role}`, email: `${id}@x.test`, role };
    });
    for (const person of people) await world.admin.post('/api/people', { commandId: newId(), password, ...person });
    const [driver, manager] = people as [(typeof people)[0], (typeof people)[0]];
    const [id, stop] = [newId(), newId()];
    await world.admin.mustCommand('route.create', {
      id,
      branch: world.branches.north,
      day: '2026-11-21',
      driver: driver.id,
      stops: [{ id: stop, place: { kind: 'center', id: world.centers.near }, pickUp: [], handOver: [] }],
    });
    await world.admin.mustCommand('route.start', { id });
    const sign = async (email: string, web: 0 | 1) => (await signIn(urls[0], email, password)).at(urls[web]);
    await using phone = await Line.open(await sign(driver.email, 0));
    await using leaving = await Line.watching(await sign(manager.email, 1));
    await using desk = await watch('ops', 1);
    phone.tell(id, fixAt(1));
    await Promise.all([leaving, desk].map((line) => line.sees(driver.id, inAldermoor(1)[0])));

    await world.admin.mustCommand('person.edit', { id: manager.id, rev: 1, active: false });
    await until('the watcher is cut', () => !leaving.live.socket.connected, 1_000);
    const heard = leaving.news.length;
    phone.tell(id, fixAt(2));
    await desk.sees(driver.id, inAldermoor(2)[0]);
    expect(leaving.news).toHaveLength(heard);

    await world.admin.mustCommand('person.edit', { id: driver.id, rev: 1, active: false });
    phone.live.socket.emit('position', { route: id, points: [fixAt(3)] }, () => {});
    await until('the phone is cut', () => !phone.live.socket.connected, 1_000);
    const told = desk.news.length;
    // A beat later it would have been told.
    await until('two beats', () => desk.live.frames.length > told + 2, 5_000).catch(() => undefined);
    await end({ id, stop });
    await desk.sees(driver.id, undefined);
    expect(desk.news.map(({ text }) => text).join()).not.toContain(`,${inAldermoor(3)[0]},`);
  });

  it('[G7] a trail is kept: once each, whatever is sent twice; read by who sees the route', async () => {
    const { driver1 } = world.people;
    const today = await route('driver1');
    const { connection } = await app.backdoor();
    await using phone = await open('driver1', 0);
    const points = [fixAt(1, 0), fixAt(2, 0), fixAt(3, 0)].map((point, i) => ({ ...point, at: Date.now() + i }));
    await until('the last of them has passed', () => Date.now() > points[2]!.at);
    const before = await connection.collection('journal').countDocuments({ org: world.org });
    expect(codeOf(await phone.say(today.id, ...points))).toBe('ok');
    expect(codeOf(await phone.say(today.id, points[1]!)), 'the answer was lost').toBe('ok');
    expect(await connection.collection('journal').countDocuments({ org: world.org })).toBe(before);

    type Trail = { points: TrailPoint[]; next?: number };
    const read = async (who: PersonName, query = '', from: World = world) =>
      (await from.as(who, urls[1])).get<Trail>(`/api/routes/${today.id}/trail${query}`);
    const { status, body } = await read('ops');
    expect(status).toBe(200);
    expect(body.points).toEqual(points.map(({ at, point }) => [at, ...point, null, null]));
    expect((await read('display')).body.points).toHaveLength(3);
    const first = (await read('ops', '?limit=2')).body;
    expect([first.points.length, first.next]).toEqual([2, points[2]!.at]);
    expect((await read('ops', `?from=${first.next}`)).body.points).toHaveLength(1);
    expect((await read('ops', `?to=${points[1]!.at}`)).body.points).toHaveLength(1);
    for (const [who, from, code] of [
      ['southOps', world, 404],
      ['driver1', world, 403],
      ['driver2', world, 403],
      ['ops', await buildWorld(app), 404],
    ] as const) {
      expect([who, (await read(who, '', from)).status]).toEqual([who, code]);
    }
    for (const query of ['?limit=0', '?limit=20001', '?from=x', '?from=Infinity', '?mood=fine'])
      expect((await read('ops', query)).status, query).toBe(400);

    const trails = connection.collection<{ _id: string; expireAt: Date; minute: number }>('trails');
    const stored = await trails.find({ route: today.id }).toArray();
    expect(stored).toMatchObject([{ org: world.org, driver: driver1.id }]);
    expect(stored[0]!.expireAt.getTime()).toBe(stored[0]!.minute + 60_000 + 7 * day);
    expect(await trails.indexes()).toContainEqual(
      expect.objectContaining({ key: { expireAt: 1 }, expireAfterSeconds: 0 }),
    );

    const set = async (positionDays: number) => {
      const { body: me } = await world.admin.get<{ organization: { rev: number } }>('/api/session');
      await world.admin.mustCommand('organization.edit', { id: world.org, rev: me.organization.rev, positionDays });
    };
    await set(0);
    await until('nothing is shown', async () => (await read('ops')).body.points.length === 0);
    expect(codeOf(await phone.say(today.id, fixAt(4)))).toBe('ok');
    await set(7);
    await until('what was kept is shown again', async () => (await read('ops')).body.points.length > 0);
    expect((await read('ops')).body.points).toHaveLength(3);
    await end(today);
    expect((await read('ops')).body.points, 'also when it is over').toHaveLength(3);
  }, 60_000);

  it('says how it is, for those who watch over it', async () => {
    const { text } = await world.admin.get('/metrics');
    for (const name of ['drivers', 'watchers', 'taken', 'refused', 'waiting'])
      expect(text).toMatch(new RegExp(`^opsboard_positions_${name} \\d+$`, 'm'));
    expect(text).toMatch(/^opsboard_positions_taken [1-9]/m);
  });
});

it('[G6] without Redis each process tells of its own phones, and all know all again when it is back', async () => {
  await using app = await startTestApp({ webs: 2, child: true });
  const world = await buildWorld(app);
  const { driver1, driver2 } = world.people;
  const [first, second] = [app.webs[0]!.url, app.webs[1]!.url];
  const start = async (driver: string) => {
    const id = newId();
    const place = { kind: 'center' as const, id: world.centers.near };
    await world.admin.mustCommand('route.create', {
      id,
      branch: world.branches.north,
      day: '2026-11-21',
      driver,
      stops: [{ id: newId(), place, pickUp: [], handOver: [] }],
    });
    await world.admin.mustCommand('route.start', { id });
    return id;
  };
  const [one, other] = [await start(driver1.id), await start(driver2.id)];
  await using phone1 = await Line.open(await world.as('driver1', first));
  await using phone2 = await Line.open(await world.as('driver2', second));
  await using near = await Line.watching(await world.as('ops', first));
  phone1.tell(one, fixAt(1));
  phone2.tell(other, fixAt(1));
  await near.sees(driver2.id, inAldermoor(1)[0]);

  await app.stores.redis.kill();
  phone1.tell(one, fixAt(2));
  phone2.tell(other, fixAt(2));
  await near.sees(driver1.id, inAldermoor(2)[0]);
  expect(near.drivers.get(driver2.id)?.[2], 'the last that was heard stays, and grows old').toBe(inAldermoor(1)[0]);
  await world.admin.mustCommand('customer.create', { id: newId(), name: 'Meanwhile', slaHours: 24 });

  await app.stores.redis.restart();
  await near.sees(driver2.id, inAldermoor(2)[0], 15_000);
  await using late = await Line.watching(await world.as('manager', second));
  await late.sees(driver1.id, inAldermoor(2)[0], 15_000);
  phone1.tell(one, fixAt(3));
  await late.sees(driver1.id, inAldermoor(3)[0]);
}, 90_000);
