import type { Benchmark } from './benchmark.ts';
import type { Mode, Order, Word } from './peers/broadcast.ts';
import { forkPeer, nextWord } from './peers/child.ts';
import type { DeskOrder, DeskWord } from './peers/desks.ts';

/** A server with its desks, each in a process of its own. */
async function startSide(mode: Mode, desks: number) {
  const server = forkPeer('broadcast', [mode]);
  const ready = await nextWord<Word, 'ready'>(server, 'ready');
  const clients = forkPeer('desks', [mode, ready.url, ready.cookie, String(desks)]);
  await nextWord<DeskWord, 'open'>(clients, 'open');
  const order = (given: Order): void => void server.send(given);
  return {
    changeBytes: ready.changeBytes,
    /** Sends and waits until every desk has everything. CPU of the server in µs per change and desk. */
    measure: async (bursts: number, changes: number, every: number) => {
      const sent = nextWord<Word, 'sent'>(server, 'sent');
      order({ type: 'send', bursts, changes, every });
      const { last, startedAt } = await sent;
      const reached = nextWord<DeskWord, 'reached'>(clients, 'reached');
      clients.send({ type: 'until', last } satisfies DeskOrder);
      const { at, messages } = await reached;
      const told = nextWord<Word, 'cpu'>(server, 'cpu');
      order({ type: 'cpu' });
      const { cpu } = await told;
      return { cpu: (cpu * 1000) / (bursts * changes * desks), messages: messages / desks, ms: at - startedAt };
    },
    stop: () => {
      clients.disconnect();
      server.disconnect();
    },
  };
}

const benchmark: Benchmark = {
  id: 'P2',
  title: 'server CPU per delivered change, a burst to many desks',
  rounds: 5,
  async setup({ small, log }) {
    const desks = small ? 50 : 1_000;
    const [bursts, changes, every] = small ? [2, 20, 50] : [6, 50, 100];
    log(`connecting 3 × ${desks} desks`);
    const modes: Mode[] = ['ours', 'ws', 'io'];
    const sides = new Map<Mode, Awaited<ReturnType<typeof startSide>>>();
    const stop = () => {
      for (const side of sides.values()) side.stop();
    };
    try {
      for (const mode of modes) sides.set(mode, await startSide(mode, desks));
    } catch (error) {
      stop();
      throw error;
    }
    const frames: number[] = [];
    return {
      contenders: modes.map((name) => ({
        name,
        warmUp: async () => void (await sides.get(name)!.measure(1, changes, every)),
        measure: async () => {
          const figures = await sides.get(name)!.measure(bursts, changes, every);
          if (name === 'ours') frames.push(figures.messages);
          return figures;
        },
      })),
      rows: [
        {
          what: 'CPU, against ws',
          unit: 'µs',
          subject: { contender: 'ours', figure: 'cpu' },
          peer: { contender: 'ws', figure: 'cpu' },
          must: { atMost: 1 },
        },
        {
          what: 'CPU, against io.emit',
          unit: 'µs',
          subject: { contender: 'ours', figure: 'cpu' },
          peer: { contender: 'io', figure: 'cpu' },
          aim: { atMost: 0.3 },
        },
        {
          what: 'first change to last desk',
          unit: 'ms',
          subject: { contender: 'ours', figure: 'ms' },
          peer: { contender: 'ws', figure: 'ms' },
        },
      ],
      notes: () => [
        `${desks} desks, one audience; ${bursts} bursts of ${changes} changes of ${sides.get('ours')!.changeBytes} bytes, five at a time a millisecond apart, a burst each ${every} ms. One process per server, one for its desks.`,
        `Each change is committed to a journal in memory, mapped for the audience and coalesced; a desk got ${(frames.reduce((a, b) => a + b, 0) / Math.max(1, frames.length)).toFixed(0)} frames for ${bursts * changes} changes. The peers send one message per change, its text made beforehand.`,
        'The pace is the one that P1 is measured with: a change after quiet leaves in the same turn of the event loop.',
      ],
      [Symbol.asyncDispose]: async () => stop(),
    };
  },
};
export default benchmark;
