import type { Document } from 'bson';
import type { ClientSession, MongoClient } from 'mongodb';
import { setTimeout as delay } from 'node:timers/promises';
import { Mismatch } from '../failures.ts';
import type { Entities } from '../entities.ts';
import { assertEvents, type EventLog } from '../events.ts';
import { show } from '../match.ts';
import type { EntityDescription, ExpectedClientEvents } from '../spec.ts';
import type { Handlers } from './handler.ts';

/** What the operations of the runner itself act on. */
export interface CaseState {
  entities: Entities;
  /** The runner's own client, which no case observes. */
  internal: MongoClient;
  /** Fail points to be switched off after the case. */
  failPoints: Set<string>;
}

/** Operations on `testRunner`: fail points and assertions. */
export const testRunnerOperations: Handlers<CaseState> = {
  createEntities: async ({ entities }, { entities: descriptions }) =>
    await entities.create(descriptions as EntityDescription[]),
  failPoint: async ({ entities, failPoints }, { client, failPoint }) => {
    failPoints.add((failPoint as Document)['configureFailPoint'] as string);
    await entities
      .client(client as string)
      .db('admin')
      .command(failPoint as Document);
  },
  targetedFailPoint: async ({ failPoints }, { session, failPoint }) => {
    const target = session as ClientSession;
    if (!target.isPinned) throw new Mismatch('the session is not pinned to a server');
    failPoints.add((failPoint as Document)['configureFailPoint'] as string);
    await (target as unknown as { client: MongoClient }).client.db('admin').command(failPoint as Document);
  },
  assertSessionPinned: async (_state, { session }) =>
    check((session as ClientSession).isPinned, 'the session is not pinned'),
  assertSessionUnpinned: async (_state, { session }) =>
    check(!(session as ClientSession).isPinned, 'the session is pinned'),
  assertSessionDirty: async (_state, { session }) =>
    check(isDirty(session as ClientSession), 'the session is not dirty'),
  assertSessionNotDirty: async (_state, { session }) =>
    check(!isDirty(session as ClientSession), 'the session is dirty'),
  assertSessionTransactionState: async (_state, { session, state }) => {
    const found = transactionState(session as ClientSession);
    check(found === state, `the transaction is ${found}, not ${String(state)}`);
  },
  assertSameLsidOnLastTwoCommands: async ({ entities }, { client }) => {
    const [older, newer] = lastTwoLsids(entities.log(client as string));
    check(older === newer, `different sessions: ${older}, ${newer}`);
  },
  assertDifferentLsidOnLastTwoCommands: async ({ entities }, { client }) => {
    const [older, newer] = lastTwoLsids(entities.log(client as string));
    check(older !== newer, `the same session: ${older}`);
  },
  assertCollectionExists: async ({ internal }, { databaseName, collectionName }) =>
    check(await hasCollection(internal, databaseName, collectionName), 'the collection is not there'),
  assertCollectionNotExists: async ({ internal }, { databaseName, collectionName }) =>
    check(!(await hasCollection(internal, databaseName, collectionName)), 'the collection is there'),
  assertIndexExists: async ({ internal }, { databaseName, collectionName, indexName }) =>
    check(await hasIndex(internal, databaseName, collectionName, indexName), 'the index is not there'),
  assertIndexNotExists: async ({ internal }, { databaseName, collectionName, indexName }) =>
    check(!(await hasIndex(internal, databaseName, collectionName, indexName)), 'the index is there'),
  assertEventCount: async ({ entities }, { client, event, count }) => {
    const found = countEvents(entities, client as string, event as Document);
    check(found === count, `${found} events, not ${String(count)}`);
  },
  waitForEvent: async ({ entities }, { client, event, count }) => {
    while (countEvents(entities, client as string, event as Document) < (count as number)) await delay(5);
  },
  wait: async (_state, { ms }) => await delay(ms as number),
};

function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new Mismatch(otherwise);
}

/** The driver has no public word for a session that will not be used again. */
function isDirty(session: ClientSession): boolean {
  const { serverSession } = session as unknown as { serverSession: { isDirty: boolean } };
  return serverSession.isDirty;
}

function transactionState(session: ClientSession): string {
  const names: Record<string, string> = {
    NO_TRANSACTION: 'none',
    STARTING_TRANSACTION: 'starting',
    TRANSACTION_IN_PROGRESS: 'in_progress',
    TRANSACTION_COMMITTED: 'committed',
    TRANSACTION_COMMITTED_EMPTY: 'committed',
    TRANSACTION_ABORTED: 'aborted',
  };
  const { transaction } = session as unknown as { transaction: { state: string } };
  return names[transaction.state] ?? transaction.state;
}

function lastTwoLsids(log: EventLog): [string, string] {
  const lsids = log
    .commands()
    .slice(-2)
    .map((command) => command['lsid'] as Document | undefined);
  if (lsids.length < 2 || lsids.includes(undefined))
    throw new Mismatch('fewer than two commands with a session were observed');
  return lsids.map(show) as [string, string];
}

async function hasCollection(client: MongoClient, database: unknown, name: unknown): Promise<boolean> {
  const found = await client
    .db(database as string)
    .listCollections({ name }, { nameOnly: true })
    .toArray();
  return found.length > 0;
}

async function hasIndex(client: MongoClient, database: unknown, collection: unknown, name: unknown): Promise<boolean> {
  if (!(await hasCollection(client, database, collection))) return false;
  const indexes = await client
    .db(database as string)
    .collection(collection as string)
    .indexes();
  return indexes.some((index) => index.name === name);
}

function countEvents(entities: Entities, client: string, event: Document): number {
  return entities.log(client).events.filter((found) => {
    const expected: ExpectedClientEvents = { client, eventType: found.group, events: [event] };
    try {
      assertEvents(expected, { events: [found] } as unknown as EventLog, entities);
      return true;
    } catch (error) {
      if (error instanceof Mismatch) return false;
      throw error;
    }
  }).length;
}
