// `npm run node`, `npm run cluster`, …: bundles the sources where they have changed, then runs the program in this very
// process, so that signals and exit codes are its own. Whoever ends a node by its process id starts this file with node:
// npm puts a shell between, which a signal ends and which does not pass it on.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { buildIfStale, isDashboardStale } from './build.mjs';

/** Commands that serve the dashboard. The others do not wait for its build, which takes seconds. */
const WITH_DASHBOARD = ['dashboard', 'start'];
/** Signals that ask a program to end. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

if (WITH_DASHBOARD.includes(process.argv[2]) && (await isDashboardStale())) await buildDashboard();
await buildIfStale();
await import('../dist/forklore.js');

/** In a process of its own: the build would leave memory, threads and settings of its own to the program. */
async function buildDashboard() {
  process.stderr.write('Building the dashboard…\n');
  const build = fileURLToPath(new URL('build.mjs', import.meta.url));
  const child = spawn(process.execPath, [build, 'dashboard'], { stdio: 'inherit' });
  const listeners = SIGNALS.map((signal) => {
    const pass = () => child.kill(signal);
    process.on(signal, pass);
    return { signal, pass };
  });
  const [code, endedBy] = await once(child, 'close');
  for (const { signal, pass } of listeners) process.off(signal, pass);
  // By the same signal as the build, as if there had been none.
  if (endedBy !== null) process.kill(process.pid, endedBy);
  // What is wrong has been printed.
  if (code !== 0) process.exit(1);
}
