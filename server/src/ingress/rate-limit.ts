import type { Clock } from '../platform/clock.ts';

/** How much at once, and how much per second in the long run. */
export type Rate = { burst: number; perSecond: number };

/** A bucket of tokens that fills by itself. */
export type Bucket = {
  /**
   * Takes tokens out.
   *
   * @returns 0 when they were there, else the milliseconds until they would be; nothing is taken then
   */
  take(tokens?: number): number;
};

export function createBucket(rate: Rate, clock: Pick<Clock, 'monotonic'>): Bucket {
  let level = rate.burst;
  let at = clock.monotonic();
  return {
    take: (tokens = 1) => {
      const now = clock.monotonic();
      level = Math.min(rate.burst, level + ((now - at) / 1000) * rate.perSecond);
      at = now;
      if (tokens <= level) {
        level -= tokens;
        return 0;
      }
      return ((tokens - level) / rate.perSecond) * 1000;
    },
  };
}

/** Buckets by key, each kept while somebody holds it. */
export function createSharedBuckets(
  rate: Rate,
  clock: Pick<Clock, 'monotonic'>,
): {
  hold(key: string): Bucket & { release(): void };
} {
  const held = new Map<string, { bucket: Bucket; holders: number }>();
  return {
    hold: (key) => {
      let shared = held.get(key);
      if (!shared) held.set(key, (shared = { bucket: createBucket(rate, clock), holders: 0 }));
      const { bucket } = shared;
      shared.holders++;
      let mine = true;
      return {
        take: bucket.take,
        release: () => {
          if (mine && --shared.holders === 0) held.delete(key);
          mine = false;
        },
      };
    },
  };
}
