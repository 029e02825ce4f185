import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { PlannedStop } from '@opsboard/shared/routes/schema';
import { dateOf } from '@opsboard/shared/time/days';
import { newId } from '../../server/src/platform/ids.ts';
import { startTestApp } from '../support/app.ts';
import { startBrowser } from '../support/browser.ts';
import type { Client } from '../support/client.ts';
import { live, openPage } from '../support/page.ts';
import { buildWorld } from '../support/world.ts';
import type { Benchmark, Bound, Figures, Row } from './benchmark.ts';
import { painted, watch } from './painted.ts';
import { startRelay } from './peers/relay.ts';
import { p50And99 } from './statistics.ts';

const rounds = 5;

const benchmark: Benchmark = {
  id: 'P14',
  title: 'a driver’s tap, from the phone’s request to painted on the board and the map of others',
  rounds,
  async setup({ small, log }) {
    const taps = small ? 4 : 18;
    const stack = new AsyncDisposableStack();
    try {
      const app = stack.use(await startTestApp({ child: true }));
      const world = await buildWorld(app);
      const { driver1, driver2 } = world.people;
      log(`${taps * rounds} batches`);
      const batches = await Promise.all(
        Array.from({ length: taps * rounds }, async () => {
          const id = await world.batch();
          await world.admin.mustCommand('batch.seal', { id, count: 1 });
          return id;
        }),
      );
      const center = { kind: 'center' as const, id: world.centers.near };
      const start = async (driver: string, stops: PlannedStop[]): Promise<string> => {
        const id = newId();
        const day = dateOf(Date.now(), 'UTC');
        await world.admin.mustCommand('route.create', { id, branch: world.branches.north, day, driver, stops });
        await world.admin.mustCommand('route.start', { id });
        return id;
      };
      // One route is loaded, batch by batch; another one is driven, stop by stop.
      const dock = newId();
      const loaded = await start(driver1.id, [
        { id: dock, place: { kind: 'branch', id: world.branches.north }, pickUp: batches, handOver: [] },
        { id: newId(), place: center, pickUp: [], handOver: batches },
      ]);
      const stops = Array.from({ length: taps * rounds + 1 }, () => newId());
      const driven = await start(
        driver2.id,
        stops.map((id) => ({ id, place: center, pickUp: [], handOver: [] })),
      );
      const [phone1, phone2] = [await world.as('driver1'), await world.as('driver2')];
      /** As a phone sends what was done on it. */
      const tap = async (phone: Client, name: string, args: object): Promise<void> => {
        const { status, text } = await phone.post('/api/commands', {
          commandId: newId(),
          name,
          args,
          doneAt: Date.now(),
        });
        if (status !== 200) throw new Error(`${name} was refused: ${text}`);
      };

      const browser = await startBrowser();
      stack.defer(() => browser.close());
      const board = stack.use(await openPage(browser, await world.as('ops'), '/operations/board'));
      await live(board.page);
      const team = await world.as('team');
      const list = 'section[aria-labelledby="map-drivers"]';
      const relay = stack.use(await startRelay(app.stores.mongoUri('relay')));
      const plain = await browser.newPage();
      await plain.goto(relay.url);
      await plain.waitForFunction(() => document.title === 'Open');
      const relaySender = new WebSocket(relay.url);
      await once(relaySender, 'open');
      stack.defer(() => relaySender.terminate());
      await watch(board.page, '[data-status="in_transit_to_center"] header > .num');
      await watch(plain, '#shown');
      let [picked, left, message] = [0, 0, 0];

      const onBoard = async (): Promise<Figures> => {
        const times: number[] = [];
        // A page behind another one gets no frames.
        await board.page.bringToFront();
        for (let i = 0; i < taps; i++) {
          const batch = batches[picked++]!;
          const args = { id: loaded, stop: dock, batch, count: 1 };
          let done: Promise<void> | undefined;
          times.push(await painted(board.page, String(picked), () => (done = tap(phone1, 'route.pickUp', args))));
          await done;
        }
        return p50And99('painted', times);
      };
      const onMap = async (): Promise<Figures> => {
        const times: number[] = [];
        // Only now: a map that is drawn without a graphics card would take its time from the other pages.
        await using map = await openPage(browser, team, '/operations/map');
        const begin = `stop ${left + 1} of ${stops.length}`;
        await map.page.locator(list).getByText(begin).waitFor();
        await watch(map.page, list);
        for (let i = 0; i < taps; i++) {
          const args = { id: driven, stop: stops[left++]! };
          await tap(phone2, 'route.arrive', args);
          let done: Promise<void> | undefined;
          const text = `stop ${left + 1} of ${stops.length}`;
          times.push(await painted(map.page, text, () => (done = tap(phone2, 'route.depart', args))));
          await done;
        }
        return p50And99('painted', times);
      };
      const onPlain = async (): Promise<Figures> => {
        const times: number[] = [];
        await plain.bringToFront();
        for (let i = 0; i < taps; i++) {
          const text = `message ${++message}.`;
          times.push(await painted(plain, text, () => relaySender.send(text)));
        }
        return p50And99('painted', times);
      };
      return {
        contenders: [
          { name: 'board', measure: onBoard },
          { name: 'map', measure: onMap },
          { name: 'relay', measure: onPlain },
        ],
        rows: [
          row('board', 'board, p50', 'p50', {}),
          row('board', 'board, p99', 'p99', { must: { atMost: 2 }, aim: { atMost: 1.2 } }),
          row('map', 'the map’s list, p50', 'p50', {}),
          row('map', 'the map’s list, p99', 'p99', {}),
        ],
        notes: () => [
          `${taps} taps a round for each, one after the other: on the board a batch picked up, on the map a stop left. Sent as a phone sends what waits: one HTTP request with the time it was done. The peer is P1’s: its line is open, it writes one document and passes the text on.`,
          'The map’s list is computed anew at most four times a second, whatever moves, and shares the page with the map that is drawn.',
        ],
        [Symbol.asyncDispose]: () => stack.disposeAsync(),
      };
    } catch (error) {
      await stack.disposeAsync();
      throw error;
    }
  },
};

function row(contender: string, what: string, figure: string, bounds: { must?: Bound; aim?: Bound }): Row {
  return {
    what: `painted on the ${what}`.replace('the the', 'the'),
    unit: 'ms',
    subject: { contender, figure: `painted ${figure}` },
    peer: { contender: 'relay', figure: `painted ${figure}` },
    ...bounds,
  };
}

export default benchmark;
