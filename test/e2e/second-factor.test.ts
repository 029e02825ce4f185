import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../server/src/platform/ids.ts';
import type { Authenticator } from '../support/authenticator.ts';
import { authenticator, enrol } from '../support/authenticator.ts';
import { Client, signIn } from '../support/client.ts';
import { testClock } from '../support/clock.ts';
import type { OidcServer } from '../support/oidc.ts';
import { startOidcServer } from '../support/oidc.ts';
import { app, browser, oneApp, world } from '../support/one-app.ts';
import { accessibilityFindings, live, openPage } from '../support/page.ts';
import { codesOnPicture } from '../support/pdf.ts';
import { until } from '../support/until.ts';
import { password } from '../support/world.ts';

let oidc: OidcServer;
const clock = testClock();
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;

beforeAll(async () => {
  oidc = await startOidcServer();
});
afterAll(() => oidc?.[Symbol.asyncDispose]());
oneApp(() => ({ world: 'Second', clock, env: oidc.env }));
beforeAll(() => oidc.serve(app.url));

const panelOf = (page: Page) => page.getByRole('region', { name: 'Second factor' });
const dialogOf = (page: Page) => page.getByRole('dialog');
const focusedText = (page: Page) => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
/** The next code: the one before is used up. */
const nextCode = (device: Authenticator): string => {
  clock.advance(30_000);
  return device.code(clock.now());
};
const refusalsOnly = (complaints: string[]) => complaints.filter((text) => !/\b401\b/.test(text));

let added = 0;
async function person(): Promise<{ email: string; client: Client; name: string }> {
  const [email, name] = [`p${++added}@second.test`, `Person ${added}`];
  await world.admin.post('/api/people', {
    commandId: newId(),
    id: newId(),
    name,
    email,
    role: 'operations_manager',
    password,
  });
  return { email, name, client: await signIn(app.url, email, password) };
}

/** The first step, on the sign-in page. */
async function firstStep(page: Page, email: string): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await page.getByText('Your password is right').waitFor();
}

describe('a second factor', () => {
  it('is set up from a QR code, asked for at the sign-in, and a recovery code takes its place', async () => {
    const { email, client } = await person();
    await using desk = await openPage(browser, client, '/settings/security');
    const { page } = desk;
    await live(page);
    await panelOf(page).getByRole('button', { name: 'Set it up' }).click();
    await dialogOf(page).getByLabel('Password').fill('not the password');
    await page.keyboard.press('Enter');
    await dialogOf(page).getByText('The present password is not right').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await dialogOf(page).getByLabel('Password').fill(password);
    await page.keyboard.press('Enter');

    const picture = dialogOf(page).getByAltText('QR code for an authenticator app');
    await picture.waitFor();
    const [read = ''] = await codesOnPicture(await picture.screenshot());
    const secret = new URL(read).searchParams.get('secret')!;
    expect(await page.locator('[data-secret]').getAttribute('data-secret')).toBe(secret);
    expect(await accessibilityFindings(page)).toEqual([]);
    const device = authenticator(secret);
    await dialogOf(page).getByLabel('Code of the app').fill('000000');
    await page.keyboard.press('Enter');
    await dialogOf(page).getByText('This code is not right').waitFor();
    await dialogOf(page).getByLabel('Code of the app').fill(device.code(clock.now()));
    await page.keyboard.press('Enter');

    await dialogOf(page).getByRole('heading', { name: 'Keep your recovery codes' }).waitFor();
    const codes = await dialogOf(page).getByRole('listitem').allTextContents();
    expect(codes).toHaveLength(10);
    expect(await accessibilityFindings(page)).toEqual([]);
    const download = page.waitForEvent('download');
    await dialogOf(page).getByRole('link', { name: 'Save as a file' }).click();
    expect((await download).suggestedFilename()).toBe('opsboard-recovery-codes.txt');
    // Not by accident: they are shown this once.
    await page.keyboard.press('Escape');
    await dialogOf(page).getByRole('button', { name: 'I have kept them' }).click();
    await panelOf(page).getByText('10 recovery codes are left').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);

    await page.goto(`${app.url}/settings/profile`);
    await page.getByRole('button', { name: 'Sign out here' }).click();
    await page.waitForURL('**/sign-in**');
    await firstStep(page, email);
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.getByLabel('Code', { exact: true }).fill('123456');
    await page.keyboard.press('Enter');
    await page.getByText('This code is not right').waitFor();
    await page.getByLabel('Code', { exact: true }).fill(nextCode(device));
    await page.keyboard.press('Enter');
    await live(page);

    await using road = await openPage(browser, new Client(app.url), '/operations/board', phone);
    await road.page.waitForURL('**/sign-in**');
    await firstStep(road.page, email);
    await road.page.getByRole('button', { name: 'Use a recovery code' }).click();
    await road.page.getByLabel('Recovery code').fill(codes[3]!.toUpperCase());
    await road.page.keyboard.press('Enter');
    await road.page.waitForURL('**/operations/board');
    await road.page.goto(`${app.url}/settings/security`);
    await panelOf(road.page).getByText('9 recovery codes are left').waitFor();
    expect(await accessibilityFindings(road.page)).toEqual([]);
    expect(
      await road.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
    ).toBe(0);
    expect(refusalsOnly([...desk.complaints, ...road.complaints])).toEqual([]);
  });

  it('goes by keyboard alone: set up, signed in with, codes made anew, turned off', async () => {
    const { email, client } = await person();
    await using desk = await openPage(browser, client, '/settings/security');
    const { page } = desk;
    await live(page);
    await panelOf(page).getByRole('button', { name: 'Set it up' }).focus();
    await page.keyboard.press('Enter');
    await until('the password has the focus', () =>
      page.evaluate(() => document.activeElement?.id === 'enrol-password'),
    );
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    await until('the code has the focus', () => page.evaluate(() => document.activeElement?.id === 'enrol-code'));
    const device = authenticator((await page.locator('[data-secret]').getAttribute('data-secret'))!);
    await page.keyboard.type(device.code(clock.now()));
    await page.keyboard.press('Enter');
    await until('copying has the focus', () => page.evaluate(() => document.activeElement?.id === 'copy-codes'));
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    expect(await focusedText(page)).toBe('I have kept them');
    await page.keyboard.press('Enter');
    await dialogOf(page).waitFor({ state: 'detached' });
    await until('the panel has the focus', async () => (await focusedText(page)).startsWith('New recovery codes'));

    await page.keyboard.press('Enter');
    await until('the password has the focus', () =>
      page.evaluate(() => document.activeElement?.id === 'change-password'),
    );
    await page.keyboard.type(password);
    await page.keyboard.press('Tab');
    await page.keyboard.type(nextCode(device));
    await page.keyboard.press('Enter');
    await dialogOf(page).getByRole('heading', { name: 'Keep your recovery codes' }).waitFor();
    const [, fresh = ''] = await dialogOf(page).getByRole('listitem').allTextContents();
    await until('copying has the focus', () => page.evaluate(() => document.activeElement?.id === 'copy-codes'));
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await dialogOf(page).waitFor({ state: 'detached' });

    await using door = await openPage(browser, new Client(app.url), '/sign-in');
    await until('the e-mail has the focus', () => door.page.evaluate(() => document.activeElement?.id === 'email'));
    await door.page.keyboard.type(email);
    await door.page.keyboard.press('Tab');
    await door.page.keyboard.type(password);
    await door.page.keyboard.press('Enter');
    await until('the code has the focus', () => door.page.evaluate(() => document.activeElement?.id === 'second-code'));
    await door.page.keyboard.press('Tab');
    expect(await focusedText(door.page)).toBe('Use a recovery code');
    await door.page.keyboard.press('Enter');
    await until('the recovery code has the focus', () =>
      door.page.evaluate(() => document.activeElement?.id === 'second-code'),
    );
    await door.page.keyboard.type(fresh);
    await door.page.keyboard.press('Enter');
    await door.page.waitForURL('**/operations');

    await until('the panel has the focus', async () => (await focusedText(page)).startsWith('New recovery codes'));
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await until('the password has the focus', () =>
      page.evaluate(() => document.activeElement?.id === 'change-password'),
    );
    await page.keyboard.type(password);
    await page.keyboard.press('Tab');
    await page.keyboard.type(nextCode(device));
    await page.keyboard.press('Enter');
    await panelOf(page).getByRole('button', { name: 'Set it up' }).waitFor();
    await signIn(app.url, email, password);
    expect(refusalsOnly([...desk.complaints, ...door.complaints])).toEqual([]);
  });

  it('is taken off by an admin, who says why', async () => {
    const { email, name, client } = await person();
    await enrol(client, password, clock.now());
    await using desk = await openPage(browser, world.admin, '/settings/people');
    const { page } = desk;
    await live(page);
    await page.getByRole('main').getByRole('button', { name }).click();
    await dialogOf(page).getByRole('button', { name: 'Take it off…' }).click();
    await page.keyboard.press('Enter');
    await dialogOf(page).getByText('Say why').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await dialogOf(page).getByLabel('Why').fill('Phone lost on Monday');
    await page.keyboard.press('Enter');
    await page.getByText(`The second factor of ${name} is off`).first().waitFor();
    await dialogOf(page).getByRole('heading', { name: 'Second factor' }).waitFor({ state: 'detached' });
    await signIn(app.url, email, password);
    expect(desk.complaints).toEqual([]);
  });
});

describe('the provider', () => {
  it('signs in by its button, and says on the page what went wrong', async () => {
    oidc.accounts.set('ada', {
      email: 'ada@second.test',
      email_verified: true,
      name: 'Ada Account',
      groups: ['leads'],
    });
    oidc.accounts.set('eve', { email: 'eve@second.test', email_verified: true, name: 'Eve', groups: ['others'] });
    await using door = await openPage(browser, new Client(app.url), '/operations/board?sla=breached');
    const { page } = door;
    await page.waitForURL('**/sign-in**');
    const button = page.getByRole('link', { name: 'Sign in with Works account' });
    await button.waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await button.click();
    await page.getByRole('button', { name: 'eve' }).click();
    await page.getByText('Your account has no place on this board').waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    // Nothing is lost of where they wanted to go; and now by keyboard.
    await button.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'ada' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/operations/board?sla=breached');
    await live(page);
    await page.goto(`${app.url}/settings/security`);
    await panelOf(page).getByText('You sign in through your organization’s account').waitFor();
    expect(door.complaints).toEqual([]);
  });
});

describe('a session that ends under an open page', () => {
  it('asks for the second step there, and the page goes on', async () => {
    const { client } = await person();
    const { app: device } = await enrol(client, password, clock.now());
    await using desk = await openPage(browser, client, '/operations/board');
    const { page } = desk;
    await live(page);
    await client.at(app.url).delete('/api/session');
    await dialogOf(page).waitFor();
    await dialogOf(page).getByLabel('Password', { exact: true }).fill(password);
    await page.keyboard.press('Enter');
    await dialogOf(page).getByLabel('Code', { exact: true }).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await dialogOf(page).getByLabel('Code', { exact: true }).fill(nextCode(device));
    await page.keyboard.press('Enter');
    await dialogOf(page).waitFor({ state: 'detached' });
    await live(page);
    expect(page.url()).toContain('/operations/board');
    expect(refusalsOnly(desk.complaints)).toEqual([]);
  });

  it('signs in through the provider in a window of its own', async () => {
    const { email, client } = await person();
    oidc.accounts.set('again', { email, email_verified: true, groups: ['leads'] });
    await using desk = await openPage(browser, client, '/operations/board');
    const { page } = desk;
    await live(page);
    await client.at(app.url).delete('/api/session');
    const opened = page.waitForEvent('popup');
    await dialogOf(page).getByRole('link', { name: 'Sign in with Works account' }).click();
    const popup = await opened;
    await popup.getByRole('button', { name: 'again' }).click();
    await dialogOf(page).waitFor({ state: 'detached' });
    await live(page);
    expect(page.url()).toContain('/operations/board');
    await until('the window has closed', () => popup.isClosed());
    expect(refusalsOnly(desk.complaints)).toEqual([]);
  });
});
