import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../server/src/platform/ids.ts';
import { browser, oneApp, world } from '../support/one-app.ts';
import { accessibilityFindings, live, openPage } from '../support/page.ts';
import { scanInto } from '../support/scanner.ts';
import { until } from '../support/until.ts';

const hour = 3_600_000;
let road: { id: string; reference: string };

oneApp({ world: 'Seek' });
beforeAll(async () => {
  const { admin, people } = world;
  const id = await world.batch({ parts: ['P-40017', 'P-40018'], dueAt: Date.now() + 30 * hour });
  await admin.mustCommand('part.create', { id: newId(), partId: 'P-40017', label: 'Card reader' });
  await admin.mustCommand('batch.seal', { id, count: 2 });
  await admin.mustCommand('batch.handOver', { id, driver: people.driver1.id, count: 2 });
  await admin.mustCommand('batch.depart', { id });
  const { body } = await admin.get<{ batch: { reference: string } }>(`/api/batches/${id}`);
  road = { id, reference: body.batch.reference };
  await world.batch({ parts: ['Q-1'], customer: world.customers.slow });
});

describe('find anything', () => {
  it('by keyboard alone: a part is found by its number, tells where it is and who has it, and opens', async () => {
    await using open = await openPage(browser, await world.as('ops'), '/operations');
    const { page } = open;
    await live(page);
    await page.keyboard.press('Control+k');
    const field = page.getByRole('combobox', { name: /part ID, a reference/ });
    await field.waitFor();
    await page.keyboard.type('4001');
    const first = page.getByRole('option', { name: /P-40017.*Card reader.*with Seek driver1 on the way to Seek Near/ });
    await first.waitFor();
    expect(await first.getAttribute('aria-selected')).toBe('true');
    expect(await field.getAttribute('aria-activedescendant')).toBe(await first.getAttribute('id'));
    await page.locator('.palette dd', { hasText: 'On the way to Seek Near' }).waitFor();
    await page.locator('.palette dd', { hasText: 'Seek driver1' }).waitFor();
    await page.getByRole('region', { name: 'Custody' }).getByText('Seek North').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);

    await page.keyboard.press('ArrowDown');
    await page.getByRole('option', { name: /P-40018/, selected: true }).waitFor();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/operations/batches/${road.id}**`);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(open.complaints).toEqual([]);
  });

  it('by mouse: from the side bar, a batch by its number is there before the server answers, and opens', async () => {
    await using open = await openPage(browser, await world.as('ops'), '/operations/board');
    const { page } = open;
    await live(page);
    await page.route('**/api/find**', () => undefined);
    await page.getByRole('button', { name: 'Find anything' }).click();
    await page.getByRole('combobox').fill(road.reference.slice(2));
    await page.getByRole('option', { name: new RegExp(`^${road.reference}`) }).click();
    await page.waitForURL(`**/operations/batches/${road.id}`);
  });

  it('a customer leads to its batches; a new tab is one key more', async () => {
    await using open = await openPage(browser, await world.as('ops'), '/operations');
    const { page } = open;
    await live(page);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('seek slow');
    await page.getByRole('option', { name: /Seek Slow/, selected: true }).waitFor();
    await page.locator('.palette').getByText('1 open batch').waitFor();
    const [tab] = await Promise.all([page.context().waitForEvent('page'), page.keyboard.press('Control+Enter')]);
    await tab.waitForURL(`**/operations/batches?customer=${world.customers.slow}`);
    await tab.close();
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/operations/batches?customer=${world.customers.slow}`);
  });

  it('a route by its number and by who drives it, with where it goes next; opens on its day', async () => {
    const { admin, branches, people } = world;
    const id = newId();
    const stops = [{ id: newId(), place: { kind: 'branch' as const, id: branches.north }, pickUp: [], handOver: [] }];
    const route = { id, branch: branches.north, day: '2030-02-04', driver: people.driver2.id, vehicle: 'Van 7', stops };
    await admin.mustCommand('route.create', route);
    await using open = await openPage(browser, await world.as('ops'), '/operations');
    const { page } = open;
    await live(page);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('r-1');
    const found = page.getByRole('option', { name: /R-1.*Seek driver2, Mon 4 Feb, planned.*0 of 1 stops/ });
    await found.waitFor();
    await page.locator('.palette dd', { hasText: 'Seek North' }).waitFor();
    await page.locator('.palette dd', { hasText: 'Van 7' }).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.getByRole('combobox').fill('driver2');
    await found.click();
    await page.waitForURL(`**/operations/routes?day=2030-02-04&route=${id}`);
    await page.getByRole('region', { name: 'Route R-1' }).waitFor();
    expect(open.complaints).toEqual([]);
  });

  it('a scan from anywhere opens it with the part; another scan asks anew; Escape gives the focus back', async () => {
    await using open = await openPage(browser, await world.as('ops'), '/operations');
    const { page } = open;
    await live(page);
    // What listens to scans is fetched after the page: the first scan is repeated until it is heard, as a person would.
    await until('the scan opens it', async () => {
      await scanInto(page, 'P-40017');
      return (await page.getByRole('combobox').count()) > 0;
    });
    await page.getByRole('option', { name: /P-40017/, selected: true }).waitFor();
    expect(await page.getByRole('combobox').inputValue()).toBe('P-40017');
    await scanInto(page, 'Q-1');
    await until('it asks for the other part', async () => (await page.getByRole('combobox').inputValue()) === 'Q-1');
    await page.getByRole('option', { name: /^Q-1/, selected: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('combobox').waitFor({ state: 'detached' });
    expect(open.complaints).toEqual([]);
  });

  it('does things: a new batch with a part nobody knows, another theme, all keys', async () => {
    await using open = await openPage(browser, await world.as('ops'), '/operations');
    const { page } = open;
    await live(page);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('nw-77');
    await page.getByText('Nothing that you can see').waitFor();
    await page.getByRole('option', { name: /New batch with NW-77/ }).click();
    await page.getByRole('dialog').getByText('NW-77', { exact: true }).first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    await page.keyboard.press('Control+k');
    await page.keyboard.type('dark');
    await page.getByRole('option', { name: /dark theme/, selected: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('html[data-theme="dark"]').waitFor({ state: 'attached' });

    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('keys');
    await page.getByRole('option', { name: /Show all keys/ }).click();
    await page.getByRole('dialog', { name: 'Keys' }).getByText('Find anything', { exact: true }).waitFor();
  });

  it('finds on a phone, and says when there is nothing', async () => {
    const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
    await using open = await openPage(browser, await world.as('team'), '/operations', phone);
    const { page } = open;
    await live(page);
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByRole('combobox').fill('P-4001');
    await page.getByRole('option', { name: /P-40018/ }).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.getByRole('combobox').fill('NOWHERE-1');
    await page.getByText('Nothing that you can see').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('combobox').waitFor({ state: 'detached' });
    expect(open.complaints).toEqual([]);
  });

  it('? shows every key there is, and what it shows is what the handlers listen to', async () => {
    await using open = await openPage(browser, await world.as('ops'), '/operations/batches');
    const { page } = open;
    await live(page);
    await page.keyboard.press('?');
    const dialog = page.getByRole('dialog', { name: 'Keys' });
    for (const words of ['Find anything', 'New batch', 'Filter the board or the list', 'Pick the card up'])
      await dialog.getByText(words, { exact: true }).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.keyboard.press('n');
    await page.getByRole('dialog', { name: /batch/i }).waitFor();
  });
});
