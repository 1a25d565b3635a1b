import { afterEach, describe, expect, it, vi } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { SteppedWork } from '../../consensus/stepped-work.ts';
import { STEP_WORK } from '../../protocol/chain.ts';
import { ForkloreNode } from '../../protocol/node.ts';
import { genesisPoint, keysOf, mineBlock, transferAt } from '../../testing/chain-builder.ts';
import { feed, mine, oneNode, submit, tipOf } from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);
const senders = ['Alice', 'Bob', 'Carol', 'Dave', 'Erin', 'Frank', 'Grace', 'Heidi'].map(keysOf);
/** What a mempool holds of an account. */
const EACH = 16;
/** Every one creates an account. */
const transfers = senders.flatMap((sender, s) =>
  Array.from({ length: EACH }, (_, i) => {
    const recipient = (1_000 + s * EACH + i).toString(16).padStart(40, '0');
    return transferAt(genesis, sender, recipient, { nonce: BigInt(i), fee: 1_000n });
  }),
);
/** What a step may do more than its budget: a group of leaves. */
const EXCESS = 128_000;

/** The work of trees in each event, in gas. */
function watchTrees(): number[] {
  const workOfEvents: number[] = [];
  const handle = ForkloreNode.prototype.handleEvent;
  vi.spyOn(ForkloreNode.prototype, 'handleEvent').mockImplementation(function (this: ForkloreNode, ...args) {
    workOfEvents.push(0);
    return handle.apply(this, args);
  });
  const advance = SteppedWork.prototype.advance;
  vi.spyOn(SteppedWork.prototype, 'advance').mockImplementation(function (this: SteppedWork<object>, gas) {
    const before = this.work;
    const result = advance.call(this, gas);
    workOfEvents.push((workOfEvents.pop() ?? 0) + this.work - before);
    return result;
  });
  return workOfEvents;
}

function expectSteps(workOfEvents: readonly number[]): void {
  expect(Math.max(...workOfEvents)).toBeLessThan(STEP_WORK + EXCESS);
  expect(workOfEvents.filter((work) => work > 0).length).toBeGreaterThan(1);
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

afterEach(() => vi.restoreAllMocks());

describe('the trees after many transfers', () => {
  //          full
  //         /
  //  genesis-a-b
  it('are computed in steps where the block is connected, and where it is disconnected', () => {
    const { network, node } = oneNode();
    const full = mineBlock(genesis, { transfers });
    const connecting = watchTrees();
    feed(network, node, full);
    expectSteps(connecting);
    vi.restoreAllMocks();

    const better = mineBlock(mineBlock(genesis, { extraNonce: 1 }), { extraNonce: 1 });
    const disconnecting = watchTrees();
    feed(network, node, better);
    expect(tipOf(node)).toBe(better.block.hash);
    expectSteps(disconnecting);
    expect(node.store.stateRoot).toBe(better.state.stateRoot);
    expect(node.core.mempool.readyCount).toBe(transfers.length);
  });

  it('are computed in steps for a template, once for all payees', () => {
    const { network, node } = oneNode();
    for (const transfer of transfers) expect(submit(network, node, transfer)).toBe('accepted');
    const one = watchTrees();
    node.handle({ type: 'set-payees', payees: [keysOf('Ivan').address] });
    network.runFor(100);
    expectSteps(one);
    vi.restoreAllMocks();

    const { network: otherNetwork, node: other } = oneNode();
    for (const transfer of transfers) expect(submit(otherNetwork, other, transfer)).toBe('accepted');
    const many = watchTrees();
    other.handle({ type: 'set-payees', payees: ['Ivan', 'Judy', 'Alice'].map((name) => keysOf(name).address) });
    otherNetwork.runFor(100);
    expect(sumOf(many)).toBe(sumOf(one));
    vi.restoreAllMocks();

    mine(otherNetwork, other, 1);
    expect(other.core.mempool.size).toBe(0);
  });

  it('are computed once for who looks at the next block again and again', () => {
    const { network, node } = oneNode();
    for (const transfer of transfers) expect(submit(network, node, transfer)).toBe('accepted');
    const finish = vi.spyOn(SteppedWork.prototype, 'finish');
    const now = node.core.chain.tip.record.header.time + 10;
    const first = node.core.template(now);
    expect(first.transactions).toHaveLength(transfers.length);
    expect(node.core.template(now)).toBe(first);
    expect(node.core.template(now + 1).coinbase).toEqual(first.coinbase);
    expect(finish).toHaveBeenCalledTimes(1);
    const next = transferAt(genesis, keysOf('Ivan'), keysOf('Judy').address, { fee: 1_000n });
    expect(submit(network, node, next)).toBe('accepted');
    expect(node.core.template(now).transactions).toHaveLength(transfers.length + 1);
  });
});
