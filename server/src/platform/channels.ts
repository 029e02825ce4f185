import type { Redis } from 'ioredis';
import type { Clock } from './clock.ts';
import type { Logger } from './log.ts';

/** What a relay needs, which shares between processes through Redis what is told beside records. */
export type RelayOptions = {
  /** For keys and for saying. */
  redis: Redis;
  /** For hearing: Redis wants a connection of its own for that. It must not subscribe again by itself. */
  listener: Redis;
  prefix: string;
  clock: Clock;
  log: Logger;
};

/** One channel of Redis, as whoever listens on it knows it. */
export type Channel<Word> = {
  readonly name: string;
  /** From now on what is said is heard; what was said before has to be read. */
  listening(): void;
  /** What somebody said, this process included. Throws when it is not understood. */
  hear(word: Word): void;
  /** Called now and then, for what has to be said or tried again. */
  beat(): void;
};

export type Channels<C> = Iterable<C> & { join(channel: C): void; leave(channel: C): void; close(): void };

/**
 * Keeps a process listening on channels, through every loss of Redis, and gives them a beat.
 *
 * @param listener a connection of its own (Redis wants that), which must not subscribe again by itself
 * @param about what the channels are about, for the log
 * @param every the beat, milliseconds
 */
export function openChannels<Word, C extends Channel<Word>>({
  listener,
  about,
  every,
  log,
}: {
  listener: Redis;
  about: string;
  every: number;
  log: Logger;
}): Channels<C> {
  const channels = new Map<string, C>();
  const subscribe = ({ name }: C): void => {
    if (listener.status !== 'ready') return;
    listener.subscribe(name).then(
      () => channels.get(name)?.listening(),
      (err: unknown) => log.debug({ err }, `${about} could not be listened to; tried again when Redis is back`),
    );
  };
  const onReady = (): void => channels.forEach(subscribe);
  const onMessage = (name: string, text: string): void => {
    try {
      channels.get(name)?.hear(JSON.parse(text) as Word);
    } catch (err) {
      log.warn({ err }, `a word about ${about} was not understood`);
    }
  };
  listener.on('ready', onReady);
  listener.on('message', onMessage);
  const timer = setInterval(() => channels.forEach((channel) => channel.beat()), every);
  timer.unref();
  return {
    [Symbol.iterator]: () => channels.values(),
    join: (channel) => {
      channels.set(channel.name, channel);
      subscribe(channel);
    },
    leave: ({ name }) => {
      channels.delete(name);
      if (listener.status === 'ready') listener.unsubscribe(name).catch(() => {});
    },
    close: () => {
      clearInterval(timer);
      listener.off('ready', onReady);
      listener.off('message', onMessage);
      channels.clear();
    },
  };
}
