import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { MongoClient, ObjectId, type Document } from 'mongodb';
import { serialize } from 'bson';
import { startServerProcess } from '../../embedded-mongo/test/support/server-process.ts';
import { callers, takingTurns, type Benchmark, type Contender, type Row } from './benchmark.ts';
import { openSqlitePeer } from './peers/sqlite.ts';

const bounds = {
  reads: { must: { 1: 0.6, 20: 0.4 }, aim: { 1: 0.7, 20: 0.5 } },
  writes: { must: { 1: 0.3, 20: 0.8 }, aim: { 1: 0.4, 20: 1.5 } },
} as const;
type Clients = 1 | 20;

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
  rounds: 9,
  async setup({ small, scratch, log }) {
    const size = small ? 2_000 : 100_000;
    // Milliseconds of each thing in a round, in turns.
    const span = small ? 120 : 1_000;
    const slice = 40;
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
    // What is written is made beforehand: making it is not what is measured.
    const templates = Array.from({ length: 500 }, (_, number) => makeDocument(number));
    let inserted = 0;

    const write = async (): Promise<unknown> =>
      await written.insertOne({ ...templates[(inserted += 1) % templates.length], _id: new ObjectId() });
    const byId = async (): Promise<void> => await found(documents.findOne({ _id: ids[anyNumber()] as ObjectId }));
    const indexed = async (): Promise<void> => await found(documents.findOne({ number: anyNumber() }));
    const ping = async (): Promise<unknown> => await database.command({ ping: 1 });

    const writing = (clients: Clients): Contender => {
      const things = { ours: callers(clients, write), peer: (ms: number) => sqlite.writeFor(ms, bytes) };
      return {
        name: `writes, ${clients}`,
        warmUp: async () => void (await takingTurns(things, span / 2, slice)),
        measure: async () => await takingTurns(things, span, slice),
      };
    };
    const reading = (clients: Clients): Contender => {
      const things = { byId: callers(clients, byId), ping: callers(clients, ping), indexed: callers(clients, indexed) };
      return {
        name: `reads, ${clients}`,
        warmUp: async () => void (await takingTurns(things, span / 2, slice)),
        measure: async () => await takingTurns(things, span, slice),
      };
    };
    const row = (what: string, kind: 'writes' | 'reads', clients: Clients, ours: string, peer: string): Row => ({
      what: `${what}, ${clients === 1 ? '1 client' : `${clients} clients`}`,
      unit: '/s',
      subject: { contender: `${kind}, ${clients}`, figure: ours },
      peer: { contender: `${kind}, ${clients}`, figure: peer },
      must: { atLeast: bounds[kind].must[clients] },
      aim: { atLeast: bounds[kind].aim[clients] },
    });

    return {
      contenders: ([1, 20] as const).flatMap((clients) => [writing(clients), reading(clients)]),
      rows: ([1, 20] as const).flatMap((clients) => [
        row('durable insert over a commit by hand', 'writes', clients, 'ours', 'peer'),
        row('read by id over ping', 'reads', clients, 'byId', 'ping'),
        row('indexed find over ping', 'reads', clients, 'indexed', 'ping'),
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
