import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { on } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Starts a peer in a process of its own, from the file of that name beside this one. */
export const forkPeer = (name: string, args: readonly string[] = []): ChildProcess =>
  fork(fileURLToPath(new URL(`./${name}.ts`, import.meta.url)), args);

/** Waits for the next word of a type from a peer. It fails if the peer ends first. */
export async function nextWord<W extends { type: string }, T extends W['type']>(
  child: ChildProcess,
  type: T,
): Promise<Extract<W, { type: T }>> {
  for await (const [word] of on(child, 'message', { close: ['exit'] }) as AsyncIterable<[W]>)
    if (word.type === type) return word as Extract<W, { type: T }>;
  throw new Error(`a process of the benchmark ended with ${String(child.exitCode)}`);
}
