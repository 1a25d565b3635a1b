import { describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import { genesisPoint, mineBlock, mineChain, pathTo } from '../support/chain-builder.ts';
import { ScriptedPeer } from '../support/scripted-peer.ts';

const genesis = genesisPoint(REGTEST);
/** More requests for headers than a node needs to find out that there is nothing to be had yet. */
const TOO_MANY_REQUESTS = 5;

describe('headers whose times are too far ahead', () => {
  //            near: its headers are known, its bodies are not
  //           /
  //  genesis-*-*-*-future
  it('are not asked for again and again while bodies of the branch below them are missing', () => {
    const network = new SimulatedNetwork({ seed: 1 });
    const node = network.addNode();
    const near = mineChain(genesis, 3);
    const future = mineBlock(near, { time: near.block.header.time + 2 * REGTEST.futureLimitSeconds });
    // It tells of the branch, and has none of its bodies.
    const teller = new ScriptedPeer(network, node).hello(genesis);
    teller.send({ type: 'headers', headers: pathTo(near).map(({ block }) => block.header) });
    network.runUntil(() => node.core.chain.bestHeader.record.hash === near.block.hash);
    teller.close();
    network.runFor(1);
    const ahead = new ScriptedPeer(network, node).hello(future);
    network.runUntil(
      () => node.core.sync().waiting?.reason === 'clock' || ahead.ofType('getHeaders').length >= TOO_MANY_REQUESTS,
    );
    expect(ahead.ofType('getHeaders').length).toBeLessThan(TOO_MANY_REQUESTS);
    // That it has what it builds on is now known, so it was asked for the bodies.
    expect(node.core.chain.tip.record.hash).toBe(near.block.hash);
    expect(node.core.chain.get(future.block.hash)).toBeUndefined();
  });
});
