import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startServerProcess, temporaryFolder } from '../../embedded-mongo/test/support/server-process.ts';
import type { ServerProcess } from '../../embedded-mongo/test/support/server-process.ts';
import { answersPing } from '../../scripts/lib/redis.ts';
import { freePort } from './ports.ts';
import { until } from './until.ts';

/** A store's process that can be killed and started again on the same port, with the same data. */
export type StoreProcess = {
  readonly pid: number;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again after a kill. */
  restart(): Promise<void>;
};

/** The database and the Redis of a test, in processes of their own with data in a temporary folder. */
export type Stores = AsyncDisposable & {
  /** Address of a database by name: each app of a test may have its own. */
  mongoUri(database: string): string;
  redisUrl: string;
  mongo: StoreProcess;
  redis: StoreProcess;
};

/**
 * Starts both stores. With TEST_MONGODB_URI (a replica set's address without a database) the tests run against that
 * deployment instead of the embedded one, which then cannot be killed.
 */
export async function startStores(): Promise<Stores> {
  const folder = temporaryFolder('opsboard-test');
  try {
    const outside = process.env['TEST_MONGODB_URI'];
    const [mongo, redis] = await Promise.all([outside ? undefined : startMongo(folder.path), startRedis(folder.path)]);
    const address = new URL(outside ?? mongo!.uri());
    return {
      mongoUri: (database) => {
        const url = new URL(address);
        url.pathname = `/${database}`;
        return url.href;
      },
      redisUrl: redis.url,
      mongo: mongo ?? notOurs,
      redis,
      [Symbol.asyncDispose]: async () => {
        await Promise.all([mongo?.stop(), redis.kill()]);
        folder.remove();
      },
    };
  } catch (error) {
    folder.remove();
    throw error;
  }
}

const notOurs: StoreProcess = {
  pid: 0,
  kill: () => Promise.reject(new Error('the database of TEST_MONGODB_URI is not ours to kill')),
  restart: () => Promise.reject(new Error('the database of TEST_MONGODB_URI is not ours to start')),
};

async function startMongo(folder: string): Promise<StoreProcess & { uri(): string; stop(): Promise<void> }> {
  const dir = join(folder, 'mongo');
  const port = await freePort();
  let running: ServerProcess = await startServerProcess({ dir, port });
  return {
    uri: () => running.uri,
    get pid() {
      return running.pid;
    },
    kill: () => running.kill(),
    restart: async () => {
      running = await startServerProcess({ dir, port });
    },
    stop: () => running.stop(),
  };
}

async function startRedis(folder: string): Promise<StoreProcess & { url: string }> {
  const dir = join(folder, 'redis');
  mkdirSync(dir, { recursive: true });
  const port = await freePort();
  const start = async (): Promise<ChildProcess> => {
    const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'yes'];
    const child = spawn('redis-server', args, { stdio: 'ignore' });
    let failure: Error | undefined;
    child.once('error', (error) => (failure = error));
    await until('Redis answers', async () => {
      if (failure) throw failure;
      return answersPing(port);
    });
    return child;
  };
  let running = await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    get pid() {
      return running.pid!;
    },
    kill: async () => {
      if (running.exitCode !== null || running.signalCode !== null) return;
      const gone = once(running, 'exit');
      running.kill('SIGKILL');
      await gone;
    },
    restart: async () => {
      running = await start();
    },
  };
}
