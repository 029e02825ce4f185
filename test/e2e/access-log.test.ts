import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeKey } from '../support/key.ts';
import { browser, oneApp, world } from '../support/one-app.ts';
import { accessibilityFindings, live, openPage } from '../support/page.ts';
import { until } from '../support/until.ts';

let batch: string;
let reference: string;

oneApp({ world: 'Log' });
beforeAll(async () => {
  batch = await world.batch();
  const team = await world.as('team');
  const { body } = await team.get<{ batch: { reference: string } }>(`/api/batches/${batch}`);
  ({ reference } = body.batch);
  await (await makeKey(world.admin, ['batches:read'], { name: 'Reader' })).get(`/api/batches/${batch}`);
  for (let i = 0; i < 60; i++) await world.batch();
  await until('what was seen is written', async () => {
    const { body: page } = await world.admin.get<{ rows: unknown[] }>(`/api/access?record=${batch}&what=read`);
    return page.rows.length === 2;
  });
});

describe('the access log', () => {
  it('by mouse: newest first, older ones on asking, narrowed in the address, exported as it is narrowed', async () => {
    await using open = await openPage(browser, world.admin, '/settings/access');
    const { page } = open;
    await live(page);
    const rows = page.locator('tbody tr:not([aria-hidden])');
    await until('the first page is there', async () => (await rows.count()) === 50);
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Show older ones' }).click();
    await until('there are more', async () => (await rows.count()) > 50);

    await page.getByLabel('Record').fill(reference);
    await page.getByLabel('Record').blur();
    await page.waitForURL(`**/settings/access?record=${reference}`);
    await until('only that batch', async () => (await rows.count()) === 3);
    await page.getByRole('button', { name: 'key Reader' }).click();
    await page.waitForURL('**who=key%3A**');
    await until('only that key', async () => (await rows.count()) === 1);
    await page.getByText('This is the beginning.').waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export CSV' }).click(),
    ]);
    const csv = await readFile(await file.path(), 'utf8');
    expect(csv.trim().split('\r\n')).toHaveLength(2);
    expect(csv).toContain(`key Reader`);

    await page.reload();
    await until('the address says it all', async () => (await rows.count()) === 1);
    await page.getByRole('button', { name: 'Show everything' }).first().click();
    await until('everything again', async () => (await rows.count()) === 50);
    expect(open.complaints).toEqual([]);
  });

  it('by keyboard alone: what, who and the batch itself', async () => {
    await using open = await openPage(browser, world.admin, '/settings/access');
    const { page } = open;
    const { keyboard } = page;
    await live(page);
    const rows = page.locator('tbody tr:not([aria-hidden])');
    await until('it is there', async () => (await rows.count()) > 0);
    const tabTo = (what: string, is: () => Promise<boolean>): Promise<void> =>
      until(what, async () => {
        if (await is()) return true;
        await keyboard.press('Tab');
        return false;
      });
    const focused = (id: string) => () => page.evaluate((wanted) => document.activeElement?.id === wanted, id);
    await tabTo('who has the focus', focused('log-who'));
    await keyboard.type('Log team');
    await page.getByRole('option', { name: 'Log team' }).waitFor();
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    await page.waitForURL('**who=person%3A**');
    await tabTo('what has the focus', focused('log-what'));
    await keyboard.type('Read');
    await page.waitForURL('**what=read**');
    await until('one line is left', async () => (await rows.count()) === 1);
    await tabTo('the batch has the focus', () =>
      page.evaluate((wanted) => document.activeElement?.textContent === wanted, reference),
    );
    await keyboard.press('Enter');
    await page.waitForURL(`**/operations/batches/${batch}`);
    expect(open.complaints).toEqual([]);
  });

  it('says when nothing fits, when it did not load, and whom it is for', async () => {
    await using open = await openPage(browser, world.admin, '/settings/access?record=B-1');
    const { page } = open;
    await live(page);
    await page.getByText('Nothing fits').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.route('**/api/access?**', (route) => route.abort());
    await page.getByRole('button', { name: 'Read it again' }).click();
    await page.getByText('The log did not load').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.unroute('**/api/access?**');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Nothing fits').waitFor();
    expect(open.complaints.filter((text) => !text.includes('ERR_FAILED'))).toEqual([]);
    await using other = await openPage(browser, await world.as('ops'), '/settings/access');
    await live(other.page);
    await other.page.getByText('For admins of all branches').waitFor();
    expect(other.complaints).toEqual([]);
  });
});
