import { defineConfig } from 'vitest/config';

const common = { testTimeout: 30_000, hookTimeout: 30_000, pool: 'forks' } as const;

export default defineConfig({
  test: {
    reporters: ['default', './test/support/summary-reporter.ts'],
    projects: [
      { test: { ...common, name: 'rooms', include: ['test/**/*.test.ts'], exclude: ['test/process/**'] } },
      {
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
