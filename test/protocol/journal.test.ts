import { describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { genesisPoint, keysOf, mineBlock, transferAt } from '../../testing/chain-builder.ts';
import { feed, oneNode, submit } from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);
const [alice, bob, carol] = [keysOf('Alice'), keysOf('Bob'), keysOf('Carol')];
const FEE = 1_000n;

describe('the journal', () => {
  it('lets go of a transaction whose nonce a block gives to another one', () => {
    const { network, node } = oneNode();
    const pending = transferAt(genesis, alice, bob.address, { fee: FEE });
    const rival = transferAt(genesis, alice, carol.address, { fee: FEE });
    expect(submit(network, node, pending)).toBe('accepted');
    expect(node.store.isJournaled(pending.txid)).toBe(true);
    feed(network, node, mineBlock(genesis, { transfers: [rival] }));
    expect(node.core.mempool.has(pending.txid)).toBe(false);
    expect(node.store.isJournaled(pending.txid)).toBe(false);
  });
});
