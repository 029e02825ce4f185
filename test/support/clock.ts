import type { Clock } from '../../server/src/platform/clock.ts';

/** A clock that runs like the machine's and whose wall time can be moved. */
export type TestClock = Clock & {
  /** Moves the wall clock on (or, with a negative number, back) by so many milliseconds; durations stay real ones. */
  advance(ms: number): void;
};

export function testClock(): TestClock {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    monotonic: () => performance.now(),
    advance: (ms) => {
      ahead += ms;
    },
  };
}
