import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import type { Seq } from './clock.ts';

/** Marks the file as one of ours ("emdb"), so that another program's database is never taken for it. */
const APPLICATION_ID = 0x656d6462;
const FORMAT = 2;
/** How far the table of documents may fall behind the log, in bytes of events. */
const BEHIND_BYTES = 1024 * 1024;
/** How much of the log a start may have to read for the sake of retried writes. */
const NOTE_BYTES = 16 * 1024 * 1024;
/** Rows of one collection have ids from `collection × 2^33`, so that dropping one is dropping a range. */
export const IDS_PER_COLLECTION = 2 ** 33;

/** The data folder cannot be used; the message is one sentence for a person. */
export class StorageError extends Error {}

/** What one commit writes. */
export interface Batch {
  /** Documents by row id; null deletes. */
  readonly documents: Map<number, Buffer | null>;
  /** Descriptions of collections by their number; null deletes the description and all rows. */
  readonly collections: Map<number, Buffer | null>;
  /** The number of the latest event, later than those of all earlier batches. */
  readonly last: Seq;
  /** The events, from which the documents can be made again. */
  readonly events: Buffer;
  /** What retried writes need to know. */
  readonly retries: Buffer;
}

/** How much the log may hold before its oldest part is dropped. */
export interface LogLimits {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

function explain(error: unknown, file: string): StorageError {
  const { errcode, message } = error as { errcode?: number; message: string };
  switch (errcode === undefined ? undefined : errcode & 0xff) {
    case 5:
      return new StorageError(`The data folder is in use by another process (${file}).`);
    case 11:
    case 26:
      return new StorageError(`The data file ${file} is damaged (${message}); restore it from a backup.`);
    case 8:
    case 14:
      return new StorageError(`The data file ${file} cannot be opened for writing (${message}).`);
    case 13:
      return new StorageError(`The disk is full: ${file} cannot be written.`);
    default:
      return new StorageError(`The data file ${file} cannot be used (${message}).`);
  }
}

/** The data file: one SQLite database, held exclusively as long as the process lives. */
export class Store {
  readonly file: string;
  readonly #db: DatabaseSync;
  readonly #statements: Record<
    'begin' | 'commit' | 'rollback' | 'put' | 'remove' | 'describe' | 'forget' | 'clear' | 'log' | 'mark',
    StatementSync
  >;
  readonly #limits: LogLimits;
  #logBytes = 0;
  /** Changes that only the log has so far: the table of documents follows once they are many. */
  #behind = new Map<number, Buffer | null>();
  #behindBytes = 0;
  /** Bytes of the log that would have to be read again for the sake of retried writes. */
  #noteBytes = 0;
  /** The number of the latest event that was dropped from the log: nothing up to it can be read any more. */
  trimmedTo: Seq = 0;

  private constructor(file: string, db: DatabaseSync, limits: LogLimits) {
    this.file = file;
    this.#db = db;
    this.#limits = limits;
    this.#statements = {
      begin: db.prepare('BEGIN IMMEDIATE'),
      commit: db.prepare('COMMIT'),
      rollback: db.prepare('ROLLBACK'),
      put: db.prepare('REPLACE INTO documents (id, sum, body) VALUES (?, ?, ?)'),
      remove: db.prepare('DELETE FROM documents WHERE id = ?'),
      describe: db.prepare('REPLACE INTO collections (id, body) VALUES (?, ?)'),
      forget: db.prepare('DELETE FROM collections WHERE id = ?'),
      clear: db.prepare('DELETE FROM documents WHERE id >= ? AND id < ?'),
      log: db.prepare('INSERT INTO log (last, at, sum, body) VALUES (?, ?, ?, ?)'),
      mark: db.prepare('REPLACE INTO marks (name, value) VALUES (?, ?)'),
    };
  }

  /** Opens or makes the data file of a folder. Throws {@link StorageError}; a file that is not sound is left as it is. */
  static open(folder: string, synchronous: 'FULL' | 'NORMAL', limits: LogLimits): Store {
    const file = join(folder, 'data.sqlite');
    let db: DatabaseSync | undefined;
    try {
      mkdirSync(folder, { recursive: true });
      // The wait covers a predecessor that is closing down.
      db = new DatabaseSync(file, { timeout: 1500 });
      const one = (sql: string): unknown => Object.values(db?.prepare(sql).get() ?? {})[0];
      // Exclusive locking holds a lock of the operating system, which goes with the process however it ends.
      db.exec('PRAGMA locking_mode = EXCLUSIVE');
      const tables = Number(one('SELECT count(*) FROM sqlite_schema'));
      if (tables > 0) {
        if (one('PRAGMA application_id') !== APPLICATION_ID) {
          throw new StorageError(`The file ${file} belongs to another program.`);
        }
        if (one('PRAGMA user_version') !== FORMAT) {
          throw new StorageError(`The data file ${file} has a format of another version of this program.`);
        }
        const verdict = one('PRAGMA quick_check(1)');
        if (verdict !== 'ok')
          throw new StorageError(`The data file ${file} is damaged (${verdict}); restore it from a backup.`);
      }
      db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA wal_autocheckpoint = 1000;
        PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16000;`);
      db.exec('BEGIN EXCLUSIVE');
      if (tables === 0) {
        db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT};
          CREATE TABLE collections (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
          CREATE TABLE documents (id INTEGER PRIMARY KEY, sum INTEGER NOT NULL, body BLOB NOT NULL);
          CREATE TABLE log (last INTEGER PRIMARY KEY, at INTEGER NOT NULL, sum INTEGER NOT NULL, body BLOB NOT NULL);
          CREATE TABLE retries (body BLOB NOT NULL);
          CREATE TABLE marks (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;`);
      }
      db.exec('COMMIT');
      const store = new Store(file, db, limits);
      store.#logBytes = Number(one('SELECT total(length(body)) FROM log'));
      store.trimmedTo = store.#marked('trimmed');
      return store;
    } catch (error) {
      db?.close();
      throw error instanceof StorageError ? error : explain(error, file);
    }
  }

  #damaged(what: string): StorageError {
    return new StorageError(`The data file ${this.file} is damaged (${what}); restore it from a backup.`);
  }

  *#rows(sql: string, ...parameters: number[]): Generator<{ id: number; sum?: number; body: Uint8Array }> {
    try {
      yield* this.#db.prepare(sql).iterate(...parameters) as Iterable<never>;
    } catch (error) {
      throw error instanceof StorageError ? error : explain(error, this.file);
    }
  }

  /** All descriptions of collections. */
  *collections(): Generator<{ id: number; body: Buffer }> {
    for (const { id, body } of this.#rows('SELECT id, body FROM collections ORDER BY id')) {
      yield { id, body: Buffer.from(body) };
    }
  }

  /** All documents, those of one collection together and in the order of their ids; what only the log has among them. */
  *documents(): Generator<{ id: number; body: Buffer }> {
    const behind = [...this.#behind].sort(([a], [b]) => a - b);
    let next = 0;
    function* upTo(id: number): Generator<{ id: number; body: Buffer }> {
      for (let entry = behind[next]; entry !== undefined && entry[0] <= id; entry = behind[++next]) {
        if (entry[1] !== null) yield { id: entry[0], body: entry[1] };
      }
    }
    for (const { id, sum, body } of this.#rows('SELECT id, sum, body FROM documents ORDER BY id')) {
      yield* upTo(id);
      if (this.#behind.has(id)) continue;
      if (crc32(body) !== sum) throw this.#damaged(`document ${id} does not match its checksum`);
      yield { id, body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) };
    }
    yield* upTo(Infinity);
  }

  #marked(name: string): Seq {
    const row = this.#db.prepare('SELECT value FROM marks WHERE name = ?').get(name) as { value: number } | undefined;
    return row?.value ?? 0;
  }

  /**
   * Reads what the log has and the table of documents has not, as after a process that did not close. Nothing is
   * written yet: a full disk can be started from, and read.
   * @param changes the documents that a block of events changes, by row id
   */
  recover(changes: (events: Buffer) => Iterable<[number, Buffer | null]>): void {
    for (const events of this.log(this.#marked('documents'))) {
      for (const [id, body] of changes(events)) this.#behind.set(id, body);
      this.#behindBytes += events.length;
    }
  }

  /** The events of the log, in blocks that reach beyond a moment. */
  *log(after: Seq): Generator<Buffer> {
    for (const body of this.#blocks(after)) yield body.subarray(4 + body.readUInt32LE(0));
  }

  *#blocks(after: Seq): Generator<Buffer> {
    for (const { id, sum, body } of this.#rows(
      'SELECT last AS id, sum, body FROM log WHERE last > ? ORDER BY last',
      after,
    )) {
      if (crc32(body) !== sum) throw this.#damaged(`log block ${id} does not match its checksum`);
      yield Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    }
  }

  /** The number of the latest event that was committed. */
  lastSeq(): Seq {
    const { last } = this.#db.prepare('SELECT max(last) AS last FROM log').get() as { last: number | null };
    return Math.max(last ?? 0, this.trimmedTo);
  }

  /** What retried writes need to know, oldest first. */
  *retries(): Generator<Buffer> {
    for (const { body } of this.#rows('SELECT rowid AS id, body FROM retries')) yield Buffer.from(body);
    for (const body of this.#blocks(this.#marked('retries'))) {
      this.#noteBytes += body.length;
      yield Buffer.from(body.subarray(4, 4 + body.readUInt32LE(0)));
    }
  }

  /** Does some writing durably, or throws and has written nothing. */
  #write(work: () => void): void {
    const { begin, commit } = this.#statements;
    begin.run();
    try {
      work();
      commit.run();
    } catch (error) {
      this.#rollback();
      throw explain(error, this.file);
    }
  }

  #putDocuments(documents: Iterable<readonly [number, Buffer | null]>): void {
    const { put, remove } = this.#statements;
    for (const [id, body] of documents) {
      if (body === null) remove.run(id);
      else put.run(id, crc32(body), body);
    }
  }

  /** Writes what only the log had so far into the table of documents. */
  #catchUp(last: Seq): void {
    // In the order of the table, so that each of its pages is touched once.
    this.#putDocuments([...this.#behind].sort(([a], [b]) => a - b));
    this.#statements.mark.run('documents', last);
  }

  /**
   * Writes a batch durably, or throws and writes nothing. Mostly that is one row of the log; the documents follow when
   * there are many of them, or when a collection itself changes.
   * @param now wall clock in milliseconds
   */
  commit(batch: Batch, now: number): void {
    const { describe, forget, clear, log } = this.#statements;
    const { retries, events } = batch;
    const body = Buffer.allocUnsafe(4 + retries.length + events.length);
    body.writeUInt32LE(retries.length, 0);
    body.set(retries, 4);
    body.set(events, 4 + retries.length);
    const catchesUp = batch.collections.size > 0 || this.#behindBytes > BEHIND_BYTES;
    this.#write(() => {
      log.run(batch.last, now, crc32(body), body);
      if (!catchesUp) return;
      this.#catchUp(batch.last);
      this.#putDocuments(batch.documents);
      for (const [id, description] of batch.collections) {
        if (description !== null) {
          describe.run(id, description);
        } else {
          forget.run(id);
          clear.run(id * IDS_PER_COLLECTION, (id + 1) * IDS_PER_COLLECTION);
        }
      }
    });
    this.#logBytes += body.length;
    this.#noteBytes += body.length;
    if (catchesUp) {
      this.#behind = new Map();
      this.#behindBytes = 0;
    } else {
      for (const [id, document] of batch.documents) this.#behind.set(id, document);
      this.#behindBytes += events.length;
    }
  }

  #rollback(): void {
    // A full disk may have rolled back already.
    if (this.#db.isTransaction) this.#statements.rollback.run();
  }

  /** Whether the log has outgrown its size, or so much of it that a start would have to read for retried writes. */
  get wantsTrimming(): boolean {
    return this.#logBytes > this.#limits.maxBytes || this.#noteBytes > NOTE_BYTES;
  }

  /**
   * Drops the oldest part of the log beyond its limits, and writes apart what is still needed of it.
   * @param now wall clock in milliseconds
   * @param retries what retried writes need to know, made anew
   */
  trim(now: number, retries: Buffer): void {
    const rows = this.#db
      .prepare('SELECT last, at, length(body) AS bytes FROM log ORDER BY last')
      .iterate() as Iterable<{
      last: number;
      at: number;
      bytes: number;
    }>;
    let { trimmedTo } = this;
    let bytes = this.#logBytes;
    // An eighth less than allowed, so that not every commit trims.
    const target = this.#limits.maxBytes * (bytes > this.#limits.maxBytes ? 0.875 : 1);
    for (const row of rows) {
      if (bytes <= target && row.at >= now - this.#limits.maxAgeMs) break;
      trimmedTo = row.last;
      bytes -= row.bytes;
    }
    const last = this.lastSeq();
    this.#write(() => {
      this.#catchUp(last);
      this.#db.prepare('DELETE FROM log WHERE last <= ?').run(trimmedTo);
      this.#db.exec('DELETE FROM retries');
      if (retries.length > 0) this.#db.prepare('INSERT INTO retries (body) VALUES (?)').run(retries);
      this.#statements.mark.run('retries', last);
      this.#statements.mark.run('trimmed', trimmedTo);
    });
    this.trimmedTo = trimmedTo;
    this.#logBytes = bytes;
    this.#noteBytes = 0;
    this.#behind = new Map();
    this.#behindBytes = 0;
  }

  /** Bytes of the file on disk, without what waits to be written back into it. */
  size(): number {
    const of = (pragma: string): number => Number(Object.values(this.#db.prepare(pragma).get() ?? {})[0]);
    return of('PRAGMA page_count') * of('PRAGMA page_size');
  }

  close(): void {
    this.#db.close();
  }
}
