import { describe, expect, it } from 'vitest';
import type { Stamp } from './action.ts';
import { settledTime, stampedTime } from './action.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** The server's time when the phone lost the network. */
const cut = 1_800_000_000_000;

/** An action done an hour after the cut, on a phone whose clock is off by so much, as it stamps it. */
function acted(clockOff: number, measured: number | undefined, after = cut): { doneAt: number; stamp: Stamp } {
  const stamp = { wall: cut + hour + clockOff, offset: measured, after };
  return { doneAt: stampedTime(stamp), stamp };
}

describe('the time of an action, judged again when the network is back four hours after the cut', () => {
  const now = cut + 4 * hour;
  const truth = cut + hour;

  it.each([
    ['a right clock', acted(0, 0), 0],
    ['a phone a day ahead, measured', acted(day, -day), -day],
    ['a phone a day behind, measured', acted(-day, day), day],
    ['a phone a day ahead, never measured', acted(day, undefined), -day],
    ['a phone a day behind, never measured', acted(-day, undefined), day],
    ['set a day ahead between the cut and the action', acted(day, 0), -day],
    ['set a day back between the cut and the action', acted(-day, 0), day],
    ['set a day ahead after the action', acted(0, 0), -day],
    ['set right after the action, which it was a day wrong at', acted(day, -day), 0],
    ['a clock that runs off by seconds', acted(3_000, -3_000), -1_000],
  ])('%s', (_name, action, offset) => {
    expect(Math.abs(settledTime(action, offset, now) - truth)).toBeLessThanOrEqual(3_000);
  });

  it('does not follow one before it that a wrong clock put into the future', () => {
    const before = acted(day, 0);
    expect(before.doneAt).toBeGreaterThan(now);
    const next = acted(day, 0, before.doneAt);
    expect(settledTime(next, -day, now)).toBe(truth);
  });

  it('is never after its arrival', () => {
    const ahead = acted(10 * hour, undefined);
    expect(settledTime(ahead, -7 * hour + 2_000, cut + 4 * hour)).toBeLessThanOrEqual(cut + 4 * hour);
  });

  it('stays as it is where neither clock can be right', () => {
    const action = acted(0, 0);
    expect(settledTime(action, 400 * day, now)).toBe(action.doneAt);
  });
});

it('an action is never stamped before what came before it', () => {
  expect(stampedTime({ wall: cut - day, offset: 0, after: cut })).toBe(cut + 1);
});
