import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import type { TestApp, TestAppOptions } from './app.ts';
import { startTestApp } from './app.ts';
import { startBrowser } from './browser.ts';
import type { World } from './world.ts';
import { buildWorld } from './world.ts';

/** The app of this file of browser tests; there from its first `beforeAll` after {@link oneApp} on. */
export let app: TestApp;
/** The browser of this file of browser tests. */
export let browser: Browser;
/** The organization of this file of browser tests. */
export let world: World;

export type OneAppOptions = TestAppOptions & {
  /** The organization's name, one of its own if absent; false: the board is still to be set up. */
  world?: string | false;
  /** Flags of the browser, as for a camera. */
  flags?: readonly string[];
};

/**
 * One app and one browser for a whole file of tests: starts both before its first test, founds an organization, and ends
 * all of it after the last. What else a file needs, it makes in a `beforeAll` of its own below.
 *
 * @param options a function: for what a `beforeAll` above finds out first, as the address of a mail server
 */
export function oneApp(options: OneAppOptions | (() => OneAppOptions) = {}): void {
  beforeAll(async () => {
    const { world: name, flags, ...more } = typeof options === 'function' ? options() : options;
    // Each kept as soon as it is there: what did start is ended also where the other does not.
    await Promise.all([
      startTestApp(more).then((started) => (app = started)),
      startBrowser(flags).then((started) => (browser = started)),
    ]);
    if (name !== false) world = await buildWorld(app, name);
  });
  afterAll(async () => {
    await browser?.close();
    await app?.[Symbol.asyncDispose]();
  });
}
