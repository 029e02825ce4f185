import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{shared,server,embedded-mongo,web}/src/**/*.test.ts', 'embedded-mongo/test/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
