import { buildIfStale } from '../scripts/build.mjs';

/** Builds what the threads of tests run, see `bundled-workers.ts`: the program alone, and only where a source has changed. */
export default async function setup() {
  await buildIfStale();
}
