import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { newId } from '../../server/src/platform/ids.ts';
import { browser, oneApp, world } from '../support/one-app.ts';
import { accessibilityFindings, live, openPage } from '../support/page.ts';

oneApp({ world: 'Reels' });

const row = (page: Page, name: string) => page.getByRole('row', { name });
const form = (page: Page) => page.getByRole('dialog');
/** Waits until no form is open. */
const closed = (page: Page) => form(page).waitFor({ state: 'detached' });

describe('parts', () => {
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
    // What an earlier search found does not stand for one that failed.
    await page.route('**/api/parts?*', (route) => route.abort());
    await page.getByLabel('Search parts').fill('pump');
    await page.getByText('The parts did not load').waitFor();
    expect(await page.locator('[data-row]').count()).toBe(0);
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.unroute('**/api/parts?*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('2 on record').waitFor();
    expect(await page.getByText('The parts did not load').count()).toBe(0);
    expect(open.complaints.filter((line) => !line.includes('ERR_FAILED'))).toEqual([]);
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
});
