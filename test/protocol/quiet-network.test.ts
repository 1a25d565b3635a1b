import { describe, expect, it } from 'vitest';
import { MAX_OUTBOUND } from '../../protocol/dialling.ts';
import { STALE_TIP_SPACINGS } from '../../protocol/stale-tip.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import { mine, tipOf } from '../../testing/simulated.ts';

const HOUR_MS = 60 * 60_000;
/** Until everybody is connected, and before any tip is stale. */
const SETTLE_MS = 60_000;

interface Lab {
  readonly nodes: number;
  /** `star`: all are told of the first one. `mesh`: each finds all others, as on one machine. */
  readonly shape: 'star' | 'mesh';
  readonly blocks: number;
  readonly quietHours: number;
  /** All outbound places are taken and others are left to try, so that one more connection comes and goes. */
  readonly triesOthers: boolean;
}

function build({ nodes, shape, blocks }: Lab): SimulatedNetwork {
  const network = new SimulatedNetwork({ seed: 31 });
  for (let i = 0; i < nodes; i++) network.addNode({ peers: shape === 'star' && i > 0 ? [0] : [] });
  for (const node of shape === 'mesh' ? network.nodes : []) {
    const others = network.nodes.filter((other) => other !== node);
    for (const { url } of others) node.handle({ type: 'address-discovered', url });
  }
  network.runFor(SETTLE_MS);
  const [first] = network.nodes;
  if (first && blocks > 0) mine(network, first, blocks);
  network.runFor(SETTLE_MS);
  for (const node of network.nodes) node.logs.splice(0);
  return network;
}

/** Who is connected, by the node that opened the connection, the URL that it dialled, and since when. */
function connections(nodes: readonly SimulatedNode[]): string[] {
  return nodes.flatMap((node) => {
    const outbound = node.core.peers().filter(({ direction }) => direction === 'outbound');
    return outbound.map(({ remote, connectedAtMs }) => `${node.url} to ${remote} since ${connectedAtMs}`);
  });
}

const storedAddresses = ({ store }: SimulatedNode): string[] => [...store.addresses()].map(({ url }) => url).sort();

const logsOf = ({ logs }: SimulatedNode, message: string) => logs.filter((log) => log.message === message);

describe('a network of a laptop where nobody mines for hours', () => {
  it.each<Lab>([
    { nodes: 10, shape: 'star', blocks: 0, quietHours: 24, triesOthers: false },
    { nodes: 9, shape: 'mesh', blocks: 3, quietHours: 12, triesOthers: false },
    { nodes: 20, shape: 'mesh', blocks: 0, quietHours: 6, triesOthers: true },
    { nodes: 20, shape: 'mesh', blocks: 3, quietHours: 6, triesOthers: true },
  ])(
    'keeps its connections and addresses, and follows at once when somebody does: $nodes, $shape, height $blocks',
    (lab) => {
      const network = build(lab);
      const { nodes } = network;
      const before = connections(nodes);
      const addresses = nodes.map(storedAddresses);
      network.runFor(lab.quietHours * HOUR_MS);

      const patienceMs = STALE_TIP_SPACINGS * network.params.spacingSeconds * 1_000;
      const tries = lab.triesOthers ? (lab.quietHours * HOUR_MS) / patienceMs : 0;
      for (const [i, node] of nodes.entries()) {
        expect(node.logs.filter(({ level }) => level === 'warn')).toEqual([]);
        expect(logsOf(node, 'peer replaced').length).toBeLessThanOrEqual(tries);
        expect(storedAddresses(node)).toEqual(expect.arrayContaining(addresses[i] ?? []));
      }
      // All that comes is one connection more of those that try others, and it goes again.
      const after = connections(nodes);
      expect(after).toEqual(expect.arrayContaining(before));
      expect(nodes.some((node) => logsOf(node, 'peer connected').length > 0)).toBe(lab.triesOthers);
      for (const { url } of nodes) {
        const opened = after.filter((connection) => connection.startsWith(`${url} to `));
        expect(opened.length).toBeLessThanOrEqual(MAX_OUTBOUND + 1);
      }

      const [miner] = nodes as [SimulatedNode];
      mine(network, miner, 1);
      network.runUntil(() => nodes.every((node) => tipOf(node) === tipOf(miner)), 1_000, 'one tip');
      expect(miner.core.chain.tip.record.height).toBe(lab.blocks + 1);
    },
  );
});
