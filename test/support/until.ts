import { setTimeout as pause } from 'node:timers/promises';

/**
 * Waits until a condition holds, looking every few milliseconds; for what tells nobody when it changes.
 *
 * @throws {Error} naming what was waited for, after `timeoutMs`
 */
export async function until(what: string, holds: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    await pause(5);
  }
}
