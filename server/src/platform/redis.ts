import { Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';
import type { Logger } from './log.ts';

/** Grows to two seconds: a Redis that restarts is found again at once, one that is gone is not hammered. */
const retryStrategy = (times: number): number => Math.min(50 * 2 ** Math.min(times, 6), 2_000);

/**
 * A client for short questions on a request's way: it answers or fails within 300 ms and queues nothing while the line is
 * down, because every caller has something to do without Redis.
 */
export function openRedis(url: string, log: Logger): Redis {
  const redis = new Redis(url, {
    lazyConnect: true,
    // Done by those who subscribe: by itself, a second loss meanwhile would be an error that nobody catches.
    autoResubscribe: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 300,
    connectTimeout: 2_000,
    retryStrategy,
    connectionName: 'opsboard',
  });
  say(redis, log);
  // The first attempt may fail; the client goes on by itself.
  redis.connect().catch(() => {});
  return redis;
}

/** Options for a job queue's connections: these wait for Redis, however long it takes. */
export const queueRedisOptions: RedisOptions = {
  maxRetriesPerRequest: null,
  enableReadyCheck: false,
  connectTimeout: 2_000,
  retryStrategy,
  connectionName: 'opsboard-jobs',
};

/** Logs when the line goes and when it comes back, once each and not at every attempt. */
export function say(redis: Redis, log: Logger): void {
  let down = false;
  redis.on('error', (err: unknown) => {
    if (!down) log.warn({ err }, 'Redis does not answer');
    down = true;
  });
  redis.on('ready', () => {
    if (down) log.info('Redis answers again');
    down = false;
  });
}
