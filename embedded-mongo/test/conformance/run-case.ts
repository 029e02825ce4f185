import type { Document } from 'bson';
import type { MongoClient } from 'mongodb';
import { Mismatch } from './failures.ts';
import { Entities } from './entities.ts';
import { assertEvents } from './events.ts';
import { assertMatches } from './match.ts';
import { execute } from './operations/execute.ts';
import type { CaseState } from './operations/test-runner.ts';
import type { CollectionData, SpecFile, SpecTest } from './spec.ts';

/** What cases run against. */
export interface Target {
  uri: string;
  /** A client of the runner's own, connected for as long as the cases run. */
  internal: MongoClient;
  /** After how many milliseconds a case counts as hanging. */
  timeoutMs: number;
}

/**
 * Runs one case from its initial data to its outcome, and leaves neither clients nor fail points behind.
 *
 * @throws Error that says which expectation did not hold
 */
export async function runCase(spec: SpecFile, test: SpecTest, target: Target): Promise<void> {
  const { internal } = target;
  const entities = new Entities(target.uri);
  const state: CaseState = { entities, internal, failPoints: new Set() };
  try {
    await internal.db('admin').command({ killAllSessions: [] });
    for (const data of spec.initialData ?? []) await putData(internal, data);
    await withTimeout(runSteps(spec, test, state), target.timeoutMs);
  } finally {
    for (const name of state.failPoints) {
      await internal.db('admin').command({ configureFailPoint: name, mode: 'off' });
    }
    await entities.dispose();
  }
  for (const data of test.outcome ?? []) await assertOutcome(internal, data);
}

async function runSteps(spec: SpecFile, test: SpecTest, state: CaseState): Promise<void> {
  const { entities } = state;
  await entities.create(spec.createEntities ?? []);
  for (const operation of test.operations) await execute(operation, state);
  entities.closeLogs();
  for (const expected of test.expectEvents ?? []) assertEvents(expected, entities.log(expected.client), entities);
}

async function putData(client: MongoClient, data: CollectionData): Promise<void> {
  const db = client.db(data.databaseName, { writeConcern: { w: 'majority' } });
  await db.dropCollection(data.collectionName);
  if (data.documents.length === 0 || data.createOptions !== undefined) {
    await db.createCollection(data.collectionName, data.createOptions ?? {});
  }
  if (data.documents.length > 0) await db.collection<Document>(data.collectionName).insertMany(data.documents);
}

/** The documents themselves, no more and no fewer, and no rule stands for a value. */
async function assertOutcome(client: MongoClient, data: CollectionData): Promise<void> {
  const collection = client.db(data.databaseName).collection(data.collectionName);
  const found = await collection.find({}, { sort: { _id: 1 }, readConcern: { level: 'local' } }).toArray();
  const context = {
    entity: (): never => {
      throw new Mismatch('an outcome names no entities');
    },
    lsid: (): never => {
      throw new Mismatch('an outcome names no sessions');
    },
  };
  assertMatches(data.documents, found, context, false, `outcome of ${data.databaseName}.${data.collectionName}`);
}

async function withTimeout(work: Promise<void>, ms: number): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Mismatch(`not done after ${ms} ms`)), ms);
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // After a time-out the steps go on until their clients are closed, and then fail: nobody is left to hear it.
    work.catch(() => undefined);
  }
}
