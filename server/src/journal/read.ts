import type { Entry } from '@opsboard/shared/protocol/entries';
import type { AnyRecord, Kind } from '@opsboard/shared/protocol/kinds';
import type { StateSource } from './folded-state.ts';
import type { Collections, StoredReceipt } from './stored.ts';
import { entryKey, entryOf, receiptKey, recordOf } from './stored.ts';
import { within } from './within.ts';

/** What is read of the journal, the receipts and the records outside memory. */
export type Reader = StateSource & {
  entries(org: string, from: number, limit: number, to?: number): Promise<Entry[]>;
  entriesOfRecord(
    org: string,
    kind: Kind | undefined,
    id: string,
    page: { before?: number; limit: number },
  ): Promise<Entry[]>;
  receipts(org: string, commandIds: readonly string[]): Promise<Map<string, StoredReceipt>>;
  /** At most `limit` records of a kind that is not held in memory, whose fields hold an id. */
  holding(org: string, kind: Kind, fields: readonly string[], id: string, limit: number): Promise<AnyRecord[]>;
};

/** A read that takes longer is given up, milliseconds. */
const deadline = 5000;
/** No journal is longer. */
const lastSeq = 999_999_999_999;

export function createReader(collections: Collections): Reader {
  return {
    entries: async (org: string, from: number, limit: number, to: number = lastSeq) => {
      if (to <= from) return [];
      const range = { $gt: entryKey(org, from), $lte: entryKey(org, to) };
      const found = collections.journal.find({ _id: range }, { sort: { _id: 1 }, limit, batchSize: limit });
      const stored = await within(deadline, found.toArray());
      return stored.map(entryOf);
    },
    entriesOfRecord: async (org, kind, id, { before = lastSeq, limit }) => {
      const found = collections.journal.find(
        // Ids are unique over all kinds.
        { org, ...(kind === undefined ? {} : { kind }), id, seq: { $lt: before } },
        { sort: { seq: -1 }, limit },
      );
      const stored = await within(deadline, found.toArray());
      return stored.map(entryOf);
    },
    records: async (org, kind, ids) => {
      const found = collections.records(kind).find({ _id: { $in: [...ids] }, org });
      const stored = await within(deadline, found.toArray());
      return new Map<string, AnyRecord>(stored.map((each) => [each._id, recordOf(kind, each)]));
    },
    holding: async (org, kind, fields, id, limit) => {
      const any = fields.map((field) => ({ [field]: id }));
      const found = collections.records(kind).find({ org, $or: any } as object, { limit, batchSize: limit });
      const stored = await within(deadline, found.toArray());
      return stored.map((each): AnyRecord => recordOf(kind, each));
    },
    receipts: async (org, commandIds) => {
      const keys = commandIds.map((commandId) => receiptKey(org, commandId));
      const stored = await within(deadline, collections.receipts.find({ _id: { $in: keys } }).toArray());
      return new Map(stored.map((receipt) => [receipt.commandId, receipt]));
    },
  };
}
