import type { Entry } from '@opsboard/shared/protocol/entries';
import type { ChangeStream } from 'mongodb';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/log.ts';
import type { Collections, StoredEntry } from './stored.ts';
import { entryOf } from './stored.ts';

/** A process that has heard nothing from the database for this long says that it is stale, milliseconds. */
export const staleAfter = 1000;
/** How long the database holds an empty answer back, milliseconds: well below {@link staleAfter}. */
const longPoll = 300;
const checkEvery = 200;
/** A stream without any word for this long is given up, milliseconds: its connection may be dead without an end. */
const giveUpAfter = 6000;
const longestPause = 1000;

/** `replaced`: the database is another one since a restore, and this process must begin anew. */
export type Health = { stale: boolean; heardAt: number; replaced?: true };

type Hooks = {
  /** Entries of any organization, in the order of their commits. */
  heard(org: string, entries: Entry[]): void;
  /**
   * The stream was opened anew and may have missed something: read what is missing from the collection. False when the
   * database was replaced.
   */
  reopened(): Promise<boolean>;
  changed(): void;
};

/**
 * The one change stream of this process. It resumes by itself after short interruptions; when it cannot (its token is
 * too old, the collection was replaced), a new one is opened and everything is caught up from the collection.
 */
export class Tail {
  readonly #collections: Collections;
  readonly #process: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #hooks: Hooks;
  readonly #timer: NodeJS.Timeout;
  readonly #running: Promise<void>;
  #stream: ChangeStream<StoredEntry> | undefined;
  #closed = false;
  #ready!: () => void;
  /** Resolves once the first stream is open. */
  readonly ready = new Promise<void>((resolve) => {
    this.#ready = resolve;
  });
  #opened = 0;
  #heard: number;
  #heardAt: number;
  #stale = true;
  #replaced = false;
  #giveUp: ((error: Error) => void) | undefined;

  /** @param process the id of this process: what it commits itself is not heard */
  constructor(collections: Collections, process: string, clock: Clock, log: Logger, hooks: Hooks) {
    this.#collections = collections;
    this.#process = process;
    this.#clock = clock;
    this.#log = log;
    this.#hooks = hooks;
    this.#heard = clock.monotonic();
    this.#heardAt = clock.now();
    // After a long turn of the event loop, what the database has said meanwhile is read before silence is declared.
    this.#timer = setInterval(() => setImmediate(() => setImmediate(() => this.#check())), checkEvery);
    this.#timer.unref();
    this.#running = this.#run();
  }

  /** `heardAt` by the wall clock, milliseconds since the epoch. */
  get health(): Health {
    return { stale: this.#stale, heardAt: this.#heardAt, ...(this.#replaced ? { replaced: true } : {}) };
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#giveUp?.(new Error('closed'));
    await this.#running;
  }

  #mark(): void {
    this.#heard = this.#clock.monotonic();
    this.#heardAt = this.#clock.now();
    if (this.#stale) this.#check();
  }

  #check(): void {
    const now = this.#clock.monotonic();
    const silence = now - this.#heard;
    if (Math.min(silence, now - this.#opened) > giveUpAfter)
      this.#giveUp?.(new Error(`no word for ${Math.round(silence)} ms`));
    const stale = silence > staleAfter;
    if (stale === this.#stale || this.#closed) return;
    this.#stale = stale;
    if (stale) this.#log.warn('nothing heard from the database: stale');
    else this.#log.info('the journal is followed');
    this.#hooks.changed();
  }

  /** Nothing that is in memory is true any more. */
  #sayReplaced(): void {
    clearInterval(this.#timer);
    this.#stale = true;
    this.#log.warn('the database was replaced: this process must begin anew');
    this.#hooks.changed();
  }

  async #run(): Promise<void> {
    let pause = 10;
    let first = true;
    while (!this.#closed) {
      try {
        await this.#follow(first, () => {
          pause = 10;
          first = false;
        });
      } catch (error) {
        if (!this.#closed) this.#log.warn({ err: error }, 'the change stream ended; opening a new one');
      }
      const stream = this.#stream;
      this.#stream = undefined;
      const closing = stream?.close().catch(() => undefined);
      if (this.#replaced) this.#sayReplaced();
      if (this.#closed || this.#replaced) {
        await Promise.race([closing, new Promise((resolve) => setTimeout(resolve, 1000).unref())]);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = Math.min(pause * 2, longestPause);
    }
  }

  async #follow(first: boolean, opened: () => void): Promise<void> {
    // What this process commits it folds itself; to hear it again would cost a third of the work of a burst.
    const others = { operationType: 'insert', 'fullDocument.process': { $ne: this.#process } };
    const stream = this.#collections.journal.watch<StoredEntry>(
      [{ $match: { $or: [others, { operationType: 'invalidate' }] } }],
      { maxAwaitTimeMS: longPoll },
    );
    this.#stream = stream;
    this.#opened = this.#clock.monotonic();
    const { promise: givenUp, reject } = Promise.withResolvers<never>();
    givenUp.catch(() => undefined);
    this.#giveUp = reject;
    const ask = () => Promise.race([stream.tryNext(), givenUp]);
    // The first empty answer proves that the stream stands: what is committed from now on will be heard.
    let next = await ask();
    if (!first && !(await this.#hooks.reopened())) {
      this.#replaced = true;
      return;
    }
    opened();
    this.#ready();
    this.#mark();
    for (;;) {
      if (next === null) {
        next = await ask();
        this.#mark();
        continue;
      }
      const byOrg = new Map<string, Entry[]>();
      while (next !== null) {
        if (next.operationType === 'insert') {
          const entry = entryOf(next.fullDocument);
          const list = byOrg.get(entry.org);
          if (list) list.push(entry);
          else byOrg.set(entry.org, [entry]);
        } else if (next.operationType === 'invalidate') {
          // By a restore, most likely. Nothing is told until that is known.
          this.#heard = -Infinity;
          this.#check();
          throw new Error('the journal collection was replaced');
        }
        next = stream.bufferedCount() > 0 ? await stream.tryNext() : null;
      }
      for (const [org, entries] of byOrg) this.#hooks.heard(org, entries);
    }
  }
}
