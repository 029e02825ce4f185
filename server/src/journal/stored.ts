import type { Actor } from '@opsboard/shared/protocol/actors';
import type { ReferenceKind } from '@opsboard/shared/protocol/decision';
import type { Entry } from '@opsboard/shared/protocol/entries';
import type { WireError } from '@opsboard/shared/protocol/errors';
import type { Kind, Records } from '@opsboard/shared/protocol/kinds';
import { upcast } from '@opsboard/shared/protocol/upcast';
import type { Binary, Collection, Db } from 'mongodb';

/** The collection that holds a kind of record. */
export const collectionOf: { readonly [K in Kind]: string } = {
  organization: 'organizations',
  branch: 'branches',
  warehouse: 'warehouses',
  vendor: 'vendors',
  customer: 'customers',
  center: 'centers',
  team: 'teams',
  person: 'people',
  session: 'sessions',
  link: 'links',
  batch: 'batches',
  route: 'routes',
  template: 'templates',
  savedView: 'savedViews',
  part: 'parts',
  message: 'messages',
  apiKey: 'apiKeys',
};

/** A record as stored: its id is `_id`; a batch also has `openParts`, an archived one `findWords`. */
export type StoredRecord = {
  _id: string;
  org: string;
  rev: number;
  openParts?: string[];
  findWords?: string[];
  [field: string]: unknown;
};
/** An entry as stored: `_id` is {@link entryKey}, `process` names who committed it, so that it need not hear of it. */
export type StoredEntry = Entry & { _id: string; process: string };
/** What is remembered of a command's outcome, for 90 days. `_id` is {@link receiptKey}. */
export type StoredReceipt = {
  _id: string;
  org: string;
  commandId: string;
  actor: Actor;
  digest: string;
  /** First and last seq of a success. */
  first?: number;
  seq?: number;
  /** The refusal, without `details.record`: what a record looks like now is read when it is asked for. */
  error?: WireError;
  expiresAt: Date;
};
/** The organization's counter: where its journal stands, and the numbers of the next human references. */
export type StoredCounter = {
  _id: string;
  seq: number;
  /** A kind that is absent has not been counted yet. */
  references?: Partial<References>;
  /** The process that asked for the next commit, because others had been first again and again. */
  turn?: string | null;
  /** The epoch that a restore gave it: what was decided on the state before the restore does not match it. */
  epoch?: string | null;
};
/** A session that commits to an organization. */
export type StoredLane = { _id: Binary; org: string; at: Date };
/** The number of the next human reference by kind. */
export type References = { readonly [K in ReferenceKind]: number };
/** Facts of the whole database. `restoring` is there while a restore replaces it. */
export type StoredMeta = { _id: 'epoch'; epoch: string; restoring?: { since: Date }; restoredAt?: Date };

/** The first batch of an organization is B-2001, the first route R-1. */
export const firstReferences: References = { batch: 2001, route: 1 };
/** What stands before the number. */
export const referenceLetters: { readonly [K in ReferenceKind]: string } = { batch: 'B', route: 'R' };

/** The native collections: the hot path goes past mongoose's documents. */
export type Collections = {
  journal: Collection<StoredEntry>;
  receipts: Collection<StoredReceipt>;
  counters: Collection<StoredCounter>;
  lanes: Collection<StoredLane>;
  meta: Collection<StoredMeta>;
  records(kind: Kind): Collection<StoredRecord>;
};

export function collectionsOf(db: Db): Collections {
  const records = Object.fromEntries(
    Object.entries(collectionOf).map(([kind, name]) => [kind, db.collection<StoredRecord>(name)]),
  ) as { [K in Kind]: Collection<StoredRecord> };
  return {
    journal: db.collection<StoredEntry>('journal'),
    receipts: db.collection<StoredReceipt>('receipts'),
    counters: db.collection<StoredCounter>('counters'),
    lanes: db.collection<StoredLane>('lanes'),
    meta: db.collection<StoredMeta>('meta'),
    records: (kind) => records[kind],
  };
}

/** Sorts by seq inside an organization. */
export const entryKey = (org: string, seq: number): string => `${org}/${seq.toString().padStart(12, '0')}`;
export const receiptKey = (org: string, commandId: string): string => `${org}/${commandId}`;

/** The record of a stored document. */
export function recordOf<K extends Kind>(_kind: K, stored: StoredRecord): Records[K] {
  const { _id, openParts: _openParts, findWords: _findWords, ...fields } = stored;
  return { id: _id, ...fields } as unknown as Records[K];
}

/** The document of a record, without what storage derives. */
export function storedOf(record: { id: string; org: string; rev: number }): StoredRecord {
  const { id, ...fields } = record;
  return { _id: id, ...fields };
}

/** The entry of a stored document, in today's shape. */
export function entryOf(stored: StoredEntry): Entry {
  const { _id, process: _process, ...entry } = stored;
  return upcast(entry);
}
