import { MongoError, type ChangeStream, type Db, type MongoClient } from 'mongodb';
import type { History } from './history.ts';

/** Reads the change stream of the database into the history, over restarts of the server. */
export class Watcher {
  readonly #history: History;
  readonly #stream: ChangeStream;
  readonly #reading: Promise<void>;
  /** Who waits for the change that inserts a document with this id. */
  #awaited: { id: string; seen: () => void } | undefined;

  /** Begins, or goes on behind the last change that the history knows. */
  constructor(client: MongoClient, history: History) {
    this.#history = history;
    this.#stream = client.db('crash').watch([], history.token === undefined ? {} : { resumeAfter: history.token });
    this.#reading = this.#read();
    this.#reading.catch(() => undefined);
  }

  async #read(): Promise<void> {
    for await (const change of this.#stream) {
      this.#history.saw(change);
      if (change.operationType !== 'insert' || this.#awaited === undefined) continue;
      if (String(change.documentKey._id) === this.#awaited.id) this.#awaited.seen();
    }
  }

  /** Resolves when every change up to now has been seen. */
  async drain(db: Db): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const mark = `mark ${this.#history.changes.length} ${Math.random()}`;
    this.#awaited = { id: mark, seen: resolve };
    await db.collection<{ _id: string }>('marks').insertOne({ _id: mark });
    await Promise.race([promise, this.#reading.then(() => Promise.reject(new Error('the change stream has ended')))]);
  }

  /** Stops reading. */
  async close(): Promise<void> {
    await this.#stream.close();
    await this.#reading.catch((error: unknown) => {
      if (!(error instanceof MongoError)) throw error;
    });
  }
}
