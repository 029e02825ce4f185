/// <reference lib="dom" />
import { createHash } from 'node:crypto';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { signIn } from '../support/client.ts';
import type { GoBetween, Meddler } from '../support/go-between.ts';
import { startGoBetween } from '../support/go-between.ts';
import { app, browser, oneApp, world } from '../support/one-app.ts';
import { live } from '../support/page.ts';
import { inStep, installed, loseSignal, openPhone, planRoute, press, waiting } from '../support/phone.ts';
import { until } from '../support/until.ts';
import { password } from '../support/world.ts';

oneApp();

/** What the phone keeps of the app: paths by cache. */
const keptFiles = (page: Page): Promise<{ [cache: string]: string[] }> =>
  page.evaluate(async () => {
    const kept: { [cache: string]: string[] } = {};
    for (const name of await caches.keys())
      kept[name] = (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname);
    return kept;
  });

/** The release that a page is of. */
const releaseOf = (page: Page): Promise<string> =>
  page.evaluate(() => /version: "([^"]+)"/.exec(document.documentElement.innerHTML)![1]!);

/** The hash of the page's own script, as its policy names it. */
const hashOf = (page: string): string =>
  createHash('sha256')
    .update(/<script>([\s\S]*?)<\/script>/.exec(page)![1]!)
    .digest('base64');

/** From now on the server seems to be of another release: the same files, with another number in them. */
async function newRelease({ url, meddler }: GoBetween, release: string): Promise<NonNullable<Meddler['after']>> {
  const { version } = (await (await fetch(`${app.url}/_app/version.json`)).json()) as { version: string };
  const page = await (await fetch(`${app.url}/drive`)).text();
  const renewed = page.replaceAll(version, release).replaceAll(hashOf(page), hashOf(page.replaceAll(version, release)));
  const after: Meddler['after'] = (request, body) => {
    if (/^\/drive(\?|$)/.test(request.url ?? '')) return Buffer.from(renewed);
    return /^\/(service-worker\.js|_app\/version\.json)/.test(request.url ?? '')
      ? Buffer.from(body.toString().replaceAll(version, release))
      : body;
  };
  meddler.after = after;
  expect(await (await fetch(`${url}/drive`)).text()).toContain(release);
  return after;
}

describe('the app on a phone', () => {
  it('is described, and keeps what its pages need, of one release, and nothing of a desk or of the API', async () => {
    const route = await planRoute(world, world.people.driver1.id);
    await using phone = await openPhone(browser, await world.as('driver1'));
    const { page } = phone;
    await installed(page);
    await page.getByRole('heading', { name: /^Route/ }).waitFor();
    const manifest = (await (await fetch(`${app.url}/manifest.webmanifest`)).json()) as {
      start_url: string;
      display: string;
      icons: { src: string; sizes: string; purpose: string }[];
    };
    expect(manifest).toMatchObject({ start_url: '/drive', display: 'standalone' });
    expect(await page.locator('link[rel=manifest]').count()).toBe(1);
    for (const { src } of manifest.icons) expect((await fetch(app.url + src)).status).toBe(200);
    expect(manifest.icons.map(({ sizes, purpose }) => `${sizes} ${purpose}`)).toEqual(
      expect.arrayContaining(['192x192 any', '512x512 any', '512x512 maskable']),
    );

    const caches = Object.entries(await keptFiles(page));
    expect(caches.map(([name]) => name)).toEqual([`opsboard-drive-${await releaseOf(page)}`]);
    const [, files] = caches[0]!;
    expect(files).toContain('/drive');
    expect(files.filter((path) => path.startsWith('/api') || /maplibre|pmtiles|chart/i.test(path))).toEqual([]);
    // Codes are scanned in a basement, too.
    expect(files.some((path) => /zxing.*\.wasm$/.test(path))).toBe(true);
    let bytes = 0;
    for (const path of files.filter((one) => one.endsWith('.js')))
      bytes += (await (await fetch(app.url + path)).arrayBuffer()).byteLength;
    // Unpacked. A map alone would be more than all of it.
    expect(bytes).toBeLessThan(1_000_000);
    // Everything that the page itself came with is among them.
    const came = await page.evaluate(() =>
      performance.getEntriesByType('resource').flatMap(({ name }) => {
        const { origin, pathname } = new URL(name);
        return origin === location.origin && !/^\/(api|socket\.io|app)\//.test(pathname) ? [pathname] : [];
      }),
    );
    const needed = came.filter((path) => path !== '/service-worker.js' && path !== '/_app/version.json');
    expect(needed.length).toBeGreaterThan(10);
    expect(needed.filter((path) => !files.includes(path))).toEqual([]);
    expect((await fetch(`${app.url}/service-worker.js`)).headers.get('cache-control')).toBe('no-cache');
    expect(route.id).toBeTruthy();
    expect(phone.complaints).toEqual([]);
  });

  it('does not touch the pages of a desk', async () => {
    await using phone = await openPhone(browser, await world.as('ops'));
    await installed(phone.page);
    const asked: string[] = [];
    const desk = await phone.context.newPage();
    desk.on('response', (response) => {
      if (response.fromServiceWorker()) asked.push(response.url());
    });
    await desk.goto(`${app.url}/operations/board`);
    await live(desk);
    expect(await desk.evaluate(() => navigator.serviceWorker.controller)).toBeNull();
    expect(asked).toEqual([]);
  });

  it('takes a newer release when it is opened and nothing waits; asks while something does, and loses nothing', async () => {
    await planRoute(world, world.people.driver2.id);
    await using between = await startGoBetween(app.url);
    const client = await signIn(between.url, world.people.driver2.email, password);
    await using phone = await openPhone(browser, client);
    await press(phone.page, 'Start the route');
    await installed(phone.page);
    await until('the start is with the server', async () => {
      const { body } = await client.get<{ routes: { status: string }[] }>('/api/routes');
      return body.routes.some(({ status }) => status === 'under_way');
    });
    await inStep(phone.page);

    await newRelease(between, '2000000000001');
    const old = phone.page;
    const page = await phone.open();
    await page.waitForFunction(() => document.documentElement.innerHTML.includes('version: "2000000000001"'));
    expect(Object.keys(await keptFiles(page))).toEqual(['opsboard-drive-2000000000001']);
    // No tab goes on with the files of before.
    await old.waitForFunction(() => document.documentElement.innerHTML.includes('version: "2000000000001"'));
    await old.close();

    await loseSignal(phone);
    await press(page, 'I have arrived');
    await waiting(page, 1);
    // The server is back, of another release again, and takes no actions yet.
    const renewed = await newRelease(between, '2000000000002');
    between.meddler.after = (request, body) => (request.url === '/api/commands' ? 'lost' : renewed(request, body));
    await phone.offline(false);
    const offer = page.getByRole('button', { name: 'Load it' });
    await offer.waitFor();
    expect(await releaseOf(page)).toBe('2000000000001');
    await offer.click();
    await page.waitForFunction(() => document.documentElement.innerHTML.includes('version: "2000000000002"'));
    await page.locator('.steps', { hasText: 'Arrived' }).waitFor();
    between.meddler.after = renewed;
    await until('the arrival is with the server', async () => {
      const { body } = await client.get<{ routes: { stops: { [id: string]: { arrived?: unknown } } }[] }>(
        '/api/routes',
      );
      return body.routes.some(({ stops }) => Object.values(stops).some(({ arrived }) => arrived !== undefined));
    });
  });
});
