import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '@opsboard/shared/batches/schema';
import type { Client } from '../support/client.ts';
import { testClock } from '../support/clock.ts';
import { app, browser, oneApp, world } from '../support/one-app.ts';
import type { MailServer } from '../support/outside.ts';
import { startMailServer } from '../support/outside.ts';
import { accessibilityFindings, live, openPage } from '../support/page.ts';
import { until } from '../support/until.ts';

const hour = 3_600_000;
const clock = testClock();
let ops: Client;
let mail: MailServer;

beforeAll(async () => {
  mail = await startMailServer();
});
afterAll(() => mail?.[Symbol.asyncDispose]());
// E-mail is set up, SMS is not: both ways of the form are seen.
oneApp(() => ({ clock, webs: 2, env: { SMTP_URL: mail.url, MAIL_FROM: 'Ops <ops@works.test>' } }));
beforeAll(async () => {
  ops = await world.as('ops');
  await app.start('worker');
});

const read = async (id: string): Promise<Batch> => (await ops.get<{ batch: Batch }>(`/api/batches/${id}`)).body.batch;

/** A batch whose date passed a moment ago. The clock may not have put it on record yet: nobody waits for that. */
async function breachedBatch(): Promise<Batch> {
  const id = await world.batch({ dueAt: clock.now() + 1_000 });
  clock.advance(1_500);
  return read(id);
}

const rowOf = (page: Page, id: string) =>
  page.getByRole('region', { name: 'Breached batches' }).locator(`[data-batch="${id}"]`);
const stepOf = (page: Page, step: string) => page.locator(`[data-step="${step}"]`);
const stepIs = (page: Page, step: string, state: string) =>
  page.locator(`[data-step="${step}"][data-state="${state}"]`).waitFor();

/** Keys alone: presses, and Tab until the focus is on what has a name. */
function keyboard(page: Page) {
  return {
    press: async (...keys: string[]): Promise<void> => {
      for (const key of keys) await page.keyboard.press(key);
    },
    tabTo: async (name: RegExp): Promise<void> => {
      for (let i = 0; i < 80; i++) {
        await page.keyboard.press('Tab');
        if (name.test(await focused(page))) return;
      }
      throw new Error(`Tab does not lead to ${name}`);
    },
  };
}

/** The name of what has the focus. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(`(() => {
    const at = document.activeElement;
    const label = at?.labels?.[0]?.textContent ?? at?.getAttribute('aria-label') ?? at?.textContent ?? '';
    return label.replace(/\\s+/g, ' ').trim();
  })()`);

describe('breach response', () => {
  it('by mouse from the banner: each row offers the next step right there; another browser sees the delivery live', async () => {
    const { id, reference } = await breachedBatch();
    await using one = await openPage(browser, await world.as('ops', app.webs[0]!.url), '/operations');
    await using other = await openPage(browser, await world.as('admin', app.webs[1]!.url), `/operations/batches/${id}`);
    const { page } = one;
    await Promise.all([live(page), live(other.page)]);
    const row = rowOf(page, id);
    const dialog = page.getByRole('dialog');

    await row.getByText('0 of 4').waitFor();
    await row.getByRole('button', { name: /^Call/ }).click();
    expect(await dialog.getByRole('link', { name: /\+49 30 7654321/ }).getAttribute('href')).toBe('tel:+49307654321');
    await dialog.getByRole('button', { name: 'Log the call' }).click();
    await dialog.getByText('Say in a few words').waitFor();
    await dialog.getByLabel('What was said').fill('Rutger: ready by six');
    await dialog.getByRole('button', { name: 'Log the call' }).click();
    await row.getByText('1 of 4').waitFor();
    await row.getByText('Rutger: ready by six').waitFor();
    await stepIs(other.page, 'call', 'done');

    await row.getByRole('button', { name: /^Set a new date/ }).click();
    await dialog.getByRole('button', { name: 'Center is behind' }).click();
    await dialog.getByRole('button', { name: /^Set / }).click();
    // No longer past its date, and still here: the response goes on.
    await row.getByText('2 of 4').waitFor();
    await row.getByText(/due in/).waitFor();

    await row.getByRole('button', { name: /^Notify customer/ }).click();
    await dialog.getByText('No SMS is set up: ask an admin to set SMS_URL').waitFor();
    const subject = dialog.getByRole('textbox', { name: 'Subject' });
    expect(await subject.inputValue()).toContain(reference);
    await dialog.getByLabel('Language').selectOption('German');
    const text = dialog.getByRole('textbox', { name: 'Text of the e-mail' });
    expect(await text.inputValue()).toContain('Guten Tag');
    await text.fill(`${await text.inputValue()}\n\nGruß, Ines`);
    expect(await accessibilityFindings(page)).toEqual([]);
    const held = Promise.withResolvers<void>();
    mail.behaviour = { data: () => held.promise };
    await dialog.getByRole('button', { name: 'Send e-mail' }).click();
    await dialog.waitFor({ state: 'detached' });
    // The text has not been taken yet: both say so, and the next step is offered meanwhile.
    await stepIs(other.page, 'notify', 'under_way');
    await other.page.getByText('E-mail on its way').waitFor();
    await row.getByRole('button', { name: /^Log the reason/ }).waitFor();
    held.resolve();
    await stepIs(other.page, 'notify', 'done');
    await other.page.getByText(/^E-mail sent/).waitFor();
    mail.behaviour = {};
    expect(mail.taken.at(-1)!.to).toEqual([`fast@${world.people.ops.email.split('@')[1]}`]);
    await other.page.getByText('What was written').click();
    await other.page.getByText('Gruß, Ines').waitFor();

    await row.getByText('3 of 4').waitFor();
    await row.getByRole('button', { name: /^Log the reason/ }).click();
    await dialog.getByLabel('Why it is late').fill('A spare was missing.\nOrdered twice from now on.');
    await dialog.getByRole('button', { name: 'Log the reason' }).click();
    await row.waitFor({ state: 'detached' });
    await other.page.getByText('4 of 4 done').waitFor();
    await other.page.getByRole('region', { name: 'Breach response' }).getByText('Ordered twice from now on.').waitFor();
    expect(await accessibilityFindings(other.page)).toEqual([]);
    expect([...one.complaints, ...other.complaints]).toEqual([]);
  });

  it('by keyboard alone on the batch page: the next step is unfolded, any other can be', async () => {
    const { id } = await breachedBatch();
    await using open = await openPage(browser, ops, `/operations/batches/${id}`);
    const { page } = open;
    await live(page);
    await stepIs(page, 'call', 'open');
    const { press, tabTo } = keyboard(page);
    // Out of order: the reason first.
    await tabTo(/^Log the reason ?, open/);
    await press('Enter');
    await tabTo(/^Why it is late/);
    await page.keyboard.type('The truck broke down.');
    await press('Control+Enter');
    await stepIs(page, 'log', 'done');
    await tabTo(/^What was said/);
    await page.keyboard.type('Nobody answered, called again at noon');
    await press('Enter');
    await stepIs(page, 'call', 'done');
    await tabTo(/^Reason/);
    await page.keyboard.type('Waiting for a spare');
    await press('Enter');
    await stepIs(page, 'date', 'done');
    await tabTo(/^I told them myself/);
    await press('Enter');
    await tabTo(/^How the customer was told/);
    await page.keyboard.type('Rang Jo Maas');
    await press('Enter');
    await stepIs(page, 'notify', 'done');
    await page.getByText('4 of 4 done').waitFor();
    await until('the last step is on record', async () => (await read(id)).response?.told !== undefined);
    const { response, dueAt } = await read(id);
    expect(response).toMatchObject({
      told: { how: 'Rang Jo Maas' },
      called: { note: expect.stringContaining('noon') },
    });
    expect(dueAt).toBeGreaterThan(clock.now());
    expect(open.complaints).toEqual([]);
  });

  it('by keyboard alone from the banner: the focus comes back to what is next', async () => {
    const { id, reference } = await breachedBatch();
    await using open = await openPage(browser, ops, '/operations');
    const { page } = open;
    await live(page);
    const { press, tabTo } = keyboard(page);
    const row = rowOf(page, id);
    await row.getByText('0 of 4').waitFor();
    await tabTo(new RegExp(`^Call .* for ${reference}$`));
    await press('Enter');
    await page.getByRole('dialog').waitFor();
    await tabTo(/^What was said/);
    await page.keyboard.type('Ready at noon');
    await press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await row.getByText('1 of 4').waitFor();
    await until(
      'the focus is on the next step',
      async () => (await focused(page)) === `Set a new date for ${reference}`,
    );
    await press('Enter');
    await page.getByRole('dialog').waitFor();
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await until('the focus is back', async () => (await focused(page)) === `Set a new date for ${reference}`);
    expect((await read(id)).response).toMatchObject({ called: { note: 'Ready at noon' } });
    expect(open.complaints).toEqual([]);
  });

  it('what could not be delivered says why, and goes again when somebody says so', async () => {
    const { id } = await breachedBatch();
    mail.behaviour = { recipient: '550 No such user' };
    await using open = await openPage(browser, ops, `/operations/batches/${id}`);
    const { page } = open;
    await live(page);
    await stepOf(page, 'notify')
      .getByRole('button', { name: /^Notify customer/ })
      .click();
    await stepOf(page, 'notify').getByRole('button', { name: 'Send e-mail' }).click();
    await page
      .getByText(/No such user/)
      .first()
      .waitFor();
    await stepIs(page, 'notify', 'open');
    mail.behaviour = {};
    await page.getByRole('button', { name: /^Send again/ }).click();
    await stepIs(page, 'notify', 'done');
    expect(open.complaints).toEqual([]);
  });

  it('who may not do a step is told who may; who only reads gets no form', async () => {
    const { id } = await breachedBatch();
    await using team = await openPage(browser, await world.as('team'), `/operations/batches/${id}`);
    await live(team.page);
    await team.page.getByLabel('What was said').fill('Ready tomorrow');
    await team.page.keyboard.press('Enter');
    await team.page.getByText('Ask an operations manager.').waitFor();
    await using manager = await openPage(browser, await world.as('manager'), `/operations`);
    await live(manager.page);
    const row = rowOf(manager.page, id);
    await row.getByText('1 of 4').waitFor();
    expect(await row.getByRole('button').count()).toBe(0);
    await row.getByRole('link', { name: /^Open/ }).click();
    await manager.page.waitForURL(`**/${id}`);
    expect([...team.complaints, ...manager.complaints]).toEqual([]);
  });
});

describe('dashboard', () => {
  it('each count opens the list of exactly what it counts', async () => {
    const driver = world.people.driver1.id;
    const [sealed, out, there] = [0, 1, 2].map(() => world.batch({ driver, dueAt: clock.now() + 30 * 24 * hour }));
    for (const id of [await sealed!, await out!, await there!]) await ops.mustCommand('batch.seal', { id, count: 1 });
    for (const id of [await out!, await there!]) await ops.mustCommand('batch.depart', { id });
    await ops.mustCommand('batch.arrive', { id: await there! });
    await world.batch({ dueAt: clock.now() + 40 * hour });
    await using open = await openPage(browser, ops, '/operations');
    const { page } = open;
    await live(page);
    const tiles = page.getByRole('region', { name: 'Counts' }).getByRole('link');
    expect(await tiles.count()).toBe(6);
    for (let i = 0; i < 6; i++) {
      const tile = tiles.nth(i);
      const name = (await tile.locator('.l').textContent())!.trim();
      const counted = Number((await tile.locator('.f').textContent())!.trim());
      await tile.click();
      await page.waitForURL('**/operations/batches?**');
      if (counted === 0)
        await page
          .getByText(/No batch|Nothing/)
          .first()
          .waitFor();
      else
        await until(
          `${name}: ${counted} rows`,
          async () => (await page.locator('[role=row][data-batch]').count()) === counted,
        );
      await page.goBack();
      await tiles.first().waitFor();
    }
    await page.getByRole('link', { name: /^Due soon/ }).click();
    await page.waitForURL(/due=soon&from=/);
    expect(open.complaints).toEqual([]);
  });

  it('hundreds of breaches push nothing away, and every one is listed', async () => {
    const made = await Promise.all(Array.from({ length: 120 }, () => world.batch({ dueAt: clock.now() + 60_000 })));
    clock.advance(61_000);
    await using open = await openPage(browser, ops, '/operations');
    const { page } = open;
    await live(page);
    const banner = page.getByRole('region', { name: 'Breached batches' });
    await until('five rows', async () => (await banner.locator('li').count()) === 5);
    const tiles = page.getByRole('region', { name: 'Counts' });
    expect((await tiles.boundingBox())!.y).toBeLessThan(450);
    const showAll = banner.getByRole('button', { name: /^Show all/ });
    const listed = Number(/\d+/.exec((await showAll.textContent())!)![0]);
    expect(listed).toBeGreaterThanOrEqual(made.length);
    await showAll.click();
    const list = banner.getByRole('list');
    await until('every one is listed', async () => {
      await list.evaluate((element) => {
        element.scrollTop = element.scrollHeight;
      });
      return (await banner.locator('li').count()) === listed;
    });
    for (const id of [made[0]!, made.at(-1)!]) expect(await banner.locator(`[data-batch="${id}"]`).count()).toBe(1);
    expect((await tiles.boundingBox())!.y).toBeLessThan(700);
    expect(await accessibilityFindings(page)).toEqual([]);
    expect(open.complaints).toEqual([]);
  });
});
