import type { Redis } from 'ioredis';
import type { Channel, RelayOptions } from '../platform/channels.ts';
import { openChannels } from '../platform/channels.ts';
import type { Clock } from '../platform/clock.ts';
import { newId } from '../platform/ids.ts';
import type { Latest } from './latest.ts';
import { readStored, stored } from './latest.ts';

/** Shortest time between two messages of one organization, milliseconds. */
const gap = 200;
/** How often what could not be said is tried again, milliseconds. */
const beatEvery = 2_000;
/** The last positions of an organization go when nothing was written for so long, milliseconds. */
export const keptFor = 24 * 3_600_000;

/**
 * Writes positions and tells the other processes, in one go. A driver's phone changes from process to process, and what
 * one says late must not replace what another knows better: the newest wins.
 */
const write = `
for i = 4, #ARGV, 2 do
  local old = redis.call('HGET', KEYS[1], ARGV[i])
  local before = old and tonumber(string.match(old, '^%d+'))
  if not before or before <= tonumber(string.match(ARGV[i + 1], '^%d+')) then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('PUBLISH', ARGV[2], ARGV[3])
`;
/** Forgets drivers whose route has ended, unless they are on another one by now. */
const forget = `
for i = 1, #ARGV, 2 do
  local old = redis.call('HGET', KEYS[1], ARGV[i])
  if old and string.find(old, ARGV[i + 1], 1, true) then redis.call('HDEL', KEYS[1], ARGV[i]) end
end
`;

/** What processes say to each other. `n` counts what a process has said: who finds that it missed something reads all. */
type Word = { from: string; n: number; drivers: { [driver: string]: string } };

/** What the relay asks of, and tells to, one organization of this process. */
export type RelayEnds = {
  /** What phones of this process have said. */
  own(): Iterable<readonly [driver: string, latest: Latest]>;
  heard(drivers: Iterable<readonly [driver: string, latest: Latest]>): void;
};

export type OrgRelay = {
  moved(driver: string, latest: Latest): void;
  /** The route has ended, or the position is too old. */
  ended(driver: string, route: string): void;
  leave(): void;
};

export type Relay = { join(org: string, ends: RelayEnds): OrgRelay; close(): void };

/** Shares the last positions between processes: a hash per organization, and a channel on which changes are told. */
export function openRelay({ redis, listener, prefix, clock, log }: RelayOptions): Relay {
  const me = newId(clock.now());
  const channels = openChannels<Word, OrgChannel>({ listener, about: 'positions', every: beatEvery, log });
  const onReady = (): void => {
    for (const channel of channels) channel.again();
  };
  redis.on('ready', onReady);
  return {
    join: (org, ends) => {
      // The shape of what is said is part of the name: another release with another shape is not misunderstood.
      const channel = new OrgChannel(`${prefix}:positions:1:${org}`, ends, { redis, me, clock });
      channels.join(channel);
      return {
        moved: (driver, latest) => channel.moved(driver, latest),
        ended: (driver, route) => channel.ended(driver, route),
        leave: () => {
          channels.leave(channel);
          channel.leave();
        },
      };
    },
    close: () => {
      redis.off('ready', onReady);
      for (const channel of channels) channel.leave();
      channels.close();
    },
  };
}

/** One organization: what this process has to say, and what it has heard. */
class OrgChannel implements Channel<Word> {
  readonly name: string;
  readonly #ends: RelayEnds;
  readonly #redis: Redis;
  readonly #me: string;
  readonly #clock: Clock;
  /** By process, the count of its last word. */
  readonly #counts = new Map<string, number>();
  readonly #moved = new Map<string, Latest>();
  readonly #ended = new Map<string, string>();
  #n = 0;
  /** Redis may not hold what was said: everything of this process is written anew. */
  #all = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saidAt = -Infinity;
  #writing = false;
  #reading = false;
  #left = false;

  constructor(name: string, ends: RelayEnds, context: { redis: Redis; me: string; clock: Clock }) {
    this.name = name;
    this.#ends = ends;
    this.#redis = context.redis;
    this.#me = context.me;
    this.#clock = context.clock;
  }

  moved(driver: string, latest: Latest): void {
    this.#moved.set(driver, latest);
    this.#ended.delete(driver);
    this.#ask();
  }

  ended(driver: string, route: string): void {
    this.#moved.delete(driver);
    this.#ended.set(driver, route);
    this.#ask();
  }

  /** Redis was away: it may have forgotten. */
  again(): void {
    this.#all = true;
    this.#write();
  }

  /** From now on changes are heard: what was before is read. */
  listening(): void {
    this.#read();
  }

  beat(): void {
    if (this.#all || this.#moved.size + this.#ended.size > 0) this.#write();
  }

  hear({ from, n, drivers }: Word): void {
    if (from === this.#me || this.#left) return;
    const known = this.#counts.get(from);
    this.#counts.set(from, n);
    // Words of processes that are long gone are not remembered for ever.
    if (this.#counts.size > 100) this.#counts.delete(this.#counts.keys().next().value!);
    this.#ends.heard(entriesOf(drivers));
    if (known !== undefined && n !== known + 1) this.#read();
  }

  /** Reads what all processes have written. */
  #read(): void {
    if (this.#reading || this.#left || this.#redis.status !== 'ready') return;
    this.#reading = true;
    this.#redis
      .hgetall(this.name)
      .then((drivers) => {
        if (!this.#left) this.#ends.heard(entriesOf(drivers));
      })
      // The next gap, or the next time that Redis comes back, asks again.
      .catch(() => undefined)
      .finally(() => (this.#reading = false));
  }

  leave(): void {
    this.#left = true;
    clearTimeout(this.#timer);
  }

  #ask(): void {
    if (this.#timer || this.#left) return;
    this.#timer = setTimeout(() => this.#write(), Math.max(0, this.#saidAt + gap - this.#clock.monotonic()));
    this.#timer.unref();
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // One after the other, so that what is said is in order; the beat comes back to what waits.
    if (this.#left || this.#writing || this.#redis.status !== 'ready') return;
    const moved = new Map(this.#all ? [...this.#ends.own(), ...this.#moved] : this.#moved);
    const ended = [...this.#ended].flat();
    this.#moved.clear();
    this.#ended.clear();
    this.#all = false;
    this.#saidAt = this.#clock.monotonic();
    const work: Promise<unknown>[] = [];
    if (moved.size > 0) {
      const values = [...moved].map(([driver, latest]) => [driver, stored(latest)] as const);
      const word: Word = { from: this.#me, n: ++this.#n, drivers: Object.fromEntries(values) };
      work.push(this.#redis.eval(write, 1, this.name, keptFor, this.name, JSON.stringify(word), ...values.flat()));
    }
    if (ended.length > 0) work.push(this.#redis.eval(forget, 1, this.name, ...ended));
    this.#writing = true;
    Promise.all(work)
      .catch(() => (this.#all = true))
      .finally(() => {
        this.#writing = false;
        if (this.#moved.size + this.#ended.size > 0) this.#ask();
      });
  }
}

function* entriesOf(drivers: { [driver: string]: string }): Generator<readonly [string, Latest]> {
  for (const [driver, value] of Object.entries(drivers)) yield [driver, readStored(value)];
}
