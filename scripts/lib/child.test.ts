import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Child, isRunning } from './child.ts';
import type { ChildPlan } from './child.ts';
import { LogFile } from './log-file.ts';

let folder: string;
const children: Child[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'opsboard-child-'));
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});

afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.stop()));
  rmSync(folder, { recursive: true });
  vi.restoreAllMocks();
});

/** A child that runs a few lines of JavaScript, and serves when it sends a message. */
function childOf(code: string, more: Partial<ChildPlan> = {}): Child {
  const child = new Child({
    name: 'the helper',
    command: process.execPath,
    args: ['-e', code],
    log: new LogFile(join(folder, 'child.log')),
    tether: 'channel',
    ready: async (process) => void (await once(process, 'message')),
    ...more,
  });
  children.push(child);
  return child;
}

const SERVES = 'process.send({ ready: true }); setInterval(() => undefined, 1000);';

it('starts again what ended without having been asked to', async () => {
  const spawned = vi.fn<(process: ChildProcess) => void>();
  const child = childOf(SERVES, {
    ready: async (process) => {
      await once(process, 'message');
      spawned(process);
    },
  });
  await child.start();
  const first = child.pid;
  process.kill(first ?? 0, 'SIGKILL');
  await vi.waitFor(() => expect(spawned).toHaveBeenCalledTimes(2), 5000);
  expect(child.pid).not.toBe(first);
});

it('ends with the sentence of a child that knows why it cannot start', async () => {
  const child = childOf("console.error('Port 80 is taken.'); process.exit(3);");
  await expect(child.start()).rejects.toThrow(/^Port 80 is taken\.$/);
});

it('names the log of a child that ended early for a reason of its own', async () => {
  const child = childOf("throw new Error('no such thing');");
  await expect(child.start()).rejects.toThrow(/^The helper ended with code 1 before it was ready.*child\.log/);
});

it('does not wait for ever', async () => {
  const child = childOf('setInterval(() => undefined, 1000);', { readyMs: 200 });
  await expect(child.start()).rejects.toThrow(/was not ready within 0\.2 s/);
  expect(child.pid).toBeUndefined();
});

it('kills a child that does not end when asked to, with all that it started', async () => {
  const stubborn = "process.on('SIGTERM', () => undefined);";
  const grandchild = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(stubborn + SERVES)}], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })`;
  let served: ChildProcess | undefined;
  let grandchildPid = 0;
  const child = childOf(`${stubborn} const g = ${grandchild}; g.on('message', () => process.send(g.pid));`, {
    endMs: 100,
    ready: async (process) => {
      const [pid] = (await once(process, 'message')) as [number];
      grandchildPid = pid;
      served = process;
    },
  });
  await child.start();
  await child.stop();
  expect(served && isRunning(served)).toBe(false);
  await vi.waitFor(() => expect(() => process.kill(grandchildPid, 0)).toThrow(), 5000);
});

it('is not started again after it was stopped during its pause', async () => {
  const spawns = vi.fn();
  const child = childOf('process.send({}); process.exit(1);', { onSpawn: spawns });
  await child.start();
  await vi.waitFor(() => expect(spawns.mock.calls.length).toBeGreaterThan(1), 5000);
  await child.stop();
  const count = spawns.mock.calls.length;
  await child.stop();
  expect(child.pid).toBeUndefined();
  expect(spawns.mock.calls.length).toBe(count);
});
