/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Entry } from '@opsboard/shared/protocol/entries';
import type { StoredEntry } from '../../server/src/journal/stored.ts';
import { entryOf } from '../../server/src/journal/stored.ts';
import { checkJournal } from '../support/check-journal.ts';
import { startGoBetween } from '../support/go-between.ts';
import { app, browser, oneApp, world } from '../support/one-app.ts';
import { live, openPage } from '../support/page.ts';
import type { Phone, TestRoute } from '../support/phone.ts';
import { inStep, installed, loseSignal, openPhone, planRoute, press, replan, waiting } from '../support/phone.ts';
import { until } from '../support/until.ts';

oneApp({ child: true });

/** Counts the three parts of the batch in hand, and goes on to the end. */
async function handle(page: Page, what: 'Pick up' | 'Hand over'): Promise<void> {
  await page.getByRole('link', { name: 'Count instead' }).click();
  await page.getByLabel('How many parts do you count?').fill('3');
  if (what === 'Hand over') await press(page, 'Next: receiver');
  await press(page, `${what} 3 parts`);
}

/** What is done at the two stops of a route. */
const six: readonly { verb: string; act(page: Page): Promise<void> }[] = [
  { verb: 'route.arrive', act: (page) => press(page, 'I have arrived') },
  { verb: 'route.pickUp', act: (page) => handle(page, 'Pick up') },
  { verb: 'route.depart', act: (page) => press(page, 'Depart') },
  { verb: 'route.arrive', act: (page) => press(page, 'I have arrived') },
  { verb: 'route.handOver', act: (page) => handle(page, 'Hand over') },
  { verb: 'route.depart', act: (page) => press(page, 'Depart') },
];

/** Does some of the six without network, and gives between when and when each was done. */
async function actAway(phone: Phone, from: number, to: number): Promise<{ from: number; to: number }[]> {
  const times: { from: number; to: number }[] = [];
  for (let i = from; i < to; i++) {
    const began = Date.now();
    await six[i]!.act(phone.page);
    await waiting(phone.page, i + 1);
    times.push({ from: began, to: Date.now() });
  }
  return times;
}

/** The entries of the organization so far, without waiting for quiet as {@link checkJournal} would have to. */
async function journal(): Promise<Entry[]> {
  const { connection } = await app.backdoor();
  const stored = await connection
    .getClient()
    .db(connection.name)
    .collection<StoredEntry>('journal')
    .find({ org: world.org })
    .sort({ seq: 1 })
    .toArray();
  return stored.map(entryOf);
}

/** The driver's steps on a route, as they stand in the journal. */
const stepsOf = async (route: TestRoute, since: number): Promise<Entry[]> =>
  (await journal()).filter(
    ({ kind, id, seq, actor }) => kind === 'route' && id === route.id && seq > since && actor.id === route.driver,
  );

const lastSeq = async (): Promise<number> => (await journal()).at(-1)!.seq;

/** The six, in order, once each, with the times at which they were done and those at which they came. */
async function expectSix(route: TestRoute, since: number, times: { from: number; to: number }[], backAt: number) {
  const steps = await stepsOf(route, since);
  expect(steps.map(({ verb }) => verb)).toEqual(six.map(({ verb }) => verb));
  expect(new Set(steps.map(({ commandId }) => commandId)).size).toBe(6);
  for (const [i, { done, at }] of steps.entries()) {
    expect(done, `when ${steps[i]!.verb} was done`).toBeGreaterThanOrEqual(times[i]!.from - 50);
    expect(done, `when ${steps[i]!.verb} was done`).toBeLessThanOrEqual(times[i]!.to + 50);
    expect(at).toBeGreaterThanOrEqual(backAt - 50);
  }
}

/** Waits until the start is with the server and the phone can do without network. @returns the last `seq` then */
async function started(phone: Phone, route: TestRoute): Promise<number> {
  await installed(phone.page);
  await until('the start is with the server', async () =>
    (await stepsOf(route, 0)).some(({ verb }) => verb === 'route.start'),
  );
  await inStep(phone.page);
  return lastSeq();
}

describe('a phone without network beside a desk', () => {
  it('reordered by the desk; six actions at two stops offline, closed and opened again; the desk has them in order, once', async () => {
    const route = await planRoute(world, world.people.driver1.id);
    await using desk = await openPage(browser, await world.as('ops'), `/operations/routes?route=${route.id}`);
    await using phone = await openPhone(browser, await world.as('driver1'));
    await live(desk.page);
    await press(phone.page, 'Start the route');
    await phone.page.getByRole('heading', { level: 2, name: /North/ }).waitFor();

    const { north, south, center } = route.stops;
    const row = (stop: { id: string }) => desk.page.locator(`[data-stop="${stop.id}"]`);
    await row(center)
      .locator('[data-handle]')
      .dragTo(row(south), { targetPosition: { x: 60, y: 4 } });
    await press(phone.page, 'Got it');
    const since = await started(phone, route);

    await loseSignal(phone);
    const times = await actAway(phone, 0, 3);
    await phone.page.close();
    await phone.open();
    await waiting(phone.page, 3);
    times.push(...(await actAway(phone, 3, 6)));
    await phone.page.close();
    await phone.open();
    await waiting(phone.page, 6);
    expect(await row(north).getByText('Arrived').count()).toBe(0);

    const backAt = Date.now();
    await phone.offline(false);
    for (const stop of [north, center]) await row(stop).getByText('Arrived').waitFor();
    await desk.page.getByText('2 of 3').first().waitFor();
    await inStep(phone.page);
    await until('the route is finished', async () => (await stepsOf(route, since)).length >= 6);
    await expectSix(route, since, times, backAt);
    expect(desk.complaints).toEqual([]);
  });

  it('the server is killed in the middle of the sending', async () => {
    const route = await planRoute(world, world.people.driver2.id);
    const { north, south, center } = route.stops;
    await replan(world.admin, route.id, [north, center, south]);
    await using between = await startGoBetween(app.url);
    await using phone = await openPhone(browser, (await world.as('driver2')).at(between.url));
    await press(phone.page, 'Start the route');
    const since = await started(phone, route);
    await loseSignal(phone);
    const times = await actAway(phone, 0, 6);

    const web = app.webs[0]!;
    let commands = 0;
    const killed = Promise.withResolvers<void>();
    between.meddler = {
      after: async (request, body) => {
        if (request.url !== '/api/commands' || ++commands !== 3) return body;
        // Carried out, and nobody is told.
        await web.kill();
        app.webs.shift();
        killed.resolve();
        return 'lost';
      },
    };
    const backAt = Date.now();
    await phone.offline(false);
    await killed.promise;
    between.meddler = {};
    await app.start('web', { child: true, port: web.port });
    await until('all have come', async () => (await stepsOf(route, since)).length >= 6, 20_000);
    await inStep(phone.page);
    await expectSix(route, since, times, backAt);
    await checkJournal((await app.backdoor()).connection, world.org);
  });
});
