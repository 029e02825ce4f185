/// <reference lib="dom" />
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Batch } from '@opsboard/shared/batches/schema';
import type { Organization } from '@opsboard/shared/organization/schema';
import { newId } from '../../server/src/platform/ids.ts';
import { app, browser, oneApp, world } from '../support/one-app.ts';
import { accessibilityFindings, live, openPage, tabTo } from '../support/page.ts';
import { pngOf } from '../support/png.ts';
import { until } from '../support/until.ts';
import { password } from '../support/world.ts';

oneApp({ world: 'Works', workers: 1 });

const onRecord = async (): Promise<Organization> =>
  (await world.admin.get<{ organization: Organization }>('/api/session')).body.organization;
const section = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });
const save = (page: Page, name: string): Promise<void> =>
  section(page, name).getByRole('button', { name: 'Save' }).click();
const phone = { viewport: { width: 390, height: 844 } };

describe('the organization', () => {
  it('has the name and the logo that an admin gives it, on every page at once', async () => {
    await using other = await openPage(browser, await world.as('team'), '/operations/board');
    await using own = await openPage(browser, world.admin, '/settings/organization');
    const { page } = own;
    await live(other.page);
    await page.getByLabel('Product name').fill('Harbour Control');
    await page.getByText('A tab is called “Board · Harbour Control”').waitFor();
    await save(page, 'Name and logo');
    await page.getByRole('link', { name: 'Harbour Control, dashboard' }).waitFor();
    await until('the other tab is called so', async () => (await other.page.title()).endsWith('Harbour Control'));

    const field = page.locator('input[type=file]');
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
    await field.setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: Buffer.from(svg) });
    await page.getByText('SVG is not taken: such a file can carry scripts.', { exact: false }).first().waitFor();
    await field.setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: pngOf(120, 48) });
    await page.getByAltText('The logo').waitFor();
    expect((await onRecord()).logo, 'not before it is saved').toBeUndefined();
    await save(page, 'Name and logo');
    const drawn = other.page.locator('.brand img');
    await drawn.waitFor();
    await until('it is drawn', () => drawn.evaluate((image) => (image as HTMLImageElement).naturalWidth === 120));
    // What was refused is a line in the console of the browser, and nothing else is.
    expect(own.complaints.filter((line) => !line.includes('status of 400'))).toEqual([]);
    expect(other.complaints).toEqual([]);
  });

  it('what two admins change at once is not lost: the later one decides', async () => {
    await using one = await openPage(browser, world.admin, '/settings/organization');
    await using two = await openPage(browser, world.admin, '/settings/organization');
    const undo = (page: Page): Locator => page.getByLabel('Undo is offered for, seconds');
    await undo(one.page).fill('90');
    await one.page.getByText('can be unsealed for 90 seconds').waitFor();
    // Another section is another matter.
    await two.page.getByLabel('At risk above, percent').fill('35');
    await save(two.page, 'Promises');
    await until('it is saved', async () => (await onRecord()).atRiskPercent === 35);
    await undo(two.page).fill('120');
    await save(two.page, 'Grace times');
    await one.page.getByText('Somebody else has saved this meanwhile.').waitFor();
    expect(await accessibilityFindings(one.page)).toEqual([]);
    await one.page.getByRole('button', { name: 'Keep mine' }).click();
    await save(one.page, 'Grace times');
    await until('mine is saved', async () => (await onRecord()).undoSeconds === 90);
    await until('theirs shows it', async () => (await undo(two.page).inputValue()) === '90');
    await undo(one.page).fill('1');
    await save(one.page, 'Grace times');
    await one.page.getByText('A whole number from 5 to 3,600 seconds.').waitFor();
    expect(await undo(one.page).evaluate((element) => element === document.activeElement)).toBe(true);
    expect([...one.complaints, ...two.complaints]).toEqual([]);
  });

  it('a manager reads it, and is told whom to ask', async () => {
    await using opened = await openPage(browser, await world.as('manager'), '/settings/organization', phone);
    const { page } = opened;
    await page.getByText('These settings are changed by admins. Ask Works admin.').waitFor();
    expect(await page.getByLabel('Time zone').isDisabled()).toBe(true);
    expect(await page.getByRole('button', { name: 'Save' }).count()).toBe(0);
    expect(await accessibilityFindings(page)).toEqual([]);
    expect(opened.complaints).toEqual([]);
  });

  it('by keyboard alone: hours count from sealing, and a date is provisional until then', async () => {
    await using opened = await openPage(browser, world.admin, '/settings/organization');
    const { page } = opened;
    await live(page);
    const promises = section(page, 'Promises');
    await tabTo(page, promises.getByRole('radio', { name: /^Creation/ }));
    await page.keyboard.press('ArrowDown');
    await promises.getByText('provisional; sealed', { exact: false }).waitFor();
    await page.keyboard.press('Enter');
    await until('it is saved', async () => (await onRecord()).slaStart === 'sealing');
    const times = section(page, 'Time and working hours');
    await tabTo(page, times.getByRole('checkbox', { name: 'Not open day and night' }));
    await page.keyboard.press('Space');
    await tabTo(page, times.getByRole('checkbox', { name: 'Friday' }));
    await page.keyboard.press('Space');
    await tabTo(page, times.getByRole('button', { name: 'Save' }));
    await page.keyboard.press('Enter');
    await until(
      'hours are saved',
      async () => Object.keys((await onRecord()).hours ?? {}).join() === 'mon,tue,wed,thu',
    );
    expect(await accessibilityFindings(page)).toEqual([]);
    await world.admin.mustCommand('organization.edit', { id: world.org, rev: (await onRecord()).rev, hours: null });

    const id = await world.batch();
    const read = async () => (await world.admin.get<{ batch: Batch }>(`/api/batches/${id}`)).body.batch;
    expect(await read()).toMatchObject({ provisional: true, slaStart: 'sealing' });
    await page.goto(`${app.url}/operations/batches/${id}`);
    await page.getByText('provisional until sealed').waitFor();
    await page.keyboard.press('n');
    const form = page.getByRole('dialog');
    await form.getByLabel('Customer', { exact: true }).focus();
    await page.keyboard.type('Fast');
    await page.locator('.choices').getByRole('option').first().waitFor();
    await page.keyboard.press('Enter');
    await form.getByText('Provisional until sealed:').waitFor();
    await page.keyboard.press('Escape');
    await world.admin.mustCommand('batch.seal', { id, count: 1 });
    await page.getByText('first promise', { exact: true }).waitFor();
    await page.getByText('Expected return date counted from sealing, 48 h by contract').first().waitFor();
    const sealed = await read();
    expect(sealed.dueAt).toBe(sealed.steps.sealed!.at + 48 * 3_600_000);
    expect(sealed.promisedAt).toBe(sealed.dueAt);
    expect(opened.complaints).toEqual([]);
  });

  it('by keyboard alone: what proves a hand-over, and how long ways are kept', async () => {
    await using opened = await openPage(browser, world.admin, '/settings/organization', phone);
    const { page } = opened;
    await live(page);
    const drivers = section(page, 'Drivers');
    const photo = drivers.getByRole('group', { name: 'Photo' });
    await drivers.getByText('the phone also offers the name of the receiver and a signature').waitFor();
    await tabTo(page, photo.getByRole('radio', { name: 'Off' }));
    for (const need of ['Optional', 'Required']) {
      await page.keyboard.press('ArrowUp');
      await until(need, () => photo.getByRole('radio', { name: need }).isChecked());
    }
    await drivers.getByText('A hand-over is refused without a photo').waitFor();
    const wider = (element: Element): boolean => element.scrollWidth > element.clientWidth;
    expect(await drivers.locator('form').evaluate(wider), 'nothing is cut off on a phone').toBe(false);
    await tabTo(page, drivers.getByLabel('Ways that drivers took are kept for, days'));
    await page.keyboard.press('Control+a');
    await page.keyboard.type('91');
    await page.keyboard.press('Enter');
    await drivers.getByText('A whole number from 0 to 90 days.').waitFor();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('0');
    await drivers.getByText('no way is kept').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await until('it is saved', async () => (await onRecord()).positionDays === 0);
    expect((await onRecord()).proof).toEqual({ receiver: 'optional', signature: 'optional', photo: 'required' });
    expect(opened.complaints).toEqual([]);
  });
});

describe('retention', () => {
  it('counts before it is saved, and asks; by keyboard', async () => {
    const gone = await (await import('../support/client.ts')).signIn(app.url, world.people.team.email, password);
    await gone.request('DELETE', '/api/session');
    const { connection } = await app.backdoor();
    const ended = { org: world.org, endedAt: { $exists: true } };
    await connection
      .collection('sessions')
      .updateMany(ended as object, { $set: { endedAt: Date.now() - 8 * 86_400_000 } });
    await using opened = await openPage(browser, world.admin, '/settings/retention', phone);
    const { page } = opened;
    const days = page.getByLabel('Ended sessions and used links, days');
    await days.focus();
    await page.keyboard.type('3');
    await page.getByText('A whole number of days, at least 7 days.', { exact: false }).waitFor();
    await page.keyboard.press('Backspace');
    await page.keyboard.type('7');
    await page.getByText(/Would be deleted now: \d+ ended session/).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/^Delete \d+ ended sessions? for good\?$/).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect((await onRecord()).retention).toBeUndefined();
    await days.focus();
    await page.keyboard.press('Enter');
    await tabTo(page, dialog.getByRole('button', { name: 'Save and delete' }));
    await page.keyboard.press('Enter');
    await until('it is saved', async () => (await onRecord()).retention?.sessionsDays === 7);
    expect(opened.complaints).toEqual([]);
  });

  it('erases a person who has left, after naming what that touches; their name is gone from open pages', async () => {
    const id = newId();
    const person = { commandId: newId(), id, name: 'Odette Leaver', email: 'odette@works.test', role: 'team_member' };
    expect((await world.admin.post('/api/people', { ...person, password })).status).toBe(201);
    await using opened = await openPage(browser, world.admin, '/settings/retention');
    const { page } = opened;
    const whom = page.getByLabel('Whom');
    await whom.waitFor();
    expect(await whom.getByRole('option', { name: 'Odette Leaver' }).count()).toBe(0);
    await world.admin.mustCommand('person.edit', { id, rev: 1, active: false });
    await whom.getByRole('option', { name: 'Odette Leaver' }).waitFor({ state: 'attached' });
    await whom.selectOption({ label: 'Odette Leaver' });
    await page.getByRole('button', { name: 'Erase…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Erase Odette Leaver for good?').waitFor();
    await dialog.getByText('0 sessions, with the devices they were on').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Erase for good' }).click();
    await dialog.waitFor({ state: 'detached' });
    await until(
      'the name is gone',
      async () => (await whom.getByRole('option', { name: 'Odette Leaver' }).count()) === 0,
    );
    const { body } = await world.admin.get<{ people: { id: string; name: string }[] }>('/api/people');
    expect(body.people.find((one) => one.id === id)?.name).toBe('Erased person');

    await whom.selectOption({ label: 'Works Fast' });
    await page.getByRole('button', { name: 'Erase…' }).press('Enter');
    await dialog.getByText('Erase the contacts of Works Fast for good?').waitFor();
    await tabTo(page, dialog.getByRole('button', { name: 'Erase for good' }));
    await page.keyboard.press('Enter');
    await until('they are gone', async () => {
      const customers = await world.admin.get<{ customers: { id: string; contactEmail?: string }[] }>('/api/customers');
      return customers.body.customers.find((one) => one.id === world.customers.fast)?.contactEmail === undefined;
    });

    const vendor = newId();
    await world.admin.mustCommand('vendor.create', { id: vendor, name: 'Works Supplier', contactPhone: '+49 30 99' });
    await dialog.waitFor({ state: 'detached' });
    await whom.getByRole('option', { name: 'Works Supplier' }).waitFor({ state: 'attached' });
    await whom.selectOption({ label: 'Works Supplier' });
    await page.getByRole('button', { name: 'Erase…' }).press('Enter');
    await dialog.getByText('The vendor, with its address').waitFor();
    expect(await dialog.getByText('Counting').count()).toBe(0);
    await dialog.getByRole('button', { name: 'Erase for good' }).press('Enter');
    await whom.getByRole('option', { name: 'Works Supplier' }).waitFor({ state: 'detached' });
    expect(opened.complaints).toEqual([]);
  });

  it('is for admins', async () => {
    await using opened = await openPage(browser, await world.as('ops'), '/settings/retention');
    await opened.page.getByText('This is for admins').waitFor();
    expect(await accessibilityFindings(opened.page)).toEqual([]);
    expect(opened.complaints).toEqual([]);
  });
});
