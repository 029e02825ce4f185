import type { Redis } from 'ioredis';
import type { Channel, RelayOptions } from '../platform/channels.ts';
import { openChannels } from '../platform/channels.ts';
import { newId } from '../platform/ids.ts';
import type { Said } from './said.ts';

/** How often a process says that it is there, milliseconds. */
const beatEvery = 2_000;
/** A process that was not heard for so long is gone ([P6]), and so is its key. Milliseconds. */
const silentAfter = 5_000;
const keptFor = 8_000;
/** Shortest time between two messages of one organization, milliseconds. */
const gap = 100;

/** The people of one process, as its key in Redis holds them: by person, and under {@link countField} the count. */
const countField = '#';

/**
 * What processes say to each other. `n` counts what a process has said: who finds that it missed something reads the
 * process's key. `changes` by person, null for one who left; `ask`: please say that you are there; `bye`: gone.
 */
type Word = {
  from: string;
  n: number;
  changes?: { [person: string]: Said | null };
  ask?: true;
  bye?: true;
};

/** What the relay asks of, and tells to, one organization of this process. */
export type RelayEnds = {
  own(): ReadonlyMap<string, Said>;
  ownOf(person: string): Said | undefined;
  /** All people of another process (undefined when it is there no more), and of whom something changed. */
  heard(process: string, people: ReadonlyMap<string, Said> | undefined, changed: Iterable<string>): void;
};

export type OrgRelay = {
  /** Something changed of a person's tabs on this process. */
  changed(person: string): void;
  /** Nobody of the organization is on this process any more. */
  leave(): Promise<void>;
};

export type Relay = {
  join(org: string, ends: RelayEnds): OrgRelay;
  close(): Promise<void>;
};

/**
 * Shares who is here between processes, through Redis. Each process keeps its own people under a key that expires by
 * itself, and says what changes; nobody writes anybody else's. Whatever goes wrong is put right by the next beat.
 */
export function openRelay({ redis, listener, prefix, clock, log }: RelayOptions): Relay {
  const context = { redis, me: newId(clock.now()), now: () => clock.monotonic() };
  const channels = openChannels<Word, OrgChannel>({ listener, about: 'presence', every: beatEvery, log });
  return {
    join: (org, ends) => {
      // The shape of what is said is part of the name: another release with another shape is not misunderstood.
      const channel = new OrgChannel(`${prefix}:presence:1:${org}`, ends, context);
      channels.join(channel);
      return {
        changed: (person) => channel.changed(person),
        leave: async () => {
          channels.leave(channel);
          await channel.leave();
        },
      };
    },
    close: async () => {
      const left = [...channels];
      channels.close();
      await Promise.all(left.map((channel) => channel.leave()));
    },
  };
}

/** What is known of another process. `latest` is the highest count heard of; while it is read, `n` is behind it. */
type Other = { n: number; latest: number; heardAt: number; people: Map<string, Said>; reading: boolean };

/** One organization: what this process has said, and what it has heard. */
class OrgChannel implements Channel<Word> {
  readonly name: string;
  readonly #ends: RelayEnds;
  readonly #redis: Redis;
  readonly #me: string;
  readonly #now: () => number;
  readonly #others = new Map<string, Other>();
  readonly #changed = new Set<string>();
  #n = 0;
  /** The key is to be written anew: at the beginning, and when Redis may not hold what was said. */
  #all = true;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saidAt = -Infinity;
  #writing = false;
  #left = false;

  constructor(name: string, ends: RelayEnds, context: { redis: Redis; me: string; now: () => number }) {
    this.name = name;
    this.#ends = ends;
    this.#redis = context.redis;
    this.#me = context.me;
    this.#now = context.now;
  }

  changed(person: string): void {
    this.#changed.add(person);
    if (this.#timer || this.#left) return;
    this.#timer = setTimeout(() => this.#write(), Math.max(0, this.#saidAt + gap - this.#now()));
    this.#timer.unref();
  }

  listening(): void {
    this.say({ ask: true });
  }

  beat(): void {
    for (const [process, { heardAt }] of [...this.#others]) {
      if (this.#now() - heardAt > silentAfter) this.#forget(process);
    }
    if (this.#all || this.#changed.size > 0) this.#write();
    else this.say({});
  }

  /** Says something, or only that this process is there; its key goes on living. */
  say(more: { ask?: true }): void {
    if (this.#left || this.#redis.status !== 'ready') return;
    const word: Word = { from: this.#me, n: this.#n, ...more };
    this.#redis
      .multi()
      .pexpire(this.#key, keptFor)
      .publish(this.name, JSON.stringify(word))
      .exec()
      .then((answers) => {
        // Redis began anew, or was away for longer than the key lives.
        if (answers?.[0]?.[1] === 0) this.#all = true;
      })
      .catch(() => {
        this.#all = true;
      });
  }

  hear({ from, n, changes, ask, bye }: Word): void {
    if (from === this.#me || this.#left) return;
    if (bye) return this.#forget(from);
    // Who has nobody here has no key, and nothing to say.
    if (ask && this.#n > 0) this.say({});
    let other = this.#others.get(from);
    if (!other) this.#others.set(from, (other = { n: 0, latest: 0, heardAt: 0, people: new Map(), reading: false }));
    other.heardAt = this.#now();
    other.latest = Math.max(other.latest, n);
    if (other.reading || n === other.n) return;
    if (!changes || n !== other.n + 1) return void this.#read(from, other);
    other.n = n;
    for (const [person, said] of Object.entries(changes)) {
      if (said) other.people.set(person, said);
      else other.people.delete(person);
    }
    this.#ends.heard(from, other.people, Object.keys(changes));
  }

  async leave(): Promise<void> {
    if (this.#left) return;
    this.#left = true;
    clearTimeout(this.#timer);
    if (this.#redis.status !== 'ready') return;
    const word: Word = { from: this.#me, n: this.#n, bye: true };
    await this.#redis
      .multi()
      .del(this.#key)
      .publish(this.name, JSON.stringify(word))
      .exec()
      .catch(() => undefined);
  }

  get #key(): string {
    return `${this.name}:${this.#me}`;
  }

  /** Writes what changed to the key and says it, in one go: who reads the key after a word finds at least that. */
  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // One after the other, so that what is said is in order; the beat comes back to what waits.
    if (this.#left || this.#writing || this.#redis.status !== 'ready') {
      this.#all ||= !this.#writing;
      return;
    }
    const all = this.#all;
    const people = all ? [...this.#ends.own().keys()] : [...this.#changed];
    this.#changed.clear();
    this.#all = false;
    this.#saidAt = this.#now();
    const word: Word = { from: this.#me, n: ++this.#n };
    const multi = this.#redis.multi();
    if (all) multi.del(this.#key);
    else word.changes = {};
    for (const person of people) {
      const said = this.#ends.ownOf(person);
      if (word.changes) word.changes[person] = said ?? null;
      if (said) multi.hset(this.#key, person, JSON.stringify(said));
      else multi.hdel(this.#key, person);
    }
    multi.hset(this.#key, countField, this.#n).pexpire(this.#key, keptFor).publish(this.name, JSON.stringify(word));
    this.#writing = true;
    multi
      .exec()
      .then((answers) => {
        if (!answers || answers.some(([problem]) => problem)) this.#all = true;
      })
      .catch(() => {
        this.#all = true;
      })
      .finally(() => {
        this.#writing = false;
        const [waiting] = this.#changed;
        if (waiting !== undefined) this.changed(waiting);
      });
  }

  /** Reads all people of a process of which something was missed. */
  async #read(from: string, other: Other): Promise<void> {
    other.reading = true;
    const before = other.people;
    try {
      do {
        const fields = await this.#redis.hgetall(`${this.name}:${from}`);
        if (this.#others.get(from) !== other || this.#left) return;
        // No key: it has just gone, or Redis began anew and it will write. Its next word tells.
        if (fields[countField] === undefined) return;
        other.n = Number(fields[countField]);
        other.people = new Map();
        for (const [person, said] of Object.entries(fields)) {
          if (person !== countField) other.people.set(person, JSON.parse(said) as Said);
        }
      } while (other.n < other.latest);
      this.#ends.heard(from, other.people, [...before.keys(), ...other.people.keys()]);
    } catch {
      // Its next word finds the same gap, and asks again.
    } finally {
      other.reading = false;
    }
  }

  #forget(process: string): void {
    const other = this.#others.get(process);
    if (this.#others.delete(process)) this.#ends.heard(process, undefined, other!.people.keys());
  }
}
