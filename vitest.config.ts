import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// Far above what any test takes: they end one that hangs, never one on a slow or busy machine.
const common = { testTimeout: 180_000, hookTimeout: 180_000, pool: 'forks' } as const;

// Libraries load graphql as CommonJS; a second copy of it would not know the first one's types.
const graphql = { find: /^graphql$/, replacement: 'graphql/index.js' };

// Threads that tests start run the bundle: to load its sources, the thread of a node takes seconds.
const workers = {
  find: /^.*\/process\/worker-files\.ts$/,
  replacement: fileURLToPath(new URL('testing/bundled-workers.ts', import.meta.url)),
};
const resolve = { alias: [graphql, workers] };

/** Files that measure heap or open handles of their own process. */
const MEASURING = ['test/scenarios/deep-reorg.test.ts', 'test/server/transport/transport.test.ts'];

export default defineConfig({
  test: {
    reporters: ['default', './testing/summary-reporter.ts'],
    // The default leaves one core to Vitest itself, which of two is half of the machine; and files that wait for browsers,
    // processes and timers leave room for one more.
    maxWorkers: availableParallelism() + 1,
    // Files run in the order of their projects' names, so that what waits a lot (browsers, processes) comes first, and
    // the many short files of `rooms` last.
    projects: [
      {
        plugins: [svelte({ configFile: false })],
        // What runs in the browser, not what a server would render.
        resolve: { ...resolve, conditions: ['browser'] },
        test: {
          ...common,
          name: 'dashboard',
          include: ['test/dashboard/**/*.test.ts'],
          globalSetup: ['testing/build-workers.mjs'],
        },
      },
      {
        resolve,
        test: {
          ...common,
          name: 'rooms',
          include: ['test/**/*.test.ts'],
          exclude: ['test/process/**', 'test/dashboard/**', 'test/browser/**', 'test/long/**', ...MEASURING],
          // A worker loads modules once, not again for each file: that is more than a third of the time of short files.
          isolate: false,
          globalSetup: ['testing/build-workers.mjs'],
        },
      },
      {
        resolve,
        test: {
          ...common,
          name: 'measuring',
          include: MEASURING,
          globalSetup: ['testing/build-workers.mjs'],
        },
      },
      {
        resolve,
        // Whole programs, from the bundle that users run.
        test: {
          ...common,
          name: 'process',
          include: ['test/process/**/*.test.ts'],
          globalSetup: ['testing/build-once.ts'],
        },
      },
      {
        resolve,
        // The dashboard in a browser, with real nodes.
        test: {
          ...common,
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['testing/build-once.ts', 'testing/browser-program.ts'],
        },
      },
      {
        resolve,
        // What needs minutes, root, or tools of the system; `npm run test:long`, and no part of `npm test`.
        test: {
          ...common,
          name: 'long',
          include: ['test/long/**/*.test.ts'],
          globalSetup: ['testing/build-once.ts'],
          // Each file uses every core.
          fileParallelism: false,
          maxConcurrency: availableParallelism(),
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
