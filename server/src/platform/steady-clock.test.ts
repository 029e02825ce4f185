import { afterEach, expect, it } from 'vitest';
import { createLog } from './log.ts';
import type { SteadyClock } from './steady-clock.ts';
import { startSteadyClock } from './steady-clock.ts';

const begin = 1_760_000_000_000;
let running: SteadyClock | undefined;
afterEach(() => running?.close());

function start() {
  let [wall, passed, asleep] = [begin, 5_000, 0];
  const sources = { now: () => wall, monotonic: () => passed, sinceBoot: () => passed + asleep + 77 };
  const clock = startSteadyClock(createLog('test', 'silent'), sources);
  running = clock;
  const heard: number[] = [];
  clock.onJump((ms) => heard.push(ms));
  return {
    clock,
    heard,
    /** Seconds go by, each with its check. */
    pass: (seconds: number, drift = 0) => {
      for (let i = 0; i < seconds; i++) {
        passed += 1_000;
        wall += 1_000 + drift;
        clock.check();
      }
    },
    jump: (ms: number) => void (wall += ms),
    sleep: (ms: number) => {
      wall += ms;
      asleep += ms;
    },
  };
}

it.each([300_000, -300_000])(
  'goes on as before when the wall clock jumps by %i ms, says so, and agrees when it is back',
  (ms) => {
    const { clock, heard, pass, jump } = start();
    pass(10);
    jump(ms);
    expect(clock.now()).toBe(begin + 10_000);
    pass(60);
    expect(clock.now()).toBe(begin + 70_000);
    expect(clock.jumped()).toBe(ms);
    jump(-ms);
    pass(1);
    expect(clock.now()).toBe(begin + 71_000);
    expect(heard).toEqual([ms, 0]);
  },
);

it('believes a jump that stays', () => {
  const { clock, heard, pass, jump } = start();
  jump(300_000);
  pass(599);
  expect(clock.now()).toBe(begin + 599_000);
  pass(2);
  expect(clock.now()).toBe(begin + 901_000);
  expect(clock.jumped()).toBe(0);
  expect(heard).toEqual([300_000, 0]);
});

it('begins to wait anew at another jump', () => {
  const { clock, pass, jump } = start();
  jump(300_000);
  pass(400);
  jump(300_000);
  pass(400);
  expect(clock.now()).toBe(begin + 800_000);
});

it('takes a machine that slept, and a clock that is corrected slowly, for what they are', () => {
  const { clock, heard, pass, sleep } = start();
  sleep(8 * 3_600_000);
  pass(1);
  expect(clock.now()).toBe(begin + 8 * 3_600_000 + 1_000);
  // 0.4 % fast for an hour is more than the tolerance, and no jump.
  pass(3_600, 4);
  expect(clock.now()).toBe(begin + 8 * 3_600_000 + 1_000 + 3_600 * 1_004);
  expect(heard).toEqual([]);
});

it('[L15] never goes by small differences of its own', () => {
  const { clock, pass, jump } = start();
  jump(1_500);
  pass(1);
  expect(clock.now()).toBe(begin + 2_500);
});
