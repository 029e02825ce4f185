import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPace, gapAfter } from './pace.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate'] }));
afterEach(() => void vi.useRealTimers());

describe('the pace of frames', () => {
  const start = (cost = 0) => {
    let now = 1_000;
    const sent: number[] = [];
    const clock = { now: () => now, monotonic: () => now };
    const pace = createPace(clock, () => {
      now += cost;
      sent.push(now);
    });
    const pass = (ms: number): void => {
      now += ms;
      vi.advanceTimersByTime(ms);
    };
    return { pace, sent, pass };
  };

  it('after quiet a change leaves in the same turn, but not inside the call that brought it', () => {
    const { pace, sent, pass } = start();
    pace.ask();
    expect(sent).toEqual([]);
    pass(0);
    expect(sent).toEqual([1_000]);
  });

  it('what follows is gathered: many changes, one tick', () => {
    const { pace, sent, pass } = start();
    pace.ask();
    pass(0);
    for (let i = 0; i < 10; i++) pace.ask();
    pass(3);
    expect(sent).toHaveLength(1);
    pass(1);
    expect(sent).toHaveLength(2);
    pass(100);
    expect(sent).toHaveLength(2);
  });

  it('ticks that take long are followed by longer rests, and never by ones of more than 25 ms without need', () => {
    expect([0, 1, 5, 8, 20, 40].map(gapAfter)).toEqual([4, 4, 15, 24, 25, 40]);
    const { pace, sent, pass } = start(8);
    pace.ask();
    pass(0);
    pace.ask();
    pass(23);
    expect(sent).toHaveLength(1);
    pass(1);
    expect(sent).toHaveLength(2);
  });

  it('stops', () => {
    const { pace, sent, pass } = start();
    pace.ask();
    pace.stop();
    pass(100);
    expect(sent).toEqual([]);
  });
});
