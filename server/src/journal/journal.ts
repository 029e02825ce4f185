import type { Entry } from '@opsboard/shared/protocol/entries';
import type { Kind } from '@opsboard/shared/protocol/kinds';
import { ReadConcern } from 'mongodb';
import type { Connection } from 'mongoose';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/log.ts';
import { newId } from '../platform/ids.ts';
import { findEpoch, isStill, RestoringError } from './epoch.ts';
import { FoldedState } from './folded-state.ts';
import { loadState } from './load.ts';
import { prepareModels } from './model.ts';
import type { OrgState } from './org-state.ts';
import { createReader } from './read.ts';
import { collectionsOf, firstReferences } from './stored.ts';
import type { Health } from './tail.ts';
import { Tail } from './tail.ts';
import type { OrgWriter } from './writer.ts';
import { createWriter } from './writer.ts';

/** The journal of every organization: read, followed, and (through dispatch only) written. */
export interface Journal {
  /** Another one after the database was restored; made once per database. */
  readonly epoch: string;
  /** When the database was restored last, milliseconds since 1970. What is older was done on another one. */
  readonly restoredAt?: number;
  /** The organization's state; loaded on first use and followed from then on. One of an unknown organization is empty. */
  org(org: string): Promise<OrgState>;
  /** As {@link Journal.org}, when it is in memory already. */
  loaded(org: string): OrgState | undefined;
  /** Every organization that has a journal. */
  orgs(): Promise<string[]>;
  /** Entries with `from` < seq ≤ `to`, in order, at most `limit` (10,000 unless told). */
  entries(org: string, range: { from: number; to?: number; limit?: number }): Promise<Entry[]>;
  /** Entries of one record (of whatever kind, where none is given), newest first, before seq `before`. */
  entriesOfRecord(
    org: string,
    kind: Kind | undefined,
    id: string,
    page: { before?: number; limit: number },
  ): Promise<Entry[]>;
  /** Whether this process hears the database. `heardAt` in milliseconds since the epoch. */
  readonly health: Health;
  onHealth(listener: (health: Health) => void): () => void;
  /** The way to write, for dispatch. */
  writer(org: string): Promise<OrgWriter>;
  close(): Promise<void>;
}

/**
 * Opens the journal on a connected database: declares models and indexes, finds or makes the epoch, and begins to
 * follow.
 */
export async function openJournal(options: { connection: Connection; clock: Clock; log: Logger }): Promise<Journal> {
  const { connection, clock, log } = options;
  await connection.asPromise();
  const client = connection.getClient();
  const collections = collectionsOf(
    client.db(connection.name, { readConcern: new ReadConcern('majority'), writeConcern: { w: 'majority' } }),
  );
  const { epoch, ...restored } = await findEpoch(collections.meta, clock);
  await prepareModels(connection);
  const process = newId(clock.now());
  const reader = createReader(collections);
  const states = new Map<string, { state: FoldedState; ready: Promise<FoldedState>; loaded: boolean }>();
  const writers = new Map<string, OrgWriter>();
  const listeners = new Set<(health: Health) => void>();

  const tail = new Tail(collections, process, clock, log, {
    heard: (org, entries) => states.get(org)?.state.receive(entries),
    reopened: async () => {
      if (!(await isStill(epoch, collections.meta))) return false;
      for (const { state, ready, loaded } of states.values()) {
        if (loaded) await state.catchUp();
        // Its load began on the stream before; what was lost between the two is fetched once it is there.
        else void ready.then((late) => late.catchUp()).catch(() => undefined);
      }
      return true;
    },
    changed: () => {
      for (const listener of listeners) listener(tail.health);
    },
  });
  await tail.ready;
  // From here on a restore is heard of; one that was quicker than this start is not.
  if (!(await isStill(epoch, collections.meta))) {
    await tail.close();
    throw new RestoringError(new Date(clock.now()));
  }

  function load(org: string): Promise<FoldedState> {
    const known = states.get(org);
    if (known) return known.ready;
    const state = new FoldedState(org, reader, firstReferences, log);
    const ready = loadState(state, collections).then(
      () => {
        states.get(org)!.loaded = true;
        return state;
      },
      (error: unknown) => {
        // The next use tries again.
        states.delete(org);
        state.close();
        throw error;
      },
    );
    states.set(org, { state, ready, loaded: false });
    return ready;
  }

  return {
    epoch,
    ...restored,
    org: load,
    loaded: (org) => {
      const known = states.get(org);
      return known?.loaded ? known.state : undefined;
    },
    orgs: async () => (await collections.counters.find({}, { projection: { _id: 1 } }).toArray()).map(({ _id }) => _id),
    entries: (org, { from, to, limit }) => reader.entries(org, from, limit ?? 10_000, to),
    entriesOfRecord: reader.entriesOfRecord,
    get health() {
      return tail.health;
    },
    onHealth: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    writer: async (org) => {
      const state = await load(org);
      let writer = writers.get(org);
      if (!writer) {
        const replaced = (): boolean => tail.health.replaced === true;
        const database = connection.name;
        writer = createWriter({ state, reader, collections, client, database, process, replaced, log });
        writers.set(org, writer);
      }
      return writer;
    },
    close: async () => {
      listeners.clear();
      for (const writer of writers.values()) writer.close();
      for (const { state } of states.values()) state.close();
      await tail.close();
    },
  };
}
