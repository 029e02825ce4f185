import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { viewOf } from '@opsboard/shared/protocol/audiences';
import type { Audience } from '@opsboard/shared/protocol/audiences';
import { decodeSnapshot } from '@opsboard/shared/protocol/snapshot';
import type { Snapshot } from '@opsboard/shared/protocol/snapshot';
import { startServerProcess } from '../../embedded-mongo/test/support/server-process.ts';
import { openJournal } from '../../server/src/journal/journal.ts';
import { openLive } from '../../server/src/live/live.ts';
import { systemClock } from '../../server/src/platform/clock.ts';
import { newId } from '../../server/src/platform/ids.ts';
import { createLog } from '../../server/src/platform/log.ts';
import { connectMongo } from '../../server/src/platform/mongo.ts';
import { until } from '../support/until.ts';
import type { Benchmark } from './benchmark.ts';
import { newDirectory, someBatches } from './board-data.ts';

const benchmark: Benchmark = {
  id: 'P5',
  title: 'a cold board: server time and bytes',
  rounds: 7,
  async setup({ small, scratch, log }) {
    const count = small ? 500 : 10_000;
    const database = await startServerProcess({ dir: join(scratch, 'data') });
    const quiet = createLog('bench', 'silent');
    const url = new URL(database.uri);
    url.pathname = '/bench';
    const connection = await connectMongo(url.href, quiet);
    const journal = await openJournal({ connection, clock: systemClock, log: quiet });
    const org = newId();
    const rows = someBatches(newDirectory(org, Date.now()), count, Date.now());
    log(`loading ${count} batches`);
    const batches = connection.collection('batches');
    for (let i = 0; i < count; i += 1_000) {
      await batches.insertMany(rows.slice(i, i + 1_000).map(({ id, ...fields }) => ({ _id: id as never, ...fields })));
    }
    const audience: Audience = { org, role: 'operations_manager' };
    const state = await journal.org(org);
    const plain = JSON.stringify(rows.map((row) => viewOf(audience, 'batch', row)));
    // The quality that snapshots are compressed with.
    const plainBytes = brotliCompressSync(plain, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length },
    }).length;

    /** A process that has the state in memory and no snapshot yet: every round has a new one. */
    const cold = async () => {
      const live = openLive({ journal, clock: systemClock, log: quiet, release: 'bench' });
      await live.follow(org);
      // On a busy machine the database may not be heard for a second; nothing is given out then.
      await until('the journal is followed', () => !live.stale);
      const from = performance.now();
      const shot = await live.snapshot(audience, state.seq);
      const body = await shot!.body('br');
      const ms = performance.now() - from;
      const parsed = JSON.parse((await shot!.body('identity')).toString()) as Snapshot;
      const decodeFrom = performance.now();
      const held = decodeSnapshot(parsed).records.batch.size;
      const decode = performance.now() - decodeFrom;
      await live.close();
      if (held !== count) throw new Error(`the snapshot holds ${held} batches`);
      return { ms, bytes: body.length, decode };
    };

    return {
      contenders: [
        { name: 'snapshot', warmUp: async () => void (await cold()), measure: cold },
        {
          name: 'cursor',
          warmUp: async () => void (await batches.find({ org }).toArray()),
          measure: async () => {
            const from = performance.now();
            const read = await batches.find({ org }, { projection: { parts: 0 }, batchSize: count }).toArray();
            const ms = performance.now() - from;
            if (read.length !== count) throw new Error(`the cursor read ${read.length} batches`);
            return { ms, bytes: plainBytes };
          },
        },
      ],
      rows: [
        {
          what: 'server time, against reading the same fields with a cursor',
          unit: 'ms',
          subject: { contender: 'snapshot', figure: 'ms' },
          peer: { contender: 'cursor', figure: 'ms' },
          must: { atMost: 1.5 },
          aim: { atMost: 0.5 },
        },
        {
          what: 'bytes, against brotli of the same rows',
          unit: 'bytes',
          subject: { contender: 'snapshot', figure: 'bytes' },
          peer: { contender: 'cursor', figure: 'bytes' },
          must: { atMost: 1.1 },
          aim: { atMost: 0.8 },
        },
        { what: 'decoding in the client', unit: 'ms', subject: { contender: 'snapshot', figure: 'decode' } },
      ],
      notes: () => [
        `${count} batches as one operations manager sees them (without part lists). Server time is from the question to the compressed body, no snapshot being kept; the state is in memory, as it is in every process that serves the organization. Both sides use brotli at quality 4.`,
        'The cursor reads from the embedded database, one batch of documents, parsed by the driver; nothing is made of them.',
      ],
      [Symbol.asyncDispose]: async () => {
        await journal.close();
        await connection.close();
        await database.stop();
      },
    };
  },
};
export default benchmark;
