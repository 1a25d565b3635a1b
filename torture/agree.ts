import type { Api } from '../testing/api.ts';
import type { NodeProcess } from '../testing/processes.ts';
import { type Acknowledgements, tipOf } from './acknowledgements.ts';
import { demand } from './failure.ts';
import { mine } from './load.ts';
import { until } from './wait.ts';

const LIMIT_MS = 120_000;
/** Blocks in which everything that is pending is confirmed. */
const MAX_LAST_BLOCKS = 200;
const MEMPOOL = '{ mempool { size } }';

/**
 * Resolves when all nodes, which are connected, stand on one block. Where they stand on branches of equal work, each
 * rightly stays on the one that it saw first; then the first node mines a block.
 * @param acknowledgements of the first node
 */
export async function untilOneTip(nodes: readonly NodeProcess[], acknowledgements: Acknowledgements): Promise<void> {
  const [first] = nodes;
  const look = async (): Promise<boolean> => {
    const tips = await Promise.all(nodes.map(({ api }) => tipOf(api)));
    const isOne = new Set(tips.map(({ hash }) => hash)).size === 1;
    const isTied = !isOne && new Set(tips.map(({ totalWork }) => totalWork)).size === 1;
    if (isTied && first) await mine(first, 1, acknowledgements);
    return isOne;
  };
  await until('all nodes on one tip', look, (isOne) => isOne, LIMIT_MS);
}

/** A node that runs, with what it acknowledged. */
export interface Party {
  readonly node: NodeProcess;
  readonly acknowledgements: Acknowledgements;
}

/**
 * All nodes, which are connected, end on one tip with nothing pending: what only one of them has, it mines itself. Throws
 * `TortureFailure` unless each then has every transaction that any of them acknowledged in its active chain.
 */
export async function confirmEverything(parties: readonly Party[]): Promise<void> {
  const nodes = parties.map(({ node }) => node);
  const agree = async () => parties[0] && untilOneTip(nodes, parties[0].acknowledgements);
  for (const { node, acknowledgements } of parties) {
    await agree();
    for (let mined = 0; (await pendingCountOf(node.api)) > 0; mined++) {
      demand(mined < MAX_LAST_BLOCKS, `something is still pending after ${mined} blocks`);
      await mine(node, 1, acknowledgements);
    }
  }
  await agree();
  for (const { api } of nodes) for (const { acknowledgements } of parties) await acknowledgements.checkConfirmed(api);
}

/** Transactions in a node's mempool. */
export async function pendingCountOf(api: Api): Promise<number> {
  return (await api.query(MEMPOOL)).mempool.size;
}
