import { type Document, UUID } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestServer, type TestServer } from '../wire/open-test-server.ts';
import { connectRaw } from '../wire/raw-client.ts';

let running: TestServer;
beforeAll(async () => {
  running = await openTestServer();
});
afterAll(() => running[Symbol.asyncDispose]());

async function twiceWithARestart(command: Document): Promise<[Document, Document, Document]> {
  const sent = { ...command, $db: 't', lsid: { id: new UUID() }, txnNumber: 4n };
  let first: Document;
  let again: Document;
  {
    using raw = await connectRaw(running.server.port);
    first = await raw.run(sent);
    again = await raw.run(sent);
  }
  running = await running.restart();
  using raw = await connectRaw(running.server.port);
  const afterRestart = await raw.run(sent);
  for (const reply of [first, again, afterRestart]) {
    delete reply['$clusterTime'];
    delete reply['operationTime'];
  }
  return [first, again, afterRestart];
}

test('a retried write is applied once and answered as the first time, also after a restart', async () => {
  const counters = (): ReturnType<typeof all> => all();
  const all = async (): Promise<Document[]> =>
    running.client.db('t').collection('counters').find().sort({ _id: 1 }).toArray();
  await running.client
    .db('t')
    .collection<Document>('counters')
    .insertMany([
      { _id: 1 as never, n: 0 },
      { _id: 2 as never, n: 0 },
    ]);

  const update = { q: { _id: 1 }, u: { $inc: { n: 1 } } };
  const updated = await twiceWithARestart({
    update: 'counters',
    updates: [update, { ...update, q: { _id: 2 } }, { ...update, q: { _id: 3 }, upsert: true }],
  });
  expect(updated[0]).toEqual({ n: 3, nModified: 2, upserted: [{ index: 2, _id: 3 }], ok: 1 });
  expect(updated[1]).toEqual(updated[0]);
  expect(updated[2]).toEqual(updated[0]);
  expect(await counters()).toEqual([
    { _id: 1, n: 1 },
    { _id: 2, n: 1 },
    { _id: 3, n: 1 },
  ]);

  const modified = await twiceWithARestart({
    findAndModify: 'counters',
    query: { _id: 1 },
    update: { $inc: { n: 1 } },
    new: true,
  });
  expect(modified[0]).toMatchObject({ value: { _id: 1, n: 2 }, lastErrorObject: { n: 1, updatedExisting: true } });
  expect(modified[1]).toEqual(modified[0]);
  expect(modified[2]).toEqual(modified[0]);

  const inserted = await twiceWithARestart({
    insert: 'counters',
    documents: [
      { _id: 4, n: 1 },
      { _id: 5, n: 1 },
    ],
  });
  expect(inserted).toEqual([
    { n: 2, ok: 1 },
    { n: 2, ok: 1 },
    { n: 2, ok: 1 },
  ]);
  const removed = await twiceWithARestart({ delete: 'counters', deletes: [{ q: { _id: 4 }, limit: 1 }] });
  expect(removed).toEqual([
    { n: 1, ok: 1 },
    { n: 1, ok: 1 },
    { n: 1, ok: 1 },
  ]);
  expect(await counters()).toEqual([
    { _id: 1, n: 2 },
    { _id: 2, n: 1 },
    { _id: 3, n: 1 },
    { _id: 5, n: 1 },
  ]);
});

test('a retry goes on behind the statements that were executed', async () => {
  using raw = await connectRaw(running.server.port);
  const sent = { insert: 'rest', $db: 't', lsid: { id: new UUID() }, txnNumber: 1n, documents: [{ _id: 1 }] };
  expect(await raw.run(sent)).toMatchObject({ n: 1 });
  expect(await raw.run({ ...sent, documents: [{ _id: 1 }, { _id: 2 }] })).toMatchObject({ n: 2, ok: 1 });
  expect(await running.client.db('t').collection('rest').countDocuments()).toBe(2);
});

test('an older number than the latest of the session is refused with 225', async () => {
  using raw = await connectRaw(running.server.port);
  const sent = { insert: 'old', $db: 't', lsid: { id: new UUID() }, txnNumber: 5n, documents: [{ _id: 1 }] };
  await raw.run(sent);
  expect(await raw.run({ ...sent, txnNumber: 4n })).toMatchObject({ ok: 0, code: 225 });
});

test('a write whose answer was lost is repeated by the driver and happens once', async () => {
  const client = await running.connect({ retryWrites: true });
  await client.db('admin').command({
    configureFailPoint: 'onPrimaryTransactionalWrite',
    mode: { times: 1 },
    data: { closeConnection: true },
  });
  const collection = client.db('t').collection<{ _id: string; n: number }>('lost');
  await collection.updateOne({ _id: 'x' }, { $inc: { n: 1 } }, { upsert: true });
  expect(await collection.findOne({ _id: 'x' })).toEqual({ _id: 'x', n: 1 });
});

test('a number that belongs to no session, or a multi update with one, is refused', async () => {
  using raw = await connectRaw(running.server.port);
  const updates = [{ q: {}, u: { $set: { a: 1 } }, multi: true }];
  expect(await raw.run({ update: 'x', $db: 't', txnNumber: 1n, updates })).toMatchObject({ ok: 0, code: 72 });
  expect(await raw.run({ update: 'x', $db: 't', lsid: { id: new UUID() }, txnNumber: 1n, updates })).toMatchObject({
    ok: 0,
    code: 72,
  });
});
