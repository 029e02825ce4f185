import { type Collection, type Document, type MongoClient, UUID } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTestServer, type TestServer } from '../wire/open-test-server.ts';
import { connectRaw } from '../wire/raw-client.ts';

interface Account {
  readonly _id: string;
  n?: number;
  u?: number;
}

let test_: TestServer;
let client: MongoClient;
let accounts: Collection<Account>;

beforeAll(async () => {
  test_ = await openTestServer();
  client = test_.client;
});
afterAll(() => test_[Symbol.asyncDispose]());
beforeEach(async () => {
  await client.db('t').dropDatabase();
  accounts = client.db('t').collection<Account>('accounts');
  await accounts.createIndex({ u: 1 }, { unique: true, sparse: true });
  await accounts.insertMany([
    { _id: 'a', n: 1, u: 1 },
    { _id: 'b', n: 2, u: 2 },
  ]);
});

async function code(work: Promise<unknown>): Promise<{ code: unknown; labels: string[] }> {
  try {
    await work;
  } catch (error) {
    const failed = error as { code?: unknown; errorLabels?: string[] };
    return { code: failed.code, labels: failed.errorLabels ?? [] };
  }
  throw new Error('it was expected to fail');
}

describe('isolation', () => {
  test('a transaction reads as of its beginning and its own writes; others see them after the commit', async () => {
    await using session = client.startSession();
    session.startTransaction();
    expect(await accounts.findOne({ _id: 'a' }, { session })).toMatchObject({ n: 1 });
    await accounts.updateOne({ _id: 'b' }, { $inc: { n: 10 } });
    await accounts.insertOne({ _id: 'late', n: 5 });
    await accounts.insertOne({ _id: 'own', n: 6 }, { session });
    await accounts.deleteOne({ _id: 'a' }, { session });
    const inside = await accounts.find({}, { session }).sort({ _id: 1 }).toArray();
    expect(inside).toEqual([
      { _id: 'b', n: 2, u: 2 },
      { _id: 'own', n: 6 },
    ]);
    expect(await accounts.find({ n: { $gte: 6 } }, { session }).toArray()).toEqual([{ _id: 'own', n: 6 }]);
    expect(await accounts.findOne({ u: 1 }, { session })).toBeNull();
    expect((await accounts.find().sort({ _id: 1 }).toArray()).map(({ _id }) => _id)).toEqual(['a', 'b', 'late']);
    await session.commitTransaction();
    expect((await accounts.find().sort({ _id: 1 }).toArray()).map(({ _id }) => _id)).toEqual(['b', 'late', 'own']);
  });

  test('an abort leaves nothing behind, also of a collection that it created', async () => {
    await using session = client.startSession();
    session.startTransaction();
    await accounts.updateMany({}, { $set: { n: 0 } }, { session });
    await client.db('t').collection('fresh').insertOne({ x: 1 }, { session });
    expect(await client.db('t').collection('fresh').find({}, { session }).toArray()).toHaveLength(1);
    await session.abortTransaction();
    expect(await accounts.find({ n: 0 }).toArray()).toEqual([]);
    expect(await client.db('t').listCollections({ name: 'fresh' }).toArray()).toEqual([]);
  });

  test('a cursor opened in a transaction does not show writes that come after it', async () => {
    await accounts.insertMany(Array.from({ length: 200 }, (_, index) => ({ _id: `x${index}`, n: 100 })));
    await using session = client.startSession();
    session.startTransaction();
    const cursor = accounts.find({ n: 100 }, { session, batchSize: 50 });
    await cursor.next();
    await accounts.updateMany({}, { $set: { n: 7 } }, { session });
    expect(await cursor.toArray()).toHaveLength(199);
    await session.abortTransaction();
  });
});

describe('conflicts', () => {
  test('of two transactions that change one document the second gives way at once, labelled for a new try', async () => {
    await using first = client.startSession();
    await using second = client.startSession();
    first.startTransaction();
    second.startTransaction();
    await accounts.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session: first });
    const failed = await code(accounts.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session: second }));
    expect(failed).toEqual({ code: 112, labels: ['TransientTransactionError'] });
    await first.commitTransaction();
    expect(await accounts.findOne({ _id: 'a' })).toMatchObject({ n: 2 });
  });

  test('a document that was changed after the transaction began is a conflict', async () => {
    await using session = client.startSession();
    session.startTransaction();
    await accounts.findOne({}, { session });
    await accounts.updateOne({ _id: 'a' }, { $inc: { n: 1 } });
    expect(await code(accounts.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session }))).toMatchObject({ code: 112 });
  });

  test('two transactions that insert one unique key conflict, whatever their documents', async () => {
    await using first = client.startSession();
    await using second = client.startSession();
    first.startTransaction();
    second.startTransaction();
    await accounts.insertOne({ _id: 'x', u: 9 }, { session: first });
    expect(await code(accounts.insertOne({ _id: 'y', u: 9 }, { session: second }))).toMatchObject({ code: 112 });
    await first.abortTransaction();
    await accounts.insertOne({ _id: 'y', u: 9 });
  });

  test('a unique key can be handed over within a transaction, and not be taken twice', async () => {
    await using session = client.startSession();
    session.startTransaction();
    await accounts.deleteOne({ _id: 'a' }, { session });
    await accounts.insertOne({ _id: 'c', u: 1 }, { session });
    const twice = await code(accounts.insertOne({ _id: 'd', u: 1 }, { session }));
    expect(twice).toMatchObject({ code: 11000 });
    await session.abortTransaction().catch(() => {});
    expect(await accounts.findOne({ u: 1 })).toMatchObject({ _id: 'a' });
  });

  test('a plain write waits for the transaction that holds the document, and for no other', async () => {
    await using session = client.startSession();
    session.startTransaction();
    await accounts.updateOne({ _id: 'a' }, { $set: { n: 100 } }, { session });
    await accounts.updateOne({ _id: 'b' }, { $inc: { n: 1 } });
    let done = false;
    const waiting = accounts.updateOne({ _id: 'a' }, { $inc: { n: 1 } }).then(() => {
      done = true;
    });
    await accounts.findOne({ _id: 'b' });
    await accounts.insertOne({ _id: 'other' });
    expect(done).toBe(false);
    await session.commitTransaction();
    await waiting;
    expect(await accounts.findOne({ _id: 'a' })).toMatchObject({ n: 101 });
  });

  test('a plain write waits no longer than maxTimeMS', async () => {
    await using session = client.startSession();
    session.startTransaction();
    await accounts.updateOne({ _id: 'a' }, { $set: { n: 100 } }, { session });
    expect(await code(accounts.findOneAndUpdate({ _id: 'a' }, { $inc: { n: 1 } }, { maxTimeMS: 50 }))).toMatchObject({
      code: 50,
    });
    await session.abortTransaction();
    expect(await accounts.findOne({ _id: 'a' })).toMatchObject({ n: 1 });
  });

  test('writing without the session inside a transaction does not deadlock other documents', async () => {
    await using session = client.startSession();
    await session.withTransaction(async () => {
      await accounts.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session });
      await accounts.updateOne({ _id: 'b' }, { $inc: { n: 1 } });
    });
    expect((await accounts.find().sort({ _id: 1 }).toArray()).map(({ n }) => n)).toEqual([2, 3]);
  });

  test('counters that are read and written in transactions at once lose no step', async () => {
    const step = (): Promise<void> =>
      client.withSession((session) =>
        session.withTransaction(async () => {
          const { n } = (await accounts.findOne({ _id: 'a' }, { session })) as Account;
          await accounts.updateOne({ _id: 'a' }, { $set: { n: (n ?? 0) + 1 } }, { session });
        }),
      );
    await Promise.all(Array.from({ length: 25 }, step));
    expect(await accounts.findOne({ _id: 'a' })).toMatchObject({ n: 26 });
  });
});

test('what is moved in transactions is never seen half moved, by whatever index it is looked at', async () => {
  const places = client.db('t').collection<{ _id: number; n: number; group: number; u: number }>('places');
  await places.createIndex({ group: 1, n: 1 });
  await places.createIndex({ u: 1 }, { unique: true });
  await places.insertMany(
    Array.from({ length: 8 }, (_, index) => ({ _id: index, n: 100, group: index % 3, u: index })),
  );
  const move = (step: number): Promise<void> =>
    client.withSession((session) =>
      session.withTransaction(async () => {
        const [from, to] = [step % 8, (step * 5 + 3) % 8];
        if (from === to) return;
        await places.updateOne({ _id: from }, { $inc: { n: -1 }, $set: { group: step % 3 } }, { session });
        if (step % 4 > 0) {
          await places.updateOne({ u: to }, { $inc: { n: 1 } }, { session });
          return;
        }
        const place = await places.findOneAndDelete({ _id: to }, { session });
        if (place) await places.insertOne({ ...place, n: place.n + 1 }, { session });
      }),
    );
  const look = (): Promise<number[]> =>
    client.withSession((session) =>
      session.withTransaction(async () => {
        const all = await places.find({}, { session }).sort({ u: 1 }).toArray();
        const sums = [all.reduce((sum, { n }) => sum + n, 0), 0];
        for (const group of [0, 1, 2]) {
          for (const { n } of await places.find({ group }, { session }).toArray()) sums[1] = (sums[1] ?? 0) + n;
        }
        return sums;
      }),
    );
  const steps = Array.from({ length: 60 }, (_, step) => move(step));
  const seen = await Promise.all(Array.from({ length: 20 }, look));
  await Promise.all(steps);
  expect(seen).toEqual(Array.from({ length: 20 }, () => [800, 800]));
  expect(await look()).toEqual([800, 800]);
});

test('a document that cannot be indexed is refused at once, not at the commit', async () => {
  await accounts.createIndex({ x: 1, y: 1 });
  await using session = client.startSession();
  session.startTransaction();
  await accounts.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session });
  const crossed = { _id: 'c', x: [1], y: [2] } as Account;
  expect(await code(accounts.insertOne(crossed, { session }))).toMatchObject({ code: 171 });
  await session.abortTransaction().catch(() => {});
  expect(await accounts.findOne({ _id: 'a' })).toMatchObject({ n: 1 });
});

describe('ends', () => {
  test('an abandoned transaction expires, lets go of its documents and answers 251', async () => {
    const admin = client.db('admin');
    await admin.command({ setParameter: 1, transactionLifetimeLimitSeconds: 0.05 });
    await using session = client.startSession();
    session.startTransaction();
    await accounts.updateOne({ _id: 'a' }, { $set: { n: 100 } }, { session });
    await accounts.updateOne({ _id: 'a' }, { $inc: { n: 1 } });
    expect(await accounts.findOne({ _id: 'a' })).toMatchObject({ n: 2 });
    expect(await code(accounts.findOne({}, { session }))).toEqual({ code: 251, labels: ['TransientTransactionError'] });
    await admin.command({ setParameter: 1, transactionLifetimeLimitSeconds: 60 });
  });

  test('a commit that is repeated is still a commit, also after a restart', async () => {
    const lsid = { id: new UUID() };
    const end = (command: string): Document => ({ [command]: 1, $db: 'admin', lsid, txnNumber: 1n, autocommit: false });
    const insert = {
      insert: 'accounts',
      $db: 't',
      documents: [{ _id: 'kept' }],
      lsid,
      txnNumber: 1n,
      autocommit: false,
    };
    {
      using raw = await connectRaw(test_.server.port);
      expect(await raw.run({ ...insert, startTransaction: true })).toMatchObject({ ok: 1, n: 1 });
      expect(await raw.run(end('commitTransaction'))).toMatchObject({ ok: 1 });
      expect(await raw.run(end('commitTransaction'))).toMatchObject({ ok: 1 });
      expect(await raw.run(insert)).toMatchObject({ ok: 0, code: 256 });
    }
    test_ = await test_.restart();
    client = test_.client;
    using raw = await connectRaw(test_.server.port);
    expect(await raw.run(end('commitTransaction'))).toMatchObject({ ok: 1 });
    expect(await client.db('t').collection<Account>('accounts').countDocuments({ _id: 'kept' })).toBe(1);
    expect(await raw.run(end('abortTransaction'))).toMatchObject({ ok: 0, code: 256 });
  });

  test('what cannot be done in a transaction is refused with 263', async () => {
    await using session = client.startSession();
    session.startTransaction();
    expect(await code(client.db('t').command({ dropDatabase: 1 }, { session }))).toMatchObject({ code: 263 });
  });

  test('a client that goes away while it waits for a lock gives way', async () => {
    await using session = client.startSession();
    session.startTransaction();
    await accounts.updateOne({ _id: 'a' }, { $set: { n: 100 } }, { session });
    const other = await test_.connect();
    const waiting = other
      .db('t')
      .collection<Account>('accounts')
      .updateOne({ _id: 'a' }, { $set: { n: -1 } })
      .catch(() => {});
    await accounts.findOne();
    await other.close(true);
    await waiting;
    await session.commitTransaction();
    expect(await accounts.findOne({ _id: 'a' })).toMatchObject({ n: 100 });
  });
});
