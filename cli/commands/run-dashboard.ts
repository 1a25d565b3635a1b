import { dashboardFolder } from '../../server/dashboard-server/dashboard-folder.ts';
import { startDashboardServer } from '../../server/dashboard-server/dashboard-server.ts';
import { EXIT_CODES } from '../cli-errors.ts';
import { dashboardBanner } from '../output/banner.ts';
import { wantsColors } from '../output/output.ts';
import type { DashboardOptions } from '../settings/dashboard-settings.ts';
import { untilSignal } from '../signals.ts';

/**
 * `forklore dashboard`: serves the dashboard until it is asked to stop.
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
