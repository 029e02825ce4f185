import type { Redis } from 'ioredis';
import type { Clock } from './clock.ts';

/** At most `count` failures within `windowMs`, per key. */
export type Limit = { key: string; count: number; windowMs: number };

export type Throttle = {
  /** Milliseconds to wait before another attempt, by the fullest of these limits; 0 means go ahead. */
  wait(limits: readonly Limit[]): Promise<number>;
  /** Counts one failure against each limit. */
  fail(limits: readonly Limit[]): Promise<void>;
  /** Forgets the failures of a key, after a success. */
  clear(key: string): Promise<void>;
};

type Window = { count: number; until: number };
/** More keys than this at once are an attack from very many addresses; the oldest are forgotten. */
const mostKeys = 50_000;

// INCR and its expiry together, so that a key can never stay for ever without one.
const failScript = `
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return n`;

/**
 * Counts failures in Redis, so that every process agrees, and in memory beside it, so that the count goes on while Redis
 * is away. The stricter of the two counts.
 */
export function createThrottle(options: { redis: Redis | undefined; prefix: string; clock: Clock }): Throttle {
  const { redis, clock } = options;
  const windows = new Map<string, Window>();
  const name = (key: string) => `${options.prefix}:throttle:${key}`;

  const here = (limit: Limit): number => {
    const window = windows.get(limit.key);
    const left = window ? window.until - clock.monotonic() : 0;
    return window && left > 0 && window.count >= limit.count ? left : 0;
  };
  const there = async (limit: Limit): Promise<number> => {
    if (!redis) return 0;
    try {
      const answer = await redis.multi().get(name(limit.key)).pttl(name(limit.key)).exec();
      const count = Number(answer?.[0]?.[1] ?? 0);
      return count >= limit.count ? Math.max(0, Number(answer?.[1]?.[1] ?? 0)) : 0;
    } catch {
      return 0;
    }
  };
  const failHere = (limit: Limit): void => {
    const now = clock.monotonic();
    const window = windows.get(limit.key);
    if (window && window.until > now) window.count++;
    else {
      windows.delete(limit.key);
      windows.set(limit.key, { count: 1, until: now + limit.windowMs });
      if (windows.size > mostKeys) windows.delete(windows.keys().next().value!);
    }
  };

  return {
    wait: async (limits) => Math.max(0, ...limits.map(here), ...(await Promise.all(limits.map(there)))),
    fail: async (limits) => {
      for (const limit of limits) failHere(limit);
      if (!redis) return;
      const count = (limit: Limit) => redis.eval(failScript, 1, name(limit.key), limit.windowMs);
      await Promise.allSettled(limits.map(count));
    },
    clear: async (key) => {
      windows.delete(key);
      await redis?.del(name(key)).catch(() => {});
    },
  };
}
