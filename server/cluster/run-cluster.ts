import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type ClusterRow, clusterBanner } from '../cli/banner.ts';
import { EXIT_CODES } from '../cli/cli-errors.ts';
import type { NodeOptions } from '../config.ts';
import { failureMessage } from '../failure.ts';
import { MiningBudget } from '../mining/mining-budget.ts';
import { type Listening, type ProgramVoice, portOf, programVoice, speakForProcess } from '../program-voice.ts';
import { untilSignal } from '../signals.ts';
import { workerFile } from '../worker-files.ts';
import type {
  BlockMessage,
  ClusterCommand,
  ClusterNodeData,
  ClusterNodeMessage,
  ReorgMessage,
} from './cluster-messages.ts';
import type { ClusterOptions } from './cluster-options.ts';

/** One node's thread, as its cluster sees it: starting -> running -> ended, or starting -> ended. */
class ClusterMember {
  readonly name: string;
  /** Resolves when the node takes calls, or has ended before. */
  readonly listening: Promise<void>;
  /** Resolves when the node runs, or with null when it ended before. */
  readonly ready: Promise<ClusterRow | null>;
  /** Resolves with the exit code when the thread has ended. */
  readonly ended: Promise<number>;
  readonly #worker: Worker;

  constructor(data: ClusterNodeData, report: (line: string) => void, onMoved: (moved: Moved) => void) {
    this.name = data.options.name ?? `node-${data.index}`;
    const { filename, execArgv } = workerFile('cluster-node');
    this.#worker = new Worker(new URL(filename), { execArgv, workerData: data });
    let exitCode: number = EXIT_CODES.failed;
    this.ended = new Promise((resolve) => {
      this.#worker.on('error', (error) => report(`${this.name} crashed: ${failureMessage(error)}`));
      this.#worker.on('exit', () => resolve(exitCode));
    });
    let onListening = (): void => {};
    this.listening = new Promise((resolve) => {
      onListening = resolve;
      this.ended.then(() => resolve());
    });
    this.ready = new Promise((resolve) => {
      this.#worker.on('message', (message: ClusterNodeMessage) => {
        switch (message.type) {
          case 'listening':
            return onListening();
          case 'ready':
            return resolve(message.row);
          case 'ended':
            exitCode = message.exitCode;
            if (message.message !== null) report(`${this.name}: ${message.message}`);
            return;
          default:
            onMoved({ name: this.name, message });
        }
      });
      this.ended.then(() => resolve(null));
    });
  }

  dial(): void {
    this.#tell({ type: 'dial' });
  }

  speak(): void {
    this.#tell({ type: 'speak' });
  }

  stop(): Promise<number> {
    this.#tell({ type: 'stop' });
    return this.ended;
  }

  #tell(command: ClusterCommand): void {
    this.#worker.postMessage(command);
  }
}

/**
 * `forklore cluster`: runs several nodes in one process until it is told to stop.
 * @returns the exit code of the program
 */
export function runCluster({ nodes, json }: ClusterOptions): Promise<number> {
  const greet = (voice: ProgramVoice, running: readonly ClusterRow[]): void => {
    if (!json || !voice.isForPeople) voice.greet(() => clusterBanner(running, nodes), listeningOf(running, nodes));
    if (json) printPlaces({ nodes: running.map(placeOf) });
  };
  return runNodes({ nodes, greet, isWhole: false, onMoved: null });
}

/** Where a node is that runs, for programs. */
export function placeOf({ name, url }: ClusterRow): object {
  return { name, url, graphqlUrl: `${url}/graphql`, port: portOf(url) };
}

/** What `--json` prints: one line. */
export function printPlaces(places: object): void {
  process.stdout.write(`${JSON.stringify(places)}\n`);
}

/** The nodes of one network that run, as the program's voice tells of them. */
export function listeningOf(running: readonly ClusterRow[], [node]: readonly NodeOptions[]): Listening[] {
  const network = { network: node?.network.name ?? '', genesisHash: node?.network.genesis.hash ?? '' };
  return running.map(({ name, url }) => ({ name, url, ...network }));
}

/** The chain of a node has moved. */
export interface Moved {
  /** Of the node. */
  readonly name: string;
  readonly message: BlockMessage | ReorgMessage;
}

export interface NodesToRun {
  readonly nodes: readonly NodeOptions[];
  /** Says that those run that do, when all have started or failed; not asked when none does. */
  greet(voice: ProgramVoice, running: readonly ClusterRow[]): void;
  /** Whether the others end where one does not start. */
  readonly isWhole: boolean;
  /** Told of each block and reorg of each node; null: nobody wants to know. */
  readonly onMoved: ((moved: Moved) => void) | null;
}

/**
 * Runs several nodes, each in a thread of its own, until the program is told to stop or all have ended. A node that
 * crashes is reported and does not take the others down.
 * @returns the exit code of the program
 */
export async function runNodes({ nodes, greet, isWhole, onMoved }: NodesToRun): Promise<number> {
  const voice = programVoice(nodes[0] ?? { logLevel: 'info', logFormat: 'pretty' });
  speakForProcess(voice);
  const report = (line: string): void => voice.failure(line, EXIT_CODES.failed);
  const budget = MiningBudget.create(availableParallelism());
  // What happens before the greeting is told after it.
  let early: Moved[] | null = [];
  const moved = (each: Moved): void => {
    if (early) early.push(each);
    else onMoved?.(each);
  };
  const members = nodes.map((options, index) => {
    const data = { index, options, budget: budget.buffer, tellsBlocks: onMoved !== null };
    const member = new ClusterMember(data, report, moved);
    // A thread that died while it mined has not given its places back.
    member.ended.then(() => budget.reclaim(index));
    return member;
  });
  const signal = untilSignal();
  // Nobody calls a node that is not there yet.
  await Promise.all(members.map((member) => member.listening));
  for (const member of members) member.dial();
  const rows = await Promise.all(members.map((member) => member.ready));
  const running = rows.filter((row) => row !== null);
  const isMissing = isWhole && running.length < members.length;
  if (isMissing) for (const member of members) member.stop();
  else if (running.length > 0) greet(voice, running);
  for (const member of members) member.speak();
  for (const each of early) onMoved?.(each);
  early = null;
  const allEnded = Promise.all(members.map((member) => member.ended));
  const codes = await Promise.race([signal.then(() => null), allEnded]);
  if (codes) return Math.max(...codes);
  voice.remark('Stopping; press Ctrl-C again to force.');
  await Promise.all(members.map((member) => member.stop()));
  return EXIT_CODES.ok;
}
