// `npm run node`, `npm run cluster`, …: bundles the sources where they have changed, then runs the program in this very
// process, so that signals and exit codes are its own.
import { buildIfStale } from './build.mjs';

await buildIfStale();
await import('../dist/forklore.js');
