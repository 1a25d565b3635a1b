import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const common = { testTimeout: 30_000, hookTimeout: 30_000, pool: 'forks' } as const;

// Libraries load graphql as CommonJS; a second copy of it would not know the first one's types.
const resolve = { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] };

export default defineConfig({
  test: {
    reporters: ['default', './test/support/summary-reporter.ts'],
    projects: [
      {
        plugins: [svelte({ configFile: false })],
        // What runs in the browser, not what a server would render.
        resolve: { ...resolve, conditions: ['browser'] },
        test: {
          ...common,
          name: 'dashboard',
          include: ['test/dashboard/**/*.test.ts'],
        },
      },
      {
        resolve,
        test: {
          ...common,
          name: 'rooms',
          include: ['test/**/*.test.ts'],
          exclude: ['test/process/**', 'test/dashboard/**', 'test/browser/**'],
        },
      },
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
      {
        resolve,
        // The dashboard in a browser, with real nodes.
        test: {
          ...common,
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/support/build-once.ts'],
          testTimeout: 120_000,
          // Each file starts a browser and nodes of its own, and some of them mine with every core.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
