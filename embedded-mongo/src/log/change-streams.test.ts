import type { ChangeStream, Document, MongoClient, ResumeToken, Timestamp } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTestServer, type TestServer } from '../wire/open-test-server.ts';
import { connectRaw } from '../wire/raw-client.ts';

let running: TestServer;
let client: MongoClient;
beforeAll(async () => {
  running = await openTestServer();
  client = running.client;
});
afterAll(() => running[Symbol.asyncDispose]());
beforeEach(() => client.db('t').dropDatabase());

const things = () => client.db('t').collection<{ _id: number; [field: string]: unknown }>('things');

/** The next events, as much of them as is asked for. */
async function take(stream: ChangeStream, count: number): Promise<Document[]> {
  const events: Document[] = [];
  while (events.length < count) events.push(await stream.next());
  return events;
}

/** How long a getMore waits for news: not long, where there are none. */
const soon = { maxAwaitTimeMS: 30 };

/** The stream exists on the server once its first batch has been asked for. */
async function opened(stream: ChangeStream): Promise<ChangeStream> {
  await stream.tryNext();
  return stream;
}

describe('events', () => {
  test('tell each sort of change, in the order in which they happened', async () => {
    await using stream = await opened(things().watch([], { ...soon, fullDocument: 'updateLookup' }));
    await things().insertOne({ _id: 1, a: 1, list: [1, 2, 3], sub: { x: 1, y: 1 } });
    await things().updateOne({ _id: 1 }, {
      $set: { a: 2, 'sub.x': 5 },
      $unset: { 'sub.y': 1 },
      $pop: { list: 1 },
    } as Document);
    await things().replaceOne({ _id: 1 }, { b: 1 });
    await things().deleteOne({ _id: 1 });
    const events = await take(stream, 4);
    expect(events.map(({ operationType }) => operationType as string)).toEqual([
      'insert',
      'update',
      'replace',
      'delete',
    ]);
    expect(events[0]).toMatchObject({
      ns: { db: 't', coll: 'things' },
      documentKey: { _id: 1 },
      fullDocument: { _id: 1, a: 1 },
    });
    expect(events[1]).toMatchObject({
      updateDescription: {
        updatedFields: { a: 2, 'sub.x': 5 },
        removedFields: ['sub.y'],
        truncatedArrays: [{ field: 'list', newSize: 2 }],
      },
    });
    expect(events[2]).toMatchObject({ fullDocument: { _id: 1, b: 1 } });
    expect(events[3]).toEqual(expect.not.objectContaining({ fullDocument: expect.anything() }));
    const times = events.map((event) => (event['clusterTime'] as Timestamp).toBigInt());
    expect(times).toEqual([...times].sort());
  });

  test('of a transaction come after its commit, together, with the session and number', async () => {
    await things().insertOne({ _id: 0 });
    await using stream = await opened(things().watch([], soon));
    await using session = client.startSession();
    session.startTransaction();
    await things().insertOne({ _id: 1 }, { session });
    await things().updateOne({ _id: 0 }, { $set: { a: 1 } }, { session });
    await things().insertOne({ _id: 2 });
    await session.commitTransaction();
    const events = await take(stream, 3);
    expect(events.map(({ documentKey }) => (documentKey as { _id: number })._id)).toEqual([2, 1, 0]);
    expect(events[0]).not.toHaveProperty('txnNumber');
    expect(events[1]).toMatchObject({ txnNumber: expect.any(Number) as number, lsid: { id: session.id?.id } });
    expect(events[2]?.['clusterTime']).toEqual(events[1]?.['clusterTime']);
  });

  test('of a transaction that was aborted never come', async () => {
    await things().insertOne({ _id: 0 });
    await using stream = await opened(things().watch([], soon));
    await using session = client.startSession();
    session.startTransaction();
    await things().insertOne({ _id: 1 }, { session });
    await session.abortTransaction();
    await things().insertOne({ _id: 2 });
    expect((await take(stream, 1))[0]).toMatchObject({ documentKey: { _id: 2 } });
  });

  test('show images before and after where the collection keeps them, and fail where they are required and missing', async () => {
    await client.db('t').createCollection('things', { changeStreamPreAndPostImages: { enabled: true } });
    await things().insertOne({ _id: 1, a: 1 });
    await using stream = await opened(
      things().watch([], { ...soon, fullDocument: 'required', fullDocumentBeforeChange: 'required' }),
    );
    await things().updateOne({ _id: 1 }, { $set: { a: 2 } });
    await things().updateOne({ _id: 1 }, { $set: { a: 3 } });
    await things().deleteOne({ _id: 1 });
    const events = await take(stream, 3);
    expect(events[0]).toMatchObject({ fullDocumentBeforeChange: { a: 1 }, fullDocument: { a: 2 } });
    expect(events[1]).toMatchObject({ fullDocumentBeforeChange: { a: 2 }, fullDocument: { a: 3 } });
    expect(events[2]).toMatchObject({ fullDocumentBeforeChange: { a: 3 } });
    const others = client.db('t').collection('others');
    await others.insertOne({ a: 1 });
    await using strict = await opened(others.watch([], { ...soon, fullDocumentBeforeChange: 'required' }));
    await others.updateOne({}, { $set: { a: 2 } });
    await expect(strict.next()).rejects.toMatchObject({ code: 47 });
  });

  test('pass through the stages behind, which may not touch the token', async () => {
    await things().insertOne({ _id: 0 });
    await using stream = await opened(
      things().watch(
        [{ $match: { 'fullDocument.keep': true } }, { $project: { operationType: 1, 'fullDocument._id': 1 } }],
        soon,
      ),
    );
    await things().insertMany([{ _id: 1 }, { _id: 2, keep: true }]);
    const [event] = await take(stream, 1);
    expect(event).toEqual({ _id: expect.anything(), operationType: 'insert', fullDocument: { _id: 2 } });
    await using bad = await opened(things().watch([{ $project: { _id: 0 } }], soon));
    await things().insertOne({ _id: 3 });
    await expect(bad.next()).rejects.toThrow();
    await expect(opened(things().watch([{ $group: { _id: 1 } }]))).rejects.toMatchObject({ code: 20 });
  });

  test('of a whole database and of everything come to those who watch these', async () => {
    await using database = await opened(client.db('t').watch([], soon));
    await using everything = await opened(client.watch([], soon));
    await client.db('elsewhere').collection('x').insertOne({ a: 1 });
    await things().insertOne({ _id: 1 });
    expect((await take(database, 1))[0]).toMatchObject({ ns: { db: 't', coll: 'things' } });
    expect((await take(everything, 2)).map(({ ns }) => (ns as { db: string }).db)).toEqual(['elsewhere', 't']);
    await client.db('elsewhere').dropDatabase();
  });
});

describe('the end of a stream', () => {
  test('comes with a drop, and only startAfter goes on behind it', async () => {
    await things().insertOne({ _id: 1 });
    await using stream = await opened(things().watch([], soon));
    await things().drop();
    const events = await take(stream, 2);
    expect(events.map(({ operationType }) => operationType as string)).toEqual(['drop', 'invalidate']);
    const token = events[1]?.['_id'] as ResumeToken;
    await expect(opened(things().watch([], { resumeAfter: token }))).rejects.toMatchObject({ code: 260 });
    await things().insertOne({ _id: 2 });
    await using next = things().watch([], { startAfter: token });
    expect((await take(next, 1))[0]).toMatchObject({ operationType: 'insert', documentKey: { _id: 2 } });
  });

  test('comes with a rename for the collection, and with dropDatabase for the database', async () => {
    await things().insertOne({ _id: 1 });
    await using collection = await opened(things().watch([], soon));
    await using database = await opened(client.db('t').watch([], soon));
    await things().rename('renamed');
    expect((await take(collection, 2)).map(({ operationType }) => operationType as string)).toEqual([
      'rename',
      'invalidate',
    ]);
    await client.db('t').dropDatabase();
    const rest = await take(database, 4);
    expect(rest.map(({ operationType }) => operationType as string)).toEqual([
      'rename',
      'drop',
      'dropDatabase',
      'invalidate',
    ]);
    expect(rest[0]).toMatchObject({ to: { db: 't', coll: 'renamed' } });
  });
});

describe('resuming', () => {
  test('goes on behind the token, also after a restart and from what lies on disk only', async () => {
    await using stream = await opened(things().watch([], soon));
    await things().insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3 }]);
    const [first] = await take(stream, 1);
    const token = first?.['_id'] as ResumeToken;
    running = await running.restart();
    client = running.client;
    await things().insertOne({ _id: 4 });
    await using again = things().watch([], { resumeAfter: token });
    expect((await take(again, 3)).map(({ documentKey }) => (documentKey as { _id: number })._id)).toEqual([2, 3, 4]);
    await using timed = things().watch([], { startAtOperationTime: first?.['clusterTime'] as Timestamp });
    expect((await take(timed, 4)).map(({ documentKey }) => (documentKey as { _id: number })._id)).toEqual([1, 2, 3, 4]);
  });

  test('an empty batch moves the token on, so that a quiet stream does not fall out of the log', async () => {
    await using stream = await opened(things().watch([], soon));
    const before = stream.resumeToken as { _data: string };
    await client.db('t').collection('others').insertOne({});
    await stream.tryNext();
    expect((stream.resumeToken as { _data: string })._data > before._data).toBe(true);
  });

  test('from a place that the log has dropped is refused with 286, and not to be tried again', async () => {
    await using small = await openTestServer({ logMaxBytes: 20_000 });
    const collection = small.client.db('t').collection('things');
    await collection.insertOne({});
    await using stream = await opened(collection.watch([], soon));
    await collection.insertOne({ first: true });
    const token = (await stream.next())._id as ResumeToken;
    for (let round = 0; round < 60; round++) await collection.insertOne({ text: 'x'.repeat(1000) });
    // The server still has the latest events in memory: only a restart shows what the file holds.
    await using restarted = await small.restart();
    const lost = restarted.client.db('t').collection('things').watch([], { resumeAfter: token });
    await expect(lost.next()).rejects.toMatchObject({ code: 286 });
    await lost.close();
  });

  test('with what is no token is refused', async () => {
    const garbage = things().watch([], { resumeAfter: { _data: 'garbage' } });
    await expect(garbage.next()).rejects.toMatchObject({ code: 260 });
    await garbage.close();
  });
});

test('killCursors wakes a getMore that waits', async () => {
  await things().insertOne({ _id: 1 });
  using raw = await connectRaw(running.server.port);
  using killer = await connectRaw(running.server.port);
  const pipeline = [{ $changeStream: {} }];
  const reply = await raw.run({ aggregate: 'things', $db: 't', pipeline, cursor: {} });
  const { id } = reply['cursor'] as { id: bigint };
  raw.send({ getMore: id, $db: 't', collection: 'things', maxTimeMS: 60_000 });
  expect(await killer.run({ killCursors: 'things', $db: 't', cursors: [id] })).toMatchObject({ cursorsKilled: [id] });
  expect(await raw.reply()).toMatchObject({ ok: 0, code: 237 });
});

test('a getMore without news waits as long as it was told, then answers empty with a token', async () => {
  using raw = await connectRaw(running.server.port);
  const reply = await raw.run({ aggregate: 'things', $db: 't', pipeline: [{ $changeStream: {} }], cursor: {} });
  const { id } = reply['cursor'] as { id: bigint };
  const started = performance.now();
  const empty = await raw.run({ getMore: id, $db: 't', collection: 'things', maxTimeMS: 120 });
  expect(performance.now() - started).toBeGreaterThan(100);
  expect(empty['cursor']).toMatchObject({
    nextBatch: [],
    id,
    postBatchResumeToken: { _data: expect.any(String) as string },
  });
});
