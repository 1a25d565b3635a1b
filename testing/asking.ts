import type { Reply } from '../protocol/effects.ts';
import type { NodeEvent, RequestId } from '../protocol/events.ts';
import type { SimulatedNetwork } from '../simulator/network.ts';
import type { SimulatedNode } from '../simulator/simulated-node.ts';

const LIMIT_MS = 100_000_000;

/** Puts a request to a simulated node, and gives its reply. */
export function ask(network: SimulatedNetwork, node: SimulatedNode, make: (request: RequestId) => NodeEvent): Reply {
  const id = node.request(make);
  network.runUntil(() => node.replyTo(id) !== undefined, LIMIT_MS, 'a reply');
  return node.replyTo(id) as Reply;
}

/** What `mine` may be told beside the number of blocks. */
export type MineChoice = Partial<Pick<Extract<NodeEvent, { type: 'mine' }>, 'transactions' | 'parent' | 'recipient'>>;

/** The event by which a node is asked to mine. */
export function mineEvent(count: number, choice: MineChoice = {}): (request: RequestId) => NodeEvent {
  return (request) => ({ type: 'mine', request, count, recipient: null, transactions: null, parent: null, ...choice });
}

/** Mines on demand as chosen, and gives the hashes. Throws where the node refuses. */
export function mineChosen(
  network: SimulatedNetwork,
  node: SimulatedNode,
  count: number,
  choice: MineChoice = {},
): readonly string[] {
  const reply = ask(network, node, mineEvent(count, choice));
  if (!reply.ok || reply.value.kind !== 'mined') throw new Error(`the node does not mine: ${JSON.stringify(reply)}`);
  return reply.value.blockHashes;
}
