import { defineConfig } from 'vitest/config';

// The first test of a file waits for its node to start, which takes seconds where other programs keep the processors busy.
export default defineConfig({ test: { testTimeout: 30_000 } });
