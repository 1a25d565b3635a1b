import type { ClusterRow, NodeEnd } from '../../server/cluster/cluster-messages.ts';
import type { Moved } from '../../server/cluster/node-thread.ts';
import { arePortsTaken, runNodes } from '../../server/cluster/run-nodes.ts';
import { dashboardFolder } from '../../server/dashboard-server/dashboard-folder.ts';
import {
  type DashboardServer,
  type ShownNode,
  startDashboardServer,
} from '../../server/dashboard-server/dashboard-server.ts';
import { reservePorts } from '../../server/http/free-ports.ts';
import { reachableUrl } from '../../server/http/listen.ts';
import { ListenError } from '../../server/http/listen-error.ts';
import { announcedHostNames, ownHostNames } from '../../server/http/own-host-names.ts';
import type { NodeOptions } from '../../server/node/node-options.ts';
import { hostAndPort } from '../../server/transport/remote-address.ts';
import { startBanner } from '../output/banner.ts';
import { BlockLines } from '../output/block-lines.ts';
import { listedAccounts } from '../output/listed-accounts.ts';
import { wantsColors } from '../output/output.ts';
import { type ProgramVoice, programVoice, speakForProcess } from '../program-voice.ts';
import type { StartOptions } from '../settings/dashboard-settings.ts';
import { untilSignal } from '../signals.ts';
import {
  BASE_PORT_FLAG,
  clusterExitCode,
  failuresSpokenBy,
  listeningOf,
  placeOf,
  printPlaces,
  STOPPING,
} from './cluster-report.ts';

/** Flag that chooses the port of the dashboard where nodes listen as well. */
const DASHBOARD_PORT_FLAG = '--dashboard-port';
/** How often other ports are tried if chosen ones are taken meanwhile. */
const MAX_ATTEMPTS = 4;

/**
 * `forklore start`: runs several nodes and the dashboard in one process until it is asked to stop, or no node is left.
 * Where a port is taken, the next free one is used.
 * @returns the exit code of the program
 * @throws CommandError when the program was built without the dashboard; ListenError when there are no ports for all of it.
 *   No node has been started then.
 */
export async function runStart(options: StartOptions): Promise<number> {
  const voice = programVoice(options.log);
  speakForProcess(voice);
  const program: Program = { voice, signal: untilSignal() };
  for (let attempt = 1; ; attempt++) {
    const mayRetry = attempt < MAX_ATTEMPTS;
    const ends = await runOnce(options, program, mayRetry);
    if (!(mayRetry && arePortsTaken(ends))) return clusterExitCode(ends);
  }
}

interface Program {
  readonly voice: ProgramVoice;
  /** Resolves when the program is asked to stop. */
  readonly signal: Promise<void>;
}

async function runOnce(
  options: StartOptions,
  { voice, signal }: Program,
  mayRetry: boolean,
): Promise<readonly NodeEnd[]> {
  const { basePort, count, dials, dashboard, json, blockLines } = options;
  const reserved = await reservePorts(dashboard.host, basePort, count, [dashboard.port]);
  let server: DashboardServer | null = null;
  try {
    const nodes = options.nodesAt(reserved.ports);
    server = await listenFirst(options, nodes);
    const shown = server;
    const origins = originsOf(options, nodes, shown.port);
    const lines = new BlockLines();
    return await runNodes({
      nodes: nodes.map((node) => ({ ...node, allowedOrigins: [...node.allowedOrigins, ...origins] })),
      dials,
      portFlag: BASE_PORT_FLAG,
      releasePort: (port) => reserved.release(port),
      signal,
      isWhole: true,
      mayRetry,
      onStarted: (running) => greet(voice, running, { json, nodes, server: shown }),
      onStopping: () => voice.remark(STOPPING),
      onFailed: failuresSpokenBy(voice),
      onMoved: blockLines ? (moved) => printLine(lines, moved) : null,
    });
  } finally {
    await reserved.releaseAll();
    await server?.close();
  }
}

function greet(
  voice: ProgramVoice,
  running: readonly ClusterRow[],
  { json, nodes, server }: { json: boolean; nodes: readonly NodeOptions[]; server: DashboardServer },
): void {
  if (!json || !voice.isForPeople) {
    const showColors = wantsColors(process.stdout, process.env);
    voice.greet(() => startBanner(server, running, nodes, showColors), listeningOf(running, nodes));
    voice.greetDashboard(server.url);
  }
  if (!json) return;
  const accounts = nodes[0] && listedAccounts(nodes[0].network);
  printPlaces({ dashboardUrl: server.url, nodes: running.map(placeOf), ...accounts });
}

function printLine(lines: BlockLines, moved: Moved): void {
  const line = lines.line(moved, Date.now());
  if (line !== null) process.stdout.write(`${line}\n`);
}

/** The dashboard's port is taken last, so that the page is there only where the nodes can be. */
async function listenFirst(
  { dashboard, isDashboardPortGiven }: StartOptions,
  nodes: readonly NodeOptions[],
): Promise<DashboardServer> {
  const shown: ShownNode[] = nodes.map(({ host, port, announce }) => ({ url: reachableUrl(host, port), announce }));
  const listenAt = (port: number): Promise<DashboardServer> =>
    startDashboardServer({
      ...dashboard,
      port,
      portFlag: DASHBOARD_PORT_FLAG,
      nodes: shown,
      folder: dashboardFolder(),
    });
  try {
    return await listenAt(dashboard.port);
  } catch (error) {
    if (!(error instanceof ListenError && error.isPortTaken) || isDashboardPortGiven) throw error;
    const taken = [dashboard.port, ...nodes.map(({ port }) => port)];
    const reserved = await reservePorts(dashboard.host, dashboard.port + 1, 1, taken);
    await reserved.releaseAll();
    return await listenAt(reserved.ports[0] ?? 0);
  }
}

/** The dashboard's page as its nodes see it. Loopback origins are allowed anyway. */
function originsOf({ dashboard }: StartOptions, nodes: readonly NodeOptions[], port: number): string[] {
  const announced = new Set(nodes.flatMap(({ announce }) => announcedHostNames(announce)));
  const names = [...ownHostNames(dashboard.host), ...announced, ...dashboard.allowedHosts];
  return names.map((name) => `http://${hostAndPort(name, port)}`);
}
