import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Tests of real processes run the bundle that users run; it is built once for all of them. */
export default function setup(): void {
  execFileSync(process.execPath, [fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url))], {
    stdio: 'inherit',
  });
}
