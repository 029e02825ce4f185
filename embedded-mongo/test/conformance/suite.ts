import { MongoClient } from 'mongodb';
import { startServerProcess, temporaryFolder } from '../support/server-process.ts';
import { serverFacts, skipReason, type ServerFacts } from './requirements.ts';
import { runCase, type Target } from './run-case.ts';
import type { LoadedSpec, SpecTest } from './spec.ts';

/** Share of a folder's cases, of those that run, that must pass. */
export const bars: Record<string, number> = { crud: 0.9, transactions: 0.95, 'retryable-writes': 0.95 };

/** What became of a case. */
export type Outcome = { state: 'passed' } | { state: 'skipped'; reason: string } | { state: 'failed'; error: unknown };

/** A server that cases run against, and what is known of it. */
export interface Suite extends AsyncDisposable {
  facts: ServerFacts;
  run(loaded: LoadedSpec, test: SpecTest): Promise<Outcome>;
}

/**
 * Starts an empty store with test commands, or takes the server at `uri`: the same cases run against a MongoDB started
 * with `enableTestCommands`, to see whether a failure is the store's or the runner's.
 */
export async function startSuite(uri?: string): Promise<Suite> {
  const folder = temporaryFolder('conformance');
  const server = uri === undefined ? await startServerProcess({ dir: folder.path, testCommands: true }) : undefined;
  const target: Target = {
    uri: uri ?? server?.uri ?? '',
    internal: await new MongoClient(uri ?? server?.uri ?? '').connect(),
    timeoutMs: 15_000,
  };
  const facts = await serverFacts(target.internal);
  return {
    facts,
    async run(loaded, test) {
      const reason = skipReason(loaded, test, facts);
      if (reason !== undefined) return { state: 'skipped', reason };
      try {
        await runCase(loaded.spec, test, target);
        return { state: 'passed' };
      } catch (error) {
        return { state: 'failed', error };
      }
    },
    async [Symbol.asyncDispose]() {
      await target.internal.close();
      await server?.stop();
      folder.remove();
    },
  };
}

/** Counts by folder. */
export class Tally {
  readonly folders = new Map<string, { passed: number; failed: number; skipped: Map<string, number> }>();

  add(folder: string, outcome: Outcome): void {
    const counts = this.folders.get(folder) ?? { passed: 0, failed: 0, skipped: new Map<string, number>() };
    this.folders.set(folder, counts);
    if (outcome.state === 'skipped') counts.skipped.set(outcome.reason, (counts.skipped.get(outcome.reason) ?? 0) + 1);
    else counts[outcome.state] += 1;
  }

  /** Passed, of passed and failed; 0 where nothing ran, so that a folder that vanished misses its bar. */
  share(folder: string): number {
    const counts = this.folders.get(folder);
    return counts === undefined || counts.passed === 0 ? 0 : counts.passed / (counts.passed + counts.failed);
  }

  /** A table for people. */
  report(): string {
    const lines = [...this.folders].map(([folder, { passed, failed, skipped }]) => {
      const percent = (this.share(folder) * 100).toFixed(1).padStart(5);
      const bar = bars[folder] === undefined ? '' : ` (bar ${bars[folder] * 100} %)`;
      const notRun = [...skipped.values()].reduce((sum, count) => sum + count, 0);
      return `${folder.padEnd(28)} ${percent} %  ${passed} passed, ${failed} failed, ${notRun} skipped${bar}`;
    });
    const reasons = new Map<string, number>();
    for (const { skipped } of this.folders.values()) {
      for (const [reason, count] of skipped) reasons.set(reason, (reasons.get(reason) ?? 0) + count);
    }
    const why = [...reasons].sort((a, b) => b[1] - a[1]).map(([reason, count]) => `${count} ${reason}`);
    return [...lines, `skipped: ${why.join('; ')}`].join('\n');
  }
}
