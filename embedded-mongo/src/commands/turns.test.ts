import { expect, test } from 'vitest';
import { openTestServer } from '../wire/open-test-server.ts';

test('a write of very many documents lets others have their turn, and looks again at what they changed', async () => {
  await using running = await openTestServer();
  const things = running.client.db('t').collection<{ _id: number; n: number; skip?: boolean }>('things');
  const count = 20_000;
  await things.insertMany(Array.from({ length: count }, (_, index) => ({ _id: index, n: 0 })));
  const other = await running.connect();
  const others = other.db('t').collection<{ _id: number; n: number; skip?: boolean }>('things');
  await others.findOne();
  let ended = false;
  const all = things.updateMany({ skip: { $ne: true } }, { $inc: { n: 1 } }).then((result) => {
    ended = true;
    return result;
  });
  // The last document is taken out before its turn has come.
  await others.updateOne({ _id: count - 1 }, { $set: { skip: true } });
  const early = await others.findOne({ _id: count - 1 });
  expect(ended).toBe(false);
  const { matchedCount, modifiedCount } = await all;
  expect(early).toMatchObject({ n: 0, skip: true });
  expect({ matchedCount, modifiedCount }).toEqual({ matchedCount: count - 1, modifiedCount: count - 1 });
  expect(await things.countDocuments({ n: 1 })).toBe(count - 1);

  const { deletedCount } = await things.deleteMany({ n: 1 });
  expect(deletedCount).toBe(count - 1);
  expect(await things.find().toArray()).toEqual([{ _id: count - 1, n: 0, skip: true }]);
});

test('within a transaction it is one turn', async () => {
  await using running = await openTestServer();
  const things = running.client.db('t').collection<{ _id: number; n: number }>('things');
  await things.insertMany(Array.from({ length: 2500 }, (_, index) => ({ _id: index, n: 0 })));
  await using session = running.client.startSession();
  await session.withTransaction(() => things.updateMany({}, { $set: { n: 1 } }, { session }));
  expect(await things.countDocuments({ n: 1 })).toBe(2500);
});
