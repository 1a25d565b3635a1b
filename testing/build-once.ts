import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Says to everything that this process starts that the bundle is up to date. */
const BUILT = 'FORKLORE_TESTS_HAVE_BUILT';

/** Tests of real processes run the bundle that users run; it is built once for all of them. */
export default function setup(): void {
  if (process.env[BUILT]) return;
  execFileSync(process.execPath, [fileURLToPath(new URL('../scripts/build.mjs', import.meta.url))], {
    stdio: 'inherit',
  });
  process.env[BUILT] = '1';
}
