import type { Collection, Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTestServer, type TestServer } from '../wire/open-test-server.ts';

let running: TestServer;
let client: MongoClient;
let things: Collection<Document>;
beforeAll(async () => {
  running = await openTestServer({ ttlIntervalMs: 20 });
  client = running.client;
});
afterAll(() => running[Symbol.asyncDispose]());
beforeEach(async () => {
  await client.db('t').dropDatabase();
  things = client.db('t').collection('things');
});

async function stageOf(filter: Document, options: Document = {}): Promise<string> {
  const plan = await things.find(filter, options).explain('queryPlanner');
  const text = JSON.stringify(plan['queryPlanner'].winningPlan);
  return /"indexName":"([^"]+)"/.exec(text)?.[1] ?? (text.includes('IDHACK') ? 'IDHACK' : 'COLLSCAN');
}

describe('unique', () => {
  test('a second document of a key is refused, and the error names index, pattern and value', async () => {
    await things.createIndex({ 'who.name': 1, year: -1 }, { unique: true });
    await things.insertOne({ who: { name: 'x' }, year: 1 });
    await expect(things.insertOne({ who: { name: 'x' }, year: 1 })).rejects.toMatchObject({
      code: 11000,
      message:
        'E11000 duplicate key error collection: t.things index: who.name_1_year_-1 dup key: { who.name: "x", year: 1 }',
      keyPattern: { 'who.name': 1, year: -1 },
      keyValue: { 'who.name': 'x', year: 1 },
    });
    await things.insertOne({ who: { name: 'x' }, year: 2 });
    await expect(things.updateOne({ year: 2 }, { $set: { year: 1 } })).rejects.toMatchObject({ code: 11000 });
    expect(await things.countDocuments({ year: 2 })).toBe(1);
  });

  test('holds for each element of an array, and a document may repeat its own', async () => {
    await things.createIndex({ tags: 1 }, { unique: true });
    await things.insertOne({ tags: ['a', 'b', 'a'] });
    await expect(things.insertOne({ tags: ['c', 'b'] })).rejects.toMatchObject({ code: 11000 });
    expect(await things.find({ tags: 'c' }).toArray()).toEqual([]);
    await things.updateOne({}, { $pull: { tags: 'b' } } as Document);
    await things.insertOne({ tags: ['c', 'b'] });
  });

  test('a partial index binds only the documents it covers', async () => {
    await things.createIndex({ code: 1 }, { unique: true, partialFilterExpression: { open: true } });
    await things.insertMany([{ code: 1, open: true }, { code: 1, open: false }, { code: 1 }]);
    await expect(things.updateOne({ open: false }, { $set: { open: true } })).rejects.toMatchObject({ code: 11000 });
    expect(await stageOf({ code: 1, open: true })).toBe('code_1');
    expect(await stageOf({ code: 1 })).toBe('COLLSCAN');
  });

  test('missing and null are one key; a sparse index leaves missing ones out', async () => {
    await things.createIndex({ a: 1 }, { unique: true });
    await things.insertOne({ b: 1 });
    await expect(things.insertOne({ a: null })).rejects.toMatchObject({ code: 11000, keyValue: { a: null } });
    await things.dropIndex('a_1');
    await things.createIndex({ a: 1 }, { unique: true, sparse: true });
    await things.insertMany([{ b: 2 }, { b: 3 }]);
    expect(await things.countDocuments({ a: { $exists: false } })).toBe(3);
  });

  test('cannot be made over documents that clash, and leaves no index behind', async () => {
    await things.insertMany([{ a: 1 }, { a: 1 }]);
    await expect(things.createIndex({ a: 1 }, { unique: true })).rejects.toMatchObject({ code: 11000 });
    expect(await things.indexes()).toHaveLength(1);
  });

  test('with a collation holds what the collation takes for the same', async () => {
    await things.createIndex({ name: 1 }, { unique: true, collation: { locale: 'en', strength: 2 } });
    await things.insertMany([{ name: 'Anna' }, { name: 'Berta' }]);
    await expect(things.insertOne({ name: 'ANNA' })).rejects.toMatchObject({ code: 11000 });
    expect(await things.find({ name: 'anna' }).toArray()).toEqual([]);
    expect(await things.find({ name: 'anna' }).collation({ locale: 'en', strength: 2 }).toArray()).toHaveLength(1);
  });
});

describe('choice', () => {
  test('equality, range, $in, sort and prefix use an index; what it cannot answer looks at everything', async () => {
    await things.createIndex({ a: 1, b: -1 });
    await things.insertMany(Array.from({ length: 50 }, (_, index) => ({ a: index % 5, b: index })));
    expect(await stageOf({ a: 1 })).toBe('a_1_b_-1');
    expect(await stageOf({ a: { $in: [1, 2] }, b: { $gt: 10 } })).toBe('a_1_b_-1');
    expect(await stageOf({}, { sort: { a: -1, b: 1 } })).toBe('a_1_b_-1');
    expect(await stageOf({}, { sort: { a: 1, b: 1 } })).toBe('COLLSCAN');
    expect(await stageOf({ b: 1 })).toBe('COLLSCAN');
    expect(await stageOf({ _id: 1 })).toBe('IDHACK');
    expect(await stageOf({ _id: { $gt: 1 } })).toBe('_id_');
    const stats = await things
      .find({ a: 1, b: { $lt: 20 } })
      .sort({ b: -1 })
      .explain('executionStats');
    expect(stats['executionStats']).toMatchObject({ nReturned: 4, totalDocsExamined: 4 });
    const found = await things.find({ a: 1 }).sort({ b: -1 }).project({ _id: 0, b: 1 }).limit(3).toArray();
    expect(found.map(({ b }) => b as number)).toEqual([46, 41, 36]);
  });

  test('a hidden index is kept up to date and not chosen; a hint takes any', async () => {
    await things.createIndex({ a: 1 }, { hidden: true });
    await things.insertOne({ a: 1 });
    expect(await stageOf({ a: 1 })).toBe('COLLSCAN');
    await client.db('t').command({ collMod: 'things', index: { name: 'a_1', hidden: false } });
    expect(await stageOf({ a: 1 })).toBe('a_1');
    await things.createIndex({ b: 1 });
    expect(await stageOf({ a: 1 }, { hint: 'b_1' })).toBe('b_1');
    await expect(things.find({ a: 1 }, { hint: 'nope' }).toArray()).rejects.toMatchObject({ code: 2 });
  });
});

test('a long list of ids, and of other keys, is looked up one by one', async () => {
  await things.createIndex({ a: 1 });
  await things.insertMany(Array.from({ length: 3000 }, (_, index) => ({ _id: index as never, a: index })));
  const wanted = Array.from({ length: 1000 }, (_, index) => index * 2);
  for (const path of ['_id', 'a']) {
    const stats = await things.find({ [path]: { $in: wanted } }).explain('executionStats');
    expect(stats['executionStats']).toMatchObject({ nReturned: 1000, totalDocsExamined: 1000 });
  }
});

test('under a collation ids are compared by it too', async () => {
  const named = await client
    .db('t')
    .createCollection<{ _id: string }>('named', { collation: { locale: 'en', strength: 2 } });
  await named.insertMany([{ _id: 'Anna' }, { _id: 'Berta' }]);
  expect(await named.find({ _id: 'ANNA' }).toArray()).toEqual([{ _id: 'Anna' }]);
  expect(await named.find({ _id: 'ANNA' }, { collation: { locale: 'simple' } }).toArray()).toEqual([]);
});

describe('definitions', () => {
  test('asking again for the same is no error; another name 85, another meaning of a name 86, options 85', async () => {
    await things.createIndex({ a: 1 });
    await things.createIndex({ a: 1 });
    expect(await things.indexes()).toHaveLength(2);
    await expect(things.createIndex({ a: 1 }, { name: 'other' })).rejects.toMatchObject({ code: 85 });
    await expect(things.createIndex({ b: 1 }, { name: 'a_1' })).rejects.toMatchObject({ code: 86 });
    await expect(things.createIndex({ a: 1 }, { unique: true })).rejects.toMatchObject({ code: 86 });
    await expect(things.createIndex({ a: 1 }, { expireAfterSeconds: 5 })).rejects.toMatchObject({ code: 85 });
    await expect(things.createIndex({ a: 'text' })).rejects.toMatchObject({ code: 67 });
    await expect(things.dropIndex('nope')).rejects.toMatchObject({ code: 27 });
    await expect(things.dropIndex('_id_')).rejects.toMatchObject({ code: 72 });
  });

  test('two different arrays of a document cannot be indexed together', async () => {
    await things.createIndex({ a: 1, b: 1 });
    await expect(things.insertOne({ a: [1, 2], b: [1, 2] })).rejects.toMatchObject({ code: 171 });
    expect(await things.countDocuments()).toBe(0);
  });

  test('indexes and their meaning are there after a restart', async () => {
    await things.createIndex({ a: 1 }, { unique: true, partialFilterExpression: { a: { $gt: 0 } } });
    await things.insertMany([{ a: 0 }, { a: 0 }, { a: 1 }]);
    running = await running.restart();
    client = running.client;
    things = client.db('t').collection('things');
    expect(await things.indexes()).toEqual([
      { v: 2, key: { _id: 1 }, name: '_id_' },
      { v: 2, key: { a: 1 }, name: 'a_1', unique: true, partialFilterExpression: { a: { $gt: 0 } } },
    ]);
    await expect(things.insertOne({ a: 1 })).rejects.toMatchObject({ code: 11000 });
    await things.insertOne({ a: 0 });
  });
});

test('documents whose time is over go, and no others', async () => {
  await things.createIndex({ at: 1 }, { expireAfterSeconds: 60 });
  await using stream = things.watch([{ $match: { operationType: 'delete' } }], { maxAwaitTimeMS: 30 });
  await stream.tryNext();
  await things.insertMany([
    { _id: 'old', at: new Date(Date.now() - 61_000) },
    { _id: 'young', at: new Date() },
    { _id: 'text', at: 'yesterday' },
    { _id: 'none' },
    { _id: 'one of several', at: [new Date(), new Date(0)] },
  ] as Document[]);
  const gone = [await stream.next(), await stream.next()].map(
    (event) => (event as unknown as { documentKey: { _id: string } }).documentKey._id,
  );
  expect(gone.sort()).toEqual(['old', 'one of several']);
  expect(await things.countDocuments()).toBe(3);
});
