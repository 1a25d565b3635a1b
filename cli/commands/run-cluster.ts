import type { ClusterRow } from '../../server/cluster/cluster-messages.ts';
import { runNodes } from '../../server/cluster/run-nodes.ts';
import { networkAddresses } from '../../server/http/own-host-names.ts';
import { DEFAULT_HOST } from '../../server/settings/setting-values.ts';
import { clusterBanner } from '../output/banner.ts';
import { listedAccounts } from '../output/listed-accounts.ts';
import { programVoice, speakForProcess } from '../program-voice.ts';
import type { ClusterOptions } from '../settings/cluster-settings.ts';
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

/**
 * `forklore cluster`: runs several nodes in one process until it is asked to stop.
 * @returns the exit code of the program
 */
export async function runCluster({ nodes, dials, log, json }: ClusterOptions): Promise<number> {
  const voice = programVoice(log);
  speakForProcess(voice);
  const onStarted = (running: readonly ClusterRow[]): void => {
    const banner = () => clusterBanner(running, nodes, networkAddresses(nodes[0]?.host ?? DEFAULT_HOST));
    if (!json || !voice.isForPeople) voice.greet(banner, listeningOf(running, nodes));
    if (json) printPlaces({ nodes: running.map(placeOf), ...(nodes[0] && listedAccounts(nodes[0].network)) });
  };
  const ends = await runNodes({
    nodes,
    dials,
    portFlag: BASE_PORT_FLAG,
    releasePort: null,
    signal: untilSignal(),
    isWhole: false,
    mayRetry: false,
    onStarted,
    onStopping: () => voice.remark(STOPPING),
    onFailed: failuresSpokenBy(voice),
    onMoved: null,
  });
  return clusterExitCode(ends);
}
