import { parentPort, workerData } from 'node:worker_threads';
import { assertInvariant } from '../../consensus/errors.ts';
import type { Notice } from '../../protocol/notices.ts';
import { printable } from '../cli/output.ts';
import { failureExitCode, failureMessage } from '../failure.ts';
import { ListenError } from '../http/listen-error.ts';
import { createHeldLogger } from '../log.ts';
import { MiningBudget } from '../mining/mining-budget.ts';
import { type RunningNode, startNode } from '../running-node.ts';
import type { ClusterCommand, ClusterNodeData, ClusterNodeMessage } from './cluster-messages.ts';

// One node of a cluster, in a thread of its own: an ordinary node that reports to its cluster instead of a terminal.

assertInvariant(parentPort !== null, 'a cluster node runs in a worker thread');
const port = parentPort;
const { index, options, budget, tellsBlocks } = workerData as ClusterNodeData;
const { log, release } = createHeldLogger({ level: options.logLevel, format: options.logFormat });

function post(message: ClusterNodeMessage): void {
  port.postMessage(message);
}

function end(error: unknown): void {
  release();
  post(
    error === null
      ? { type: 'ended', exitCode: 0, message: null }
      : { type: 'ended', exitCode: failureExitCode(error), message: messageOf(error) },
  );
  port.close();
}

/** The port of a cluster's node was not given by the flag that a single node has. */
function messageOf(error: unknown): string {
  const message = failureMessage(error);
  return error instanceof ListenError ? message.replace('--port', '--base-port') : message;
}

function tell(notice: Notice, { store }: Pick<RunningNode, 'store'>): void {
  if (notice.kind === 'reorg') {
    post({ type: 'reorg', left: notice.disconnected.length, taken: notice.connected.length });
  }
  if (notice.kind !== 'block') return;
  const { blockHash, height } = notice;
  const [coinbase, ...transfers] = store.block(blockHash)?.transactions ?? [];
  const tag = coinbase?.kind === 'coinbase' ? printable(new TextDecoder().decode(coinbase.tag)) : '';
  post({ type: 'block', blockHash, height, transfers: transfers.length, tag });
}

/** Resolves when the cluster gives this command, also if that is before anybody waits for it. */
function told(type: ClusterCommand['type']): Promise<void> {
  return new Promise((resolve) => {
    port.on('message', (command: ClusterCommand) => {
      if (command.type === type) resolve();
    });
  });
}

async function run(): Promise<void> {
  const [mayDial, maySpeak, mustStop] = [told('dial'), told('speak'), told('stop')];
  maySpeak.then(release);
  let node: RunningNode;
  try {
    node = await startNode(options, {
      log: log.child({ node: options.name }),
      budget: MiningBudget.from(budget, index),
      onFatal: end,
      onNotice: tellsBlocks ? tell : undefined,
      beforeDialling: () => {
        post({ type: 'listening' });
        return mayDial;
      },
    });
  } catch (error) {
    end(error);
    return;
  }
  const { name, url, tokenFile, isPlaygroundServed } = node;
  post({ type: 'ready', row: { name, url, height: node.core.chain.tip.record.height, tokenFile, isPlaygroundServed } });
  // Not awaited: a node that cannot go on ends the thread without having been told to.
  mustStop.then(() => node.stop()).then(() => end(null), end);
}

await run();
