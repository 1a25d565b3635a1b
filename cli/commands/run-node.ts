import { networkAddresses } from '../../server/http/own-host-names.ts';
import type { NodeOptions } from '../../server/node/node-options.ts';
import type { RunningNode } from '../../server/node/running-node.ts';
import { startNode } from '../../server/node/start-node.ts';
import { failpoint } from '../../server/process/failpoint.ts';
import { failureKind, failureMessage } from '../../server/process/failure.ts';
import { createHeldLogger } from '../../server/process/log.ts';
import { VERSION } from '../../server/process/version.ts';
import { hostAndPort } from '../../server/transport/remote-address.ts';
import { EXIT_CODES } from '../cli-errors.ts';
import { type BannerValues, banner, genesisAccounts } from '../output/banner.ts';
import { listedAccounts } from '../output/listed-accounts.ts';
import { wantsColors } from '../output/output.ts';
import { showProgress } from '../output/progress.ts';
import { type Listening, portOf, programVoice, speakForProcess } from '../program-voice.ts';
import { untilSignal } from '../signals.ts';
import { STOPPING } from './cluster-report.ts';

/**
 * `forklore node`: runs a node until it is asked to stop or fails.
 * @returns the exit code of the program
 * @throws ListenError, StoreError, AdminTokenError, PrivateFileError
 */
export async function runNode(options: NodeOptions): Promise<number> {
  const voice = programVoice(options);
  speakForProcess(voice);
  const stopping = new AbortController();
  const signal = untilSignal().then(() => {
    voice.remark(STOPPING);
    stopping.abort();
  });
  failpoint('program-started');
  const { log, release } = await createHeldLogger({ level: options.logLevel, format: options.logFormat });
  let onFatal: (error: unknown) => void = () => {};
  const fatal = new Promise<{ error: unknown }>((resolve) => {
    onFatal = (error) => resolve({ error });
  });
  let node: RunningNode;
  try {
    const progress = voice.isForPeople ? showProgress() : undefined;
    node = await startNode(options, { log, budget: null, onFatal, progress, stopSignal: stopping.signal });
  } catch (error) {
    release();
    if (error === stopping.signal.reason) return EXIT_CODES.ok;
    throw error;
  }
  voice.greet(() => banner(bannerValues(node)), [listeningOf(node)]);
  release();
  const ended = await Promise.race([signal, fatal]);
  if (ended) {
    const code = EXIT_CODES[failureKind(ended.error)];
    voice.failure(failureMessage(ended.error), code);
    return code;
  }
  await node.stop();
  return EXIT_CODES.ok;
}

function listeningOf({ name, url, options: { network } }: RunningNode): Listening {
  return { name, url, network: network.name, genesisHash: network.genesis.hash, accounts: listedAccounts(network) };
}

function bannerValues({
  options,
  name,
  url,
  store,
  tokenFile,
  isPlaygroundServed,
  stratumListens,
}: RunningNode): BannerValues {
  const { network, mining, miningThreads, dataDir } = options;
  return {
    version: VERSION,
    name,
    network: network.name,
    genesisHash: network.genesis.hash,
    graphqlUrl: `${url}/graphql`,
    networkUrls: networkAddresses(options.host).map((name) => `http://${hostAndPort(name, portOf(url))}/graphql`),
    announce: options.announce,
    playgroundUrl: isPlaygroundServed ? `${url}/graphql` : null,
    dataDir,
    tipHeight: store.height,
    tipHash: store.tip,
    mining:
      mining.mode === 'off' ? null : `${mining.mode}, ${miningThreads} ${miningThreads === 1 ? 'thread' : 'threads'}`,
    stratum: stratumListens,
    adminTokenFile: tokenFile,
    developmentAccounts: genesisAccounts(network),
    listedAccounts: listedAccounts(network),
    colors: wantsColors(process.stdout, process.env),
  };
}
