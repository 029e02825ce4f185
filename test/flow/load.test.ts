import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ack, Command } from '@opsboard/shared/protocol/envelope';
import { allKinds } from '@opsboard/shared/protocol/kinds';
import { newId } from '../../server/src/platform/ids.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { BoardClient } from '../support/board-client.ts';
import { openBoard } from '../support/board-client.ts';
import type { Held } from '../support/check-journal.ts';
import { checkJournal } from '../support/check-journal.ts';
import { expectedOf } from '../support/expected.ts';
import type { PersonName, World } from '../support/world.ts';
import { buildWorld } from '../support/world.ts';

const clientCount = 100;
const commandCount = 2_000;
/** Who sends; each has clients on both processes. */
const senders = ['admin', 'ops', 'team'] as const;
const watchers: readonly PersonName[] = ['manager', 'display', 'southOps', 'southTeam', 'driver1', 'driver2'];

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ webs: 2 });
}, 60_000);
afterAll(async () => {
  await app?.[Symbol.asyncDispose]();
});

/** A hundred boards: of three, two write; half on each process. */
async function openAll(world: World): Promise<BoardClient[]> {
  const boards: BoardClient[] = [];
  for (let i = 0; i < clientCount; i++) {
    const who = i % 3 === 2 ? watchers[i % watchers.length]! : senders[Math.floor(i / 6) % senders.length]!;
    boards.push(await openBoard(world, who, app.webs[i % 2]!.url));
  }
  return boards;
}

/** Half are new batches, half add a part to one that is there: none is refused for what another did. */
function commandsFor(world: World, batches: readonly string[]): Command[] {
  return Array.from({ length: commandCount }, (_, i): Command => {
    const commandId = newId();
    if (i % 2 === 0)
      return { commandId, name: 'batch.addParts', args: { id: batches[(i / 2) % batches.length]!, parts: [`L-${i}`] } };
    const branch = i % 4 === 1 ? world.branches.north : world.branches.south;
    const { fast, slow } = world.customers;
    const args = { id: newId(), branch, customer: i % 3 ? fast : slow, center: world.centers.near, parts: [`N-${i}`] };
    return { commandId, name: 'batch.create', args };
  });
}

/** Sends each command twice, by the same person on both processes, all at once. */
async function sendTwice(boards: readonly BoardClient[], commands: readonly Command[]): Promise<[Ack, Ack][]> {
  const of = (who: PersonName, web: number) => boards.filter((board, i) => board.who === who && i % 2 === web);
  const pairs = senders.map((who) => [of(who, 0), of(who, 1)] as const);
  // As every client does: what the server cannot take now is sent again under the same id.
  const send = async (board: BoardClient, command: Command): Promise<Ack> => {
    const ack = await board.socket.timeout(60_000).emitWithAck('command', command);
    return ack.ok || ack.error.code !== 'unavailable' ? ack : send(board, { ...command, resend: true });
  };
  return Promise.all(
    commands.map((command, i) => {
      const [left, right] = pairs[i % pairs.length]!;
      return Promise.all([
        send(left[i % left.length]!, command),
        send(right[i % right.length]!, { ...command, resend: true }),
      ]);
    }),
  );
}

async function compare(world: World, boards: readonly BoardClient[]): Promise<Held> {
  const { connection } = await app.backdoor();
  const held = await checkJournal(connection, world.org);
  await Promise.all(boards.map((board) => board.settled(held.counter!.seq, 60_000)));
  const expected = new Map<PersonName, Map<string, unknown>>();
  for (const board of boards) {
    let must = expected.get(board.who);
    if (!must) expected.set(board.who, (must = expectedOf(world, board.who, held)));
    let count = 0;
    for (const kind of allKinds) {
      for (const [id, record] of board.replica.all(kind)) {
        count++;
        expect(record, `${board.who} ${kind} ${id}`).toEqual(must.get(`${kind}/${id}`));
      }
    }
    expect(count, board.who).toBe(must.size);
  }
  return held;
}

const prepare = (world: World) =>
  Promise.all(
    Array.from({ length: 250 }, (_, i) => world.batch({ branch: i % 2 ? world.branches.north : world.branches.south })),
  );

describe('a hundred clients, two thousand commands at once, each sent twice, two processes', () => {
  it('[C2] [J1] [J4] [L9] makes the entries of 2,000 commands, without a gap, and every client equal', async () => {
    const world = await buildWorld(app);
    const batches = await prepare(world);
    const boards = await openAll(world);
    const before = (await checkJournal((await app.backdoor()).connection, world.org)).entries.length;
    const commands = commandsFor(world, batches);
    const answers = await sendTwice(boards, commands);
    for (const [one, other] of answers) {
      expect(one.ok, JSON.stringify(one)).toBe(true);
      expect(other).toEqual(one);
    }
    const { entries } = await compare(world, boards);
    expect(entries.length - before).toBe(commandCount);
    expect(new Set(entries.slice(before).map((entry) => entry.commandId))).toEqual(
      new Set(commands.map((c) => c.commandId)),
    );
    await Promise.all(boards.map((board) => board[Symbol.asyncDispose]()));
  }, 180_000);

  it("[L11] [C7] [C8] the same while a person's rights change in the middle", async () => {
    const world = await buildWorld(app);
    const batches = await prepare(world);
    const boards = await openAll(world);
    const before = (await checkJournal((await app.backdoor()).connection, world.org)).entries.length;
    const commands = commandsFor(world, batches);
    const sent = sendTwice(boards, commands).then(
      () => 'all answered',
      // The sockets of the person whose rights change are cut with their commands under way: no answer, no promise.
      () => 'some cut',
    );
    const { ops } = world.people;
    await world.admin.mustCommand('person.edit', { id: ops.id, rev: 1, branches: [world.branches.south] });
    await sent;
    await Promise.all(boards.filter((board) => board.who === 'ops').map((board) => board.settled(0)));
    const { entries } = await compare(world, boards);
    const change = entries.find((entry) => entry.verb === 'person.edit')!;
    const late = entries.filter((entry) => entry.seq > change.seq && entry.actor.id === ops.id);
    const northern = late.filter(
      (entry) => entry.verb === 'batch.create' && entry.set['branch'] === world.branches.north,
    );
    expect(northern).toEqual([]);
    expect(entries.length - before).toBeGreaterThan(commandCount / 2);
    expect(entries.length - before).toBeLessThanOrEqual(commandCount + 1);
    expect(new Set(entries.slice(before).map((entry) => entry.commandId)).size).toBe(entries.length - before);
    await Promise.all(boards.map((board) => board[Symbol.asyncDispose]()));
  }, 180_000);
});
