import type { BrowserContextOptions, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../server/src/platform/ids.ts';
import { Client } from '../support/client.ts';
import { app, browser, oneApp, world } from '../support/one-app.ts';
import { accessibilityFindings, openPage } from '../support/page.ts';
import { scanInto } from '../support/scanner.ts';
import { until } from '../support/until.ts';
import type { PersonName, World } from '../support/world.ts';
import { password } from '../support/world.ts';

const hour = 3_600_000;
const phone: BrowserContextOptions = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

oneApp();

type Planned = { kind: 'branch' | 'customer' | 'center'; id: string; pickUp?: string[]; handOver?: string[] };

/** A sealed batch of these parts. */
async function sealed(parts: string[], fields: Parameters<World['batch']>[0] = {}): Promise<string> {
  const id = await world.batch({ parts, ...fields });
  await world.admin.mustCommand('batch.seal', { id, count: parts.length });
  return id;
}

/** A route of today for a driver. */
async function route(driver: PersonName, stops: Planned[]): Promise<{ id: string; stops: string[] }> {
  const id = newId();
  const ids = stops.map(() => newId());
  await world.admin.mustCommand('route.create', {
    id,
    branch: world.branches.north,
    day: new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Berlin' }).format(Date.now()),
    driver: world.people[driver].id,
    stops: stops.map(({ kind, id: place, pickUp = [], handOver = [] }, i) => ({
      id: ids[i]!,
      place: { kind, id: place },
      plannedAt: Date.now() + (i + 1) * hour,
      pickUp,
      handOver,
    })),
  });
  return { id, stops: ids };
}

const north = (): Planned => ({ kind: 'branch', id: world.branches.north });
const near = (): Planned => ({ kind: 'center', id: world.centers.near });
const slow = (): Planned => ({ kind: 'customer', id: world.customers.slow });

/** A record as the desk has it. */
async function record<T>(kind: 'route' | 'batch', id: string): Promise<T> {
  const path = kind === 'batch' ? `/api/batches/${id}` : `/api/routes/${id}`;
  const { body } = await world.admin.get<{ [kind: string]: T }>(path);
  return body[kind]!;
}
const statusOf = async (id: string): Promise<string> => (await record<{ status: string }>('batch', id)).status;

/** The main button, once it says that. A second tap of the same thumb does nothing, so it is waited for. */
const press = (page: Page, name: string | RegExp): Promise<void> => page.getByRole('button', { name }).click();

async function typeParts(page: Page, ...parts: string[]): Promise<void> {
  for (const part of parts) {
    await page.getByLabel('Scan or type each part').fill(part);
    await page.keyboard.press('Enter');
  }
}

/** Nothing to complain about, and nothing wider than the phone or too small for a thumb. */
async function fits(page: Page): Promise<void> {
  expect(await accessibilityFindings(page)).toEqual([]);
  expect(
    await page.evaluate(() => {
      const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
      const small = [...document.querySelectorAll<HTMLElement>('.drive :is(a, button, select, summary, input, label)')]
        .filter((one) => one.tagName !== 'LABEL' || one.querySelector('input') !== null)
        .filter((one) => !one.matches('.vh, label > input'))
        .map((one) => ({ one, box: one.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 0 && Math.min(box.width, box.height) < 55.5)
        .map(({ one, box }) => `${one.outerHTML.slice(0, 80)}: ${box.width} × ${box.height}`);
      return { wide: Math.max(0, wide), small };
    }),
  ).toEqual({ wide: 0, small: [] });
}

it('a driver signs in and is at the route, which shows by itself; it is driven to its end', async () => {
  await using open = await openPage(browser, new Client(app.url), '/operations/board', phone);
  const { page } = open;
  await page.waitForURL('**/sign-in**');
  await page.getByLabel('E-mail').fill(world.people.driver1.email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/drive');
  await page.getByText('No route for you today').waitFor();
  await fits(page);

  const one = await sealed(['AX-1', 'AX-2'], { dueAt: Date.now() + 30 * hour });
  const two = await sealed(['BX-1', 'BX-2', 'BX-3'], { dueAt: Date.now() + 30 * hour });
  const other = await sealed(['CX-1'], { customer: world.customers.slow });
  const planned = await route('driver1', [
    { ...north(), pickUp: [one, two] },
    { ...slow(), pickUp: [other] },
    { ...near(), handOver: [one, two, other] },
  ]);
  await page.getByRole('heading', { level: 2 }).filter({ hasText: 'North' }).waitFor();
  await fits(page);
  await press(page, 'Start the route');
  await press(page, 'I have arrived');
  await press(page, 'Scan 5 parts');

  // One by scanning: a part of the other batch is ticked off there, a stranger is none of ours.
  await page.getByRole('heading', { level: 1, name: /Pick up B-/ }).waitFor();
  await scanInto(page, 'AX-1');
  await page.getByText('AX-1: 1 of 2').first().waitFor();
  await typeParts(page, 'bx-1');
  await page.getByText(/BX-1: belongs to B-\d+, ticked there/).waitFor();
  await typeParts(page, 'AX-1');
  await page.getByText('AX-1 was scanned before').waitFor();
  await fits(page);
  await typeParts(page, 'AX-2');
  await press(page, 'Pick up 2 parts');

  // The other one: what is missing is named, and it goes on only with a reason.
  await page.getByText('BX-2').waitFor();
  await typeParts(page, 'BX-2', 'ZX-9');
  await press(page, 'No more parts: 2 of 3');
  await page.getByText('3 parts counted, 3 on the list.').waitFor();
  await page.getByText('Missing: BX-3').waitFor();
  await page.getByText('Not on the list: ZX-9').waitFor();
  await fits(page);
  await press(page, 'Pick up 3 parts');
  await page.getByText('Say why it goes on although the count differs.').waitFor();
  expect(await statusOf(two)).toBe('sealed');
  await press(page, 'Not ready yet');
  await press(page, 'Pick up 3 parts');
  await until('both are on the road', async () => (await statusOf(two)) === 'in_transit_to_center');
  expect(await statusOf(one)).toBe('in_transit_to_center');

  // Something is wrong here: the desk hears of it.
  await page.getByRole('link', { name: 'Problem' }).click();
  await press(page, 'Report it');
  await page.getByText('Choose what is wrong.').waitFor();
  await page.getByLabel('Parts damaged').check();
  await page.getByLabel('In your words').fill('The box is wet');
  await page.getByLabel('Photo, from a file').setInputFiles({
    name: 'wet.png',
    mimeType: 'image/png',
    buffer: Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    ),
  });
  await page.getByRole('button', { name: 'Remove' }).waitFor();
  await fits(page);
  await press(page, 'Report it');
  await page.getByText('The box is wet').waitFor();
  type Problems = { problems?: { [id: string]: { reason: string; photo?: string } } };
  await until('the desk has the problem, with its photo', async () =>
    Object.values((await record<Problems>('route', planned.id)).problems ?? {}).some(
      ({ reason, photo }) => reason === 'damaged' && photo !== undefined,
    ),
  );

  await press(page, 'Depart');
  // The next stop is skipped; what was to be picked up there is not handed over later.
  await page.getByRole('link', { name: 'More' }).click();
  await fits(page);
  await page.getByRole('link', { name: /^Skip/ }).click();
  await press(page, 'Skip the stop');
  await page.getByText('Choose a reason, or type one.').waitFor();
  await page.getByLabel('Nobody there').check();
  await fits(page);
  await press(page, 'Skip the stop');
  await page.getByRole('heading', { level: 2 }).filter({ hasText: 'Near' }).waitFor();
  await press(page, 'I have arrived');

  // Counted instead, and proved: a name, and the name written for a signature.
  await page.getByRole('link', { name: 'Count instead' }).click();
  await page.getByLabel('How many parts do you count?').fill('2');
  await fits(page);
  await press(page, 'Next: receiver');
  await page.getByLabel('Who receives?').fill('Mara Lind');
  await press(page, 'Write the name');
  await fits(page);
  await press(page, 'Hand over 2 parts');
  await page.getByLabel('How many parts do you count?').fill('2');
  await press(page, 'Hand over 2 parts');
  await page.getByText('2 parts counted, 3 on the list.').waitFor();
  await page.getByLabel('Why does it go on?').fill('One came loose');
  await press(page, 'Next: receiver');
  await expect.poll(() => page.getByLabel('Who receives?').inputValue()).toBe('Mara Lind');
  await page.getByText('Signed before, at this stop').waitFor();
  await press(page, 'Hand over 2 parts');
  await press(page, 'Depart and finish');
  await page.getByText('The route is finished').waitFor();
  await fits(page);

  type Stops = {
    status: string;
    acknowledged?: { plan: number };
    receivers?: { [of: string]: string };
    stops: {
      [id: string]: {
        skipped?: { why: string };
        done?: { [batch: string]: { why?: string; signature?: string; missing?: string[] } };
      };
    };
  };
  await until('the desk has it finished', async () => (await record<Stops>('route', planned.id)).status === 'finished');
  const { stops, receivers, acknowledged } = await record<Stops>('route', planned.id);
  const [first, second, third] = planned.stops.map((id) => stops[id]!);
  expect(acknowledged?.plan).toBe(1);
  expect(first!.done?.[two]).toMatchObject({ why: 'Not ready yet', missing: ['BX-3'], extra: ['ZX-9'] });
  expect(second!.skipped?.why).toBe('Nobody there');
  expect(third!.done?.[two]).toMatchObject({ why: 'One came loose', expected: 3, count: 2 });
  expect(third!.done?.[one]?.signature).toBe(third!.done?.[two]?.signature);
  expect(receivers?.[`${planned.stops[2]}/${one}`]).toBe('Mara Lind');
  expect([await statusOf(one), await statusOf(two), await statusOf(other)]).toEqual([
    'at_center',
    'at_center',
    'sealed',
  ]);
  expect(open.complaints).toEqual([]);
});

describe('another driver', () => {
  let batch: string;
  let planned: Awaited<ReturnType<typeof route>>;
  beforeAll(async () => {
    batch = await sealed(['DX-1', 'DX-2']);
    planned = await route('driver2', [{ ...north(), pickUp: [batch] }, slow(), { ...near(), handOver: [batch] }]);
  });

  it('serves a stop by keyboard alone, in the dark', async () => {
    await using open = await openPage(browser, await world.as('driver2'), '/drive', { ...phone, colorScheme: 'dark' });
    const { page } = open;
    /** Goes on with Tab until something of this name has the focus, as a hand without a mouse would. */
    const reach = async (name: string | RegExp): Promise<void> => {
      const wanted = page.locator(':focus').and(page.getByRole('button', { name }).or(page.getByLabel(name)));
      await page.getByRole('button', { name }).or(page.getByLabel(name)).first().waitFor();
      for (let i = 0; i < 40 && (await wanted.count()) === 0; i++) await page.keyboard.press('Tab');
      await page.locator(':focus:not([aria-disabled="true"])').and(wanted).waitFor();
    };
    await page.getByRole('button', { name: 'Start the route' }).waitFor();
    await fits(page);
    await reach('Start the route');
    await page.keyboard.press('Enter');
    await reach('I have arrived');
    await page.keyboard.press('Enter');
    await page.getByText(/^Arrived at .*North\.$/).waitFor({ state: 'attached' });
    await reach('Scan 2 parts');
    await page.keyboard.press('Enter');
    await page
      .getByRole('heading', { level: 1, name: /Pick up/ })
      .and(page.locator(':focus'))
      .waitFor();
    await reach('Scan or type each part');
    await page.keyboard.type('DX-1', { delay: 70 });
    await page.keyboard.press('Enter');
    await page.getByText('DX-1: 1 of 2').first().waitFor();
    await page.keyboard.type('DX-2', { delay: 70 });
    await page.keyboard.press('Enter');
    await reach('Pick up 2 parts');
    await fits(page);
    await page.keyboard.press('Enter');
    await until('it is on the road', async () => (await statusOf(batch)) === 'in_transit_to_center');
    await reach('Depart');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 2 }).filter({ hasText: 'Slow' }).waitFor();
    await page.getByText('1 stop done').waitFor();
    type Stops = { stops: { [id: string]: { departed?: object } } };
    await until(
      'the desk has the departure',
      async () => (await record<Stops>('route', planned.id)).stops[planned.stops[0]!]?.departed !== undefined,
    );
    expect(open.complaints).toEqual([]);
  });

  it('sees what a desk changes on the way, and says so to the desk', async () => {
    await using open = await openPage(browser, await world.as('driver2'), '/drive', phone);
    const { page } = open;
    await page.getByRole('button', { name: 'I have arrived' }).waitFor();
    const [, second, third] = planned.stops as [string, string, string];
    await world.admin.mustCommand('route.plan', {
      id: planned.id,
      plan: 1,
      stops: [
        { id: third, place: near() && { kind: 'center', id: near().id }, pickUp: [], handOver: [batch] },
        { id: second, place: { kind: 'customer', id: slow().id }, pickUp: [], handOver: [], note: 'Ring twice' },
      ],
    });
    await page.getByRole('heading', { name: 'The plan has changed' }).waitFor();
    await page
      .getByText(/comes at another place in the order/)
      .first()
      .waitFor();
    await page
      .getByRole('listitem')
      .filter({ hasText: /has another note/ })
      .waitFor();
    await page.getByRole('heading', { level: 2 }).filter({ hasText: 'Near' }).waitFor();
    await fits(page);
    await page.reload();
    await page.getByRole('heading', { name: 'The plan has changed' }).waitFor();
    await press(page, 'Got it');
    await page.getByRole('heading', { name: 'The plan has changed' }).waitFor({ state: 'detached' });
    await until(
      'the desk knows that it was seen',
      async () => (await record<{ acknowledged?: { plan: number } }>('route', planned.id)).acknowledged?.plan === 2,
    );
    expect(open.complaints).toEqual([]);
  });

  it('goes on without network, sees what waits, and is warned before signing out', async () => {
    await using open = await openPage(browser, await world.as('driver2'), '/drive', phone);
    const { page } = open;
    await page.getByRole('button', { name: 'I have arrived' }).waitFor();
    await page.context().setOffline(true);
    await page.getByRole('link', { name: /Offline\. Go on as usual/ }).waitFor();
    await press(page, 'I have arrived');
    await page.getByRole('link', { name: /Offline\. 1 action waits/ }).click();
    await page
      .getByRole('list', { name: 'What waits' })
      .getByText(/Arrived at .*Near/)
      .waitFor();
    await fits(page);
    await page.getByRole('link', { name: 'Back' }).click();
    await page.getByRole('link', { name: 'More' }).click();
    await press(page, 'Sign out');
    await page.getByText('1 action not sent yet').waitFor();
    await fits(page);
    await page.context().setOffline(false);
    await page.getByRole('link', { name: 'Back' }).click();
    await page.getByRole('link', { name: /^Offline/ }).waitFor({ state: 'detached' });
    type Stops = { stops: { [id: string]: { arrived?: object } } };
    await until(
      'the desk has the arrival',
      async () => (await record<Stops>('route', planned.id)).stops[planned.stops[2]!]?.arrived !== undefined,
    );
    expect(open.complaints.filter((text) => !/ERR_INTERNET_DISCONNECTED|WebSocket/.test(text))).toEqual([]);
  });

  it('has a profile and the other routes', async () => {
    await using open = await openPage(browser, await world.as('driver2'), '/drive?view=routes', phone);
    const { page } = open;
    await page.getByText('No other routes').waitFor();
    await fits(page);
    await page.goto(`${app.url}/drive/profile`);
    await page.getByText('Where you are signed in').waitFor();
    await fits(page);
    expect(open.complaints).toEqual([]);
  });
});

it('drivers have none of the desk’s pages, and the desk is told whose this one is', async () => {
  await using driver = await openPage(browser, await world.as('driver2'), '/operations/batches', phone);
  await driver.page.waitForURL('**/drive');
  await using desk = await openPage(browser, await world.as('ops'), '/drive');
  await desk.page.getByText('This page is the driver’s').waitFor();
  expect(await accessibilityFindings(desk.page)).toEqual([]);
  expect([...driver.complaints, ...desk.complaints]).toEqual([]);
});
