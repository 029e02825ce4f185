import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { CHECK_NAMES, runChecks } from './checks.ts';
import { say } from './progress.ts';
import { failedFiles, failedPart, scoreOf, scoreOfBoth, short } from './test-report.ts';
import type { Score } from './test-report.ts';

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
    run: vitest(['contract'], true),
  },
  {
    name: 'flow',
    what: 'whole ways through several processes',
    needs: ['redis', 'web'],
    minutes: 15,
    run: vitest(['flow'], true),
  },
  { name: 'e2e', what: 'browsers', needs: ['redis', 'chromium', 'web'], minutes: 25, run: vitest(['e2e'], true) },
  {
    name: 'faults',
    what: 'kills and cuts under load, short',
    needs: ['redis'],
    minutes: 15,
    run: vitest(['faults'], true),
  },
  {
    name: 'bench',
    what: 'benchmarks, small, to keep them alive',
    needs: ['redis', 'chromium', 'web'],
    minutes: 10,
    run: bench,
  },
];

async function check(root: string): Promise<Score> {
  const score: Score = { passed: 0, failed: 0, skipped: 0, failures: [], unsteady: [] };
  await runChecks(root, CHECK_NAMES, ({ name, passed, ms, output }) => {
    if (!passed) say(output.trimEnd());
    say(`${passed ? '✓' : '✗'} ${name} (${(ms / 1000).toFixed(1)} s)`);
    score[passed ? 'passed' : 'failed'] += 1;
    if (!passed) score.failures.push(`${name}\n${short(output)}`);
  });
  return score;
}

/**
 * More files than this are not run once more: then something is broken, and not unsteady. Why a part that waits for
 * real processes and browsers is given a second try at all: docs/decisions/unsteady-tests.md
 */
const UNSTEADY_FILES = 3;

/**
 * Runs projects of the test runner, and counts by its report, not by what it prints.
 *
 * @param projects the runner's names of them
 * @param again whether files that failed are run once more
 */
function vitest(projects: string[], again = false): Part['run'] {
  return async (root, env, minutes) => {
    const ends = Date.now() + minutes * 60_000;
    const first = await runTests(root, env, minutes, projects);
    if (!again || first.report === undefined) return scoreOf(first.report, first.code, root);
    const files = failedFiles(first.report);
    const left = (ends - Date.now()) / 60_000;
    if (files.length === 0 || files.length > UNSTEADY_FILES || left < 1) return scoreOf(first.report, first.code, root);
    say(`\n── once more, alone: ${files.map((file) => relative(root, file)).join(', ')}`);
    const second = await runTests(root, env, left, projects, files);
    return scoreOfBoth(first.report, second.report, second.code, root);
  };
}

/** One run of the test runner. @returns its report, undefined when it wrote none, and its exit code */
async function runTests(
  root: string,
  env: NodeJS.ProcessEnv,
  minutes: number,
  projects: string[],
  files: string[] = [],
): Promise<{ report: string | undefined; code: number | null }> {
  const folder = mkdtempSync(join(tmpdir(), 'opsboard-test-'));
  try {
    const path = join(folder, 'report.json');
    const code = await runProgram(
      [
        join(root, 'node_modules/vitest/vitest.mjs'),
        'run',
        ...files,
        ...projects.map((project) => `--project=${project}`),
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${path}`,
      ],
      { root, env, minutes },
    );
    return { report: existsSync(path) ? readFileSync(path, 'utf8') : undefined, code };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function bench(root: string, env: NodeJS.ProcessEnv, minutes: number): Promise<Score> {
  const code = await runProgram([join(root, 'test/bench/main.ts'), '--small'], { root, env, minutes });
  if (code !== 0) return failedPart('a benchmark could not be run to its end: see above');
  return { passed: 1, failed: 0, skipped: 0, failures: [], unsteady: [] };
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
