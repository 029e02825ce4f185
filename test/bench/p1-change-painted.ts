import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Command } from '@opsboard/shared/protocol/envelope';
import { newId } from '../../server/src/platform/ids.ts';
import { startTestApp } from '../support/app.ts';
import { startBrowser } from '../support/browser.ts';
import { connectLive } from '../support/live-client.ts';
import { cardOf, live, openPage } from '../support/page.ts';
import { buildWorld } from '../support/world.ts';
import type { Benchmark, Bound, Row } from './benchmark.ts';
import { painted, watch } from './painted.ts';
import { startRelay } from './peers/relay.ts';
import { p50And99 } from './statistics.ts';

const benchmark: Benchmark = {
  id: 'P1',
  title: 'a change, from the command’s send to painted on another screen',
  rounds: 5,
  async setup({ small, log }) {
    const batches = small ? 20 : 140;
    // Five rounds of them fit into the 500 parts of one batch.
    const changes = small ? 10 : 90;
    const stack = new AsyncDisposableStack();
    try {
      const app = stack.use(await startTestApp({ child: true }));
      const world = await buildWorld(app);
      log(`${batches} batches`);
      const ids = await Promise.all(Array.from({ length: batches }, () => world.batch()));
      const id = ids[0]!;
      const browser = await startBrowser();
      stack.defer(() => browser.close());
      const board = stack.use(await openPage(browser, await world.as('ops'), '/operations/board'));
      await live(board.page);
      await cardOf(board.page, id).waitFor();
      const relay = stack.use(await startRelay(app.stores.mongoUri('relay')));
      const plain = await browser.newPage();
      await plain.goto(relay.url);
      await plain.waitForFunction(() => document.title === 'Open');
      const relaySender = new WebSocket(relay.url);
      await once(relaySender, 'open');
      stack.defer(() => relaySender.terminate());
      await watch(board.page, `[data-card="${id}"]`);
      await watch(plain, '#shown');

      const sender = stack.use(await connectLive(await world.as('admin')));
      const other = stack.use(await connectLive(await world.as('team'), { follow: false }));
      // The count on the card grows with each part that is added, so each change draws a text of its own.
      let parts = 1;
      const nextPart = (): Command => ({
        commandId: newId(),
        name: 'batch.addParts',
        args: { id, parts: [`BENCH-${++parts}`] },
      });
      let message = 0;

      return {
        contenders: [
          {
            name: 'ours',
            measure: async () => {
              const times: number[] = [];
              const server: number[] = [];
              // A page behind another one gets no frames.
              await board.page.bringToFront();
              for (let i = 0; i < changes; i++) {
                const command = nextPart();
                times.push(
                  await painted(board.page, `${parts} parts`, () => sender.socket.emit('command', command, () => {})),
                );
              }
              for (let i = 0; i < changes; i++) {
                const command: Command = {
                  commandId: newId(),
                  name: 'batch.moveDueDate',
                  args: { id: ids[1]!, rev: await revOf(), dueAt: Date.now() + 86_400_000 + i, reason: 'measured' },
                };
                const arrived = new Promise<void>((resolve) => {
                  const listen = (frame: { changes: { id: string }[] }): void => {
                    if (!frame.changes.some((change) => change.id === ids[1])) return;
                    other.socket.off('frame', listen);
                    resolve();
                  };
                  other.socket.on('frame', listen);
                });
                await pause(5 + Math.random() * 30);
                const from = performance.now();
                sender.socket.emit('command', command, () => {});
                await arrived;
                server.push(performance.now() - from);
              }
              return { ...p50And99('painted', times), ...p50And99('server', server) };
            },
          },
          {
            name: 'relay',
            measure: async () => {
              const times: number[] = [];
              const writes: number[] = [];
              await plain.bringToFront();
              for (let i = 0; i < changes; i++) {
                const text = `message ${++message}.`;
                times.push(await painted(plain, text, () => relaySender.send(text)));
              }
              for (let i = 0; i < changes; i++) {
                await pause(5 + Math.random() * 30);
                const from = performance.now();
                await relay.write(`write ${i}`);
                writes.push(performance.now() - from);
              }
              return { ...p50And99('painted', times), ...p50And99('write', writes) };
            },
          },
        ],
        rows: [
          row('painted, p50', 'painted p50', 'painted p50', {}),
          row('painted, p99', 'painted p99', 'painted p99', { must: { atMost: 2 }, aim: { atMost: 1.2 } }),
          row('server, p50, against a bare majority write', 'server p50', 'write p50', {
            must: { atMost: 3 },
            aim: { atMost: 1.7 },
          }),
          row('server, p99, against a bare majority write', 'server p99', 'write p99', {}),
        ],
        notes: () => [
          `A board of ${batches} cards in Chromium, ${changes} changes a round, one after the other; painted: in the DOM, and the turn after the frame that shows it. The relay's page is one line of text.`,
          'The server’s part is measured from outside: command sent by one program until its frame has arrived at another, so it includes two hops over loopback and the parsing on both sides; the write is one update by the driver, with its own two hops.',
        ],
        [Symbol.asyncDispose]: () => stack.disposeAsync(),
      };

      async function revOf(): Promise<number> {
        await sender.reached(sender.frames.at(-1)?.to ?? 0);
        return sender.state!.records.batch.get(ids[1]!)!.rev;
      }
    } catch (error) {
      await stack.disposeAsync();
      throw error;
    }
  },
};

function row(what: string, ours: string, theirs: string, bounds: { must?: Bound; aim?: Bound }): Row {
  return {
    what,
    unit: 'ms',
    subject: { contender: 'ours', figure: ours },
    peer: { contender: 'relay', figure: theirs },
    ...bounds,
  };
}

export default benchmark;
