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
    const redis = await startRedis(folder.path);
    const mongo = outside
      ? undefined
      : await startMongo(folder.path).catch(async (error: unknown) => {
          await redis.kill();
          throw error;
        });
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

/**
 * Redis ends with the test's process, however that ends: a shell holds a pipe from it, and when the pipe breaks it kills
 * Redis. It says Redis' process id first.
 */
const guard = `
exec 3<&0
"$@" </dev/null >/dev/null 2>&1 &
pid=$!
( read -r line <&3; kill -KILL $pid ) 2>/dev/null >/dev/null &
guard=$!
exec 3<&-
echo $pid
wait $pid
kill $guard 2>/dev/null
`;

async function startRedis(folder: string): Promise<StoreProcess & { url: string }> {
  const dir = join(folder, 'redis');
  mkdirSync(dir, { recursive: true });
  const port = await freePort();
  const start = async (): Promise<{ shell: ChildProcess; pid: number }> => {
    const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'yes'];
    const shell = spawn('sh', ['-c', guard, 'sh', 'redis-server', ...args], { stdio: ['pipe', 'pipe', 'ignore'] });
    const [line] = (await once(shell.stdout, 'data')) as [Buffer];
    await until('Redis answers', () => {
      if (shell.exitCode !== null) throw new Error('redis-server ended at once: is it installed?');
      return answersPing(port);
    });
    return { shell, pid: Number(line.toString()) };
  };
  let running = await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    get pid() {
      return running.pid;
    },
    kill: async () => {
      const { shell, pid } = running;
      if (shell.exitCode !== null || shell.signalCode !== null) return;
      const gone = once(shell, 'exit');
      process.kill(pid, 'SIGKILL');
      await gone;
      shell.stdin!.destroy();
    },
    restart: async () => {
      running = await start();
    },
  };
}
