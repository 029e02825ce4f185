/// <reference lib="dom" />
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { ArgsOf } from '@opsboard/shared/protocol/deciders';
import type { Route } from '@opsboard/shared/routes/schema';
import { newId } from '../../server/src/platform/ids.ts';
import type { TestApp } from './app.ts';
import { signIn } from './client.ts';
import type { Client } from './client.ts';
import { until } from './until.ts';
import type { World } from './world.ts';
import { password } from './world.ts';

/** A driver's phone: a browser of its own, with its service worker and its store, whose pages may be closed and opened. */
export type Phone = AsyncDisposable & {
  context: BrowserContext;
  /** The page that was opened last. */
  page: Page;
  complaints: string[];
  /** Opens the app anew, as after it was closed. */
  open(path?: string): Promise<Page>;
  offline(away: boolean): Promise<void>;
  /** Moves the phone's own clock away from the right time, milliseconds, for the pages that are opened from now on. */
  setClock(off: number): Promise<void>;
};

export type PhoneOptions = {
  path?: string;
  /** How far its own clock is off, milliseconds. */
  clock?: number;
  /** What its browser is and may do: where it is, what it is allowed to tell. */
  context?: BrowserContextOptions;
};

/** Opens the driver's app on a phone of its own, signed in as a client. */
export async function openPhone(browser: Browser, client: Client, options: PhoneOptions = {}): Promise<Phone> {
  const { path = '/drive', clock = 0, context: more } = options;
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, ...more });
  const [name, value] = (client.cookie ?? '').split('=', 2);
  if (name && value) await context.addCookies([{ name, value, url: client.url }]);
  const complaints: string[] = [];
  const phone: Phone = {
    context,
    page: undefined as unknown as Page,
    complaints,
    open: async (to = path) => {
      const page = await context.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
      await page.goto(client.url + to);
      phone.page = page;
      return page;
    },
    offline: (away) => context.setOffline(away),
    setClock: async (off) => void (await context.addInitScript(moveClock, off)),
    [Symbol.asyncDispose]: () => context.close(),
  };
  if (clock !== 0) await phone.setClock(clock);
  await phone.open();
  return phone;
}

/** Runs in a page, before everything else. Of several, the last one counts. */
function moveClock(off: number): void {
  const page = globalThis as typeof globalThis & { right?: { date: DateConstructor; origin: number } };
  const { date: Right, origin } = (page.right ??= { date: Date, origin: performance.timeOrigin });
  page.Date = class extends Right {
    constructor(...given: unknown[]) {
      super(...((given.length === 0 ? [Right.now() + off] : given) as [number]));
    }
    static override now(): number {
      return Right.now() + off;
    }
  } as DateConstructor;
  Object.defineProperty(performance, 'timeOrigin', { value: origin + off, configurable: true });
}

/** Waits until the phone has all it needs to open without network. */
export async function installed(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller)
      await new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve));
  });
}

/** The block that says that the phone has no line, and what waits. */
export const notInStep = (page: Page, words: string | RegExp = '') => page.locator('a.off', { hasText: words });

/** Takes the network away, and waits until the phone knows. */
export async function loseSignal(phone: Phone): Promise<void> {
  await phone.offline(true);
  await notInStep(phone.page, 'Offline').waitFor();
}

/** Waits until the phone says that so many actions wait, none of them on its way. */
export const waiting = (page: Page, n: number): Promise<void> =>
  notInStep(page, `${n} ${n === 1 ? 'action waits' : 'actions wait'}`).waitFor();

/** Waits until everything is with the server and the line is there. */
export const inStep = (page: Page): Promise<void> => notInStep(page).waitFor({ state: 'detached' });

/** The one thing to do next. */
const mainButton = (page: Page, label: string | RegExp) => page.locator('.foot .act', { hasText: label });

/** Presses it, once it does what it says. */
export async function press(page: Page, label: string | RegExp): Promise<void> {
  const button = mainButton(page, label).and(page.locator('[aria-disabled="false"]'));
  await button.click();
}

/** A stop as a desk plans it. */
type Planned = ArgsOf<'route.plan'>['stops'][number];

/** A route: the north branch, where its batch is picked up, the south branch, and the center, where it is left. */
export type TestRoute = {
  id: string;
  driver: string;
  batch: string;
  parts: string[];
  stops: { north: Planned; south: Planned; center: Planned };
};

/** Plans a route for today with one sealed batch of three parts. */
export async function planRoute(world: World, driver: string): Promise<TestRoute> {
  const parts = [1, 2, 3].map((n) => `R-${newId().slice(-12)}-${n}`);
  const batch = await world.batch({ parts });
  await world.admin.mustCommand('batch.seal', { id: batch, count: 3 });
  const { branches, centers } = world;
  const stops = {
    north: { id: newId(), place: { kind: 'branch', id: branches.north }, pickUp: [batch], handOver: [] },
    south: { id: newId(), place: { kind: 'branch', id: branches.south }, pickUp: [], handOver: [] },
    center: { id: newId(), place: { kind: 'center', id: centers.near }, pickUp: [], handOver: [batch] },
  } satisfies TestRoute['stops'];
  const id = newId();
  await world.admin.mustCommand('route.create', {
    id,
    branch: branches.north,
    day: today(),
    driver,
    stops: [stops.north, stops.south, stops.center],
  });
  return { id, driver, batch, parts, stops };
}

/** Plans anew what is still to be driven, as a desk. */
export async function replan(desk: Client, route: string, stops: readonly Planned[]): Promise<void> {
  const { body } = await desk.get<{ route: { plan: number } }>(`/api/routes/${route}`);
  await desk.mustCommand('route.plan', { id: route, plan: body.route.plan, stops: [...stops] });
}

/** A route as the admin sees it. */
export const readRoute = async (world: World, id: string): Promise<Route> =>
  (await world.admin.get<{ route: Route }>(`/api/routes/${id}`)).body.route;

/** Ends a driver's routes, so that the next test begins with one of its own. */
async function clear(world: World, driver: string): Promise<void> {
  const { body } = await world.admin.get<{ routes: Route[] }>(`/api/routes?driver=${driver}`);
  for (const { id, status, order, stops } of body.routes) {
    if (status === 'planned') await world.admin.mustCommand('route.cancel', { id, reason: 'The next one' });
    if (status !== 'under_way') continue;
    for (const stop of order) {
      const { departed, skipped } = stops[stop]!;
      if (!departed && !skipped) await world.admin.command('route.skip', { id, stop, reason: 'The next one' });
    }
    await world.admin.command('route.finish', { id });
  }
}

/** A phone whose driver has just started a route. @param clock as in {@link PhoneOptions}, and so is `context` */
export async function driverUnderWay(
  browser: Browser,
  app: TestApp,
  world: World,
  who: 'driver1' | 'driver2',
  clock = 0,
  context: BrowserContextOptions = {},
): Promise<{ route: TestRoute; phone: Phone; client: Client }> {
  const { id, email } = world.people[who];
  await clear(world, id);
  const route = await planRoute(world, id);
  const client = await signIn(app.url, email, password);
  const phone = await openPhone(browser, client, { clock, context });
  await press(phone.page, 'Start the route');
  await installed(phone.page);
  await until('the start is with the server', async () => (await readRoute(world, route.id)).status === 'under_way');
  await inStep(phone.page);
  return { route, phone, client };
}

/** The day in the organization's time zone. */
const today = (): string => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin' }).format(new Date());
