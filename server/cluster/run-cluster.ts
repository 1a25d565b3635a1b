import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type ClusterRow, clusterBanner } from '../cli/banner.ts';
import { EXIT_CODES } from '../cli/cli-errors.ts';
import type { ClusterOptions, NodeOptions } from '../config.ts';
import { failureMessage } from '../failure.ts';
import { MiningBudget } from '../mining/mining-budget.ts';
import { untilSignal } from '../signals.ts';
import { workerFile } from '../worker-files.ts';
import type { ClusterCommand, ClusterNodeData, ClusterNodeMessage } from './cluster-messages.ts';

/** One node's thread, as its cluster sees it: starting -> running -> ended, or starting -> ended. */
class ClusterMember {
  readonly name: string;
  /** Resolves when the node listens, or with null when it ended before. */
  readonly ready: Promise<ClusterRow | null>;
  /** Resolves with the exit code when the thread has ended. */
  readonly ended: Promise<number>;
  readonly #worker: Worker;

  constructor(data: ClusterNodeData, report: (line: string) => void) {
    this.name = data.options.name ?? `node-${data.index}`;
    const { filename, execArgv } = workerFile('cluster-node');
    this.#worker = new Worker(new URL(filename), { execArgv, workerData: data });
    let exitCode: number = EXIT_CODES.failed;
    this.ended = new Promise((resolve) => {
      this.#worker.on('error', (error) => report(`${this.name} crashed: ${failureMessage(error)}`));
      this.#worker.on('exit', () => resolve(exitCode));
    });
    this.ready = new Promise((resolve) => {
      this.#worker.on('message', (message: ClusterNodeMessage) => {
        if (message.type === 'ready') resolve({ name: this.name, url: message.url, height: message.height });
        else {
          exitCode = message.exitCode;
          if (message.message !== null) report(`${this.name}: ${message.message}`);
        }
      });
      this.ended.then(() => resolve(null));
    });
  }

  stop(): Promise<number> {
    this.#worker.postMessage({ type: 'stop' } satisfies ClusterCommand);
    return this.ended;
  }
}

/**
 * `forklore cluster`: runs several nodes in one process until it is told to stop.
 * @returns the exit code of the program
 */
export function runCluster({ nodes }: ClusterOptions): Promise<number> {
  return runNodes(nodes, (running) => clusterBanner(running, nodes));
}

/**
 * Runs several nodes, each in a thread of its own, until the program is told to stop or all have ended. A node that
 * crashes is reported and does not take the others down.
 * @param greeting what to print when all have started or failed, of those that run; not asked when none does
 * @returns the exit code of the program
 */
export async function runNodes(
  nodes: readonly NodeOptions[],
  greeting: (running: readonly ClusterRow[]) => string,
): Promise<number> {
  const report = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  const budget = MiningBudget.create(availableParallelism());
  const members = nodes.map((options, index) => {
    const member = new ClusterMember({ index, options, budget: budget.buffer }, report);
    // A thread that died while it mined has not given its places back.
    member.ended.then(() => budget.reclaim(index));
    return member;
  });
  const signal = untilSignal();
  const rows = await Promise.all(members.map((member) => member.ready));
  const running = rows.filter((row) => row !== null);
  if (running.length > 0) process.stdout.write(greeting(running));
  const allEnded = Promise.all(members.map((member) => member.ended));
  const codes = await Promise.race([signal.then(() => null), allEnded]);
  if (codes) return Math.max(...codes);
  report('Stopping; press Ctrl-C again to force.');
  await Promise.all(members.map((member) => member.stop()));
  return EXIT_CODES.ok;
}
