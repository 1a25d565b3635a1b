import type { NodeProcess } from '../test/support/processes.ts';
import { type Ledger, tipOf } from './ledger.ts';
import { mine } from './load.ts';
import { until } from './wait.ts';

const LIMIT_MS = 120_000;

/**
 * Resolves when all nodes, which are connected, stand on one block. Where they stand on branches of equal work, each
 * rightly stays on the one that it saw first; then the first node mines a block.
 * @param ledger of the first node
 */
export async function untilOneTip(nodes: readonly NodeProcess[], ledger: Ledger): Promise<void> {
  const [first] = nodes;
  const look = async (): Promise<boolean> => {
    const tips = await Promise.all(nodes.map(({ api }) => tipOf(api)));
    const isOne = new Set(tips.map(({ hash }) => hash)).size === 1;
    const isTied = !isOne && new Set(tips.map(({ totalWork }) => totalWork)).size === 1;
    if (isTied && first) await mine(first, 1, ledger);
    return isOne;
  };
  await until('all nodes on one tip', look, (isOne) => isOne, LIMIT_MS);
}
