// `npm run node`, `npm run cluster`, …: bundles the sources where they have changed, then runs the program in this very
// process, so that signals and exit codes are its own.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { buildIfStale, isDashboardStale } from './build.mjs';

/** Commands that serve the dashboard. The others do not wait for its build, which takes seconds. */
const WITH_DASHBOARD = ['dashboard', 'start'];

if (WITH_DASHBOARD.includes(process.argv[2]) && (await isDashboardStale())) buildDashboard();
await buildIfStale();
await import('../dist/forklore.js');

/** In a process of its own: the build would leave memory, threads and settings of its own to the program. */
function buildDashboard() {
  process.stderr.write('Building the dashboard…\n');
  const build = fileURLToPath(new URL('build.mjs', import.meta.url));
  const { status } = spawnSync(process.execPath, [build, 'dashboard'], { stdio: 'inherit' });
  // What is wrong has been printed.
  if (status !== 0) process.exit(1);
}
