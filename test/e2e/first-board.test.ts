import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { app, browser, oneApp } from '../support/one-app.ts';

oneApp({ world: false });

/** What the way to the first board may carry, in bytes after gzip: a phone on a bad line waits for all of it. */
const most = 110_000;

describe('the first board', () => {
  it(`needs at most ${most} bytes of JavaScript`, async () => {
    const context = await browser.newContext();
    // Without answers the page stays where it is: what it brings along when it has drawn the board is not counted.
    await context.route(/\/(api|socket\.io)\//, (route) => route.fulfill({ status: 503, body: '{}' }));
    const page = await context.newPage();
    const scripts = new Map<string, Promise<Buffer>>();
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (pathname.endsWith('.js')) scripts.set(pathname, response.body());
    });
    await page.goto(new URL('/operations/board', app.url).href, { waitUntil: 'networkidle' });
    const sizes = await Promise.all(
      [...scripts].map(async ([path, body]) => ({ path, bytes: gzipSync(await body, { level: 9 }).length })),
    );
    const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
    await context.close();
    // The board itself is among them, or nothing was measured.
    expect(sizes.length).toBeGreaterThan(10);
    expect(total).toBeGreaterThan(60_000);
    const largest = sizes.toSorted((a, b) => b.bytes - a.bytes).slice(0, 5);
    expect(
      total,
      `the largest: ${largest.map(({ path, bytes }) => `${path} ${bytes}`).join(', ')}`,
    ).toBeLessThanOrEqual(most);
  });
});
