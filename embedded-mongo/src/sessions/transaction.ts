import type { Collection, Entry } from '../catalog/collection.ts';
import { Code, MongoError } from '../errors.ts';
import type { EventTransaction } from '../log/event.ts';
import {
  documentLock,
  type Engine,
  type LockHolder,
  namespaceLock,
  type Snapshot,
  uniqueLock,
} from '../storage/engine.ts';
import { decode } from '../values/codec.ts';
import type { Doc } from '../values/types.ts';

/** Documents by key that differ from what the collection holds now; null: not there. */
export type Patch = ReadonlyMap<string, Buffer | null>;

interface View {
  /** What the transaction sees in place of the collection's documents. */
  readonly patch: Map<string, Buffer | null>;
  /** Keys that others changed after the transaction began. */
  readonly changed: Set<string>;
  /** Keys that the transaction itself has written. */
  readonly written: Set<string>;
  /** How much of the collection's past has been looked through. */
  at: number;
}

type Operation =
  | { readonly kind: 'create'; readonly collection: Collection }
  | {
      readonly kind: 'insert' | 'update' | 'replace';
      readonly collection: Collection;
      readonly key: string;
      readonly buffer: Buffer;
    }
  | { readonly kind: 'delete'; readonly collection: Collection; readonly key: string };

/** The error with which a transaction gives way to another one. */
export function writeConflict(): MongoError {
  return new MongoError(
    Code.WriteConflict,
    'Caused by :: Write conflict during plan execution and yielding is disabled. :: Please retry your operation or multi-document transaction.',
  );
}

/** What a transaction has written, laid over the collections as they were when it began, and the locks it holds. */
export class Transaction implements LockHolder {
  readonly #engine: Engine;
  readonly #snapshot: Snapshot;
  readonly #views = new Map<Collection, View>();
  readonly #locks = new Set<string>();
  readonly #unique = new Map<string, string>();
  readonly #operations: Operation[] = [];
  readonly created = new Map<string, Collection>();
  #waiting = new Set<() => void>();

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#snapshot = engine.openSnapshot();
  }

  /** Whether there is nothing to commit. */
  get readOnly(): boolean {
    return this.#operations.length === 0;
  }

  whenEnded(callback: () => void): () => void {
    this.#waiting.add(callback);
    return () => this.#waiting.delete(callback);
  }

  #view(collection: Collection): View {
    let view = this.#views.get(collection);
    if (view === undefined) {
      view = { patch: new Map(), changed: new Set(), written: new Set(), at: collection.pastBase };
      this.#views.set(collection, view);
    }
    const { past, pastBase } = collection;
    for (let index = Math.max(view.at - pastBase, 0); index < past.length; index++) {
      const version = past[index] as (typeof past)[number];
      if (version.seq <= this.#snapshot.seq || view.changed.has(version.key)) continue;
      view.changed.add(version.key);
      if (!view.written.has(version.key)) view.patch.set(version.key, version.before);
    }
    view.at = pastBase + past.length;
    return view;
  }

  /** What the transaction sees differently in a collection. */
  patch(collection: Collection): Patch {
    return this.#view(collection).patch;
  }

  #lock(name: string): void {
    const holder = this.#engine.locks.get(name);
    if (holder === this) return;
    if (holder !== undefined) throw writeConflict();
    this.#engine.locks.set(name, this);
    this.#locks.add(name);
  }

  /** Takes the locks for a change of a document, or gives way. Fails with 11000 where a unique index forbids it. */
  prepare(collection: Collection, key: string, before: Doc | undefined, after: Doc | undefined): void {
    const view = this.#view(collection);
    if (view.changed.has(key)) throw writeConflict();
    this.#lock(documentLock(collection, key));
    for (const index of collection.indexes) {
      // Also for indexes that allow everything: a document that cannot be indexed must not be found out at the commit.
      const wanted = after === undefined ? [] : index.keysOf(after);
      if (!index.options.unique) continue;
      for (const indexKey of wanted) {
        const name = uniqueLock(collection, index.options.name, indexKey);
        this.#lock(name);
        const owner = this.#unique.get(name);
        if (owner !== undefined && owner !== key) throw collection.duplicate(index, after as Doc, indexKey);
        const other = index.entries.first(indexKey);
        if (other === undefined || other.key === key) continue;
        if (view.written.has(other.key)) continue;
        if (view.changed.has(other.key)) throw writeConflict();
        throw collection.duplicate(index, after as Doc, indexKey);
      }
      const left = before === undefined ? [] : index.keysOf(before);
      for (const indexKey of left) this.#lock(uniqueLock(collection, index.options.name, indexKey));
    }
  }

  #claim(collection: Collection, key: string, before: Doc | undefined, after: Doc | undefined): void {
    for (const index of collection.indexes) {
      if (!index.options.unique) continue;
      for (const indexKey of before === undefined ? [] : index.keysOf(before)) {
        this.#unique.delete(uniqueLock(collection, index.options.name, indexKey));
      }
      for (const indexKey of after === undefined ? [] : index.keysOf(after)) {
        this.#unique.set(uniqueLock(collection, index.options.name, indexKey), key);
      }
    }
  }

  #write(collection: Collection, key: string, state: Buffer | null): void {
    const view = this.#view(collection);
    view.written.add(key);
    view.patch.set(key, state);
  }

  /** Inserts or changes a document that {@link prepare} was called for. */
  put(
    collection: Collection,
    kind: 'insert' | 'update' | 'replace',
    key: string,
    buffer: Buffer,
    before: Doc | undefined,
    after: Doc | undefined,
  ): void {
    if (collection.indexes.length > 0) this.#claim(collection, key, before, after ?? decode(buffer));
    this.#write(collection, key, buffer);
    this.#operations.push({ kind, collection, key, buffer });
  }

  /** Deletes a document that {@link prepare} was called for. */
  remove(collection: Collection, key: string, before: Doc | undefined): void {
    this.#claim(collection, key, before, undefined);
    this.#write(collection, key, null);
    this.#operations.push({ kind: 'delete', collection, key });
  }

  /** Creates a collection that others see after the commit. */
  create(collection: Collection): void {
    this.#lock(namespaceLock(collection.namespace));
    this.created.set(collection.namespace, collection);
    this.#operations.push({ kind: 'create', collection });
  }

  /**
   * Applies everything to the collections, in the order in which it was done.
   * @param register makes a created collection known
   */
  commit(
    session: Buffer,
    number: bigint,
    register: (collection: Collection, transaction: EventTransaction) => void,
  ): void {
    const engine = this.#engine;
    // The next moment is at least one later, and everything of this commit shows it as its time.
    const transaction: EventTransaction = { session, number, first: engine.clock.next() };
    for (const operation of this.#operations) {
      const { collection } = operation;
      if (operation.kind === 'create') {
        register(collection, transaction);
        continue;
      }
      const entry = collection.byId.get(operation.key) as Entry;
      if (operation.kind === 'insert') {
        engine.insert(collection, operation.key, operation.buffer, undefined, transaction);
      } else if (operation.kind === 'delete') {
        engine.remove(collection, entry, undefined, transaction);
      } else {
        engine.replace(collection, entry, operation.buffer, operation.kind, undefined, undefined, transaction);
      }
    }
    this.end();
  }

  /** Releases everything; what was not committed is gone. */
  end(): void {
    for (const name of this.#locks) this.#engine.locks.delete(name);
    this.#locks.clear();
    this.#engine.closeSnapshot(this.#snapshot);
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const callback of waiting) callback();
  }
}
