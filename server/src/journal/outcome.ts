import type { Kind } from '@opsboard/shared/protocol/kinds';
import { MongoClientBulkWriteError, MongoError, MongoInvalidArgumentError } from 'mongodb';
import type { Owner } from './group.ts';
import { TimeoutError } from './within.ts';

/** Why a unique index refused a record of the group. */
export type Duplicate = {
  index: 'id' | 'email' | 'parts' | 'partId' | 'other';
  kind: Kind;
  id: string;
  message: string;
};

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
  /** The database was replaced by a restore: this process has nothing to write to it. Nothing was written. */
  | { type: 'replaced' }
  /** Storage did not take it now. Nothing was written. */
  | { type: 'failed'; error: unknown }
  /** Whether it was written has to be asked of the receipts. */
  | { type: 'unknown'; error: unknown };

const duplicateKey = 11000;
const writeConflict = 112;
/** Codes of the server that mean: not now. Inside a bulk they come without a label. */
const passing = new Set([251, 246, 24, 50, 11600, 11602, 10107, 13435, 13436, 189, 91, 64, 14031]);

/** What an error of the writes, before any commit, comes to. */
export function outcomeOf(error: unknown, owners: readonly Owner[]): Outcome {
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
            : /index: org_1_partId/.test(message)
              ? 'partId'
              : 'other';
      return { type: 'duplicate', duplicate: { index, kind: owner.kind, id: owner.id, message } };
    }
  }
}

/** What an error of the commit itself comes to. */
export function outcomeOfCommit(error: unknown): Outcome {
  // The server says that there is no such transaction any more: it did not commit.
  if (error instanceof MongoError && error.hasErrorLabel('TransientTransactionError')) return { type: 'failed', error };
  return { type: 'unknown', error };
}
