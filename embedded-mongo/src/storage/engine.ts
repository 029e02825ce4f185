import type { Collection, Entry } from '../catalog/collection.ts';
import { Code, MongoError } from '../errors.ts';
import { ChangeLog } from '../log/change-log.ts';
import { type EventKind, type EventTransaction, EventWriter, type LogEvent, readEvents } from '../log/event.ts';
import type { Doc } from '../values/types.ts';
import { LogicalClock, type Seq } from './clock.ts';
import { IDS_PER_COLLECTION, type Store, StorageError } from './store.ts';

/** What a block of events does to the rows of documents. */
function* documentChanges(block: Buffer): Generator<[number, Buffer | null]> {
  for (const { row, after } of readEvents(block)) if (row !== 0) yield [row, after ?? null];
}

/** Who holds a lock: a transaction. A plain write waits until it has ended. */
export interface LockHolder {
  /** Calls back once when the holder has ended; the returned function takes that back. */
  whenEnded(callback: () => void): () => void;
}

/** A plain write met something that an open transaction has changed; nothing has been written yet. */
export class LockBusy extends Error {
  readonly holder: LockHolder;
  constructor(holder: LockHolder) {
    super('locked by a transaction');
    this.holder = holder;
  }
}

/** Somebody reads as of a moment, so that states before later changes must be kept. */
export interface Snapshot {
  readonly seq: Seq;
}

/** How long the states of a moment are kept after the last read as of it, outside of transactions. */
const PIN_MS = 5 * 60 * 1000;

interface Group {
  readonly documents: Map<number, Buffer | null>;
  readonly collections: Map<number, Buffer | null>;
  readonly events: LogEvent[];
  readonly retries: (() => Buffer)[];
  /** Takes the changes back in memory, last one first, if they cannot be made durable. */
  readonly undo: (() => void)[];
  readonly settled: ((error: MongoError | undefined) => void)[];
}

/** The name of a document's lock. */
export function documentLock(collection: Collection, key: string): string {
  return `${collection.id}\0${key}`;
}

/** The name of the lock of a key in a unique index. */
export function uniqueLock(collection: Collection, index: string, key: string): string {
  return `${collection.id}\0\0${index}\0${key}`;
}

/** The name of the lock of a collection's name, held while a transaction creates it. */
export function namespaceLock(namespace: string): string {
  return `\0${namespace}`;
}

/**
 * Applies changes to memory at once and makes all changes of a turn of the event loop durable in one commit.
 * What was read or written in a turn is told to nobody before that commit.
 */
export class Engine {
  readonly store: Store;
  readonly clock: LogicalClock;
  readonly log: ChangeLog;
  readonly locks = new Map<string, LockHolder>();
  readonly #snapshots = new Set<Snapshot>();
  readonly #pins = new Map<Seq, NodeJS.Timeout>();
  readonly #withPast = new Set<Collection>();
  readonly #writer = new EventWriter();
  #group: Group | undefined;
  /** How many commits have failed so far. */
  failedCommits = 0;
  #trimAfter = 0;
  /** Told what went wrong without anybody to answer to. */
  onError: (message: string) => void = () => {};
  /** Called when a commit failed, after memory was rolled back. */
  onFailedCommit: (error: Error) => void = () => {};
  /** The notes for retried writes that are still needed, for a fresh start of their table. */
  retryNotes: () => Buffer = () => Buffer.alloc(0);

  constructor(store: Store) {
    this.store = store;
    store.recover(documentChanges);
    const last = store.lastSeq();
    this.clock = new LogicalClock(last);
    this.log = new ChangeLog(store, last);
  }

  #open(): Group {
    if (this.#group === undefined) {
      this.#group = { documents: new Map(), collections: new Map(), events: [], retries: [], undo: [], settled: [] };
      // The check phase comes after all sockets that had something to read: their writes share the commit.
      setImmediate(() => this.flush());
    }
    return this.#group;
  }

  /** Calls back when all that was changed so far is durable, or with the error because of which it was taken back. */
  settled(callback: (error: MongoError | undefined) => void): void {
    if (this.#group === undefined) callback(undefined);
    else this.#group.settled.push(callback);
  }

  /** Makes what is pending durable now. */
  flush(): void {
    const group = this.#group;
    if (group === undefined) return;
    this.#group = undefined;
    let failure: MongoError | undefined;
    try {
      for (const event of group.events) this.#writer.add(event);
      const events = this.#writer.take();
      const retries = Buffer.concat(group.retries.map((make) => make()));
      const last = group.events.at(-1)?.seq ?? this.clock.next();
      const { documents, collections } = group;
      this.store.commit({ documents, collections, last, events, retries }, Date.now());
    } catch (error) {
      for (const undo of group.undo.reverse()) undo();
      const message = `the write could not be made durable and was taken back: ${(error as Error).message}`;
      failure = new MongoError(error instanceof StorageError ? 14031 : 1, message);
      this.failedCommits++;
      this.onFailedCommit(error as Error);
    }
    if (failure === undefined) this.log.publish(group.events);
    for (const callback of group.settled) callback(failure);
    if (this.store.wantsTrimming && Date.now() >= this.#trimAfter) this.trim();
  }

  /** Drops what the log holds beyond its limits. */
  trim(): void {
    this.flush();
    try {
      this.store.trim(Date.now(), this.retryNotes());
    } catch (error) {
      // Nothing is lost by it: a later trim tries again.
      this.#trimAfter = Date.now() + 10_000;
      this.onError((error as Error).message);
    }
  }

  #event(
    group: Group,
    seq: Seq,
    kind: EventKind,
    collection: Collection,
    rid: number | undefined,
    before: Buffer | undefined,
    after: Buffer | undefined,
    transaction: EventTransaction | undefined,
  ): void {
    const { db, name, uuid } = collection;
    const row = rid === undefined ? 0 : collection.id * IDS_PER_COLLECTION + rid;
    if (rid !== undefined) group.documents.set(row, after ?? null);
    const images = collection.options.preAndPostImages;
    group.events.push({
      seq,
      at: Date.now(),
      kind,
      db,
      collection: name,
      uuid,
      row,
      before,
      after,
      transaction,
      images,
    });
  }

  #remember(collection: Collection, seq: Seq, key: string, before: Buffer | null): void {
    if (this.#snapshots.size === 0) return;
    collection.remember(seq, key, before);
    this.#withPast.add(collection);
  }

  /** Inserts a document; the caller has made sure that nothing clashes. */
  insert(
    collection: Collection,
    key: string,
    buffer: Buffer,
    doc: Doc | undefined,
    transaction?: EventTransaction,
  ): void {
    const entry = collection.insert(key, buffer, doc);
    const group = this.#open();
    const seq = this.clock.next();
    this.#remember(collection, seq, key, null);
    group.undo.push(() => collection.remove(collection.byId.get(key) as Entry, undefined));
    this.#event(group, seq, 'insert', collection, entry.rid, undefined, buffer, transaction);
  }

  /** Puts another state in the place of a document. */
  replace(
    collection: Collection,
    entry: Entry,
    buffer: Buffer,
    kind: 'update' | 'replace',
    before: Doc | undefined,
    after: Doc | undefined,
    transaction?: EventTransaction,
  ): void {
    const old = entry.buffer;
    collection.replace(entry, buffer, before, after);
    const group = this.#open();
    const seq = this.clock.next();
    this.#remember(collection, seq, entry.key, old);
    group.undo.push(() => collection.replace(collection.byId.get(entry.key) as Entry, old, undefined, undefined));
    this.#event(group, seq, kind, collection, entry.rid, old, buffer, transaction);
  }

  /** Deletes a document. */
  remove(collection: Collection, entry: Entry, before: Doc | undefined, transaction?: EventTransaction): void {
    const { key, rid, buffer } = entry;
    collection.remove(entry, before);
    const group = this.#open();
    const seq = this.clock.next();
    this.#remember(collection, seq, key, buffer);
    group.undo.push(() => collection.insert(key, buffer, undefined, rid));
    this.#event(group, seq, 'delete', collection, rid, buffer, undefined, transaction);
  }

  /**
   * Records a change of a collection itself.
   * @param description what the data file keeps of it from now on; null if it is gone with its documents; undefined if unchanged
   * @param detail what change streams tell of it, as BSON
   */
  define(
    kind: EventKind,
    collection: Collection,
    description: Buffer | null | undefined,
    detail: Buffer | undefined,
    undo: () => void,
    transaction?: EventTransaction,
  ): void {
    const group = this.#open();
    if (description !== undefined) {
      group.collections.set(collection.id, description);
      if (description === null) {
        const low = collection.id * IDS_PER_COLLECTION;
        for (const id of group.documents.keys()) {
          if (id >= low && id < low + IDS_PER_COLLECTION) group.documents.delete(id);
        }
      }
    }
    group.undo.push(undo);
    this.#event(group, this.clock.next(), kind, collection, undefined, undefined, detail, transaction);
  }

  /**
   * Notes what a retried write must know, durable together with the write.
   * @param note makes the note at the time of the commit
   */
  note(note: () => Buffer, undo: () => void): void {
    const group = this.#open();
    group.retries.push(note);
    group.undo.push(undo);
  }

  /** Begins to keep the states that are current now. */
  openSnapshot(): Snapshot {
    const snapshot: Snapshot = { seq: this.clock.last };
    this.#snapshots.add(snapshot);
    return snapshot;
  }

  closeSnapshot(snapshot: Snapshot): void {
    if (!this.#snapshots.delete(snapshot)) return;
    let oldest: Seq | undefined;
    for (const { seq } of this.#snapshots) if (oldest === undefined || seq < oldest) oldest = seq;
    for (const collection of this.#withPast) {
      collection.forget(oldest);
      if (collection.past.length === 0) this.#withPast.delete(collection);
    }
  }

  /**
   * Keeps the states of a moment for reads as of it, for a while after the last one.
   * @param at undefined for now
   * @returns the moment; throws SnapshotUnavailable if its states are not known any more
   */
  pin(at: Seq | undefined): Seq {
    const seq = at ?? this.clock.last;
    if (seq > this.clock.last) throw new MongoError(Code.InvalidOptions, 'readConcern.atClusterTime is in the future');
    let known: Snapshot | undefined;
    for (const snapshot of this.#snapshots)
      if (snapshot.seq <= seq && (!known || snapshot.seq > known.seq)) known = snapshot;
    if (known === undefined && seq < this.clock.last) {
      throw new MongoError(246, 'Unable to read from a snapshot at that time: its states are not kept any more');
    }
    let pin = this.#pins.get(seq);
    if (pin === undefined) {
      const snapshot: Snapshot = { seq };
      this.#snapshots.add(snapshot);
      const timer = setTimeout(() => {
        this.#pins.delete(seq);
        this.closeSnapshot(snapshot);
      }, PIN_MS);
      pin = timer.unref();
      this.#pins.set(seq, pin);
    } else pin.refresh();
    return seq;
  }

  close(): void {
    for (const timer of this.#pins.values()) clearTimeout(timer);
    // The next start then has nothing to catch up with.
    this.trim();
    this.store.close();
  }
}
