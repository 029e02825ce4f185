import { describe, expect, it } from 'vitest';
import { apart, beside } from './beside.ts';

const stop = { x: 100, y: 100 };

describe('a driver at a place', () => {
  it('is drawn where they are while that is beside it', () => {
    expect(beside({ aside: 0 }, 100 + apart, 100, [stop])).toEqual({ x: 100 + apart, y: 100 });
    expect(beside({ aside: 0 }, 100, 100, [])).toEqual({ x: 100, y: 100 });
  });

  it('stays at its rim, on the side from which they came', () => {
    const who = { aside: Math.PI };
    expect(beside(who, 100, 90, [stop])).toEqual({ x: expect.closeTo(100), y: 100 - apart });
    // At the door: which side they are on is now chance.
    expect(beside(who, 101, 101, [stop])).toEqual({ x: expect.closeTo(100), y: 100 - apart });
  });

  it('of two places, beside the nearer one', () => {
    const drawn = beside({ aside: 0 }, 100, 110, [{ x: 100, y: 130 }, stop]);
    expect(drawn).toEqual({ x: expect.closeTo(100), y: 100 + apart });
  });
});
