/// <reference lib="dom" />
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Route } from '@opsboard/shared/routes/schema';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { city } from '../../scripts/demo/city/city.ts';
import { newId } from '../../server/src/platform/ids.ts';
import { LiveClient } from '../support/live-client.ts';
import { app, browser, oneApp, world } from '../support/one-app.ts';
import { accessibilityFindings, cardOf, live, openPage, tabTo } from '../support/page.ts';
import { pmtiles } from '../support/pmtiles.ts';
import { until } from '../support/until.ts';
import { buildWorld } from '../support/world.ts';

/** Drawn by the processor: there is no graphics card. */
const drawing = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'];

/** Every pixel of ground costs the processor: a window that is large enough for everything that is done here. */
const small = { viewport: { width: 1_024, height: 640 } };

oneApp({ world: 'Chart', flags: drawing });
let phone: LiveClient;
let route: Route;
let batch: string;
beforeAll(async () => {
  const { admin, branches, centers, people } = world;
  await admin.mustCommand('branch.edit', { id: branches.north, rev: 1, position: [4.9, 52.372] });
  await admin.mustCommand('center.edit', { id: centers.near, rev: 1, position: [4.915, 52.374] });
  batch = await world.batch({ driver: people.driver1.id });
  await admin.mustCommand('batch.seal', { id: batch, count: 1 });
  const [id, home, away] = [newId(), newId(), newId()];
  await admin.mustCommand('route.create', {
    id,
    branch: branches.north,
    day: new Date().toISOString().slice(0, 10),
    driver: people.driver1.id,
    stops: [
      { id: home, place: { kind: 'branch', id: branches.north }, pickUp: [batch], handOver: [] },
      { id: away, place: { kind: 'center', id: centers.near }, pickUp: [], handOver: [batch] },
    ],
  });
  const driver = await world.as('driver1');
  await driver.mustCommand('route.start', { id });
  await driver.mustCommand('route.pickUp', { id, stop: home, batch, count: 1 });
  await driver.mustCommand('route.depart', { id, stop: home });
  route = (await admin.get<{ route: Route }>(`/api/routes/${id}`)).body.route;
  phone = new LiveClient(driver, { follow: false });
  await phone.settled();
});
afterAll(async () => {
  await phone?.[Symbol.asyncDispose]();
});

/** The phone says where it is; `ago`: as of so many milliseconds ago. */
const say = async (lon: number, lat = 52.372, ago = 0): Promise<void> => {
  const points = [{ at: Date.now() - ago, point: [lon, lat] as [number, number], heading: 90 }];
  expect(await phone.socket.timeout(10_000).emitWithAck('position', { route: route.id, points })).toEqual({ ok: true });
};

/** Waits until the ground is drawn. */
const drawn = (page: Page): Promise<void> => page.locator('.mapview.ready').waitFor({ timeout: 60_000 });

/** Every host that a page asks, besides the board's own. */
function hostsAsked(page: Page, own: string): Set<string> {
  const hosts = new Set<string>();
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith('http') && host !== new URL(own).host) hosts.add(host);
  });
  return hosts;
}

/** The colour of a spot of the page, as `#rrggbb`. */
async function colourAt(page: Page, x: number, y: number): Promise<string> {
  const picture = (await page.screenshot()).toString('base64');
  return page.evaluate(
    async ([data, left, top]) => {
      const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d')!;
      canvas.drawImage(image, 0, 0);
      const [red, green, blue] = canvas.getImageData(left, top, 1, 1).data;
      return `#${[red!, green!, blue!].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
    },
    [picture, x, y] as const,
  );
}

const token = (page: Page, name: string): Promise<string> =>
  page.evaluate((of) => getComputedStyle(document.documentElement).getPropertyValue(of).trim(), `--${name}`);

describe('the map', () => {
  it('shows who drives, where they go and what they carry, and asks nobody else for it', async () => {
    await say(4.905);
    const ops = await world.as('ops');
    await using opened = await openPage(browser, ops, '/operations', small);
    const { page, complaints } = opened;
    await live(page);
    const hosts = hostsAsked(page, app.url);
    await page.getByRole('navigation').getByRole('link', { name: 'Map' }).click();
    await drawn(page);
    await page.getByText('Natural Earth').waitFor();

    const line = page.getByRole('button', { name: /Chart driver1/ });
    await line.getByText('Chart Near, stop 2 of 2').waitFor();
    await line.click();
    await until('it is in the address', () => page.url().includes(`driver=${world.people.driver1.id}`));
    await page.getByText(/^Position .* old$/).waitFor();
    const stops = page.getByRole('list', { name: `Stops of ${route.reference}` });
    expect(await stops.getByRole('listitem').allTextContents()).toEqual([
      expect.stringContaining('Chart North, pick up 1, done'),
      expect.stringContaining('Chart Near, hand over 1, next'),
    ]);
    expect(await accessibilityFindings(page)).toEqual([]);

    await page.getByRole('link', { name: 'On the Board' }).click();
    await cardOf(page, batch).waitFor();
    expect([...hosts]).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('a mark that is clicked is picked in the list', async () => {
    await say(4.9075);
    await using opened = await openPage(browser, await world.as('ops'), '/operations/map', small);
    const { page, complaints } = opened;
    await drawn(page);
    await page.getByText('Chart driver1').first().waitFor();
    // Both places are fitted into view: the driver is half way between them, and some fifty pixels below the middle.
    const box = (await page.locator('.maplibregl-canvas').boundingBox())!;
    await until('the pointer is on the driver', async () => {
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2 + 52);
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2 + 54);
      return (await page.locator('.tip').allTextContents()).includes('Chart driver1');
    });
    await page.mouse.down();
    await page.mouse.up();
    await page.getByRole('button', { name: /Chart driver1/, expanded: true }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('by keyboard alone: pick, follow, replay, layers, a batch to its card', async () => {
    for (const n of [5, 4, 3, 2, 1]) await say(4.905 + n / 10_000, 52.372, n * 2_000);
    // Without motion: every Tab waits for the picture that is being drawn.
    const calm = { ...small, reducedMotion: 'reduce' } as const;
    await using opened = await openPage(browser, await world.as('ops'), '/operations/map', calm);
    const { page, complaints } = opened;
    await drawn(page);
    await tabTo(page, page.getByRole('button', { name: 'Layers' }));
    await page.keyboard.press('Enter');
    await tabTo(page, page.getByRole('checkbox', { name: 'Customers' }));
    await page.keyboard.press('Space');
    await until('it is in the address', () => page.url().includes('hide=customers'));
    await page.keyboard.press('Escape');

    await tabTo(page, page.getByRole('button', { name: /Chart driver1/ }));
    await page.keyboard.press('Enter');
    const follow = page.getByRole('button', { name: 'Follow', exact: true });
    await follow.and(page.locator(':enabled')).waitFor();
    await tabTo(page, follow);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /Following Chart driver1/ }).waitFor();

    const replay = page.getByRole('button', { name: 'Replay', exact: true });
    await tabTo(page, replay);
    await page.keyboard.press('Enter');
    const time = page.getByRole('slider', { name: 'Time' });
    await until('the keys are there', () => time.evaluate((slider) => slider === document.activeElement));
    await page.keyboard.press('Home');
    const start = await time.getAttribute('aria-valuetext');
    await page.keyboard.press('End');
    await until('the end is shown', async () => (await time.getAttribute('aria-valuetext')) !== start);
    expect(await accessibilityFindings(page)).toEqual([]);
    expect(page.url()).toContain(`replay=${route.id}`);
    await tabTo(page, page.getByRole('button', { name: 'Close the replay' }));
    await page.keyboard.press('Enter');
    await time.waitFor({ state: 'detached' });
    await until('they are back', () => replay.evaluate((button) => button === document.activeElement));

    const { reference } = (await world.admin.get<{ batch: { reference: string } }>(`/api/batches/${batch}`)).body.batch;
    await tabTo(page, page.getByRole('button', { name: new RegExp(`^${reference} `) }));
    await page.keyboard.press('Enter');
    await tabTo(page, page.locator(`a[href="/operations/board?batch=${batch}"]`));
    await page.keyboard.press('Enter');
    await until('its card has the focus', () =>
      cardOf(page, batch).evaluate((card) => card.contains(document.activeElement)),
    );
    expect(complaints).toEqual([]);
  });
});

describe('the ground', () => {
  it('is the invented city where the organization has one, and only there', async () => {
    const { connection } = await app.backdoor();
    await connection.collection<{ _id: string }>('meta').insertOne({ _id: 'city', org: world.org, city } as never);
    const other = await buildWorld(app, 'Elsewhere');
    expect((await other.admin.get('/api/map')).body).toEqual({});
    expect((await other.admin.get('/api/map/city')).status).toBe(404);

    await using opened = await openPage(browser, await world.as('ops'), '/operations/map', {
      ...small,
      colorScheme: 'dark',
    });
    const { page, complaints } = opened;
    const hosts = hostsAsked(page, app.url);
    await drawn(page);
    await page.getByText('Aldermoor, invented streets').waitFor();
    expect([...hosts]).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('is the organization’s own PMTiles file: read in pieces by who is signed in, and drawn', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'opsboard-map-'));
    const file = join(folder, 'own.pmtiles');
    // The tile around the branch: land, and water in its northern half.
    const [z, x, y] = [12, Math.floor(((4.9 + 180) / 360) * 4_096), 1_345];
    const square = (top: number, bottom: number) =>
      [
        [0, top],
        [4_096, top],
        [4_096, bottom],
        [0, bottom],
      ] as const;
    const shapes = [
      { layer: 'earth', properties: { kind: 'earth' }, ring: square(0, 4_096) },
      { layer: 'water', properties: { kind: 'ocean' }, ring: square(0, 2_048) },
    ];
    await writeFile(file, pmtiles([{ z, x, y, shapes }], 'Charted by hand'));
    try {
      const own = await app.start('web', { env: { MAP_PMTILES: file } });
      const ops = await world.as('ops', own.url);
      expect((await ops.get('/api/map')).body).toEqual({ tiles: '/api/map/tiles' });
      const ask = (range: string | undefined, cookie = ops.cookie!) =>
        fetch(`${own.url}/api/map/tiles`, { headers: { cookie, ...(range ? { range } : {}) } });
      expect((await ask('bytes=0-9', 'nobody')).status).toBe(401);
      expect((await ask(undefined)).status).toBe(400);
      const piece = await ask('bytes=0-6');
      expect([piece.status, await piece.text()]).toEqual([206, 'PMTiles']);
      expect(piece.headers.get('content-range')).toMatch(/^bytes 0-6\/\d+$/);

      // Somewhere in the middle of that tile.
      const middle: [number, number] = [((x + 0.5) / 4_096) * 360 - 180, latitude((y + 0.5) / 4_096)];
      const { branches } = world;
      const { body } = await world.admin.get<{ branches: { id: string; rev: number }[] }>('/api/branches');
      const { rev } = body.branches.find(({ id }) => id === branches.south)!;
      await world.admin.mustCommand('branch.edit', { id: branches.south, rev, position: middle });

      await using opened = await openPage(browser, ops, '/operations/map', {
        ...small,
        colorScheme: 'light',
      });
      const { page, complaints } = opened;
      const hosts = hostsAsked(page, own.url);
      await drawn(page);
      await page.getByText('Charted by hand').waitFor();
      await page.getByRole('button', { name: /Chart South/ }).click();
      const box = (await page.locator('.maplibregl-canvas').boundingBox())!;
      const [land, sea] = [await token(page, 'map-land'), await token(page, 'map-water')];
      const side = (down: number) =>
        colourAt(page, Math.round(box.x + box.width / 2) + 90, Math.round(box.y + box.height / 2 + down));
      await until('water in the north', async () => (await side(-120)) === sea, 30_000);
      await until('land in the south', async () => (await side(120)) === land, 30_000);
      expect([...hosts]).toEqual([]);
      expect(complaints).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('is a style of one’s own choice: its hosts and no others are allowed to the page', async () => {
    const own = await app.start('web', {
      env: { MAP_STYLE_URL: 'https://maps.test/style.json', MAP_STYLE_HOSTS: 'https://tiles.test' },
    });
    const policy = (await fetch(own.url)).headers.get('content-security-policy')!;
    expect(policy).toMatch(/connect-src 'self' https:\/\/maps\.test https:\/\/tiles\.test(;|$)/);
    expect((await fetch(app.url)).headers.get('content-security-policy')).toMatch(/connect-src 'self'(;|$)/);

    const style = {
      version: 8,
      sources: {},
      layers: [{ id: 'b', type: 'background', paint: { 'background-color': '#123456' } }],
    };
    await using opened = await openPage(browser, await world.as('ops', own.url), '/operations', small);
    const { page, complaints } = opened;
    await page.route('https://maps.test/**', (asked) =>
      asked.fulfill({ json: style, headers: { 'access-control-allow-origin': '*' } }),
    );
    await page.getByRole('navigation').getByRole('link', { name: 'Map' }).click();
    await drawn(page);
    const box = (await page.locator('.maplibregl-canvas').boundingBox())!;
    await until(
      'it is drawn',
      async () => (await colourAt(page, box.x + 30, box.y + box.height / 3)) === '#123456',
      30_000,
    );
    expect(complaints).toEqual([]);

    // That host is gone: who is where stays to be seen, and it can be tried again.
    await page.unroute('https://maps.test/**');
    await page.route('https://maps.test/**', (asked) => asked.fulfill({ status: 503 }));
    await page.reload();
    await page.getByText('The ground cannot be fetched').waitFor();
    await drawn(page);
    await page.unroute('https://maps.test/**');
    await page.route('https://maps.test/**', (asked) =>
      asked.fulfill({ json: style, headers: { 'access-control-allow-origin': '*' } }),
    );
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('The ground cannot be fetched').waitFor({ state: 'detached' });
    await drawn(page);
    await until('it is drawn', async () => (await colourAt(page, box.x + 30, box.y + box.height / 3)) === '#123456');
  });
});

/** The latitude of a height on the map of the earth, 0 at its north edge and 1 at its south. */
const latitude = (height: number): number => (360 / Math.PI) * Math.atan(Math.exp((0.5 - height) * 2 * Math.PI)) - 90;
