import { describe, expect, it } from 'vitest';
import { browser, oneApp, world } from '../support/one-app.ts';
import { accessibilityFindings, live, openPage } from '../support/page.ts';
import { until } from '../support/until.ts';

oneApp({ world: 'Paper' });

const customers = async (): Promise<{ name: string; slaHours: number }[]> =>
  (await world.admin.get<{ customers: { name: string; slaHours: number }[] }>('/api/customers')).body.customers;
const file = (name: string, text: string | Buffer) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });

describe('import', () => {
  it('by mouse: a file with bad rows is named cell by cell and held back; put right, all of it is imported', async () => {
    await using open = await openPage(browser, await world.as('ops'), '/settings/customers');
    const { page } = open;
    await live(page);
    await page.getByRole('link', { name: 'Import', exact: true }).first().click();
    await page.waitForURL('**/settings/import**');
    expect(await accessibilityFindings(page)).toEqual([]);

    const bad = 'Name;SLA hours;Contact e-mail;Colour\nPaper Fast;36;;red\nNew One;soon;not a mail;\nNew Two;24;;\n';
    const chooser = page.locator('input[type=file]');
    await chooser.setInputFiles(file('customers.csv', bad));
    await page.getByRole('status').getByText('1 new, 1 changed, 0 unchanged, 1 bad').waitFor();
    await page.getByText('customers have no such column: “Colour”').waitFor();
    await page.getByText('“soon” is not a whole number of hours from 1 to 2160, as 72.').waitFor();
    await page.getByText('“not a mail” is not an e-mail address').waitFor();
    const run = page.getByRole('button', { name: /^Import \d+ row/ });
    expect(await run.isDisabled()).toBe(true);
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.getByRole('button', { name: /^Changed/ }).click();
    await page
      .getByRole('row', { name: /Paper Fast/ })
      .getByText('48')
      .waitFor();
    expect((await customers()).map(({ name }) => name)).not.toContain('New Two');

    // As Excel saves "Unicode text": two bytes a sign, tabs.
    const good = bad.replace('soon', '72').replace('not a mail', 'desk@new.example').replaceAll(';', '\t');
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(good, 'utf16le')]);
    await chooser.setInputFiles(file('customers.txt', utf16));
    await page.getByRole('status').getByText('2 new, 1 changed, 0 unchanged, 0 bad').waitFor();
    await run.click();
    await page.getByRole('heading', { name: '2 customers added, 1 changed' }).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    expect(await customers()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'Paper Fast', slaHours: 36 }),
        expect.objectContaining({ name: 'New One', slaHours: 72, contactEmail: 'desk@new.example' }),
      ]),
    );
    expect(open.complaints).toEqual([]);
  });

  it('by keyboard alone: batches pasted from a spreadsheet become drafts, with links to them', async () => {
    await using open = await openPage(browser, await world.as('team'), '/settings/import?kind=batches');
    const { page } = open;
    await live(page);
    await until('batches are chosen', () => page.getByRole('radio', { name: 'Batches' }).isChecked());
    await page.getByRole('radio', { name: 'Batches' }).focus();
    await page.keyboard.press('ArrowLeft');
    await until('parts are chosen', () => page.getByRole('radio', { name: 'Parts' }).isChecked());
    await page.keyboard.press('ArrowRight');
    await page.getByRole('textbox', { name: /paste the rows/ }).focus();
    await page.keyboard.insertText(
      'Branch\tCustomer\tService center\tParts\nPaper North\tPaper Slow\tPaper Near\tIMP-1 IMP-2\nPaper South\tPaper Slow\tPaper Far\tIMP-3\n',
    );
    await page.getByRole('status').getByText('2 new, 0 changed, 0 unchanged, 0 bad').waitFor();
    const run = page.getByRole('button', { name: 'Import 2 rows' });
    await run.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '2 batches added, 0 changed' }).waitFor();
    const link = page.getByRole('link', { name: /^B-\d+$/ }).first();
    await link.focus();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/operations/batches/*');
    await page.getByText('IMP-1').first().waitFor();
    expect(open.complaints).toEqual([]);
  });

  it('an export imported again says that there is nothing to do', async () => {
    await using open = await openPage(browser, await world.as('ops'), '/settings/import?kind=centers');
    const { page } = open;
    await live(page);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export all service centers' }).click(),
    ]);
    await page.locator('input[type=file]').setInputFiles(await download.path());
    await page.getByRole('status').getByText('0 new, 0 changed, 2 unchanged, 0 bad').waitFor();
    await page.getByText('There is nothing to import.').waitFor();
  });

  it('10,000 rows are shown a few at a time, and a workbook is told from CSV', async () => {
    await using open = await openPage(browser, await world.as('ops'), '/settings/import?kind=parts');
    const { page } = open;
    await live(page);
    const rows = Array.from({ length: 10_000 }, (_, i) => `ROW-${i},Label ${i}`).join('\n');
    await page.locator('input[type=file]').setInputFiles(file('parts.csv', `Part ID,Label\n${rows}\n`));
    await page.getByRole('status').getByText('10000 new, 0 changed, 0 unchanged, 0 bad').waitFor();
    expect(await page.getByRole('table').getAttribute('aria-rowcount')).toBe('10001');
    expect(await page.getByRole('row').count()).toBeLessThan(80);
    await page.getByRole('region', { name: 'Rows of the file' }).focus();
    await page.keyboard.press('End');
    await page.getByRole('row', { name: /ROW-9999/ }).waitFor();
    await page.locator('input[type=file]').setInputFiles(file('parts.xlsx', Buffer.from([0x50, 0x4b, 3, 4, 0, 0])));
    await page.getByText('This is a workbook, not CSV.').waitFor();
    expect(open.complaints).toEqual([]);
  });

  it('who may not import is told so', async () => {
    await using open = await openPage(browser, await world.as('manager'), '/settings/import');
    await open.page.getByText('Your role imports nothing').waitFor();
    expect(await accessibilityFindings(open.page)).toEqual([]);
  });
});
