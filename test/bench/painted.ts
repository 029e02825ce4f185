/// <reference lib="dom" />
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';

/** This moment on the clock that pages share: milliseconds since the epoch, with fractions. */
const moment = (): number => performance.timeOrigin + performance.now();

/** Makes a page watch one element; {@link shows} then tells when a text was drawn in it. */
export async function watch(page: Page, selector: string): Promise<void> {
  await page.evaluate((at) => {
    const element = document.querySelector(at)!;
    const state = window as unknown as { drawn?: (text: string) => Promise<number> };
    state.drawn = (text) =>
      new Promise((resolve) => {
        const look = (): boolean => {
          if (!element.textContent?.replaceAll(/\s/g, '').includes(text.replaceAll(' ', ''))) return false;
          observer.disconnect();
          // The frame that shows it, and the turn after it: by then it is on the screen.
          requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => resolve(performance.timeOrigin + performance.now());
            port2.postMessage(undefined);
          });
          return true;
        };
        const observer = new MutationObserver(look);
        if (!look()) observer.observe(element, { subtree: true, childList: true, characterData: true });
      });
  }, selector);
}

/** Arms a page for a text, does something, and tells the milliseconds until the text was drawn. */
export async function painted(page: Page, text: string, send: () => void): Promise<number> {
  await page.evaluate((wanted) => {
    const state = window as unknown as { drawn(text: string): Promise<number>; armed?: Promise<number> };
    state.armed = state.drawn(wanted);
  }, text);
  // Not in step with the screen's own beat.
  await pause(5 + Math.random() * 30);
  const from = moment();
  send();
  const at = await page.evaluate(() => (window as unknown as { armed: Promise<number> }).armed);
  return at - from;
}
