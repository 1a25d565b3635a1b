import { printable } from '../../consensus/quotable.ts';
import { unlessRefused } from '../asking/refusal.ts';
import type { LiveMember } from './live-network.ts';

/**
 * Connects running nodes as a scenario says, and disconnects those of its nodes that it does not connect. Which of two
 * nodes has called the other is left as it is. Other peers of theirs are none of the scenario's.
 * @param connections numbers of nodes, who is to be connected to whom
 */
export async function connectAs(
  members: readonly LiveMember[],
  connections: readonly (readonly [from: number, to: number])[],
): Promise<void> {
  const wanted = new Set(connections.map(([from, to]) => pairOf(from, to)));
  const present = new Set<string>();
  for (const [index, { ask }] of members.entries()) {
    for (const { id, url, direction } of await ask((client) => client.peers())) {
      const other = members.findIndex((member) => member.url === url);
      // Each connection is outbound at one of its ends.
      if (other === -1 || direction !== 'OUTBOUND') continue;
      const pair = pairOf(index, other);
      if (wanted.has(pair)) present.add(pair);
      else await ask((client) => unlessRefused(`cannot disconnect ${printable(url ?? '')}`, client.disconnectPeer(id)));
    }
  }
  for (const [from, to] of connections) {
    const [caller, called] = [members[from], members[to]];
    if (!caller || !called || present.has(pairOf(from, to))) continue;
    const words = `${printable(caller.url)} cannot connect to ${printable(called.url)}`;
    await caller.ask((client) => unlessRefused(words, client.connectPeer(called.url)));
  }
}

function pairOf(a: number, b: number): string {
  return `${Math.min(a, b)} ${Math.max(a, b)}`;
}
