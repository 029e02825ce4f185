import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../server/src/platform/ids.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { startBrowser } from '../support/browser.ts';
import { accessibilityFindings, live, openPage } from '../support/page.ts';
import { until } from '../support/until.ts';
import type { World } from '../support/world.ts';
import { buildWorld } from '../support/world.ts';

let app: TestApp;
let browser: Browser;
let world: World;

beforeAll(async () => {
  [app, browser] = await Promise.all([startTestApp(), startBrowser()]);
  world = await buildWorld(app, 'Paper');
});
afterAll(async () => {
  await browser?.close();
  await app?.[Symbol.asyncDispose]();
});

type Listed = { id: string; name: string; rev: number; [field: string]: unknown };
const list = async (plural: string): Promise<Listed[]> =>
  (await world.admin.get<{ [plural: string]: Listed[] }>(`/api/${plural}?archived=true`)).body[plural]!;
const named = async (plural: string, name: string): Promise<Listed | undefined> =>
  (await list(plural)).find((each) => each.name === name);
const row = (page: Page, name: string) => page.getByRole('row', { name });
const form = (page: Page) => page.getByRole('dialog');
/** Waits until no form is open. */
const closed = (page: Page) => form(page).waitFor({ state: 'detached' });

describe('the directory', () => {
  it('a customer is changed; what somebody else saves meanwhile is shown, and what was typed is kept', async () => {
    await using open = await openPage(browser, await world.as('ops'), '/settings/customers');
    const { page } = open;
    await live(page);
    expect(await accessibilityFindings(page)).toEqual([]);
    await row(page, 'Paper Fast').click();
    await form(page).getByLabel('Contact phone').fill('+49 30 555');
    await form(page).getByLabel('SLA, hours').fill('36');
    const { id, rev } = (await named('customers', 'Paper Fast'))!;
    await world.admin.mustCommand('customer.edit', { id, rev, slaHours: 24, language: 'de' });
    await form(page).getByText('Language · optional: now de.').or(form(page).getByText('Language: now de.')).waitFor();
    await form(page).getByText('they wrote 24 h. What you typed is kept.').waitFor();
    expect(await form(page).getByLabel('Language').inputValue()).toBe('de');
    expect(await form(page).getByLabel('SLA, hours').inputValue()).toBe('36');
    expect(await accessibilityFindings(page)).toEqual([]);
    await form(page).getByRole('button', { name: 'Take theirs' }).click();
    expect(await form(page).getByLabel('SLA, hours').inputValue()).toBe('24');
    await form(page).getByRole('button', { name: 'Save' }).click();
    await closed(page);
    expect(await named('customers', 'Paper Fast')).toMatchObject({
      slaHours: 24,
      language: 'de',
      contactPhone: '+49 30 555',
    });
    expect(open.complaints).toEqual([]);
  });

  it('what is in use is not archived, and the refusal says where to look; then archived, and restored', async () => {
    const id = newId();
    await world.admin.mustCommand('customer.create', { id, name: 'Used Ltd', slaHours: 24 });
    const batch = await world.batch({ customer: id });
    await using open = await openPage(browser, await world.as('ops'), `/settings/customers?id=${id}`);
    const { page } = open;
    await form(page).getByRole('button', { name: 'Archive' }).click();
    await form(page).getByText('still in use by 1 open batch').waitFor();
    const link = form(page).getByRole('link', { name: 'Show the batches' });
    expect(await link.getAttribute('href')).toBe(`/operations/batches?customer=${id}`);
    expect(await accessibilityFindings(page)).toEqual([]);
    await world.admin.mustCommand('batch.cancel', { id: batch, reason: 'test' });
    await form(page).getByRole('button', { name: 'Archive' }).click();
    await closed(page);
    await until('it is gone from the list', async () => (await row(page, 'Used Ltd').count()) === 0);
    await page.getByRole('radio', { name: /Archived/ }).check({ force: true });
    await row(page, 'Used Ltd').click();
    await form(page).getByRole('button', { name: 'Restore' }).click();
    await closed(page);
    expect(await named('customers', 'Used Ltd')).not.toHaveProperty('archivedAt');
    expect(open.complaints).toEqual([]);
  });

  it('duplicates are found by their names; one is merged into the other, and undone', async () => {
    const [one, two] = [newId(), newId()];
    await world.admin.mustCommand('customer.create', { id: one, name: 'Nordic Parts GmbH', slaHours: 24 });
    await world.admin.mustCommand('customer.create', { id: two, name: 'nordic parts', slaHours: 48 });
    const batch = await world.batch({ customer: two });
    const customerOf = async () =>
      (await world.admin.get<{ batch: { customer: string } }>(`/api/batches/${batch}`)).body.batch.customer;
    await using open = await openPage(browser, await world.as('ops'), '/settings/customers');
    const { page } = open;
    await live(page);
    await page.getByRole('button', { name: '1 likely duplicate' }).click();
    expect(await accessibilityFindings(page)).toEqual([]);
    await form(page)
      .getByRole('button', { name: /^Merge/ })
      .click();
    await form(page)
      .getByRole('radio', { name: /Nordic Parts GmbH/ })
      .check();
    await form(page).getByText('1 batch', { exact: true }).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await form(page).getByRole('button', { name: 'Merge', exact: true }).click();
    await page.getByText('nordic parts is merged into Nordic Parts GmbH').first().waitFor();
    expect(await customerOf()).toBe(one);
    await page.getByRole('button', { name: /^Undo/ }).click();
    await until('the batch is back', async () => (await customerOf()) === two);
    expect(open.complaints).toEqual([]);
  });

  it('by keyboard alone: a service center with hours, holidays and a position', async () => {
    await using open = await openPage(browser, await world.as('admin'), '/settings/centers');
    const { page } = open;
    await live(page);
    await page.getByRole('button', { name: 'New service center' }).focus();
    await page.keyboard.press('Enter');
    await form(page).getByLabel('Name', { exact: true }).waitFor();
    const type = async (label: string | RegExp, text: string): Promise<void> => {
      await form(page).getByLabel(label).first().focus();
      await page.keyboard.type(text);
    };
    await type('Name', 'Harbour Repair');
    await type('Phone', '+49 40 123');
    await type('Latitude', '91');
    await type('Longitude', '9.993');
    await type('Time zone', 'Europe/Berlin');
    const known = form(page).getByLabel('The opening hours are known');
    // The list of time zones that typing opened may take the first key to close.
    await until('the hours are to be filled in', async () => {
      if (!(await known.isChecked())) await known.press('Space');
      return known.isChecked();
    });
    await form(page).getByLabel('Friday, closes').focus();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type('15');
    await form(page).getByRole('button', { name: 'Add a holiday' }).focus();
    await page.keyboard.press('Enter');
    await form(page).getByLabel('Day of holiday 1').fill('2026-12-25');
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
    await page.getByLabel('Search service centers').focus();
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

  const kinds = [
    { path: 'branches', one: 'branch' },
    { path: 'warehouses', one: 'warehouse' },
    { path: 'vendors', one: 'vendor' },
    { path: 'customers', one: 'customer' },
    { path: 'centers', one: 'service center' },
    { path: 'teams', one: 'team' },
  ] as const;
  it.each(kinds)('$path: made, renamed, archived and found again, on a phone', async ({ path, one }) => {
    const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
    await using open = await openPage(browser, await world.as('admin'), `/settings/${path}`, phone);
    const { page } = open;
    await page.getByRole('button', { name: `New ${one}` }).click();
    await form(page).getByLabel('Name', { exact: true }).fill(`First ${one}`);
    if (path === 'customers') await form(page).getByLabel('SLA, hours').fill('48');
    expect(await accessibilityFindings(page)).toEqual([]);
    await form(page)
      .getByRole('button', { name: `Add the ${one}` })
      .click();
    await closed(page);
    await row(page, `First ${one}`).click();
    await form(page).getByLabel('Name', { exact: true }).fill(`Second ${one}`);
    await form(page).getByRole('button', { name: 'Save' }).click();
    await closed(page);
    await row(page, `Second ${one}`).click();
    await form(page).getByRole('button', { name: 'Archive' }).click();
    await closed(page);
    expect(await named(path, `Second ${one}`)).toHaveProperty('archivedAt');
    await page.getByRole('radio', { name: /Archived/ }).check({ force: true });
    await row(page, `Second ${one}`).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    expect(
      await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
    ).toBeLessThanOrEqual(0);
    expect(open.complaints).toEqual([]);
  });

  it('parts are searched by the server, changed, and lead to their batch', async () => {
    for (let i = 0; i < 3; i++)
      await world.admin.mustCommand('part.create', { id: newId(), partId: `DIR-${i}`, label: `Pump ${i}` });
    const batch = await world.batch({ parts: ['DIR-1'] });
    await using open = await openPage(browser, await world.as('team'), '/settings/parts');
    const { page } = open;
    await page.getByText('3 on record').waitFor();
    await page.getByLabel('Search parts').fill('pump 1');
    await page.getByText('1 on record').waitFor();
    await row(page, 'DIR-1').click();
    expect(await form(page).getByRole('link', { name: 'B-' }).getAttribute('href')).toBe(
      `/operations/batches/${batch}`,
    );
    await form(page).getByLabel('What it is').fill('Valve');
    expect(await accessibilityFindings(page)).toEqual([]);
    await form(page).getByRole('button', { name: 'Save' }).click();
    await closed(page);
    await page.getByLabel('Search parts').fill('valve');
    await row(page, 'Valve').waitFor();
    expect(open.complaints).toEqual([]);
  });

  it('labels of chosen parts are printed, by mouse and by keyboard', async () => {
    for (let i = 1; i <= 3; i++)
      await world.admin.mustCommand('part.create', { id: newId(), partId: `LBL-${i}`, label: `Lamp ${i}` });
    await using open = await openPage(browser, await world.as('team'), '/settings/parts');
    const { page } = open;
    await live(page);
    await page.getByLabel('Search parts').fill('LBL-');
    await page.getByText('3 on record').waitFor();
    await row(page, 'LBL-2').getByRole('button', { name: 'Print label of LBL-2' }).click();
    await form(page).getByRole('button', { name: 'Letter' }).click();
    await form(page).getByLabel('First free label').fill('5');
    const link = form(page).getByRole('link', { name: 'Print' });
    expect(await link.getAttribute('href')).toBe('/api/parts/labels.pdf?parts=LBL-2&size=letter&from=5');
    expect(await accessibilityFindings(page)).toEqual([]);
    await form(page).getByRole('button', { name: 'Cancel' }).click();
    await closed(page);
    // From the search down to the row that the keyboard was in last, and by the keys within it.
    await page.getByLabel('Search parts').press('ArrowDown');
    await page.locator('[data-row]:focus').filter({ hasText: 'LBL-2' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    expect(await form(page).count()).toBe(0);
    expect(await page.getByLabel('Choose LBL-2').isChecked()).toBe(true);
    await page.getByLabel('Choose LBL-3').check();
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Print 2 labels' }).focus();
    await page.keyboard.press('Enter');
    await form(page).getByText('2 labels on 1 sheet of 30').waitFor();
    expect(await link.getAttribute('href')).toContain('parts=LBL-2,LBL-3&');
    const answer = await (await world.as('team')).get((await link.getAttribute('href'))!);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    const [tab] = await Promise.all([page.context().waitForEvent('page'), link.press('Enter')]);
    await tab.close();
    await closed(page);
    await page.getByRole('button', { name: 'Choose none' }).click();
    await page.getByRole('button', { name: 'Print 2 labels' }).waitFor({ state: 'detached' });
    expect(open.complaints).toEqual([]);
  });

  it('a part is archived once no open batch holds it, found among the archived, and restored, on a phone', async () => {
    await world.admin.mustCommand('part.create', { id: newId(), partId: 'AWAY-1', label: 'Old lamp' });
    const batch = await world.batch({ parts: ['AWAY-1'] });
    const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
    await using open = await openPage(browser, await world.as('team'), '/settings/parts', phone);
    const { page } = open;
    await live(page);
    await page.getByLabel('Search parts').fill('AWAY-');
    await row(page, 'AWAY-1').click();
    await form(page).getByRole('button', { name: 'Archive' }).click();
    await form(page).getByText('which is still open').waitFor();
    await form(page).getByRole('button', { name: 'Cancel' }).click();
    await closed(page);
    await world.admin.mustCommand('batch.cancel', { id: batch, reason: 'test' });
    await row(page, 'AWAY-1').click();
    await form(page).getByRole('button', { name: 'Archive' }).click();
    await closed(page);
    await page.getByText('Nothing is found').waitFor();
    const again = await world.batch({ parts: ['AWAY-1'] });
    await page.getByRole('radio', { name: 'Archived' }).check({ force: true });
    await row(page, 'AWAY-1').click();
    await form(page)
      .getByText(/Archived, and in B-\d+ now/)
      .waitFor();
    expect(await form(page).getByRole('button', { name: 'Save' }).count()).toBe(0);
    expect(await accessibilityFindings(page)).toEqual([]);
    await form(page).getByRole('button', { name: 'Restore' }).click();
    await closed(page);
    await page.getByRole('radio', { name: 'In use' }).check({ force: true });
    await row(page, 'AWAY-1').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    expect(
      await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
    ).toBeLessThanOrEqual(0);
    expect(open.complaints).toEqual([]);
    await world.admin.mustCommand('batch.cancel', { id: again, reason: 'test' });
  });

  it('who may not change anything reads', async () => {
    await using open = await openPage(browser, await world.as('manager'), '/settings/centers');
    const { page } = open;
    await row(page, 'Paper Near').click();
    await form(page).getByText('+49 30 7654321').waitFor();
    expect(await form(page).getByRole('button', { name: 'Save' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'New service center' }).count()).toBe(0);
    expect(open.complaints).toEqual([]);
  });
});
