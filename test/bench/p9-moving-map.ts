/// <reference lib="dom" />
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { DriverPosition } from '@opsboard/shared/positions/schema';
import type { CDPSession, Page } from 'playwright-core';
import { WebSocketServer, type WebSocket as Socket } from 'ws';
import { city, metresBetween } from '../../scripts/demo/city/city.ts';
import { newId } from '../../server/src/platform/ids.ts';
import { startTestApp } from '../support/app.ts';
import { startBrowser } from '../support/browser.ts';
import { openPage } from '../support/page.ts';
import { until } from '../support/until.ts';
import { buildWorld } from '../support/world.ts';
import type { Benchmark, Contender } from './benchmark.ts';

/** Drivers who go along a road each, about 30 km/h. */
function fleet(count: number): (seconds: number) => DriverPosition[] {
  const roads = city.roads.map((road) => road.nodes.map((node) => city.nodes[node]!)).filter((line) => line.length > 1);
  const drivers = Array.from({ length: count }, (_, i) => {
    const line = roads[i % roads.length]!;
    const leg = Math.floor(i / roads.length) % (line.length - 1);
    const [from, to] = [line[leg]!, line[leg + 1]!];
    const turn = (Math.atan2((to[0] - from[0]) * 0.61, to[1] - from[1]) * 180) / Math.PI;
    return { id: newId(), route: newId(), from, to, metres: metresBetween(from, to), heading: (turn + 360) % 360, i };
  });
  return (seconds) =>
    drivers.map(({ id, route, from, to, metres, heading, i }) => {
      const way = ((seconds * 8.3 + i * 13) / metres) % 2;
      const part = way < 1 ? way : 2 - way;
      const at = (axis: 0 | 1): number => from[axis] + (to[axis] - from[axis]) * part;
      const round = (degrees: number): number => Math.round(degrees * 1e6) / 1e6;
      const facing = Math.round(way < 1 ? heading : (heading + 180) % 360);
      return [id, route, round(at(0)), round(at(1)), Date.now(), facing, 8];
    });
}

/** How busy the page's main thread is, and how far its frames are apart. */
async function observe(page: Page, cdp: CDPSession, ms: number): Promise<{ busy: number; interval: number }> {
  const taskTime = async (): Promise<number> =>
    (await cdp.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')!.value;
  const before = await taskTime();
  const began = performance.now();
  const frames = await page.evaluate(
    (length) =>
      new Promise<number>((resolve) => {
        const start = performance.now();
        let count = 0;
        const frame = (now: number): void => {
          count++;
          if (now - start < length) requestAnimationFrame(frame);
          else resolve(count / (now - start));
        };
        requestAnimationFrame(frame);
      }),
    ms,
  );
  const seconds = (performance.now() - began) / 1000;
  return { busy: (((await taskTime()) - before) * 1000) / seconds, interval: 1 / frames };
}

/** How many pixels of the marks are drawn: a fleet that never arrives would cost nothing. Reads a copy, so that the canvas stays as it is. */
const inkOf = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const marks = document.querySelector<HTMLCanvasElement>('canvas.marks')!;
    const copy = new OffscreenCanvas(marks.width, marks.height).getContext('2d')!;
    copy.drawImage(marks, 0, 0);
    const { data } = copy.getImageData(0, 0, marks.width, marks.height);
    let inked = 0;
    for (let i = 3; i < data.length; i += 4) if (data[i]! > 0) inked++;
    return inked;
  });

const benchmark: Benchmark = {
  id: 'P9',
  title: 'frames of the map while drivers move once a second',
  rounds: 5,
  async setup({ small, log }) {
    const counts = small ? [200] : [5_000, 10_000];
    const length = small ? 2_000 : 8_000;
    const stack = new AsyncDisposableStack();
    try {
      const app = stack.use(await startTestApp());
      const world = await buildWorld(app);
      const { connection } = await app.backdoor();
      await connection.collection('meta').insertOne({ _id: 'city', org: world.org, city } as never);
      // The town from edge to edge, so that everybody is in view.
      await world.admin.mustCommand('branch.edit', { id: world.branches.north, rev: 1, position: [4.862, 52.39] });
      await world.admin.mustCommand('center.edit', { id: world.centers.near, rev: 1, position: [4.945, 52.352] });
      const browser = await startBrowser(['--use-angle=swiftshader', '--enable-unsafe-swiftshader']);
      stack.defer(() => browser.close());
      const side = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
      await once(side, 'listening');
      stack.defer(() => side.close());
      const { port } = side.address() as AddressInfo;
      const pages = new Map<string, Socket>();
      side.on('connection', (socket, { url }) => pages.set(url!, socket));

      async function contender(name: string, count: number): Promise<Contender> {
        log(`${name}: opening the map`);
        const { page } = stack.use(await openPage(browser, await world.as('ops'), '/operations', { bypassCSP: true }));
        // A socket of its own brings what the server's would: parsed, decoded, kept and drawn as if the server had said it.
        await page.addInitScript((url) => {
          const Native = WebSocket;
          window.WebSocket = class extends Native {
            constructor(to: string | URL, protocols?: string | string[]) {
              super(to, protocols);
              if (!String(to).includes('socket.io')) return;
              const side = new Native(url);
              side.onmessage = ({ data }) => this.dispatchEvent(new MessageEvent('message', { data }));
            }
          };
        }, `ws://127.0.0.1:${port}/${count}`);
        await page.goto(`${app.url}/operations/map`);
        await until('the map is drawn', async () => (await page.getByText('Loading the map').count()) === 0, 60_000);
        const cdp = await page.context().newCDPSession(page);
        await cdp.send('Performance.enable');
        const where = fleet(count);
        let second = 0;
        const tell = (): void => {
          const news = { now: Date.now(), ...(second === 0 ? { all: true } : {}), drivers: where(second++) };
          pages.get(`/${count}`)!.send(`42${JSON.stringify(['positions', news])}`);
        };
        return {
          name,
          // The first frames after the ground is there still make pictures and names.
          warmUp: async () => {
            await page.bringToFront();
            if (count === 0) await observe(page, cdp, length);
            else {
              const bare = await inkOf(page);
              tell();
              await pause(small ? 1_500 : 4_000);
              const inked = (await inkOf(page)) - bare;
              log(`${name}: ${inked} pixels more are inked`);
              if (inked < 5_000) throw new Error(`${name}: the drivers are not drawn (${inked} pixels).`);
            }
          },
          measure: async () => {
            await page.bringToFront();
            if (count === 0) return observe(page, cdp, length);
            const timer = setInterval(tell, 1_000);
            tell();
            await pause(small ? 500 : 2_000);
            try {
              return await observe(page, cdp, length);
            } finally {
              clearInterval(timer);
            }
          },
        };
      }

      const still = await contender('still map', 0);
      const moving: Contender[] = [];
      for (const count of counts) moving.push(await contender(`${count.toLocaleString('en')} drivers`, count));
      const peer = (figure: string) => ({ contender: still.name, figure });
      return {
        contenders: [still, ...moving],
        rows: moving.flatMap(({ name }, i) => [
          {
            what: `time between frames, ${name} against the still map`,
            unit: 'ms',
            subject: { contender: name, figure: 'interval' },
            peer: peer('interval'),
            ...(i === 0 ? { must: { atMost: 1.3 } } : { aim: { atMost: 1.1 } }),
          },
          {
            what: `main thread, ${name}`,
            unit: 'ms/s',
            subject: { contender: name, figure: 'busy' },
            peer: peer('busy'),
          },
        ]),
        notes: () => [
          'Chromium without a screen, drawing with the processor (SwiftShader), 1440×900, the invented city from edge to edge; all drivers are in view. Positions of all drivers arrive once a second as one message of a socket and go the whole way: parsed, kept, drawn. They have no routes, so that the list beside the map stays short.',
          'Main thread: the browser’s own TaskDuration, milliseconds of work in a second.',
        ],
        [Symbol.asyncDispose]: () => stack.disposeAsync(),
      };
    } catch (error) {
      await stack.disposeAsync();
      throw error;
    }
  },
};
export default benchmark;
