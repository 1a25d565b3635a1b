import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Hash } from '../../consensus/hash.ts';
import { REGTEST } from '../../consensus/networks.ts';
import type { SimulatedNetwork } from '../../simulator/network.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import {
  type ChainPoint,
  genesisPoint,
  keysOf,
  mineBlock,
  mineChain,
  mineUnchecked,
  transferAt,
} from '../../testing/chain-builder.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';
import { ScriptedPeer } from '../../testing/scripted-peer.ts';
import { expectUnchanged, feed, oneNode, restart, standing, tipOf, untilClosed } from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);
const [alice, bob] = [keysOf('Alice'), keysOf('Bob')];

// genesis ── 1 ── a2 ── a3 ── a4
//              └── b2 ── b3
const one = mineBlock(genesis);
const a2 = mineBlock(one, { transfers: [transferAt(one, alice, bob.address, { fee: 1_000n })] });
const a4 = mineChain(a2, 2);
const b3 = mineChain(one, 2, { extraNonce: 3 });

type Order = 'invalidate-block' | 'reconsider-block';

function order(network: SimulatedNetwork, node: SimulatedNode, type: Order, { block }: ChainPoint): void {
  const id = node.request((request) => ({ type, request, blockHash: block.hash }));
  network.runUntil(() => node.replyTo(id) !== undefined, 10_000, 'the reply');
  expect(node.replyTo(id)).toMatchObject({ ok: true });
}

const isPending = (node: SimulatedNode): boolean => node.core.mempool.readyCount === 1;

describe('invalidate-reconsider', () => {
  let live: LiveNode | undefined;
  let folder: string | undefined;

  afterEach(async () => {
    await live?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  it('invalidate-reconsider survive restart: the best branch that is left, and the first one again', () => {
    const { network, node } = oneNode();
    feed(network, node, b3);
    feed(network, node, a4);
    const first = standing(node);
    order(network, node, 'invalidate-block', a2);
    expect(tipOf(node)).toBe(b3.block.hash);
    expect(isPending(node)).toBe(true);
    const second = standing(node);
    expectUnchanged(network, node, second);
    // Nobody is punished for what the operator rules out, and what builds on it is no better.
    const peer = new ScriptedPeer(network, node).hello(mineBlock(a4));
    network.runFor(5_000);
    expect(peer.closedBecause).toBeNull();
    expectUnchanged(network, node, second);
    order(network, node, 'reconsider-block', a2);
    expect(standing(node)).toEqual(first);
    expectUnchanged(network, node, first);
  });

  it('invalidate-reconsider survive restart: a block far down, and by way of one of its descendants', () => {
    const { network, node } = oneNode();
    feed(network, node, a4);
    const first = standing(node);
    order(network, node, 'invalidate-block', one);
    expect(tipOf(node)).toBe(genesis.block.hash);
    restart(network, node);
    expect(tipOf(node)).toBe(genesis.block.hash);
    order(network, node, 'reconsider-block', a4);
    expect(standing(node)).toEqual(first);
    expectUnchanged(network, node, first);
  });

  it('invalidate-reconsider survive restart: what was ruled out above a block that is reconsidered counts again, too', () => {
    const { network, node } = oneNode();
    feed(network, node, a4);
    const first = standing(node);
    order(network, node, 'invalidate-block', a4);
    expect(tipOf(node)).toBe(a4.parent?.block.hash);
    order(network, node, 'invalidate-block', a2);
    expect(tipOf(node)).toBe(one.block.hash);
    expectUnchanged(network, node, standing(node));
    order(network, node, 'reconsider-block', a2);
    expect(standing(node)).toEqual(first);
    expectUnchanged(network, node, first);
  });

  it('invalidate-reconsider: what breaks a rule is found invalid again after it was reconsidered', () => {
    const { network, node } = oneNode();
    feed(network, node, b3);
    const bad = { ...mineBlock(b3), block: mineUnchecked(b3, { coinbase: { reward: 1n } }) };
    untilClosed(network, new ScriptedPeer(network, node).hello(bad));
    const before = standing(node);
    order(network, node, 'reconsider-block', bad);
    expect(node.core.chain.get(bad.block.hash)?.record).toMatchObject({ validity: 'invalid' });
    expectUnchanged(network, node, before);
  });

  it('invalidate-reconsider survive restart of a real node, from its data folder', async () => {
    folder = mkdtempSync(join(tmpdir(), 'forklore-test-'));
    live = await startLiveNode({ dataDir: folder });
    const change = async (name: string, hash: Hash): Promise<void> => {
      const text = `mutation ($hash: Hash!) { ${name}(hash: $hash) { __typename } }`;
      const answer = await live?.api.query(text, { hash });
      expect(answer).toEqual({ [name]: { __typename: 'BlockValidityChanged' } });
    };
    const restarted = async (): Promise<LiveNode> => {
      await live?.stop();
      return startLiveNode({ dataDir: folder ?? '' });
    };
    const standingOf = async ({ api, node }: LiveNode) => [
      await api.query('{ tip { hash height } mempool { size readyCount } }'),
      node.store.stateRoot,
    ];
    await live.api.query('mutation { sendFromDevAccount(from: "Alice", to: "Bob", amount: "1") { __typename } }');
    const { mine } = await live.api.query('mutation { mine(count: 4) { ... on BlocksMined { blocks { hash } } } }');
    const [lowest, second] = mine.blocks.map(({ hash }: { hash: Hash }) => hash);
    const before = await standingOf(live);
    await change('invalidateBlock', second);
    expect(await live.api.tip()).toBe(lowest);
    const without = await standingOf(live);
    live = await restarted();
    expect(await standingOf(live)).toEqual(without);
    await change('invalidateBlock', lowest);
    expect(await live.api.height()).toBe(0);
    live = await restarted();
    expect(await live.api.height()).toBe(0);
    expect((await live.api.query('{ mempool { size } }')).mempool.size).toBe(1);
    await change('reconsiderBlock', second);
    expect(await standingOf(live)).toEqual(before);
    live = await restarted();
    expect(await standingOf(live)).toEqual(before);
  });
});
