import type { Batch } from '@opsboard/shared/batches/schema';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { newId } from '../../server/src/platform/ids.ts';
import { app, browser, oneApp, world } from '../support/one-app.ts';
import { accessibilityFindings, live, openPage } from '../support/page.ts';
import { scanInto } from '../support/scanner.ts';
import { until } from '../support/until.ts';
import type { PersonName } from '../support/world.ts';

oneApp({ webs: 2 });

let made = 0;
/** Part IDs that no other test has. */
const partIds = (count: number): string[] =>
  Array.from({ length: count }, () => `PX-${String(++made).padStart(4, '0')}`);

const way = ['seal', 'depart', 'arrive', 'departBack', 'complete'] as const;
/** A batch with these parts, moved on to a status. */
async function batchAt(reached: 0 | 1 | 2 | 3 | 4 | 5, parts: string[]): Promise<string> {
  const id = await world.batch({ parts, driver: world.people.driver1.id });
  for (const step of way.slice(0, reached)) {
    const counts = step === 'seal' || step === 'complete';
    await world.admin.mustCommand(`batch.${step}`, { id, ...(counts ? { count: parts.length } : {}) });
  }
  return id;
}
const read = async (id: string): Promise<Batch> =>
  (await world.admin.get<{ batch: Batch }>(`/api/batches/${id}`)).body.batch;

async function open(id: string, who: PersonName = 'ops', url?: string) {
  const opened = await openPage(browser, await world.as(who, url), `/operations/batches/${id}`);
  // Sooner than the test's own end: what was waited for is then named.
  opened.page.setDefaultTimeout(12_000);
  await live(opened.page);
  await opened.page
    .getByRole('button', { name: /^(More for|Reopen)/ })
    .first()
    .waitFor();
  return opened;
}

const dialog = (page: Page) => page.getByRole('dialog');
const press = (page: Page, name: string | RegExp) => dialog(page).getByRole('button', { name }).click();

/** Opens a form from the menu, by mouse. */
async function choose(page: Page, label: string): Promise<void> {
  await page.getByRole('button', { name: /^More for/ }).click();
  await page.getByRole('menuitem', { name: label }).click();
  await dialog(page).waitFor();
}

/** Opens a form from the menu, by keyboard. */
async function chooseByKeys(page: Page, label: string): Promise<void> {
  await page.getByRole('button', { name: /^More for/ }).focus();
  await page.keyboard.press('Enter');
  const item = page.getByRole('menuitem', { name: label });
  await item.waitFor();
  for (let i = 0; i < 12; i++) {
    if (await item.evaluate((element) => element === document.activeElement)) break;
    await page.keyboard.press('ArrowDown');
  }
  await page.keyboard.press('Enter');
  await dialog(page).waitFor();
}

/** Tabs until something has the focus. */
async function tabTo(page: Page, role: 'button' | 'textbox' | 'spinbutton', name: string | RegExp): Promise<void> {
  const wanted = dialog(page).getByRole(role, { name }).first();
  await wanted.waitFor();
  for (let i = 0; i < 40; i++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${String(name)} cannot be reached by keyboard`);
}

const timeline = (page: Page) => page.getByRole('region', { name: 'Timeline' });
const message = (page: Page) => page.getByRole('region', { name: 'Messages' });

describe('parts', () => {
  it('stay behind: two batches with their counts and links, and everybody sees it', async () => {
    const [first, ...rest] = partIds(3) as [string, string, string];
    const id = await batchAt(4, [first, ...rest]);
    await using ops = await open(id);
    await using other = await open(id, 'admin', app.webs[1]!.url);
    await choose(ops.page, 'Leave parts behind');
    expect(await accessibilityFindings(ops.page)).toEqual([]);
    await dialog(ops.page).getByRole('checkbox', { name: first }).check();
    await press(ops.page, 'Leave 1 part behind');
    await dialog(ops.page).getByText('Say why').waitFor();
    await press(ops.page, 'Waiting for a spare');
    await press(ops.page, 'Leave 1 part behind');
    await dialog(ops.page).getByText('Two batches now').waitFor();
    await dialog(ops.page).getByText('1 part, stayed behind').waitFor();
    await dialog(ops.page).getByText('2 parts, goes on').waitFor();
    expect(await accessibilityFindings(ops.page)).toEqual([]);
    await timeline(other.page).getByText('Waiting for a spare').waitFor();
    await other.page.getByRole('heading', { name: 'Parts and custody 2' }).waitFor();
    await dialog(ops.page)
      .getByRole('link', { name: /^Open B-/ })
      .click();
    await ops.page.getByText('Stayed behind from', { exact: true }).waitFor();
    await timeline(ops.page).getByText('stayed behind from').first().waitFor();
    expect(await read(id)).toMatchObject({ status: 'in_transit_back', partCount: 2 });
    expect([...ops.complaints, ...other.complaints]).toEqual([]);
  });

  it('lost: struck out with the word, no longer counted, and undone from the message', async () => {
    const [lost, kept] = partIds(2) as [string, string];
    const id = await batchAt(3, [lost, kept]);
    await using ops = await open(id);
    const { page } = ops;
    await choose(page, 'Report parts lost or scrapped');
    expect(await accessibilityFindings(page)).toEqual([]);
    await press(page, 'Scrapped');
    await dialog(page).getByRole('checkbox', { name: lost }).check();
    await press(page, 'Beyond repair');
    await press(page, `Report ${lost} scrapped`);
    await page.getByRole('list', { name: 'Parts' }).getByText('Scrapped').waitFor();
    await page.getByText('1 part lost or scrapped').waitFor();
    expect(await read(id)).toMatchObject({ outCount: 1 });
    await message(page)
      .getByText(/for \d+ s/)
      .waitFor();
    await message(page).getByRole('button', { name: 'Undo' }).click();
    await page.getByText('1 part lost or scrapped').waitFor({ state: 'detached' });
    expect((await read(id)).outCount).toBeUndefined();
    await timeline(page).getByText('undid:').waitFor();
    expect(ops.complaints).toEqual([]);
  });

  it('found again, by keyboard and a scan', async () => {
    const parts = partIds(3) as [string, string, string];
    const id = await batchAt(3, parts);
    await world.admin.mustCommand('batch.settleParts', {
      id,
      parts: [parts[1]],
      how: 'lost',
      reason: 'Not in the box',
    });
    await using ops = await open(id);
    const { page } = ops;
    await chooseByKeys(page, 'Put parts back that were found');
    await dialog(page).getByRole('checkbox').first().waitFor();
    await scanInto(page, parts[1]);
    await tabTo(page, 'button', 'Found in the van');
    await page.keyboard.press('Enter');
    await tabTo(page, 'button', `Put ${parts[1]} back`);
    await page.keyboard.press('Enter');
    await dialog(page).waitFor({ state: 'detached' });
    expect((await read(id)).outCount).toBeUndefined();
    await timeline(page).getByText('Found in the van').waitFor();
    expect(ops.complaints).toEqual([]);
  });

  it('a wrong scan is corrected; a part that is elsewhere is refused by name', async () => {
    const [wrong, right, taken] = partIds(3) as [string, string, string];
    const id = await batchAt(1, [wrong]);
    const elsewhere = await read(await batchAt(0, [taken]));
    await using ops = await open(id);
    const { page } = ops;
    await chooseByKeys(page, 'Correct a wrong scan');
    await dialog(page).getByRole('combobox').waitFor();
    await scanInto(page, wrong);
    await dialog(page).getByText(`${wrong} is on the list`).waitFor();
    await tabTo(page, 'textbox', 'Really in the box');
    await page.keyboard.type(taken);
    await tabTo(page, 'textbox', /^Reason/);
    await page.keyboard.type('Two labels on one part');
    await page.keyboard.press('Enter');
    await dialog(page).getByText(`${taken} is already in ${elsewhere.reference}`).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await scanInto(page, right);
    await page.keyboard.press('Enter');
    await page.getByRole('listitem').filter({ hasText: right }).first().waitFor();
    expect(Object.keys((await read(id)).parts)).toEqual([right]);
    expect(ops.complaints).toEqual([]);
  });

  it('stay behind, by keyboard alone', async () => {
    const parts = partIds(2) as [string, string];
    const id = await batchAt(1, parts);
    await using ops = await open(id);
    const { page } = ops;
    await chooseByKeys(page, 'Leave parts behind');
    await tabTo(page, 'textbox', /^Find a part/);
    await page.keyboard.type(parts[1].toLowerCase());
    await page.keyboard.press('Enter');
    await dialog(page).getByRole('checkbox', { name: parts[1], checked: true }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await page.keyboard.press('End');
    await page.keyboard.press('Space');
    await dialog(page).getByRole('checkbox', { name: parts[0], checked: true }).waitFor();
    await tabTo(page, 'button', 'Did not fit in the van');
    await page.keyboard.press('Enter');
    await tabTo(page, 'button', 'Leave 1 part behind');
    await page.keyboard.press('Enter');
    await dialog(page).getByText('Two batches now').waitFor();
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    expect(Object.keys((await read(id)).parts)).toEqual([parts[1]]);
    expect(ops.complaints).toEqual([]);
  });

  it('500 of them: only what is looked at is on the page, and a scan finds its part', async () => {
    const parts = partIds(500);
    const id = await batchAt(1, parts);
    await using ops = await open(id);
    const { page } = ops;
    const list = page.getByRole('list', { name: 'Parts' });
    await list.getByText(parts[0]!).waitFor();
    expect(await list.getByRole('listitem').count()).toBeLessThan(80);
    await scanInto(page, parts[480]!);
    await list.getByText(parts[480]!).waitFor();
    await page.getByRole('textbox', { name: 'Find a part in this batch' }).fill('no such part');
    await page.getByText('is not among the 500 parts').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    expect(ops.complaints).toEqual([]);
  });

  it('opens with its way across batches, and offers what may be done with it', async () => {
    const [part] = partIds(1) as [string];
    await batchAt(5, [part]);
    const id = await batchAt(3, [part]);
    await using ops = await open(id);
    const { page } = ops;
    await page.getByRole('button', { name: part }).click();
    await dialog(page).getByText('Put into the batch').nth(1).waitFor();
    expect(await dialog(page).getByRole('region').count()).toBe(2);
    expect(await accessibilityFindings(page)).toEqual([]);
    await press(page, 'Lost or scrapped');
    await dialog(page).getByRole('checkbox', { name: part, checked: true }).waitFor();
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    expect(ops.complaints).toEqual([]);
  });
});

describe('counting', () => {
  it('a count that differs is refused with the difference; scanning names what is missing and what is strange', async () => {
    const [here, missing] = partIds(2) as [string, string];
    const [foreign, unknown] = partIds(2) as [string, string];
    const id = await batchAt(0, [here, missing]);
    const elsewhere = await read(await batchAt(0, [foreign]));
    await using ops = await open(id);
    const { page } = ops;
    await page.getByRole('button', { name: 'Seal', exact: true }).click();
    await dialog(page).getByRole('spinbutton').fill('1');
    await page.keyboard.press('Enter');
    await dialog(page).getByText('1 part less than').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await press(page, 'Scan the parts');
    await dialog(page).getByRole('list', { name: 'Parts on the list' }).waitFor();
    for (const part of [here, foreign, unknown, here]) await scanInto(page, part);
    await dialog(page).getByText(`${here} was scanned before`).waitFor();
    await dialog(page).getByRole('link', { name: elsewhere.reference }).waitFor();
    await dialog(page).getByText(`${unknown} is not in`).waitFor();
    await press(page, /^Seal B-/);
    await dialog(page).getByText(`1 part missing: ${missing}`).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await dialog(page)
      .getByRole('listitem')
      .filter({ hasText: `${unknown} is not in` })
      .getByRole('button', { name: 'Add it' })
      .click();
    await press(page, 'Take it out of the draft');
    await dialog(page).getByText('2 of 2').waitFor();
    await press(page, /^Seal B-/);
    await until('it is sealed', async () => (await read(id)).status === 'sealed');
    expect(await read(id)).toMatchObject({ partCount: 2, steps: { sealed: { count: 2 } } });
    expect(Object.keys((await read(id)).parts).sort()).toEqual([here, unknown].sort());
    expect(ops.complaints).toEqual([]);
  });

  it('a part that did not come back is reported from the count, by keyboard, and the count goes on', async () => {
    const [here, gone] = partIds(2) as [string, string];
    const id = await batchAt(4, [here, gone]);
    await using ops = await open(id);
    const { page } = ops;
    await page.getByRole('button', { name: 'Complete', exact: true }).focus();
    await page.keyboard.press('Enter');
    await tabTo(page, 'button', 'Scan to check');
    await page.keyboard.press('Enter');
    await tabTo(page, 'textbox', 'Scan or type each part');
    await page.keyboard.type(here.toLowerCase());
    await page.keyboard.press('Enter');
    await dialog(page).getByText(`${here}: 1 of 2`).waitFor();
    await tabTo(page, 'button', /^Complete B-/);
    await page.keyboard.press('Enter');
    await tabTo(page, 'button', 'Lost or scrapped');
    await page.keyboard.press('Enter');
    await dialog(page).getByRole('checkbox', { name: gone, checked: true }).waitFor();
    await tabTo(page, 'button', 'Lost by the center');
    await page.keyboard.press('Enter');
    await tabTo(page, 'button', `Report ${gone} lost`);
    await page.keyboard.press('Enter');
    await dialog(page).getByText('1 of 1').waitFor();
    await tabTo(page, 'button', /^Complete B-/);
    await page.keyboard.press('Enter');
    await until('it is completed', async () => (await read(id)).status === 'completed');
    expect(await read(id)).toMatchObject({ outCount: 1, steps: { completed: { count: 1 } } });
    expect(ops.complaints).toEqual([]);
  });

  it('hand-over: the driver counts, custody passes, the batch stays sealed', async () => {
    const id = await batchAt(1, partIds(3));
    const driver = world.people.driver1.name;
    await using ops = await open(id);
    const { page } = ops;
    await page.getByRole('button', { name: 'Hand over' }).focus();
    await page.keyboard.press('Enter');
    await tabTo(page, 'spinbutton', 'Counted parts');
    await page.keyboard.type('4');
    await page.keyboard.press('Enter');
    await dialog(page).getByText('1 part more than').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await dialog(page).getByRole('spinbutton').fill('3');
    await press(page, `Hand over to ${driver}`);
    await page.getByText(`Handed over to ${driver}`).waitFor();
    await timeline(page).getByText('over to').first().waitFor();
    await page.getByRole('button', { name: 'Custody' }).click();
    await page.getByText(`Now held by ${driver}`).waitFor();
    expect(await read(id)).toMatchObject({ status: 'sealed', handover: { to: world.people.driver1.id } });
    expect(await accessibilityFindings(page)).toEqual([]);
    expect(ops.complaints).toEqual([]);
  });
});

describe('steps and ends', () => {
  it('a step is taken back by keyboard, and that is undone on the timeline', async () => {
    const id = await batchAt(3, partIds(1));
    await using ops = await open(id);
    const { page } = ops;
    await chooseByKeys(page, 'Take back to In transit to center');
    expect(await accessibilityFindings(page)).toEqual([]);
    await tabTo(page, 'textbox', /^Reason/);
    await page.keyboard.press('Enter');
    await dialog(page).getByText('Say why').waitFor();
    await page.keyboard.type('Wrong batch');
    await page.keyboard.press('Enter');
    await dialog(page).waitFor({ state: 'detached' });
    await until('it is back', async () => (await read(id)).status === 'in_transit_to_center');
    const undo = timeline(page).getByRole('button', { name: /^Undo that .* took it back/ });
    await undo.waitFor();
    await undo.focus();
    await page.keyboard.press('Enter');
    await until('it is at the center again', async () => (await read(id)).status === 'at_center');
    await page.getByRole('button', { name: 'Steps' }).click();
    await timeline(page).getByText('undone').waitFor();
    expect(ops.complaints).toEqual([]);
  });

  it('a draft is cancelled, leaves the boards, is read as such, and is reopened', async () => {
    const [part] = partIds(1) as [string];
    const id = await batchAt(0, [part]);
    await using ops = await open(id);
    await using other = await open(id, 'admin', app.webs[1]!.url);
    const { page } = ops;
    await choose(page, 'Cancel the draft');
    expect(await accessibilityFindings(page)).toEqual([]);
    await press(page, 'Entered twice');
    await press(page, /^Cancel B-/);
    for (const each of [page, other.page]) await each.getByText('It is no longer on the boards').waitFor();
    expect(await accessibilityFindings(other.page)).toEqual([]);
    await timeline(other.page).getByText('Entered twice').waitFor();
    expect(await read(id)).toMatchObject({ status: 'draft', cancelledAt: expect.any(Number) as number });
    // Its part is free meanwhile: reopening is refused by the batch that has it now.
    const taken = await read(await batchAt(0, [part]));
    await other.page.getByRole('button', { name: 'Reopen' }).click();
    await press(other.page, 'Cancelled by mistake');
    await press(other.page, /^Reopen B-/);
    await dialog(other.page).getByText(`already in ${taken.reference}`).waitFor();
    await world.admin.mustCommand('batch.cancel', { id: taken.id, reason: 'Test' });
    await press(other.page, /^Reopen B-/);
    for (const each of [page, other.page]) await each.getByRole('button', { name: 'Seal', exact: true }).waitFor();
    expect((await read(id)).cancelledAt).toBeUndefined();
    // The browser itself reports nothing: a refusal is an answer.
    expect([...ops.complaints, ...other.complaints]).toEqual([]);
  });

  it('a draft is cancelled by keyboard; a step is taken back and a wrong scan corrected by mouse', async () => {
    const draft = await batchAt(0, partIds(1));
    await using ops = await open(draft);
    const { page } = ops;
    await chooseByKeys(page, 'Cancel the draft');
    await tabTo(page, 'button', 'Wrong customer');
    await page.keyboard.press('Enter');
    await tabTo(page, 'button', /^Cancel B-/);
    await page.keyboard.press('Enter');
    await page.getByText('It is no longer on the boards').waitFor();

    const [wrong, right] = partIds(2) as [string, string];
    const id = await batchAt(2, [wrong]);
    await page.goto(`${app.url}/operations/batches/${id}`);
    await choose(page, 'Correct a wrong scan');
    await dialog(page).getByRole('combobox').click();
    await page.getByRole('option', { name: wrong }).click();
    await dialog(page).getByRole('textbox', { name: 'Really in the box' }).fill(right);
    await press(page, 'Typing mistake');
    await press(page, `Put ${right} in its place`);
    await dialog(page).waitFor({ state: 'detached' });
    await choose(page, 'Take back to Sealed');
    await press(page, 'Pressed by mistake');
    await press(page, /^Take B-/);
    await dialog(page).waitFor({ state: 'detached' });
    expect(await read(id)).toMatchObject({ status: 'sealed', parts: { [right]: expect.anything() as object } });
    expect(ops.complaints).toEqual([]);
  });

  it('a completed batch is reopened by keyboard, with the reason', async () => {
    const id = await batchAt(5, partIds(2));
    await using ops = await open(id);
    const { page } = ops;
    await page.getByRole('button', { name: 'Reopen' }).focus();
    await page.keyboard.press('Enter');
    await tabTo(page, 'button', 'A part is still missing');
    await page.keyboard.press('Enter');
    await tabTo(page, 'button', /^Reopen B-/);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Complete', exact: true }).waitFor();
    await until('it is stored', async () => (await read(id)).status === 'in_transit_back');
    expect(ops.complaints).toEqual([]);
  });

  it('offers nothing to those who only read, and says when a batch leaves their view', async () => {
    const id = await world.batch({ branch: world.branches.south, parts: partIds(2) });
    await using manager = await openPage(browser, await world.as('manager'), `/operations/batches/${id}`);
    await live(manager.page);
    await timeline(manager.page).getByText('created it').waitFor();
    expect(await manager.page.getByRole('button', { name: /^More for/ }).count()).toBe(0);
    await using south = await openPage(browser, await world.as('southTeam'), `/operations/batches/${id}`);
    await timeline(south.page).getByText('created it').waitFor();
    const { rev } = await read(id);
    await world.admin.mustCommand('batch.edit', { id, rev, branch: world.branches.north });
    await south.page.getByText('This batch has left your view').waitFor();
    expect(await south.page.getByRole('button', { name: 'Seal', exact: true }).count()).toBe(0);
    expect(manager.complaints).toEqual([]);
  });

  it('a note is written by keyboard, and everybody reads it', async () => {
    const id = await batchAt(1, partIds(1));
    await using ops = await open(id);
    await using other = await open(id, 'admin', app.webs[1]!.url);
    const { page } = ops;
    await page.getByRole('textbox', { name: /^A note on/ }).focus();
    await page.keyboard.type('Keep the cases.');
    await page.keyboard.press('Control+Enter');
    for (const each of [page, other.page]) {
      await each
        .getByRole('region', { name: /^Notes/ })
        .getByText('Keep the cases.')
        .waitFor();
      await timeline(each).getByText('Keep the cases.').waitFor();
    }
    expect([...ops.complaints, ...other.complaints]).toEqual([]);
  });

  it('tells how earlier batches of the same customer and center came back', async () => {
    const customer = newId();
    await world.admin.mustCommand('customer.create', { id: customer, name: 'Earlier Works', slaHours: 48 });
    const before: string[] = [];
    for (let i = 0; i < 3; i++) {
      const id = await world.batch({ customer, parts: partIds(1), driver: world.people.driver1.id });
      before.push(id);
      for (const step of way)
        await world.admin.mustCommand(`batch.${step}`, {
          id,
          ...(step === 'seal' || step === 'complete' ? { count: 1 } : {}),
        });
    }
    const id = await world.batch({ customer, parts: partIds(1) });
    await using ops = await open(id);
    const panel = ops.page.getByRole('region', { name: /^Before/ });
    await panel.getByText('3 of 3').waitFor();
    await panel.getByText('Usually back in').waitFor();
    const { reference } = await read(before[2]!);
    await panel.getByRole('link', { name: reference }).click();
    await ops.page.getByRole('heading', { level: 1, name: reference }).waitFor();
    await ops.page.getByText('Back in time').waitFor();
    expect(ops.complaints).toEqual([]);
  });
});
