import { expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import { genesisPoint } from '../../testing/chain-builder.ts';
import { ScriptedPeer } from '../../testing/scripted-peer.ts';

const genesis = genesisPoint(REGTEST);

it.each([1, 2, 3, 4])('does not give up a connection that stands for whoever steals its nonce (seed %i)', (seed) => {
  const network = new SimulatedNetwork({ seed });
  const [honest, node] = [network.addNode(), network.addNode({ peers: [0] })];
  const connection = () => node.core.peers().find(({ url }) => url === honest.url);
  network.runUntil(() => connection()?.state === 'ready', 5_000);
  const before = connection()?.id;
  const spy = new ScriptedPeer(network, honest);
  network.runFor(11_000);
  const nonce = spy.ofType('hello')[0]?.nonce ?? 0n;
  const thief = new ScriptedPeer(network, node).hello(genesis, { nonce });
  network.runFor(100);
  // What it does then is not held against whom the nonce belongs to.
  thief.sendBytes(Uint8Array.of(255));
  network.runFor(30_000);
  expect(connection()?.id).toBe(before);
  expect(thief.closedBecause).toBe('a second connection between the same nodes');
});
