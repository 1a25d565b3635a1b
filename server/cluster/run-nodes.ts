import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { EXIT_CODES } from '../../cli/cli-errors.ts';
import { type ClusterRow, clusterBanner } from '../../cli/output/banner.ts';
import { type Listening, type ProgramVoice, portOf, programVoice, speakForProcess } from '../../cli/program-voice.ts';
import { type ClusterOptions, siblingUrl } from '../../cli/settings/cluster-settings.ts';
import type { NodeOptions } from '../../cli/settings/node-settings.ts';
import { DEFAULT_HOST } from '../../cli/settings/setting-values.ts';
import { untilSignal } from '../../cli/signals.ts';
import { networkAddresses } from '../http/own-host-names.ts';
import { MiningBudget } from '../mining/mining-budget.ts';
import { failureMessage } from '../process/failure.ts';
import { workerFile } from '../process/worker-files.ts';
import type {
  BlockMessage,
  ClusterCommand,
  ClusterNodeData,
  ClusterNodeMessage,
  NodeEnd,
  ReorgMessage,
} from './cluster-messages.ts';

/** What a node's thread tells of what happens, beside how it starts and ends. */
interface MemberListener {
  /** The thread has started. Resolves when the port of the node is free for it. */
  loaded(port: number): Promise<void>;
  moved(moved: Moved): void;
  /** It has ended, and nobody told it to. */
  failed(name: string, end: NodeEnd): void;
}

/** One node's thread, as its cluster sees it: starting -> listening -> running -> ended, or ended from any of these. */
class ClusterMember {
  readonly name: string;
  /** Resolves with whether the node takes calls, or has ended before. */
  readonly listening: Promise<boolean>;
  /** Resolves when the node runs, or with null when it ended before. */
  readonly ready: Promise<ClusterRow | null>;
  /** Resolves when the thread has ended. */
  readonly ended: Promise<NodeEnd>;
  readonly #worker: Worker;

  constructor(data: ClusterNodeData, listener: MemberListener) {
    this.name = data.options.name ?? `node-${data.index}`;
    const { filename, execArgv } = workerFile('cluster-node');
    this.#worker = new Worker(new URL(filename), { execArgv, workerData: data });
    let end: NodeEnd = { exitCode: EXIT_CODES.failed, message: 'the thread ended', isPortTaken: false };
    this.#worker.on('error', (error) => {
      end = { ...end, message: `crashed: ${failureMessage(error)}` };
    });
    this.ended = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        if (end.message !== null) listener.failed(this.name, end);
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
            listener.loaded(data.options.port).then(() => this.#tell({ type: 'listen' }));
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
    this.#tell({ type: 'dial', peers });
  }

  speak(): void {
    this.#tell({ type: 'speak' });
  }

  stop(): Promise<NodeEnd> {
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
export async function runCluster({ nodes, dials, log, json }: ClusterOptions): Promise<number> {
  const voice = programVoice(log);
  speakForProcess(voice);
  const greet = (running: readonly ClusterRow[]): void => {
    const banner = () => clusterBanner(running, nodes, networkAddresses(nodes[0]?.host ?? DEFAULT_HOST));
    if (!json || !voice.isForPeople) voice.greet(banner, listeningOf(running, nodes));
    if (json) printPlaces({ nodes: running.map(placeOf) });
  };
  const alone = { releasePort: null, isWhole: false, mayRetry: false, onMoved: null };
  const run = { nodes, dials, voice, greet, signal: untilSignal(), ...alone };
  return (await runNodes(run)).exitCode;
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
  /** Whom each node stays connected to, by index, as far as they run. */
  readonly dials: readonly (readonly number[])[];
  readonly voice: ProgramVoice;
  /** Lets a port go that is kept for a node; null: none is kept. */
  readonly releasePort: ((port: number) => Promise<void>) | null;
  /** Says that those run that do, when all have started or failed; not asked when none does. */
  greet(running: readonly ClusterRow[]): void;
  /** Resolves when the program is told to stop. */
  readonly signal: Promise<void>;
  /** Whether all end where one does not start; then nobody has called anybody yet. */
  readonly isWhole: boolean;
  /** Whether the caller tries other ports where some are taken; nothing is said of that then. */
  readonly mayRetry: boolean;
  /** Told of each block and reorg of each node; null: nobody wants to know. */
  readonly onMoved: ((moved: Moved) => void) | null;
}

export interface NodesEnd {
  /** For the program. */
  readonly exitCode: number;
  /** Nothing has run, because ports are taken. */
  readonly arePortsTaken: boolean;
}

/** Moves before the greeting that are told after it; further ones are left out. */
const MAX_EARLY_MOVES = 1_000;

/**
 * Runs several nodes, each in a thread of its own, until the program is told to stop or all have ended. A node that
 * crashes is reported and does not take the others down.
 */
export async function runNodes(run: NodesToRun): Promise<NodesEnd> {
  const { nodes, voice, signal, isWhole, mayRetry, onMoved } = run;
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
      else voice.nodeFailure(name, end.message ?? '', end.exitCode);
    },
  };
  const members = nodes.map((options, index) => {
    const data = { index, options, budget: budget.buffer, tellsBlocks: onMoved !== null };
    const member = new ClusterMember(data, listener);
    // A thread that died while it mined has not given its places back.
    member.ended.then(() => budget.reclaim(index));
    return member;
  });
  const isStopping = signal.then(() => null);
  const running = await Promise.race([isStopping, startAll(members, run)]);
  if (running !== null) {
    const arePortsTaken = held?.some(({ end }) => end.isPortTaken) ?? false;
    if (!(arePortsTaken && mayRetry)) {
      for (const { name, end } of held ?? []) voice.nodeFailure(name, end.message ?? '', end.exitCode);
    }
    held = null;
    if (running.length > 0) run.greet(running);
    for (const member of members) member.speak();
    for (const each of early) onMoved?.(each);
    early = null;
    const allEnded = Promise.all(members.map((member) => member.ended));
    const ends = await Promise.race([isStopping, allEnded]);
    if (ends) return { exitCode: Math.max(...ends.map(({ exitCode }) => exitCode)), arePortsTaken };
  }
  voice.remark('Stopping; press Ctrl-C again to force.');
  await Promise.all(members.map((member) => member.stop()));
  return { exitCode: EXIT_CODES.ok, arePortsTaken: false };
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
  // At the port of a node that does not listen somebody else may.
  const urls = nodes.map((node, index) => (areListening[index] ? siblingUrl(node) : null));
  members.forEach((member, index) => {
    member.dial((dials[index] ?? []).flatMap((peer) => urls[peer] ?? []));
  });
  const rows = await Promise.all(members.map((member) => member.ready));
  return rows.filter((row) => row !== null);
}
