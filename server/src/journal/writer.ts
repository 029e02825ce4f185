import type { Entry } from '@opsboard/shared/protocol/entries';
import type { AnyRecord, Kind } from '@opsboard/shared/protocol/kinds';
import type { MongoClient } from 'mongodb';
import type { Logger } from '../platform/log.ts';
import type { Group } from './group.ts';
import type { Outcome } from './outcome.ts';
import { Committer } from './commit.ts';
import type { FoldedState } from './folded-state.ts';
import { LaneSessions } from './lane-sessions.ts';
import type { Reader } from './read.ts';
import type { Collections, References, StoredReceipt } from './stored.ts';
import { within } from './within.ts';

/**
 * Turns make several processes fair to each other: whoever was late again and again asks for the next commit, and the
 * others hold back for a moment. Only the counter's seq makes a commit right; a turn that nobody uses is passed over.
 */
export type Turns = {
  /** This process in turns. */
  readonly mine: string;
  /** Asks for the next commit; false when somebody else has it. Waits for a commit that is under way. */
  take(): Promise<boolean>;
  /** Whose turn it is. */
  whose(): Promise<string | undefined>;
  /** Gives up a turn of this process. */
  leave(): Promise<void>;
  /** Ends what other processes have begun and not finished: they may have died in the middle of a commit. */
  break(): Promise<void>;
};

/** What dispatch needs of one organization: its state, the truth behind it, and the commit. */
export type OrgWriter = {
  readonly state: FoldedState;
  /** The references as of the state's seq. */
  readonly references: References;
  receipts(commandIds: readonly string[]): Promise<Map<string, StoredReceipt>>;
  records(kind: Kind, ids: readonly string[]): Promise<Map<string, AnyRecord>>;
  /** At most `limit` records of a kind outside memory, whose fields hold an id. */
  holding(kind: Kind, fields: readonly string[], id: string, limit: number): Promise<AnyRecord[]>;
  /** The entries of an earlier command, by its receipt; empty when it made none. */
  entriesOf(commandId: string): Promise<Entry[]>;
  /**
   * Commits a group in one transaction. When it is committed, the state has folded it and its listeners have heard of
   * it before this resolves. Never rejects.
   */
  commit(group: Group): Promise<Outcome>;
  /** Folds what other processes have committed. */
  catchUp(): Promise<void>;
  readonly turns: Turns;
  close(): void;
};

/**
 * A commit in doubt may still happen for as long as its transaction can live, and nobody tells a process of its own
 * entries: for so long the collection is asked, milliseconds.
 */
const doubtLasts = 90_000;
const askEvery = 1000;
/** A question about turns that takes longer is given up, milliseconds. */
const deadline = 4000;

export function createWriter(options: {
  state: FoldedState;
  reader: Reader;
  collections: Collections;
  client: MongoClient;
  database: string;
  process: string;
  /** Whether the database has been replaced under this process. */
  replaced(): boolean;
  log: Logger;
}): OrgWriter {
  const { state, reader, collections, client, database, process, replaced, log } = options;
  const { counters } = collections;
  const sessions = new LaneSessions(client, collections.lanes, state.org, log);
  const committer = new Committer(client, database, process, sessions);
  let doubtUntil = 0;
  let asking: NodeJS.Timeout | undefined;
  function ask(): void {
    asking = setTimeout(() => {
      state
        .catchUp()
        .catch(() => undefined)
        .finally(() => {
          if (performance.now() < doubtUntil) ask();
          else asking = undefined;
        });
    }, askEvery).unref();
  }
  return {
    state,
    get references() {
      return state.references;
    },
    receipts: (commandIds) => reader.receipts(state.org, commandIds),
    records: (kind, ids) => reader.records(state.org, kind, ids),
    holding: (kind, fields, id, limit) => reader.holding(state.org, kind, fields, id, limit),
    entriesOf: async (commandId) => {
      const receipt = (await reader.receipts(state.org, [commandId])).get(commandId);
      if (receipt?.first === undefined || receipt.seq === undefined) return [];
      return reader.entries(state.org, receipt.first - 1, receipt.seq - receipt.first + 1, receipt.seq);
    },
    commit: async (group) => {
      if (replaced()) return { type: 'replaced' };
      if (state.seq !== group.from) return { type: 'moved' };
      state.expect(group.entries);
      let outcome: Outcome;
      try {
        outcome = await committer.commit({ ...group, fence: state.fence });
      } catch (error) {
        outcome = { type: 'unknown', error };
      }
      state.settle(group.entries, outcome.type === 'committed');
      if (outcome.type === 'unknown') {
        doubtUntil = performance.now() + doubtLasts;
        if (!asking) ask();
      }
      return outcome;
    },
    catchUp: () => state.catchUp(),
    turns: {
      mine: process,
      take: async () => {
        const free = { _id: state.org, turn: null };
        const asked = counters.updateOne(free, { $set: { turn: process } }, { maxTimeMS: 1000 });
        return (await within(deadline, asked)).matchedCount === 1;
      },
      whose: async () => (await within(deadline, counters.findOne({ _id: state.org })))?.turn ?? undefined,
      break: () => sessions.endOthers(),
      leave: async () => {
        await within(deadline, counters.updateOne({ _id: state.org, turn: process }, { $unset: { turn: true } }));
      },
    },
    close: () => {
      doubtUntil = 0;
      clearTimeout(asking);
      committer.close();
    },
  };
}
