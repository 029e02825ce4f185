import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { answersPing } from '../../scripts/lib/redis.ts';

const launcher = join(import.meta.dirname, '../../scripts/launch.ts');

let data: string;
const started: Launched[] = [];

beforeEach(() => void (data = mkdtempSync(join(tmpdir(), 'opsboard-start-'))));
afterEach(async () => {
  await Promise.all(started.splice(0).map((one) => one.kill()));
  // A Redis that nobody knows of any more would go on writing there.
  await vi.waitFor(() => expect(workingIn(data)).toEqual([]), { timeout: 15_000, interval: 50 });
  rmSync(data, { recursive: true, force: true });
});

/** The processes that work in a folder or below it. */
const workingIn = (folder: string): string[] =>
  readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readlinkSync(`/proc/${name}/cwd`).startsWith(folder);
    } catch {
      return false;
    }
  });

/** A launcher on a data folder of its own. */
class Launched {
  readonly process: ChildProcess;
  readonly exit: Promise<number | null>;
  readonly url: Promise<string>;
  said = '';

  constructor(args: string[], env: NodeJS.ProcessEnv) {
    const base = { ...process.env, MONGODB_URI: '', REDIS_URL: '', NODE_ENV: '', VITEST: '' };
    this.process = spawn(process.execPath, [launcher, '--data', data, ...args], {
      env: { ...base, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.exit = new Promise((resolve) => this.process.once('close', resolve));
    const { stdout, stderr } = this.process;
    this.url = new Promise((resolve, reject) => {
      if (!stdout || !stderr) return;
      for (const input of [stdout, stderr]) {
        createInterface({ input }).on('line', (line) => {
          this.said += `${line}\n`;
          const url = /^Opsboard is at (\S+)/.exec(line)?.[1];
          if (url) resolve(url);
        });
      }
      void this.exit.then(() => reject(new Error(`ended early: ${this.said}`)));
    });
    this.url.catch(() => undefined);
    started.push(this);
  }

  /** Everything that it has started: what it notes, and whatever has the data folder on its command line. */
  processes(): number[] {
    const { children } = JSON.parse(readFileSync(join(data, 'running.json'), 'utf8')) as { children: number[] };
    const mentioned = readdirSync('/proc').filter((name) => {
      try {
        return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(data);
      } catch {
        return false;
      }
    });
    return [...new Set([...children, ...mentioned.map(Number)])].filter((pid) => pid !== this.process.pid);
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.exit;
  }
}

const start = (args: string[] = ['--port', '0'], env: NodeJS.ProcessEnv = {}): Launched => new Launched(args, env);

/** Ended, or ended and not yet collected by whoever inherited it. */
function hasEnded(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/\(.*\)/, ''));
  } catch {
    return true;
  }
}

const allEnded = (pids: number[]): Promise<void> =>
  vi.waitFor(() => expect(pids.filter((pid) => !hasEnded(pid))).toEqual([]), { timeout: 15_000, interval: 50 });

async function setUp(url: string): Promise<void> {
  const response = await fetch(new URL('/api/setup', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({
      organization: { name: 'Night shift', timeZone: 'Europe/Berlin' },
      admin: { name: 'Ada', email: 'ada@example.com', password: 'a long enough password' },
    }),
  });
  expect(response.ok).toBe(true);
}

const isSetUp = async (url: string): Promise<unknown> =>
  ((await (await fetch(new URL('/api/session', url))).json()) as { setUp?: boolean }).setUp;

it('serves the page, refuses a second start on its folder, and leaves no process behind on SIGTERM', async () => {
  const board = start();
  const url = await board.url;
  const page = await fetch(url);
  expect(page.headers.get('content-type')).toContain('text/html');
  expect((await fetch(new URL('/readyz', url))).status).toBe(200);

  const second = start();
  expect(await second.exit).toBe(1);
  expect(second.said).toMatch(/^Opsboard already runs on the data folder .*\n$/);

  const pids = board.processes();
  expect(pids.length).toBeGreaterThanOrEqual(3);
  board.process.kill('SIGTERM');
  expect(await board.exit).toBe(0);
  expect(pids.filter((pid) => !hasEnded(pid))).toEqual([]);
});

it('takes its processes with it when it is killed, and has everything when it is started again', async () => {
  const board = start();
  await setUp(await board.url);
  const pids = board.processes();
  await board.kill();
  await allEnded(pids);

  const again = start();
  expect(await isSetUp(await again.url)).toBe(true);
});

it('starts a killed process again, at the same address', async () => {
  const board = start();
  const url = await board.url;
  await setUp(url);
  const before = board.processes();
  for (const pid of before) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended with another one.
    }
  }
  await vi.waitFor(
    async () => {
      expect((await fetch(new URL('/readyz', url))).status).toBe(200);
      expect(await isSetUp(url)).toBe(true);
    },
    { timeout: 20_000, interval: 100 },
  );
  expect(board.said).toContain('The web process serves again.');
});

it('says in one sentence that its port is taken', async () => {
  const other = createServer();
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const board = start(['--port', String(port)]);
  expect(await board.exit).toBe(1);
  other.close();
  expect(board.said).toMatch(new RegExp(`^Port ${port} is taken by another program: .*\\n$`));
});

it('says in one sentence that its data folder is damaged', async () => {
  const board = start();
  await board.url;
  board.process.kill('SIGTERM');
  await board.exit;
  const folder = join(data, 'database');
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isFile()) writeFileSync(path, Buffer.alloc(Math.max(4096, statSync(path).size), 'damage'));
  }
  const again = start();
  expect(await again.exit).toBe(1);
  expect(again.said).toMatch(/^[^\n]*(damaged|cannot be read|not a database)[^\n]*\.\n$/);
});

// A Redis of this machine that answers on its usual port would do as well as one of our own.
it.skipIf(await answersPing(6379))('says the one command that installs a missing Redis', async () => {
  const board = start(['--port', '0'], { PATH: join(data, 'nothing'), CI: '' });
  expect(await board.exit).toBe(1);
  expect(board.said).toMatch(/^redis-server was not found\. Install it with: \S.*\n$/);
});
