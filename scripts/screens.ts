import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { startBrowser } from '../test/support/browser.ts';

/**
 * Takes the pictures of every page of a running demo, in three sizes and both themes:
 * `node scripts/screens.ts --url http://127.0.0.1:3000 [--out docs/screens] [--only board --only find]`.
 */
const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:3000' },
    out: { type: 'string', default: 'docs/screens' },
    only: { type: 'string', multiple: true },
  },
});

const sizes = { '1440': [1440, 900], '390': [390, 844], '3840': [3840, 2160] } as const;
/** The demo's admin sees everything; a driver has pages of their own. */
type Who = 'admin' | 'driver1';
type Shown = {
  name: string;
  path: string;
  sizes: (keyof typeof sizes)[];
  /** The admin unless told. */
  as?: Who;
  then?: (page: Page) => Promise<void>;
};
const pages: Shown[] = [
  { name: 'dashboard', path: '/operations', sizes: ['1440', '390', '3840'] },
  { name: 'board', path: '/operations/board', sizes: ['1440', '390', '3840'] },
  { name: 'board-lanes', path: '/operations/board?lanes=center', sizes: ['1440', '390'] },
  { name: 'batches', path: '/operations/batches', sizes: ['1440', '390'] },
  {
    name: 'routes',
    path: '/operations/routes',
    sizes: ['1440', '390'],
    // On a phone there is no map beside the list.
    then: async (page) => {
      if ((await page.locator('.mapview').count()) > 0) await drawn(page);
    },
  },
  {
    name: 'route',
    path: '/operations/routes',
    sizes: ['390'],
    then: async (page) => {
      await page.locator('[data-route]').first().click();
      await page.waitForTimeout(600);
    },
  },
  {
    name: 'new-route',
    path: '/operations/routes?new=1',
    sizes: ['1440', '390'],
    then: async (page) => {
      for (const at of [0, 1, 2, 3]) await page.locator('[data-pick]').nth(at).click();
      await page.waitForTimeout(600);
    },
  },
  {
    name: 'map',
    path: '/operations/map',
    sizes: ['1440', '390'],
    then: drawn,
  },
  {
    name: 'map-replay',
    path: '/operations/routes',
    sizes: ['1440', '390'],
    // Yesterday's first route, somewhere on its way.
    then: async (page) => {
      const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
      await page.goto(`${values.url}/operations/routes?day=${yesterday}`);
      const first = page.locator('[data-route]').first();
      await first.waitFor();
      if ((await page.getByRole('link', { name: 'Replay' }).count()) === 0) await first.click();
      await page.getByRole('link', { name: 'Replay' }).click();
      await drawn(page);
      await page.getByRole('button', { name: 'Pause' }).click();
    },
  },
  { name: 'wall', path: '/wall', sizes: ['1440', '390', '3840'] },
  { name: 'profile', path: '/settings/profile', sizes: ['1440', '390'] },
  { name: 'branches', path: '/settings/branches', sizes: ['1440', '390'] },
  { name: 'warehouses', path: '/settings/warehouses', sizes: ['1440', '390'] },
  { name: 'vendors', path: '/settings/vendors', sizes: ['1440', '390'] },
  { name: 'customers', path: '/settings/customers', sizes: ['1440', '390'] },
  { name: 'centers', path: '/settings/centers', sizes: ['1440', '390'] },
  { name: 'teams', path: '/settings/teams', sizes: ['1440', '390'] },
  { name: 'parts', path: '/settings/parts', sizes: ['1440', '390'] },
  { name: 'people', path: '/settings/people', sizes: ['1440', '390'] },
  { name: 'security', path: '/settings/security', sizes: ['1440', '390'] },
  { name: 'organization', path: '/settings/organization', sizes: ['1440', '390'] },
  { name: 'retention', path: '/settings/retention', sizes: ['1440', '390'] },
  { name: 'keys', path: '/settings/keys', sizes: ['1440', '390'] },
  { name: 'access', path: '/settings/access', sizes: ['1440', '390'] },
  { name: 'import', path: '/settings/import', sizes: ['1440', '390'] },
  { name: 'drive', path: '/drive', sizes: ['390'], as: 'driver1' },
  { name: 'drive-more', path: '/drive?view=more', sizes: ['390'], as: 'driver1' },
  { name: 'drive-problem', path: '/drive?view=problem', sizes: ['390'], as: 'driver1' },
  {
    name: 'drive-offline',
    path: '/drive',
    sizes: ['390'],
    as: 'driver1',
    then: async (page) => {
      await page.context().setOffline(true);
      await page.getByRole('link', { name: /^Offline/ }).waitFor();
    },
  },
  {
    name: 'batch',
    path: '/operations/batches',
    sizes: ['1440', '390'],
    then: async (page) => {
      await page.locator('a[href*="/operations/batches/"]').first().click();
      await page.waitForTimeout(600);
    },
  },
  {
    name: 'new-batch',
    path: '/operations/board',
    sizes: ['1440', '390'],
    then: async (page) => {
      await page.keyboard.press('n');
      await page.getByRole('dialog').waitFor();
      await page.waitForTimeout(400);
    },
  },
  {
    name: 'find',
    path: '/operations',
    sizes: ['1440', '390'],
    then: async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox').fill('40');
      await page.getByRole('option').first().waitFor();
      await page.waitForTimeout(600);
    },
  },
];

/** Waits for the ground, and until ways and positions are on it. */
async function drawn(page: Page): Promise<void> {
  await page.locator('.mapview.ready').waitFor({ timeout: 60_000 });
  await page.waitForTimeout(2_000);
}

/** The pictures of one person's pages in one size and theme. */
async function take(
  size: keyof typeof sizes,
  width: number,
  height: number,
  scheme: 'light' | 'dark',
  who: Who,
): Promise<void> {
  const wanted = pages.filter(
    ({ name, sizes: its, as = 'admin' }) =>
      as === who && its.includes(size) && (!values.only || values.only.includes(name)),
  );
  if (wanted.length === 0) return;
  const phone = size === '390';
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    hasTouch: phone,
    isMobile: phone,
  });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.text().includes('GL Driver Message')) return;
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    // Without network every attempt to reach the server is one: that is what such a picture is of.
    if (!message.text().includes('ERR_INTERNET_DISCONNECTED')) problems.push(`${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`${page.url()}: ${error.message}`));
  await page.goto(`${values.url}/sign-in`);
  await page.getByLabel('E-mail').fill(`${who}@demo.test`);
  await page.getByLabel('Password', { exact: true }).fill('opsboard-demo');
  await page.keyboard.press('Enter');
  await page.waitForURL(who === 'admin' ? '**/operations' : '**/drive');
  for (const { name, path, then } of wanted) {
    await page.goto(values.url + path);
    await page.waitForTimeout(1_500);
    await then?.(page);
    await page.screenshot({ path: join(values.out, `${name}-${scheme}-${size}.png`) });
    console.log(`${name}-${scheme}-${size}.png`);
    await context.setOffline(false);
  }
  await context.close();
}

mkdirSync(values.out, { recursive: true });
// The map is drawn by the processor where there is no graphics card.
const browser = await startBrowser(['--use-angle=swiftshader', '--enable-unsafe-swiftshader']);
const problems: string[] = [];
for (const [size, [width, height]] of Object.entries(sizes) as [keyof typeof sizes, readonly [number, number]][]) {
  for (const scheme of ['light', 'dark'] as const) {
    for (const who of ['admin', 'driver1'] as const) await take(size, width, height, scheme, who);
  }
}
await browser.close();
for (const problem of new Set(problems)) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);
