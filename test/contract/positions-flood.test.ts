import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../server/src/platform/ids.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { FloodCount, FloodData, FloodWord } from '../support/flood.ts';
import { connectLive } from '../support/live-client.ts';
import { until } from '../support/until.ts';
import type { World } from '../support/world.ts';
import { buildWorld } from '../support/world.ts';

/** Rounds of changes, without a flood, beside one and under one, in turn; and changes in each. */
const rounds = 5;
const changes = 30;

let app: TestApp;
let world: World;
const routes = new Map<string, string>();

beforeAll(async () => {
  app = await startTestApp({ webs: 2, child: true });
  world = await buildWorld(app);
  for (const who of ['driver1', 'driver2'] as const) {
    const id = newId();
    routes.set(who, id);
    await world.admin.mustCommand('route.create', {
      id,
      branch: world.branches.north,
      day: '2026-11-21',
      driver: world.people[who].id,
      stops: [{ id: newId(), place: { kind: 'center', id: world.centers.near }, pickUp: [], handOver: [] }],
    });
    await world.admin.mustCommand('route.start', { id });
  }
}, 60_000);
afterAll(() => app?.[Symbol.asyncDispose]());

/** Opens phones at a process, of both drivers in turn, that have not said anything yet. */
async function openFlood(url: string, phones: number) {
  const data: FloodData = { url, phones: [] };
  for (let i = 0; i < phones; i++) {
    const who = i % 2 === 0 ? 'driver1' : 'driver2';
    data.phones.push({ cookie: (await world.as(who)).cookie!, route: routes.get(who)! });
  }
  const worker = new Worker(new URL('../support/flood.ts', import.meta.url), { workerData: data });
  await once(worker, 'message');
  return {
    tell: (word: FloodWord) => worker.postMessage(word),
    count: async (): Promise<FloodCount> => {
      worker.postMessage({ count: true });
      const [count] = (await once(worker, 'message')) as [FloodCount];
      return count;
    },
    [Symbol.asyncDispose]: async () => {
      worker.postMessage({ end: true } satisfies FloodWord);
      await once(worker, 'exit');
    },
  };
}

/** Memory that the server's process holds, bytes. */
const held = (): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${app.webs[0]!.pid}/status`, 'utf8'))![1]) * 1_024;

const share = (list: number[], part: number): number => {
  const sorted = list.sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!;
};
const told = (list: number[]): string =>
  [0.5, 0.95, 0.99].map((part) => `${share(list, part).toFixed(1)} ms`).join(' / ');

describe('[G1] phones that say where they are far more often than they may', () => {
  // The same flood at another process of the same machine is what it is measured against: it costs the machine as much.
  it.each([
    [1, 400],
    [20, 80],
  ])(
    '%i of them, %i a second each: others hear of changes as fast as beside it, and nobody is cut',
    async (phones, perSecond) => {
      await using here = await openFlood(app.webs[0]!.url, phones);
      await using beside = await openFlood(app.webs[1]!.url, phones);
      await using desk = await connectLive(await world.as('ops'));
      await using sender = await connectLive(world.admin);
      let part = 0;
      const measure = async (flood: typeof here | undefined, into: number[]): Promise<void> => {
        const batch = await world.batch();
        flood?.tell({ perSecond });
        const sent = (await flood?.count())?.sent ?? 0;
        if (flood) await until('the flood has begun', async () => (await flood.count()).sent > sent + phones * 20);
        for (let i = 0; i < changes; i++) {
          const from = performance.now();
          const ack = await sender.send('batch.addParts', { id: batch, parts: [`FLOOD-${phones}-${++part}`] });
          if (!ack.ok) throw new Error(JSON.stringify(ack.error));
          await desk.reached(ack.seq);
          into.push(performance.now() - from);
        }
        flood?.tell({ perSecond: 0 });
      };
      const [quiet, control, flooded]: [number[], number[], number[]] = [[], [], []];
      await measure(undefined, []);
      await measure(here, []);
      const before = held();
      for (let round = 0; round < rounds; round++) {
        await measure(undefined, quiet);
        await measure(beside, control);
        await measure(here, flooded);
      }
      const after = held();
      const last = await sender.send('batch.addParts', { id: await world.batch(), parts: [`FLOOD-${phones}-last`] });
      if (!last.ok) throw new Error(JSON.stringify(last.error));
      for (const flood of [here, beside]) {
        await until('phones are told of everything, and have every answer', async () => {
          const { sent, taken, limited, other, seq } = await flood.count();
          return sent === taken + limited + other && seq >= last.seq;
        });
      }
      const count = await here.count();
      console.log(
        `${phones} phones: ${count.sent} reports, ${count.taken} taken, ${count.limited} turned away; a change at a desk, ` +
          `p50 / p95 / p99: quiet ${told(quiet)}, beside the flood ${told(control)}, under it ${told(flooded)}; ` +
          `memory ${(before / 1e6).toFixed(0)} → ${(after / 1e6).toFixed(0)} MB`,
      );
      expect(count).toMatchObject({ other: 0, closed: 0 });
      expect(count.limited).toBeGreaterThan(count.taken);
      expect(share(flooded, 0.5) / share(control, 0.5)).toBeLessThan(2);
      expect(share(flooded, 0.95) / share(control, 0.95)).toBeLessThan(3);
      expect(after / before).toBeLessThan(1.25);
    },
    60_000,
  );
});
