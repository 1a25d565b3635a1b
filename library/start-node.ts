import { availableParallelism } from 'node:os';
import { MiningBudget } from '../server/mining/mining-budget.ts';
import { objectOf, optionsOfNode } from './settings.ts';
import { startThreadNode } from './thread-node.ts';
import type { NodeOptions, RunningNode } from './types.ts';

const CALLER = 'startNode';

/** See `startNode` of `main.ts`. Throws `NodeError`. */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const { timeoutMs, signal, ...settings } = objectOf(CALLER, options);
  return await startThreadNode({
    caller: CALLER,
    options: optionsOfNode(CALLER, settings),
    portOption: 'port',
    budget: MiningBudget.create(availableParallelism()).buffer,
    index: 0,
    limits: { timeoutMs, signal },
  });
}
