import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/**
 * One project for each kind of test. Unit tests are short and share processes' time; the others start real servers,
 * databases or browsers, so those whose timing matters run one file after the other.
 */
const project = (name: string, include: string[], more: object = {}) => ({
  extends: true as const,
  test: { name, include, ...more },
});

/** A soak has the same tests do many times as much. */
const longer = process.env['SOAK'] === '1' ? 40 : 1;

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    projects: [
      project('unit', ['{shared,server}/src/**/*.test.ts', 'scripts/**/*.test.ts', 'test/bench/**/*.test.ts']),
      {
        ...project('web', ['web/src/**/*.test.ts']),
        plugins: [svelte({ configFile: false })],
        resolve: { conditions: ['browser'] },
      },
      project('contract', ['test/contract/**/*.test.ts']),
      project('flow', ['test/flow/**/*.test.ts'], { testTimeout: 120_000 * longer }),
      project('embedded', ['embedded-mongo/{src,test}/**/*.test.ts'], { testTimeout: 60_000 * longer }),
      project('e2e', ['test/e2e/**/*.test.ts'], { testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false }),
      project('faults', ['test/faults/**/*.test.ts'], { testTimeout: 600_000 * longer, fileParallelism: false }),
    ],
  },
});
