import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { newId } from '../../server/src/platform/ids.ts';
import { browser, oneApp, world } from '../support/one-app.ts';
import { accessibilityFindings, live, openPage, tabTo } from '../support/page.ts';
import { until } from '../support/until.ts';

oneApp({ world: 'Keys' });

type Listed = { id: string; name: string; rev: number; [field: string]: unknown };
const list = async (plural: string): Promise<Listed[]> =>
  (await world.admin.get<{ [plural: string]: Listed[] }>(`/api/${plural}?archived=true`)).body[plural]!;
const named = async (plural: string, name: string): Promise<Listed | undefined> =>
  (await list(plural)).find((each) => each.name === name);
const form = (page: Page) => page.getByRole('dialog');
/** Waits until no form is open. */
const closed = (page: Page) => form(page).waitFor({ state: 'detached' });

describe('the directory, by keyboard alone', () => {
  it('a service center with hours, holidays and a position', async () => {
    await using open = await openPage(browser, await world.as('admin'), '/settings/centers');
    const { page } = open;
    await live(page);
    await tabTo(page, page.getByRole('button', { name: 'New service center' }));
    await page.keyboard.press('Enter');
    await form(page).getByLabel('Name', { exact: true }).waitFor();
    const type = async (label: string | RegExp, text: string): Promise<void> => {
      await tabTo(page, form(page).getByLabel(label).first());
      await page.keyboard.type(text);
    };
    await type('Name', 'Harbour Repair');
    await type('Phone', '+49 40 123');
    await type('Latitude', '91');
    await type('Longitude', '9.993');
    await type('Time zone', 'Europe/Berlin');
    const known = form(page).getByLabel('The opening hours are known');
    await tabTo(page, known);
    // The list of time zones that typing opened may take the first key to close.
    await until('the hours are to be filled in', async () => {
      if (!(await known.isChecked())) await page.keyboard.press('Space');
      return known.isChecked();
    });
    await tabTo(page, form(page).getByLabel('Friday, closes'));
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type('15');
    await tabTo(page, form(page).getByRole('button', { name: 'Add a holiday' }));
    await page.keyboard.press('Enter');
    await tabTo(page, form(page).getByLabel('Day of holiday 1'));
    await page.keyboard.type('12252026');
    await type('Name of holiday 1', 'Christmas Day');
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await form(page).getByText('Latitude is a number from -90 to 90').waitFor();
    await until('the field has the focus', () =>
      page.evaluate('document.activeElement?.getAttribute("aria-label") === "Latitude"'),
    );
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type('53.551');
    await page.keyboard.press('Enter');
    await closed(page);
    expect(await named('centers', 'Harbour Repair')).toMatchObject({
      position: [9.993, 53.551],
      timeZone: 'Europe/Berlin',
      hours: { mon: [480, 1020], fri: [480, 900] },
      holidays: [{ date: '2026-12-25', name: 'Christmas Day' }],
    });
    // To the list, down to it, and open it again.
    await tabTo(page, page.getByLabel('Search service centers'));
    await page.keyboard.type('harbour rep');
    await until('one is found', async () => (await page.locator('[data-row]').count()) === 1);
    await page.keyboard.press('ArrowDown');
    await until('the row has the focus', () => page.evaluate('document.activeElement?.hasAttribute("data-row")'));
    await page.keyboard.press('Enter');
    await form(page).getByLabel('Friday, closes').waitFor();
    expect(await form(page).getByLabel('Friday, closes').inputValue()).toBe('15:00');
    await page.keyboard.press('Escape');
    await closed(page);
    expect(open.complaints).toEqual([]);
  });

  it('a duplicate is found, merged into the one that stays, and the merge undone', async () => {
    const [one, two] = [newId(), newId()];
    await world.admin.mustCommand('vendor.create', { id: one, name: 'Nordic Parts GmbH' });
    await world.admin.mustCommand('vendor.create', { id: two, name: 'nordic parts' });
    await using open = await openPage(browser, await world.as('admin'), '/settings/vendors');
    const { page } = open;
    await live(page);
    await tabTo(page, page.getByRole('button', { name: '1 likely duplicate' }));
    await page.keyboard.press('Enter');
    await tabTo(page, form(page).getByRole('button', { name: /^Merge/ }));
    await page.keyboard.press('Enter');
    const stays = form(page).getByRole('radio', { name: /Nordic Parts GmbH/ });
    const other = form(page).getByRole('radio', { name: /nordic parts/ });
    await stays.waitFor();
    await tabTo(page, form(page).locator('input[type=radio]:checked'));
    for (let i = 0; i < 2 && !(await stays.isChecked()); i++) await page.keyboard.press('ArrowDown');
    expect([await stays.isChecked(), await other.isChecked()]).toEqual([true, false]);
    await tabTo(page, form(page).getByRole('button', { name: 'Merge', exact: true }));
    await page.keyboard.press('Enter');
    await closed(page);
    expect(await named('vendors', 'nordic parts')).toMatchObject({ mergedInto: one });
    await tabTo(page, page.getByRole('button', { name: /^Undo/ }));
    await page.keyboard.press('Enter');
    await until(
      'they are two again',
      async () => (await named('vendors', 'nordic parts'))?.['mergedInto'] === undefined,
    );
    expect(open.complaints).toEqual([]);
  });

  it('a team is made of people and branches, changed, archived and restored', async () => {
    await using open = await openPage(browser, await world.as('admin'), '/settings/teams');
    const { page } = open;
    await live(page);
    await tabTo(page, page.getByRole('button', { name: 'New team' }));
    await page.keyboard.press('Enter');
    await form(page).getByLabel('Name', { exact: true }).waitFor();
    await tabTo(page, form(page).getByLabel('Name', { exact: true }));
    await page.keyboard.type('Night desk');
    const members = form(page).getByLabel('Members');
    await tabTo(page, members);
    for (const name of ['Keys team', 'Keys ops']) {
      await page.keyboard.type(name);
      await page.locator('.choices').getByRole('option', { name }).waitFor();
      await page.keyboard.press('Enter');
      await form(page)
        .getByRole('button', { name: `Take out ${name}` })
        .waitFor();
    }
    await tabTo(page, form(page).getByRole('button', { name: 'Take out Keys team' }));
    await page.keyboard.press('Enter');
    await tabTo(page, form(page).getByRole('checkbox', { name: 'Keys North' }));
    await page.keyboard.press('Space');
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await closed(page);
    expect(await named('teams', 'Night desk')).toMatchObject({
      members: [world.people.ops.id],
      branches: [world.branches.north],
    });

    const open_ = async (): Promise<void> => {
      await tabTo(page, page.locator('[data-row]', { hasText: 'Night desk' }));
      await page.keyboard.press('Enter');
      await form(page).waitFor();
    };
    await open_();
    await tabTo(page, form(page).getByRole('button', { name: 'Archive' }));
    await page.keyboard.press('Enter');
    await closed(page);
    expect(await named('teams', 'Night desk')).toHaveProperty('archivedAt');
    await tabTo(page, page.getByRole('radio', { name: /In use/ }));
    await page.keyboard.press('ArrowRight');
    await open_();
    await tabTo(page, form(page).getByRole('button', { name: 'Restore' }));
    await page.keyboard.press('Enter');
    await closed(page);
    expect(await named('teams', 'Night desk')).not.toHaveProperty('archivedAt');
    expect(open.complaints).toEqual([]);
  });
});
