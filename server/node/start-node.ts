import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import { PrivateFileError } from '../files/private-files.ts';
import { type AdminToken, AdminTokenError, loadAdminToken } from '../http/admin-token.ts';
import { sendUnavailable } from '../http/health.ts';
import { type HttpServer, startHttpServer } from '../http/http-server.ts';
import { listenerOfOtherFamily } from '../http/other-family.ts';
import { announcedHostNames, ownHostNames } from '../http/own-host-names.ts';
import { refuseUpgrade } from '../http/refuse-upgrade.ts';
import { tokenFileOf } from '../http/token-file.ts';
import { OptionError } from '../process/expected-error.ts';
import { failpoint } from '../process/failpoint.ts';
import { RatedLog } from '../process/rated-log.ts';
import { settingName } from '../process/setting-name.ts';
import { loadInitialState } from '../snapshots/initial-state.ts';
import type { VerifySignatures } from '../store/verify-signatures.ts';
import { VerificationPool } from '../verification/verification-pool.ts';
import { LiveNode } from './live-node.ts';
import type { NodeOptions } from './node-options.ts';
import { type OpenedStore, openChecked } from './open-checked.ts';
import { trustsLocalUser } from './reachability.ts';
import type { NodeSurroundings, RunningNode } from './running-node.ts';

const STARTING = { ready: false, reason: 'starting' } as const;
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Opens the data folder, checks it, listens, and connects all parts of a node.
 * @throws ListenError, StoreError, AdminTokenError, OptionError, PrivateFileError
 */
export async function startNode(options: NodeOptions, surroundings: NodeSurroundings): Promise<RunningNode> {
  const log = new RatedLog(surroundings.log, surroundings.isLogWhole ? Number.POSITIVE_INFINITY : undefined);
  const verification = new VerificationPool({ threads: availableParallelism() });
  let live: LiveNode | null = null;
  const http = await startHttpServer({
    host: options.host,
    port: options.port,
    portFlag: surroundings.portFlag,
    policy: {
      hosts: [...ownHostNames(options.host), ...announcedHostNames(options.announce), ...options.allowedHosts],
      allowedOrigins: options.allowedOrigins,
    },
    log,
    routes: {
      graphql: (request, response, visit) => {
        if (live?.isServing) return live.graphql.handleRequest(request, response, visit);
        return sendUnavailable(response, live?.readiness() ?? STARTING);
      },
      playground: (request, response, caller) => {
        if (live?.isServing) return live.graphql.handleFile(request, response, caller);
        return sendUnavailable(response, live?.readiness() ?? STARTING);
      },
      snapshots: (request, response, caller) => {
        if (live?.isServing) return live.snapshots.handle(request, response, caller);
        return sendUnavailable(response, live?.readiness() ?? STARTING);
      },
      readiness: () => live?.readiness() ?? STARTING,
      metrics: { contentType: METRICS_TYPE, render: async () => (await live?.renderMetrics()) ?? '' },
    },
    upgrades: {
      peer: (request, socket, head) => {
        if (live) live.transport.handleUpgrade(request, socket, head);
        else refuseUpgrade(socket, 503, STARTING.reason);
      },
      graphql: (request, socket, head, caller) => {
        if (live?.isServing) live.graphql.handleUpgrade(request, socket, head, caller);
        else refuseUpgrade(socket, 503, live ? 'shutting down' : STARTING.reason);
      },
    },
  });
  let opened: OpenedStore | null = null;
  try {
    failpoint('listening');
    opened = await openChecked(options, surroundings.log, verification, surroundings);
    const { store } = opened;
    const verify: VerifySignatures = (checks) => verification.verify(checks);
    const initial = options.loadState && (await loadInitialState(options.loadState, store, options.network, verify));
    // After the store: the token file may be in the data folder, which is rejected if it holds files but no chain.
    const tokenFile = trustsLocalUser(options) ? null : tokenFileOf(options);
    const token = tokenFile === null ? null : tokenIn(tokenFile, options);
    live = new LiveNode({ options, surroundings, log, http, opened, verification, token, tokenFile, initial });
    failpoint('core-loaded');
    await live.start();
    failpoint('node-started');
    void warnOfOtherListener(options, http, surroundings.log);
    return live;
  } catch (error) {
    await (live ? live.stop() : Promise.all([http.close(), verification.close(), opened?.store.close()]));
    log.flush();
    throw error;
  }
}

/** Loads the token. A problem with a file that the user named is wrong usage, as with any other named file. */
function tokenIn(file: string, { adminTokenFile }: NodeOptions): AdminToken {
  try {
    return loadAdminToken(file);
  } catch (error) {
    const isFileProblem = error instanceof AdminTokenError || error instanceof PrivateFileError;
    if (adminTokenFile === null || !isFileProblem) throw error;
    throw new OptionError(`${settingName('adminTokenFile')}: ${error.message}`);
  }
}

/** Not awaited: clients that use the address of the node are not affected. */
async function warnOfOtherListener({ host }: NodeOptions, { port, url }: HttpServer, log: Logger): Promise<void> {
  const other = await listenerOfOtherFamily(host, port);
  if (other === null) return;
  log.warn(
    { other },
    `another program listens on ${other}, where a browser may look for localhost; call this node ${url}`,
  );
}
