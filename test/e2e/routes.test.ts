/// <reference lib="dom" />
import { readFile } from 'node:fs/promises';
import type { Route } from '@opsboard/shared/routes/schema';
import type { Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../server/src/platform/ids.ts';
import { app, browser, oneApp, world } from '../support/one-app.ts';
import { accessibilityFindings, cardOf, live, openPage } from '../support/page.ts';
import { readRoute } from '../support/phone.ts';
import {
  batchReference,
  dialog,
  openRoutePage,
  placeOnLine,
  plannedRoute,
  sealedBatch,
  stopRow,
  stopsIn,
  today,
  view,
} from '../support/route-desk.ts';
import { until } from '../support/until.ts';

oneApp({ world: 'Road', webs: 2 });
beforeAll(() => placeOnLine(world));

const sealed = (center: string): Promise<string> => sealedBatch(world, center);
const referenceOf = (batch: string): Promise<string> => batchReference(world, batch);
const routeOf = (id: string): Promise<Route> => readRoute(world, id);
const planned = () => plannedRoute(world);
const openRoute = async (person: 'ops' | 'admin', id: string, web = 0) =>
  openRoutePage(browser, await world.as(person, app.webs[web]!.url), id);
const handle = (page: Page, id: string): Locator => stopRow(page, id).locator('[data-handle]');
const orderOf = (page: Page): Promise<string[]> =>
  stopsIn(page).evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset['stop'] ?? ''));
const ordered = (page: Page, order: string[]): Promise<unknown> =>
  until(`the stops stand as ${order.join()}`, async () => (await orderOf(page)).join() === order.join());

/** Drags a stop to the upper half of another. */
async function dragBefore(page: Page, id: string, before: string): Promise<void> {
  await handle(page, id).dragTo(stopRow(page, before), { targetPosition: { x: 60, y: 4 } });
}

describe('by mouse', () => {
  it('a route is proposed from batches, accepted, and on every desk; its driver has not seen it yet', async () => {
    const [far, near] = [await sealed(world.centers.far), await sealed(world.centers.near)];
    const references = await Promise.all([far, near].map(referenceOf));
    await using ops = await openPage(browser, await world.as('ops'), '/operations/routes');
    await using other = await openPage(browser, await world.as('admin', app.webs[1]!.url), '/operations/routes');
    const { page } = ops;
    await Promise.all([live(page), live(other.page)]);
    await page.getByText('No routes today').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'New route' }).click();
    // The far one first: the proposal drives to the near one before.
    for (const id of [far, near]) await page.locator(`[data-pick="${id}"]`).click();
    await page.getByText('Proposed by distance and windows').waitFor();
    await page.getByText('3 stops').waitFor();
    const names = await stopsIn(page).allInnerTexts();
    expect(names.map((text) => /Road \w+/.exec(text)?.[0])).toEqual(['Road North', 'Road Near', 'Road Far']);
    await page.getByLabel('Vehicle').fill('Van 3');
    await page.getByRole('radio', { name: /driver1/ }).check();
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Plan the route' }).click();
    await view(page).waitFor();
    for (const reference of references) await view(page).getByText(reference).first().waitFor();
    await view(page).getByText('has not seen the route yet').waitFor();

    const row = other.page.getByRole('link', { name: /Road driver1/ });
    await row.waitFor();
    expect(await row.innerText()).toContain('0 of 3 stops');
    expect(await row.innerText()).toContain('Not seen yet');
    const id = new URL(page.url()).searchParams.get('route')!;
    const route = await routeOf(id);
    expect(route).toMatchObject({ vehicle: 'Van 3', day: today, driver: world.people.driver1.id, status: 'planned' });
    expect(route.order.every((stop) => route.stops[stop]!.plannedAt !== undefined)).toBe(true);
    // What is on a route is not offered again.
    await page.getByRole('button', { name: 'New route' }).click();
    await page.getByText('Batches without a route').waitFor();
    expect(await page.locator(`[data-pick="${far}"]`).count()).toBe(0);
    expect([...ops.complaints, ...other.complaints]).toEqual([]);
  });

  it('stops are dragged into another order, back again by undo, and never before what has to come first', async () => {
    const { id, home, first, second } = await planned();
    await using ops = await openRoute('ops', id);
    await using other = await openRoute('admin', id, 1);
    const { page } = ops;
    await dragBefore(page, second, first);
    await Promise.all([ordered(page, [home, second, first]), ordered(other.page, [home, second, first])]);
    await page.getByRole('button', { name: /^Undo/ }).first().click();
    await Promise.all([ordered(page, [home, first, second]), ordered(other.page, [home, first, second])]);
    // Nothing is handed over before it was picked up.
    await dragBefore(page, second, home);
    await ordered(page, [home, first, second]);
    expect((await routeOf(id)).order).toEqual([home, first, second]);
    expect([...ops.complaints, ...other.complaints]).toEqual([]);
  });

  it('while the driver drives: what was reached stays, the rest is planned anew, and another driver takes it', async () => {
    const { id, home, first, second, reference } = await planned();
    const driver = await world.as('driver1');
    await using ops = await openRoute('ops', id);
    const { page } = ops;
    await driver.mustCommand('route.acknowledge', { id, plan: (await routeOf(id)).plan });
    await view(page).getByText('Seen by the driver').waitFor();
    await driver.mustCommand('route.start', { id });
    await driver.mustCommand('route.arrive', { id, stop: home });
    await stopRow(page, home).getByText('There now').waitFor();
    await stopRow(page, home).getByText('Arrived').waitFor();
    expect(await handle(page, home).getAttribute('aria-disabled')).toBe('true');
    await dragBefore(page, second, home);
    await ordered(page, [home, second, first]);
    await view(page).getByText('has not seen the change yet').waitFor();

    await page.getByRole('button', { name: 'Another driver' }).click();
    await dialog(page)
      .getByRole('radio', { name: /driver2/ })
      .check();
    expect(await accessibilityFindings(page)).toEqual([]);
    await dialog(page).getByRole('button', { name: 'Give it to Road driver2' }).click();
    await page.getByText(`Road driver2 drives ${reference}`).first().waitFor();
    await until('it is stored', async () => (await routeOf(id)).driver === world.people.driver2.id);

    // A stop gets a window and a note.
    await stopRow(page, first)
      .getByRole('button', { name: /^More for stop/ })
      .click();
    await page.getByRole('menuitem', { name: /^Window and note/ }).click();
    await dialog(page).getByLabel('Note for the driver').fill('Ring twice');
    await dialog(page).getByLabel('Not after').fill('23:58');
    await dialog(page).getByRole('button', { name: 'Save the stop' }).click();
    await stopRow(page, first).getByText('Ring twice').waitFor();
    await stopRow(page, first).getByText('by 23:58').waitFor();
    // A stop is taken off, and what was for it only.
    await stopRow(page, first)
      .getByRole('button', { name: /^More for stop/ })
      .click();
    await page.getByRole('menuitem', { name: 'Take the stop off' }).click();
    await page
      .getByText(/is not bound|is off/)
      .first()
      .waitFor();
    expect(ops.complaints).toEqual([]);
  });

  it('a problem is flagged on the route, its stop, the batch and the board, until a desk settles it', async () => {
    const { id, home, first, second, near, reference } = await planned();
    const driver = await world.as('driver1');
    await using ops = await openRoute('ops', id);
    await using board = await openPage(browser, await world.as('admin', app.webs[1]!.url), '/operations/board');
    const { page } = ops;
    await live(board.page);
    await driver.mustCommand('route.start', { id });
    await driver.mustCommand('route.report', {
      id,
      problem: newId(),
      reason: 'nobody_there',
      stop: first,
      text: 'The gate is shut.',
    });
    await stopRow(page, first).getByText('The gate is shut.').waitFor();
    await page.getByRole('link', { name: new RegExp(`${reference}.*1 problem`, 's') }).waitFor();
    await cardOf(board.page, near).getByText(`Problem on ${reference}: Nobody there`).waitFor({ state: 'attached' });
    expect(await accessibilityFindings(page)).toEqual([]);

    await using batch = await openPage(browser, await world.as('ops'), `/operations/batches/${near}`);
    await batch.page.getByRole('link', { name: `On ${reference}, stop 1` }).waitFor();
    await batch.page.getByText(`Problem on ${reference}: Nobody there`).waitFor();

    await stopRow(page, first)
      .getByRole('button', { name: /^Settle/ })
      .click();
    await dialog(page).getByRole('button', { name: 'Called the customer' }).click();
    await dialog(page).getByRole('button', { name: 'It is settled' }).click();
    await stopRow(page, first).getByText('The gate is shut.').waitFor({ state: 'detached' });
    await cardOf(board.page, near).getByText(`Problem on ${reference}`).waitFor({ state: 'detached' });

    // A count that differs goes on with a reason, and is seen here and on the card.
    await driver.mustCommand('route.pickUp', { id, stop: home, batch: near, count: 0, reason: 'One box was empty' });
    await stopRow(page, home).getByText('One box was empty').waitFor();
    await cardOf(board.page, near).getByText(`Not as expected on ${reference}`).waitFor({ state: 'attached' });
    expect([...ops.complaints, ...board.complaints, ...batch.complaints]).toEqual([]);
    for (const stop of [home, first, second])
      await world.admin.mustCommand('route.skip', { id, stop, reason: 'End of the day' });
  });
});

describe('by keyboard alone', () => {
  it('a route is planned, its stops are ordered, and it is cancelled', async () => {
    const [far, near] = [await sealed(world.centers.far), await sealed(world.centers.near)];
    await using ops = await openPage(browser, await world.as('ops'), '/operations/routes?new=1&day=2030-03-04');
    const { page } = ops;
    await live(page);
    for (const id of [far, near]) {
      await page.locator(`[data-pick="${id}"] input`).focus();
      await page.keyboard.press('Space');
    }
    await page.getByText('3 stops').waitFor();
    await page.getByRole('radio', { name: 'Nobody yet' }).focus();
    await page.keyboard.press('ArrowDown');
    expect(await page.getByRole('radio', { name: /driver1/ }).isChecked()).toBe(true);

    // The proposal, before it is accepted: the last stop becomes the second.
    const [home, first, second] = await orderOf(page);
    await handle(page, second!).focus();
    await page.keyboard.press('m');
    await page.keyboard.press('ArrowUp');
    await ordered(page, [home!, second!, first!]);
    await page.keyboard.press('ArrowUp');
    await stopRow(page, second!).getByText('picked up first').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByText('In your order.').waitFor();
    await page.getByRole('button', { name: 'Plan the route' }).focus();
    await page.keyboard.press('Enter');
    await view(page).waitFor();

    const ids = await orderOf(page);
    await handle(page, ids[2]!).focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Escape');
    await ordered(page, ids);
    await page.keyboard.press('m');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await ordered(page, [ids[0]!, ids[2]!, ids[1]!]);
    const id = new URL(page.url()).searchParams.get('route')!;
    await until('it is stored', async () => (await routeOf(id)).order.join() === [ids[0], ids[2], ids[1]].join());
    // The focus stayed with the stop that was moved.
    await until('the focus is on it', () => handle(page, ids[2]!).evaluate((own) => own === document.activeElement));
    expect(await page.locator('[aria-live]').allTextContents()).not.toEqual([]);

    await page.getByRole('button', { name: /^More for R-/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Cancel the route' }).focus();
    await page.keyboard.press('Enter');
    await dialog(page).getByRole('textbox').waitFor();
    await dialog(page).getByRole('textbox').focus();
    await page.keyboard.type('Planned twice');
    await page.keyboard.press('Enter');
    await view(page).getByText('Cancelled').waitFor();
    await until('it is stored', async () => (await routeOf(id)).status === 'cancelled');
    expect(ops.complaints).toEqual([]);
  });
});

describe('two desks', () => {
  it('who is overtaken is told, sees the route as it is now, and may still do it', async () => {
    const { id, home, first, second, reference } = await planned();
    await using ops = await openRoute('ops', id);
    const { page } = ops;
    await page.getByRole('button', { name: 'Another driver' }).click();
    await dialog(page)
      .getByRole('radio', { name: /driver2/ })
      .check();
    const { order, stops, plan } = await routeOf(id);
    const [one, two, three] = order.map((stop) => ({ id: stop, ...stops[stop]! }));
    await world.admin.mustCommand('route.plan', { id, plan, stops: [one!, three!, two!] });
    await ordered(page, [home, second, first]);
    await dialog(page)
      .getByRole('button', { name: /^Give it to/ })
      .click();
    await dialog(page).getByText('Somebody else has changed the route meanwhile').waitFor();
    await dialog(page)
      .getByRole('button', { name: /^Give it to/ })
      .click();
    await page.getByText(`Road driver2 drives ${reference}`).first().waitFor();
    expect(ops.complaints).toEqual([]);
  });
});

describe('a day as a table', () => {
  it('is exported with one key, as it is shown', async () => {
    const { id, reference } = await planned();
    await using ops = await openRoute('ops', id);
    const { page } = ops;
    const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('e')]);
    expect(file.suggestedFilename()).toBe(`routes-${today}.csv`);
    const shown = await page.locator('.list a').filter({ hasText: /R-\d+/ }).count();
    await page.getByText(`${shown} ${shown === 1 ? 'route' : 'routes'} exported`, { exact: true }).waitFor();
    expect(await readFile(await file.path(), 'utf8')).toContain(reference);
    expect(ops.complaints).toEqual([]);
  });
});

describe('who looks on', () => {
  it('a manager reads and is offered nothing; a phone shows the list, then the route', async () => {
    const { id, reference, first } = await planned();
    await using manager = await openPage(browser, await world.as('manager'), `/operations/routes?route=${id}`, {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    });
    const { page } = manager;
    await live(page);
    await stopRow(page, first).waitFor();
    expect(await page.getByRole('button', { name: /New route|Another driver|Add batches|^More for/ }).count()).toBe(0);
    expect(await accessibilityFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await page.getByRole('link', { name: /^Today/ }).click();
    await page.getByRole('link', { name: new RegExp(reference) }).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'The day after' }).click();
    await page.getByText('No routes tomorrow').waitFor();
    await page.goBack();
    await page.getByRole('link', { name: new RegExp(reference) }).click();
    await stopRow(page, first).waitFor();
    expect(await page.title()).toContain(reference);
    expect(manager.complaints).toEqual([]);
  });
});
