/// <reference lib="dom" />
import type { Organization } from '@opsboard/shared/organization/schema';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { browser, oneApp, world } from '../support/one-app.ts';
import { accessibilityFindings } from '../support/page.ts';
import { readRoute } from '../support/phone.ts';
import { batchReference, dialog, openRoutePage, plannedRoute, stopRow, view } from '../support/route-desk.ts';
import { until } from '../support/until.ts';

oneApp({ world: 'Road' });

describe('for a driver whose phone has died', () => {
  const choose = async (page: Page, menu: Locator, item: string): Promise<void> => {
    await menu.click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  const stopMenu = (page: Page, stop: string): Locator =>
    stopRow(page, stop).getByRole('button', { name: /^More for stop/ });
  /** What the form is about, once it is the one that is expected. */
  const chosen = (page: Page, words: RegExp): Promise<void> =>
    dialog(page).getByRole('radio', { name: words, checked: true }).waitFor();
  const wall = (at: number): string =>
    new Date(at).toLocaleString('sv-SE', { timeZone: 'Europe/Berlin' }).slice(0, 16).replace(' ', 'T');
  /** What the organization asks for as proof. */
  async function askFor(proof: Organization['proof'] & object): Promise<void> {
    const { organization } = (await world.admin.get<{ organization: Organization }>('/api/session')).body;
    await world.admin.mustCommand('organization.edit', { id: world.org, rev: organization.rev, proof });
  }

  it('by mouse: start, arrival, a count that differs, a hand-over, a stop that is skipped, and the end', async () => {
    const { id, home, first, second, near, far } = await plannedRoute(world);
    await using ops = await openRoutePage(browser, await world.as('ops'), id);
    const { page } = ops;
    const record = dialog(page).getByRole('button', { name: /^Record the/ });
    await choose(page, page.getByRole('button', { name: /^More for R-/ }), 'Record the start');
    await record.click();
    await stopRow(page, home).getByText('Next').waitFor();
    await choose(page, stopMenu(page, home), 'Record what was done');
    await chosen(page, /^Arrived/);
    expect(await accessibilityFindings(page)).toEqual([]);
    await record.click();
    await stopRow(page, home).getByText('There now').waitFor();
    // With work undone it cannot be left now.
    await chosen(page, /^Picked up/);
    await dialog(page).getByRole('radio', { name: /^Left/ }).check();
    await record.click();
    await dialog(page).getByText('there is still').waitFor();
    await dialog(page)
      .getByRole('radio', { name: new RegExp(await batchReference(world, near)) })
      .check();
    await dialog(page).getByLabel('Counted parts').fill('3');
    await record.click();
    await dialog(page)
      .getByText(/2 parts more than .* holds/)
      .waitFor();
    await dialog(page)
      .getByRole('textbox', { name: /^Reason/ })
      .fill('Two came along in the same box');
    await record.click();
    await stopRow(page, home).getByText('Two came along in the same box').waitFor();
    // Which ones there were, by name: the server compares, and says what is missing.
    await chosen(page, new RegExp(await batchReference(world, far)));
    await dialog(page).getByRole('button', { name: 'Name the parts' }).click();
    await dialog(page).getByLabel('The parts that were there').fill('STRANGER-1');
    await record.click();
    await dialog(page)
      .getByText(/missing; STRANGER-1 not on its list/)
      .waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await dialog(page).getByRole('button', { name: 'Count instead' }).click();
    await dialog(page).getByLabel('Counted parts').fill('1');
    await record.click();
    await chosen(page, /^Left/);
    await record.click();
    await dialog(page).waitFor({ state: 'detached' });
    await until('it has left', async () => (await readRoute(world, id)).stops[home]!.departed !== undefined);

    await choose(page, stopMenu(page, first), 'Record what was done');
    await dialog(page)
      .getByRole('radio', { name: /^Handed over/ })
      .check();
    await dialog(page).getByLabel('Counted parts').fill('1');
    await dialog(page).getByLabel('Received by').fill('Ana Ruiz');
    await record.click();
    await stopRow(page, first).getByText('Ana Ruiz').waitFor();
    await chosen(page, /^Left/);
    await dialog(page).getByRole('button', { name: 'Close' }).first().click();
    await choose(page, stopMenu(page, second), 'Skip the stop');
    await dialog(page).getByRole('button', { name: 'No time left' }).click();
    await dialog(page).getByRole('button', { name: 'Skip the stop' }).click();
    await stopRow(page, second).getByText('No time left').waitFor();
    await choose(page, page.getByRole('button', { name: /^More for R-/ }), 'Finish the route');
    await dialog(page).getByRole('button', { name: 'Finish the route' }).click();
    await view(page).getByText('Finished').waitFor();
    await until('it is stored', async () => (await readRoute(world, id)).status === 'finished');

    const { stops, receivers, startedAt } = await readRoute(world, id);
    expect(startedAt).toBeDefined();
    expect(stops[home]!.done![near]).toMatchObject({ by: world.people.ops.id, count: 3, expected: 1 });
    expect(stops[first]!.done![near]).toMatchObject({ what: 'hand_over', by: world.people.ops.id, count: 1 });
    expect(receivers).toEqual({ [`${first}/${near}`]: 'Ana Ruiz' });
    expect(ops.complaints).toEqual([]);
  });

  it('by keyboard, with the times at which it was done, and the reason why a signature is missing', async () => {
    const minute = 60_000;
    const started = (Math.floor(Date.now() / minute) - 50) * minute;
    const { id, home, first, near, far } = await plannedRoute(world, { doneAt: started });
    await world.admin.mustCommand('route.start', { id }, { doneAt: started });
    await askFor({ receiver: 'required', signature: 'required', photo: 'off' });
    await using ops = await openRoutePage(browser, await world.as('ops'), id);
    const { page } = ops;
    const { keyboard } = page;
    await stopMenu(page, home).focus();
    await keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Record what was done' }).focus();
    await keyboard.press('Enter');
    await chosen(page, /^Arrived/);
    const time = dialog(page).getByLabel(/^Done at/);
    await until('the time has the focus', () => time.evaluate((own) => own === document.activeElement));
    // Before the step before it, it cannot have been done.
    const typed = async (at: number): Promise<void> =>
      time.fill((await time.getAttribute('type')) === 'time' ? wall(at).slice(11) : wall(at));
    await typed(started - 20 * minute);
    await keyboard.press('Enter');
    await dialog(page).getByText('Give that time or a later one').waitFor();
    await typed(started + 10 * minute);
    await keyboard.press('Enter');
    const count = dialog(page).getByLabel('Counted parts');
    for (let i = 0; i < 2; i++) {
      await until('the count has the focus', () => count.evaluate((own) => own === document.activeElement));
      await keyboard.type('1');
      await keyboard.press('Enter');
      await until(
        'it is picked up',
        async () => Object.keys((await readRoute(world, id)).stops[home]!.done ?? {}).length > i,
      );
    }
    await chosen(page, /^Left/);
    await keyboard.press('Enter');
    await dialog(page).waitFor({ state: 'detached' });
    await until('it has left', async () => (await readRoute(world, id)).stops[home]!.departed !== undefined);

    await stopMenu(page, first).focus();
    await keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Record what was done' }).focus();
    await keyboard.press('Enter');
    await chosen(page, /^Arrived/);
    await dialog(page)
      .getByRole('radio', { name: /^Arrived/ })
      .focus();
    await keyboard.press('ArrowDown');
    await chosen(page, /^Handed over/);
    await count.focus();
    await keyboard.type('1');
    await keyboard.press('Enter');
    await dialog(page)
      .getByText(/This needs the name of who received it/)
      .waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await dialog(page).getByLabel('Received by').focus();
    await keyboard.type('Ana Ruiz');
    await keyboard.press('Enter');
    await dialog(page).getByText('This needs their signature. Say why it is missing.').waitFor();
    const reason = dialog(page).getByRole('textbox', { name: /^Reason/ });
    await until('the reason has the focus', () => reason.evaluate((own) => own === document.activeElement));
    await keyboard.type('The phone died');
    await keyboard.press('Enter');
    await chosen(page, /^Left/);
    await keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    const handed = () => readRoute(world, id).then(({ stops }) => stops[first]!.done?.[near]);
    await until('it is handed over', async () => (await handed()) !== undefined);
    expect(await handed()).toMatchObject({ why: 'The phone died', by: world.people.ops.id });
    const { stops } = await readRoute(world, id);
    expect(
      [stops[home]!.arrived, ...[near, far].map((batch) => stops[home]!.done![batch])].map((step) => step!.at),
    ).toEqual(Array.from({ length: 3 }, () => started + 10 * minute));
    // The next dialog begins with now again.
    expect(stops[first]!.done![near]!.at).toBeGreaterThan(started + 40 * minute);
    expect(ops.complaints).toEqual([]);
    await askFor({ receiver: 'optional', signature: 'optional', photo: 'off' });
    for (const stop of [first, Object.keys(stops).at(-1)!])
      await world.admin.command('route.skip', { id, stop, reason: 'End of the day' });
  });
});
