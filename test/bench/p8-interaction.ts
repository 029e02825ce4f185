/// <reference lib="dom" />
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { startTestApp } from '../support/app.ts';
import { startBrowser } from '../support/browser.ts';
import { live, openPage } from '../support/page.ts';
import { buildWorld } from '../support/world.ts';
import type { Benchmark, Contender } from './benchmark.ts';
import { fillBoard, type BigBoard } from './big-board.ts';
import { percentile } from './statistics.ts';

/** What a page writes down about every interaction. */
type Recorder = { delays: number[]; events: number[]; longest: number; frames: number };

/**
 * Makes a page note, for every key, click and drag, the time from the event itself (by the browser's own stamp, so that
 * waiting for a busy page counts) until the turn after the frame that answers it; and what the browser's Event Timing
 * says, whose grain is 8 ms.
 */
async function record(page: Page): Promise<void> {
  await page.evaluate(() => {
    const recorder = { delays: [] as number[], events: [] as number[], longest: 0, frames: 0 };
    (window as unknown as { recorder: typeof recorder }).recorder = recorder;
    // Chromium stamps a dragstart with the press before it; the drag begins with the move after it.
    let moved = 0;
    window.addEventListener('pointermove', (event) => (moved = event.timeStamp), { capture: true });
    const note = (event: Event): void => {
      const from = event.type === 'dragstart' ? moved : event.timeStamp;
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => recorder.delays.push(performance.now() - from);
        port2.postMessage(undefined);
      });
    };
    for (const name of ['keydown', 'pointerdown', 'click', 'dragstart', 'drop'])
      window.addEventListener(name, note, { capture: true });
    const kinds = new Set(['keydown', 'pointerdown', 'pointerup', 'click', 'dragstart', 'drop']);
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (kinds.has(entry.name)) recorder.events.push(entry.duration);
    }).observe({ type: 'event', durationThreshold: 16, buffered: false } as PerformanceObserverInit);
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) recorder.longest = Math.max(recorder.longest, entry.duration);
    }).observe({ type: 'longtask' });
    const frame = (): void => {
      recorder.frames += 1;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}

const resetRecorder = (page: Page): Promise<void> =>
  page.evaluate(() => {
    Object.assign((window as unknown as { recorder: Recorder }).recorder, {
      delays: [],
      events: [],
      longest: 0,
      frames: 0,
    });
  });
const readRecorder = (page: Page): Promise<Recorder> =>
  page.evaluate(() => (window as unknown as { recorder: Recorder }).recorder);

/** A person at the board: goes from card to card, opens and closes the filter, drags cards and lets them go. */
async function interact(page: Page, times: number): Promise<void> {
  const focus = (): Promise<void> =>
    page.evaluate(() => document.querySelector<HTMLElement>('[data-status="sealed"] [data-card]')!.focus());
  await focus();
  const keys = ['ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowDown', 'ArrowUp', 'ArrowRight', 'ArrowLeft', 'ArrowLeft'];
  for (let i = 0; i < times; i++) {
    // Not in step with the screen's own beat.
    await pause(40 + Math.random() * 60);
    if (i % 10 === 4) {
      const button = await page.evaluate(() => {
        const { x, y } = document.querySelector('[role="toolbar"] button')!.getBoundingClientRect();
        return { x: x + 20, y: y + 14 };
      });
      await page.mouse.move(button.x, button.y, { steps: 4 });
      await page.mouse.down();
      // A press lasts: without this the answer to it would wait for the answer to the click.
      await pause(60);
      await page.mouse.up();
      await pause(40);
      await page.keyboard.press('Escape');
    } else if (i % 20 === 9) {
      // Looked up in one turn of the page: a moment later the card may be another one.
      const { from, to } = await page.evaluate(() => {
        const place = (selector: string): { x: number; y: number } => {
          const { x, y } = document.querySelector(selector)!.getBoundingClientRect();
          return { x, y };
        };
        return { from: place('[data-status="draft"] [data-card]'), to: place('[data-status="at_center"]') };
      });
      await page.mouse.move(from.x + 40, from.y + 20);
      await page.mouse.down();
      await page.mouse.move(from.x + 60, from.y + 30, { steps: 3 });
      await page.mouse.move(to.x + 60, to.y + 200, { steps: 8 });
      await page.mouse.up();
      await page.mouse.move(700, 20, { steps: 4 });
    } else {
      if (i % 20 === 10) await focus();
      await page.keyboard.press(keys[i % keys.length]!);
    }
  }
}

const benchmark: Benchmark = {
  id: 'P8',
  title: 'interaction delay on a board of 10,000 cards under 200 changes a second',
  rounds: 5,
  async setup({ small, log }) {
    const sizes = small ? { many: 300, few: 30 } : { many: 10_000, few: 100 };
    const perSecond = small ? 50 : 200;
    const times = small ? 20 : 120;
    const stack = new AsyncDisposableStack();
    try {
      const app = stack.use(await startTestApp({ child: true }));
      const backdoor = await app.backdoor();
      const browser = await startBrowser();
      stack.defer(() => browser.close());
      const rates: number[] = [];

      async function contender(name: string, count: number): Promise<Contender> {
        const world = await buildWorld(app);
        log(`${name}: filling a board with ${count} batches`);
        const board: BigBoard = await fillBoard(backdoor, world, count);
        const { page } = stack.use(await openPage(browser, await world.as('ops'), '/operations/board'));
        await live(page);
        await page.locator('[data-card]').first().waitFor();
        await record(page);
        return {
          name,
          warmUp: async () => {
            await page.bringToFront();
            await interact(page, 20);
          },
          measure: async () => {
            // A page behind another one gets no frames.
            await page.bringToFront();
            const stop = board.work(perSecond);
            await pause(1_000);
            await resetRecorder(page);
            const from = performance.now();
            await interact(page, times);
            const recorded = await readRecorder(page);
            const seconds = (performance.now() - from) / 1000;
            rates.push((await stop()).perSecond);
            return {
              p50: percentile(recorded.delays, 0.5),
              p98: percentile(recorded.delays, 0.98),
              // Events shorter than 16 ms are not reported; none at all means that all were.
              timing: recorded.events.length === 0 ? 16 : percentile(recorded.events, 0.98),
              // The browser reports tasks from 50 ms on.
              longest: Math.max(recorded.longest, 50),
              frames: recorded.frames / seconds,
            };
          },
        };
      }

      const [few, many] = [await contender('100 cards', sizes.few), await contender('10,000 cards', sizes.many)];
      const row = (what: string, figure: string, unit = 'ms') => ({
        what,
        unit,
        subject: { contender: many.name, figure },
        peer: { contender: few.name, figure },
      });
      return {
        contenders: [few, many],
        rows: [
          {
            what: 'interaction delay, p98',
            unit: 'ms',
            subject: { contender: many.name, figure: 'p98' },
            must: { atMost: 50 },
          },
          { ...row('interaction delay, p98, against the same board with 100 cards', 'p98'), aim: { atMost: 1.1 } },
          row('interaction delay, p50', 'p50'),
          row('Event Timing, p98 (grain 8 ms)', 'timing'),
          row('longest task of the main thread (50: none was longer)', 'longest'),
          row('frames', 'frames', '/s'),
        ],
        notes: () => [
          `Chromium without a screen and without a graphics card, 1440×900, the product's own server and embedded database on the same machine. ${sizes.many} and ${sizes.few} open batches of two organizations; changes arrived at ${Math.round(Math.min(...rates))} to ${Math.round(Math.max(...rates))} a second (half of them steps forward and back, the rest moved dates and other drivers).`,
          `${times} turns a round: arrow keys from card to card, opening and closing the filter, a drag over three columns and its refusal. Delay: from the browser's stamp of the event (keydown, pointerdown, click, drop; of a dragstart, from the move that began it) to the turn after the frame that follows it.`,
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
