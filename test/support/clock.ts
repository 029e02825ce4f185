import type { Clock } from '../../server/src/platform/clock.ts';

/** A clock that runs like the machine's and can be moved. */
export type TestClock = Clock & {
  /** Moves on (or, with a negative number, back) by so many milliseconds; durations go along when it moves on. */
  advance(ms: number): void;
};

export function testClock(): TestClock {
  let ahead = 0;
  let gone = 0;
  return {
    now: () => Date.now() + ahead,
    monotonic: () => performance.now() + gone,
    advance: (ms) => {
      ahead += ms;
      gone += Math.max(0, ms);
    },
  };
}
