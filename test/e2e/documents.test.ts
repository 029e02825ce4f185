import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Client } from '../support/client.ts';
import { app, browser, oneApp, world } from '../support/one-app.ts';
import { accessibilityFindings, live, openPage } from '../support/page.ts';
import { codesOn, print, read } from '../support/pdf.ts';

oneApp({ world: 'Papers' });

/** What opens in a tab of its own while something is done: its address, and the document behind it. */
async function opened(page: Page, client: Client, act: () => Promise<void>) {
  const [tab] = await Promise.all([page.context().waitForEvent('page'), act()]);
  await tab.waitForURL('**/*.pdf?*', { waitUntil: 'commit' });
  const { pathname, search } = new URL(tab.url());
  await tab.close();
  const response = await fetch(app.url + pathname + search, { headers: { cookie: client.cookie! } });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const codes = (await Promise.all((await print(bytes, 150)).map(codesOn))).flat().sort();
  return { search, codes, ...(await read(bytes)) };
}

describe('documents of a batch', () => {
  it('by mouse: labels while it is packed, the manifest once it is sealed, the paper remembered', async () => {
    const batch = await world.batch({ parts: ['MOU-1', 'MOU-2'] });
    const ops = await world.as('ops');
    await using open = await openPage(browser, ops, `/operations/batches/${batch}`);
    const { page } = open;
    await live(page);
    const documents = page.getByRole('region', { name: 'Documents' });
    expect(await documents.getByRole('button', { name: 'Print Manifest' }).isDisabled()).toBe(true);
    await documents.getByText('Seal it first').waitFor();

    await documents.getByRole('group', { name: 'Sheet of the labels' }).getByRole('button', { name: 'A4' }).click();
    await documents.getByLabel('First free label').fill('24');
    await documents.getByText('2 labels on 2 sheets of 24').waitFor();
    const labels = await opened(page, ops, () => documents.getByRole('link', { name: 'Print Part labels' }).click());
    expect([labels.search, labels.pages.length, labels.codes]).toEqual(['?size=a4&from=24', 2, ['MOU-1', 'MOU-2']]);

    await page.getByRole('button', { name: 'Seal', exact: true }).click();
    await page.getByLabel('Counted parts').fill('2');
    await page.getByRole('button', { name: /^Seal B-/ }).click();
    const offered = page.getByRole('link', { name: 'Print the manifest' });
    const manifest = await opened(page, ops, () => offered.click());
    expect(manifest.pages[0]!.text).toContain('Total: 2 parts listed');
    expect(manifest.codes).toEqual([expect.stringMatching(/^B-/), 'MOU-1', 'MOU-2']);

    await documents
      .getByRole('group', { name: 'Paper of the manifest' })
      .getByRole('button', { name: 'Letter' })
      .click();
    await page.reload();
    await live(page);
    const again = await opened(page, ops, () => documents.getByRole('link', { name: 'Print Manifest' }).click());
    expect([again.search, Math.round(again.pages[0]!.height)]).toEqual(['?size=letter', 792]);
    await documents.getByRole('group', { name: 'Sheet of the labels' }).getByRole('button', { name: 'A4' }).waitFor();
    expect(open.complaints).toEqual([]);
  });

  it('by keyboard alone, without a finding of axe', async () => {
    const batch = await world.batch({ parts: ['KEY-1'] });
    await world.admin.mustCommand('batch.seal', { id: batch, count: 1 });
    const ops = await world.as('ops');
    await using open = await openPage(browser, ops, `/operations/batches/${batch}`);
    const { page } = open;
    await live(page);
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('id') ?? '');
    const tabTo = async (id: string): Promise<void> => {
      for (let i = 0; i < 60 && (await focused()) !== id; i++) await page.keyboard.press('Tab');
      expect(await focused()).toBe(id);
    };
    await tabTo('manifest-open');
    const manifest = await opened(page, ops, () => page.keyboard.press('Enter'));
    expect(manifest.codes).toContain('KEY-1');
    await page.bringToFront();
    // On to the labels, and among their sheets to the roll.
    await tabTo('labels-open');
    for (let i = 0; i < 3; i++) await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.getByText('1 label of 57 × 32 mm').waitFor();
    for (let i = 0; i < 3; i++) await page.keyboard.press('Shift+Tab');
    const labels = await opened(page, ops, () => page.keyboard.press('Enter'));
    expect([labels.search, labels.codes]).toEqual(['?size=roll', ['KEY-1']]);
    const mine = (await accessibilityFindings(page)).filter((finding) => /manifest|labels|documents/i.test(finding));
    expect(mine).toEqual([]);
    expect(open.complaints).toEqual([]);
  });

  it('on a phone: a batch’s manifest, and a reason when the line is cut', async () => {
    const batch = await world.batch({ parts: ['DRV-1'] });
    await world.admin.mustCommand('batch.seal', { id: batch, count: 1 });
    const team = await world.as('team');
    await using open = await openPage(browser, team, `/operations/batches/${batch}`, {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    });
    const { page } = open;
    await live(page);
    const link = page.getByRole('link', { name: 'Print Manifest' });
    expect((await link.boundingBox())!.height).toBeGreaterThanOrEqual(44);
    const manifest = await opened(page, team, () => link.tap());
    expect(manifest.codes).toContain('DRV-1');
    await page.context().setOffline(true);
    await page.getByText('Waits for the line').first().waitFor({ timeout: 30_000 });
    expect(await page.getByRole('button', { name: 'Print Manifest' }).isDisabled()).toBe(true);
  });
});
