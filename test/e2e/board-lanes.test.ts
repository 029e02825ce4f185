/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { app, browser, oneApp, world } from '../support/one-app.ts';
import { accessibilityFindings, cardIn, cardOf, columnOf, drag, inReach, live, openPage } from '../support/page.ts';
import { until } from '../support/until.ts';
import type { World } from '../support/world.ts';

const hour = 3_600_000;
oneApp({ webs: 2 });

const sealed = async (fields: Parameters<World['batch']>[0] = {}): Promise<string> => {
  const id = await world.batch(fields);
  await world.admin.mustCommand('batch.seal', { id, count: 1 });
  return id;
};
const laneNames = (page: Page): Promise<string[]> =>
  page.locator('[data-lane]').evaluateAll((lanes) => lanes.map((lane) => lane.getAttribute('aria-label') ?? ''));
const cell = (page: Page, lane: string, status: string) =>
  page.locator(`[data-cell="${status}"][data-cell-lane="${lane}"]`);
const cardInCell = (page: Page, id: string, lane: string, status: string) =>
  cell(page, lane, status).locator(`[data-card="${id}"]`).waitFor();
const batchOf = async (id: string) =>
  (await world.admin.get<{ batch: { status: string; driver?: string; rev: number } }>(`/api/batches/${id}`)).body.batch;
/** Where a card is drawn, to the pixel. */
const boxOf = (page: Page, id: string) => cardOf(page, id).boundingBox();

describe('lanes', () => {
  it('are chosen in the tool bar, are in the address, and open from a link: by each field', async () => {
    const { near, far } = world.centers;
    await sealed({ center: near, driver: world.people.driver1.id });
    await sealed({ center: far, customer: world.customers.slow, branch: world.branches.south });
    await using ops = await openPage(browser, await world.as('ops'), '/operations/board');
    const { page } = ops;
    await live(page);
    const expected = {
      Center: [' Far', ' Near'],
      Customer: [' Fast', ' Slow'],
      Driver: ['No driver', ' driver1'],
      Branch: [' North', ' South'],
      SLA: ['On track'],
    };
    for (const [label, names] of Object.entries(expected)) {
      await page.getByRole('button', { name: label, exact: true }).last().click();
      await page.locator('[data-lane]').first().waitFor();
      await until(`lanes by ${label}`, async () => {
        const shown = await laneNames(page);
        return shown.length === names.length && names.every((name) => shown.some((lane) => lane.endsWith(name)));
      });
      expect(page.url()).toContain(`lanes=${label.toLowerCase()}`);
    }
    await page.goto(`${app.url}/operations/board?lanes=center`);
    await page.locator(`[data-lane="${near}"]`).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'None', exact: true }).click();
    await columnOf(page, 'sealed').waitFor();
    expect(page.url()).not.toContain('lanes=');
    expect(ops.complaints).toEqual([]);
  });

  it('a drag within a lane is the step, on every screen; into another center’s lane it is refused, and said before', async () => {
    const { near, far } = world.centers;
    await sealed({ center: far });
    const id = await sealed({ center: near, driver: world.people.driver1.id, dueAt: Date.now() + hour });
    await using one = await openPage(
      browser,
      await world.as('ops', app.webs[0]!.url),
      '/operations/board?lanes=center',
    );
    await using other = await openPage(
      browser,
      await world.as('admin', app.webs[1]!.url),
      '/operations/board?lanes=center',
    );
    await Promise.all([live(one.page), live(other.page), cardInCell(other.page, id, near, 'sealed')]);

    await inReach(cardOf(one.page, id));
    await one.page.mouse.down();
    const to = (await cell(one.page, far, 'in_transit_to_center').boundingBox())!;
    await one.page.mouse.move(to.x + 60, to.y + 20, { steps: 8 });
    await one.page.mouse.move(to.x + 40, to.y + 40, { steps: 4 });
    await one.page.locator('[data-head="in_transit_to_center"]').getByText('Belongs to').waitFor();
    await one.page.mouse.up();
    await cardInCell(one.page, id, near, 'sealed');

    await drag(cardOf(one.page, id), cell(one.page, near, 'in_transit_to_center'));
    await cardInCell(other.page, id, near, 'in_transit_to_center');
    expect((await batchOf(id)).status).toBe('in_transit_to_center');
    expect([...one.complaints, ...other.complaints]).toEqual([]);
  });

  it('by driver: a drop gives the batch to another driver, by mouse and by keyboard alone', async () => {
    const { driver1, driver2 } = world.people;
    const [id, second] = [
      await sealed({ driver: driver1.id, dueAt: Date.now() + hour }),
      await sealed({ driver: driver2.id, dueAt: Date.now() + hour }),
    ];
    await using ops = await openPage(browser, await world.as('ops'), '/operations/board?lanes=driver');
    const { page } = ops;
    await live(page);
    await cardInCell(page, id, driver1.id, 'sealed');
    await drag(cardOf(page, id), cell(page, driver2.id, 'sealed'));
    await cardInCell(page, id, driver2.id, 'sealed');
    await until('it is stored', async () => (await batchOf(id)).driver === driver2.id);

    // By keyboard: pick up, go to the other lane, put down.
    const lanes = await page
      .locator('[data-lane]')
      .evaluateAll((all) => all.map((lane) => (lane as HTMLElement).dataset['lane']!));
    const steps = lanes.indexOf(driver1.id) - lanes.indexOf(driver2.id);
    await cardOf(page, second).focus();
    await page.keyboard.press('m');
    for (let i = 0; i < Math.abs(steps); i++) await page.keyboard.press(steps < 0 ? 'ArrowUp' : 'ArrowDown');
    await page.keyboard.press('Enter');
    await cardInCell(page, second, driver1.id, 'sealed');
    await until('it is stored', async () => (await batchOf(second)).driver === driver1.id);
    // And the step, in the lane: the focus goes with the card.
    await until('the focus is on the card', () =>
      page.evaluate((card) => document.activeElement?.getAttribute('data-card') === card, second),
    );
    await page.keyboard.press('m');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await cardInCell(page, second, driver1.id, 'in_transit_to_center');
    expect(ops.complaints).toEqual([]);
  });

  it('what a cell has no room for is unfolded with the keyboard, and folded again', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 7; i++) {
      ids.push(
        await world.batch({
          center: world.centers.far,
          customer: world.customers.slow,
          dueAt: Date.now() + (10 + i) * 60_000,
        }),
      );
    }
    await using ops = await openPage(browser, await world.as('ops'), '/operations/board?lanes=customer');
    const { page } = ops;
    await live(page);
    const { slow } = world.customers;
    await cardInCell(page, ids[2]!, slow, 'draft');
    expect(await cell(page, slow, 'draft').locator('[data-card]').count()).toBe(3);
    await cardOf(page, ids[2]!).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await cardInCell(page, ids[6]!, slow, 'draft');
    await until('the focus is on the next card', () =>
      page.evaluate((card) => document.activeElement?.getAttribute('data-card') === card, ids[3]!),
    );
    await page.getByRole('button', { name: 'Show fewer' }).click();
    await cardOf(page, ids[6]!).waitFor({ state: 'detached' });
    expect(ops.complaints).toEqual([]);
  });
});

describe('cards', () => {
  it('are compact or comfortable, remembered in the browser and in the address', async () => {
    const id = await world.batch({ dueAt: Date.now() + 30 * 60_000 });
    await using ops = await openPage(browser, await world.as('ops'), '/operations/board');
    const { page } = ops;
    await live(page);
    const comfortable = (await boxOf(page, id))!.height;
    await page.getByRole('button', { name: 'Compact' }).focus();
    await page.keyboard.press('Enter');
    await until('cards are lower', async () => ((await boxOf(page, id))?.height ?? comfortable) < comfortable / 2);
    expect(page.url()).toContain('density=compact');
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.goto(`${app.url}/operations/board`);
    await cardOf(page, id).waitFor();
    expect((await boxOf(page, id))!.height).toBeLessThan(comfortable / 2);
    await page.goto(`${app.url}/operations/board?density=comfortable`);
    await cardOf(page, id).waitFor();
    expect((await boxOf(page, id))!.height).toBe(comfortable);
    expect(ops.complaints).toEqual([]);
  });
});

describe('a limit', () => {
  it('is set by keyboard, seen and passed live in another browser, warned of before a drop, and taken away', async () => {
    const id = await sealed({ driver: world.people.driver1.id, dueAt: Date.now() + 20 * 60_000 });
    await using ops = await openPage(browser, await world.as('ops', app.webs[0]!.url), '/operations/board');
    await using team = await openPage(browser, await world.as('team', app.webs[1]!.url), '/operations/board');
    await Promise.all([live(ops.page), live(team.page)]);
    const onTheWay = columnOf(team.page, 'in_transit_to_center');
    const now = Number(/, (\d+) batch/.exec((await onTheWay.getAttribute('aria-label')) ?? '')?.[1]);
    expect(now).toBeGreaterThan(0);

    await ops.page.getByRole('button', { name: 'Set a limit for In transit to center' }).focus();
    await ops.page.keyboard.press('Enter');
    await ops.page.getByRole('dialog').getByRole('textbox').waitFor();
    await ops.page.keyboard.type('none at all');
    await ops.page.keyboard.press('Enter');
    await ops.page.getByText('A limit is a whole number').waitFor();
    expect(await accessibilityFindings(ops.page)).toEqual([]);
    await ops.page.keyboard.press('Control+a');
    await ops.page.keyboard.type(String(now));
    await ops.page.keyboard.press('Enter');
    await onTheWay.getByText(`limit ${now}`, { exact: true }).waitFor();
    // Who may not change it has no button for it.
    expect(await onTheWay.getByRole('button', { name: /limit/ }).count()).toBe(0);

    // It warns and does not stop.
    await cardOf(ops.page, id).focus();
    await ops.page.keyboard.press('m');
    await ops.page.keyboard.press('ArrowRight');
    await columnOf(ops.page, 'in_transit_to_center').getByText('1 over the limit').waitFor();
    await ops.page.keyboard.press('Enter');
    await onTheWay.getByText(`limit ${now}, 1 over`).waitFor();

    await ops.page.getByRole('button', { name: /In transit to center: limit/ }).click();
    await ops.page.getByRole('button', { name: 'Remove' }).click();
    await onTheWay.getByText('limit').waitFor({ state: 'detached' });
    expect([...ops.complaints, ...team.complaints]).toEqual([]);
  });
});

describe('nothing moves under the pointer', () => {
  it('in a column: what comes and what would move waits, what leaves leaves its place empty', async () => {
    const due = (minutes: number): number => Date.now() + minutes * 60_000;
    const [first, second, third] = [
      await world.batch({ dueAt: due(3) }),
      await world.batch({ dueAt: due(4) }),
      await world.batch({ dueAt: due(5) }),
    ];
    await using ops = await openPage(browser, await world.as('ops'), '/operations/board');
    const { page } = ops;
    await live(page);
    await cardIn(page, third, 'draft');
    await cardOf(page, third).hover();
    const before = await boxOf(page, third);

    // Above it: one comes, one leaves, one moves to the end.
    const come = await world.batch({ dueAt: due(2) });
    await world.admin.mustCommand('batch.seal', { id: first, count: 1 });
    await world.admin.mustCommand('batch.moveDueDate', {
      id: second,
      rev: (await batchOf(second)).rev,
      dueAt: due(9_000),
      reason: 'the center asked for it',
    });
    const chip = columnOf(page, 'draft').getByRole('button', { name: '1 new, 1 moved' });
    await chip.waitFor();
    await columnOf(page, 'draft').getByText('went to Sealed').waitFor();
    await cardIn(page, first, 'sealed');
    expect(await boxOf(page, third)).toEqual(before);
    expect(await cardOf(page, come).count()).toBe(0);
    // What changes in place shows at once.
    await world.admin.mustCommand('batch.addParts', { id: third, parts: ['HELD-1', 'HELD-2'] });
    await cardOf(page, third).getByText('3', { exact: false }).first().waitFor();
    expect(await boxOf(page, third)).toEqual(before);

    await chip.click();
    await cardIn(page, come, 'draft');
    await chip.waitFor({ state: 'detached' });

    // Held again, it lets go when the pointer leaves.
    const late = await world.batch({ dueAt: due(1) });
    await columnOf(page, 'draft').getByRole('button', { name: '1 new' }).waitFor();
    expect(await cardOf(page, late).count()).toBe(0);
    await page.mouse.move(700, 20, { steps: 3 });
    await cardIn(page, late, 'draft');
    expect(ops.complaints).toEqual([]);
  });

  it('in a lane: cards wait, lanes keep their order and height until they are ranked anew', async () => {
    const { near, far } = world.centers;
    await using ops = await openPage(browser, await world.as('ops'), '/operations/board?lanes=center');
    const { page } = ops;
    await live(page);
    await page.locator(`[data-lane="${near}"]`).waitFor();
    const order = await laneNames(page);
    const lanes = [near, far];
    const last = (await page.locator('[data-lane]').last().getAttribute('data-lane'))!;
    const card = cell(page, last, 'draft').locator('[data-card]').first();
    await card.hover();
    const before = await card.boundingBox();

    // The last lane becomes the worst, and another one fills.
    for (const center of [last, last, lanes.find((one) => one !== last)!]) {
      await world.batch({ center, dueAt: Date.now() + 1_200 });
    }
    await cell(page, last, 'draft').getByRole('button', { name: '2 new' }).waitFor();
    expect(await card.boundingBox()).toEqual(before);
    await page.getByRole('button', { name: 'Worst first' }).waitFor();
    expect(await laneNames(page)).toEqual(order);
    expect(await card.boundingBox()).toEqual(before);
    await page.getByRole('button', { name: 'Worst first' }).click();
    await until('the worst is on top', async () => (await laneNames(page))[0] === order.at(-1));
    expect(ops.complaints).toEqual([]);
  });
});

it('a phone shows one status, lane under lane', async () => {
  await using phone = await openPage(browser, await world.as('ops'), '/operations/board?lanes=customer', {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  const { page } = phone;
  await live(page);
  await page.getByRole('tab', { name: /Sealed/ }).tap();
  await page.locator('[data-lane] [data-card]').first().waitFor();
  await page
    .getByRole('button', { name: /^Move B-/ })
    .first()
    .waitFor();
  expect(await accessibilityFindings(page)).toEqual([]);
  expect(
    await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
  ).toBeLessThanOrEqual(0);
  expect(phone.complaints).toEqual([]);
});
