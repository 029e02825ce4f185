import { DatabaseSync } from 'node:sqlite';

/** Rows committed one by one by hand: what durable single writes cost on this machine without any database around them. */
export interface SqlitePeer {
  /** Inserts rows of these bytes, one commit each, for a while; returns how many. */
  writeFor(milliseconds: number, bytes: Uint8Array): number;
  close(): void;
}

/** Opens a file with a write-ahead log that is synced on each commit, and statements prepared once. */
export function openSqlitePeer(file: string): SqlitePeer {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec('CREATE TABLE documents (id INTEGER PRIMARY KEY, body BLOB NOT NULL)');
  // Outside a transaction each statement commits by itself: the shortest way there is.
  const insert = database.prepare('INSERT INTO documents (body) VALUES (?)');
  return {
    writeFor(milliseconds, bytes) {
      const end = performance.now() + milliseconds;
      let commits = 0;
      while (performance.now() < end) {
        insert.run(bytes);
        commits += 1;
      }
      return commits;
    },
    close: () => database.close(),
  };
}
