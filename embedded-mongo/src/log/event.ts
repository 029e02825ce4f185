import type { Seq } from '../storage/clock.ts';

/** What an event of the log is about, in the order of the numbers that stand for them on disk: only append. */
const KINDS = [
  'insert',
  'update',
  'replace',
  'delete',
  'create',
  'createIndexes',
  'dropIndexes',
  'modify',
  'drop',
  'rename',
  'dropDatabase',
] as const;
export type EventKind = (typeof KINDS)[number];

/** One change, as the log keeps it for change streams. Documents are BSON. */
export interface LogEvent {
  readonly seq: Seq;
  /** Wall clock in milliseconds. */
  readonly at: number;
  readonly kind: EventKind;
  readonly db: string;
  /** Empty for dropDatabase. */
  readonly collection: string;
  /** The collection's UUID, 16 bytes. */
  readonly uuid: Buffer;
  /** The document's row on disk; 0 for changes of collections. */
  readonly row: number;
  /** The document before an update, replacement or deletion. */
  readonly before: Buffer | undefined;
  /** The document after an insertion, update or replacement; for changes of collections, what was asked for. */
  readonly after: Buffer | undefined;
  readonly transaction: EventTransaction | undefined;
  /** The collection kept pre- and post-images when this happened. */
  readonly images: boolean;
}

/** The transaction that an event belongs to. */
export interface EventTransaction {
  /** The session's id, 16 bytes. */
  readonly session: Buffer;
  readonly number: bigint;
  /** The moment of the transaction's first event, which all of them show as their cluster time. */
  readonly first: Seq;
}

const HAS_BEFORE = 1;
const HAS_AFTER = 2;
const HAS_TRANSACTION = 4;
const HAS_IMAGES = 8;

function commonPrefix(a: Buffer, b: Buffer): number {
  const limit = Math.min(a.length, b.length);
  let index = 0;
  while (index < limit && a[index] === b[index]) index++;
  return index;
}

function commonSuffix(a: Buffer, b: Buffer, limit: number): number {
  let count = 0;
  while (count < limit && a[a.length - 1 - count] === b[b.length - 1 - count]) count++;
  return count;
}

/** Collects the events of a commit into one block of bytes. */
export class EventWriter {
  #buffer = Buffer.allocUnsafeSlow(64 * 1024);
  #length = 0;

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#length + bytes, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }

  #number(value: number): void {
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
  }

  #text(text: string): void {
    this.#length = this.#buffer.writeUInt16LE(this.#buffer.write(text, this.#length + 2), this.#length);
    this.#length += this.#buffer.readUInt16LE(this.#length - 2);
  }

  #bytes(bytes: Buffer, from: number, to: number): void {
    this.#length = this.#buffer.writeUInt32LE(to - from, this.#length);
    this.#length += bytes.copy(this.#buffer, this.#length, from, to);
  }

  add(event: LogEvent): void {
    const { before, after, transaction } = event;
    this.#reserve(256 + (event.db.length + event.collection.length) * 3 + (before?.length ?? 0) + (after?.length ?? 0));
    this.#buffer[this.#length++] = KINDS.indexOf(event.kind);
    this.#buffer[this.#length++] =
      (before ? HAS_BEFORE : 0) |
      (after ? HAS_AFTER : 0) |
      (transaction ? HAS_TRANSACTION : 0) |
      (event.images ? HAS_IMAGES : 0);
    this.#number(event.seq);
    this.#number(event.at);
    this.#number(event.row);
    this.#text(event.db);
    this.#text(event.collection);
    this.#length += event.uuid.copy(this.#buffer, this.#length, 0, 16);
    if (transaction) {
      this.#length += transaction.session.copy(this.#buffer, this.#length, 0, 16);
      this.#length = this.#buffer.writeBigInt64LE(transaction.number, this.#length);
      this.#number(transaction.first);
    }
    if (after) this.#bytes(after, 0, after.length);
    if (before && after) {
      // Most updates touch a few bytes: of the document before, only what differs is kept.
      const prefix = commonPrefix(before, after);
      const suffix = commonSuffix(before, after, Math.min(before.length, after.length) - prefix);
      this.#length = this.#buffer.writeUInt32LE(prefix, this.#length);
      this.#length = this.#buffer.writeUInt32LE(suffix, this.#length);
      this.#bytes(before, prefix, before.length - suffix);
    } else if (before) {
      this.#bytes(before, 0, before.length);
    }
  }

  /** The block; the writer is empty afterwards. */
  take(): Buffer {
    const block = Buffer.from(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    if (this.#buffer.length > 1024 * 1024) this.#buffer = Buffer.allocUnsafeSlow(64 * 1024);
    return block;
  }
}

/** Reads the events of a block that {@link EventWriter} made. */
export function readEvents(block: Buffer): LogEvent[] {
  const events: LogEvent[] = [];
  let at = 0;
  const number = (): number => block.readDoubleLE((at += 8) - 8);
  const length = (): number => block.readUInt32LE((at += 4) - 4);
  const bytes = (count: number): Buffer => Buffer.from(block.subarray((at += count) - count, at));
  const text = (): string => {
    const count = block.readUInt16LE(at);
    at += 2 + count;
    return block.toString('utf8', at - count, at);
  };
  while (at < block.length) {
    const kind = KINDS[block[at] as number] as EventKind;
    const flags = block[at + 1] as number;
    at += 2;
    const seq = number();
    const wall = number();
    const row = number();
    const db = text();
    const collection = text();
    const uuid = bytes(16);
    let transaction: EventTransaction | undefined;
    if (flags & HAS_TRANSACTION) {
      const session = bytes(16);
      transaction = { session, number: block.readBigInt64LE((at += 8) - 8), first: number() };
    }
    const after = flags & HAS_AFTER ? bytes(length()) : undefined;
    let before: Buffer | undefined;
    if (flags & HAS_BEFORE && after) {
      const prefix = length();
      const suffix = length();
      const middle = bytes(length());
      before = Buffer.concat([after.subarray(0, prefix), middle, after.subarray(after.length - suffix)]);
    } else if (flags & HAS_BEFORE) {
      before = bytes(length());
    }
    events.push({
      seq,
      at: wall,
      kind,
      db,
      collection,
      uuid,
      row,
      before,
      after,
      transaction,
      images: (flags & HAS_IMAGES) !== 0,
    });
  }
  return events;
}
