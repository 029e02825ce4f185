import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Long, MongoClient, MongoServerError, type ClientSession, type Document } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { History } from './crash/history.ts';
import { load, prepare } from './crash/load.ts';
import { below, seeded } from './crash/random.ts';
import { verify } from './crash/verify.ts';
import { startServerProcess, temporaryFolder, type ServerProcess } from './support/server-process.ts';

/** `CRASH_KILLS=1000` is the long run; `CRASH_SEED` repeats one. */
const kills = Number(process.env['CRASH_KILLS'] ?? 50);
const seed = Number(process.env['CRASH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** After so many kills a fresh folder is begun, so that the comparison stays quick in a long run. */
const killsPerFolder = 25;
const workers = 12;

/** A connection that gives up at once when its server is gone. */
async function connect(uri: string): Promise<MongoClient> {
  return await new MongoClient(uri, { maxPoolSize: workers + 2, serverSelectionTimeoutMS: 10_000 }).connect();
}

/** Loads the server, kills it somewhere in the middle, and returns when nothing of this life is left. */
async function liveAndDie(server: ServerProcess, history: History, random: () => number): Promise<void> {
  const client = await connect(server.uri);
  const watching = await connect(server.uri);
  const lifetime = 1 + below(random, 300);
  const more = below(random, 15);
  const from = history.acknowledged;
  const { promise: dead, resolve: died } = Promise.withResolvers<void>();
  const kill = async (): Promise<void> => {
    // The moment should not always be the one just after an answer.
    if (more > 0) await delay(more);
    await server.kill();
    await Promise.all([client.close(), watching.close()]);
    died();
  };
  const stream = watching.db('crash').watch([], history.token === undefined ? {} : { resumeAfter: history.token });
  const watched = (async () => {
    for await (const change of stream) history.saw(change);
  })().catch(() => undefined);
  let killing = false;
  await load(client, history, random, workers, () => {
    if (killing || history.acknowledged - from < lifetime) return;
    killing = true;
    void kill();
  });
  await Promise.all([dead, watched]);
}

describe('kill -9', () => {
  it(
    `[R11] loses nothing acknowledged and tears nothing in ${kills} kills under load`,
    { timeout: 60_000 + kills * 5000 },
    async () => {
      const random = seeded(seed);
      let acknowledged = 0;
      let changes = 0;
      for (let done = 0; done < kills;) {
        const folder = temporaryFolder('crash');
        const history = new History();
        for (let life = 0; life < killsPerFolder && done < kills; life += 1, done += 1) {
          const server = await startServerProcess({ dir: folder.path });
          const client = await connect(server.uri);
          if (life === 0) {
            // The stream is resumed from before the first write, so that it must tell everything.
            const stream = client.db('crash').watch();
            await stream.tryNext();
            history.token = stream.resumeToken;
            await prepare(client.db('crash'));
            await stream.close();
          }
          const problems = await verify(client, history);
          await client.close();
          if (problems.length > 0) await server.kill();
          expect(problems, `kill ${done} of CRASH_SEED=${seed}, data in ${folder.path}`).toEqual([]);
          await liveAndDie(server, history, random);
        }
        await using server = await startServerProcess({ dir: folder.path });
        const client = await connect(server.uri);
        expect(await verify(client, history), `CRASH_SEED=${seed}, data in ${folder.path}`).toEqual([]);
        await client.close();
        acknowledged += history.acknowledged;
        changes += history.changes.length;
        folder.remove();
      }
      console.log(
        `${kills} kills, ${acknowledged} acknowledged steps, ${changes} changes compared; CRASH_SEED=${seed}`,
      );
      expect(acknowledged).toBeGreaterThan(kills * 10);
    },
  );

  it('[R11] a retried write that was acknowledged before the kill does not act again after it', async () => {
    const folder = temporaryFolder('crash');
    let server = await startServerProcess({ dir: folder.path });
    let client = await connect(server.uri);
    const increment = {
      update: 'c',
      updates: [{ q: { _id: 1 }, u: { $inc: { n: 1 } }, upsert: true }],
      txnNumber: Long.fromNumber(7),
    };
    const session = client.startSession();
    const lsid = session.id;
    const first = await client.db('retry').command(increment, { session });
    await server.kill();
    await client.close();

    server = await startServerProcess({ dir: folder.path });
    client = await connect(server.uri);
    const again = client.startSession();
    // The driver lets nobody choose a session's id; a client that retries after a crash has the one it had.
    (again as unknown as { serverSession: { id: ClientSession['id'] } }).serverSession.id = lsid;
    const second = await client.db('retry').command(increment, { session: again });
    expect(second['n']).toBe(first['n']);
    expect(second['upserted']).toEqual(first['upserted']);
    expect(await client.db('retry').collection('c').find().toArray()).toEqual([{ _id: 1, n: 1 }]);
    await client.close();
    await server.stop();
    folder.remove();
  });
});

/** Inserts `count` documents, each in a commit of its own, then two in one transaction, and kills the server. */
async function writeAndKill(dir: string, count: number): Promise<Document[]> {
  const server = await startServerProcess({ dir });
  const client = await connect(server.uri);
  const collection = client.db('torn').collection<{ _id: number }>('c');
  const documents = Array.from({ length: count }, (_, index) => ({ _id: index, body: `${index}`.repeat(200) }));
  for (const document of documents) await collection.insertOne(document);
  await client.withSession((session) =>
    session.withTransaction(async () => {
      await collection.insertOne({ _id: count }, { session });
      await collection.insertOne({ _id: count + 1 }, { session });
    }),
  );
  await server.kill();
  await client.close();
  return [...documents, { _id: count }, { _id: count + 1 }];
}

async function readAll(dir: string): Promise<Document[]> {
  await using server = await startServerProcess({ dir });
  const client = await connect(server.uri);
  const documents = await client.db('torn').collection('c').find().sort({ _id: 1 }).toArray();
  // It must also take writes again.
  await client.db('torn').collection('after').insertOne({});
  await client.close();
  return documents;
}

describe('a torn last write', () => {
  const log = (dir: string): string => join(dir, 'data.sqlite-wal');

  it('[R11] half a write behind the last acknowledged one is ignored', async () => {
    const folder = temporaryFolder('torn');
    const documents = await writeAndKill(folder.path, 20);
    const tail = readFileSync(log(folder.path)).subarray(-4120);
    appendFileSync(log(folder.path), tail.subarray(0, 3000));
    expect(await readAll(folder.path)).toEqual(documents);
    folder.remove();
  });

  it('[R11] a last write that is cut off is absent whole, and everything before it is there', async () => {
    const folder = temporaryFolder('torn');
    const documents = await writeAndKill(folder.path, 20);
    truncateSync(log(folder.path), statSync(log(folder.path)).size - 1000);
    expect(await readAll(folder.path)).toEqual(documents.slice(0, 20));
    folder.remove();
  });

  it('[R11] a last write with garbage in it is absent whole, and everything before it is there', async () => {
    const folder = temporaryFolder('torn');
    const documents = await writeAndKill(folder.path, 20);
    const bytes = readFileSync(log(folder.path));
    bytes.fill(0xa5, bytes.length - 600, bytes.length - 200);
    writeFileSync(log(folder.path), bytes);
    expect(await readAll(folder.path)).toEqual(documents.slice(0, 20));
    folder.remove();
  });

  it('[R11] a damaged data file is refused in one sentence and left as it is', async () => {
    const folder = temporaryFolder('torn');
    await writeAndKill(folder.path, 200);
    await readAll(folder.path);
    const file = join(folder.path, 'data.sqlite');
    const bytes = readFileSync(file);
    for (let page = 2; page * 4096 < bytes.length; page += 1) bytes.fill(0x5a, page * 4096 + 50, page * 4096 + 900);
    writeFileSync(file, bytes);
    await expect(startServerProcess({ dir: folder.path })).rejects.toThrow(/damaged/);
    expect(readFileSync(file).equals(bytes)).toBe(true);
    folder.remove();
  });
});

/** A disk of a few megabytes. Undefined where nobody may mount one. */
function smallDisk(megabytes: number): { path: string; remove(): void } | undefined {
  const folder = temporaryFolder('disk');
  const path = join(folder.path, 'mount');
  mkdirSync(path);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path]);
  if (mounted.status !== 0) {
    folder.remove();
    return undefined;
  }
  return {
    path,
    remove: () => {
      spawnSync('umount', [path]);
      folder.remove();
    },
  };
}

describe('a full disk', () => {
  it('[R11] refuses what does not fit, keeps what was acknowledged, and goes on when there is room', async (context) => {
    const disk = smallDisk(6);
    if (disk === undefined) return context.skip('only where a small disk can be mounted (as root)');
    try {
      const filler = join(disk.path, 'filler');
      writeFileSync(filler, Buffer.alloc(2 * 2 ** 20));
      let server = await startServerProcess({ dir: join(disk.path, 'data') });
      let client = await connect(server.uri);
      const acknowledged: number[] = [];
      const body = 'x'.repeat(20_000);
      let refusal: unknown;
      for (let id = 0; refusal === undefined && id < 1000; id += 1) {
        try {
          await client
            .db('full')
            .collection<{ _id: number }>('c')
            .insertOne({ _id: id, body } as { _id: number });
          acknowledged.push(id);
        } catch (error) {
          refusal = error;
        }
      }
      expect(refusal).toBeInstanceOf(MongoServerError);
      expect(acknowledged.length).toBeGreaterThan(10);
      const ids = async (): Promise<number[]> =>
        (await client.db('full').collection<{ _id: number }>('c').find().sort({ _id: 1 }).toArray()).map(
          ({ _id }) => _id,
        );
      // What was refused is not seen either: memory and disk say the same.
      expect(await ids()).toEqual(acknowledged);

      // Room again, without a restart.
      truncateSync(filler, 0);
      await client.db('full').collection<{ _id: number }>('c').insertOne({ _id: 5000 });
      acknowledged.push(5000);
      await server.kill();
      await client.close();
      server = await startServerProcess({ dir: join(disk.path, 'data') });
      client = await connect(server.uri);
      expect(await ids()).toEqual(acknowledged);
      await client.close();
      await server.stop();
    } finally {
      disk.remove();
    }
  });
});
