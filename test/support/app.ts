import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { startApp } from '../../server/src/app.ts';
import type { App, Role } from '../../server/src/app.ts';
import type { Dispatcher } from '../../server/src/dispatch/dispatch.ts';
import { createDispatcher } from '../../server/src/dispatch/dispatch.ts';
import type { Journal } from '../../server/src/journal/journal.ts';
import { openJournal } from '../../server/src/journal/journal.ts';
import type { Clock } from '../../server/src/platform/clock.ts';
import { systemClock } from '../../server/src/platform/clock.ts';
import type { Config } from '../../server/src/platform/config.ts';
import { readConfig } from '../../server/src/platform/config.ts';
import type { Logger } from '../../server/src/platform/log.ts';
import { createLog } from '../../server/src/platform/log.ts';
import { connectMongo } from '../../server/src/platform/mongo.ts';
import type { Stores } from './stores.ts';
import { startStores } from './stores.ts';

/** A process of the board in a test; in this Node process, or a child that can be killed. */
export type TestProcess = App & {
  /** Of a child; undefined for one in this process. */
  pid?: number;
  /** SIGKILL, for a child. */
  kill(): Promise<void>;
};

/**
 * The inside of the database, for what no way in offers: organizations beside the first, and looking at what is stored.
 * It has a journal and a lane of its own, as another process would.
 */
export type Backdoor = {
  connection: Awaited<ReturnType<typeof connectMongo>>;
  journal: Journal;
  dispatcher: Dispatcher;
};

export type TestApp = AsyncDisposable & {
  stores: Stores;
  config: Config;
  clock: Clock;
  webs: TestProcess[];
  workers: TestProcess[];
  /** The first web's address. */
  url: string;
  /** Starts one more process, in this Node process or as a child; `env`: settings of its own. */
  start(role: Role, how?: StartHow): Promise<TestProcess>;
  /** Opened when it is first asked for. */
  backdoor(): Promise<Backdoor>;
};

type StartHow = { child?: boolean; port?: number; env?: { [name: string]: string } };

export type TestAppOptions = {
  webs?: number;
  workers?: number;
  /** Processes of their own, which can be killed; they read the machine's clock. */
  child?: boolean;
  clock?: Clock;
  /** Settings other than the defaults, by their names in the environment. */
  env?: { [name: string]: string };
  /** Stores that are shared by several apps of one test file; each app has its own database and Redis keys. */
  stores?: Stores;
  /** Where logs go; nowhere unless a test looks at them (or TEST_LOG names a level). */
  log?: Logger;
};

const main = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url));

/** Starts stores and processes on free ports; everything ends, and every file goes, when it is disposed of. */
export async function startTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const stores = options.stores ?? (await startStores());
  const name = `test-${randomBytes(6).toString('hex')}`;
  const env: { [name: string]: string } = {
    PORT: '0',
    MONGODB_URI: stores.mongoUri(name),
    REDIS_URL: stores.redisUrl,
    REDIS_PREFIX: name,
    LOG_LEVEL: process.env['TEST_LOG'] ?? 'silent',
    DATA_DIR: tmpdir(),
    ...options.env,
  };
  const config = readConfig(env);
  const clock = options.clock ?? systemClock;
  const log = options.log ?? createLog('test', config.LOG_LEVEL);
  const webs: TestProcess[] = [];
  const workers: TestProcess[] = [];
  let inside: Promise<Backdoor> | undefined;

  async function start(role: Role, how: StartHow = {}): Promise<TestProcess> {
    const port = how.port ?? 0;
    const its = { ...env, ...how.env };
    const started =
      (how.child ?? options.child)
        ? await startChild(role, { ...its, PORT: `${port}` })
        : await startInside({ config: { ...readConfig(its), PORT: port }, role, clock, log });
    (role === 'web' ? webs : workers).push(started);
    return started;
  }

  async function openBackdoor(): Promise<Backdoor> {
    const connection = await connectMongo(config.MONGODB_URI, log);
    const journal = await openJournal({ connection, clock, log });
    return { connection, journal, dispatcher: createDispatcher({ journal, clock, log }) };
  }

  async function dispose(): Promise<void> {
    await Promise.all([...webs, ...workers].map((running) => running.close()));
    const opened = await inside?.catch(() => undefined);
    if (opened) {
      await opened.dispatcher.drain();
      await opened.journal.close();
      await opened.connection.close();
    }
    if (!options.stores) await stores[Symbol.asyncDispose]();
  }

  try {
    for (let i = 0; i < (options.webs ?? 1); i++) await start('web');
    for (let i = 0; i < (options.workers ?? 0); i++) await start('worker');
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    stores,
    config,
    clock,
    webs,
    workers,
    get url() {
      return webs[0]?.url ?? '';
    },
    start,
    backdoor: () => (inside ??= openBackdoor()),
    [Symbol.asyncDispose]: dispose,
  };
}

async function startInside(options: { config: Config; role: Role; clock: Clock; log: Logger }): Promise<TestProcess> {
  const app = await startApp(options);
  return { ...app, kill: () => Promise.reject(new Error('it shares our process: start it with child: true')) };
}

async function startChild(role: Role, env: { [name: string]: string }): Promise<TestProcess> {
  const child: ChildProcess = spawn(process.execPath, [main, role], {
    env: { ...process.env, ...env, OPSBOARD_SUPERVISED: '1' },
    stdio: ['ignore', env['LOG_LEVEL'] === 'silent' ? 'ignore' : 'inherit', 'pipe', 'ipc'],
  });
  let errors = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const gone = once(child, 'exit');
  const ready = once(child, 'message').then(([message]) => (message as { url?: string }).url ?? '');
  const url = await Promise.race([
    ready,
    gone.then(([code]) => {
      throw new Error(`${role} ended with ${String(code)} before it was ready: ${errors.slice(-2_000)}`);
    }),
  ]);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await gone;
  };
  return {
    url,
    port: url === '' ? 0 : Number(new URL(url).port),
    pid: child.pid!,
    close: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}
