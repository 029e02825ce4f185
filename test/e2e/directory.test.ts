import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { newId } from '../../server/src/platform/ids.ts';
import { app, browser, oneApp, world } from '../support/one-app.ts';
import { accessibilityFindings, live, openPage } from '../support/page.ts';
import { until } from '../support/until.ts';

oneApp({ world: 'Paper' });

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
    // A saved view, or a link, that names the one that went still finds what moved.
    await using saved = await openPage(browser, await world.as('ops'), `/operations/batches?customer=${two}`);
    await saved.page.locator(`[data-batch="${batch}"]`).first().waitFor();
    await saved.page.goto(`${app.url}/operations/board?customer=${two}`);
    await saved.page.locator(`[data-card="${batch}"]`).waitFor();
    const asked = await world.admin.get<{ batches: { id: string }[] }>(`/api/batches?customer=${two}`);
    expect(asked.body.batches.map(({ id }) => id)).toEqual([batch]);
    await page.getByRole('button', { name: /^Undo/ }).click();
    await until('the batch is back', async () => (await customerOf()) === two);
    expect(saved.complaints).toEqual([]);
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
