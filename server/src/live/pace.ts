import type { Clock } from '../platform/clock.ts';

/** Shortest and longest time from the end of one tick to the next, milliseconds. */
const shortest = 4;
const longest = 25;
/** A tick that took t is followed by a rest of this many t, so that sending never takes most of the process's time. */
const rest = 3;

/** Decides when the next frames leave. */
export type Pace = {
  /** Something is to be sent. After quiet it goes in this very turn of the event loop, in a burst with the next tick. */
  ask(): void;
  stop(): void;
};

/**
 * The first change after quiet leaves at once; those that follow it are gathered for a few milliseconds, for more when
 * sending itself takes long (many clients): each client then gets one frame with many changes, which is what makes a
 * burst cheap.
 *
 * @param send sends what is there; how long it takes sets the pace
 */
export function createPace(clock: Clock, send: () => void): Pace {
  let next = 0;
  let asked: { cancel(): void } | undefined;

  const run = (): void => {
    asked = undefined;
    const from = clock.monotonic();
    send();
    const to = clock.monotonic();
    next = to + gapAfter(to - from);
  };

  return {
    ask: () => {
      if (asked) return;
      const wait = next - clock.monotonic();
      if (wait <= 0) {
        // Not inside the call that brought the change: whoever committed it answers its sender first.
        const immediate = setImmediate(run);
        asked = { cancel: () => clearImmediate(immediate) };
      } else {
        const timer = setTimeout(run, wait);
        asked = { cancel: () => clearTimeout(timer) };
      }
    },
    stop: () => {
      asked?.cancel();
      asked = undefined;
    },
  };
}

/** Milliseconds to rest after a tick that took `cost` milliseconds. */
export function gapAfter(cost: number): number {
  return Math.max(shortest, Math.min(longest, cost * rest), cost);
}
