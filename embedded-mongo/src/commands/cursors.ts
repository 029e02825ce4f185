import { randomInt } from 'node:crypto';
import { Code, MongoError } from '../errors.ts';
import { timestampOf } from '../log/resume-token.ts';
import { docOf, encode } from '../values/index.ts';
import { cursorReply } from '../wire/cursor-reply.ts';
import type { Context } from './context.ts';

/** A reply may hold this many bytes of documents, and one document more. */
const BATCH_BYTES = 16 * 1024 * 1024;
/** Documents of a first batch when the client does not say. */
export const FIRST_BATCH = 101;
const IDLE_MS = 10 * 60 * 1000;

/** What a cursor still has to give. */
export interface Cursor {
  readonly id: bigint;
  readonly namespace: string;
  readonly sessionKey: string | undefined;
  /** The transaction that it belongs to. */
  readonly transactionNumber: bigint | undefined;
  /** Wall clock in milliseconds. */
  lastUse: number;
  readonly neverTimesOut: boolean;
  /** Makes the reply of a getMore. */
  next(context: Context, batchSize: number | undefined): Buffer | Promise<Buffer>;
  /** Wakes who waits, and gives back what it holds. */
  kill(): void;
}

/** Takes documents for one batch. */
export function takeBatch(
  source: Iterator<Buffer>,
  count: number,
): { documents: Buffer[]; done: boolean; rest: Iterator<Buffer> } {
  const documents: Buffer[] = [];
  let bytes = 0;
  while (documents.length < count) {
    const next = source.next();
    if (next.done) return { documents, done: true, rest: source };
    bytes += next.value.length;
    if (bytes > BATCH_BYTES && documents.length > 0) {
      // It opens the next batch.
      return { documents, done: false, rest: prepend(next.value, source) };
    }
    documents.push(next.value);
  }
  return { documents, done: false, rest: source };
}

function* prepend(first: Buffer, rest: Iterator<Buffer>): Generator<Buffer> {
  yield first;
  for (let next = rest.next(); !next.done; next = rest.next()) yield next.value;
}

/** How a cursor is opened. */
export interface OpenOptions {
  /** What does not fit into the first batch is dropped. */
  readonly single?: boolean;
  readonly neverTimesOut?: boolean;
  /** There are not more documents than this. */
  readonly limit?: number | undefined;
}

/** The open cursors of all clients. */
export class Cursors {
  readonly #cursors = new Map<bigint, Cursor>();
  #last = BigInt(randomInt(2 ** 40)) << 12n;

  get size(): number {
    return this.#cursors.size;
  }

  nextId(): bigint {
    return ++this.#last;
  }

  add(cursor: Cursor): void {
    this.#cursors.set(cursor.id, cursor);
  }

  delete(id: bigint): void {
    this.#cursors.delete(id);
  }

  all(): Iterable<Cursor> {
    return this.#cursors.values();
  }

  get(id: bigint): Cursor {
    const cursor = this.#cursors.get(id);
    if (cursor === undefined) throw new MongoError(Code.CursorNotFound, `cursor id ${id} not found`);
    return cursor;
  }

  kill(id: bigint): boolean {
    const cursor = this.#cursors.get(id);
    if (cursor === undefined) return false;
    this.#cursors.delete(id);
    cursor.kill();
    return true;
  }

  /** Kills the cursors that satisfy a condition. */
  killWhere(condition: (cursor: Cursor) => boolean): void {
    for (const cursor of [...this.#cursors.values()]) if (condition(cursor)) this.kill(cursor.id);
  }

  /** Forgets cursors that nobody has asked for a long time. */
  sweep(now = Date.now()): void {
    this.killWhere((cursor) => !cursor.neverTimesOut && now - cursor.lastUse > IDLE_MS);
  }

  /**
   * Answers a query: the first batch, and a cursor if there is more.
   * @param batchSize documents of the first batch
   */
  open(
    context: Context,
    namespace: string,
    source: Iterator<Buffer>,
    batchSize: number | undefined,
    { single = false, neverTimesOut = false, limit }: OpenOptions = {},
  ): Buffer {
    const extra =
      context.snapshot === undefined ? undefined : encode(docOf('atClusterTime', timestampOf(context.snapshot)));
    const { documents, done, rest } = takeBatch(source, batchSize ?? FIRST_BATCH);
    if (done || single || documents.length === limit) {
      source.return?.();
      return cursorReply('firstBatch', documents, 0n, namespace, extra);
    }
    // Within a transaction later writes of it must not show in a cursor that is open already.
    const stable = context.transaction || context.snapshot !== undefined ? [...iterate(rest)].values() : rest;
    const id = this.nextId();
    this.add(new ListCursor(this, id, namespace, stable, context, neverTimesOut));
    return cursorReply('firstBatch', documents, id, namespace, extra);
  }
}

function* iterate(source: Iterator<Buffer>): Generator<Buffer> {
  for (let next = source.next(); !next.done; next = source.next()) yield next.value;
}

class ListCursor implements Cursor {
  readonly #cursors: Cursors;
  readonly id: bigint;
  readonly namespace: string;
  readonly sessionKey: string | undefined;
  readonly transactionNumber: bigint | undefined;
  readonly neverTimesOut: boolean;
  lastUse = Date.now();
  #source: Iterator<Buffer>;

  constructor(
    cursors: Cursors,
    id: bigint,
    namespace: string,
    source: Iterator<Buffer>,
    context: Context,
    neverTimesOut: boolean,
  ) {
    this.#cursors = cursors;
    this.id = id;
    this.namespace = namespace;
    this.#source = source;
    this.sessionKey = context.session?.key;
    this.transactionNumber = context.transaction && context.session?.number;
    this.neverTimesOut = neverTimesOut;
  }

  next(_context: Context, batchSize: number | undefined): Buffer {
    this.lastUse = Date.now();
    let batch: ReturnType<typeof takeBatch>;
    try {
      batch = takeBatch(this.#source, batchSize || Infinity);
    } catch (error) {
      this.#cursors.delete(this.id);
      throw error;
    }
    this.#source = batch.rest;
    if (batch.done) this.#cursors.delete(this.id);
    return cursorReply('nextBatch', batch.documents, batch.done ? 0n : this.id, this.namespace);
  }

  kill(): void {
    this.#source.return?.();
  }
}
