import { dashboardBanner } from '../cli/banner.ts';
import { EXIT_CODES } from '../cli/cli-errors.ts';
import { wantsColors } from '../cli/output.ts';
import { untilSignal } from '../signals.ts';
import { dashboardFolder } from './dashboard-folder.ts';
import type { DashboardOptions } from './dashboard-options.ts';
import { startDashboardServer } from './dashboard-server.ts';

/**
 * `forklore dashboard`: serves the dashboard until it is told to stop.
 * @returns the exit code of the program
 * @throws CommandError when the program was built without it; ListenError
 */
export async function runDashboard(options: DashboardOptions): Promise<number> {
  const signal = untilSignal();
  const server = await startDashboardServer({ ...options, folder: dashboardFolder() });
  process.stdout.write(
    dashboardBanner(
      server,
      options.nodes.map(({ url }) => url),
      wantsColors(process.stdout, process.env),
    ),
  );
  await signal;
  await server.close();
  return EXIT_CODES.ok;
}
