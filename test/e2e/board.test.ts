import { describe, expect, it } from 'vitest';
import { app, browser, oneApp, world } from '../support/one-app.ts';
import { cardIn, cardOf, columnOf, drag, live, openPage } from '../support/page.ts';
import { until } from '../support/until.ts';

oneApp({ webs: 2 });

const statusNow = async (id: string): Promise<string> =>
  (await world.admin.get<{ batch: { status: string } }>(`/api/batches/${id}`)).body.batch.status;

describe('the board in two browsers, each on its own process', () => {
  it('a drag in one shows in the other; a drop that needs a count opens its form', async () => {
    const id = await world.batch({ driver: world.people.driver1.id });
    await using one = await openPage(browser, await world.as('ops', app.webs[0]!.url), '/operations/board');
    await using other = await openPage(browser, await world.as('admin', app.webs[1]!.url), '/operations/board');
    await Promise.all([live(one.page), live(other.page), cardIn(other.page, id, 'draft')]);

    await drag(cardOf(one.page, id), columnOf(one.page, 'sealed'));
    const form = one.page.getByRole('dialog');
    await form.waitFor();
    await form.getByRole('spinbutton').fill('2');
    await form.getByRole('button', { name: 'Seal' }).click();
    await form.getByText('more than the batch holds').waitFor();
    await form.getByRole('spinbutton').fill('1');
    await form.getByRole('button', { name: 'Seal' }).click();
    await Promise.all([cardIn(one.page, id, 'sealed'), cardIn(other.page, id, 'sealed')]);

    await drag(cardOf(one.page, id), columnOf(one.page, 'in_transit_to_center'));
    await cardIn(other.page, id, 'in_transit_to_center');
    await until('it is stored', async () => (await statusNow(id)) === 'in_transit_to_center');
    expect([...one.complaints, ...other.complaints]).toEqual([]);
  });

  it('an illegal drop goes back, with the reason and the legal step', async () => {
    const id = await world.batch();
    await using ops = await openPage(browser, await world.as('ops'), '/operations/board');
    await live(ops.page);
    await drag(cardOf(ops.page, id), columnOf(ops.page, 'at_center'));
    await ops.page.getByText('A batch moves one step at a time', { exact: false }).first().waitFor();
    await cardIn(ops.page, id, 'draft');
    expect(await statusNow(id)).toBe('draft');
  });

  it('moves by keyboard alone: pick up, choose the column, drop; Escape puts it back', async () => {
    const id = await world.batch({ driver: world.people.driver2.id });
    await world.admin.mustCommand('batch.seal', { id, count: 1 });
    await using ops = await openPage(browser, await world.as('ops'), '/operations/board');
    const { page } = ops;
    await live(page);
    await cardOf(page, id).focus();
    await page.keyboard.press('m');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Escape');
    await cardIn(page, id, 'sealed');
    await cardOf(page, id).focus();
    await page.keyboard.press('m');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await cardIn(page, id, 'in_transit_to_center');
    await until('it is stored', async () => (await statusNow(id)) === 'in_transit_to_center');
    expect(await page.locator('[aria-live]').allTextContents()).not.toEqual([]);
    expect(ops.complaints).toEqual([]);
  });

  it('a move is undone from its message', async () => {
    const id = await world.batch({ driver: world.people.driver1.id });
    await world.admin.mustCommand('batch.seal', { id, count: 1 });
    await using ops = await openPage(browser, await world.as('ops'), '/operations/board');
    await live(ops.page);
    await drag(cardOf(ops.page, id), columnOf(ops.page, 'in_transit_to_center'));
    await cardIn(ops.page, id, 'in_transit_to_center');
    await ops.page.getByRole('button', { name: /^Undo/ }).first().click();
    await cardIn(ops.page, id, 'sealed');
    await until('it is stored', async () => (await statusNow(id)) === 'sealed');
  });

  it('a person who may not move sees no way to, and the board follows all the same', async () => {
    const id = await world.batch();
    await using manager = await openPage(browser, await world.as('manager'), '/operations/board');
    await live(manager.page);
    await cardIn(manager.page, id, 'draft');
    expect(await manager.page.getByRole('button', { name: /New batch/ }).count()).toBe(0);
    await drag(cardOf(manager.page, id), columnOf(manager.page, 'sealed'));
    await manager.page.keyboard.press('n');
    expect(await manager.page.getByRole('dialog').count()).toBe(0);
    await cardIn(manager.page, id, 'draft');
    // Under the pointer, what comes would wait.
    await manager.page.mouse.move(700, 20);
    await world.admin.mustCommand('batch.seal', { id, count: 1 });
    await cardIn(manager.page, id, 'sealed');
    expect(manager.complaints).toEqual([]);
  });

  it('a person limited to a branch sees a batch come into view and leave it', async () => {
    const id = await world.batch({ branch: world.branches.north });
    await using south = await openPage(browser, await world.as('southTeam'), '/operations/board');
    await live(south.page);
    expect(await cardOf(south.page, id).count()).toBe(0);
    await world.admin.mustCommand('batch.edit', { id, rev: 1, branch: world.branches.south });
    await cardIn(south.page, id, 'draft');
    await world.admin.mustCommand('batch.edit', { id, rev: 2, branch: world.branches.north });
    await cardOf(south.page, id).waitFor({ state: 'detached' });
  });
});

describe('a new batch', () => {
  it('is created with the keyboard, its date proposed from the contract, and is on every board', async () => {
    await using ops = await openPage(browser, await world.as('ops'), '/operations/board');
    await using other = await openPage(browser, await world.as('admin'), '/operations/board');
    const { page } = ops;
    await Promise.all([live(page), live(other.page)]);
    const before = await columnOf(other.page, 'draft').locator('[data-card]').count();
    await page.keyboard.press('n');
    const form = page.getByRole('dialog');
    await form.waitFor();
    const choose = async (label: RegExp, text: string): Promise<void> => {
      await form.getByLabel(label).first().focus();
      await page.keyboard.type(text);
      await page.getByRole('option').first().waitFor();
      await page.keyboard.press('Enter');
    };
    await choose(/^Customer/, 'Slow');
    await choose(/^Service center/, 'Near');
    await choose(/^Branch/, 'North');
    await form.getByLabel(/^Parts/).focus();
    await page.keyboard.type('E2E-1\nE2E-2\nE2E-2');
    await form.getByText('2 parts').first().waitFor();
    await form.getByRole('button', { name: /^Create/ }).focus();
    await page.keyboard.press('Enter');
    await form.waitFor({ state: 'detached' });
    await until(
      'it is on the other board',
      async () => (await columnOf(other.page, 'draft').locator('[data-card]').count()) === before + 1,
    );
    const { body } = await world.admin.get<{ batches: { dueAt: number; createdAt: number; partCount: number }[] }>(
      '/api/batches?part=E2E-1',
    );
    expect(body.batches).toHaveLength(1);
    expect(body.batches[0]!.partCount).toBe(2);
    // The form shows minutes, so the seconds may go.
    expect(Math.abs(body.batches[0]!.dueAt - body.batches[0]!.createdAt - 72 * 3_600_000)).toBeLessThan(120_000);
    expect(ops.complaints).toEqual([]);
  });
});
