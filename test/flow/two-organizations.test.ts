import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Command } from '@opsboard/shared/protocol/envelope';
import { apiEndpoints } from '../../server/src/app.ts';
import { newId } from '../../server/src/platform/ids.ts';
import type { RightsWorld } from '../contract/rights/rights-world.ts';
import { buildRightsWorld, unique } from '../contract/rights/rights-world.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { Client } from '../support/client.ts';
import { connectLive, LiveClient } from '../support/live-client.ts';
import { keptLog } from '../support/log.ts';
import type { MailServer } from '../support/outside.ts';
import { startMailServer } from '../support/outside.ts';
import { read } from '../support/pdf.ts';
import { until } from '../support/until.ts';

const { log, lines } = keptLog('trace');
/** How long both write and read at full speed, milliseconds. */
const duration = Number(process.env['SOAK'] ? 120_000 : 8_000);
const people = ['admin', 'ops', 'team', 'driver', 'manager', 'display', 'sTeam'] as const;
/** The same in both: what is asked for by a part ID must be told apart by the organization alone. */
const sharedParts = Array.from({ length: 12 }, (_, i) => `SHARED-${i}`);
/** A PNG of one pixel. */
const picture = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g;

/** One of the two, with everything that its people were told. */
class Side {
  readonly mark: string;
  readonly world: RightsWorld;
  readonly batches: string[] = [];
  readonly sealed: string[] = [];
  readonly archived: string[] = [];
  readonly routes: string[] = [];
  /** The route that its driver is driving, telling where. */
  run = '';
  /** Counts the side's parts: both sides give theirs the same part IDs. */
  parts = 0;
  readonly boards: LiveClient[] = [];
  readonly ids = new Set<string>();
  /** Where the other's mark was found. */
  readonly leaks: string[] = [];
  other!: Side;
  bytes = 0;
  own = 0;
  /** How often its driver said where they are, and was answered. */
  said = 0;
  done = 0;
  refused = new Map<string, number>();

  constructor(world: RightsWorld, mark: string) {
    this.world = world;
    this.mark = mark;
  }

  /** Takes in something that one of its people received. */
  take(way: string, text: string): void {
    this.bytes += text.length;
    if (text.includes(this.mark) || text.includes(this.world.org)) this.own++;
    if (text.includes(this.other.mark) || text.includes(this.other.world.org))
      this.leaks.push(`${way}: ${around(text, this.other)}`);
    for (const [id] of text.matchAll(uuid)) this.ids.add(id);
  }

  client(who: (typeof people)[number], url?: string): Client {
    const { client } = this.world.people.get(who)!;
    return url === undefined ? client : client.at(url);
  }

  /** A text that nobody else writes. */
  text(word: string): string {
    return `${this.mark} ${word}`;
  }
}

function around(text: string, side: Side): string {
  const at = Math.max(text.indexOf(side.mark), text.indexOf(side.world.org));
  return text.slice(Math.max(0, at - 120), at + 60);
}

let app: TestApp;
let mail: MailServer;
let sides: readonly [Side, Side];

beforeAll(async () => {
  mail = await startMailServer();
  app = await startTestApp({
    webs: 2,
    workers: 1,
    log,
    env: { SMTP_URL: mail.url, MAIL_FROM: 'Ops <ops@board.test>' },
  });
  const marks = [unique('Kestrel'), unique('Osprey')] as const;
  const made = await Promise.all(marks.map(async (mark) => new Side(await buildRightsWorld(app, mark), mark)));
  sides = [made[0]!, made[1]!];
  [sides[0].other, sides[1].other] = [sides[1], sides[0]];
  await Promise.all(sides.map(furnish));
}, 90_000);
afterAll(async () => {
  for (const side of sides ?? []) for (const board of side.boards) board.socket.disconnect();
  await app?.[Symbol.asyncDispose]();
  await mail?.[Symbol.asyncDispose]();
});

/** A directory, parts and archived batches with the side's mark in every text. */
async function furnish(side: Side): Promise<void> {
  const { world } = side;
  await world.act('organization.edit', { id: world.org, rev: world.rev, name: side.text('Works') });
  await world.act('customer.edit', {
    id: world.customer,
    rev: 1,
    name: side.text('Buyer'),
    contactEmail: `${side.mark.toLowerCase()}@customer.test`,
  });
  await world.act('center.edit', { id: world.center, rev: 1, name: side.text('Repair'), address: side.text('Road 1') });
  for (const branch of ['north', 'south'] as const)
    await world.act('branch.edit', { id: world.branches[branch], rev: 1, name: side.text(branch) });
  for (const partId of sharedParts) await world.act('part.create', { id: newId(), partId, label: side.text(partId) });
  await Promise.all(
    sharedParts.slice(6).map(async (part, i) => {
      const id = newId();
      await world.act('batch.create', { id, ...placed(side, i), parts: [part] });
      await world.act('batch.addNote', { id, note: { id: newId(), text: side.text('archived') } });
      await world.act('batch.cancel', { id, reason: side.text('given up') });
      side.archived.push(id);
    }),
  );
  for (const { url } of app.webs) {
    await side.client('admin', url).get(`/api/live/snapshot?atLeast=${world.seq()}`);
    for (const who of people) side.boards.push(await connectLive(side.client(who, url)));
  }
  for (const board of side.boards)
    await board.socket
      .timeout(5_000)
      .emitWithAck('presence', { place: { page: 'board' } })
      .catch(() => undefined);
  for (const board of side.boards)
    await board.socket
      .timeout(5_000)
      .emitWithAck('watchPositions', true)
      .catch(() => undefined);
  await side.client('admin').post('/api/files', { id: newId(), data: picture });
  side.run = newId();
  const run = routeOf(side, side.run, 0);
  await side.client('admin').mustCommand('route.create', run);
  await side.client('admin').mustCommand('route.start', { id: side.run });
  side.routes.push(side.run);
}

const routeOf = (side: Side, id: string, i: number) => ({
  id,
  branch: placed(side, i).branch,
  day: new Date().toISOString().slice(0, 10),
  driver: side.world.people.get('driver')!.id,
  vehicle: side.text('van').slice(0, 40),
  stops: [
    {
      id: newId(),
      place: { kind: 'customer' as const, id: side.world.customer },
      pickUp: [],
      handOver: [],
      note: side.text('ring twice'),
    },
  ],
});

const placed = ({ world }: Side, i: number) => ({
  branch: i % 2 ? world.branches.north : world.branches.south,
  customer: world.customer,
  center: world.center,
});

let written = 0;
/** One thing after the other, of every sort that has a text in it. */
function commandsFor(side: Side): Command[] {
  const i = written++;
  const { world } = side;
  const id = newId();
  const some = side.batches[i % Math.max(1, side.batches.length)] ?? id;
  const command = (name: Command['name'], args: object): Command => ({ commandId: newId(), name, args }) as Command;
  const free = sharedParts[i % 6]!;
  const partId = `SAME-${++side.parts}`;
  return [
    command('batch.create', {
      id,
      ...placed(side, i),
      driver: world.people.get('driver')!.id,
      parts: [partId],
      dueAt: Date.now() + 400,
    }),
    command('batch.addParts', { id, parts: [free] }),
    command('batch.removeParts', { id, parts: [free], reason: side.text('wrong') }),
    command('batch.addNote', { id: some, note: { id: newId(), text: side.text('note') } }),
    command('batch.logCall', { id: some, note: side.text('call') }),
    command('batch.notifyCustomer', {
      id: some,
      messages: [
        {
          id: newId(),
          channel: 'email',
          to: `${side.mark.toLowerCase()}@customer.test`,
          subject: side.text('Late'),
          text: side.text('It is late.'),
        },
      ],
    }),
    command('batch.seal', { id: some, count: 1 }),
    command('customer.create', { id: newId(), name: side.text(`buyer ${i}`), slaHours: 24 }),
    command('template.create', { id: newId(), name: side.text(`usual ${i}`), ...placed(side, i) }),
    command('savedView.create', { id: newId(), name: side.text(`view ${i}`), page: 'board', query: `q=${side.mark}` }),
    command('part.create', { id: newId(), partId, label: side.text('reader') }),
    command('route.create', routeOf(side, newId(), i)),
    command('route.report', { id: side.run, problem: newId(), reason: 'road', text: side.text('closed') }),
  ];
}

/** A busy machine takes longer for the same. */
const enough = 60;
function isOver(from: number): boolean {
  const took = performance.now() - from;
  return took > duration && (took > 5 * duration || sides.every(({ done }) => done > enough));
}

/** Sends by socket and over HTTP, on both processes, without a pause. */
async function write(side: Side, from: number): Promise<void> {
  for (let round = 0; !isOver(from); round++) {
    const commands = commandsFor(side);
    const board = side.boards[(round % 2) * people.length + (round % 4 === 1 ? 0 : 1)]!;
    const url = app.webs[round % 2]!.url;
    const acks =
      round % 2
        ? await Promise.all(commands.map((command) => board.emit(command)))
        : (
            await side
              .client('ops', url)
              .post<{ answers: Awaited<ReturnType<LiveClient['emit']>>[] }>('/api/commands/bulk', { commands })
          ).body.answers;
    side.take('acknowledgement', JSON.stringify(acks));
    side.boards[people.indexOf('driver')]!.socket.emit(
      'position',
      { route: side.run, points: [{ at: Date.now(), point: [4.9, 52.37] }] },
      () => side.said++,
    );
    for (const [i, ack] of acks.entries()) {
      if (!ack.ok) side.refused.set(`${commands[i]!.name} ${ack.error.code}`, 1);
      else side.done++;
      if (ack.ok && i === 0) side.batches.push((commands[0]!.args as { id: string }).id);
      if (ack.ok && commands[i]!.name === 'route.create') side.routes.push((commands[i]!.args as { id: string }).id);
      if (ack.ok && commands[i]!.name === 'batch.seal') side.sealed.push((commands[i]!.args as { id: string }).id);
    }
    if (side.batches.length > 40) side.batches.shift();
    await pause(1);
  }
}

const endpoints = apiEndpoints({ release: 'test', secure: false } as never).filter(
  ({ method, path }) => method === 'get' && !path.includes('provider'),
);

/** Asks for everything there is, as everybody, with ids of this side and of the other. */
async function look(side: Side, from: number): Promise<void> {
  for (let round = 0; !isOver(from); round++) {
    const who = people[round % people.length]!;
    const client = side.client(who, app.webs[round % 2]!.url);
    const answers = endpoints.map(({ path }) => {
      const about = round % 5 === 4 ? side.other : side;
      const open = round % 3 === 2 ? about.archived[round % about.archived.length] : about.batches.at(-1);
      const mine = path.endsWith('manifest.pdf') ? about.sealed.at(-1) : open;
      const id = path.includes('people')
        ? about.world.people.get('team')!.id
        : path.includes('routes')
          ? about.routes[round % 2 ? 0 : about.routes.length - 1]!
          : (mine ?? newId());
      return answered(
        client,
        path.replace(':id', id).replace(':partId', sharedParts[round % 12]!) + queryOf(path, side, round),
      );
    });
    for (const { way, text } of await Promise.all(answers)) side.take(`${who} ${way}`, text);
  }
}

function queryOf(path: string, side: Side, round: number): string {
  const asked: { [path: string]: string } = {
    '/api/find': `?q=${[sharedParts[round % 12]!, 'B-20', 'kestrel', 'osprey'][round % 4]!}`,
    '/api/live/catch-up': `?from=${Math.max(0, (side.boards[0]?.seq ?? 0) - 40)}`,
    '/api/batches': ['?q=B-20', '?archived=true', '', `?part=${sharedParts[round % 12]!}`][round % 4]!,
    '/api/batches/export.csv': ['', '?archived=true'][round % 2]!,
    '/api/import/template.csv': '?kind=parts',
  };
  return asked[path] ?? '';
}

async function answered(client: Client, path: string): Promise<{ way: string; text: string }> {
  const response = await fetch(client.url + path, { headers: { cookie: client.cookie! } });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const pdf = response.headers.get('content-type')?.includes('pdf');
  const text = pdf
    ? (await read(bytes)).pages.map((page) => page.text.replace(/\s/g, '')).join('\n')
    : new TextDecoder().decode(bytes);
  return { way: path, text: `${text}\n${[...response.headers].flat().join('\n')}` };
}

describe('two organizations side by side', () => {
  it('tell nothing of each other, while both write and read at full speed', async () => {
    const from = performance.now();
    await Promise.all(
      sides.flatMap((side) => [write(side, from), write(side, from), look(side, from), look(side, from)]),
    );
    // A position is answered when it is on record, which is seconds later.
    await until('the drivers were heard', () => sides.every(({ said }) => said > 0));
    const { connection } = await app.backdoor();
    for (const side of sides) {
      const last = await connection
        .collection<{ seq: number }>('journal')
        .findOne({ org: side.world.org }, { sort: { seq: -1 } });
      await Promise.all(side.boards.map((board) => board.reached(last!.seq, 30_000)));
      for (const [i, board] of side.boards.entries())
        side.take(`board of ${people[i % people.length]!}`, board.raw.join('\n'));
    }
    // A board that was opened afterwards, and each kind of paper, beside what was read in passing.
    for (const side of sides) {
      for (const who of people) {
        await using late = await connectLive(side.client(who));
        side.take(`late board of ${who}`, late.raw.join('\n'));
      }
      for (const paper of ['manifest.pdf', 'labels.pdf']) {
        const { way, text } = await answered(side.client('admin'), `/api/batches/${side.sealed.at(-1)!}/${paper}`);
        expect(text).toContain(side.mark.replace(/\s/g, ''));
        side.take(way, text);
      }
    }

    for (const side of sides) {
      expect(side.leaks.slice(0, 5)).toEqual([]);
      // It was not silence that kept the secret.
      expect([...side.refused].filter(([what]) => / (bad_request|forbidden|not_signed_in)$/.test(what))).toEqual([]);
      expect(side.done).toBeGreaterThan(enough);
      expect(side.own).toBeGreaterThan(50);
      expect(side.bytes).toBeGreaterThan(500_000);
      expect(side.said).toBeGreaterThan(0);
      const desk = side.boards[0]!;
      expect(desk.raw.some((packet) => packet.includes('"positions"') && packet.includes(side.run))).toBe(true);
    }
    // Ids are texts too: none that one side was told of is a record of the other.
    for (const side of sides) {
      const strange: string[] = [];
      for (const { name } of await connection.db!.listCollections().toArray()) {
        const theirs = await connection
          .collection<{ _id: string; org: string }>(name)
          .find({ org: side.other.world.org }, { projection: { _id: 1 } })
          .toArray();
        strange.push(
          ...theirs.filter(({ _id }) => side.ids.has(String(_id))).map(({ _id }) => `${name} ${String(_id)}`),
        );
      }
      expect(strange).toEqual([]);
      expect(side.ids.size).toBeGreaterThan(100);
    }
  });

  it('send mail of their own only', async () => {
    const to = (side: Side) =>
      mail.taken.filter((taken) => taken.to.includes(`${side.mark.toLowerCase()}@customer.test`));
    await until('both have mail', () => sides.every((side) => to(side).length > 0), 20_000);
    for (const side of sides)
      expect(
        to(side)
          .filter(({ raw }) => raw.includes(side.other.mark))
          .map(({ raw }) => raw),
      ).toEqual([]);
  });

  it('leave no text of any record in the log, and no line about both', () => {
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.filter((line) => sides.some(({ mark }) => line.toLowerCase().includes(mark.toLowerCase())))).toEqual(
      [],
    );
    expect(lines.filter((line) => sides.every(({ world }) => line.includes(world.org)))).toEqual([]);
  });

  it('have files of their own: the other’s do not exist', async () => {
    for (const side of sides) {
      const id = newId();
      expect((await side.client('admin').post('/api/files', { id, data: picture })).status).toBe(200);
      expect((await side.client('admin').get(`/api/files/${id}`)).status).toBe(200);
      const [theirs, nobodys] = [
        await side.other.client('admin').get(`/api/files/${id}`),
        await side.other.client('admin').get(`/api/files/${newId()}`),
      ];
      expect([theirs.status, theirs.text]).toEqual([404, nobodys.text]);
    }
  });

  it('a line with the session of one is told nothing after it asks as the other', async () => {
    const [one, two] = sides;
    await using line = await new LiveClient(one.client('admin'), { follow: false }).settled();
    const audience = two.boards[0]!.state!.audience;
    const { text } = await one
      .client('admin')
      .get(`/api/live/catch-up?from=0&audience=${encodeURIComponent(audience)}`);
    expect(text).not.toContain(two.world.org);
    expect(line.hellos[0]!.org).toBe(one.world.org);
  });
});
