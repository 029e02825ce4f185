import { uptime } from 'node:os';
import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import type { Logger } from './log.ts';

/** A difference between the wall clock and the time that has passed which is no jump, milliseconds. */
const tolerance = 2_000;
/** A jump that nobody took back is believed after so long, milliseconds: somebody has set a wrong clock right. */
const settle = 600_000;
const checkEvery = 1_000;
/** How far the time that has passed follows the wall clock at each check, milliseconds: a clock is also corrected slowly. */
const slew = 5;

/** A clock that does not jump when the machine's does. */
export type SteadyClock = Clock & {
  /** How far the machine's wall clock is ahead of this one, milliseconds; 0 while they agree. */
  jumped(): number;
  /** Called when {@link jumped} begins or ends to be something. */
  onJump(listener: (jumped: number) => void): () => void;
  close(): void;
};

/** A clock that may be a {@link SteadyClock}; a test's need not. */
export type WatchedClock = Clock & Partial<Pick<SteadyClock, 'jumped' | 'onJump'>>;

/**
 * The wall clock, watched against the time that has passed. When it jumps, this clock goes on as if it had not, so that no
 * breach is raised or withdrawn by somebody who moves the hands; until both agree again, or the jump has lasted so long that
 * it must be meant. A machine that slept did not jump.
 *
 * @param sources what to read; the machine's clocks unless a test brings others. `sinceBoot` counts while it sleeps, too
 */
export function startSteadyClock(
  log: Logger,
  sources: Clock & { sinceBoot(): number } = { ...systemClock, sinceBoot: () => uptime() * 1000 },
): SteadyClock & { check(): void } {
  const listeners = new Set<(jumped: number) => void>();
  let base = sources.now() - sources.monotonic();
  let asleep = sources.sinceBoot() - sources.monotonic();
  let jumped = 0;
  let since = 0;

  const difference = (): number => sources.now() - sources.monotonic() - base;

  function become(next: number): void {
    const was = jumped;
    jumped = next;
    if ((was === 0) === (next === 0)) return;
    for (const listener of listeners) listener(next);
  }

  function check(): void {
    const slept = sources.sinceBoot() - sources.monotonic() - asleep;
    if (slept > tolerance) {
      asleep += slept;
      base += slept;
    }
    const off = difference();
    if (Math.abs(off) <= tolerance) {
      if (jumped !== 0) log.warn('the clocks agree again');
      base += Math.max(-slew, Math.min(slew, off));
      become(0);
    } else if (jumped === 0 || Math.abs(off - jumped) > tolerance) {
      log.warn({ ms: Math.round(off) }, 'the clock of this machine was moved; time goes on as before for now');
      since = sources.monotonic();
      become(Math.round(off));
    } else if (sources.monotonic() - since >= settle) {
      log.warn(
        { ms: Math.round(off) },
        'the clock of this machine stays where it was moved to, and is believed from now on',
      );
      base += off;
      become(0);
    }
  }

  const timer = setInterval(check, checkEvery);
  timer.unref();
  return {
    now: () => {
      const off = difference();
      // Whole milliseconds, as of every clock.
      return Math.abs(off) <= tolerance ? sources.now() : Math.round(base + sources.monotonic());
    },
    monotonic: () => sources.monotonic(),
    jumped: () => jumped,
    onJump: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => clearInterval(timer),
    check,
  };
}
