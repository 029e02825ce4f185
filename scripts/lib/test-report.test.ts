import { describe, expect, it } from 'vitest';
import { failedFiles, scoreOf, scoreOfBoth } from './test-report.ts';

interface FileOf {
  status: string;
  tests: string[];
}

/** A report of the test runner over files of one folder, /w, named 0, 1, … */
const report = (passed: number, failed: number, files: FileOf[] = []): string =>
  JSON.stringify({
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: 1,
    numTodoTests: 2,
    testResults: files.map(({ status, tests }, number) => ({
      name: `/w/${number}`,
      status,
      message: 'no such module',
      assertionResults: tests.map((one) => ({ status: one, fullName: 'does it', failureMessages: ['it did not'] })),
    })),
  });

const files = (...tests: string[][]): FileOf[] =>
  tests.map((of) => ({ status: of.includes('failed') ? 'failed' : 'passed', tests: of }));

describe('the score of a part', () => {
  it.each<[string, string | undefined, number | null, number, number]>([
    ['all passed', report(3, 0), 0, 3, 0],
    ['some failed', report(3, 2, files(['failed', 'failed'])), 1, 3, 2],
    ['no report was written', undefined, 1, 0, 1],
    ['nothing ran', report(0, 0), 0, 0, 1],
    ['nothing was found', report(0, 0), 1, 0, 1],
    ['an error outside of every test', report(3, 0), 1, 3, 1],
    ['the runner was killed after its report', report(3, 0), null, 3, 1],
    ['a file could not be loaded', report(3, 0, [{ status: 'failed', tests: [] }]), 1, 3, 1],
    ['a failed test is counted once', report(3, 1, [{ status: 'failed', tests: ['passed', 'failed'] }]), 1, 3, 1],
  ])('%s', (_, text, code, passed, failed) => {
    const score = scoreOf(text, code, '/w');
    expect(score).toMatchObject({ passed, failed });
    expect(score.failures.length, 'what failed is told').toBe(failed);
  });
});

describe('the score of a part whose failed files ran once more', () => {
  const first = report(3, 1, files(['passed', 'passed'], ['passed', 'failed']));
  const again = (status: string): string =>
    JSON.stringify({
      numPassedTests: status === 'passed' ? 2 : 1,
      numFailedTests: status === 'passed' ? 0 : 1,
      numPendingTests: 0,
      numTodoTests: 0,
      testResults: [
        {
          name: '/w/1',
          status,
          assertionResults: [
            { status: 'passed', fullName: 'does it' },
            { status, fullName: 'does it', failureMessages: ['it did not again'] },
          ],
        },
      ],
    });

  it('names the files to run', () => {
    expect(failedFiles(first)).toEqual(['/w/1']);
  });

  it('counts the second run of them, and keeps what the first said', () => {
    const score = scoreOfBoth(first, again('passed'), 0, '/w');
    expect(score).toMatchObject({ passed: 4, failed: 0, failures: [] });
    expect(score.unsteady).toEqual([expect.stringMatching(/^1: does it\n.*it did not$/)]);
  });

  it.each<[string, string | undefined, number | null]>([
    ['what fails twice', again('failed'), 1],
    ['a second run that ended without a report', undefined, null],
    ['a second run with an error outside of every test', again('passed'), 1],
  ])('fails for %s', (_, second, code) => {
    expect(scoreOfBoth(first, second, code, '/w')).toMatchObject({ failed: 1, failures: [expect.any(String)] });
  });
});
