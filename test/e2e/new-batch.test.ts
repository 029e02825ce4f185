/// <reference lib="dom" />
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { newId } from '../../server/src/platform/ids.ts';
import { startBrowser } from '../support/browser.ts';
import { app, browser, oneApp, world } from '../support/one-app.ts';
import { accessibilityFindings, live, openPage } from '../support/page.ts';
import { writeQrVideo } from '../support/qr-video.ts';
import { scanInto } from '../support/scanner.ts';
import { until } from '../support/until.ts';

type Listed = { id: string; reference: string; partCount: number; dueAt: number; createdAt: number; branch: string };

const hour = 3_600_000;

oneApp();

const holding = async (part: string): Promise<Listed | undefined> =>
  (await world.admin.get<{ batches: Listed[] }>(`/api/batches?part=${part}`)).body.batches[0];
const referenceOf = async (id: string): Promise<string> =>
  (await world.admin.get<{ batch: Listed }>(`/api/batches/${id}`)).body.batch.reference;

/** Opens the form on the board. */
async function begin(page: Page): Promise<Locator> {
  await live(page);
  await page.keyboard.press('n');
  const form = page.getByRole('dialog');
  await form.getByLabel('Customer', { exact: true }).waitFor();
  return form;
}

/** What is offered in a field; pages behind have lists of their own. */
const options = (page: Page): Locator => page.locator('.choices').getByRole('option');

/** Chooses in a field by typing, as a person at the keyboard does. */
async function choose(page: Page, form: Locator, label: string, text: string): Promise<void> {
  await form.getByLabel(label, { exact: true }).focus();
  await page.keyboard.type(text);
  await options(page).filter({ hasText: text }).first().waitFor();
  await page.keyboard.press('Enter');
  await options(page).first().waitFor({ state: 'detached' });
}

async function fill(page: Page, form: Locator): Promise<void> {
  await choose(page, form, 'Customer', 'Slow');
  await choose(page, form, 'Service center', 'Near');
  await choose(page, form, 'Branch', 'North');
}

const parts = (form: Locator): Promise<string[]> => form.locator('[data-part] .ref').allTextContents();
const listed = (form: Locator, expected: string[]) =>
  until(`the list is ${expected.join()}`, async () => (await parts(form)).join() === expected.join()).catch(
    async (error: Error) => {
      throw new Error(`${error.message}; it is ${(await parts(form)).join()}`);
    },
  );
const gone = (form: Locator) => form.waitFor({ state: 'detached' });

describe('a new batch', () => {
  it('is made with the mouse, from the button to the board', async () => {
    await using open = await openPage(browser, await world.as('ops'), '/operations/board');
    const { page } = open;
    await live(page);
    await page.getByRole('button', { name: 'New batch' }).first().click();
    const form = page.getByRole('dialog');
    for (const [label, name] of [
      ['Customer', 'Fast'],
      ['Service center', 'Far'],
      ['Branch', 'South'],
    ] as const) {
      await form.getByLabel(label, { exact: true }).click();
      await options(page).filter({ hasText: name }).click();
    }
    await form.getByLabel('Parts', { exact: true }).fill('mouse-1');
    await form.getByRole('button', { name: 'Add', exact: true }).click();
    await form.getByLabel('Parts', { exact: true }).fill('mouse-2, mouse-3');
    await form.getByRole('button', { name: 'Add', exact: true }).click();
    await listed(form, ['MOUSE-2', 'MOUSE-3', 'MOUSE-1']);
    await form.getByRole('button', { name: 'Take MOUSE-2 out' }).click();
    await listed(form, ['MOUSE-3', 'MOUSE-1']);
    await form.getByRole('button', { name: 'Create the draft' }).click();
    await gone(form);
    await page.getByText('is a draft now').first().waitFor();
    const batch = (await holding('MOUSE-1'))!;
    expect(batch).toMatchObject({ partCount: 2, branch: world.branches.south });
    await page.locator(`[data-card="${batch.id}"]`).waitFor();
    expect(open.complaints).toEqual([]);
  });

  it('is made with the keyboard alone: parts typed, one taken out with Delete, created from where the focus is', async () => {
    await using open = await openPage(browser, await world.as('ops'), '/operations/board');
    const { page } = open;
    const form = await begin(page);
    await fill(page, form);
    const field = form.getByLabel('Parts', { exact: true });
    await field.focus();
    for (const text of ['key-1', 'key-2 key-3', 'key-1']) {
      await page.keyboard.type(text, { delay: 60 });
      await page.keyboard.press('Enter');
    }
    await listed(form, ['KEY-2', 'KEY-3', 'KEY-1']);
    await form.getByText('KEY-1 was in the list already').waitFor();
    // Out of the field, over the camera, into the list, down to the last part.
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
    await page.keyboard.press('Delete');
    await listed(form, ['KEY-2', 'KEY-3']);
    await page.keyboard.press('Control+Enter');
    await gone(form);
    expect(await holding('KEY-1')).toBeUndefined();
    expect(await holding('KEY-2')).toMatchObject({ partCount: 2 });
    expect(open.complaints).toEqual([]);
  });

  it('takes a pasted list of any form, says what was no part ID, and takes the list back on one click', async () => {
    await using open = await openPage(browser, await world.as('ops'), '/operations/board', {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const { page } = open;
    const form = await begin(page);
    const paste = async (text: string): Promise<void> => {
      await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
      await form.getByLabel('Parts', { exact: true }).focus();
      await page.keyboard.press('Control+v');
    };
    await paste('paste-1\r\nPASTE-2;paste-3\t"paste-4", paste.5 paste-1\n');
    await listed(form, ['PASTE-1', 'PASTE-2', 'PASTE-3', 'PASTE-4']);
    await form.getByText('4 parts added. PASTE-1 given more than once: counted once.').waitFor();
    await form.getByRole('region', { name: 'Not added' }).getByText('paste.5').waitFor();
    await form.getByRole('button', { name: 'Take them back' }).click();
    await listed(form, []);
    await paste(Array.from({ length: 503 }, (_, n) => `MANY-${n}`).join('\n'));
    await form.getByText('3 too many: a batch holds 500').waitFor();
    await form.getByText('500 parts', { exact: true }).waitFor();
    expect(open.complaints).toEqual([]);
  });
});

describe('a scanner', () => {
  it('works wherever the focus is, leaves nothing in fields, and presses nothing', async () => {
    await using open = await openPage(browser, await world.as('ops'), '/operations/board');
    const { page } = open;
    const form = await begin(page);
    const customer = form.getByLabel('Customer', { exact: true });
    await customer.focus();
    // The same keys at a person's pace are a person's.
    await scanInto(page, 'FAST-1', 60);
    await until('it stands where it was typed', async () => (await customer.inputValue()) === 'FAST-1');
    expect(await parts(form)).toEqual([]);
    await customer.fill('');
    await page.keyboard.press('Tab');
    await customer.focus();
    await scanInto(page, 'SCAN-1');
    await listed(form, ['SCAN-1']);
    expect(await customer.inputValue()).toBe('');
    await options(page).first().waitFor({ state: 'detached' });
    expect(await customer.evaluate((field) => field === document.activeElement)).toBe(true);

    await fill(page, form);
    await form.getByRole('button', { name: 'Create the draft' }).focus();
    // "n" would open this dialog, Enter would press the button.
    await scanInto(page, 'N-2');
    await listed(form, ['N-2', 'SCAN-1']);
    await form.getByLabel(/^Expected return date/).focus();
    const before = await form.getByLabel(/^Expected return date/).inputValue();
    await scanInto(page, '20260101');
    await listed(form, ['20260101', 'N-2', 'SCAN-1']);
    expect(await form.getByLabel(/^Expected return date/).inputValue()).toBe(before);
    await form.getByText('by contract').waitFor({ state: 'detached' });

    // What a person was writing stays; the code goes into the list.
    await form.getByLabel('Parts', { exact: true }).focus();
    await page.keyboard.type('half', { delay: 60 });
    await scanInto(page, 'SCAN-3', 25);
    await listed(form, ['SCAN-3', '20260101', 'N-2', 'SCAN-1']);
    expect(await form.getByLabel('Parts', { exact: true }).inputValue()).toBe('half');
    await form.getByLabel('Parts', { exact: true }).fill('');

    // Again, and something that is no part: both are said.
    await scanInto(page, 'SCAN-3');
    await page.getByText('SCAN-3: in the list already').first().waitFor({ state: 'attached' });
    await scanInto(page, '(01)09506000134352');
    await form.getByRole('region', { name: 'Not added' }).getByText('(01)09506000134352').waitFor();
    expect(await holding('SCAN-1')).toBeUndefined();
    await page.keyboard.press('Control+Enter');
    await gone(form);
    expect(await holding('SCAN-1')).toMatchObject({ partCount: 4 });
    expect(open.complaints).toEqual([]);
  });

  it('gives every kind of field back what was in it', async () => {
    await using open = await openPage(browser, await world.as('ops'), '/operations');
    const { page } = open;
    const form = await begin(page);
    // Kinds that the form does not have itself; a note is written in the first.
    await form.locator('.places').evaluate((places) => {
      const made = (tag: string, more: object) => places.append(Object.assign(document.createElement(tag), more));
      made('p', { id: 'k-note', contentEditable: 'true', textContent: 'a note' });
      made('textarea', { id: 'k-area', value: 'two\nlines' });
      made('input', { id: 'k-number', type: 'number', value: '7' });
      const list = Object.assign(document.createElement('select'), { id: 'k-list' });
      list.append(new Option('Kept'), new Option('Other'), new Option('4 more'));
      places.append(list);
    });
    const kinds = ['k-note', 'k-area', 'k-number', 'k-list'];
    const held = (id: string): Promise<string | null> =>
      page.locator(`#${id}`).evaluate((field) => ('value' in field ? String(field.value) : field.textContent));
    const before = await Promise.all(kinds.map(held));
    for (const [i, id] of kinds.entries()) {
      await page.locator(`#${id}`).focus();
      if (id === 'k-note') await page.keyboard.press('End');
      await scanInto(page, `OK-4${i}`);
      await form.locator(`[data-part="OK-4${i}"]`).waitFor();
    }
    expect(await Promise.all(kinds.map(held))).toEqual(before);
    expect(open.complaints).toEqual([]);
  });
});

describe('a part in another open batch', () => {
  it('is refused by name with a link and the rest is kept; at Create, too, where one click takes it out', async () => {
    const id = await world.batch({ parts: ['HELD-1', 'HELD-2'] });
    await world.admin.mustCommand('part.create', { id: newId(), partId: 'FREE-1', label: 'Pump housing' });
    const reference = await referenceOf(id);
    await using open = await openPage(browser, await world.as('ops'), '/operations/board');
    const { page } = open;
    const form = await begin(page);
    await form.getByLabel('Parts', { exact: true }).fill('HELD-1 FREE-1 HELD-2');
    await page.keyboard.press('Enter');
    await listed(form, ['FREE-1']);
    await form.getByText('Pump housing').waitFor();
    const refused = form.getByRole('region', { name: 'Not added' });
    expect(await refused.getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringContaining(`HELD-1 is in ${reference}`),
      expect.stringContaining(`HELD-2 is in ${reference}`),
    ]);
    const [there] = await Promise.all([
      page.context().waitForEvent('page'),
      refused.getByRole('link', { name: reference }).first().click(),
    ]);
    await there.waitForURL(`**/operations/batches/${id}`);
    await there.close();
    await refused.getByRole('button', { name: 'Dismiss all 2' }).click();
    await refused.waitFor({ state: 'detached' });

    // Between the question and Create somebody else was faster.
    await fill(page, form);
    await form.getByLabel('Parts', { exact: true }).fill('RACE-1 RACE-2 RACE-3');
    await page.keyboard.press('Enter');
    await listed(form, ['RACE-1', 'RACE-2', 'RACE-3', 'FREE-1']);
    const faster = await world.batch({ parts: ['RACE-1', 'RACE-3'] });
    await form.getByRole('button', { name: 'Create the draft' }).click();
    await form.getByText('2 parts went into another open batch meanwhile').waitFor();
    expect(await form.getByRole('link', { name: await referenceOf(faster) }).count()).toBe(2);
    expect(await parts(form)).toEqual(['RACE-1', 'RACE-2', 'RACE-3', 'FREE-1']);
    await form.getByRole('button', { name: 'Take them out' }).click();
    await listed(form, ['RACE-2', 'FREE-1']);
    await page.keyboard.press('Enter');
    await gone(form);
    expect(await holding('RACE-2')).toMatchObject({ partCount: 2 });
    expect((await holding('RACE-1'))!.id).toBe(faster);
    expect(open.complaints).toEqual([]);
  });

  it('is refused the same way on the page of a draft, where a scan goes in while the focus is in its field', async () => {
    await world.batch({ parts: ['OTHER-1'] });
    const id = await world.batch({ parts: ['OWN-1'] });
    await using open = await openPage(browser, await world.as('ops'), `/operations/batches/${id}`);
    const { page } = open;
    await live(page);
    const field = page.getByPlaceholder('Add parts: type, paste or scan');
    await field.fill('OWN-1 OTHER-1 OWN-2');
    await page.keyboard.press('Enter');
    const refused = page.getByRole('region', { name: 'Not added' });
    await refused.getByText('OTHER-1').waitFor();
    await refused.getByText('in this batch already').waitFor();
    await until('OWN-2 is in it', async () => (await holding('OWN-2'))?.id === id);
    await field.focus();
    await scanInto(page, 'OWN-3');
    await until('OWN-3 is in it', async () => (await holding('OWN-3'))?.id === id);
    expect(await field.inputValue()).toBe('');
    expect(open.complaints).toEqual([]);
  });
});

describe('the expected return date', () => {
  it('is proposed past days on which the center is closed, with the reasons, until a person sets another', async () => {
    const tomorrow = new Date(Date.now() + 24 * hour).toLocaleDateString('en-CA', { timeZone: 'Europe/Berlin' });
    const center = newId();
    await world.admin.mustCommand('center.create', {
      id: center,
      name: 'Closed tomorrow',
      holidays: [{ date: tomorrow, name: 'Inventory' }],
    });
    await using open = await openPage(browser, await world.as('ops'), '/operations/board');
    const { page } = open;
    const form = await begin(page);
    await choose(page, form, 'Customer', 'Slow');
    await form.getByText('72 h after now').waitFor();
    await choose(page, form, 'Service center', 'Closed tomorrow');
    await form.getByText(/closed on Inventory, \w+day: /).waitFor();
    await choose(page, form, 'Branch', 'North');
    const field = form.getByLabel(/^Expected return date/);
    const proposed = await field.inputValue();
    const late = `${Number(proposed.slice(0, 4)) + 1}${proposed.slice(4)}`;
    await field.fill(late);
    await form.getByText('later than the contract allows').waitFor();
    // It stays when the customer changes: a person has set it.
    await choose(page, form, 'Customer', 'Fast');
    expect(await field.inputValue()).toBe(late);
    await form.getByRole('button', { name: 'Take the proposal' }).click();
    await form.getByText('48 h after now').waitFor();
    await form.getByLabel('Parts', { exact: true }).fill('DATE-1');
    await page.keyboard.press('Enter');
    await form.getByRole('button', { name: 'Create the draft' }).click();
    await gone(form);
    const batch = (await holding('DATE-1'))!;
    // The same time of day, a day later for the holiday; an hour more or less where summer time begins or ends.
    expect(Math.abs(batch.dueAt - batch.createdAt - 72 * hour)).toBeLessThanOrEqual(hour);
    expect(open.complaints).toEqual([]);
  });
});

describe('what was begun', () => {
  it('is kept when the dialog is closed by mistake or the page goes, and is offered back', async () => {
    await using open = await openPage(browser, await world.as('team'), '/operations/board');
    const { page } = open;
    let form = await begin(page);
    await choose(page, form, 'Customer', 'Slow');
    await form.getByLabel('Parts', { exact: true }).fill('KEPT-1 KEPT-2');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await gone(form);
    await page.getByRole('button', { name: 'Go on with it' }).click();
    await listed(form, ['KEPT-1', 'KEPT-2']);
    await page.reload();
    form = await begin(page);
    expect(await parts(form)).toEqual([]);
    await form.getByText('Slow, 2 parts. It was not created.').waitFor();
    await form.getByRole('button', { name: 'Go on with it' }).click();
    await listed(form, ['KEPT-1', 'KEPT-2']);
    await choose(page, form, 'Service center', 'Near');
    await choose(page, form, 'Branch', 'North');
    await form.getByRole('button', { name: 'Create the draft' }).click();
    await gone(form);
    form = await begin(page);
    expect(await form.getByText('It was not created').count()).toBe(0);
    // The branch of one's last batch is chosen already.
    expect(await form.getByLabel('Branch', { exact: true }).inputValue()).toContain('North');
    expect(open.complaints).toEqual([]);
  });
});

describe('templates', () => {
  it('what comes up often is proposed; saved once it is in every browser; renamed and removed', async () => {
    for (let i = 0; i < 3; i++) await world.batch({ center: world.centers.far });
    await using one = await openPage(browser, await world.as('ops'), '/operations/board');
    await using other = await openPage(browser, await world.as('team'), '/operations/board');
    const form = await begin(one.page);
    await form
      .getByRole('toolbar', { name: 'Frequent' })
      .getByRole('button', { name: /Fast → .*Far/ })
      .click();
    expect(await form.getByLabel('Service center', { exact: true }).inputValue()).toContain('Far');
    await form.getByRole('button', { name: 'Save as template' }).click();
    await form.getByLabel('Name of the template').fill('Daily to Far');
    await one.page.keyboard.press('Enter');
    await form.getByRole('toolbar', { name: 'Templates' }).getByRole('button', { name: 'Daily to Far' }).waitFor();
    // The dialog around it is not sent by that Enter.
    expect(await one.page.getByRole('dialog').count()).toBe(1);

    const second = await begin(other.page);
    await other.page.keyboard.press('Shift+Tab');
    await second.getByRole('button', { name: 'Daily to Far' }).focus();
    await other.page.keyboard.press('Enter');
    await other.page.keyboard.type('TPL-1', { delay: 60 });
    await other.page.keyboard.press('Enter');
    await other.page.keyboard.press('Control+Enter');
    await gone(second);
    await until('it is made', async () => (await holding('TPL-1')) !== undefined);

    await form.getByRole('button', { name: 'Rename and remove templates' }).click();
    await form.getByLabel('Name of Daily to Far').fill('Every day');
    await one.page.keyboard.press('Enter');
    await form.getByRole('toolbar').getByRole('button', { name: 'Every day' }).waitFor();
    await form.getByRole('button', { name: 'Remove Every day' }).click();
    await form.getByRole('toolbar', { name: 'Frequent' }).waitFor();
    expect([...one.complaints, ...other.complaints]).toEqual([]);
  });
});

describe('for everybody', () => {
  it.each([
    ['a desk', {}],
    ['a dark desk', { colorScheme: 'dark' as const }],
    ['a phone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
  ])('axe finds nothing serious, and nothing is wider than the screen: %s', async (_what, options) => {
    await world.batch({ parts: [`AXE-${_what.length}`] });
    await using open = await openPage(browser, await world.as('ops'), '/operations', options);
    const { page } = open;
    const form = await begin(page);
    await fill(page, form);
    await form.getByLabel('Parts', { exact: true }).fill(`AXE-${_what.length} AXE-A AXE-B x.y`);
    await page.keyboard.press('Enter');
    await form.getByRole('region', { name: 'Not added' }).waitFor();
    await form.getByText('2 parts', { exact: true }).waitFor();
    await until('motion is over', async () => (await page.evaluate(() => document.getAnimations().length)) === 0);
    expect(await accessibilityFindings(page)).toEqual([]);
    const wide = () =>
      page.evaluate(() =>
        [innerWidth, document.querySelector('[role=dialog]')!.scrollWidth].map((w) => w - screen.width),
      );
    if ('isMobile' in options) expect(Math.max(...(await wide()))).toBeLessThanOrEqual(0);
    expect(open.complaints).toEqual([]);
  });
});

describe('the camera', () => {
  it('says what to do where there is none', async () => {
    await using open = await openPage(browser, await world.as('ops'), '/operations/board');
    const form = await begin(open.page);
    await form.getByRole('button', { name: 'Camera' }).click();
    await form.getByText(/may not use the camera|No camera was found/).waitFor();
    await form.getByRole('button', { name: 'Close the camera' }).click();
    expect(await form.getByRole('region', { name: 'Camera' }).count()).toBe(0);
  });

  it('reads each code once, says what was not taken, asks no other host, and lets go of the camera', async () => {
    await world.batch({ parts: ['CAM-HELD'] });
    const folder = mkdtempSync(join(tmpdir(), 'opsboard-camera-'));
    const video = join(folder, 'codes.y4m');
    writeQrVideo(video, ['CAM-1', 'cam/2', 'CAM-HELD', 'https://elsewhere.example/x']);
    const seeing = await startBrowser([
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-video-capture=${video}`,
    ]);
    try {
      await using open = await openPage(seeing, await world.as('ops'), '/operations/board');
      const { page } = open;
      const hosts = new Set<string>();
      page.on('request', (request) => hosts.add(new URL(request.url()).host));
      const form = await begin(page);
      await form.getByRole('button', { name: 'Camera', exact: true }).click();
      const camera = form.getByRole('region', { name: 'Camera' });
      const read = camera.getByRole('list', { name: 'Codes read' });
      await until('all four are read', async () => (await read.getByRole('listitem').count()) === 4, 30_000);
      await until('two are parts', async () => (await parts(form)).toSorted().join() === 'CAM-1,CAM/2');
      await form.getByRole('region', { name: 'Not added' }).getByText('CAM-HELD').waitFor();
      await read.getByRole('listitem').filter({ hasText: 'CAM-HELD' }).getByText('is in B-').waitFor();
      // Round and round: what is in the list already is said so, not added.
      await read.getByText('in the list already').first().waitFor();
      expect((await parts(form)).toSorted()).toEqual(['CAM-1', 'CAM/2']);
      expect(await accessibilityFindings(page)).toEqual([]);
      const running = () =>
        page.evaluate(() => {
          const { srcObject } = document.querySelector('video') ?? { srcObject: null };
          return srcObject instanceof MediaStream ? srcObject.getTracks().map(({ readyState }) => readyState) : [];
        });
      expect(await running()).toEqual(['live']);
      const track = await page.evaluateHandle(
        () => (document.querySelector('video')!.srcObject as MediaStream).getTracks()[0]!,
      );
      await camera.getByRole('button', { name: 'Mute the tone' }).click();
      await camera.getByRole('button', { name: 'Close the camera' }).click();
      await camera.waitFor({ state: 'detached' });
      expect(await track.evaluate(({ readyState }) => readyState)).toBe('ended');
      expect([...hosts]).toEqual([new URL(app.url).host]);
      expect(open.complaints).toEqual([]);
    } finally {
      await seeing.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
