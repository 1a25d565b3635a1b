import { defineConfig } from 'vitest/config';

const common = { testTimeout: 30_000, hookTimeout: 30_000, pool: 'forks' } as const;

// Libraries load graphql as CommonJS; a second copy of it would not know the first one's types.
const resolve = { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] };

export default defineConfig({
  test: {
    reporters: ['default', './test/support/summary-reporter.ts'],
    projects: [
      { resolve, test: { ...common, name: 'rooms', include: ['test/**/*.test.ts'], exclude: ['test/process/**'] } },
      {
        resolve,
        // Whole programs, from the bundle that users run.
        test: {
          ...common,
          name: 'process',
          include: ['test/process/**/*.test.ts'],
          globalSetup: ['test/support/build-once.ts'],
        },
      },
    ],
  },
});
