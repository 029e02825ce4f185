import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Status } from '@opsboard/shared/batches/steps';
import { statuses } from '@opsboard/shared/batches/steps';
import { createLog } from '../../server/src/platform/log.ts';
import { startSteadyClock } from '../../server/src/platform/steady-clock.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { startBrowser } from '../support/browser.ts';
import { layCable } from '../support/cable.ts';
import { checkJournal } from '../support/check-journal.ts';
import { testClock } from '../support/clock.ts';
import { boardShows, cardIn, cardOf, columnOf, drag, live, openPage } from '../support/page.ts';
import { until } from '../support/until.ts';
import type { World } from '../support/world.ts';
import { buildWorld } from '../support/world.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

/** What a board must draw, from storage: batches by status. */
async function stored(app: TestApp, world: World): Promise<{ [status: string]: string[] }> {
  const { records } = await checkJournal((await app.backdoor()).connection, world.org);
  const board: { [status: string]: string[] } = Object.fromEntries(
    statuses.map((status): [Status, string[]] => [status, []]),
  );
  for (const [key, record] of records) {
    if (key.startsWith('batch/') && 'status' in record) board[record.status]!.push(record.id);
  }
  for (const ids of Object.values(board)) ids.sort();
  return board;
}

/** Takes some batches further while nobody looks. */
async function work(world: World, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await world.admin.mustCommand('batch.seal', { id, count: 1 });
    await world.admin.mustCommand('batch.depart', { id, driver: world.people.driver1.id });
  }
}

const staleBand = /^Line cut/;

describe('the line under an open board', () => {
  it('server killed with -9 and started again: stale meanwhile, then equal, and a move under way is made once', async () => {
    await using app = await startTestApp({ webs: 1, child: true });
    const world = await buildWorld(app);
    const ids = await Promise.all(Array.from({ length: 4 }, () => world.batch()));
    await using ops = await openPage(browser, await world.as('ops'), '/operations/board');
    const { page } = ops;
    await live(page);
    await cardIn(page, ids[0]!, 'draft');
    const web = app.webs[0]!;
    await web.kill();
    await page.getByText(staleBand).first().waitFor();
    app.webs.pop();
    await app.start('web', { child: true, port: web.port });
    await live(page);
    await page.getByText(staleBand).first().waitFor({ state: 'detached' });
    await work(world, ids.slice(0, 2));
    await boardShows(page, await stored(app, world));
    await drag(cardOf(page, ids[2]!), columnOf(page, 'sealed'));
    await page.getByRole('dialog').getByRole('spinbutton').fill('1');
    await page.getByRole('dialog').getByRole('button', { name: 'Seal' }).click();
    await cardIn(page, ids[2]!, 'sealed');
    await until('it is stored', async () => {
      const { body } = await world.admin.get<{ batch: { status: string } }>(`/api/batches/${ids[2]!}`);
      return body.batch.status === 'sealed';
    });
    await boardShows(page, await stored(app, world));
    expect(ops.complaints.filter((text) => !/WebSocket|ERR_(CONNECTION|SOCKET_NOT_CONNECTED)/.test(text))).toEqual([]);
  });

  it('network away for a while: says so, refuses moves, then holds what happened meanwhile', async () => {
    await using app = await startTestApp();
    const world = await buildWorld(app);
    const ids = await Promise.all(Array.from({ length: 4 }, () => world.batch()));
    await using cable = await layCable(app.url);
    await using ops = await openPage(browser, await world.as('ops', cable.url), '/operations/board');
    const { page } = ops;
    await live(page);
    await boardShows(page, await stored(app, world));
    cable.pull();
    await page.getByText(staleBand).first().waitFor();
    await work(world, ids.slice(1, 3));
    expect(await cardOf(page, ids[1]!).isVisible()).toBe(true);
    expect(await columnOf(page, 'draft').locator(`[data-card="${ids[1]!}"]`).count()).toBe(1);
    cable.plug();
    await live(page);
    await boardShows(page, await stored(app, world));
  });

  it('a board in a background tab for ten hours: nothing lost, nothing twice', async () => {
    const clock = testClock();
    await using app = await startTestApp({ clock, workers: 1 });
    const world = await buildWorld(app);
    const ids = await Promise.all(Array.from({ length: 5 }, () => world.batch()));
    await using ops = await openPage(browser, await world.as('ops'), '/operations/board');
    const { page } = ops;
    await page.clock.install();
    await page.reload();
    await live(page);
    await boardShows(page, await stored(app, world));
    // Frozen as a browser freezes a tab that nobody has looked at: no timers, no messages.
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
    for (let hour = 0; hour < 10; hour++) {
      clock.advance(3_600_000);
      if (hour % 3 === 0) await world.batch();
      if (hour < ids.length) await work(world, [ids[hour]!]);
    }
    await devtools.send('Page.setWebLifecycleState', { state: 'active' });
    await page.clock.fastForward(10 * 3_600_000);
    await boardShows(page, await stored(app, world));
    await live(page);
    await page.getByText(staleBand).first().waitFor({ state: 'detached' });
    expect(ops.complaints.filter((text) => !text.includes('WebSocket'))).toEqual([]);
  });

  it("[L16] the clock of the server's machine is moved: said, nothing is breached by it, and healed alone", async () => {
    const clock = testClock();
    const steady = startSteadyClock(createLog('test', 'silent'), { ...clock, sinceBoot: () => clock.monotonic() });
    await using app = await startTestApp({ clock: steady });
    const world = await buildWorld(app);
    await world.batch({ dueAt: Date.now() + 3 * 60_000 });
    await using ops = await openPage(browser, await world.as('ops'), '/operations');
    const { page } = ops;
    await live(page);
    clock.advance(5 * 60_000);
    await page.getByText(/clock was moved by/).waitFor();
    expect(await page.getByText(/batch(es)? breached/).count()).toBe(0);
    clock.advance(-5 * 60_000);
    await page.getByText(/clock was moved by/).waitFor({ state: 'detached' });
    expect(ops.complaints).toEqual([]);
    steady.close();
  });
});
