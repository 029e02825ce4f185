import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const mainPath = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** How to start a store in a process of its own. */
export interface ServerProcessOptions {
  /** Data folder; it outlives the process, so that a restart finds it again. */
  dir: string;
  /** Port to listen on; 0, the default, takes a free one. */
  port?: number;
  /** Fail points and `killAllSessions`, which exist only for tests. */
  testCommands?: boolean;
  /** More command line arguments. */
  args?: string[];
  /** Added to the environment of the process. */
  env?: Record<string, string>;
}

/** A running store and the ways to end it. */
export interface ServerProcess extends AsyncDisposable {
  /** Connection string, as the process printed it. */
  uri: string;
  /** Process id. */
  pid: number;
  /** Resolves when the process has ended, with how it did. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** What it wrote to standard error so far. */
  stderr(): string;
  /** SIGKILL: no goodbye, no flush. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM, and SIGKILL if it has not ended after 10 s. */
  stop(): Promise<void>;
}

/**
 * Starts a store and resolves when it takes connections.
 *
 * @throws Error with what the process wrote to standard error, when it ends before it is ready.
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const args = [mainPath, '--data', options.dir, '--port', String(options.port ?? 0)];
  if (options.testCommands) args.push('--test-commands');
  const child = spawn(process.execPath, [...args, ...(options.args ?? [])], {
    // The channel breaks when the test's process ends, however it ends, and the store ends with it.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Restarts are most of what some tests do: the second start finds its sources compiled.
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'embedded-mongo-compiled'), ...options.env },
  });
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const exited = (once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>).then(([code, signal]) => ({
    code,
    signal,
  }));
  const uri = await readyUri(child, exited, () => errors);
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  const stop = async (): Promise<void> => {
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    child.kill('SIGTERM');
    await exited;
    clearTimeout(timer);
  };
  return { uri, pid: child.pid ?? 0, exited, stderr: () => errors, kill, stop, [Symbol.asyncDispose]: stop };
}

async function readyUri(
  child: ChildProcess,
  exited: Promise<{ code: number | null }>,
  errors: () => string,
): Promise<string> {
  if (child.stdout === null) throw new Error('the process has no standard output');
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise<string>((resolve) => {
    // The listener stays, so that later output never fills the pipe and blocks the process.
    lines.on('line', (line) => {
      if (!line.startsWith('{')) return;
      const message = JSON.parse(line) as { ready?: boolean; uri?: string };
      if (message.ready && message.uri) resolve(message.uri);
    });
  });
  const failed = exited.then(({ code }) => {
    throw new Error(`the store ended with ${code} before it was ready: ${errors().slice(-2000)}`);
  });
  failed.catch(() => undefined);
  return await Promise.race([ready, failed]);
}

/** A folder under the system's temporary folder, and the way to remove it. */
export function temporaryFolder(prefix: string): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), `${prefix}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
