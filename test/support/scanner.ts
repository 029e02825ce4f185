import type { Page } from 'playwright-core';

const signs: { readonly [sign: string]: string } = { '-': 'Minus', '/': 'Slash', '.': 'Period', Enter: 'Enter' };
const codeOf = (key: string): string =>
  signs[key] ?? (/\d/.test(key) ? `Digit${key}` : /[a-z]/i.test(key) ? `Key${key.toUpperCase()}` : '');

/**
 * A keyboard-wedge scanner at the page: real keys with times of their own, so that a busy machine does not make it slow.
 *
 * @param pace milliseconds from key to key: a person's is 60 and more
 */
export async function scanInto(page: Page, text: string, pace = 8): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  // After whatever was typed before, with the silence that comes before a scan.
  const start = Math.max(Date.now(), last) + 400;
  const keys = [...text, 'Enter'];
  // Sent without waiting in between: only their own times say how fast they were.
  const sent = keys.flatMap((key, i) => {
    const more = {
      key,
      code: codeOf(key),
      windowsVirtualKeyCode: key === 'Enter' ? 13 : key.toUpperCase().charCodeAt(0),
      timestamp: (start + i * pace) / 1_000,
    };
    return [
      cdp.send('Input.dispatchKeyEvent', { ...more, type: 'keyDown', text: key === 'Enter' ? '\r' : key }),
      cdp.send('Input.dispatchKeyEvent', { ...more, type: 'keyUp' }),
    ];
  });
  await Promise.all(sent);
  last = start + keys.length * pace;
  await cdp.detach();
}

/** When the scanner was last at work, by its own clock. */
let last = 0;
