import type { Simulation } from './simulation.ts';
import { TransactionSource } from './transaction-source.ts';

const MS_PER_MINUTE = 60_000;
/** Nodes that a client submits one transaction to, at most. */
const MAX_NODES = 3;

/** Starts clients that submit transactions to the honest nodes, some of them to several. */
export function startClients(simulation: Simulation): void {
  const { transactionsPerMinute } = simulation.plan;
  if (transactionsPerMinute <= 0) return;
  const random = simulation.stream('clients');
  const source = new TransactionSource(simulation, random);
  simulation.repeat(random, MS_PER_MINUTE / transactionsPerMinute, () => {
    const node = random.pick(simulation.runningHonest());
    if (!node) return;
    const { raw, txid } = source.next(node);
    simulation.statistics.recordSubmission(txid);
    const nodes = [node];
    while (nodes.length < MAX_NODES && random.chance(0.1)) nodes.push(random.pick(simulation.runningHonest()) ?? node);
    for (const each of nodes) {
      each.request((request) => ({ type: 'submit', request, raw }));
    }
  });
}
