import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Long, MongoClient, MongoServerError, type ClientSession, type Document, type ResumeToken } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { History } from './crash/history.ts';
import { load, prepare } from './crash/load.ts';
import { below, seeded } from './crash/random.ts';
import { verify } from './crash/verify.ts';
import { Watcher } from './crash/watcher.ts';
import { startServerProcess, temporaryFolder, type ServerProcess } from './support/server-process.ts';

/** `CRASH_KILLS=1000` is the long run; `CRASH_SEED` repeats one. */
const kills = Number(process.env['CRASH_KILLS'] ?? 50);
const seed = Number(process.env['CRASH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** After so many kills a fresh folder is begun, so that the comparison stays quick in a long run. */
const killsPerFolder = 17;
const workers = 12;

/** A client that waits out a restart. */
async function connect(uri: string): Promise<MongoClient> {
  return await new MongoClient(uri, { maxPoolSize: workers + 2, minHeartbeatFrequencyMS: 20 }).connect();
}

/** Closes a client whose server is gone for good: it says goodbye to nobody, which takes until it gives up. */
function abandon(client: MongoClient): void {
  client.close().catch(() => undefined);
}

/** Loads the server, kills it somewhere in the middle, starts it again, and returns when all is quiet. */
async function killUnderLoad(
  server: ServerProcess,
  client: MongoClient,
  history: History,
  random: () => number,
  restart: () => Promise<ServerProcess>,
): Promise<ServerProcess> {
  const lifetime = history.acknowledged + 1 + below(random, 180);
  const more = below(random, 15);
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  let stopped = false;
  const loading = load(
    client,
    history,
    random,
    workers,
    () => stopped,
    () => {
      if (history.acknowledged >= lifetime) reach();
    },
  );
  await Promise.race([reached, loading]);
  // The moment should not always be the one just after an answer.
  if (more > 0) await delay(more);
  await server.kill();
  stopped = true;
  const next = await restart();
  await loading;
  return next;
}

describe('kill -9', () => {
  const name = `[R11] loses nothing acknowledged, does nothing twice and tears nothing in ${kills} kills under load`;
  it(name, { timeout: 60_000 + kills * 15_000 }, async ({ onTestFinished, onTestFailed }) => {
    const random = seeded(seed);
    let running: ServerProcess | undefined;
    onTestFinished(async () => await running?.kill());
    onTestFailed(() => console.log(`repeat it with CRASH_SEED=${seed}`));
    let acknowledged = 0;
    let changes = 0;
    for (let done = 0; done < kills;) {
      const folder = temporaryFolder('crash');
      const history = new History();
      let server = await startServerProcess({ dir: folder.path });
      const port = Number(new URL(server.uri).port);
      let client = await connect(server.uri);
      history.token = await firstToken(client);
      await prepare(client.db('crash'));
      let watcher = new Watcher(client, history);
      for (let life = 0; life < killsPerFolder && done < kills; life += 1, done += 1) {
        const restart = async (): Promise<ServerProcess> =>
          (running = await startServerProcess({ dir: folder.path, port }));
        server = await killUnderLoad(server, client, history, random, restart);
        if (random() < 0.3) {
          // This time the client is new as well, and resumes the stream by the token that it kept.
          await watcher.close();
          await client.close();
          client = await connect(server.uri);
          watcher = new Watcher(client, history);
        }
        const problems = await verify(client, history, watcher);
        expect(problems, `kill ${done} of CRASH_SEED=${seed}, data in ${folder.path}`).toEqual([]);
      }
      await watcher.close();
      await client.close();
      await server.stop();
      acknowledged += history.acknowledged;
      changes += history.changes.length;
      folder.remove();
    }
    console.log(`${kills} kills, ${acknowledged} acknowledged steps, ${changes} changes compared; CRASH_SEED=${seed}`);
    expect(acknowledged).toBeGreaterThan(kills * 10);
  });

  it('the comparison notices what is lost, torn, done twice or left out', async () => {
    const folder = temporaryFolder('crash');
    const server = await startServerProcess({ dir: folder.path });
    const client = await connect(server.uri);
    const history = new History();
    history.token = await firstToken(client);
    const db = client.db('crash');
    await prepare(db);
    const watcher = new Watcher(client, history);
    const random = seeded(1);
    await load(
      client,
      history,
      random,
      workers,
      () => history.acknowledged >= 150,
      () => undefined,
    );
    expect(await verify(client, history, watcher)).toEqual([]);

    const spoil = async (change: () => void, undo: () => void, problem: RegExp): Promise<void> => {
      change();
      expect((await verify(client, history, watcher)).join('\n')).toMatch(problem);
      undo();
    };
    const document = { _id: 'never' };
    await spoil(
      () => history.singles.set('never', { document, knowledge: 'acknowledged' }),
      () => history.singles.delete('never'),
      /acknowledged insert never is lost/,
    );
    const counter = history.counter(0);
    await spoil(
      () => (counter.acknowledged += 1),
      () => (counter.acknowledged -= 1),
      /counter 0 is/,
    );
    await spoil(
      () => (counter.acknowledged -= 1),
      () => (counter.acknowledged += 1),
      /counter 0 is/,
    );
    await spoil(
      () => history.transfers.set('never', 'acknowledged'),
      () => history.transfers.delete('never'),
      /acknowledged transfer never is lost/,
    );
    const gap = history.changes.splice(
      history.changes.findIndex(({ operationType }) => operationType === 'insert'),
      1,
    );
    expect((await verify(client, history, watcher)).join('\n')).toMatch(/its changes give/);
    history.changes.unshift(...gap);
    expect(await verify(client, history, watcher)).toEqual([]);
    history.changes.unshift(...gap);
    expect((await verify(client, history, watcher)).join('\n')).toMatch(/told twice/);
    history.changes.shift();

    const [whole] = history.wholes;
    await db.collection<{ _id: string }>('wholes').deleteOne({ _id: whole?.ids[0] ?? '' });
    expect((await verify(client, history, watcher)).join('\n')).toMatch(/documents of a transaction are there/);
    await db.collection('accounts').updateOne({}, { $inc: { balance: 1 } });
    expect((await verify(client, history, watcher)).join('\n')).toMatch(/a transaction was torn/);
    await watcher.close();
    await client.close();
    await server.stop();
    folder.remove();
  });

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

    const port = Number(new URL(server.uri).port);
    server = await startServerProcess({ dir: folder.path, port });
    await client.close();
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

/** Where a stream starts that tells everything from now on. */
async function firstToken(client: MongoClient): Promise<ResumeToken> {
  const stream = client.db('crash').watch([], { maxAwaitTimeMS: 10 });
  await stream.tryNext();
  const token = stream.resumeToken;
  await stream.close();
  return token;
}

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
  abandon(client);
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

      // A process that ends now can be started again, and tells what it has.
      await server.kill();
      abandon(client);
      server = await startServerProcess({ dir: join(disk.path, 'data') });
      client = await connect(server.uri);
      expect(await ids()).toEqual(acknowledged);
      await expect(client.db('full').collection('c').insertOne({ body })).rejects.toThrow(MongoServerError);

      // Room again, without a restart.
      truncateSync(filler, 0);
      await client.db('full').collection<{ _id: number }>('c').insertOne({ _id: 5000 });
      acknowledged.push(5000);
      await server.kill();
      abandon(client);
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
