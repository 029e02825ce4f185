import { describe, expect, it } from 'vitest';
import { createThrottle } from './throttle.ts';

function setUp(redis?: object) {
  let now = 0;
  const throttle = createThrottle({
    redis: redis as never,
    prefix: 'test',
    clock: { now: () => 0, monotonic: () => now },
  });
  const limits = [
    { key: 'pair', count: 3, windowMs: 1_000 },
    { key: 'address', count: 5, windowMs: 10_000 },
  ];
  return { throttle, limits, advance: (ms: number) => (now += ms) };
}

describe('throttle without Redis', () => {
  it('lets failures up to the limit pass, then says how long to wait', async () => {
    const { throttle, limits, advance } = setUp();
    for (let i = 0; i < 3; i++) {
      expect(await throttle.wait(limits)).toBe(0);
      await throttle.fail(limits);
    }
    advance(400);
    expect(await throttle.wait(limits)).toBe(600);
    advance(600);
    expect(await throttle.wait(limits)).toBe(0);
  });

  it('counts each limit for itself: a cleared pair still counts for the address', async () => {
    const { throttle, limits } = setUp();
    for (let i = 0; i < 5; i++) {
      await throttle.fail(limits);
      await throttle.clear('pair');
    }
    expect(await throttle.wait([limits[0]!])).toBe(0);
    expect(await throttle.wait(limits)).toBe(10_000);
  });

  it('goes on in memory when Redis fails', async () => {
    const broken = () => Promise.reject(new Error('no Redis'));
    const multi = () => ({ get: () => ({ pttl: () => ({ exec: broken }) }) });
    const { throttle, limits } = setUp({ multi, eval: broken, del: broken });
    for (let i = 0; i < 3; i++) await throttle.fail(limits);
    expect(await throttle.wait(limits)).toBe(1_000);
    await throttle.clear('pair');
    expect(await throttle.wait(limits)).toBe(0);
  });
});
