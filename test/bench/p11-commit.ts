import type { Principal } from '@opsboard/shared/protocol/actors';
import type { Command } from '@opsboard/shared/protocol/envelope';
import { startServerProcess } from '../../embedded-mongo/test/support/server-process.ts';
import { newId } from '../../server/src/platform/ids.ts';
import { startBoardProcess } from '../support/board-process.ts';
import { checkJournal } from '../support/check-journal.ts';
import type { World } from '../support/dispatch-world.ts';
import { command, foundWorld, newBatch } from '../support/dispatch-world.ts';
import type { Benchmark, Figures } from './benchmark.ts';
import { oneByOne } from './peers/one-by-one.ts';
import { percentile } from './statistics.ts';

const callers = 100;

/** What a client does over and over: a batch from its draft to its return, six commands. */
function* lives(world: World): Generator<Command> {
  for (;;) {
    const create = newBatch(world, { driver: (world.driver as { id: string }).id });
    const { id } = create.args;
    yield create;
    yield command('batch.seal', { id, count: 2 });
    yield command('batch.depart', { id });
    yield command('batch.arrive', { id });
    yield command('batch.departBack', { id });
    yield command('batch.complete', { id, count: 2 });
  }
}

/** Each client sends its next command when the one before it is answered. Commands per second, and how long one took. */
async function commandsPerSecond(
  world: World,
  ms: number,
  send: (each: Command) => Promise<unknown>,
): Promise<Figures> {
  const took: number[] = [];
  const began = performance.now();
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (const each of lives(world)) {
        const sent = performance.now();
        if (sent - began > ms) return;
        await send(each);
        took.push(performance.now() - sent);
      }
    }),
  );
  return {
    rate: took.length / ((performance.now() - began) / 1000),
    p50: percentile(took, 0.5),
    p99: percentile(took, 0.99),
  };
}

const benchmark: Benchmark = {
  id: 'P11',
  title: 'commands committed per second, one organization, 100 clients at once',
  rounds: 5,
  async setup({ small, scratch }) {
    const ms = small ? 300 : 2000;
    const server = await startServerProcess({ dir: scratch });
    const address = new URL(server.uri);
    address.pathname = '/board';
    const board = await startBoardProcess(address.href);
    const world = await foundWorld(board.dispatcher);
    const { org, team } = world;
    const client = board.connection.getClient();
    // The peer has the same indexes on a database of its own.
    const other = client.db('peer');
    await other.collection('journal').createIndex({ id: 1, seq: 1 });
    await other.collection('receipts').createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 });
    await other.collection('batches').createIndex({ organization: 1, parts: 1 }, { unique: true });
    await other.createCollection('counters');
    const peer = oneByOne(client, 'peer', newId());

    const ours = async (each: Command, principal: Principal = team): Promise<void> => {
      const ack = await board.dispatcher.dispatch(principal, each);
      if (!ack.ok) throw new Error(`${each.name}: ${ack.error.message}`);
    };
    return {
      contenders: [
        {
          name: 'the commit lane',
          warmUp: async () => void (await commandsPerSecond(world, ms / 4, ours)),
          measure: () => commandsPerSecond(world, ms, ours),
        },
        {
          name: 'a transaction for each command',
          warmUp: async () => void (await commandsPerSecond(world, ms / 4, (each) => peer.dispatch(each, team.id))),
          measure: () => commandsPerSecond(world, ms, (each) => peer.dispatch(each, team.id)),
        },
      ],
      rows: [
        {
          what: 'commands answered with success, in one second',
          unit: '/s',
          subject: { contender: 'the commit lane', figure: 'rate' },
          peer: { contender: 'a transaction for each command', figure: 'rate' },
          must: { atLeast: 3 },
          aim: { atLeast: 8 },
        },
        {
          what: 'sent → answered, p99',
          unit: 'ms',
          subject: { contender: 'the commit lane', figure: 'p99' },
          peer: { contender: 'a transaction for each command', figure: 'p99' },
        },
        {
          what: 'sent → answered, p50',
          unit: 'ms',
          subject: { contender: 'the commit lane', figure: 'p50' },
          peer: { contender: 'a transaction for each command', figure: 'p50' },
        },
      ],
      notes: () => [
        `${callers} clients in the board's own process, each sending its next command when the one before it is answered: whole lives of batches (create, seal, depart, arrive, depart back, complete).`,
        'Ours judges, decides, journals and writes receipts; the peer only writes the same four documents for each command, queued in its process so that no transaction meets a conflict. Client and embedded database share the machine.',
      ],
      async [Symbol.asyncDispose]() {
        await peer.end();
        await checkJournal(board.connection, org);
        await board[Symbol.asyncDispose]();
        await server.stop();
      },
    };
  },
};

export default benchmark;
