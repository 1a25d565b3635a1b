import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Logger } from 'pino';
import { assertInvariant } from '../../consensus/errors.ts';
import type { Notice } from '../../protocol/notices.ts';
import { ListenError } from '../http/listen-error.ts';
import { MiningBudget } from '../mining/mining-budget.ts';
import type { RunningNode } from '../node/running-node.ts';
import { startNode } from '../node/start-node.ts';
import { failureKind, failureMessage } from '../process/failure.ts';
import { createHeldLogger, createLogger, type LogOptions } from '../process/log.ts';
import { nameSettingsAs } from '../process/setting-name.ts';
import type { ClusterCommand, ClusterNodeData, ClusterNodeMessage } from './cluster-messages.ts';

// One node of a cluster, in a thread of its own: an ordinary node that reports to who started it instead of a terminal.

assertInvariant(parentPort !== null, 'a cluster node runs in a worker thread');
const port = parentPort;
const { index, options, portFlag, settingStyle, budget, reportsBlocks, logPort } = workerData as ClusterNodeData;
nameSettingsAs(settingStyle);
const { log, release } = logPort ? await reportedLogger(logPort) : await createHeldLogger(logOptions());

function post(message: ClusterNodeMessage): void {
  port.postMessage(message);
}

function logOptions(): Pick<LogOptions, 'level' | 'format'> {
  return { level: options.logLevel, format: options.logFormat };
}

/** A logger whose lines are messages: nothing of it has to be held back. */
async function reportedLogger(to: MessagePort): Promise<{ log: Logger; release(): void }> {
  const output = { write: (line: string) => to.postMessage(line) };
  return { log: await createLogger({ ...logOptions(), output }), release: () => {} };
}

/** @param error null if the node was asked to stop */
function end(error: unknown): void {
  release();
  const isPortTaken = error instanceof ListenError && error.isPortTaken;
  const failure = error === null ? null : { kind: failureKind(error), message: failureMessage(error), isPortTaken };
  post({ type: 'ended', failure });
  port.close();
}

function reportBlock(notice: Notice, { store }: Pick<RunningNode, 'store'>): void {
  if (notice.kind === 'reorg') {
    post({ type: 'reorg', left: notice.disconnected.length, taken: notice.connected.length });
  }
  if (notice.kind !== 'block') return;
  const { blockHash, height } = notice;
  const [coinbase, ...others] = store.block(blockHash)?.transactions ?? [];
  const tag = coinbase?.kind === 'coinbase' ? new TextDecoder().decode(coinbase.tag) : '';
  const transfers = others.filter(({ kind }) => kind === 'transfer').length;
  post({ type: 'block', blockHash, height, transfers, contractTransactions: others.length - transfers, tag });
}

/** A command to wait for: `given` resolves with its content, or rejects if the node has to stop first. */
function commandBeforeStop<T>(signal: AbortSignal): { readonly given: Promise<T>; give(what: T): void } {
  let give: (what: T) => void = () => {};
  const given = new Promise<T>((resolve, reject) => {
    give = resolve;
    signal.addEventListener('abort', () => reject(signal.reason));
  });
  // An unawaited rejection is not a failure.
  given.catch(() => {});
  return { given, give };
}

async function run(): Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const mayListen = commandBeforeStop<void>(signal);
  const mayDial = commandBeforeStop<readonly string[]>(signal);
  port.on('message', (command: ClusterCommand) => {
    switch (command.type) {
      case 'listen':
        return mayListen.give();
      case 'dial':
        return mayDial.give(command.peers);
      case 'speak':
        return release();
      case 'stop':
        return stopping.abort();
    }
  });
  let node: RunningNode;
  try {
    post({ type: 'loaded' });
    await mayListen.given;
    node = await startNode(options, {
      log: log.child({ node: options.name }),
      // Whoever takes the lines keeps a limited number.
      isLogWhole: logPort !== null,
      budget: MiningBudget.from(budget, index),
      portFlag,
      onFatal: end,
      onNotice: reportsBlocks ? reportBlock : undefined,
      beforeDialling: () => {
        post({ type: 'listening' });
        return mayDial.given;
      },
      stopSignal: signal,
    });
  } catch (error) {
    end(error === signal.reason ? null : error);
    return;
  }
  const { name, url, tokenFile, isPlaygroundServed, stratumListens: stratum } = node;
  const { height } = node.core.chain.tip.record;
  post({ type: 'ready', row: { name, url, height, tokenFile, isPlaygroundServed, stratum } });
  // Not awaited: a node that fails ends the thread without a stop command.
  const stop = () => node.stop().then(() => end(null), end);
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop);
}

await run();
