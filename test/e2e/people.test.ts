import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, signIn } from '../support/client.ts';
import { accessibilityFindings, live, openPage } from '../support/page.ts';
import { app, browser, oneApp, world } from '../support/one-app.ts';
import type { MailServer } from '../support/outside.ts';
import { startMailServer } from '../support/outside.ts';
import { until } from '../support/until.ts';
import { password } from '../support/world.ts';

let mail: MailServer;
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;
const chosen = 'five words of my own';

beforeAll(async () => {
  mail = await startMailServer();
});
afterAll(() => mail?.[Symbol.asyncDispose]());
oneApp(() => ({ world: 'People', env: { SMTP_URL: mail.url, MAIL_FROM: 'Ops <ops@works.test>' } }));

const rowOf = (page: Page, name: string) => page.getByRole('main').getByRole('button', { name });
const dialogOf = (page: Page) => page.getByRole('dialog');
const linkIn = (page: Page, name: RegExp) => dialogOf(page).getByLabel(name).inputValue();
const sideways = (page: Page) =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
/** Tab until something with this name has the focus. */
async function tabTo(page: Page, name: RegExp | string): Promise<void> {
  const said = () =>
    page.evaluate(() => {
      const at = document.activeElement as HTMLInputElement | null;
      return at?.getAttribute('aria-label') ?? (at?.labels?.[0]?.textContent || at?.textContent) ?? '';
    });
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    const now = (await said()).trim();
    if (typeof name === 'string' ? now.startsWith(name) : name.test(now)) return;
  }
  throw new Error(`no way by Tab to ${String(name)}`);
}

describe('an invitation', () => {
  it('is made by the admin, copied, and used once, in another browser; they come in with their role and branches', async () => {
    await using desk = await openPage(browser, world.admin, '/settings/people', {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const { page } = desk;
    await live(page);
    await rowOf(page, 'People ops').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Invite' }).click();
    const dialog = dialogOf(page);
    await dialog.getByLabel('Name').fill('Nia New');
    await dialog.getByLabel('E-mail').fill('nia@people.test');
    await dialog.getByLabel('Role').selectOption('Operations manager');
    await dialog.getByText('Only some').click();
    await dialog.getByText('People South').click();
    expect(await accessibilityFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Invite' }).click();
    await dialog.getByRole('heading', { name: 'Nia New is invited' }).waitFor();
    await dialog.getByRole('button', { name: 'Copy' }).click();
    await dialog.getByRole('button', { name: 'Copied' }).waitFor();
    const address = await page.evaluate(() => navigator.clipboard.readText());
    await dialog.getByText('An e-mail was sent to nia@people.test').waitFor();
    expect(address).toMatch(new RegExp(`^${app.url}/join#[\\w-]{43}$`));
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await rowOf(page, 'Nia New').getByText('Invited').waitFor();

    await using guest = await openPage(browser, new Client(app.url), address.slice(app.url.length), phone);
    await guest.page.getByRole('heading', { name: 'Welcome, Nia New' }).waitFor();
    await guest.page.getByText('People invites you').waitFor();
    // The token is gone from the address bar, and not one step back in the history.
    await until('the address is bare', () => guest.page.url() === `${app.url}/join`);
    expect(await sideways(guest.page)).toBe(0);
    expect(await accessibilityFindings(guest.page)).toEqual([]);
    await guest.page.getByLabel('Your password').fill('too short');
    await guest.page.keyboard.press('Enter');
    await guest.page.getByText('At least 10 characters.').waitFor();
    await guest.page.getByLabel('Your password').fill(chosen);
    await guest.page.keyboard.press('Enter');
    await guest.page.waitForURL('**/operations');
    await guest.page.getByText(/^Live/).first().waitFor();
    await guest.page.goto(`${app.url}/settings/profile`);
    await guest.page.getByText('Operations manager').last().waitFor();
    await guest.page.getByText('People South').waitFor();
    await rowOf(page, 'Nia New').getByText('Invited').waitFor({ state: 'detached' });

    await using late = await openPage(browser, new Client(app.url), address.slice(app.url.length));
    await late.page.getByRole('heading', { name: 'This link does not open' }).waitFor();
    await late.page.getByText('has been used').waitFor();
    // Another link pasted into the same page.
    await late.page.goto(`${app.url}/join#${'A'.repeat(43)}`);
    await late.page.getByText('is not known here').waitFor();
    await until('the address is bare', () => late.page.url() === `${app.url}/join`);
    expect(await accessibilityFindings(late.page)).toEqual([]);
    expect([...desk.complaints, ...guest.complaints]).toEqual([]);
    expect(late.complaints.filter((text) => !text.includes('410'))).toEqual([]);
  });

  it('goes by keyboard alone, from the list to the board', async () => {
    await using desk = await openPage(browser, world.admin, '/settings/people');
    const { page } = desk;
    await live(page);
    await tabTo(page, 'Invite');
    await page.keyboard.press('Enter');
    await dialogOf(page).waitFor();
    await page.keyboard.type('Kay Keys');
    await page.keyboard.press('Tab');
    await page.keyboard.type('kay@people.test');
    await page.keyboard.press('Enter');
    await dialogOf(page).getByRole('heading', { name: 'Kay Keys is invited' }).waitFor();
    const address = await linkIn(page, /Invitation link/);
    await page.keyboard.press('Escape');
    await dialogOf(page).waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toContain('Invite');

    await using guest = await openPage(browser, new Client(app.url), address.slice(app.url.length));
    await guest.page.getByRole('heading', { name: 'Welcome, Kay Keys' }).waitFor();
    await until('the field has the focus', () =>
      guest.page.evaluate(() => document.activeElement?.id === 'new-password'),
    );
    await guest.page.keyboard.type(chosen);
    await guest.page.keyboard.press('Enter');
    await guest.page.waitForURL('**/operations');
    await live(guest.page);
    expect([...desk.complaints, ...guest.complaints]).toEqual([]);
  });
});

describe('a person', () => {
  it('is found, changed and followed while somebody else changes them too', async () => {
    await using desk = await openPage(browser, world.admin, '/settings/people');
    const { page } = desk;
    await live(page);
    await page.getByLabel('Find people').fill('driver1');
    await until('only one is left', async () => (await page.locator('li button.line').count()) === 1);
    await rowOf(page, 'People driver1').click();
    const dialog = dialogOf(page);
    expect(await accessibilityFindings(page)).toEqual([]);
    await dialog.getByLabel('Phone').fill('+49 30 1');
    await dialog.getByLabel('Name').fill('Dee Driver');
    const { id } = world.people.driver1;
    const read = async () =>
      (
        await world.admin.get<{ people: { id: string; rev: number; name: string; role: string; phone?: string }[] }>(
          '/api/people',
        )
      ).body.people.find((person) => person.id === id)!;
    await world.admin.mustCommand('person.edit', { id, rev: 1, name: 'Di Driver', role: 'team_member' });
    // What is untouched follows; what both changed is named, and not overwritten in silence.
    await dialog.getByText('the name is now Di Driver').waitFor();
    expect(await dialog.getByLabel('Role').inputValue()).toBe('team_member');
    expect(await dialog.getByLabel('Name').inputValue()).toBe('Dee Driver');
    expect(await accessibilityFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Take theirs' }).click();
    expect(await dialog.getByLabel('Name').inputValue()).toBe('Di Driver');
    await dialog.getByLabel('Role').selectOption('Driver');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Di Driver is changed').first().waitFor();
    expect(await read()).toMatchObject({ name: 'Di Driver', role: 'driver', phone: '+49 30 1' });
    expect(desk.complaints).toEqual([]);
  });

  it('gets a new password by a link; the admin sees and ends their sessions', async () => {
    const elsewhere = await signIn(app.url, world.people.team.email, password);
    await using desk = await openPage(browser, world.admin, '/settings/people', phone);
    const { page } = desk;
    await page.getByText(/^Live/).first().waitFor();
    await rowOf(page, 'People team').click();
    const dialog = dialogOf(page);
    await dialog.getByText('An unknown device').or(dialog.getByText('node')).first().waitFor();
    expect(await sideways(page)).toBe(0);
    await dialog.getByRole('button', { name: 'Link for a new password' }).click();
    const address = await linkIn(page, /Link for a new password/);
    await using guest = await openPage(browser, new Client(app.url), address.slice(app.url.length), phone);
    await guest.page.getByText('For People team at People').waitFor();
    expect(await accessibilityFindings(guest.page)).toEqual([]);
    await guest.page.getByLabel('Your password').fill(chosen);
    await guest.page.keyboard.press('Enter');
    await guest.page.waitForURL('**/operations');
    expect((await elsewhere.get<{ person?: object }>('/api/session')).body.person).toBeUndefined();
    await signIn(app.url, world.people.team.email, chosen);

    await page.keyboard.press('Escape');
    await rowOf(page, 'People team').click();
    await dialog.getByRole('button', { name: 'End all 2 sessions' }).click();
    await dialog.getByText('Not signed in anywhere').waitFor();
    await guest.page.getByRole('dialog').getByText('Sign in again').waitFor();
    expect(desk.complaints).toEqual([]);
  });

  it('who is deactivated is cut from a live board within a second, and what they did keeps their name', async () => {
    const { southOps } = world.people;
    const client = await world.as('southOps');
    const batch = await world.batch({ branch: world.branches.south });
    await client.mustCommand('batch.seal', { id: batch, count: 1 });
    await using board = await openPage(browser, client, '/operations/board');
    await live(board.page);
    await using desk = await openPage(browser, world.admin, '/settings/people');
    const { page } = desk;
    await live(page);
    await rowOf(page, southOps.name).focus();
    await page.keyboard.press('Enter');
    const dialog = dialogOf(page);
    await tabTo(page, /^Deactivate/);
    await page.keyboard.press('Enter');
    await dialog.getByText('Signed out on every device within a second').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    const cut = board.page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const seen = (): void => {
            if (document.querySelector('[role="dialog"]')) resolve(Date.now());
            else requestAnimationFrame(seen);
          };
          seen();
        }),
    );
    const from = Date.now();
    await page.keyboard.press('Enter');
    expect((await cut) - from).toBeLessThan(1_000);
    await dialog.getByRole('button', { name: 'Reactivate' }).waitFor();
    await page.keyboard.press('Escape');
    await rowOf(page, southOps.name).getByText('Inactive').waitFor();
    await page.goto(`${app.url}/operations/batches/${batch}`);
    await page.getByText(southOps.name).first().waitFor();

    // Back again, by keyboard, with the role and the password of before.
    await page.goto(`${app.url}/settings/people`);
    await live(page);
    await rowOf(page, southOps.name).focus();
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Reactivate' }).focus();
    await page.keyboard.press('Enter');
    await rowOf(page, southOps.name).getByText('Inactive').waitFor({ state: 'detached' });
    await signIn(app.url, southOps.email, password);
    expect(desk.complaints).toEqual([]);
  });

  it('the last admin is not offered to be shut out, and it is said why', async () => {
    await using desk = await openPage(browser, world.admin, '/settings/people');
    const { page } = desk;
    // The rules are fetched once the page stands: it must say so also where it was asked before they came.
    const rules = Promise.withResolvers<void>();
    await page.route('**/*.js', async (route) => {
      const answer = await route.fetch();
      if ((await answer.text()).includes('only admin for everything')) await rules.promise;
      await route.fulfill({ response: answer });
    });
    await page.reload();
    await live(page);
    await rowOf(page, 'People admin').click();
    const deactivate = dialogOf(page).getByRole('button', { name: 'Deactivate' });
    await deactivate.waitFor();
    expect(await deactivate.isDisabled()).toBe(false);
    rules.resolve();
    await dialogOf(page).getByText('is the only admin for everything').waitFor();
    expect(await deactivate.isDisabled()).toBe(true);
    expect(desk.complaints).toEqual([]);
  });
});

describe('one’s own', () => {
  it.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['on a phone', phone],
  ] as const)('security lists sessions, ends one and all others: %s', async (_what, look) => {
    const here = await signIn(app.url, world.people.manager.email, password);
    const there = await signIn(app.url, world.people.manager.email, password);
    const third = await signIn(app.url, world.people.manager.email, password);
    await using open = await openPage(browser, here, '/settings/security', look);
    const { page } = open;
    await page.getByText('This device').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    expect(await sideways(page)).toBe(0);
    const buttons = page.getByRole('button', { name: /^End / });
    await until('two others', async () => (await buttons.count()) === 2);
    await buttons.first().click();
    await until('one other', async () => (await buttons.count()) === 1);
    const isIn = async (client: Client) =>
      (await client.get<{ person?: object }>('/api/session')).body.person !== undefined;
    expect([await isIn(here), await isIn(there), await isIn(third)]).toEqual([true, true, false]);
    await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
    await until('none other', async () => (await buttons.count()) === 0);
    expect([await isIn(here), await isIn(there)]).toEqual([true, false]);
    await page.goto('about:blank');
    await here.delete('/api/session');
    expect(open.complaints).toEqual([]);
  });

  it('name and phone are changed on the profile', async () => {
    await using open = await openPage(browser, await world.as('ops'), '/settings/profile');
    const { page } = open;
    await live(page);
    await page.getByLabel('Phone').fill('12');
    await page.keyboard.press('Enter');
    await page.getByText('Type a telephone number').waitFor();
    await page.getByLabel('Phone').fill('+49 30 99');
    await page.keyboard.press('Enter');
    await page.getByText('Your phone number is changed').first().waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.reload();
    await until('it is there', async () => (await page.getByLabel('Phone').inputValue()) === '+49 30 99');
    expect(open.complaints).toEqual([]);
  });

  it('a forgotten password is asked for and chosen anew by keyboard, with what came by mail', async () => {
    await using open = await openPage(browser, new Client(app.url), '/sign-in');
    const { page } = open;
    await page.getByLabel('E-mail').waitFor();
    await tabTo(page, 'Forgotten your password?');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/forgotten');
    await until('the field has the focus', () => page.evaluate(() => document.activeElement?.id === 'email'));
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.keyboard.type('nobody');
    await page.keyboard.press('Enter');
    await page.getByText('Type an e-mail address').waitFor();
    await page.getByLabel('E-mail').fill(world.people.driver2.email);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Look into your mail' }).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    const sent = () => mail.taken.filter(({ to }) => to.includes(world.people.driver2.email));
    await until('the mail is there', () => sent().length === 1);
    const [path] = /\/reset#[\w-]{43}/.exec(
      sent()[0]!
        .raw.replace(/=\r?\n/g, '')
        .replace(/=3D/g, '='),
    )!;
    await page.goto(app.url + path);
    await page.getByText('For People driver2 at People').waitFor();
    await until('the field has the focus', () => page.evaluate(() => document.activeElement?.id === 'new-password'));
    await page.keyboard.type(chosen);
    await tabTo(page, 'Show the password');
    await page.keyboard.press('Space');
    expect(await page.getByLabel('Your password').getAttribute('type')).toBe('text');
    await page.getByLabel('Your password').press('Enter');
    // A driver's pages are the phone's.
    await page.waitForURL('**/drive');
    await page.getByText('No route for you today').waitFor();
    await signIn(app.url, world.people.driver2.email, chosen);
    expect(open.complaints).toEqual([]);
  });

  it('without a mail server the page says whom to ask', async () => {
    await using open = await openPage(browser, new Client(app.url), '/sign-in', phone);
    const { page } = open;
    await page.route('**/api/password/forgotten', (route) => route.fulfill({ json: { mail: false } }));
    await page.getByRole('link', { name: 'Forgotten your password?' }).click();
    await page.getByText('Ask your admin: under People').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    expect(open.complaints).toEqual([]);
  });
});
