import { parentPort, workerData } from 'node:worker_threads';
import { assertInvariant } from '../../consensus/errors.ts';
import type { Notice } from '../../protocol/notices.ts';
import { failureExitCode, failureMessage } from '../failure.ts';
import { ListenError } from '../http/listen-error.ts';
import { createLogger } from '../log.ts';
import { MiningBudget } from '../mining/mining-budget.ts';
import { type RunningNode, startNode } from '../running-node.ts';
import type { ClusterCommand, ClusterNodeData, ClusterNodeMessage } from './cluster-messages.ts';

// One node of a cluster, in a thread of its own: an ordinary node that reports to its cluster instead of a terminal.

assertInvariant(parentPort !== null, 'a cluster node runs in a worker thread');
const port = parentPort;
const { index, options, budget, tellsBlocks } = workerData as ClusterNodeData;
const log = createLogger({ level: options.logLevel, format: options.logFormat }).child({ node: options.name });

function post(message: ClusterNodeMessage): void {
  port.postMessage(message);
}

function end(error: unknown): void {
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

function tell(notice: Notice, { core, store }: Pick<RunningNode, 'core' | 'store'>): void {
  if (notice.kind === 'reorg') {
    post({ type: 'reorg', left: notice.disconnected.length, taken: notice.connected.length });
  }
  if (notice.kind !== 'block') return;
  const { blockHash, height } = notice;
  const isOwn = core.chain.get(blockHash)?.record.firstSeenFrom === 'self';
  const transactions = store.block(blockHash)?.transactions.length ?? 1;
  post({ type: 'block', blockHash, height, transfers: transactions - 1, isOwn });
}

async function run(): Promise<void> {
  let node: RunningNode;
  try {
    node = await startNode(options, {
      log,
      budget: MiningBudget.from(budget, index),
      onFatal: end,
      onNotice: tellsBlocks ? tell : undefined,
    });
  } catch (error) {
    end(error);
    return;
  }
  const { name, url, tokenFile, isPlaygroundServed } = node;
  post({ type: 'ready', row: { name, url, height: node.core.chain.tip.record.height, tokenFile, isPlaygroundServed } });
  port.on('message', (command: ClusterCommand) => {
    if (command.type === 'stop') node.stop().then(() => end(null), end);
  });
}

await run();
