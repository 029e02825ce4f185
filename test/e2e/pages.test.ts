import { beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { app, browser, oneApp } from '../support/one-app.ts';
import { accessibilityFindings, live, openPage } from '../support/page.ts';
import { until } from '../support/until.ts';
import type { World } from '../support/world.ts';
import { buildWorld, password } from '../support/world.ts';

oneApp({ world: false });
let world: World;
let batch: string;
const hour = 3_600_000;

describe('first start', () => {
  it('makes the organization and its admin, by keyboard, and leads to the empty board of a new organization', async () => {
    await using first = await openPage(browser, new Client(app.url), '/');
    const { page } = first;
    await page.waitForURL('**/setup');
    expect(await accessibilityFindings(page)).toEqual([]);
    await page
      .getByLabel(/organization/i)
      .first()
      .fill('Test Works');
    await page.getByLabel(/your name/i).fill('Ada Admin');
    await page.getByLabel(/e-mail/i).fill('ada@test.works');
    for (const field of await page.locator('input[type=password]').all()) await field.fill(password);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/operations');
    await live(page);
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.getByRole('link', { name: 'Open the directory' }).click();
    const places = [
      ['Branches', 'Harbour'],
      ['Customers', 'First Customer'],
      ['Service centers', 'First Center'],
    ] as const;
    for (const [kind, name] of places) {
      await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: kind }).click();
      await page.getByRole('button', { name: 'Add the first one' }).click();
      await page.getByLabel('Name', { exact: true }).fill(name);
      if (kind === 'Customers') await page.getByLabel('SLA, hours').fill('48');
      await page.keyboard.press('Enter');
      await page.getByRole('row', { name }).waitFor();
    }
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.goto(`${app.url}/operations`);
    await page.getByText('No batches yet').first().waitFor();
    expect(first.complaints).toEqual([]);
  });
});

describe('every page', () => {
  beforeAll(async () => {
    world = await buildWorld(app);
    batch = await world.batch({ dueAt: Date.now() + 2 * hour, parts: ['AX-1', 'AX-2'] });
    for (let i = 0; i < 4; i++) await world.batch({ dueAt: Date.now() + (i * 20 + 1) * hour });
    await world.admin.mustCommand('batch.seal', { id: batch, count: 2 });
  });

  const paths = ['/operations', '/operations/board', '/operations/batches', 'BATCH', '/wall', '/settings/profile'];
  const looks = [
    { name: 'light desk', options: { colorScheme: 'light' } },
    { name: 'dark desk', options: { colorScheme: 'dark' } },
    { name: 'phone', options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } },
  ] as const;

  it.each(paths.flatMap((path) => looks.map((look) => ({ path, look }))))(
    '$path has no serious finding of axe and no complaint in the console: $look.name',
    async ({ path, look }) => {
      const at = path === 'BATCH' ? `/operations/batches/${batch}` : path;
      await using open = await openPage(browser, await world.as('ops'), at, look.options);
      await open.page.getByText(/^Live/).first().waitFor();
      await open.page.locator('main').first().waitFor();
      expect(await accessibilityFindings(open.page)).toEqual([]);
      // Nothing is wider than the screen: a page that scrolls sideways is broken on a phone.
      expect(
        await open.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
      ).toBeLessThanOrEqual(0);
      expect(open.complaints).toEqual([]);
    },
  );

  it('the sign-in page, a wrong password said beside the form, and the right one by keyboard', async () => {
    await using open = await openPage(browser, new Client(app.url), '/operations/board');
    const { page } = open;
    await page.waitForURL('**/sign-in**');
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.keyboard.type(world.people.ops.email);
    await page.keyboard.press('Tab');
    await page.keyboard.type('not the password');
    await page.keyboard.press('Enter');
    await page.getByText('do not match').first().waitFor();
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/operations**');
    await live(page);
    // The browser itself reports the refused request; nothing else may be there.
    expect(open.complaints.filter((text) => !text.includes('401'))).toEqual([]);
  });

  it('a session that ends under an open board asks for the password there, and goes on', async () => {
    const client = (await world.as('ops')).at(app.url);
    const own = new Client(app.url);
    await own.post('/api/session', { email: world.people.team.email, password });
    await using open = await openPage(browser, own, '/operations/board');
    const { page } = open;
    await live(page);
    await own.delete('/api/session');
    await page.getByRole('dialog').waitFor();
    await page.getByRole('dialog').getByLabel('Password', { exact: true }).fill(password);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await live(page);
    expect(page.url()).toContain('/operations/board');
    const id = await world.batch();
    await page.locator(`[data-card="${id}"]`).waitFor();
    expect(client.cookie).toBeDefined();
  });

  it('an address that leads nowhere says so, once', async () => {
    await using lost = await openPage(browser, world.admin, '/operations');
    let loads = 0;
    lost.page.on('load', () => loads++);
    for (const path of ['/nowhere', '/settings/nowhere']) {
      loads = 0;
      await lost.page.goto(app.url + path);
      await lost.page.getByText('There is no such page').waitFor();
      // It once asked for a newer version of itself, found one each time, and loaded again for ever.
      await until('the version was asked for', () =>
        lost.page.evaluate(() =>
          performance.getEntriesByType('resource').some(({ name }) => /version\.json/.test(name)),
        ),
      );
      await lost.page.getByRole('link', { name: 'To the dashboard' }).focus();
      expect(loads).toBe(1);
    }
    expect(await accessibilityFindings(lost.page)).toEqual([]);
  });

  it('the wall follows by itself, and its title carries the breaches', async () => {
    await using wall = await openPage(browser, await world.as('display'), '/wall', {
      viewport: { width: 3840, height: 2160 },
    });
    const id = await world.batch();
    const { body } = await world.admin.get<{ batch: { reference: string } }>(`/api/batches/${id}`);
    await wall.page.getByText(body.batch.reference).first().waitFor();
    expect(wall.complaints).toEqual([]);
  });

  it('the dashboard tells of a breach as it happens', async () => {
    const due = Date.now() + 2_500;
    const id = await world.batch({ dueAt: due });
    const { body } = await world.admin.get<{ batch: { reference: string } }>(`/api/batches/${id}`);
    await using open = await openPage(browser, await world.as('ops'), '/operations');
    const { page } = open;
    await page
      .getByText(/batch(es)? breached/)
      .first()
      .waitFor();
    await page.getByText(body.batch.reference).first().waitFor();
    await until('the title counts it', async () => /\(\d+\)|\d+ breached/.test(await page.title()));
  });
});
