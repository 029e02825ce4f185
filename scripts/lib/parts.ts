import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHECK_NAMES, runChecks } from './checks.ts';
import { say } from './progress.ts';

/** How many tests of a part did what they should. */
export interface Score {
  passed: number;
  failed: number;
  skipped: number;
}

/** A part of `scripts/test`. */
export interface Part {
  name: string;
  what: string;
  /** Programs of the system that it cannot do without. */
  needs: ('redis' | 'chromium' | 'web')[];
  /** The longest that it may take, minutes. */
  minutes: number;
  run: (root: string, env: NodeJS.ProcessEnv, minutes: number) => Promise<Score>;
}

/** All parts, in the order in which they run: what fails soonest first. */
export const PARTS: Part[] = [
  { name: 'check', what: 'types, lint, dependencies, formatting, unused code', needs: [], minutes: 5, run: check },
  { name: 'unit', what: 'rules and functions', needs: [], minutes: 5, run: vitest(['unit', 'web']) },
  {
    name: 'embedded',
    what: "the embedded database, with MongoDB's own cases",
    needs: [],
    minutes: 15,
    run: vitest(['embedded']),
  },
  {
    name: 'contract',
    what: 'the protocol against the real server',
    needs: ['redis'],
    minutes: 15,
    run: vitest(['contract']),
  },
  {
    name: 'flow',
    what: 'whole ways through several processes',
    needs: ['redis', 'web'],
    minutes: 15,
    run: vitest(['flow']),
  },
  { name: 'e2e', what: 'browsers', needs: ['redis', 'chromium', 'web'], minutes: 15, run: vitest(['e2e']) },
  { name: 'faults', what: 'kills and cuts under load, short', needs: ['redis'], minutes: 15, run: vitest(['faults']) },
  {
    name: 'bench',
    what: 'benchmarks, small, to keep them alive',
    needs: ['redis', 'chromium', 'web'],
    minutes: 10,
    run: bench,
  },
];

async function check(root: string): Promise<Score> {
  const score = { passed: 0, failed: 0, skipped: 0 };
  await runChecks(root, CHECK_NAMES, ({ name, passed, ms, output }) => {
    if (!passed) say(output.trimEnd());
    say(`${passed ? '✓' : '✗'} ${name} (${(ms / 1000).toFixed(1)} s)`);
    score[passed ? 'passed' : 'failed'] += 1;
  });
  return score;
}

/** Runs projects of the test runner, and counts by its report, not by what it prints. */
function vitest(projects: string[]): Part['run'] {
  return async (root, env, minutes) => {
    const folder = mkdtempSync(join(tmpdir(), 'opsboard-test-'));
    try {
      const report = join(folder, 'report.json');
      const code = await runProgram(
        [
          join(root, 'node_modules/vitest/vitest.mjs'),
          'run',
          ...projects.map((project) => `--project=${project}`),
          '--reporter=default',
          '--reporter=json',
          `--outputFile.json=${report}`,
        ],
        { root, env, minutes },
      );
      return scoreOf(existsSync(report) ? readFileSync(report, 'utf8') : undefined, code);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

/** What the test runner reports, as far as it counts. */
interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

/**
 * Counts a report. A file that could not be loaded, a runner that crashed, an error outside of every test and a part
 * without any test are each a failure.
 *
 * @param report the runner's JSON, undefined when it wrote none
 * @param code the runner's exit code
 */
export function scoreOf(report: string | undefined, code: number | null): Score {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const {
    numPassedTests: passed,
    numFailedTests,
    numPendingTests,
    numTodoTests,
    testResults,
  } = JSON.parse(report) as Report;
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((one) => one.status === 'failed'),
  );
  let failed = numFailedTests + broken.length;
  if (failed === 0 && (code !== 0 || passed === 0)) failed = 1;
  return { passed, failed, skipped: numPendingTests + numTodoTests };
}

async function bench(root: string, env: NodeJS.ProcessEnv, minutes: number): Promise<Score> {
  const code = await runProgram([join(root, 'test/bench/main.ts'), '--small'], { root, env, minutes });
  return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs a Node program on this terminal. @returns its exit code, null when it was killed or took too long */
function runProgram(
  args: string[],
  options: { root: string; env: NodeJS.ProcessEnv; minutes: number },
): Promise<number | null> {
  const { root, env, minutes } = options;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
    const stop = (): void => {
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), 5000).unref();
    };
    const tooLong = setTimeout(() => {
      say(`This part took longer than ${minutes} minutes and is ended.`);
      stop();
    }, minutes * 60_000);
    // Whoever ends us means the tests too: they hold servers, databases and browsers.
    const interrupt = (): void => {
      stop();
      child.once('exit', () => process.exit(130));
    };
    for (const signal of SIGNALS) process.once(signal, interrupt);
    const end = (code: number | null): void => {
      clearTimeout(tooLong);
      for (const signal of SIGNALS) process.off(signal, interrupt);
      resolve(code);
    };
    child.once('error', () => end(null));
    child.once('exit', end);
  });
}
