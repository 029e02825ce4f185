import { setTimeout as pause } from 'node:timers/promises';
import { BSON, ReadConcern } from 'mongodb';
import type { ChangeStream, Db, Document } from 'mongodb';
import type { Connection } from 'mongoose';
import { newId } from '../platform/ids.ts';
import { changeOf, encodeChange, faithful } from './changes.ts';
import { isBackedUp } from './collections.ts';
import { Gathered } from './documents.ts';
import { BackupError } from './errors.ts';
import type { Manifest } from './format.ts';
import { BackupWriter } from './format.ts';

/** How long the database may take to tell of a write of our own, milliseconds. */
const patience = 60_000;
const longPoll = 200;

type Done = { path: string; bytes: number; manifest: Manifest };

/**
 * Writes everything that the database holds into one file, while the board goes on working.
 *
 * It listens to the changes of the whole database, reads every collection, and then writes a mark of its own: what was
 * read, with all changes up to the mark applied to it, is the state at the mark, for every organization the same
 * moment. No lock, no transaction and no snapshot is needed, whatever the size; memory holds a few blocks.
 *
 * @param onProgress called now and then with the number of documents so far
 * @throws {BackupError} when it cannot be done; nothing is left behind then
 */
export async function backUp(options: {
  connection: Connection;
  path: string;
  onProgress?: (documents: number) => void;
}): Promise<Done> {
  const { connection, path } = options;
  const db = connection
    .getClient()
    .db(connection.name, { readConcern: new ReadConcern('majority'), writeConcern: { w: 'majority' } });
  const meta = db.collection<{ _id: string }>('meta');
  const state = await db.collection<{ _id: string; restoring?: object }>('meta').findOne({ _id: 'epoch' });
  if (state?.restoring) throw new BackupError('This database is being restored: what is in it is not whole.');

  const id = newId();
  const mark = `backup/${id}`;
  const writer = await BackupWriter.create(path);
  const seqs = new Map<string, number>();
  const follower = new Follower(db, writer, mark, seqs);
  try {
    await follower.open();
    const following = follower.follow();
    following.catch(() => undefined);
    const documents = await readAll(db, writer, seqs, follower, options.onProgress);
    follower.expectMark();
    const takenAt = Date.now();
    await meta.insertOne({ _id: mark });
    const changes = await following;
    const names = await db
      .collection<{ _id: string; name: string }>('organizations')
      .find({}, { projection: { name: 1 } })
      .toArray();
    const nameOf = new Map(names.map(({ _id, name }) => [_id, name]));
    const organizations = [...seqs].map(([org, seq]) => ({ id: org, name: nameOf.get(org) ?? '', seq }));
    return { path, ...(await writer.end({ id, takenAt, organizations, documents, changes })) };
  } catch (error) {
    await writer.abandon();
    throw error instanceof BackupError ? error : new BackupError(`The backup failed: ${(error as Error).message}.`);
  } finally {
    await follower.close();
    await meta.deleteMany({ _id: /^backup\// }).catch(() => undefined);
  }
}

/** Reads every collection by its keys. @returns how many documents each had */
async function readAll(
  db: Db,
  writer: BackupWriter,
  seqs: Map<string, number>,
  follower: Follower,
  onProgress?: (documents: number) => void,
): Promise<Record<string, number>> {
  const documents: Record<string, number> = {};
  let total = 0;
  const listed = await db.listCollections({ type: 'collection' }, { nameOnly: true }).toArray();
  for (const name of listed.map((one) => one.name).filter(isBackedUp)) {
    let count = 0;
    const gathered = new Gathered();
    const flush = async (): Promise<void> => {
      const { count: n, body } = gathered.take();
      await writer.documents(name, n, body);
      count += n;
      onProgress?.((total += n));
    };
    // As bytes: nothing is decoded, so nothing can be changed by that, and it costs little.
    const cursor = db.collection(name).find({}, { raw: true, sort: { _id: 1 }, batchSize: 1000 });
    for await (const document of cursor as AsyncIterable<unknown> as AsyncIterable<Uint8Array>) {
      if (name === 'counters') {
        const { _id, seq } = BSON.deserialize(document) as { _id: string; seq: number };
        // What was heard meanwhile is not older.
        seqs.set(_id, Math.max(seq, seqs.get(_id) ?? 0));
      }
      gathered.add(document);
      if (gathered.isFull) await flush();
      follower.mustRun();
    }
    if (gathered.count > 0) await flush();
    documents[name] = count;
  }
  return documents;
}

/** Writes down what happens until its mark comes along. */
class Follower {
  readonly #writer: BackupWriter;
  readonly #mark: string;
  readonly #seqs: Map<string, number>;
  readonly #stream: ChangeStream;
  readonly #gathered = new Gathered();
  #first: Document | null = null;
  #deadline = Infinity;
  #failure: Error | undefined;
  #changes = 0;

  constructor(db: Db, writer: BackupWriter, mark: string, seqs: Map<string, number>) {
    this.#writer = writer;
    this.#mark = mark;
    this.#seqs = seqs;
    this.#stream = db.watch([], { ...faithful, maxAwaitTimeMS: longPoll, batchSize: 1000 });
  }

  /** Resolves when the stream stands: what is committed from now on will be heard. */
  async open(): Promise<void> {
    this.#first = await this.#stream.tryNext();
  }

  /** The mark is about to be written; it must come within the patience. */
  expectMark(): void {
    this.#deadline = performance.now() + patience;
  }

  /** @throws what following failed with: reading on would be in vain */
  mustRun(): void {
    if (this.#failure) throw this.#failure;
  }

  /** @returns how many changes there were before the mark */
  async follow(): Promise<number> {
    try {
      for (let event = this.#first; ; event = await this.#stream.tryNext()) {
        if (event === null) {
          if (performance.now() > this.#deadline)
            throw new BackupError('The database did not tell of its own changes.');
          // A server that answers at once, because its patience is shorter than ours, must not be asked in a circle.
          await pause(1);
          continue;
        }
        if (isMark(event, this.#mark)) break;
        await this.#take(event as never);
      }
      await this.#flush();
      return this.#changes;
    } catch (error) {
      const { code } = error as { code?: number };
      this.#failure =
        code === 286 || code === 280
          ? new BackupError(
              'More was changed meanwhile than the database remembers. Take the backup again at a quieter time.',
            )
          : (error as Error);
      throw this.#failure;
    }
  }

  async close(): Promise<void> {
    await this.#stream.close().catch(() => undefined);
  }

  async #take(event: Parameters<typeof changeOf>[0]): Promise<void> {
    const change = changeOf(event);
    if (!change) return;
    if (change.collection === 'counters') {
      if (change.type === 'delete') this.#seqs.delete(String(change.key));
      const seq =
        change.type === 'update' ? change.set['seq'] : change.type === 'delete' ? undefined : change.document['seq'];
      if (seq !== undefined) this.#seqs.set(String(change.key), Number(seq));
    }
    this.#gathered.add(encodeChange(change));
    this.#changes += 1;
    if (this.#gathered.isFull) await this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#gathered.count === 0) return;
    const { count, body } = this.#gathered.take();
    await this.#writer.changes(count, body);
  }
}

function isMark(event: Document, mark: string): boolean {
  return event['operationType'] === 'insert' && event['ns'].coll === 'meta' && event['documentKey']._id === mark;
}
