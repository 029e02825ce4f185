import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { Decimal128, Double, Int32, Long, MongoClient, type Document } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedMongo, startEmbeddedMongo } from '../src/index.ts';

let folder: string;
let server: EmbeddedMongo;
let client: MongoClient;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'indexes-agree-'));
  server = await startEmbeddedMongo({ dataDir: folder, synchronous: 'NORMAL' });
  client = await new MongoClient(server.uri).connect();
});

afterAll(async () => {
  await client.close();
  await server.close();
  rmSync(folder, { recursive: true });
});

const scalar = fc.oneof(
  { arbitrary: fc.integer({ min: 0, max: 5 }).map((n) => new Int32(n)), weight: 6 },
  fc.constantFrom<unknown>(
    new Double(2),
    new Double(2.5),
    new Double(Number.NaN),
    new Double(-0),
    new Double(Infinity),
    Long.fromNumber(3),
    new Decimal128('4.0'),
    new Decimal128('NaN'),
    null,
    '',
    'a',
    'A',
    'ab',
    'b',
    'B',
    'é',
    true,
    false,
    new Date(0),
    new Date(5000),
    { x: 1 },
    {},
  ),
);
const value = fc.oneof(
  { arbitrary: scalar, weight: 5 },
  fc.array(scalar, { maxLength: 3 }),
  fc.array(fc.array(scalar, { maxLength: 2 }), { maxLength: 2 }),
);
const nested = fc.oneof(
  { arbitrary: fc.record({ d: scalar }, { requiredKeys: [] }), weight: 3 },
  fc.array(fc.oneof(fc.record({ d: value }, { requiredKeys: [] }), scalar), { maxLength: 3 }),
  scalar,
);

/** Documents; `arrays` says whether some fields hold several values, which makes indexes multikey. */
const documents = (arrays: boolean) =>
  fc.array(
    fc.record(
      arrays
        ? { a: value, b: scalar, c: nested, e: scalar }
        : { a: scalar, b: scalar, c: fc.record({ d: scalar }), e: scalar },
      { requiredKeys: [] },
    ),
    { minLength: 5, maxLength: 30 },
  );

const path = fc.constantFrom('a', 'b', 'c.d', 'e', 'a.0', 'c');
const range = fc.record({ $gt: scalar, $gte: scalar, $lt: scalar, $lte: scalar }, { requiredKeys: [] });
const condition: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: scalar, weight: 3 },
  range.filter((operators) => Object.keys(operators).length > 0),
  fc.array(scalar, { maxLength: 4 }).map((list) => ({ $in: list })),
  fc.array(scalar, { maxLength: 2 }),
  scalar.map((operand) => ({ $ne: operand })),
  fc.boolean().map((exists) => ({ $exists: exists })),
  range.filter((operators) => Object.keys(operators).length > 0).map((operators) => ({ $elemMatch: operators })),
  fc.tuple(scalar, scalar).map(([low, other]) => ({ $gte: low, $nin: [other] })),
  fc.constant({ $regex: '^a' }),
  fc.constant({ $type: 'number' }),
  fc.constant({ $size: 2 }),
);
const simple = fc.array(fc.tuple(path, condition), { minLength: 1, maxLength: 3 }).map(Object.fromEntries);
const filter: fc.Arbitrary<Document> = fc.oneof(
  { arbitrary: simple, weight: 4 },
  fc.tuple(simple, simple).map(([left, right]) => ({ $and: [left, right] })),
  fc.tuple(simple, simple).map(([left, right]) => ({ $or: [left, right] })),
  fc.tuple(simple, simple).map(([left, right]) => ({ ...left, $nor: [right] })),
);
const sort = fc.constantFrom<Document>(
  { _id: 1 },
  { a: 1, _id: 1 },
  { b: -1, _id: 1 },
  { b: 1, e: 1, _id: 1 },
  { e: -1, b: -1, _id: 1 },
  { 'c.d': 1, _id: 1 },
);

const indexes: { key: Document; options?: Document }[] = [
  { key: { a: 1 } },
  { key: { b: -1 } },
  { key: { a: 1, b: -1 } },
  { key: { 'c.d': 1 } },
  { key: { b: 1, e: 1, _id: 1 } },
  { key: { e: 1 }, options: { sparse: true } },
  { key: { 'c.d': 1, e: 1 }, options: { partialFilterExpression: { e: { $gt: 1 } } } },
  { key: { b: 1, 'c.d': -1 }, options: { partialFilterExpression: { b: { $exists: true } } } },
];

let made = 0;
let viaIndex = 0;

test.each([
  { arrays: false, collation: undefined },
  { arrays: true, collation: undefined },
  { arrays: true, collation: { locale: 'en', strength: 2 } },
])(
  'indexes change how documents are found, never which: $arrays $collation',
  async ({ arrays, collation }) => {
    const db = client.db('agree');
    await fc.assert(
      fc.asyncProperty(
        documents(arrays),
        fc.shuffledSubarray(indexes, { minLength: 1, maxLength: 3 }),
        fc.array(fc.record({ filter, sort, skip: fc.nat(3), limit: fc.nat(4), loose: fc.boolean() }), {
          minLength: 10,
          maxLength: 10,
        }),
        async (docs, chosen, queries) => {
          const [plain, indexed] = [db.collection(`plain${++made}`), db.collection(`indexed${made}`)];
          if (collation) {
            for (const { collectionName } of [plain, indexed]) await db.createCollection(collectionName, { collation });
          }
          for (const { key, options } of chosen) await indexed.createIndex(key, options);
          for (const collection of [plain, indexed]) {
            await collection.insertMany(docs.map((doc, index) => ({ _id: index as never, ...doc })));
          }
          for (const { filter: wanted, sort: order, skip, limit, loose } of queries) {
            // A collation of the query's own, which is no index's.
            const options = loose ? { collation: { locale: 'en', strength: 1 } } : {};
            const ids = async (collection: typeof plain) =>
              (
                await collection
                  .find(wanted, { ...options, sort: order, skip, limit, projection: { _id: 1 } })
                  .toArray()
              ).map((doc) => doc._id as unknown);
            const outcome = async (collection: typeof plain) => {
              try {
                return [
                  await ids(collection),
                  (await collection.find(wanted, { ...options, projection: { _id: 1 } }).toArray())
                    .map((doc) => Number(doc._id as unknown))
                    .sort((left, right) => left - right),
                  await collection.countDocuments(wanted, options),
                  (
                    await collection
                      .aggregate([{ $match: wanted }, { $sort: order }, { $project: { _id: 1 } }], options)
                      .toArray()
                  ).map((doc) => doc['_id'] as unknown),
                ];
              } catch (error) {
                return (error as { code?: number }).code;
              }
            };
            expect({ wanted, order, found: await outcome(indexed) }).toEqual({
              wanted,
              order,
              found: await outcome(plain),
            });
          }
          // Otherwise the comparison would say nothing.
          const path = Object.keys(chosen[0]?.key ?? {})[0] as string;
          const explained = await indexed.find({ [path]: { $gt: 1 } }).explain();
          if (JSON.stringify(explained).includes('IXSCAN')) viaIndex++;
          await plain.drop();
          await indexed.drop();
        },
      ),
      { numRuns: Number(process.env['FUZZ_SEEDS'] ?? 15) },
    );
    expect(viaIndex).toBeGreaterThan(0);
  },
  600_000,
);
