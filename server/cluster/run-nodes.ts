import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { MiningBudget } from '../mining/mining-budget.ts';
import type { NodeOptions } from '../node/node-options.ts';
import { failureMessage } from '../process/failure.ts';
import { workerFile } from '../process/worker-files.ts';
import type {
  BlockMessage,
  ClusterCommand,
  ClusterNodeData,
  ClusterNodeMessage,
  ClusterRow,
  NodeEnd,
  ReorgMessage,
} from './cluster-messages.ts';
import { siblingUrl } from './sibling-url.ts';

/** Callbacks for what happens in a node's thread between its start and its end. */
interface MemberListener {
  /** The thread has started. Resolves when the port of the node is free for it. */
  loaded(port: number): Promise<void>;
  moved(moved: Moved): void;
  /** It has ended without being asked to. */
  failed(name: string, end: NodeEnd): void;
}

/** One node's thread, as its cluster sees it: starting -> listening -> running -> ended, or ended from any of these. */
class ClusterMember {
  readonly name: string;
  /** Resolves with true once the node accepts connections, or false if it ended before. */
  readonly listening: Promise<boolean>;
  /** Resolves when the node runs; with null if it ended before. */
  readonly ready: Promise<ClusterRow | null>;
  /** Resolves when the thread has ended. */
  readonly ended: Promise<NodeEnd>;
  readonly #worker: Worker;

  constructor(data: ClusterNodeData, listener: MemberListener) {
    this.name = data.options.name ?? `node-${data.index}`;
    const { filename, execArgv } = workerFile('cluster-node');
    this.#worker = new Worker(new URL(filename), { execArgv, workerData: data });
    let end: NodeEnd = { failure: { kind: 'failed', message: 'the thread ended', isPortTaken: false } };
    this.#worker.on('error', (error) => {
      end = { failure: { kind: 'failed', message: `crashed: ${failureMessage(error)}`, isPortTaken: false } };
    });
    this.ended = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        if (end.failure) listener.failed(this.name, end);
        resolve(end);
      });
    });
    let onListening = (_isListening: boolean): void => {};
    this.listening = new Promise((resolve) => {
      onListening = resolve;
      this.ended.then(() => resolve(false));
    });
    this.ready = new Promise((resolve) => {
      this.#worker.on('message', (message: ClusterNodeMessage) => {
        switch (message.type) {
          case 'loaded':
            listener.loaded(data.options.port).then(() => this.#send({ type: 'listen' }));
            return;
          case 'listening':
            return onListening(true);
          case 'ready':
            return resolve(message.row);
          case 'ended':
            end = message;
            return;
          default:
            listener.moved({ name: this.name, message });
        }
      });
      this.ended.then(() => resolve(null));
    });
  }

  /** @param peers URLs of the nodes that it is to stay connected to */
  dial(peers: readonly string[]): void {
    this.#send({ type: 'dial', peers });
  }

  speak(): void {
    this.#send({ type: 'speak' });
  }

  stop(): Promise<NodeEnd> {
    this.#send({ type: 'stop' });
    return this.ended;
  }

  #send(command: ClusterCommand): void {
    this.#worker.postMessage(command);
  }
}

/** A node has connected a block or reorganized its chain. */
export interface Moved {
  /** Of the node. */
  readonly name: string;
  readonly message: BlockMessage | ReorgMessage;
}

export interface NodesToRun {
  readonly nodes: readonly NodeOptions[];
  /** Indexes of the nodes that each node stays connected to, if they run. */
  readonly dials: readonly (readonly number[])[];
  /** Flag by which the ports of the nodes are chosen, for messages. */
  readonly portFlag: string;
  /** Releases the port reserved for a node; null: none is reserved. */
  readonly releasePort: ((port: number) => Promise<void>) | null;
  /** Resolves when the program is asked to stop. */
  readonly signal: Promise<void>;
  /** Whether all nodes stop if one does not start, before any has connected to another. */
  readonly isWhole: boolean;
  /** Whether the caller retries with other ports if some are in use; that failure is then not reported. */
  readonly mayRetry: boolean;
  /** All have started or failed: these run. Not called when none does. */
  onStarted(running: readonly ClusterRow[]): void;
  /** The program was asked to stop. */
  onStopping(): void;
  /** A node has ended without being asked to. */
  onFailed(name: string, end: NodeEnd): void;
  /** Called for each block and reorg of each node; null: not reported. */
  readonly onMoved: ((moved: Moved) => void) | null;
}

/** Blocks and reorgs that are held until the greeting is printed; further ones are dropped. */
const MAX_EARLY_MOVES = 1_000;

/**
 * Runs several nodes, each in a thread of its own, until the program is asked to stop or all have ended. A node that
 * crashes is reported and does not take the others down.
 * @returns how the nodes ended; empty if the program was asked to stop
 */
export async function runNodes(run: NodesToRun): Promise<readonly NodeEnd[]> {
  const { nodes, signal, isWhole, mayRetry, portFlag, onMoved } = run;
  const budget = MiningBudget.create(availableParallelism());
  let early: Moved[] | null = [];
  // Where all or nothing is to run, why it does not is said once that is known.
  let held: { name: string; end: NodeEnd }[] | null = isWhole ? [] : null;
  const listener: MemberListener = {
    loaded: async (port) => run.releasePort?.(port),
    moved: (each) => {
      if (early === null) onMoved?.(each);
      else if (early.length < MAX_EARLY_MOVES) early.push(each);
    },
    failed: (name, end) => {
      if (held) held.push({ name, end });
      else run.onFailed(name, end);
    },
  };
  const members = nodes.map((options, index) => {
    const data = { index, options, portFlag, budget: budget.buffer, reportsBlocks: onMoved !== null };
    const member = new ClusterMember(data, listener);
    // A thread that died while it mined has not given its places back.
    member.ended.then(() => budget.reclaim(index));
    return member;
  });
  const isStopping = signal.then(() => null);
  const running = await Promise.race([isStopping, startAll(members, run)]);
  if (running !== null) {
    const willRetry = mayRetry && arePortsTaken((held ?? []).map(({ end }) => end));
    if (!willRetry) for (const { name, end } of held ?? []) run.onFailed(name, end);
    held = null;
    if (running.length > 0) run.onStarted(running);
    for (const member of members) member.speak();
    for (const each of early) onMoved?.(each);
    early = null;
    const allEnded = Promise.all(members.map((member) => member.ended));
    const ends = await Promise.race([isStopping, allEnded]);
    if (ends) return ends;
  }
  run.onStopping();
  await Promise.all(members.map((member) => member.stop()));
  return [];
}

/** Whether other ports would help nodes that ended so. */
export function arePortsTaken(ends: readonly NodeEnd[]): boolean {
  return ends.some(({ failure }) => failure?.isPortTaken);
}

/** Lets the nodes call each other once all are there that will be. @returns those that run */
async function startAll(
  members: readonly ClusterMember[],
  { nodes, dials, isWhole }: NodesToRun,
): Promise<readonly ClusterRow[]> {
  const areListening = await Promise.all(members.map((member) => member.listening));
  if (isWhole && areListening.includes(false)) {
    await Promise.all(members.map((member) => member.stop()));
    return [];
  }
  // Another program may listen at the port of a node that did not start.
  const urls = nodes.map((node, index) => (areListening[index] ? siblingUrl(node) : null));
  members.forEach((member, index) => {
    member.dial((dials[index] ?? []).flatMap((peer) => urls[peer] ?? []));
  });
  const rows = await Promise.all(members.map((member) => member.ready));
  return rows.filter((row) => row !== null);
}
