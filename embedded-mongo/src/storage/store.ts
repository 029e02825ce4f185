import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import type { Seq } from './clock.ts';

/** Marks the file as one of ours ("emdb"), so that another program's database is never taken for it. */
const APPLICATION_ID = 0x656d6462;
const FORMAT = 1;
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
  /** The block of events and the number of its last one. */
  readonly log: { last: Seq; block: Buffer } | undefined;
  /** What retried writes need to know, appended. */
  readonly retries: Buffer | undefined;
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
    'begin' | 'commit' | 'rollback' | 'put' | 'remove' | 'describe' | 'forget' | 'clear' | 'log' | 'retry',
    StatementSync
  >;
  readonly #limits: LogLimits;
  #logBytes = 0;
  #retryBytes = 0;
  #retryBase = 0;
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
      retry: db.prepare('INSERT INTO retries (body) VALUES (?)'),
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
      db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA wal_autocheckpoint = 4000;
        PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16000;`);
      db.exec('BEGIN EXCLUSIVE');
      if (tables === 0) {
        db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT};
          CREATE TABLE collections (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
          CREATE TABLE documents (id INTEGER PRIMARY KEY, sum INTEGER NOT NULL, body BLOB NOT NULL);
          CREATE TABLE log (last INTEGER PRIMARY KEY, at INTEGER NOT NULL, sum INTEGER NOT NULL, body BLOB NOT NULL);
          CREATE TABLE retries (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
          CREATE TABLE marks (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;`);
      }
      db.exec('COMMIT');
      const store = new Store(file, db, limits);
      store.#logBytes = Number(one('SELECT total(length(body)) FROM log'));
      store.trimmedTo = Number(one("SELECT value FROM marks WHERE name = 'trimmed'") ?? 0);
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

  /** All documents, those of one collection together and in the order of their ids. */
  *documents(): Generator<{ id: number; body: Buffer }> {
    for (const { id, sum, body } of this.#rows('SELECT id, sum, body FROM documents ORDER BY id')) {
      if (crc32(body) !== sum) throw this.#damaged(`document ${id} does not match its checksum`);
      yield { id, body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) };
    }
  }

  /** The blocks of the log that reach beyond a moment. */
  *log(after: Seq): Generator<Buffer> {
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

  /** What was appended for retried writes, oldest first. */
  *retries(): Generator<Buffer> {
    for (const { body } of this.#rows('SELECT id, body FROM retries ORDER BY id')) yield Buffer.from(body);
  }

  /**
   * Writes a batch durably, or throws and writes nothing.
   * @param now wall clock in milliseconds
   */
  commit(batch: Batch, now: number): void {
    const { begin, commit, put, remove, describe, forget, clear, log, retry } = this.#statements;
    begin.run();
    try {
      for (const [id, body] of batch.documents) {
        if (body === null) remove.run(id);
        else put.run(id, crc32(body), body);
      }
      for (const [id, body] of batch.collections) {
        if (body !== null) {
          describe.run(id, body);
        } else {
          forget.run(id);
          clear.run(id * IDS_PER_COLLECTION, (id + 1) * IDS_PER_COLLECTION);
        }
      }
      if (batch.log) log.run(batch.log.last, now, crc32(batch.log.block), batch.log.block);
      if (batch.retries) retry.run(batch.retries);
      commit.run();
    } catch (error) {
      this.#rollback();
      throw explain(error, this.file);
    }
    this.#logBytes += batch.log?.block.length ?? 0;
    this.#retryBytes += batch.retries?.length ?? 0;
  }

  #rollback(): void {
    // A full disk may have rolled back already.
    if (this.#db.isTransaction) this.#statements.rollback.run();
  }

  /** Whether the log has outgrown its size, or whether so much was noted for retries that a fresh start pays. */
  get wantsTrimming(): boolean {
    return this.#logBytes > this.#limits.maxBytes || this.#retryBytes - this.#retryBase > 8 * 1024 * 1024;
  }

  /**
   * Drops the oldest part of the log beyond its limits, and replaces the notes for retried writes.
   * @param now wall clock in milliseconds
   * @param retries the notes that are still needed, made anew
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
    this.#statements.begin.run();
    try {
      this.#db.prepare('DELETE FROM log WHERE last <= ?').run(trimmedTo);
      this.#db.prepare("REPLACE INTO marks VALUES ('trimmed', ?)").run(trimmedTo);
      this.#db.exec('DELETE FROM retries');
      if (retries.length > 0) this.#statements.retry.run(retries);
      this.#statements.commit.run();
    } catch (error) {
      this.#rollback();
      throw explain(error, this.file);
    }
    this.trimmedTo = trimmedTo;
    this.#logBytes = bytes;
    this.#retryBytes = this.#retryBase = retries.length;
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
