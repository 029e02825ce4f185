import { Code, MongoError } from '../errors.ts';
import type { Seq } from '../storage/clock.ts';
import type { Store } from '../storage/store.ts';
import { type LogEvent, readEvents } from './event.ts';

/** The latest events stay in memory up to this many bytes of documents. */
const TAIL_BYTES = 32 * 1024 * 1024;

/** The log as change streams read it: its end from memory, what is older from the data file. Only committed events. */
export class ChangeLog {
  readonly #store: Store;
  #tail: LogEvent[] = [];
  #tailBytes = 0;
  /** Everything after this moment is in the tail. */
  #tailFrom: Seq;
  #last: Seq;
  readonly #listeners = new Set<() => void>();

  constructor(store: Store, last: Seq) {
    this.#store = store;
    this.#tailFrom = last;
    this.#last = last;
  }

  /** The moment of the latest committed event. */
  get last(): Seq {
    return this.#last;
  }

  /** Adds events that have been committed and wakes who waits for some. */
  publish(events: readonly LogEvent[]): void {
    for (const event of events) {
      this.#tail.push(event);
      this.#tailBytes += 200 + (event.before?.length ?? 0) + (event.after?.length ?? 0);
      this.#last = event.seq;
    }
    if (this.#tailBytes > TAIL_BYTES) {
      let count = 0;
      while (this.#tailBytes > TAIL_BYTES / 2 && count < this.#tail.length) {
        const event = this.#tail[count++] as LogEvent;
        this.#tailBytes -= 200 + (event.before?.length ?? 0) + (event.after?.length ?? 0);
        this.#tailFrom = event.seq;
      }
      this.#tail = this.#tail.slice(count);
    }
    if (events.length > 0) for (const listener of [...this.#listeners]) listener();
  }

  /** Calls back after each commit that has events, until the returned function is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Throws ChangeStreamHistoryLost if events after this moment have been dropped already. */
  check(after: Seq): void {
    if (after >= this.#store.trimmedTo) return;
    const error = new MongoError(
      Code.ChangeStreamHistoryLost,
      'Resume of change stream was not possible, as the resume point may no longer be in the oplog.',
    );
    error.labels.push('NonResumableChangeStreamError');
    throw error;
  }

  /** The events after a moment, oldest first. Throws as {@link check}. To be used up within one turn. */
  *read(after: Seq): Generator<LogEvent> {
    if (after < this.#tailFrom) {
      this.check(after);
      for (const block of this.#store.log(after)) {
        for (const event of readEvents(block)) if (event.seq > after && event.seq <= this.#tailFrom) yield event;
      }
      after = this.#tailFrom;
    }
    let low = 0;
    let high = this.#tail.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#tail[middle] as LogEvent).seq <= after) low = middle + 1;
      else high = middle;
    }
    for (; low < this.#tail.length; low++) yield this.#tail[low] as LogEvent;
  }
}
