import { describe, expect, it } from 'vitest';
import { KeyClient, makeKey } from '../support/key.ts';
import { app, browser, oneApp, world } from '../support/one-app.ts';
import { accessibilityFindings, live, openPage } from '../support/page.ts';
import { until } from '../support/until.ts';

oneApp({ world: 'Keys' });

describe('API keys', () => {
  it('by mouse: made, shown once, used, seen to be used, named where it acted, revoked', async () => {
    await using open = await openPage(browser, world.admin, '/settings/keys');
    const { page } = open;
    await live(page);
    await page.getByText('No key opens the board').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'New key' }).click();
    const form = page.getByRole('dialog', { name: 'New API key' });
    await form.getByRole('button', { name: 'Make the key' }).click();
    await form.getByText('Name it after the system').waitFor();
    await form.getByRole('textbox', { name: 'Name' }).fill('Warehouse sync');
    await form.getByRole('button', { name: 'Make the key' }).click();
    await form.getByText('Choose at least one thing').waitFor();
    await form.getByRole('checkbox', { name: /Change batches/ }).check();
    expect(await accessibilityFindings(page)).toEqual([]);
    await form.getByRole('button', { name: 'Make the key' }).click();
    const shown = page.getByRole('dialog', { name: /copy the key now/ });
    const token = await shown.getByLabel('API key').inputValue();
    expect(token).toMatch(/^ops_[A-Za-z0-9_-]{43}$/);
    expect(await accessibilityFindings(page)).toEqual([]);
    await shown.getByRole('button', { name: 'I have copied it' }).click();
    await shown.waitFor({ state: 'detached' });
    expect(await page.content()).not.toContain(token);
    const row = page.getByRole('listitem').filter({ hasText: 'Warehouse sync' });
    await row.getByText(`ends in ${token.slice(-4)}`).waitFor();
    await row.getByText('Never used').waitFor();

    const key = new KeyClient(app.url, token);
    const batch = await world.batch();
    await key.mustCommand('batch.seal', { id: batch, count: 1 });
    await page.goto(`${app.url}/operations/batches/${batch}`);
    await page.getByText('Key Warehouse sync').first().waitFor();

    await page.goto(`${app.url}/settings/keys`);
    await row.getByText('Last used').waitFor();
    await row.getByRole('button', { name: 'Revoke Warehouse sync' }).click();
    const revoke = page.getByRole('dialog', { name: 'Revoke Warehouse sync?' });
    await revoke.getByText('whatever uses it stops working').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await revoke.getByRole('button', { name: 'Revoke Warehouse sync' }).click();
    await page.getByText('Revoked and expired').waitFor();
    await until('it is refused', async () => (await key.get('/api/batches')).status === 401, 1_000);
    expect(await accessibilityFindings(page)).toEqual([]);
    expect(open.complaints).toEqual([]);
  });

  it('by keyboard alone: made for one branch, changed, revoked', async () => {
    await using open = await openPage(browser, world.admin, '/settings/keys');
    const { page } = open;
    const { keyboard } = page;
    await live(page);
    const press = async (name: RegExp): Promise<void> => {
      await until(`${String(name)} has the focus`, async () => {
        const focused = await page.evaluate(() => {
          const { activeElement: at } = document;
          const label = (at as HTMLInputElement | null)?.labels?.[0]?.textContent;
          return at?.getAttribute('aria-label') ?? label ?? at?.textContent ?? '';
        });
        if (name.test(focused.trim())) return true;
        await keyboard.press('Tab');
        return false;
      });
    };
    await press(/^New key$/);
    await keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await until('the name has the focus', () => page.evaluate(() => document.activeElement?.id === 'key-name'));
    await keyboard.type('Night report');
    await press(/^Read batches/);
    await keyboard.press('Space');
    await press(/Keys South/);
    await keyboard.press('Space');
    await keyboard.press('Enter');
    const shown = page.getByRole('dialog', { name: /copy the key now/ });
    await until('the key has the focus', () => page.evaluate(() => document.activeElement?.id === 'key-token'));
    const token = await shown.getByLabel('API key').inputValue();
    // Not closed by a stray key: it is shown this once.
    await keyboard.press('Escape');
    await press(/^I have copied it$/);
    await keyboard.press('Enter');
    await shown.waitFor({ state: 'detached' });
    const row = page.getByRole('listitem').filter({ hasText: 'Night report' });
    await row.getByText('Read batches. Keys South.').waitFor();
    await world.batch();
    const key = new KeyClient(app.url, token);
    expect((await key.get<{ batches: unknown[] }>('/api/batches')).body.batches).toEqual([]);

    await press(/^Change Night report$/);
    await keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Change Night report' }).waitFor();
    await press(/^Read people/);
    await keyboard.press('Space');
    await keyboard.press('Enter');
    await row.getByText('Read batches, read people.').waitFor();
    expect((await key.get('/api/people')).status).toBe(200);

    await press(/^Revoke Night report$/);
    await keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Revoke Night report?' }).waitFor();
    // The button on the page has the same name.
    await until('the dialog has the focus', () =>
      page.evaluate(() => document.activeElement?.closest('[role="dialog"]') != null),
    );
    await press(/^Revoke Night report$/);
    await keyboard.press('Enter');
    await row.getByText('Revoked', { exact: false }).first().waitFor();
    await until('it is refused', async () => (await key.get('/api/batches')).status === 401, 1_000);
    expect(open.complaints).toEqual([]);
  });

  it('another admin sees a new key at once; others have no page for keys', async () => {
    await using open = await openPage(browser, world.admin, '/settings/keys');
    await live(open.page);
    await makeKey(world.admin, ['people:read'], { name: 'Made elsewhere' });
    await open.page.getByText('Made elsewhere').waitFor();
    await using other = await openPage(browser, await world.as('ops'), '/settings/keys');
    await live(other.page);
    await other.page.getByText('For admins').waitFor();
    expect(await other.page.getByRole('link', { name: 'API keys' }).count()).toBe(0);
    expect(await accessibilityFindings(other.page)).toEqual([]);
    expect([...open.complaints, ...other.complaints]).toEqual([]);
  });
});
