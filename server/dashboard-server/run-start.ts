import { startBanner } from '../cli/banner.ts';
import { wantsColors } from '../cli/output.ts';
import { runNodes } from '../cluster/run-cluster.ts';
import { ListenError } from '../http/listen-error.ts';
import { ownHostNames } from '../http/own-host-names.ts';
import { hostAndPort } from '../transport/remote-address.ts';
import { dashboardFolder } from './dashboard-folder.ts';
import type { DashboardOptions, StartOptions } from './dashboard-options.ts';
import { type DashboardServer, startDashboardServer } from './dashboard-server.ts';

/**
 * `forklore start`: runs several nodes and the dashboard in one process until it is told to stop, or no node is left.
 * @returns the exit code of the program
 * @throws CommandError when the program was built without the dashboard; ListenError when its port cannot be used. No
 *   node has been started then.
 */
export async function runStart({ cluster, dashboard }: StartOptions): Promise<number> {
  const server = await listenFirst(dashboard);
  try {
    const origins = originsOf(dashboard, server.port);
    const nodes = cluster.nodes.map((node) => ({ ...node, allowedOrigins: [...node.allowedOrigins, ...origins] }));
    const showColors = wantsColors(process.stdout, process.env);
    return await runNodes(nodes, (running) => startBanner(server.url, running, nodes, showColors));
  } finally {
    await server.close();
  }
}

async function listenFirst(options: DashboardOptions): Promise<DashboardServer> {
  try {
    return await startDashboardServer({ ...options, folder: dashboardFolder() });
  } catch (error) {
    // The port was not given by the flag that a server alone has.
    if (error instanceof ListenError) throw new ListenError(error.message.replace('--port', '--dashboard-port'));
    throw error;
  }
}

/** The dashboard's page as its nodes see it. They know that of a loopback address without being told. */
function originsOf({ host, allowedHosts }: DashboardOptions, port: number): string[] {
  return [...ownHostNames(host), ...allowedHosts].map((name) => `http://${hostAndPort(name, port)}`);
}
