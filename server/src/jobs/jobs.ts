import Bull from 'bull';
import type { Queue } from 'bull';
import { Redis } from 'ioredis';
import type { Dispatcher } from '../dispatch/dispatch.ts';
import type { Journal } from '../journal/journal.ts';
import type { Clock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import type { Logger } from '../platform/log.ts';
import { queueRedisOptions, say } from '../platform/redis.ts';
import { sweep } from './sweep.ts';

export type Jobs = {
  /** The queue answered, or Redis is not there yet and will be waited for. */
  ready: Promise<void>;
  /** Finishes the job under way and lets go of Redis. */
  close(): Promise<void>;
};

/** A sweep each so many milliseconds: a breach is on record within this time. */
const sweepEvery = 5_000;
/** Messages are found by following the journal; this is for what was left behind. */
const messagesEvery = 60_000;
/** What is kept for days is looked at each hour. */
const retainEvery = 3_600_000;
/** How often the worker looks whether its repeating job is still there: a Redis that came back empty has lost it. */
const checkEvery = 5_000;
/** How long closing waits for a Redis that does not answer. */
const patience = 3_000;

/** Starts the queue of repeating jobs and this process's part in carrying them out. */
export function startJobs(options: {
  config: Config;
  journal: Journal;
  dispatcher: Dispatcher;
  clock: Clock;
  log: Logger;
  /** Finds messages that nobody handled. */
  sweepMessages(): Promise<void>;
  /** Deletes what is over, and finishes erasures; `goOn` is asked between chunks. */
  retain(goOn: () => boolean): Promise<void>;
}): Jobs {
  const { config, log } = options;
  const clients: Redis[] = [];
  let closing = false;

  const queue: Queue = new Bull('clock', {
    prefix: config.REDIS_PREFIX,
    createClient: (_type, redisOptions) => {
      const client = new Redis(config.REDIS_URL, { ...redisOptions, ...queueRedisOptions });
      if (clients.length === 0) say(client, log);
      else client.on('error', () => {});
      clients.push(client);
      return client;
    },
    settings: { lockDuration: 30_000, stalledInterval: 15_000, maxStalledCount: 2 },
  });
  queue.on('error', (err) => log.debug({ err }, 'queue error'));
  queue.on('failed', (_job, err) => log.error({ err }, 'job failed'));

  void queue.process('sweep', 1, async () => {
    const swept = await sweep(options, () => !closing);
    if (swept.breached + swept.archived + swept.ended > 0) log.info(swept, 'swept');
  });

  void queue.process('messages', 1, () => options.sweepMessages());

  void queue.process('retention', 1, () => options.retain(() => !closing));

  let checking = false;
  /** Adding a repeat that is there changes nothing: the next occurrence has the same id. */
  const check = async (): Promise<void> => {
    if (checking || closing) return;
    checking = true;
    try {
      const add = (name: string, every: number) =>
        queue.add(name, {}, { repeat: { every }, removeOnComplete: true, removeOnFail: 20 });
      await add('sweep', sweepEvery);
      await add('messages', messagesEvery);
      await add('retention', retainEvery);
    } catch (err) {
      if (!closing) log.warn({ err }, 'the repeating job could not be checked');
    } finally {
      checking = false;
    }
  };
  const timer = setInterval(() => void check(), checkEvery);
  const soon = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());

  return {
    ready: Promise.race([check(), soon(patience)]),
    close: async () => {
      closing = true;
      clearInterval(timer);
      await Promise.race([queue.close().catch(() => {}), soon(patience)]);
      for (const client of clients) client.disconnect();
    },
  };
}
