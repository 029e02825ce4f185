import type { Batch } from '@opsboard/shared/batches/schema';
import type { AnyRecord, Kind } from '@opsboard/shared/protocol/kinds';
import type { AnyClientBulkWriteModel, ClientSession, Document, MongoClient } from 'mongodb';
import { MongoClientBulkWriteError, MongoError, MongoInvalidArgumentError } from 'mongodb';
import type { Logger } from '../platform/log.ts';
import type { Expected } from './folded-state.ts';
import { isOpen } from './live-set.ts';
import type { References, StoredReceipt } from './stored.ts';
import { collectionOf, entryKey, storedOf } from './stored.ts';
import { TimeoutError, within } from './within.ts';

/** What is committed together: everything that a round of commands makes of a state at `from`. */
export type Group = {
  org: string;
  /** The seq it was decided on; its entries are `from + 1` and so on. */
  from: number;
  /** Whose turn it is, as far as is known: the commit takes it, and happens only if it is so. */
  turn?: string | undefined;
  /** The references after it, when it took some. */
  references: References | undefined;
  entries: readonly Expected[];
  /** By kind and id: the record before the group, absent when the group creates it. */
  before: ReadonlyMap<string, AnyRecord | undefined>;
  receipts: readonly StoredReceipt[];
};

/** Why a unique index refused a record of the group. */
export type Duplicate = { index: 'id' | 'email' | 'parts' | 'other'; kind: Kind; id: string; message: string };

export type Outcome =
  | { type: 'committed' }
  /** Another process wrote first. Nothing was written. */
  | { type: 'moved' }
  /** A command of the group has acted before. Nothing was written. */
  | { type: 'repeated' }
  | { type: 'duplicate'; duplicate: Duplicate }
  /** Something in the group cannot be stored, whenever it is tried. Nothing was written. */
  | { type: 'broken'; error: unknown }
  /** Another process is committing. Nothing was written. */
  | { type: 'conflict' }
  /** Storage did not take it now. Nothing was written. */
  | { type: 'failed'; error: unknown }
  /** Whether it was written has to be asked of the receipts. */
  | { type: 'unknown'; error: unknown };

/** Every document here has a text as its `_id`. */
type Doc = { _id: string } & Document;
/** The driver types models by namespace; namespaces here are made at run time. */
type Namespaces = Record<string, Doc>;
type Fields = { [path: string]: unknown };
/** What each write of a group is for; `update`: it must match a document. */
type Owner = { update?: boolean } & (
  { type: 'counter' | 'entry' | 'receipt' } | { type: 'record'; kind: Kind; id: string }
);

/** A round trip that takes longer is given up, milliseconds. */
const deadline = 4000;

/** Commits groups of one lane, one at a time. Keeps a session between them. */
export class Committer {
  readonly #client: MongoClient;
  readonly #log: Logger;
  readonly #namespace: (collection: string) => string;
  readonly #process: string;
  #session: ClientSession | undefined;
  #doubt: Doubt | undefined;

  /** @param process the id of this process in what it writes */
  constructor(client: MongoClient, database: string, process: string, log: Logger) {
    this.#process = process;
    this.#client = client;
    this.#log = log;
    this.#namespace = (collection) => `${database}.${collection}`;
  }

  async commit(group: Group): Promise<Outcome> {
    if (this.#doubt) {
      const earlier = await this.#resolve(this.#doubt);
      if (earlier) return earlier;
    }
    const { models, owners, updates, inserts } = modelsOf(group, this.#namespace, this.#process);
    const session = (this.#session ??= this.#client.startSession());
    try {
      session.startTransaction({ writeConcern: { w: 'majority' }, readConcern: { level: 'local' } });
    } catch (error) {
      this.#drop();
      return { type: 'failed', error };
    }
    const writes = this.#client.bulkWrite<Namespaces>(models, { session, ordered: true });
    try {
      const result = await within(deadline, writes);
      if (result.matchedCount + result.upsertedCount !== updates || result.insertedCount !== inserts) {
        await within(deadline, session.abortTransaction());
        return { type: 'moved' };
      }
    } catch (error) {
      const outcome = outcomeOf(error, owners);
      // An abort must not overtake the writes: they would begin the transaction anew and hold their locks.
      const aborted = writes
        .then(
          () => undefined,
          () => undefined,
        )
        .then(() => session.abortTransaction());
      if (outcome.type === 'failed') this.#drop(aborted);
      else await within(deadline, aborted).catch(() => this.#drop(aborted));
      return outcome;
    }
    return this.#finish({ session, commit: session.commitTransaction() });
  }

  close(): void {
    this.#drop();
  }

  /** Waits for a commit. One without an answer stays in doubt: until it is resolved, it may hold its locks. */
  async #finish(doubt: Doubt): Promise<Outcome> {
    try {
      await within(deadline, doubt.commit);
      this.#doubt = undefined;
      return { type: 'committed' };
    } catch (error) {
      const outcome = outcomeOfCommit(error);
      this.#doubt = outcome.type === 'unknown' ? doubt : undefined;
      if (outcome.type !== 'unknown') this.#drop();
      return outcome;
    }
  }

  /** Commits once more what is in doubt: the same transaction, which the server does not do twice. */
  async #resolve({ session, commit }: Doubt): Promise<Outcome | undefined> {
    const settled = await within(
      deadline,
      commit.then(
        () => true,
        () => false,
      ),
    ).catch(() => undefined);
    if (settled === undefined) return { type: 'unknown', error: new TimeoutError('a commit is still under way') };
    const outcome = settled
      ? { type: 'committed' as const }
      : await this.#finish({ session, commit: session.commitTransaction() });
    if (settled) this.#doubt = undefined;
    // The group in doubt is in: what is decided now was decided before it.
    if (outcome.type === 'committed') return { type: 'moved' };
    return outcome.type === 'unknown' ? outcome : undefined;
  }

  #drop(after: Promise<unknown> = Promise.resolve()): void {
    const session = this.#session;
    this.#session = undefined;
    this.#doubt = undefined;
    after
      .catch(() => undefined)
      .then(() => session?.endSession())
      .catch((error: unknown) => this.#log.debug({ err: error }, 'a session did not end'));
  }
}

/** A commit whose outcome is not known. */
type Doubt = { session: ClientSession; commit: Promise<void> };

/** The writes of a group, the counter first: when it has moved, nothing else is tried. */
function modelsOf(group: Group, namespace: (collection: string) => string, process: string) {
  const { org, from, entries, references, receipts, turn } = group;
  const models: AnyClientBulkWriteModel<Doc>[] = [];
  const owners: Owner[] = [];
  let updates = 1;
  models.push({
    name: 'updateOne',
    namespace: namespace('counters'),
    filter: { _id: org, seq: from, turn: turn ?? null },
    update: {
      $set: { seq: from + entries.length, ...(references && { references }) },
      ...(turn !== undefined && { $unset: { turn: true } }),
    },
    ...(from === 0 && { upsert: true }),
  });
  owners.push({ type: 'counter', update: true });

  for (const { kind, id, model } of recordModels(group, namespace)) {
    models.push(model);
    owners.push({ type: 'record', kind, id, update: model.name !== 'insertOne' });
    if (model.name !== 'insertOne') updates += 1;
  }
  const journal = namespace('journal');
  for (const { entry } of entries) {
    models.push({
      name: 'insertOne',
      namespace: journal,
      document: { _id: entryKey(org, entry.seq), process, ...entry },
    });
    owners.push({ type: 'entry' });
  }
  const receiptsNamespace = namespace('receipts');
  for (const receipt of receipts) {
    models.push({ name: 'insertOne', namespace: receiptsNamespace, document: receipt });
    owners.push({ type: 'receipt' });
  }
  return { models, owners, updates, inserts: models.length - updates };
}

type RecordModel = { kind: Kind; id: string; model: AnyClientBulkWriteModel<Doc>; releases: boolean };

/** One write per record, whatever the group did to it; those that set parts free come first. */
function recordModels(group: Group, namespace: (collection: string) => string): RecordModel[] {
  const byRecord = new Map<string, Expected[]>();
  for (const each of group.entries) {
    const key = `${each.entry.kind}/${each.entry.id}`;
    const list = byRecord.get(key);
    if (list) list.push(each);
    else byRecord.set(key, [each]);
  }
  const written: RecordModel[] = [];
  for (const [key, changes] of byRecord) {
    const { kind, id } = changes[0]!.entry;
    const before = group.before.get(key);
    const { after, entry } = changes[changes.length - 1]!;
    const at = namespace(collectionOf[kind]);
    const parts = kind === 'batch' ? openParts(after as Batch) : undefined;
    const openBefore = kind === 'batch' && before ? openParts(before as Batch) : undefined;
    const releases = openBefore !== undefined && !openBefore.every((part) => parts?.includes(part));
    let model: AnyClientBulkWriteModel<Doc>;
    if (!before) {
      model = {
        name: 'insertOne',
        namespace: at,
        document: { ...storedOf(after), ...(parts && { openParts: parts }) },
      };
    } else if (changes.length > 1) {
      const replacement = { ...storedOf(after), ...(parts && { openParts: parts }) };
      model = { name: 'replaceOne', namespace: at, filter: { _id: id, rev: before.rev }, replacement };
    } else {
      const set: Fields = { ...entry.set, rev: entry.rev };
      const unset: Fields = {};
      for (const path of entry.unset) unset[path] = true;
      for (const field of entry.touched ?? []) {
        const value = (after as unknown as Fields)[field];
        if (value === undefined) unset[field] = true;
        else set[field] = value;
      }
      if (kind === 'batch' && (releases || parts?.length !== openBefore?.length)) {
        if (parts) set['openParts'] = parts;
        else unset['openParts'] = true;
      }
      const update: Document = Object.keys(unset).length === 0 ? { $set: set } : { $set: set, $unset: unset };
      model = { name: 'updateOne', namespace: at, filter: { _id: id, rev: before.rev }, update };
    }
    written.push({ kind, id, model, releases });
  }
  return written.some(({ releases }) => releases)
    ? [...written.filter(({ releases }) => releases), ...written.filter(({ releases }) => !releases)]
    : written;
}

/** Absent when there are none: an index takes all empty lists for the same value. */
function openParts(batch: Batch): string[] | undefined {
  if (!isOpen(batch)) return undefined;
  const parts = Object.keys(batch.parts);
  return parts.length === 0 ? undefined : parts;
}

const duplicateKey = 11000;
const writeConflict = 112;
/** Codes of the server that mean: not now. Inside a bulk they come without a label. */
const passing = new Set([251, 246, 24, 50, 11600, 11602, 10107, 13435, 13436, 189, 91, 64, 14031]);

function outcomeOf(error: unknown, owners: readonly Owner[]): Outcome {
  if (error instanceof MongoClientBulkWriteError) {
    const [first] = error.writeErrors;
    if (first) {
      const [index, { code, message }] = first;
      const owner = owners[index];
      // The counter's update matched nothing, and the bulk went on: what a later write met is another process's work.
      const updatesBefore = owners.slice(0, index).filter(({ update }) => update).length;
      const { matchedCount = 0, upsertedCount = 0 } = error.partialResult ?? {};
      if (matchedCount + upsertedCount < updatesBefore) return { type: 'moved' };
      if (code === duplicateKey && owner) return outcomeOfDuplicate(owner, message);
      if (code === writeConflict) return { type: 'conflict' };
      return passing.has(code) ? { type: 'failed', error } : { type: 'broken', error };
    }
    return outcomeOf(error.cause ?? error.writeConcernErrors[0] ?? new TimeoutError('no cause'), owners);
  }
  if (error instanceof MongoInvalidArgumentError) return { type: 'broken', error };
  if (error instanceof TimeoutError) return { type: 'failed', error };
  // Not the driver's: a bug, which would come again each time.
  if (!(error instanceof MongoError)) return { type: 'broken', error };
  const { code } = error as { code?: number };
  if (code === writeConflict) return { type: 'conflict' };
  const transient =
    code === undefined ||
    passing.has(code) ||
    error.hasErrorLabel('TransientTransactionError') ||
    error.hasErrorLabel('RetryableWriteError');
  return transient ? { type: 'failed', error } : { type: 'broken', error };
}

function outcomeOfDuplicate(owner: Owner, message: string): Outcome {
  switch (owner.type) {
    case 'counter':
    case 'entry':
      return { type: 'moved' };
    case 'receipt':
      return { type: 'repeated' };
    case 'record': {
      const index = /index: _id_/.test(message)
        ? 'id'
        : /index: email/.test(message)
          ? 'email'
          : /openParts/.test(message)
            ? 'parts'
            : 'other';
      return { type: 'duplicate', duplicate: { index, kind: owner.kind, id: owner.id, message } };
    }
  }
}

function outcomeOfCommit(error: unknown): Outcome {
  // The server says that there is no such transaction any more: it did not commit.
  if (error instanceof MongoError && error.hasErrorLabel('TransientTransactionError')) return { type: 'failed', error };
  return { type: 'unknown', error };
}
