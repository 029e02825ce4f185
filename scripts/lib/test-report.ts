import { relative } from 'node:path';

/** How many tests of a part did what they should. */
export interface Score {
  passed: number;
  failed: number;
  skipped: number;
  /** What failed: its file, its name and what it said, ready to be printed. */
  failures: string[];
  /** What failed at first and passed when its file ran once more, alone; counted as passed. */
  unsteady: string[];
}

/** What failed outside of any test. */
export const failedPart = (why: string): Score => ({ passed: 0, failed: 1, skipped: 0, failures: [why], unsteady: [] });

/** What the test runner reports, as far as it counts. */
interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: FileReport[];
}

interface FileReport {
  /** The file's whole path. */
  name: string;
  status: string;
  /** Why the file could not be loaded. */
  message?: string;
  assertionResults: { status: string; fullName: string; failureMessages?: (string | null)[] }[];
}

/** As much of a text as says what went wrong, and no more: many failures must fit on a screen. */
export const short = (text: string): string =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.includes('node_modules'))
    .slice(0, 12)
    .map((line) => `    ${line.trimEnd().slice(0, 300)}`)
    .join('\n');

const couldNotLoad = ({ status, assertionResults }: FileReport): boolean =>
  status === 'failed' && !assertionResults.some((one) => one.status === 'failed');

function failuresOf(file: FileReport, root: string): string[] {
  const path = relative(root, file.name);
  if (couldNotLoad(file)) return [`${path}\n${short(file.message ?? 'could not be loaded')}`];
  return file.assertionResults
    .filter(({ status }) => status === 'failed')
    .map(({ fullName, failureMessages }) => `${path}: ${fullName}\n${short((failureMessages ?? []).join('\n'))}`);
}

/** The files of a report in which something failed, by their whole path. */
export const failedFiles = (report: string): string[] =>
  (JSON.parse(report) as Report).testResults.filter(({ status }) => status === 'failed').map(({ name }) => name);

/**
 * Counts a report. A file that could not be loaded, a runner that crashed, an error outside of every test and a part
 * without any test are each a failure.
 *
 * @param report the runner's JSON, undefined when it wrote none
 * @param code the runner's exit code
 * @param root the folder from which files are named
 */
export function scoreOf(report: string | undefined, code: number | null, root: string): Score {
  if (report === undefined) return failedPart('the test runner wrote no report: see above');
  const {
    numPassedTests: passed,
    numFailedTests,
    numPendingTests,
    numTodoTests,
    testResults,
  } = JSON.parse(report) as Report;
  const failures = testResults.flatMap((file) => failuresOf(file, root));
  let failed = numFailedTests + testResults.filter(couldNotLoad).length;
  if (failed === 0 && (code !== 0 || passed === 0)) {
    failed = 1;
    failures.push(passed === 0 ? 'no test ran' : 'an error outside of every test: see above');
  }
  return { passed, failed, skipped: numPendingTests + numTodoTests, failures, unsteady: [] };
}

/**
 * Counts a run and the second run of its failed files: of those files the second counts, and what the first said of
 * them is kept as unsteady where it passed.
 *
 * @param first the first run's report, with failed files
 * @param second the report of the run of these files, undefined when it wrote none
 * @param code the second run's exit code
 */
export function scoreOfBoth(first: string, second: string | undefined, code: number | null, root: string): Score {
  const before = scoreOf(first, 1, root);
  const after = scoreOf(second, code, root);
  const failing = (JSON.parse(first) as Report).testResults.filter(({ status }) => status === 'failed');
  const inFailing = (...statuses: string[]): number =>
    failing.flatMap((file) => file.assertionResults).filter(({ status }) => statuses.includes(status)).length;
  const stillFailing = new Set(second === undefined ? failedFiles(first) : failedFiles(second));
  return {
    passed: before.passed - inFailing('passed') + after.passed,
    failed: after.failed,
    skipped: before.skipped - inFailing('pending', 'skipped', 'todo') + after.skipped,
    failures: after.failures,
    unsteady: failing.filter(({ name }) => !stillFailing.has(name)).flatMap((file) => failuresOf(file, root)),
  };
}
