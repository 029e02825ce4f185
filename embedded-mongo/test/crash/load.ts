import {
  MongoBulkWriteError,
  MongoError,
  MongoServerError,
  ObjectId,
  type ClientBulkWriteModel,
  type Db,
  type Document,
  type MongoClient,
} from 'mongodb';
import { below } from './random.ts';
import type { History, Knowledge } from './history.ts';

/** Accounts that transfers move between. */
export const accounts = 12;
/** What each starts with. */
export const opening = 1000;
/** Values that must be unique in the collection `unique`. */
export const uniqueKeys = 12;

/** What every life of the process finds or makes: accounts with their opening balance, indexes. */
export async function prepare(db: Db): Promise<void> {
  await db.collection('unique').createIndex({ key: 1 }, { unique: true });
  await db.collection('singles').createIndex({ worker: 1, at: 1 });
  for (const name of ['ledger', 'wholes', 'loose', 'counters']) await db.createCollection(name);
  const balances = Array.from({ length: accounts }, (_, number) => ({
    _id: number as unknown as ObjectId,
    balance: opening,
  }));
  await db.collection('accounts').insertMany(balances);
}

/**
 * The documents of one group, whose content is determined by their id: a torn one would not match. Some are large, so
 * that a life also sees the rarer things that a store does after so many bytes.
 */
export function groupDocument(id: string): { _id: string; body: string } {
  return { _id: id, body: id.repeat(id.endsWith('7') ? 4000 : 12) };
}

/** What the driver wants to know of collections in a bulk write. */
type Groups = { 'crash.wholes': { _id: string; body: string } };

type Step = (context: WorkerContext) => Promise<void>;

interface WorkerContext {
  client: MongoClient;
  db: Db;
  history: History;
  random: () => number;
  worker: number;
}

const steps: Step[] = [
  insertOne,
  insertOne,
  increment,
  increment,
  deleteOne,
  transfer,
  bulkInTransaction,
  bulkLoose,
  churnUnique,
];

/**
 * Writes in every way at once until it is told to stop, and records what was acknowledged. The driver's own retries go
 * on across a restart: what they are told counts as much as any other answer.
 *
 * @param stopped - asked before each step
 * @param onAcknowledged - called after each acknowledgement
 * @throws Error that a server gave and that no kill explains
 */
export async function load(
  client: MongoClient,
  history: History,
  random: () => number,
  workers: number,
  stopped: () => boolean,
  onAcknowledged: () => void,
): Promise<void> {
  const db = client.db('crash');
  const work = async (worker: number): Promise<void> => {
    while (!stopped()) {
      const step = steps[below(random, steps.length)] as Step;
      try {
        await step({ client, db, history, random, worker });
      } catch (error) {
        if (!isNetworkError(error)) throw error;
        // The step stays unknown, and the next one has its own luck.
        continue;
      }
      history.acknowledged += 1;
      onAcknowledged();
    }
  };
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));
}

/** Whether an error says only that the server was gone, also where the driver wraps it. */
function isNetworkError(error: unknown): boolean {
  if (error instanceof MongoBulkWriteError) return typeof error.code !== 'number';
  if (error instanceof MongoServerError) return false;
  // A socket that breaks while the driver writes to it comes up as the system's own error.
  return error instanceof MongoError || (error as NodeJS.ErrnoException).syscall === 'write';
}

async function insertOne({ db, history, worker }: WorkerContext): Promise<void> {
  const id = new ObjectId().toHexString();
  const document = { _id: id, worker, at: history.acknowledged, body: id.repeat(16), parts: [{ id, state: 'good' }] };
  const known: { document: Document; knowledge: Knowledge } = { document, knowledge: 'unknown' };
  history.singles.set(id, known);
  await db.collection<{ _id: string }>('singles').insertOne(document);
  known.knowledge = 'acknowledged';
}

/** Each worker has a counter of its own, so that the value tells exactly which increments happened. */
async function increment({ db, history, random, worker }: WorkerContext): Promise<void> {
  const counter = history.counter(worker);
  counter.unknown += 1;
  const filter = { _id: worker as unknown as ObjectId };
  const change = { $inc: { n: 1 } };
  if (random() < 0.5) await db.collection('counters').updateOne(filter, change, { upsert: true });
  else await db.collection('counters').findOneAndUpdate(filter, change, { upsert: true });
  counter.unknown -= 1;
  counter.acknowledged += 1;
}

async function deleteOne({ db, history, random }: WorkerContext): Promise<void> {
  const candidates = [...history.singles]
    .slice(-40)
    .filter(([id, { knowledge }]) => knowledge === 'acknowledged' && !history.deleted.has(id));
  const id = candidates[below(random, candidates.length)]?.[0];
  if (id === undefined) return;
  history.deleted.set(id, 'unknown');
  await db.collection<{ _id: string }>('singles').deleteOne({ _id: id });
  history.deleted.set(id, 'acknowledged');
}

async function transfer({ client, db, history, random }: WorkerContext): Promise<void> {
  const id = new ObjectId().toHexString();
  const from = below(random, accounts);
  const to = (from + 1 + below(random, accounts - 1)) % accounts;
  const amount = 1 + below(random, 9);
  history.transfers.set(id, 'unknown');
  await client.withSession((session) =>
    session.withTransaction(async () => {
      const balances = db.collection<{ _id: number; balance: number }>('accounts');
      await balances.updateOne({ _id: from }, { $inc: { balance: -amount } }, { session });
      await db
        .collection<{ _id: string }>('ledger')
        .insertOne({ _id: id, from, to, amount } as { _id: string }, { session });
      await balances.updateOne({ _id: to }, { $inc: { balance: amount } }, { session });
    }),
  );
  history.transfers.set(id, 'acknowledged');
}

function groupOf(random: () => number): string[] {
  return Array.from({ length: 2 + below(random, 12) }, () => new ObjectId().toHexString());
}

async function bulkInTransaction({ client, history, random }: WorkerContext): Promise<void> {
  const group = { ids: groupOf(random), knowledge: 'unknown' as Knowledge };
  history.wholes.push(group);
  await client.withSession((session) =>
    session.withTransaction(async () => {
      const models = group.ids.map((id): ClientBulkWriteModel<Groups> => ({
        name: 'insertOne',
        namespace: 'crash.wholes',
        document: groupDocument(id),
      }));
      await client.bulkWrite<Groups>(models, { session });
    }),
  );
  group.knowledge = 'acknowledged';
}

async function bulkLoose({ db, history, random }: WorkerContext): Promise<void> {
  const group = { ids: groupOf(random), knowledge: 'unknown' as Knowledge };
  history.loose.push(group);
  await db
    .collection<{ _id: string }>('loose')
    .bulkWrite(group.ids.map((id) => ({ insertOne: { document: groupDocument(id) } })));
  group.knowledge = 'acknowledged';
}

/** Documents that come, go and change keys under a unique index; others' keys are often taken, which is refused. */
async function churnUnique({ db, random }: WorkerContext): Promise<void> {
  const unique = db.collection<{ _id: string; key: number }>('unique');
  const key = below(random, uniqueKeys);
  try {
    const dice = random();
    if (dice < 0.5) await unique.insertOne({ _id: new ObjectId().toHexString(), key });
    else if (dice < 0.75) await unique.deleteOne({ key });
    else await unique.updateOne({ key }, { $set: { key: below(random, uniqueKeys) } });
  } catch (error) {
    if (!(error instanceof MongoServerError && error.code === 11000)) throw error;
  }
}
