import { expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import { genesisPoint } from '../../testing/chain-builder.ts';
import { ScriptedPeer } from '../../testing/scripted-peer.ts';
import { mine } from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);

it('tells a peer of a block that came between the two hellos', () => {
  const network = new SimulatedNetwork({ seed: 1 });
  const node = network.addNode();
  const peer = new ScriptedPeer(network, node);
  network.runFor(10);
  expect(peer.ofType('hello')[0]?.height).toBe(0);
  mine(network, node, 1);
  peer.hello(genesis);
  network.runFor(100);
  expect(peer.ofType('headers')).toEqual([{ type: 'headers', headers: [node.core.chain.tip.record.header] }]);
});

it('tells a peer nothing that its hello has said', () => {
  const network = new SimulatedNetwork({ seed: 1 });
  const node = network.addNode();
  mine(network, node, 1);
  const peer = new ScriptedPeer(network, node).hello(genesis);
  network.runFor(100);
  expect(peer.ofType('headers')).toEqual([]);
});
