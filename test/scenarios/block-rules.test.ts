import { describe, expect, it } from 'vitest';
import { AmountError, formatAmount, MAX_AMOUNT, parseAmount } from '../../consensus/amount.ts';
import { BLOCK_PREFIX_BYTES, encodeBlock, MAX_BLOCK_BYTES } from '../../consensus/block.ts';
import { requiredBits } from '../../consensus/difficulty.ts';
import { RULES, type RuleCode } from '../../consensus/errors.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { totalSubsidy } from '../../consensus/subsidy.ts';
import { bitsToTarget } from '../../consensus/target.ts';
import { MAX_MEMO_BYTES, MAX_TAG_BYTES, type Transfer, transferBytes } from '../../consensus/transaction.ts';
import {
  type ChainPoint,
  genesisPoint,
  keysOf,
  type MineOptions,
  mineBlock,
  mineChain,
  mineUnchecked,
  transferAt,
} from '../../testing/chain-builder.ts';
import { hurryNetwork } from '../../testing/networks.ts';
import { unsignedTransfer } from '../../testing/quick-signing.ts';
import { ScriptedPeer } from '../../testing/scripted-peer.ts';
import {
  expectUnchanged,
  feed,
  type OneNode,
  oneNode,
  standing,
  submit,
  tipOf,
  untilClosed,
} from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);
const [alice, bob, carol] = [keysOf('Alice'), keysOf('Bob'), keysOf('Carol')];
const FEE = 1_000n;
const TWO_64 = 2n ** 64n;
const pay = (fields: Parameters<typeof transferAt>[3] = {}, at = genesis): Transfer =>
  transferAt(at, alice, bob.address, fields);

/** A point whose block breaks a rule, for a peer that serves it all the same. */
function badPoint(parent: ChainPoint, options: MineOptions): ChainPoint {
  return { ...mineBlock(parent), block: mineUnchecked(parent, options) };
}

/**
 * Offers a block to a node that has something pending: it refuses it for `code`, punishes the sender if the rule says so, and
 * stays as it was.
 */
function expectRefused(bad: ChainPoint, code: RuleCode, one: OneNode = oneNode({ params: bad.params })): void {
  const { network, node } = one;
  if (bad.params === REGTEST) submit(network, node, transferAt(genesis, carol, bob.address, { fee: FEE }));
  const before = standing(node);
  const honest = new ScriptedPeer(network, node).hello(genesisPoint(bad.params));
  const liar = new ScriptedPeer(network, node).hello(bad);
  if (RULES[code].fault === 'sender') expect(untilClosed(network, liar)).toContain(code);
  else {
    const record = () => node.core.chain.get(bad.block.hash)?.record;
    network.runUntil(() => record()?.validity === 'invalid');
    expect(record()?.invalidReason).toBe(code);
    expect(liar.closedBecause).toBeNull();
  }
  network.runFor(1_000);
  expect(honest.closedBecause).toBeNull();
  expectUnchanged(network, node, before);
}

describe('duplicate-transaction-in-block', () => {
  it.each<[string, RuleCode, Transfer[]]>([
    ['the same transaction twice', 'duplicate-transaction', [pay(), pay()]],
    ['the same sender and nonce twice', 'duplicate-nonce', [pay(), pay({ amount: 2n })]],
    ['apart from one another', 'duplicate-transaction', [pay(), transferAt(genesis, carol, bob.address), pay()]],
  ])('duplicate-transaction-in-block: %s', (_, code, transfers) => {
    expectRefused(badPoint(genesis, { transfers }), code);
  });

  it('duplicate-transaction-in-block: again in a later block', () => {
    const first = mineBlock(genesis, { transfers: [pay()] });
    const one = oneNode();
    feed(one.network, one.node, first);
    expectRefused(badPoint(first, { transfers: [pay()] }), 'wrong-nonce', one);
  });
});

describe('mutated-body-is-not-an-invalid-header', () => {
  const honest = mineBlock(genesis, { transfers: [pay(), pay({ nonce: 1n }), pay({ nonce: 2n })] });
  const [coinbase, first, second, third] = honest.block.transactions as [never, Transfer, Transfer, Transfer];

  it.each([
    ['without its last transaction', [coinbase, first, second]],
    ['with its last transaction doubled, as in CVE-2012-2459', [coinbase, first, second, third, third]],
    ['in another order', [coinbase, second, first, third]],
    ['with another transaction', [coinbase, first, second, pay({ nonce: 2n, amount: 7n })]],
    ['without any', []],
  ])('mutated-body-is-not-an-invalid-header: %s; the honest body is accepted afterwards', (_, transactions) => {
    const { network, node } = oneNode();
    const before = standing(node);
    const mutated = { ...honest, block: encodeBlock(honest.block.header, transactions) };
    expect(untilClosed(network, new ScriptedPeer(network, node).hello(mutated))).toContain('bad-merkle-root');
    expect(node.core.chain.get(honest.block.hash)?.record.validity).toBe('unknown');
    expectUnchanged(network, node, before);
    feed(network, node, honest);
    expect(tipOf(node)).toBe(honest.block.hash);
  });
});

describe('reward-exact', () => {
  const transfers = [pay({ fee: 700n }), transferAt(genesis, carol, bob.address, { fee: 77n })];
  const exact = 50_00000000n + 777n;

  it('reward-exact: subsidy and fees are valid', () => {
    const { network, node } = oneNode();
    feed(network, node, mineBlock(genesis, { transfers, coinbase: { reward: exact } }));
    expect(node.store.supply()).toBe(REGTEST.allocationTotal + 50_00000000n);
  });

  it.each([
    ['one unit more', transfers, exact + 1n],
    ['one unit less', transfers, exact - 1n],
    ['one unit more without fees', [], 50_00000001n],
    ['one unit less without fees', [], 49_99999999n],
  ])('reward-exact: %s is invalid', (_, paying, reward) => {
    expectRefused(badPoint(genesis, { transfers: paying, coinbase: { reward } }), 'coinbase-wrong-reward');
  });

  it('reward-exact: the whole subsidy is one unit and more too much after a halving', () => {
    const params = { ...REGTEST, halvingInterval: 3 };
    const start = mineChain(genesisPoint(params), 2);
    const one = oneNode({ params });
    feed(one.network, one.node, start);
    expectRefused(badPoint(start, { coinbase: { reward: 50_00000000n } }), 'coinbase-wrong-reward', one);
    feed(one.network, one.node, mineBlock(start, { coinbase: { reward: 25_00000000n } }));
  });
});

describe('value-overflow', () => {
  it.each<[string, Transfer[]]>([
    ['an amount of 2^64 − 1', [pay({ amount: TWO_64 - 1n })]],
    ['amount and fee that wrap to 1', [pay({ amount: TWO_64 - 1n, fee: 2n })]],
    ['amounts of two transfers that wrap', [pay({ amount: TWO_64 / 2n }), pay({ amount: TWO_64 / 2n, nonce: 1n })]],
    ['2^53 + 1, which is more than there is', [pay({ amount: 2n ** 53n + 1n })]],
    ['one unit more than there is', [pay({ amount: 1_000_00000000n, fee: 1n })]],
  ])('value-overflow: %s is invalid', (_, transfers) => {
    expectRefused(badPoint(genesis, { transfers }), 'insufficient-balance');
  });

  it.each<[string, Transfer[]]>([
    ['a fee of 2^64 − 1', [pay({ fee: TWO_64 - 1n })]],
    ['fees that wrap', [pay({ fee: TWO_64 / 2n }), transferAt(genesis, carol, bob.address, { fee: TWO_64 / 2n })]],
  ])('value-overflow: %s make no reward that has an encoding', (_, transfers) => {
    expectRefused(badPoint(genesis, { transfers, coinbase: { reward: 50_00000000n } }), 'coinbase-wrong-reward');
  });

  it.each([2n ** 53n + 1n, TWO_64 - 1n - 100_000_00000000n])('value-overflow: %d units move exactly', (amount) => {
    const params = hurryNetwork(new Map([[alice.address, amount]]));
    const start = genesisPoint(params);
    const paid = mineBlock(start, { transfers: [transferAt(start, alice, bob.address, { amount: amount - 1n })] });
    const back = mineBlock(paid, {
      transfers: [transferAt(paid, bob, carol.address, { amount: amount - 2n, fee: 1n })],
    });
    const { network, node } = oneNode({ params });
    feed(network, node, back);
    const balances = [alice, bob, carol].map(({ address }) => node.store.account(address)?.balance ?? 0n);
    expect(balances).toEqual([1n, 0n, amount - 2n]);
    expect(node.store.supply()).toBe(amount + totalSubsidy(2, params));
  });

  it('value-overflow: a caller gets a typed error for what has no encoding', () => {
    expect(parseAmount('90071992.54740993')).toBe(2n ** 53n + 1n);
    expect(parseAmount(formatAmount(MAX_AMOUNT))).toBe(TWO_64 - 1n);
    expect(() => parseAmount(formatAmount(TWO_64))).toThrow(AmountError);
    const { network, node } = oneNode();
    expect(submit(network, node, pay({ amount: TWO_64 - 1n, fee: FEE }))).toBe('insufficient-balance');
    expect(submit(network, node, pay({ amount: 2n ** 53n + 1n, fee: FEE }))).toBe('insufficient-balance');
  });
});

describe('time-rules', () => {
  const chain = mineChain(genesis, 20);
  // The median of eleven times is the sixth, counted from the end.
  const median = chain.block.header.time - 5 * REGTEST.spacingSeconds;

  it.each([
    ['at the median', median],
    ['below the median', median - 1],
  ])('time-rules: %s: invalid for ever', (_, time) => {
    const bad = badPoint(chain, { time });
    const one = oneNode();
    one.network.runFor(200_000);
    feed(one.network, one.node, chain);
    expectRefused(bad, 'time-too-old', one);
    one.network.runFor(24 * 3_600_000);
    expect(untilClosed(one.network, new ScriptedPeer(one.network, one.node).hello(bad))).toContain('time-too-old');
    expect(one.node.core.chain.get(bad.block.hash)).toBeUndefined();
  });

  it('time-rules: a second above the median is valid', () => {
    const { network, node } = oneNode();
    network.runFor(200_000);
    feed(network, node, mineBlock(chain, { time: median + 1 }));
  });

  it('time-rules: beyond the future limit: not now, accepted once the clock passes', () => {
    const { network, node } = oneNode();
    const limit = Math.floor(network.clock.instant().wallMs / 1_000) + REGTEST.futureLimitSeconds;
    const [early, justInTime] = [mineBlock(genesis, { time: limit + 60 }), mineBlock(genesis, { time: limit })];
    const before = standing(node);
    const peer = new ScriptedPeer(network, node).hello(genesis);
    network.runFor(100);
    peer.sendBlock(early);
    peer.announce(early);
    network.runFor(500);
    expect(peer.closedBecause).toBeNull();
    expect(node.core.chain.get(early.block.hash)).toBeUndefined();
    expectUnchanged(network, node, before);
    new ScriptedPeer(network, node).hello(genesis).sendBlock(justInTime);
    network.runUntil(() => tipOf(node) === justInTime.block.hash, 500, 'the block at the limit');
    network.runFor(90_000);
    const later = mineBlock(early);
    feed(network, node, later);
    expect(node.core.chain.isActive(node.core.chain.get(early.block.hash) as never)).toBe(true);
  });
});

describe('difficulty-field-wrong', () => {
  // In a hurry, so that the schedule asks for less than the limit, and one unit more or less is possible.
  const params = hurryNetwork();
  const start = genesisPoint(params);
  const parent = mineBlock(mineBlock(start, { time: start.block.header.time + 1 }), {
    time: start.block.header.time + 2,
  });
  const bits = requiredBits(parent, params);

  it.each([
    ['easier', 1],
    ['harder, with more work than is asked for', -1],
  ])('difficulty-field-wrong by one: %s', (_, difference) => {
    const bad = badPoint(parent, { header: { bits: bits + difference } });
    // Enough work it has, by either number.
    expect(BigInt(`0x${bad.block.hash}`)).toBeLessThanOrEqual(bitsToTarget(bits));
    const one = oneNode({ params });
    feed(one.network, one.node, parent);
    expectRefused(bad, 'bad-difficulty-bits', one);
  });

  it('difficulty-field-wrong by one where the schedule never changes', () => {
    expectRefused(badPoint(genesis, { header: { bits: 0x207f_fffe } }), 'bad-difficulty-bits');
  });
});

describe('size-caps', () => {
  const memo = (bytes: number) => new Uint8Array(bytes);
  const LARGEST = transferBytes(MAX_MEMO_BYTES);

  /** A block of exactly so many bytes, the last transfer's memo makes up for the rest. */
  function blockOfSize(sizeBytes: number): { transfers: Transfer[] } {
    const room = sizeBytes - BLOCK_PREFIX_BYTES - (mineUnchecked(genesis).raw.length - BLOCK_PREFIX_BYTES);
    const count = Math.ceil(room / LARGEST);
    const lastMemo = MAX_MEMO_BYTES - (count * LARGEST - room);
    const transfers = Array.from({ length: count }, (_, i) =>
      unsignedTransfer(
        {
          networkId: REGTEST.networkId,
          nonce: BigInt(i),
          recipient: bob.address,
          amount: 0n,
          fee: 0n,
          memo: memo(i === count - 1 ? lastMemo : MAX_MEMO_BYTES),
        },
        alice,
      ),
    );
    return { transfers };
  }

  function countingNode(): OneNode & { checked: () => number } {
    let checked = 0;
    const verify = () => {
      checked++;
      return true;
    };
    return { ...oneNode({ verify }), checked: () => checked };
  }

  it('size-caps: a block at the limit is valid', () => {
    const { network, node, checked } = countingNode();
    const options = blockOfSize(MAX_BLOCK_BYTES);
    const largest = mineBlock(genesis, options);
    expect(largest.block.raw.length).toBe(1_000_000);
    feed(network, node, largest);
    expect(checked()).toBe(options.transfers.length);
  });

  it('size-caps: a block one byte over is invalid before any signature is checked', () => {
    const one = countingNode();
    const bad = badPoint(genesis, blockOfSize(MAX_BLOCK_BYTES + 1));
    expect(bad.block.raw.length).toBe(1_000_001);
    const before = standing(one.node);
    const liar = new ScriptedPeer(one.network, one.node).hello(bad);
    expect(untilClosed(one.network, liar)).toContain('block-too-large');
    expect(one.checked()).toBe(0);
    expectUnchanged(one.network, one.node, before);
  });

  it('size-caps: memo and tag at their limits are valid', () => {
    const { network, node } = oneNode();
    const transfers = [pay({ memo: memo(MAX_MEMO_BYTES) })];
    feed(network, node, mineBlock(genesis, { transfers, coinbase: { tag: memo(MAX_TAG_BYTES) } }));
  });

  it.each<[string, string, MineOptions]>([
    ['a memo', 'memo-too-long', { transfers: [pay({ memo: memo(MAX_MEMO_BYTES + 1) })] }],
    ['a tag', 'tag-too-long', { transfers: [pay()], coinbase: { tag: memo(MAX_TAG_BYTES + 1) } }],
  ])('size-caps: %s one byte over is invalid before any signature is checked', (_, code, options) => {
    const { network, node, checked } = countingNode();
    const before = standing(node);
    const liar = new ScriptedPeer(network, node).hello(badPoint(genesis, options));
    expect(untilClosed(network, liar)).toContain(code);
    expect(checked()).toBe(0);
    expectUnchanged(network, node, before);
  });
});
