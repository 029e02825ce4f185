import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Child, isRunning } from './child.ts';
import type { ChildPlan } from './child.ts';
import { DataFolder } from './data-folder.ts';
import { needMongoAt, planDatabase } from './database.ts';
import { planPages, restartOnChange } from './dev.ts';
import type { Options } from './options.ts';
import { freePort, needFreePort } from './ports.ts';
import { StartError, say, step } from './progress.ts';
import { answersPing, needRedisAt, planRedis } from './redis.ts';
import { Task } from './task.ts';
import { buildWeb } from './web-build.ts';

const LOCAL_REDIS_PORT = 6379;
/** The second Ctrl-C ends all at once; a terminal and npm together may send the first one twice. */
const SECOND_SIGNAL_MS = 1000;

type Row = 'stores' | 'servers' | 'people';

/** Starts everything that a board needs on one machine, keeps it running, and ends it in order. */
export class Launcher {
  readonly #root: string;
  readonly #options: Options;
  readonly #folder: DataFolder;
  /** Stores first; they end the other way round, those of one row at once. */
  readonly #rows: Record<Row, Child[]> = { stores: [], servers: [], people: [] };
  readonly #tasks: Task[] = [];
  /** Environment of every process of the board. */
  readonly #env: NodeJS.ProcessEnv;
  #url = '';
  /** Of the embedded database; scripts that look for it read it from the folder. */
  #database: string | undefined;
  #stopping = false;

  private constructor(root: string, options: Options, folder: DataFolder) {
    this.#root = root;
    this.#options = options;
    this.#folder = folder;
    const { HOST, PORT } = options.settings;
    this.#env = {
      OPSBOARD_SUPERVISED: '1',
      NODE_ENV: process.env['NODE_ENV'] ?? (options.dev ? 'development' : 'production'),
      HOST,
      PORT: String(PORT),
      DATA_DIR: folder.path,
    };
  }

  /**
   * Starts all of it, and resolves when all has ended after a signal.
   *
   * @param root folder of the checkout
   * @throws {StartError} when something cannot be started; what had been started has ended then
   */
  static async run(root: string, options: Options): Promise<void> {
    const folder = await DataFolder.take(options.settings.DATA_DIR);
    const launcher = new Launcher(root, options, folder);
    const signal = launcher.#untilSignal();
    const trimming = setInterval(() => launcher.#children().forEach((child) => child.plan.log.trim()), 60_000);
    try {
      await needFreePort(options.settings.HOST, options.settings.PORT);
      await Promise.race([launcher.#start(), signal]);
      await signal;
    } finally {
      clearInterval(trimming);
      await launcher.#stop();
      folder.release();
    }
  }

  async #start(): Promise<void> {
    const { demo, dev, speed } = this.#options;
    const build = dev ? undefined : buildWeb(this.#root, this.#newTask());
    // The demo is filled before the first server looks at the database.
    const stores = this.#startStores().then(() => (demo ? this.#fillDemo() : undefined));
    await Promise.all([build, stores]);
    await this.#startServers();
    if (demo && speed > 0) await this.#startDemoPeople();
    this.#announce();
  }

  async #startStores(): Promise<void> {
    const [MONGODB_URI, REDIS_URL] = await Promise.all([this.#startDatabase(), this.#startRedis()]);
    Object.assign(this.#env, { MONGODB_URI, REDIS_URL });
  }

  async #startDatabase(): Promise<string> {
    const given = this.#options.settings.MONGODB_URI;
    if (given) {
      await step('Asking MongoDB', needMongoAt(given));
      return given;
    }
    const database = await planDatabase(this.#root, this.#folder.folder('database'), this.#folder.log('database'));
    await step('Starting the database', this.#launch('stores', database.child));
    this.#database = database.uri;
    this.#note();
    return database.uri;
  }

  async #startRedis(): Promise<string> {
    const { REDIS_URL, MONGODB_URI } = this.#options.settings;
    if (REDIS_URL) {
      await step('Asking Redis', needRedisAt(REDIS_URL));
      return REDIS_URL;
    }
    if (await answersPing(LOCAL_REDIS_PORT)) {
      // Others may use the Redis of this machine too, among them another board with other data.
      const board = createHash('sha256')
        .update(MONGODB_URI ?? this.#folder.path)
        .digest('hex')
        .slice(0, 12);
      this.#env['REDIS_PREFIX'] = process.env['REDIS_PREFIX'] || `opsboard-${board}`;
      return `redis://127.0.0.1:${LOCAL_REDIS_PORT}`;
    }
    const redis = await planRedis(this.#folder.folder('redis'), this.#folder.log('redis'));
    await step('Starting Redis', this.#launch('stores', redis.child));
    return redis.url;
  }

  async #startServers(): Promise<void> {
    const { dev, settings } = this.#options;
    const web: Child = new Child({ ...this.#serverPlan('web'), ready: (child) => this.#webServes(child, web.plan) });
    const worker = new Child({
      ...this.#serverPlan('worker'),
      ready: async (child) => void (await readyMessage(child)),
    });
    const launches = [web, worker].map((child) => () => this.#launch('servers', child));
    let pagesUrl: string | undefined;
    if (dev) {
      // Pages come from Vite on the board's own port, which hands the rest on to the server behind it.
      const port = await freePort();
      const pages = await planPages(this.#root, settings, `http://127.0.0.1:${port}`, this.#folder.log('pages'));
      pagesUrl = pages.url;
      Object.assign(this.#env, { HOST: '127.0.0.1', PORT: String(port) });
      launches.push(() => this.#launch('people', pages.child));
      restartOnChange(this.#root, [web, worker]);
    }
    await step('Starting the board', Promise.all(launches.map((launch) => launch())));
    this.#url = pagesUrl ?? this.#url;
  }

  #serverPlan(name: 'web' | 'worker'): Omit<ChildPlan, 'ready'> {
    return {
      name: `the ${name} process`,
      command: process.execPath,
      args: [join(this.#root, 'server/src/main.ts'), name],
      env: this.#env,
      cwd: this.#root,
      log: this.#folder.log(name),
      tether: 'channel',
      output: this.#options.dev ? 'terminal' : 'log',
    };
  }

  /** The process says where it listens; whether it also has what it needs, `/readyz` says. */
  async #webServes(child: ChildProcess, plan: ChildPlan): Promise<void> {
    const { url } = await readyMessage(child);
    if (!url) return;
    this.#url = url;
    // A free port was asked for: the next process of this name takes the same one, for people have the address.
    plan.env = { ...this.#env, PORT: new URL(url).port };
    while (isRunning(child)) {
      const response = await fetch(new URL('/readyz', url)).catch(() => undefined);
      if (response?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #fillDemo(): Promise<void> {
    const text = 'Filling the demo organization';
    const seed = join(this.#root, 'scripts/seed.ts');
    await step(text, this.#newTask().run(text, [seed], { cwd: this.#root, env: this.#env, output: 'terminal' }));
  }

  async #startDemoPeople(): Promise<void> {
    const people = new Child({
      name: "the demo's people",
      command: process.execPath,
      args: [join(this.#root, 'scripts/simulate.ts'), '--url', this.#url, '--speed', String(this.#options.speed)],
      env: this.#env,
      cwd: this.#root,
      log: this.#folder.log('simulator'),
      tether: 'channel',
      // They need the board, not the other way round: nothing waits for them.
      ready: () => Promise.resolve(),
    });
    await this.#launch('people', people);
  }

  #newTask(): Task {
    this.#mustGoOn();
    const task = new Task();
    this.#tasks.push(task);
    return task;
  }

  async #launch(row: Row, child: Child): Promise<void> {
    this.#mustGoOn();
    child.plan.onSpawn = () => this.#note();
    this.#rows[row].push(child);
    await child.start();
  }

  #children(): Child[] {
    return Object.values(this.#rows).flat();
  }

  #note(): void {
    const children = this.#children().flatMap(({ pid }) => pid ?? []);
    const database = this.#database === undefined ? {} : { database: this.#database };
    this.#folder.note({ children, ...(this.#url ? { url: this.#url } : {}), ...database });
  }

  #announce(): void {
    this.#note();
    const { demo, settings } = this.#options;
    say(
      `\nOpsboard is at ${settings.PUBLIC_URL ?? this.#url} (Ctrl-C ends it; data and logs are in ${this.#folder.path})`,
    );
    if (!demo) return;
    say('\nSign in with the password opsboard-demo as');
    say('  admin@demo.test      organization admin');
    say('  ops@demo.test        operations manager');
    say('  team@demo.test       team member');
    say('  driver1@demo.test    driver, and so on to driver8@demo.test');
    say('  manager@demo.test    manager, who reads everything');
  }

  #untilSignal(): Promise<void> {
    let first: number | undefined;
    return new Promise((resolve) => {
      const receive = (): void => {
        if (first !== undefined && performance.now() - first > SECOND_SIGNAL_MS) {
          this.#children().forEach((child) => child.kill());
          process.exit(130);
        }
        if (first === undefined) say('\nEnding …');
        first ??= performance.now();
        resolve();
      };
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, receive);
    });
  }

  /** A start that is still under way when the end has begun must not start anything more. */
  #mustGoOn(): void {
    if (this.#stopping) throw new StartError('Ended before everything had started.');
  }

  async #stop(): Promise<void> {
    this.#stopping = true;
    this.#tasks.forEach((task) => task.end());
    for (const row of [this.#rows.people, this.#rows.servers, this.#rows.stores]) {
      await Promise.all(row.map((child) => child.stop()));
    }
  }
}

/** What our processes send when they serve. */
function readyMessage(child: ChildProcess): Promise<{ url?: string }> {
  return new Promise((resolve) => {
    const receive = (message: unknown): void => {
      if (typeof message !== 'object' || message === null || !('ready' in message)) return;
      child.off('message', receive);
      resolve(message as { url?: string });
    };
    child.on('message', receive);
  });
}
