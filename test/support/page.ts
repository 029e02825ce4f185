/// <reference lib="dom" />
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { Client } from './client.ts';
import { until } from './until.ts';

/** A page of somebody who is signed in, with everything it complained about. */
export type OpenPage = AsyncDisposable & { page: Page; complaints: string[] };

/** Opens a page in a browser of its own kind (context), with the sign-in of a client. */
export async function openPage(
  browser: Browser,
  client: Client,
  path: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    // Only the tests of the phone without network need them; elsewhere they would hide what the server sends.
    serviceWorkers: 'block',
    ...options,
  });
  const [name, value] = (client.cookie ?? '').split('=', 2);
  if (name && value) await context.addCookies([{ name, value, url: client.url }]);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.text().startsWith('Service Worker registration blocked')) return;
    // Taking a picture of a page with a map reads it back from what draws it: the driver finds that slow.
    if (/GL Driver Message .*Performance/.test(message.text())) return;
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
  await page.goto(client.url + path);
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

/** A card of the board, by its batch. */
export const cardOf = (page: Page, batch: string) => page.locator(`[data-card="${batch}"]`);
/** A column of the board. */
export const columnOf = (page: Page, status: string) => page.locator(`[data-status="${status}"]`);

/** Waits until a card can be taken in the hand: what drags is fetched when the pointer first moves. */
export async function inReach(card: Locator): Promise<void> {
  await card.hover();
  await card.and(card.page().locator('[draggable="true"]')).waitFor();
}

/** Drags a card somewhere. */
export async function drag(card: Locator, to: Locator): Promise<void> {
  await inReach(card);
  await card.dragTo(to);
}

/** Waits until a batch's card stands in a column. */
export const cardIn = (page: Page, batch: string, status: string) =>
  columnOf(page, status).locator(`[data-card="${batch}"]`).waitFor();

/** Waits until the line is said to be live. */
export async function live(page: Page): Promise<void> {
  await page.getByText('Live', { exact: true }).first().waitFor();
}

/** Cards on the board by column, as drawn: `status → batch ids`. For boards that fit on the page. */
export async function cardsOf(page: Page): Promise<{ [status: string]: string[] }> {
  return page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll<HTMLElement>('[data-status]')].map((column) => [
        column.dataset['status']!,
        [...column.querySelectorAll<HTMLElement>('[data-card]')].map((card) => card.dataset['card']!).sort(),
      ]),
    ),
  );
}

/** Waits until the board draws exactly these batches. */
export async function boardShows(page: Page, expected: { [status: string]: string[] }): Promise<void> {
  let drawn: unknown;
  await until(
    `the board shows ${JSON.stringify(expected)}`,
    async () => JSON.stringify((drawn = await cardsOf(page))) === JSON.stringify(expected),
    20_000,
  ).catch((error: Error) => {
    throw new Error(`${error.message}; it shows ${JSON.stringify(drawn)}`);
  });
}

/** Presses Tab until something has the focus. */
export async function tabTo(page: Page, wanted: Locator): Promise<void> {
  for (let i = 0; i < 80; i++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${String(wanted)} cannot be reached with Tab`);
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Serious and critical findings of axe on a page, a line each. */
export async function accessibilityFindings(page: Page): Promise<string[]> {
  // Evaluated by the debugger, not as a script of the page: the page's security policy would rightly refuse that.
  await page.evaluate(axeSource);
  // What is still fading in has not its colours yet.
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity)
        .map(({ finished }) => finished),
    ).then(() => undefined),
  );
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: {
        run(): Promise<{
          violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
        }>;
      };
    };
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} — ${failureSummary}`),
      );
  });
}
