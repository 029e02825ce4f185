import { describe, expect, it } from 'vitest';
import { scoreOf } from './parts.ts';

const report = (passed: number, failed: number, files: { status: string; tests: string[] }[] = []): string =>
  JSON.stringify({
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: 1,
    numTodoTests: 2,
    testResults: files.map(({ status, tests }) => ({
      status,
      assertionResults: tests.map((one) => ({ status: one })),
    })),
  });

describe('the score of a part', () => {
  it.each<[string, string | undefined, number | null, number, number]>([
    ['all passed', report(3, 0), 0, 3, 0],
    ['some failed', report(3, 2), 1, 3, 2],
    ['no report was written', undefined, 1, 0, 1],
    ['nothing ran', report(0, 0), 0, 0, 1],
    ['nothing was found', report(0, 0), 1, 0, 1],
    ['an error outside of every test', report(3, 0), 1, 3, 1],
    ['the runner was killed after its report', report(3, 0), null, 3, 1],
    ['a file could not be loaded', report(3, 0, [{ status: 'failed', tests: [] }]), 1, 3, 1],
    ['a failed test is counted once', report(3, 1, [{ status: 'failed', tests: ['passed', 'failed'] }]), 1, 3, 1],
  ])('%s', (_, text, code, passed, failed) => {
    expect(scoreOf(text, code)).toMatchObject({ passed, failed });
  });
});
