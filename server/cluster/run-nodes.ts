import { availableParallelism } from 'node:os';
import { MiningBudget } from '../mining/mining-budget.ts';
import type { NodeOptions } from '../node/node-options.ts';
import type { ClusterNodeData, ClusterRow, NodeEnd } from './cluster-messages.ts';
import { type Moved, NodeThread, type NodeThreadListener } from './node-thread.ts';
import { siblingUrl } from './sibling-url.ts';

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
  const listener: NodeThreadListener = {
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
    const data: ClusterNodeData = {
      index,
      options,
      portFlag,
      settingStyle: 'flags',
      budget: budget.buffer,
      reportsBlocks: onMoved !== null,
      logPort: null,
    };
    const member = new NodeThread(data, listener);
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
  members: readonly NodeThread[],
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
