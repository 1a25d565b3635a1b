import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { MiningBudget } from '../server/mining/mining-budget.ts';
import { CONNECT_LIMIT_MS, Connections } from './connections.ts';
import { Network } from './network.ts';
import { objectOf, planOfNetwork } from './settings.ts';
import { startThreadNode, type ThreadNode } from './thread-node.ts';
import type { NetworkOptions, RunningNetwork } from './types.ts';
import { within } from './within.ts';

const CALLER = 'startNetwork';

/** See `startNetwork` of `main.ts`. Throws `NodeError`. */
export async function startNetwork(options: NetworkOptions): Promise<RunningNetwork> {
  const { timeoutMs, signal, ...settings } = objectOf(CALLER, options);
  const limits = { timeoutMs, signal };
  const { nodes: planned, dials } = planOfNetwork(CALLER, settings, { u32: () => randomInt(2 ** 32) });
  const budget = MiningBudget.create(availableParallelism()).buffer;
  const starts = await Promise.allSettled(
    planned.map((options, index) =>
      startThreadNode({ caller: CALLER, options, portOption: 'basePort', budget, index, limits }),
    ),
  );
  const nodes: ThreadNode[] = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  try {
    for (const start of starts) if (start.status === 'rejected') throw start.reason;
    const all = dials.flatMap((earlier, index) => earlier.map((other) => [index, other] as const));
    const connections = new Connections(nodes, all);
    const run = (signal: AbortSignal) => connections.change(all, signal);
    await within({ what: CALLER, limits, byDefaultMs: CONNECT_LIMIT_MS, run });
    return new Network(nodes, connections);
  } catch (error) {
    await Promise.all(nodes.map((node) => node.stop()));
    throw error;
  }
}
