import { expect, it } from 'vitest';
import { createBucket, createSharedBuckets } from './rate-limit.ts';

const settable = () => {
  let now = 1_000;
  return { monotonic: () => now, pass: (ms: number) => void (now += ms) };
};

it('lets a burst through, then as much as flows in, and tells how long to wait', () => {
  const clock = settable();
  const bucket = createBucket({ burst: 3, perSecond: 10 }, clock);
  expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([0, 0, 0]);
  expect(bucket.take()).toBe(100);
  clock.pass(99);
  expect(bucket.take()).toBeCloseTo(1);
  clock.pass(1.1);
  expect(bucket.take()).toBe(0);
  clock.pass(3_600_000);
  expect(bucket.take(3)).toBe(0);
  expect(bucket.take(3)).toBe(300);
});

it('shares one bucket by key while somebody holds it', () => {
  const buckets = createSharedBuckets({ burst: 1, perSecond: 1 }, settable());
  const first = buckets.hold('ann');
  const second = buckets.hold('ann');
  expect(first.take()).toBe(0);
  expect(second.take()).toBeGreaterThan(0);
  expect(buckets.hold('bo').take()).toBe(0);
  first.release();
  first.release();
  expect(buckets.hold('ann').take()).toBeGreaterThan(0);
});
