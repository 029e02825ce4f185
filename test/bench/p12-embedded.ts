import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { MongoClient, ObjectId, type Document } from 'mongodb';
import { serialize } from 'bson';
import { startServerProcess } from '../../embedded-mongo/test/support/server-process.ts';
import { callsPerSecond, type Benchmark, type Contender, type Row } from './benchmark.ts';
import { openSqlitePeer } from './peers/sqlite.ts';

const reads = { must: { 1: 0.6, 20: 0.4 }, aim: { 1: 0.7, 20: 0.5 } } as const;
const writes = { must: { 1: 0.3, 20: 0.8 }, aim: { 1: 0.4, 20: 1.5 } } as const;
type Callers = 1 | 20;

/** A record of about 600 bytes, as an application would write it. */
function makeDocument(number: number): Document {
  return {
    _id: new ObjectId(),
    number,
    reference: `B-${number}`,
    branch: `branch-${number % 4}`,
    customer: { id: new ObjectId(), name: `Customer ${number % 12}`, contact: 'reception@customer.test' },
    status: ['collected', 'sealed', 'inTransit', 'atCenter', 'returned', 'delivered'][number % 6],
    parts: [
      { id: new ObjectId(), serial: randomBytes(8).toString('hex'), kind: 'pump', state: 'good', weight: 12.5 },
      { id: new ObjectId(), serial: randomBytes(8).toString('hex'), kind: 'valve', state: 'worn', weight: 3.25 },
    ],
    promised: new Date(1_800_000_000_000 + number * 60_000),
    updated: new Date(),
    rev: 1,
    note: 'Collected at the back entrance, two pallets, seal checked by the driver and by reception.',
  };
}

const benchmark: Benchmark = {
  id: 'P12',
  title: 'embedded database, durable single writes and reads',
  rounds: 5,
  async setup({ small, scratch, log }) {
    const size = small ? 2_000 : 100_000;
    const slice = small ? 100 : 1_000;
    const server = await startServerProcess({ dir: join(scratch, 'data') });
    const client = await new MongoClient(server.uri, { maxPoolSize: 20, minPoolSize: 20 }).connect();
    const sqlite = openSqlitePeer(join(scratch, 'peer.sqlite'));
    const database = client.db('bench');
    const documents = database.collection('documents');
    const written = database.collection('written');

    log(`loading ${size} documents`);
    await documents.createIndex({ number: 1 }, { unique: true });
    const ids: ObjectId[] = [];
    for (let start = 0; start < size; start += 1000) {
      const batch = Array.from({ length: Math.min(1000, size - start) }, (_, index) => makeDocument(start + index));
      ids.push(...batch.map((document) => document['_id'] as ObjectId));
      await documents.insertMany(batch);
    }
    const bytes = serialize(makeDocument(0));
    const anyNumber = (): number => Math.floor(Math.random() * size);
    let inserted = 0;

    const calls: Record<string, (caller: number) => Promise<unknown>> = {
      write: async () => await written.insertOne(makeDocument((inserted += 1))),
      'read by id': async () => await found(documents.findOne({ _id: ids[anyNumber()] as ObjectId })),
      'indexed find': async () => await found(documents.findOne({ number: anyNumber() })),
      ping: async () => await database.command({ ping: 1 }),
    };
    const contender = (name: string, callers: Callers): Contender => {
      const call = calls[name] as (caller: number) => Promise<unknown>;
      return {
        name: `${name}, ${callers}`,
        warmUp: async () => void (await callsPerSecond(callers, slice / 2, call)),
        measure: async () => ({ rate: await callsPerSecond(callers, slice, call) }),
      };
    };
    const byHand = (callers: Callers): Contender => ({
      name: `node:sqlite by hand, beside ${callers}`,
      measure: async () => ({ rate: sqlite.writeFor(slice, bytes) }),
    });
    const row = (what: string, callers: Callers, peer: string, bounds: typeof reads | typeof writes): Row => ({
      what: `${what}, ${callers === 1 ? '1 client' : `${callers} at once`}, over ${peer.split(',')[0]}`,
      unit: '/s',
      subject: { contender: `${what}, ${callers}`, figure: 'rate' },
      peer: { contender: peer, figure: 'rate' },
      must: { atLeast: bounds.must[callers] },
      aim: { atLeast: bounds.aim[callers] },
    });

    return {
      contenders: ([1, 20] as const).flatMap((callers) => [
        contender('write', callers),
        byHand(callers),
        contender('read by id', callers),
        contender('ping', callers),
        contender('indexed find', callers),
      ]),
      rows: ([1, 20] as const).flatMap((callers) => [
        row('write', callers, `node:sqlite by hand, beside ${callers}`, writes),
        row('read by id', callers, `ping, ${callers}`, reads),
        row('indexed find', callers, `ping, ${callers}`, reads),
      ]),
      notes: () => [
        `${size.toLocaleString('en')} documents of ${bytes.byteLength} bytes; each write is on disk before it is answered, ours and the peer's.`,
        'Client and server share the cores: with 20 at once the client itself is most of the work.',
      ],
      async [Symbol.asyncDispose]() {
        await client.close();
        sqlite.close();
        await server.stop();
      },
    };
  },
};
export default benchmark;

/** A read that finds nothing would be fast for the wrong reason. */
async function found(document: Promise<unknown>): Promise<void> {
  if ((await document) === null) throw new Error('a document that was written was not found');
}
