// `npm run node`, `npm run cluster`, …: bundles the sources, then runs the program in this very process, so that
// signals and exit codes are its own.
import { buildAll } from './build.mjs';

await buildAll();
await import('../dist/forklore.js');
