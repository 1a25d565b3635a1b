import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coinbaseOf } from '../../consensus/block.ts';
import { REGTEST } from '../../consensus/networks.ts';
import type { BlockEntry } from '../../protocol/header-index.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import { mineChosen } from '../../testing/asking.ts';
import { genesisPoint, keysOf, transferAt } from '../../testing/chain-builder.ts';
import { oneNode, submit } from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);
const NAMES = ['Alice', 'Bob', 'Carol', 'Dave'];

/** Those of the transfers, each its sender's first, that no ancestor of a block on this parent holds. */
function executableOn(node: SimulatedNode, parent: BlockEntry, transfers: readonly { txid: string }[]): string[] {
  const used = new Set<string>();
  for (let walk: BlockEntry | null = parent; walk?.parent; walk = walk.parent)
    for (const { txid } of node.core.chain.readBlock(walk).transactions) used.add(txid);
  return transfers.map(({ txid }) => txid).filter((txid) => !used.has(txid));
}

describe('the state on a branch', () => {
  it('is the one that connecting the branch leads to, whatever the tree of blocks is', () => {
    const step = fc.record({
      parent: fc.nat(),
      count: fc.integer({ min: 1, max: 3 }),
      holds: fc.nat({ max: NAMES.length }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 10 }), (steps) => {
        const { network, node } = oneNode();
        const transfers = NAMES.map((name, i) =>
          transferAt(genesis, keysOf(name), keysOf(NAMES[(i + 1) % NAMES.length] ?? '').address, { fee: 1_000n }),
        );
        for (const transfer of transfers) expect(submit(network, node, transfer)).toBe('accepted');
        const known: string[] = [REGTEST.genesis.hash];
        for (const { parent: index, count, holds } of steps) {
          const parent = known[index % known.length] ?? '';
          const entry = node.core.chain.get(parent);
          if (!entry) throw new Error('a known block');
          const executable = executableOn(node, entry, transfers).slice(0, holds);
          // What is confirmed below the fork point, or only on another branch, cannot be had.
          const active = (txid: string) => node.core.mempool.has(txid) || isAboveFork(node, entry, txid);
          const transactions = executable.filter(active);
          known.push(...mineChosen(network, node, count, { parent, transactions }));
        }
        // Each branch becomes the active chain in turn: a wrong state root would make its blocks invalid.
        for (const leaf of node.core.chain.leaves()) {
          let tip = leaf.record.hash;
          while (node.core.chain.tip.record.hash !== tip)
            [tip = ''] = mineChosen(network, node, 1, { parent: tip, transactions: [] });
          expect(node.core.chain.isActive(leaf)).toBe(true);
          expect(node.store.stateRoot).toBe(coinbaseOf(node.core.chain.readBlock(node.core.chain.tip)).stateRoot);
        }
        for (const hash of known) expect(node.core.chain.get(hash)?.record.validity).toBe('valid');
      }),
      { numRuns: 15 },
    );
  });
});

/** Whether a transfer is in a block of the active chain that a branch through `entry` leaves. */
function isAboveFork(node: SimulatedNode, entry: BlockEntry, txid: string): boolean {
  const { chain } = node.core;
  for (let walk: BlockEntry | null = chain.tip; walk?.parent; walk = walk.parent) {
    const inBlock = chain.readBlock(walk).transactions.some((transaction) => transaction.txid === txid);
    if (inBlock) return !isAncestor(walk, entry);
  }
  return false;
}

function isAncestor(candidate: BlockEntry, of: BlockEntry): boolean {
  let walk: BlockEntry | null = of;
  while (walk && walk !== candidate) walk = walk.parent;
  return walk === candidate;
}
