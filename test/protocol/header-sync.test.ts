import { describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import { genesisPoint, mineBlock, mineChain, pathTo } from '../../testing/chain-builder.ts';
import { ScriptedPeer } from '../../testing/scripted-peer.ts';

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

describe('peers that claim the most work', () => {
  const chain = mineChain(genesis, 5);
  const boast = { chainWork: 2n ** 200n, height: 1_000_000 };
  const ROUND_MS = 2_000;

  function untilSynced(network: SimulatedNetwork, node: SimulatedNode): number {
    const fromMs = network.clock.nowMs;
    network.runUntil(() => node.core.chain.tip.record.hash === chain.block.hash, 120_000, 'the chain');
    return network.clock.nowMs - fromMs;
  }

  function start(): { network: SimulatedNetwork; node: SimulatedNode } {
    const network = new SimulatedNetwork({ seed: 1 });
    network.runFor(100_000);
    return { network, node: network.addNode() };
  }

  it('and give no headers are not waited for one after the other', () => {
    const { network, node } = start();
    for (let i = 0; i < 60; i++) new ScriptedPeer(network, node).withhold('getHeaders').hello(genesis, boast);
    network.runFor(50);
    new ScriptedPeer(network, node).hello(chain);
    expect(untilSynced(network, node)).toBeLessThanOrEqual(7 * ROUND_MS);
  });

  it('and hang up when they are asked, and call again, do not keep others from being asked', () => {
    const { network, node } = start();
    const call = (): void => {
      const caller = new ScriptedPeer(network, node).hello(genesis, boast);
      caller.when('getHeaders', () => {
        network.clock.schedule(4_900, () => {
          caller.close();
          call();
        });
      });
    };
    for (let i = 0; i < 2; i++) call();
    network.runFor(50);
    new ScriptedPeer(network, node).hello(chain);
    expect(untilSynced(network, node)).toBeLessThanOrEqual(3 * ROUND_MS);
  });

  it('and show the same headers again and again are asked no more', () => {
    const network = new SimulatedNetwork({ seed: 1 });
    network.runFor(4_000_000);
    const node = network.addNode();
    let tip = genesis;
    for (let i = 0; i < 2_100; i++) tip = mineBlock(tip, { time: tip.block.header.time + 1 });
    const first = pathTo(tip)
      .slice(0, 2_000)
      .map(({ block }) => block.header);
    const boaster = new ScriptedPeer(network, node).hello(genesis, boast);
    boaster.when('getHeaders', () => boaster.send({ type: 'headers', headers: first }));
    network.runFor(500);
    new ScriptedPeer(network, node).hello(tip);
    network.runUntil(() => node.core.chain.tip.record.hash === tip.block.hash, 30_000, 'the chain');
    expect(boaster.ofType('getHeaders').length).toBeLessThanOrEqual(4);
  });
});
