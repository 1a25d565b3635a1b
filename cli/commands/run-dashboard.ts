import { dashboardFolder } from '../../server/dashboard-server/dashboard-folder.ts';
import { startDashboardServer } from '../../server/dashboard-server/dashboard-server.ts';
import { ExpectedError } from '../../server/process/expected-error.ts';
import { EXIT_CODES } from '../cli-errors.ts';
import { dashboardBanner } from '../output/banner.ts';
import { wantsColors } from '../output/output.ts';
import type { DashboardOptions } from '../settings/dashboard-settings.ts';
import { untilSignal } from '../signals.ts';
import { askNode, type CliContext } from './client-context.ts';

/**
 * `forklore dashboard`: serves the dashboard until it is asked to stop.
 * @returns the exit code of the program
 * @throws CommandError when the program was built without it; ListenError
 */
export async function runDashboard(options: DashboardOptions, context: CliContext): Promise<number> {
  const signal = untilSignal();
  const server = await startDashboardServer({ ...options, folder: dashboardFolder() });
  process.stdout.write(
    dashboardBanner(
      server,
      options.nodes.map(({ url }) => url),
      wantsColors(process.stdout, process.env),
    ),
  );
  // Not awaited: the page is there meanwhile, and shows a node as soon as it answers.
  for (const { url } of options.nodes) void warnOfAbsent(url, context);
  await signal;
  await server.close();
  return EXIT_CODES.ok;
}

/** Says in a line that a node does not answer, and why: its URL may be misspelt. */
async function warnOfAbsent(node: string, context: CliContext): Promise<void> {
  try {
    // Without what the environment says of a token: this asks for nothing that needs one.
    await askNode({ node }, { ...context, environment: {} }, ({ client }) => client.nodeInfo());
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    context.terminal.printError(`warning: ${error.message}`);
  }
}
