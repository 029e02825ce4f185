import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PositionsNews } from '@opsboard/shared/positions/schema';
import type { PresenceNews } from '@opsboard/shared/presence/schema';
import type { Ack } from '@opsboard/shared/protocol/envelope';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { clientEvents, serverEvents } from '@opsboard/shared/protocol/events';
import type { Snapshot } from '@opsboard/shared/protocol/snapshot';
import { decodeSnapshot } from '@opsboard/shared/protocol/snapshot';
import { apiEndpoints } from '../../../server/src/app.ts';
import { newId } from '../../../server/src/platform/ids.ts';
import type { TestApp } from '../../support/app.ts';
import { startTestApp } from '../../support/app.ts';
import { Client } from '../../support/client.ts';
import { KeyClient } from '../../support/key.ts';
import { LiveClient } from '../../support/live-client.ts';
import { read } from '../../support/pdf.ts';
import { until } from '../../support/until.ts';
import type { Asking, Asks, Request } from './asks.ts';
import { asks } from './asks.ts';
import type { Exhibits } from './exhibits.ts';
import { makeExhibits, toldIn } from './exhibits.ts';
import {
  endpointCells,
  eventCells,
  positionCells,
  presenceCells,
  serverEventsTold,
  sightCells,
  tells,
} from './expected.ts';
import { keys, people, principals } from './principals.ts';
import type { RightsWorld, Somebody } from './rights-world.ts';
import { buildRightsWorld, unique } from './rights-world.ts';
import { makeBatch } from './subjects.ts';
import { sending } from './sweep.ts';
import { readTable } from './tables.ts';

const table = readTable(endpointCells);
const events = readTable(eventCells);
const sight = readTable(sightCells);
const presence = readTable(presenceCells);
const positions = readTable(positionCells);
const askers = [...principals.map(({ name }) => name), 'nobody'];

/** The registry of what can be asked. */
const endpoints = apiEndpoints({ release: 'test', secure: false } as never).map(({ method, path }) => {
  const name = `${method.toUpperCase()}:${path}`;
  const its: Asks = asks[name] ?? { any: () => ({ path }) };
  return { name, asks: its };
});

type Asked = { endpoint: string; condition: string; who: string; mark: string; text: string; cache: string | null };

/** Enough that missing everything is a smaller answer than everything. */
const fillers = 250;

let app: TestApp;
let world: RightsWorld;
let other: RightsWorld;
let exhibits: Exhibits;
let theirs: Exhibits;
const lines = new Map<string, LiveClient>();
const asked: Asked[] = [];

const clientOf = (who: string): Client => world.clientsOf(who)[0] ?? new Client(app.url);

beforeAll(async () => {
  app = await startTestApp();
  world = await buildRightsWorld(app, unique('Ours'));
  other = await buildRightsWorld(app, unique('Theirs'));
  await Promise.all(
    Array.from({ length: fillers }, (_, i) =>
      makeBatch(world, { branch: i % 2 ? 'north' : 'south', driver: 'driver' }),
    ),
  );
  theirs = await makeExhibits(other);
  const { seq: before } = await world.act('customer.edit', { id: world.spare.customer, rev: 1, slaHours: 24 });
  for (const { name } of people) lines.set(name, await new LiveClient(clientOf(name), { follow: false }).settled());
  exhibits = await makeExhibits(world);
  await until('every line has heard of the exhibits', () =>
    [...lines.values()].every((line) => (line.frames.at(-1)?.to ?? 0) >= exhibits.seq),
  );
  const looked = endpoints.filter(({ name }) => name.startsWith('GET:') && !name.includes('/people/'));
  const rest = endpoints.filter((endpoint) => !looked.includes(endpoint));
  for (const endpoint of looked) for (const who of askers) await askAll(endpoint, who, before);
  // These make records of their own: later, so that they do not stand between the exhibits and those who look.
  for (const endpoint of rest) for (const who of askers) await askAll(endpoint, who, before);
}, 240_000);
afterAll(async () => {
  for (const line of lines.values()) line.socket.disconnect();
  await app?.[Symbol.asyncDispose]();
});

async function askAll(endpoint: (typeof endpoints)[number], who: string, before: number): Promise<void> {
  const asking: Asking = { world, other, exhibits, theirs, who, before };
  const requests = await Promise.all(
    Object.entries(endpoint.asks).map(async ([condition, make]) => ({ condition, request: await make(asking) })),
  );
  await heard(world.seq());
  asked.push(
    ...(await Promise.all(requests.map(({ condition, request }) => ask(endpoint.name, condition, who, request)))),
  );
}

/** The process that is asked has heard of everything that was made. */
async function heard(seq: number): Promise<void> {
  const { status } = await clientOf('admin').get(`/api/live/snapshot?atLeast=${seq}`);
  expect(status).toBe(200);
}

async function ask(endpoint: string, condition: string, who: string, request: Request): Promise<Asked> {
  const method = endpoint.slice(0, endpoint.indexOf(':'));
  let client = clientOf(who);
  const somebody = world.people.get(who);
  if (request.own && somebody) client = await anotherLike(somebody);
  const answers = await Promise.all(
    request.path.split('\n').map((path) => fetched(client, method, path, request.body)),
  );
  const [first] = answers;
  let text = answers.map((answer) => answer.text).join('\n');
  for (const echo of request.echoed ?? []) text = text.replaceAll(echo, '');
  return { endpoint, condition, who, mark: first!.mark, text, cache: first!.cache };
}

/** Somebody of the same role and branches, whose session may end. */
async function anotherLike({ role, limit }: Somebody): Promise<Client> {
  const { token } = await world.session(await world.person(role, limit));
  await heard(world.seq());
  return new Client(app.url, `opsboard=${token}`);
}

async function fetched(client: Client, method: string, path: string, body: object | undefined) {
  const response = await fetch(client.url + path, {
    method,
    // A way to sign in leads on, to whatever page says what went wrong.
    redirect: 'manual',
    headers: {
      ...(client.cookie === undefined ? {} : { cookie: client.cookie }),
      ...(client instanceof KeyClient ? client.headers : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const type = response.headers.get('content-type') ?? '';
  let text = new TextDecoder().decode(bytes);
  if (type.includes('pdf')) text = (await read(bytes)).pages.map((page) => page.text.replace(/\s/g, '')).join('\n');
  if (path.startsWith('/api/live/snapshot') && response.ok)
    text += JSON.stringify(
      Object.values(decodeSnapshot(JSON.parse(text) as Snapshot).records).map((records) => [...records.values()]),
    );
  const mark = response.status < 400 ? '+' : markOf(JSON.parse(text) as WireError);
  return { mark, text, cache: response.headers.get('cache-control') };
}

function markOf({ code, field }: WireError): string {
  const through = [
    'already_set_up',
    'wrong_credentials',
    'link_void',
    'not_sealed',
    'challenge_expired',
    'nothing_to_change',
  ].includes(code);
  if (through || (code === 'bad_request' && field === 'csv')) return '~';
  return ({ forbidden: 'x', not_found: '?', not_signed_in: 's' } as { [code: string]: string })[code] ?? code;
}

const help = 'Say who may in test/contract/rights/expected.ts, by hand';

describe('the tables', () => {
  it('have every endpoint, and every condition that it is asked under', () => {
    const missing = endpoints.flatMap(({ name, asks: its }) => [
      ...(table.conditions(name).length === 0 ? [`${name} has no cells. ${help}.`] : []),
      ...Object.keys(its).flatMap((condition) => {
        const left = askers.filter((who) => table.mark(name, condition, who) === undefined);
        return left.length === 0 ? [] : [`${name}, ${condition}: no cell for ${left.join(', ')}. ${help}.`];
      }),
      ...table
        .conditions(name)
        .filter((condition) => !its[condition])
        .map((condition) => `${name}, ${condition}: say how it is asked in test/contract/rights/asks.ts.`),
    ]);
    const known = new Set(endpoints.map(({ name }) => name));
    const strange = [...table.rows, ...Object.keys(asks)].filter((name) => !known.has(name));
    expect([...missing, ...strange.map((name) => `${name}: there is no such endpoint. Take it out.`)]).toEqual([]);
    expect([...table.contradictions, ...events.contradictions, ...sight.contradictions]).toEqual([]);
  });

  it('have every event of the socket, both ways', () => {
    expect([...events.rows, 'command'].sort()).toEqual(Object.keys(clientEvents).sort());
    expect(Object.keys(serverEventsTold).sort()).toEqual(Object.keys(serverEvents).sort());
  });

  it('have every exhibit', () => {
    expect([...exhibits.marks.keys()].sort()).toEqual([...sight.conditions('sight')].sort());
  });
});

describe('who may ask', () => {
  it.each(endpoints.map(({ name }) => name))('%s', (name) => {
    const its = asked.filter(({ endpoint }) => endpoint === name);
    expect(its.length).toBeGreaterThanOrEqual(askers.length);
    const wrong = its
      .map((one) => ({ ...one, expected: table.mark(name, one.condition, one.who) }))
      .filter(({ mark, expected }) => mark !== expected)
      .map(
        ({ condition, who, mark, expected, text }) =>
          `${condition}, ${who}: ${expected ?? 'no cell'}, not ${mark} ${text.slice(0, 200)}`,
      );
    expect(wrong).toEqual([]);
  });

  it('what is hidden, what is another organization’s and what is not there are answered the same to the letter', () => {
    const said = new Map<string, Set<string>>();
    for (const { endpoint, who, mark, text } of asked) {
      if (mark !== '?') continue;
      const key = `${endpoint}, ${who}`;
      said.set(key, (said.get(key) ?? new Set()).add(text));
    }
    expect([...said].filter(([, texts]) => texts.size > 1).map(([key, texts]) => [key, ...texts])).toEqual([]);
    expect(said.size).toBeGreaterThan(50);
  });

  it('no answer about the board is kept by anything on the way', () => {
    const open = ['GET:/api/openapi.json', 'GET:/api/docs'];
    const kept = asked.filter(
      ({ endpoint, cache }) => !open.includes(endpoint) && !/no-store|private/.test(cache ?? ''),
    );
    expect(kept.map(({ endpoint, who }) => `${endpoint}, ${who}`)).toEqual([]);
  });
});

/** What must be told under a condition: things by name. */
function due(way: string, condition: string): string[] {
  const words = (tells[`${way} ${condition}`] ?? tells[way] ?? '').replaceAll('X', condition);
  return words === '' || words === 'everything live' ? [] : words.split(' ');
}

/** What is wrong with what somebody was told on a way. */
function faults(way: string, condition: string, who: string, text: string, answered = true): string[] {
  const told = toldIn(text, exhibits.marks);
  const markOfThing = (thing: string) => sight.mark('sight', thing, who) ?? '-';
  const live = tells[way] === 'everything live';
  const must = live
    ? [...exhibits.marks.keys()].filter((thing) => markOfThing(thing) === '+')
    : due(way, condition).filter((thing) => exhibits.marks.has(thing) && markOfThing(thing) !== '-');
  return [
    ...[...told].filter((thing) => markOfThing(thing) === '-').map((thing) => `${who}, ${condition}: told of ${thing}`),
    ...(answered ? must : [])
      .filter((thing) => !told.has(thing))
      .map((thing) => `${who}, ${condition}: not told of ${thing}`),
    ...[...toldIn(text, theirMarks())].map((thing) => `${who}, ${condition}: told of another organization’s ${thing}`),
  ];
}

/** References are counted in each organization for itself: they tell nobody apart. */
const theirMarks = () =>
  new Map([...theirs.marks].map(([thing, words]) => [thing, words.filter((word) => !word.startsWith('B-'))]));

describe('who sees what', () => {
  it('a line has something to say for every way that must tell', () => {
    const ways = new Set([...endpoints.map(({ name }) => name), 'frames']);
    expect(Object.keys(tells).filter((way) => !ways.has(way.split(' ')[0]!))).toEqual([]);
  });

  it.each(endpoints.map(({ name }) => name))('%s', (name) => {
    const wrong = asked
      .filter(({ endpoint }) => endpoint === name)
      .flatMap(({ condition, who, text, mark }) => faults(name, condition, who, text, mark === '+'));
    expect(wrong).toEqual([]);
  });

  it('frames', () => {
    expect([...lines].flatMap(([who, line]) => faults('frames', 'live', who, line.raw.join('\n')))).toEqual([]);
  });

  it('the record that a conflict shows, and who holds a part that is taken', async () => {
    const rev = 999_999;
    const wrong: string[] = [];
    let told = 0;
    for (const { name: who } of principals) {
      const taken = exhibits.batches.get('north')!.parts[1];
      const commands = [
        ...[...exhibits.batches.values()].map(({ id }) => sending('batch.assignDriver', { id, rev, driver: null })),
        ...[...exhibits.people.values()].map((id) => sending('person.edit', { id, rev, name: 'N' })),
        ...exhibits.templates.map((id) => sending('template.edit', { id, rev, name: 'N' })),
        sending('savedView.edit', { id: exhibits.savedView, rev, name: 'N' }),
        sending('customer.edit', { id: exhibits.customer, rev, slaHours: 24 }),
        sending('batch.create', {
          id: newId(),
          branch: world.branches.south,
          customer: world.customer,
          center: world.center,
          parts: [taken],
        }),
      ];
      const { body, text } = await clientOf(who).post<{ answers: Ack[] }>('/api/commands/bulk', { commands });
      wrong.push(...faults('conflict', 'conflict', who, text.replaceAll(taken, '')));
      told += body.answers.filter((ack) => !ack.ok && ack.error.details?.['record'] !== undefined).length;
    }
    expect(wrong).toEqual([]);
    expect(told).toBeGreaterThan(30);
  });

  it('the day’s figures count nothing for who sees nothing, and less for who sees less', () => {
    const drafts = (who: string): number => {
      const { text } = asked.find((one) => one.endpoint === 'GET:/api/figures/day' && one.who === who)!;
      return (JSON.parse(text) as { hours: { draft: number }[] }).hours.at(-1)!.draft;
    };
    expect([drafts('admin'), drafts('sTeam'), drafts('nTeam')]).toEqual([fillers, fillers / 2, 0]);
    expect([drafts('readB'), drafts('sWriteB')]).toEqual([fillers, fillers / 2]);
  });
});

describe('events of the socket', () => {
  const said = new Map<string, Map<string, string>>();

  beforeAll(() => {
    for (const [who, line] of lines) {
      const here = new Map<string, string>();
      said.set(who, here);
      line.socket.on('presence', (news: PresenceNews) => {
        if (news.all) here.clear();
        for (const { person, at } of news.here) here.set(person, JSON.stringify(at));
        for (const person of news.gone ?? []) here.delete(person);
      });
    }
  });

  it.each(keys.map(({ name }) => name))('none for a key: %s', async (who) => {
    const client = clientOf(who) as KeyClient;
    await using line = await new LiveClient(client, { follow: false, headers: client.headers }).settled();
    const { code, message } = JSON.parse((await client.get('/api/live/snapshot')).text) as WireError;
    expect([line.hellos, line.refusals.map((refusal) => refusal.code), code]).toEqual([[], ['forbidden'], 'forbidden']);
    expect(toldIn(line.raw.join('\n') + message, exhibits.marks).size).toBe(0);
  });

  it('clock', async () => {
    for (const [who, line] of lines) {
      const now = await line.socket.timeout(5_000).emitWithAck('clock');
      expect([who, events.mark('clock', 'any', who), typeof now]).toEqual([who, '+', 'number']);
    }
  });

  it.each(['page', 'north', 'south'] as const)('presence: %s', async (condition) => {
    const place = condition === 'page' ? { page: 'board' as const } : { batch: exhibits.batches.get(condition)!.id };
    for (const [who, line] of lines) {
      const answer = await line.socket.timeout(5_000).emitWithAck('presence', { place });
      const mark = answer.ok ? '+' : markOf(answer.error);
      const row = condition === 'south' ? 'north' : condition;
      expect([who, mark]).toEqual([who, events.mark('presence', row, who)]);
    }
    const seen = (viewer: string, person: string): string => {
      const at = said.get(viewer)!.get(world.people.get(person)!.id);
      if (at === undefined) return '-';
      return at === JSON.stringify([place]) ? 'h' : at === '[{"page":"batches"}]' ? 's' : at;
    };
    const differences = (): string[] =>
      presence.rows.flatMap((person) =>
        presence.rows
          .map((viewer) => [viewer, presence.mark(person, condition, viewer), seen(viewer, person)] as const)
          .filter(([, expected, is]) => expected !== is)
          .map(([viewer, expected, is]) => `${viewer} of ${person}: ${expected ?? 'no cell'}, not ${is}`),
      );
    await until('everybody is told', () => differences().length === 0, 5_000).catch(() => undefined);
    expect(differences()).toEqual([]);
    for (const who of people.filter(({ role }) => role === 'driver' || role === 'display')) {
      expect([who.name, said.get(who.name)!.size]).toEqual([who.name, 0]);
      const { id } = world.people.get(who.name)!;
      expect([...said.values()].filter((here) => here.has(id))).toEqual([]);
    }
  });

  it('positions: said by the driver of the route only, told to who sees the route', async () => {
    const routes = new Map<string, string>();
    for (const driver of ['driver', 'sDriver']) {
      const branch = world.branches[positions.conditions(driver)[0] as 'north' | 'south'];
      const id = newId();
      const stops = [{ id: newId(), place: { kind: 'center' as const, id: world.center }, pickUp: [], handOver: [] }];
      const driverId = world.people.get(driver)!.id;
      await world.act('route.create', { id, branch, day: '2026-11-21', driver: driverId, stops });
      await world.act('route.start', { id });
      routes.set(driver, id);
    }
    const told = new Map<string, Map<string, string>>();
    for (const [who, line] of lines) {
      const drivers = new Map<string, string>();
      told.set(who, drivers);
      line.socket.on('positions', (news: PositionsNews) => {
        for (const [driver, route] of news.drivers) drivers.set(driver, route);
      });
      const answer = await line.socket.timeout(5_000).emitWithAck('watchPositions', true);
      expect([who, answer.ok ? '+' : markOf(answer.error)]).toEqual([who, events.mark('watchPositions', 'any', who)]);
    }
    const say = async (who: string, route: string) => {
      const points = [{ at: Date.now(), point: [4.9, 52.37] as [number, number] }];
      const answer = await lines.get(who)!.socket.timeout(20_000).emitWithAck('position', { route, points });
      return answer.ok ? '+' : markOf(answer.error);
    };
    const said = [...lines.keys()].flatMap((who) => {
      const own = routes.get(who) ?? routes.get('driver')!;
      const others = routes.get(who === 'driver' ? 'sDriver' : 'driver')!;
      return [
        { who, condition: 'own', route: own },
        { who, condition: 'other', route: others },
        { who, condition: 'unknown', route: newId() },
      ];
    });
    const wrong = await Promise.all(
      said.map(async ({ who, condition, route }) => [who, condition, await say(who, route)] as const),
    );
    expect(
      wrong.filter(([who, condition, mark]) => mark !== events.mark('position', condition, who)),
      'who may say where they are',
    ).toEqual([]);
    const differences = (): string[] =>
      positions.rows.flatMap((driver) =>
        [...lines.keys()]
          .map((who) => {
            const { id } = world.people.get(driver)!;
            const is = told.get(who)!.get(id) === routes.get(driver) ? '+' : '-';
            return [who, positions.mark(driver, positions.conditions(driver)[0]!, who), is] as const;
          })
          .filter(([, expected, is]) => expected !== is)
          .map(([who, expected, is]) => `${who} of ${driver}: ${expected ?? 'no cell'}, not ${is}`),
      );
    await until('everybody is told', () => differences().length === 0, 5_000).catch(() => undefined);
    expect(differences()).toEqual([]);
  });
});
