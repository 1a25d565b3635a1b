import { describe, expect, it } from 'vitest';
import type { Hash } from '../../consensus/hash.ts';
import { REGTEST } from '../../consensus/networks.ts';
import type { Transfer } from '../../consensus/transaction.ts';
import type { BlockEntry } from '../../protocol/header-index.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import { ask, mineChosen, mineEvent } from '../../testing/asking.ts';
import { genesisPoint, keysOf, mineBlock, mineChain, transferAt } from '../../testing/chain-builder.ts';
import { hurryNetwork } from '../../testing/networks.ts';
import { ScriptedPeer } from '../../testing/scripted-peer.ts';
import { expectUnchanged, oneNode, standing, submit, tipOf } from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);
const [alice, bob, carol] = [keysOf('Alice'), keysOf('Bob'), keysOf('Carol')];
const FEE = 1_000n;
const UNKNOWN = 'ab'.repeat(32);

function entryOf(node: SimulatedNode, hash: Hash | undefined): BlockEntry {
  const entry = node.core.chain.get(hash ?? '');
  if (!entry) throw new Error(`the node does not know block ${hash}`);
  return entry;
}

/** Ids of the transfers of a block, in its order. */
function contentOf(node: SimulatedNode, hash: Hash | undefined): Hash[] {
  const { transactions } = node.core.chain.readBlock(entryOf(node, hash));
  return transactions.slice(1).map(({ txid }) => txid);
}

/** A node whose mempool holds two transfers of Alice and one of Bob, who pays more. */
function withPending() {
  const { network, node } = oneNode();
  const first = transferAt(genesis, alice, carol.address, { fee: FEE });
  const second = transferAt(genesis, alice, carol.address, { fee: FEE, nonce: 1n });
  const rich = transferAt(genesis, bob, carol.address, { fee: 9n * FEE });
  for (const transfer of [first, second, rich]) expect(submit(network, node, transfer)).toBe('accepted');
  return { network, node, first, second, rich };
}

describe('a block of chosen transactions', () => {
  it('holds exactly these, in this order, whatever others pay', () => {
    const { network, node, first, second, rich } = withPending();
    const [hash] = mineChosen(network, node, 1, { transactions: [first.txid, rich.txid] });
    expect(tipOf(node)).toBe(hash);
    expect(contentOf(node, hash)).toEqual([first.txid, rich.txid]);
    expect(node.core.mempool.get(second.txid)?.state).toBe('ready');
    expect(node.core.mempool.size).toBe(1);
  });

  it('is empty where none are chosen, and so are the following ones', () => {
    const { network, node, first } = withPending();
    for (const transactions of [[], [first.txid]]) {
      const hashes = mineChosen(network, node, 3, { transactions });
      expect(hashes.map((hash) => contentOf(node, hash))).toEqual([transactions, [], []]);
    }
    expect(node.core.mempool.size).toBe(2);
    mineChosen(network, node, 1);
    expect(node.core.mempool.size).toBe(0);
  });

  it.each<[code: string, choose: (transfers: Record<'first' | 'second' | 'rich', Transfer>) => Hash[]]>([
    ['unknown-transaction', ({ first }) => [first.txid, UNKNOWN]],
    ['not-executable', ({ second }) => [second.txid]],
    ['not-executable', ({ first, second }) => [second.txid, first.txid]],
    ['not-executable', ({ first }) => [first.txid, first.txid]],
  ])('is refused as %s, and nothing is mined', (code, choose) => {
    const { network, node, ...transfers } = withPending();
    const before = standing(node);
    const reply = ask(network, node, mineEvent(2, { transactions: choose(transfers) }));
    expect(reply).toMatchObject({ ok: false, code, blockHashes: [] });
    expectUnchanged(network, node, before);
  });

  it('is refused where it would be too large', () => {
    const { network, node } = oneNode();
    const memo = new Uint8Array(256);
    const txids = ['Alice', 'Bob', 'Carol', 'Dave', 'Erin', 'Frank', 'Grace', 'Heidi'].flatMap((name) =>
      Array.from({ length: 80 }, (_, nonce) => {
        const transfer = transferAt(genesis, keysOf(name), carol.address, { fee: FEE, nonce: BigInt(nonce), memo });
        expect(submit(network, node, transfer)).toBe('accepted');
        return transfer.txid;
      }),
    );
    // Named again and again, they need more room than a block has, which is found before they are executed.
    const transactions = Array.from({ length: 5 }, () => txids).flat();
    const reply = ask(network, node, mineEvent(1, { transactions }));
    expect(reply).toMatchObject({ ok: false, code: 'block-too-large' });
    expect(reply.ok ? '' : reply.message).toMatch(
      /^the transactions have \d{7} bytes together, and a block has room for 999660$/,
    );
  });

  it('is given to the one who asked, though somebody waits before', () => {
    const { network, node, first } = withPending();
    const ordinary = node.request(mineEvent(1, { recipient: carol.address }));
    const [hash] = mineChosen(network, node, 1, { transactions: [], recipient: carol.address });
    const reply = node.replyTo(ordinary);
    const mined = reply?.ok && reply.value.kind === 'mined' ? reply.value.blockHashes : [];
    expect(contentOf(node, mined[0])).toContain(first.txid);
    expect(contentOf(node, hash)).toEqual([]);
  });
});

describe('a block on a chosen parent', () => {
  //  genesis - 1 - 2 - 3      the active chain
  //             \
  //              2' - 3' - 4'
  it('makes a branch, which becomes the active chain when it has more work', () => {
    const { network, node, first, second } = withPending();
    const [one] = mineChosen(network, node, 1, { transactions: [first.txid] });
    mineChosen(network, node, 1, { transactions: [second.txid] });
    const [three] = mineChosen(network, node, 1);
    const [twoDash] = mineChosen(network, node, 1, { parent: one ?? null, transactions: [] });
    expect(tipOf(node)).toBe(three);
    const stale = entryOf(node, twoDash);
    expect(stale.record).toMatchObject({ height: 2, header: { prevHash: one } });
    expect(node.core.chain.isActive(stale)).toBe(false);
    expect(node.core.mempool.size).toBe(0);

    const [threeDash, fourDash] = mineChosen(network, node, 2, { parent: twoDash ?? null, transactions: [] });
    expect(entryOf(node, threeDash).record.header.prevHash).toBe(twoDash);
    expect(tipOf(node)).toBe(fourDash);
    // What was in 2 and 3 is pending again.
    expect(node.core.mempool.get(second.txid)?.state).toBe('ready');
    expect(node.core.mempool.size).toBe(2);
  });

  //  genesis - 1      holds Alice's transfer
  //   \
  //    1' - 2'        hold it as well, in 2'
  it('may hold what is in blocks that the branch leaves, and nobody else can', () => {
    const { network, node, first, rich } = withPending();
    mineChosen(network, node, 1, { transactions: [first.txid] });
    const parent = REGTEST.genesis.hash;
    const again = ask(network, node, mineEvent(1, { transactions: [first.txid] }));
    expect(again).toMatchObject({ ok: false, code: 'unknown-transaction' });
    const [oneDash] = mineChosen(network, node, 1, { parent, transactions: [rich.txid] });
    const [twoDash] = mineChosen(network, node, 1, { parent: oneDash ?? null, transactions: [first.txid] });
    expect(tipOf(node)).toBe(twoDash);
    expect(contentOf(node, twoDash)).toEqual([first.txid]);
    const spent = ask(network, node, mineEvent(1, { parent: twoDash ?? null, transactions: [first.txid] }));
    expect(spent).toMatchObject({ ok: false, code: 'unknown-transaction' });
  });

  it('holds what is pending and executable there, where nothing is chosen', () => {
    const { network, node, first, second, rich } = withPending();
    mineChosen(network, node, 1, { transactions: [first.txid] });
    // Alice's second transfer is ready at the tip; on a branch that lacks the first it waits for it.
    const [hash] = mineChosen(network, node, 1, { parent: REGTEST.genesis.hash });
    expect(contentOf(node, hash)).toEqual([rich.txid]);
    expect(node.core.mempool.get(second.txid)?.state).toBe('ready');
  });

  it('is another one than its siblings of the same content', () => {
    const { network, node } = oneNode();
    const choice = { parent: REGTEST.genesis.hash, transactions: [] };
    const hashes = Array.from({ length: 3 }, () => mineChosen(network, node, 1, choice)[0]);
    expect(new Set(hashes).size).toBe(3);
    expect(node.core.chain.atHeight(1)).toHaveLength(3);
    expect(tipOf(node)).toBe(hashes[0]);
  });

  it('survives a change of the tip while it is searched for, and is not searched for again', () => {
    const jobs: string[] = [];
    const nothing = () => {};
    const { network, node } = oneNode({
      watcher: {
        onStarted: nothing,
        onHandled: (_, __, effects) => {
          for (const effect of effects)
            if (effect.type === 'start-mining') jobs.push(effect.job.template.header.prevHash);
        },
        onCommitted: nothing,
        onPerformed: nothing,
        onEnded: nothing,
        onSettled: nothing,
      },
    });
    node.hashrate = 0;
    const id = node.request(mineEvent(1, { parent: REGTEST.genesis.hash }));
    const one = mineBlock(genesis);
    new ScriptedPeer(network, node).hello(genesis).sendBlock(one);
    network.runUntil(() => tipOf(node) === one.block.hash);
    expect(jobs).toEqual([REGTEST.genesis.hash]);
    node.hashrate = 1_000;
    network.runUntil(() => node.replyTo(id) !== undefined);
    expect(node.replyTo(id)).toMatchObject({ ok: true });
    expect(tipOf(node)).toBe(one.block.hash);
    expect(node.core.chain.atHeight(1)).toHaveLength(2);
  });

  it('is given up where the parent turns out to be invalid meanwhile', () => {
    const { network, node } = oneNode();
    const [one, two] = mineChosen(network, node, 2);
    node.hashrate = 0;
    const id = node.request(mineEvent(2, { parent: two ?? null, transactions: [] }));
    const ordinary = node.request(mineEvent(1));
    node.hashrate = 1_000;
    node.request((request) => ({ type: 'invalidate-block', request, blockHash: one ?? '' }));
    network.runUntil(() => node.replyTo(ordinary) !== undefined);
    expect(node.replyTo(id)).toMatchObject({ ok: false, code: 'invalid-parent', blockHashes: [] });
    expect(node.replyTo(ordinary)).toMatchObject({ ok: true });
    expect(node.core.chain.tip.record.height).toBe(1);
  });

  it('is refused on a block that is not known, not whole, invalid, or too far from the tip', () => {
    const { network, node } = oneNode();
    const refusal = (parent: Hash) => ask(network, node, mineEvent(1, { parent }));
    expect(refusal(UNKNOWN)).toMatchObject({ ok: false, code: 'unknown-block' });
    const far = mineChain(genesis, 2);
    const peer = new ScriptedPeer(network, node).withhold('getBlocks').hello(far);
    network.runUntil(() => node.core.chain.get(far.block.hash) !== undefined);
    peer.close();
    expect(refusal(far.block.hash)).toMatchObject({ ok: false, code: 'missing-body' });
    const [one, two] = mineChosen(network, node, 2);
    ask(network, node, (request) => ({ type: 'invalidate-block', request, blockHash: one ?? '' }));
    for (const hash of [one, two]) expect(refusal(hash ?? '')).toMatchObject({ ok: false, code: 'invalid-parent' });
    mineChosen(network, node, 1_001);
    expect(refusal(REGTEST.genesis.hash)).toEqual({
      ok: false,
      code: 'fork-too-long',
      message: 'the fork is 1001 blocks long, and blocks are mined on forks of at most 1000',
      blockHashes: [],
    });
    expect(mineChosen(network, node, 1, { parent: node.core.chain.activeAt(1)?.record.hash ?? null })).toHaveLength(1);
  });
});

it('needs a network with development controls', () => {
  const { network, node } = oneNode({ params: hurryNetwork() });
  for (const choice of [{ transactions: [] }, { parent: network.params.genesis.hash }])
    expect(ask(network, node, mineEvent(1, choice))).toMatchObject({ ok: false, code: 'controls-off' });
  expect(node.core.chain.tip.record.height).toBe(0);
});
