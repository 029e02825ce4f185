import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../server/src/platform/ids.ts';
import { readCsv } from '../../server/src/transfer/csv.ts';
import { app, browser, oneApp, world } from '../support/one-app.ts';
import { accessibilityFindings, live, openPage } from '../support/page.ts';
import { until } from '../support/until.ts';

const hour = 3_600_000;
const many = 2_000;
/** Drafts by the number in their part ID; each fourth has no parts. */
let ids: string[];

oneApp({ world: 'Table' });
beforeAll(async () => {
  const { branches, customers, centers, people } = world;
  ids = Array.from({ length: many }, newId);
  const commands = ids.map((id, n) => ({
    commandId: newId(),
    name: 'batch.create',
    args: {
      id,
      branch: n % 2 ? branches.north : branches.south,
      customer: n % 20 ? customers.fast : customers.slow,
      center: n % 3 ? centers.near : centers.far,
      parts: n % 4 ? [`TAB-${n}`] : [],
      dueAt: Date.now() + (24 + (n % 500)) * hour,
    },
  }));
  for (let i = 0; i < many; i += 500)
    await world.admin.post('/api/commands/bulk', { commands: commands.slice(i, i + 500) });
  await world.admin.mustCommand('batch.assignDriver', { id: ids[1]!, rev: 1, driver: people.driver1.id });
});

const list = '/operations/batches';
const rowOf = (page: Page, id: string) => page.locator(`[data-batch="${id}"]`);
const rows = (page: Page) => page.locator('[data-batch]');
const shownIds = (page: Page) =>
  rows(page).evaluateAll((all) =>
    all
      .toSorted((a, b) => Number(a.getAttribute('aria-rowindex')) - Number(b.getAttribute('aria-rowindex')))
      .map((row) => row.getAttribute('data-batch')!),
  );
const said = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor();
const open = async (path = list, who: 'ops' | 'admin' | 'manager' = 'ops') => {
  const opened = await openPage(browser, await world.as(who), path, { acceptDownloads: true });
  await live(opened.page);
  await rows(opened.page).first().waitFor();
  return opened;
};
const statusOf = async (id: string) =>
  (await world.admin.get<{ batch: { status: string } }>(`/api/batches/${id}`)).body.batch.status;

describe('the table', () => {
  it('2,000 batches: counted exactly, few of them on the page, sorted by any column with mouse and keys', async () => {
    await using one = await open();
    const { page } = one;
    await said(page, '2,000 batches');
    expect(await rows(page).count()).toBeLessThan(80);
    expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe('2001');
    const head = (name: string) => page.getByRole('columnheader', { name });
    await head('Customer').getByRole('button').click();
    await page.waitForURL(/sort=customer/);
    expect(await head('Customer').getAttribute('aria-sort')).toBe('ascending');
    await head('Customer').getByRole('button').press('Enter');
    await page.waitForURL(/sort=-customer/);
    expect(await head('Customer').getAttribute('aria-sort')).toBe('descending');
    await until('the slow customer comes first', async () => {
      const first = (await shownIds(page))[0]!;
      return ids.indexOf(first) % 20 === 0;
    });
    await head('Customer').getByRole('button').press('Enter');
    await page.waitForURL((url) => !url.searchParams.has('sort'));
    expect(await accessibilityFindings(page)).toEqual([]);
    expect(one.complaints).toEqual([]);
  });

  it('is narrowed with F, by a range of dates and by a whole part ID, without the mouse; the address is the filter', async () => {
    await using one = await open();
    const { page } = one;
    await page.keyboard.press('f');
    const menu = page.getByRole('dialog', { name: 'Filter' });
    await menu.waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.keyboard.type('Table Slow');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await page.waitForURL(/customer=/);
    await said(page, '100 batches');
    await page.getByRole('button', { name: 'Drop the filter Customer' }).press('Enter');
    await said(page, '2,000 batches');

    const day = new Date(Date.now() + 48 * hour).toISOString().slice(0, 10);
    await page.keyboard.press('f');
    await menu.getByLabel('To', { exact: true }).fill(day);
    await menu.getByRole('button', { name: 'Done' }).press('Enter');
    await page.waitForURL(new RegExp(`to=${day}`));
    await page.getByRole('button', { name: 'Drop the filter Expected back' }).waitFor();
    const { body } = await world.admin.get<{ batches: object[] }>(`/api/batches?to=${day}&limit=500`);
    await said(page, new RegExp(`^${body.batches.length} batch`));
    await page.getByRole('button', { name: 'Drop the filter Expected back' }).click();

    await page.getByRole('searchbox').fill('tab-1232');
    // Each fourth batch has no parts.
    await said(page, 'No batch matches this filter');
    await page.getByRole('searchbox').fill('tab-1235');
    await rowOf(page, ids[1235]!).waitFor();
    await said(page, /^1 batch$/);
    expect(one.complaints).toEqual([]);
  });

  it('has the columns that are chosen, in the order that is chosen, and remembers them', async () => {
    await using one = await open();
    const { page } = one;
    await page.getByRole('button', { name: 'Columns' }).press('Enter');
    const menu = page.getByRole('dialog', { name: 'Columns and order' });
    await menu.getByLabel('First promise').check();
    await menu.getByLabel('Parts', { exact: true }).uncheck();
    await menu.getByRole('button', { name: 'Driver further left' }).press('Enter');
    await menu.getByRole('button', { name: 'Done' }).press('Enter');
    const heads = () => page.getByRole('columnheader').allInnerTexts();
    const expected = [
      'Batch',
      'Customer',
      'Driver',
      'Center',
      'Status',
      'In status',
      'First promise',
      'Expected back',
      'Time to due',
      'SLA status',
    ];
    const words = async () => (await heads()).map((text) => text.trim()).filter(Boolean);
    await until('the columns are there', async () => JSON.stringify(await words()) === JSON.stringify(expected));
    await page.reload();
    await rows(page).first().waitFor();
    expect(await words()).toEqual(expected);
  });

  it('rows keep their places under the pointer and under the focus; what comes waits until it is asked for', async () => {
    await using one = await open(`${list}?sort=-createdAt`);
    const { page } = one;
    const before = await shownIds(page);
    await rowOf(page, before[3]!).hover();
    const fresh = await world.batch({ dueAt: Date.now() + 500 * hour });
    await page.getByRole('button', { name: '1 new' }).waitFor();
    expect((await shownIds(page)).slice(0, 5)).toEqual(before.slice(0, 5));
    // What changes in place shows at once.
    await world.admin.mustCommand('batch.assignDriver', { id: before[3]!, rev: 1, driver: world.people.driver2.id });
    await rowOf(page, before[3]!).getByText('Table driver2').waitFor();
    await page.getByRole('button', { name: '1 new' }).click();
    await until('it is first', async () => (await shownIds(page))[0] === fresh);

    await rowOf(page, fresh).focus();
    await page.mouse.move(0, 0);
    const next = await world.batch({ dueAt: Date.now() + 500 * hour });
    await page.getByRole('button', { name: '1 new' }).waitFor();
    expect((await shownIds(page))[0]).toBe(fresh);
    await page.getByRole('searchbox').focus();
    await until('it is first', async () => (await shownIds(page))[0] === next);
    for (const id of [fresh, next]) await world.admin.mustCommand('batch.cancel', { id, reason: 'Only for this' });
    expect(one.complaints).toEqual([]);
  });

  it('a person who changes nothing has no boxes to tick, and exports all the same', async () => {
    await using one = await open(list, 'manager');
    expect(await one.page.getByRole('checkbox').count()).toBe(0);
    await one.page.getByRole('button', { name: 'Export' }).waitFor();
    expect(one.complaints).toEqual([]);
  });
});

describe('many at once', () => {
  it('by keys alone: chosen, sealed after a count, what was refused is said by reason, and all taken back', async () => {
    await using one = await open(`${list}?q=B-210&sort=reference`);
    const { page } = one;
    // B-2100 to B-2109: numbers 99 to 108, of which 100, 104 and 108 have no parts.
    await said(page, /^10 batches$/);
    // Nothing has the focus: the arrows lead into the list.
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await page.keyboard.press('Shift+ArrowDown');
    await said(page, '2 batches chosen');
    await page.keyboard.press('Escape');
    await said(page, /^10 batches$/);
    await page.keyboard.press('Control+a');
    await said(page, '10 batches chosen');
    await page.getByRole('button', { name: /^Seal/ }).press('Enter');
    const form = page.getByRole('dialog', { name: 'Seal 10 batches?' });
    await form.waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    // One box holds another number of parts than the list says.
    await form.getByLabel(/B-2102/).fill('3');
    await form.getByText('2 parts more than the batch holds (1). Count again.').waitFor();
    await form.getByRole('button', { name: /^Seal 10/ }).press('Enter');
    const report = page.getByRole('dialog', { name: 'Seal: 6 done' });
    await report.waitFor();
    await report.getByText('4 batches were refused.').waitFor();
    await report.getByText('The batch has no parts. Add parts before it is sealed.').waitFor();
    await report.getByText('2 parts more than the batch holds (1). Count again.').waitFor();
    expect(await report.getByRole('link').count()).toBe(4);
    expect(await accessibilityFindings(page)).toEqual([]);
    expect(await Promise.all([99, 100, 101].map((n) => statusOf(ids[n]!)))).toEqual(['sealed', 'draft', 'draft']);
    await report.getByRole('button', { name: /^Undo all/ }).press('Enter');
    await said(page, '6 batches taken back');
    expect(await statusOf(ids[99]!)).toBe('draft');
    expect(one.complaints).toEqual([]);
  });

  it('by mouse: a range with Shift, and a driver for all of it', async () => {
    await using one = await open(`${list}?q=B-202&sort=reference`);
    const { page } = one;
    const box = (n: number) => rows(page).nth(n).getByRole('checkbox');
    await box(1).click();
    await box(3).click({ modifiers: ['Shift'] });
    await said(page, '3 batches chosen');
    expect(await Promise.all([0, 1, 2, 3, 4].map((n) => box(n).isChecked()))).toEqual([false, true, true, true, false]);
    await page.getByRole('button', { name: /^Assign driver/ }).click();
    const form = page.getByRole('dialog');
    await form.getByRole('button', { name: 'Assign the driver' }).click();
    await form.getByText('Choose who takes them.').waitFor();
    await form.getByLabel('Driver').fill('driver1');
    await page.locator('[role="option"]').first().click();
    await form.getByRole('button', { name: /^Give 3 to/ }).click();
    await said(page, '3 batches given to a driver');
    await until('the rows name the driver', async () => (await page.getByText('Table driver1').count()) >= 3);
    await page.getByRole('button', { name: 'Choose none' }).click();
    expect(await page.getByRole('toolbar', { name: 'With the chosen batches' }).count()).toBe(0);
    expect(one.complaints).toEqual([]);
  });

  it('a thousand at once come through a line that breaks, each once, with its reason', async () => {
    await using one = await open(`${list}?branch=${world.branches.north}&sort=reference`);
    const { page } = one;
    await page.getByRole('checkbox', { name: 'Choose all that are in the list' }).click();
    await said(page, /1,\d{3} batches chosen/);
    await page.getByRole('button', { name: /^New date/ }).click();
    const form = page.getByRole('dialog');
    await form.getByRole('button', { name: 'Customer agreed' }).click();
    // The first list reaches the server and is carried out; its answer is lost on the way.
    const lost = { requests: 0 };
    await page.route(
      '**/api/commands/bulk',
      async (route) => {
        await route.fetch();
        lost.requests++;
        await route.abort();
      },
      { times: 1 },
    );
    await form.getByRole('button', { name: /^Set / }).click();
    await page.getByRole('progressbar').waitFor();
    await said(page, /1,0\d\d batches expected on the new date/);
    const { body } = await world.admin.get<{ entries: { verb: string; why?: string }[] }>(
      `/api/batches/${ids[1999]!}/timeline`,
    );
    expect(body.entries.at(-1)).toMatchObject({ verb: 'batch.moveDueDate', why: 'Customer agreed' });
    expect(lost.requests).toBe(1);
    const first = await world.admin.get<{ entries: { verb: string }[] }>(`/api/batches/${ids[1]!}/timeline`);
    expect(first.body.entries.filter(({ verb }) => verb === 'batch.moveDueDate')).toHaveLength(1);
    // The browser itself reports the request that was lost; nothing else may be there.
    expect(one.complaints.filter((text) => !text.includes('net::ERR_FAILED'))).toEqual([]);
  });

  it('cancels drafts with a reason; they are found among the archived ones, and exported from there', async () => {
    const gone = [ids[1997]!, ids[1998]!];
    await using one = await open(`${list}?q=B-3998`);
    const { page } = one;
    await rowOf(page, gone[0]!).focus();
    await page.keyboard.press(' ');
    await page.getByRole('button', { name: /^Cancel/ }).press('Enter');
    const form = page.getByRole('dialog', { name: 'Cancel 1 draft?' });
    await form.getByRole('button', { name: 'Cancel 1 batch' }).press('Enter');
    await form.getByText('Say why', { exact: false }).waitFor();
    await form.getByLabel(/^Reason/).fill('Entered twice');
    await page.keyboard.press('Enter');
    await said(page, '1 batch cancelled');
    await page.getByLabel('Which batches').selectOption('archived');
    await rowOf(page, gone[0]!).getByText('Cancelled').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: /^Export/ }).click(),
    ]);
    const table = await readCsv(await readFile(await download.path(), 'utf8'), 100);
    expect('rows' in table && table.rows.map(({ cells }) => cells.slice(0, 2))).toEqual([['B-3998', 'Cancelled']]);

    // More of them than come at once: the rest is read when somebody gets there.
    const fast = ids.slice(1500, 1650).filter((_, n) => n % 20 !== 0);
    const commands = fast.map((id) => ({
      commandId: newId(),
      name: 'batch.cancel',
      args: { id, reason: 'Entered twice' },
    }));
    await world.admin.post('/api/commands/bulk', { commands });
    await page.goto(`${app.url}${list}?archived=true&customer=${world.customers.fast}`);
    await said(page, /^100 batches so far$/);
    await rows(page).first().focus();
    await page.keyboard.press('End');
    await said(page, /^14\d batches$/);
    expect(one.complaints).toEqual([]);
  });
});

describe('saved views', () => {
  it('kept under a name by keys, opened by its link in another browser, brought up to date, and removed with a way back', async () => {
    await using one = await open(`${list}?customer=${world.customers.slow}&sort=-parts`);
    const { page } = one;
    await page.getByRole('button', { name: /^View/ }).press('Enter');
    const menu = page.getByRole('dialog', { name: 'Saved views' });
    await menu.getByRole('button', { name: /Save as/ }).press('Enter');
    await menu.getByLabel('Name of the new view').fill('Slow ones');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'View: Slow ones' }).waitFor();

    await using other = await open(list, 'admin');
    await other.page.getByRole('button', { name: /^View/ }).click();
    await other.page.getByRole('button', { name: 'Slow ones Table ops' }).click();
    await other.page.waitForURL(/customer=/);
    await said(other.page, '100 batches');
    const link = other.page.url();
    await other.page.goto(link);
    await other.page.getByRole('button', { name: 'View: Slow ones' }).waitFor();
    await said(other.page, '100 batches');
    expect(await other.page.getByRole('columnheader', { name: 'Parts' }).getAttribute('aria-sort')).toBe('descending');

    // Changed by the one, seen by the other.
    await page.getByRole('columnheader', { name: 'Status', exact: true }).getByRole('button').click();
    await page.getByRole('button', { name: 'View: Not saved' }).click();
    expect(await accessibilityFindings(page)).toEqual([]);
    await menu.getByRole('button', { name: 'Update “Slow ones” to this' }).click();
    await page.getByRole('button', { name: 'View: Slow ones' }).waitFor();
    await other.page.getByRole('button', { name: 'View: Not saved' }).waitFor();

    await page.getByRole('button', { name: 'View: Slow ones' }).click();
    await menu.getByRole('button', { name: 'Rename' }).click();
    await menu.getByLabel('New name').fill('Slow, by status');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'View: Slow, by status' }).waitFor();
    await page.getByRole('button', { name: 'View: Slow, by status' }).click();
    await menu.getByRole('button', { name: 'Remove this view' }).click();
    await page.getByRole('button', { name: 'View: Not saved' }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'View: Slow, by status' }).waitFor();
    expect([...one.complaints, ...other.complaints]).toEqual([]);
  });
});

describe('export', () => {
  it('E exports exactly what is listed, in its order, and says so', async () => {
    await using one = await open(`${list}?customer=${world.customers.slow}&sort=-reference`);
    const { page } = one;
    await said(page, '100 batches');
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('e')]);
    expect(download.suggestedFilename()).toMatch(/^batches-\d{4}-\d\d-\d\d-customer\.csv$/);
    await said(page, '100 batches exported');
    const table = await readCsv(await readFile(await download.path(), 'utf8'), 1_000);
    if ('message' in table) throw new Error(table.message);
    const shown = await rows(page).evaluateAll((all) =>
      all
        .toSorted((a, b) => Number(a.getAttribute('aria-rowindex')) - Number(b.getAttribute('aria-rowindex')))
        .map((row) => row.querySelector('a')!.textContent.trim()),
    );
    expect(table.rows).toHaveLength(100);
    expect(table.rows.map(({ cells }) => cells[0]).slice(0, shown.length)).toEqual(shown);
    expect(new Set(table.rows.map(({ cells }) => cells[2]))).toEqual(new Set(['Table Slow']));
  });

  it('a file that is cut short is said to be, and not handed over', async () => {
    await using one = await open();
    const { page } = one;
    await page.route('**/api/batches/export.csv**', (route) =>
      route.fulfill({ status: 200, headers: { 'content-type': 'text/csv', 'x-total-rows': '3' }, body: 'A\r\n1\r\n' }),
    );
    let downloads = 0;
    page.on('download', () => downloads++);
    await page.keyboard.press('e');
    await said(page, 'Only 1 of 3 rows arrived, so no file was saved. Export again.');
    await page.unroute('**/api/batches/export.csv**');
    await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export again' }).click()]);
    expect(downloads).toBe(1);
  });
});
