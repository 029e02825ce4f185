import { request } from 'node:http';
import { brotliCompressSync, constants } from 'node:zlib';
import { startLiveServer } from '../support/memory-journal.ts';
import type { Benchmark } from './benchmark.ts';
import { asCreation, newDirectory, nextStep, someBatches } from './board-data.ts';

/** Bytes of a body as they travel, compressed as a browser accepts it. */
function bytesOf(url: string, cookie: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { cookie, 'accept-encoding': 'gzip, deflate, br' } }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => (bytes += chunk.length));
      response.on('error', reject);
      response.on('end', () =>
        response.statusCode === 200 ? resolve(bytes) : reject(new Error(`status ${response.statusCode}`)),
      );
    })
      .on('error', reject)
      .end();
  });
}

const compressed = (value: unknown): number => {
  const text = JSON.stringify(value);
  return brotliCompressSync(text, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_SIZE_HINT]: text.length },
  }).length;
};

const benchmark: Benchmark = {
  id: 'P4',
  title: 'bytes to catch up after ten minutes away, 1 % of the batches changed',
  rounds: 5,
  async setup({ small }) {
    const count = small ? 1_000 : 10_000;
    const changed = count / 100;
    const server = await startLiveServer();
    const { client } = server.person('operations_manager');
    const cookie = client.cookie!;
    const now = Date.now();
    const directory = newDirectory(server.org, now);
    const batches = someBatches(directory, count, now);
    for (let i = 0; i < count; i += 500) server.commit(...batches.slice(i, i + 500).map(asCreation));
    let [from, fields] = [0, 0];
    return {
      contenders: [
        {
          name: 'catch-up',
          measure: async (round) => {
            from = server.state.seq;
            const said: object[] = [];
            for (let i = 0; i < changed; i++) {
              const change = nextStep(
                server.state.get('batch', batches[(round * changed + i * 37) % count]!.id)!,
                directory,
                now - 600_000 + i * 6_000,
              );
              server.commit(change);
              said.push({
                kind: change.kind,
                id: change.id,
                rev: server.state.get('batch', change.id)!.rev,
                ...change.set,
              });
            }
            fields = compressed(said);
            const url = `${server.url}/api/live/catch-up?from=${from}`;
            return { bytes: await bytesOf(url, cookie), fields };
          },
        },
        {
          name: 'snapshot',
          measure: async () => ({
            bytes: await bytesOf(`${server.url}/api/live/snapshot?atLeast=${server.state.seq}`, cookie),
          }),
        },
      ],
      rows: [
        {
          what: 'catch-up, against the full snapshot',
          unit: 'bytes',
          subject: { contender: 'catch-up', figure: 'bytes' },
          peer: { contender: 'snapshot', figure: 'bytes' },
          must: { atMost: 0.03 },
        },
        {
          what: 'catch-up, against the changed fields alone',
          unit: 'bytes',
          subject: { contender: 'catch-up', figure: 'bytes' },
          peer: { contender: 'catch-up', figure: 'fields' },
          aim: { atMost: 1.1 },
        },
      ],
      notes: () => [
        `${count} batches, ${changed} of them took a step. Bodies as they travel over HTTP (brotli); the changed fields with kind, id and rev as a list of JSON objects, brotli of the same quality.`,
        'What a catch-up has beside the changed fields is who did it, when, and under which command id, for the marks and the activity list: the command ids alone are 10 random bytes each.',
      ],
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  },
};
export default benchmark;
