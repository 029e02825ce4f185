import { setTimeout as pause } from 'node:timers/promises';
import { BSON } from 'mongodb';
import type { AnyBulkWriteOperation, Collection, Db } from 'mongodb';
import type { Connection } from 'mongoose';
import { declareModels } from '../journal/model.ts';
import type { StoredMeta } from '../journal/stored.ts';
import { newId } from '../platform/ids.ts';
import { decodeChange, faithful, writesOf } from './changes.ts';
import { isBackedUp, isOfThisDatabase, isStaging, leftOut, stagingName } from './collections.ts';
import { documentsIn } from './documents.ts';
import { BackupError } from './errors.ts';
import type { Manifest } from './format.ts';
import { readBackup } from './format.ts';

/** Processes that serve this database notice a restore at once; they get so long to stop reading it, milliseconds. */
const noticeWithin = 1_500;
/** More documents than these are not sent in one piece. */
const atOnce = 2_000;

/** A meta document of whatever sort. */
type Fact = { _id: string };

/** What a database holds now, in numbers for a person. */
export type Content = { organizations: { id: string; name: string }[]; documents: number; restoring: boolean };

/** How far a restore is. */
export type Progress = (stage: 'checking' | 'loading' | 'switching', documents: number) => void;

/** Looks at what a restore would replace. */
export async function contentOf(connection: Connection): Promise<Content> {
  const db = connection.getClient().db(connection.name);
  const organizations = await db
    .collection<{ _id: string; name: string }>('organizations')
    .find({}, { projection: { name: 1 }, sort: { _id: 1 } })
    .toArray();
  const epoch = await db.collection<StoredMeta>('meta').findOne({ _id: 'epoch' });
  let documents = 0;
  for (const name of await namesOf(db)) {
    // What a database of its own says about itself is no content.
    if (isBackedUp(name) && name !== 'meta') documents += await db.collection(name).countDocuments();
  }
  return {
    organizations: organizations.map(({ _id, name }) => ({ id: _id, name })),
    documents,
    restoring: epoch?.restoring !== undefined,
  };
}

/** Reads a backup from its first to its last byte. @throws {BackupError} when it is not whole */
export async function checkBackup(path: string, onProgress?: Progress): Promise<Manifest> {
  let documents = 0;
  let manifest: Manifest | undefined;
  for await (const block of readBackup(path)) {
    // Not the end of the reading: nothing may come after it.
    if (block.type === 'end') manifest = block.manifest;
    else onProgress?.('checking', (documents += block.count));
  }
  return manifest!;
}

/**
 * Puts a backup in the place of everything that the database holds. The file is proved whole first, then loaded beside
 * what is there; only when all of it is there, with its indexes, are the collections switched. Until then nothing that
 * is served is touched, and whatever goes wrong leaves the database as it was. The switch takes a moment, in which
 * the database says that it is not whole: processes refuse to serve it. A restore that is killed right then leaves
 * it so, and the next restore heals it.
 *
 * The database gets a new epoch: processes begin anew, and clients throw away what they hold.
 *
 * @throws {BackupError} when it did not happen
 */
export async function restore(options: {
  connection: Connection;
  path: string;
  onProgress?: Progress;
}): Promise<Manifest> {
  const { connection, path, onProgress } = options;
  const manifest = await checkBackup(path, onProgress);
  const db = connection.getClient().db(connection.name, { writeConcern: { w: 'majority' } });
  const id = newId();
  const epoch = newId();
  await dropStaging(db);
  try {
    const staged = await load(db, id, path, manifest, onProgress);
    await completeModels(connection, db, id, staged);
    await fence(staging(db, id, 'counters'), epoch);
    await prove(db, id, manifest);
    onProgress?.('switching', 0);
    await switchTo(db, id, epoch, staged);
    return manifest;
  } catch (error) {
    if (error instanceof BackupError) throw error;
    throw new BackupError(`The restore failed: ${(error as Error).message}.`);
  } finally {
    await dropStaging(db).catch(() => undefined);
  }
}

const staging = (db: Db, id: string, collection: string): Collection => db.collection(stagingName(id, collection));

async function namesOf(db: Db): Promise<string[]> {
  const listed = await db.listCollections({ type: 'collection' }, { nameOnly: true }).toArray();
  return listed.map(({ name }) => name).filter((name) => !name.startsWith('system.'));
}

async function dropStaging(db: Db): Promise<void> {
  for (const name of await namesOf(db)) if (isStaging(name)) await db.dropCollection(name);
}

/** Loads documents, then what changed while they were read. @returns the names of the collections, empty ones too */
async function load(db: Db, id: string, path: string, manifest: Manifest, onProgress?: Progress): Promise<Set<string>> {
  const staged = new Set(Object.keys(manifest.documents));
  let documents = 0;
  for await (const block of readBackup(path)) {
    if (block.type !== 'documents') continue;
    const collection = staging(db, id, block.collection);
    for (const some of inParts(documentsIn(block.body), atOnce)) {
      await collection.insertMany(
        some.map((each) => BSON.deserialize(each, faithful)),
        { ordered: false },
      );
      onProgress?.('loading', (documents += some.length));
    }
  }
  for (const [name, count] of Object.entries(manifest.documents)) {
    const found = await staging(db, id, name).countDocuments();
    if (found !== count) throw new BackupError(`Of ${count} documents of ${name} ${found} have arrived: try again.`);
  }
  if (manifest.changes === 0) return staged;
  for await (const block of readBackup(path)) {
    if (block.type !== 'changes') continue;
    const writes = new Map<string, AnyBulkWriteOperation[]>();
    for (const each of documentsIn(block.body)) {
      const change = decodeChange(each);
      const list = writes.get(change.collection);
      if (list) list.push(...writesOf(change));
      else writes.set(change.collection, writesOf(change));
    }
    for (const [name, list] of writes) {
      staged.add(name);
      for (const some of inParts(list, atOnce)) await staging(db, id, name).bulkWrite(some, { ordered: true });
    }
  }
  return staged;
}

function* inParts<T>(all: Iterable<T>, size: number): Generator<T[]> {
  let part: T[] = [];
  for (const each of all) {
    part.push(each);
    if (part.length === size) {
      yield part;
      part = [];
    }
  }
  if (part.length > 0) yield part;
}

/** Gives what was loaded the indexes that the board needs, and makes the collections that the backup does not know. */
async function completeModels(connection: Connection, db: Db, id: string, staged: Set<string>): Promise<void> {
  for (const model of declareModels(connection)) {
    const { name } = model.collection;
    if (!isBackedUp(name)) continue;
    const loaded = staging(db, id, name);
    if (!staged.has(name)) await db.createCollection(loaded.collectionName);
    staged.add(name);
    for (const [fields, { background: _old, ...options }] of model.schema.indexes()) {
      await loaded.createIndex(fields as Record<string, 1>, options as object);
    }
  }
}

/**
 * Binds every counter to the new epoch: a process that has not noticed yet can commit nothing on what it remembers,
 * even where its number is right by chance.
 */
async function fence(counters: Collection, epoch: string): Promise<void> {
  await counters.updateMany({}, { $set: { epoch }, $unset: { turn: true } });
}

/** Every journal must be there without a gap, and end where the manifest says. */
async function prove(db: Db, id: string, manifest: Manifest): Promise<void> {
  const counters = await staging(db, id, 'counters').find().toArray();
  const seqOf = new Map(counters.map(({ _id, seq }) => [String(_id), Number(seq)]));
  for (const { id: org, name, seq } of manifest.organizations) {
    const prefix = { $gte: `${org}/`, $lt: `${org}0` } as never;
    const entries = await staging(db, id, 'journal').countDocuments({ _id: prefix });
    if (seqOf.get(org) !== seq || entries !== seq)
      throw new BackupError(`The journal of ${name || org} has ${entries} entries instead of ${seq}: try again.`);
  }
  if (seqOf.size !== manifest.organizations.length)
    throw new BackupError(`${seqOf.size} organizations have arrived instead of ${manifest.organizations.length}.`);
}

/** Makes what was loaded the content of the database. */
async function switchTo(db: Db, id: string, epoch: string, staged: ReadonlySet<string>): Promise<void> {
  const meta = db.collection<Fact>('meta');
  const mark = db.collection<StoredMeta>('meta');
  const facts = await (staging(db, id, 'meta') as unknown as Collection<Fact>).find().toArray();
  const kept = facts.filter(({ _id }) => !isOfThisDatabase(_id));
  const since = new Date();
  await mark.updateOne({ _id: 'epoch' }, { $set: { epoch, restoring: { since } } }, { upsert: true });
  // Every process follows the journal, and hears at once that it has been replaced.
  await move(db, id, 'journal');
  await pause(noticeWithin);
  for (const name of staged) if (name !== 'journal' && name !== 'meta') await move(db, id, name);
  for (const name of await namesOf(db)) {
    if (leftOut.has(name)) await db.collection(name).deleteMany({});
    else if (isBackedUp(name) && !staged.has(name)) await db.dropCollection(name);
  }
  await meta.deleteMany({ _id: { $ne: 'epoch' } });
  if (kept.length > 0) await meta.insertMany(kept);
  await mark.updateOne({ _id: 'epoch' }, { $set: { restoredAt: new Date() }, $unset: { restoring: true } });
}

async function move(db: Db, id: string, name: string): Promise<void> {
  await staging(db, id, name).rename(name, { dropTarget: true });
}

/** Whether a database is of use to nobody yet: nothing in it would be lost. */
export const isEmpty = ({ organizations, documents, restoring }: Content): boolean =>
  organizations.length === 0 && documents === 0 && !restoring;
