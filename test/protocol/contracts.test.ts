import { afterEach, describe, expect, it, vi } from 'vitest';
import { BlockExecution, TRANSACTION_WORK } from '../../consensus/block-execution.ts';
import { MAX_BLOCK_GAS, MAX_CALL_GAS, MAX_SOURCE_BYTES } from '../../consensus/contract/limits.ts';
import { blockHash } from '../../consensus/header.ts';
import { REGTEST } from '../../consensus/networks.ts';
import type { SignedTransaction } from '../../consensus/transaction.ts';
import { STEP_WORK } from '../../protocol/chain.ts';
import { ForkloreNode } from '../../protocol/node.ts';
import { MAX_READY_GAS } from '../../protocol/policy.ts';
import { ProgramCache } from '../../protocol/program-cache.ts';
import { nativeVerify } from '../../simulator/command/native-crypto.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import { mineChosen, mineEvent } from '../../testing/asking.ts';
import { genesisPoint, keysOf, mineBlock, mineUnchecked, transferAt } from '../../testing/chain-builder.ts';
import { callAt, deployAt } from '../../testing/contract-chain.ts';
import { COUNTER, VOTING } from '../../testing/contracts.ts';
import { ScriptedPeer } from '../../testing/scripted-peer.ts';
import { feed, mine, oneNode, submit, submitRaw, tipOf } from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);
const names = ['Alice', 'Bob', 'Carol', 'Dave', 'Erin', 'Frank', 'Grace', 'Heidi', 'Ivan', 'Judy'];
const accounts = names.map(keysOf);
const [alice, bob, carol] = [keysOf('Alice'), keysOf('Bob'), keysOf('Carol')];
const FEE = 1_000n;

const SPINNER = 'export class Spinner { spin(): void { while (true) {} } }';
/** Uses all the gas that a call may reserve, and fails. */
const spinnerDeploy = deployAt(genesis, carol, SPINNER);
const spinner = mineBlock(genesis, { transfers: [spinnerDeploy] });
const spin = (from = alice, changes: Parameters<typeof callAt>[4] = {}) =>
  callAt(spinner, from, spinnerDeploy.contract, 'spin', { gas: MAX_CALL_GAS, ...changes });

/** A node on the block in which the spinner was deployed. */
function onSpinner() {
  const one = oneNode();
  feed(one.network, one.node, spinner);
  return one;
}

/** What executions use in gas, in each event. */
function watchGas(): number[] {
  const gasOfEvents: number[] = [];
  const handle = ForkloreNode.prototype.handleEvent;
  vi.spyOn(ForkloreNode.prototype, 'handleEvent').mockImplementation(function (this: ForkloreNode, ...args) {
    gasOfEvents.push(0);
    return handle.apply(this, args);
  });
  const advance = BlockExecution.prototype.advance;
  vi.spyOn(BlockExecution.prototype, 'advance').mockImplementation(function (this: BlockExecution, gas) {
    const used = advance.call(this, gas);
    gasOfEvents.push((gasOfEvents.pop() ?? 0) + used);
    return used;
  });
  return gasOfEvents;
}

/** How many transactions are begun in each event. */
function watchBegun(): number[] {
  const countsOfEvents: number[] = [];
  const handle = ForkloreNode.prototype.handleEvent;
  vi.spyOn(ForkloreNode.prototype, 'handleEvent').mockImplementation(function (this: ForkloreNode, ...args) {
    countsOfEvents.push(0);
    return handle.apply(this, args);
  });
  const begin = BlockExecution.prototype.begin;
  vi.spyOn(BlockExecution.prototype, 'begin').mockImplementation(function (this: BlockExecution, transaction) {
    countsOfEvents.push((countsOfEvents.pop() ?? 0) + 1);
    begin.call(this, transaction);
  });
  return countsOfEvents;
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

function blockTransactions(node: SimulatedNode, height: number): string[] {
  const entry = node.core.chain.activeAt(height);
  if (!entry) throw new Error(`no block at height ${height}`);
  return node.core.chain
    .readBlock(entry)
    .transactions.slice(1)
    .map(({ txid }) => txid);
}

afterEach(() => vi.restoreAllMocks());

describe('a contract', () => {
  it('that is deployed on one node is called on another, and a reorg takes the call back into the mempool', () => {
    const network = new SimulatedNetwork({ seed: 21, verify: nativeVerify });
    const one = network.addNode();
    const other = network.addNode({ peers: [0] });
    const deploy = deployAt(genesis, alice, VOTING, { args: ['Tea?', ['yes', 'no'], 100] });
    expect(submit(network, one, deploy)).toBe('accepted');
    network.runUntil(() => other.core.mempool.has(deploy.txid));
    mine(network, one, 1);
    network.runUntil(() => tipOf(other) === tipOf(one));
    const fork = tipOf(one);

    const vote = callAt(genesis, bob, deploy.contract, 'vote', { args: [1] });
    expect(submit(network, other, vote)).toBe('accepted');
    mine(network, other, 1);
    network.runUntil(() => tipOf(one) === tipOf(other));
    const storageOf = (node: SimulatedNode) => node.store.account(deploy.contract)?.contract?.storageRoot;
    const withVote = storageOf(one);
    expect(withVote).toBeDefined();

    mineChosen(network, one, 2, { parent: fork, transactions: [] });
    network.runUntil(() => tipOf(one) === tipOf(other));
    for (const node of [one, other]) {
      expect(node.core.mempool.get(vote.txid)?.state).toBe('ready');
      expect(storageOf(node)).not.toBe(withVote);
    }
    mine(network, one, 1);
    expect(one.core.mempool.size).toBe(0);
    expect(storageOf(one)).toBe(withVote);
  });
});

describe('what the mempool takes', () => {
  it('no source that does not compile, and it says where the fault is', () => {
    const { network, node } = oneNode();
    const deploy = deployAt(genesis, alice, 'export class Broken {\n  run(): void { let x = ; }\n}');
    expect(submitRaw(network, node, deploy.raw)).toMatchObject({
      ok: false,
      code: 'source-does-not-compile',
      message: expect.stringMatching(/^line 2, column \d+: /),
    });
  });

  it('a deploy that pays for its gas as for bytes, and none that pays less', () => {
    const { network, node } = oneNode();
    const gas = 400_000;
    const priced = (fee: bigint) => deployAt(genesis, alice, COUNTER, { gas, fee });
    const weight = BigInt(priced(0n).raw.length + gas / 20);
    expect(submitRaw(network, node, priced(weight - 1n).raw)).toMatchObject({
      code: 'fee-too-low',
      message: expect.stringContaining(`${gas} gas, a weight of ${weight}`),
    });
    expect(submit(network, node, priced(weight))).toBe('accepted');
  });

  it('no more gas than its limit: the calls that pay the least go, and transfers stay', () => {
    const { network, node } = onSpinner();
    const count = MAX_READY_GAS / MAX_CALL_GAS;
    const cheap = transferAt(spinner, keysOf('Judy'), bob.address, { fee: 147n });
    expect(submit(network, node, cheap)).toBe('accepted');
    const sent = Array.from({ length: count + 1 }, (_, i) => {
      const from = accounts[i % 9] ?? alice;
      const nonce = (spinner.state.account(from.address)?.nonce ?? 0n) + BigInt(Math.floor(i / 9));
      return spin(from, { nonce, fee: 200_000n + BigInt(i) });
    });
    for (const call of sent) expect(submit(network, node, call)).toBe('accepted');
    const { mempool } = node.core;
    expect(mempool.has(cheap.txid)).toBe(true);
    expect(mempool.dropped(sent[0]?.txid ?? '')?.reason).toBe('evicted');
    expect(node.core.resources().find(({ what }) => what === 'gas of ready transactions')?.count).toBeLessThanOrEqual(
      MAX_READY_GAS,
    );
  });
});

describe('sources that do not compile', () => {
  const broken = Array.from({ length: 40 }, (_, i) => deployAt(genesis, alice, `export class B${i} { x = ; }`));
  const good = deployAt(genesis, bob, COUNTER);

  it('leave what is compiled of others alone, and the deploys of a peer that sends many are ignored for a minute', () => {
    const { network, node } = oneNode();
    const peer = new ScriptedPeer(network, node).hello(genesis);
    const compile = vi.spyOn(ProgramCache.prototype, 'compile');
    peer.send({ type: 'transactions', transactions: broken });
    network.runFor(1_000);
    expect(compile).toHaveBeenCalledTimes(16);
    expect(node.core.resources().find(({ what }) => what === 'compiled contracts')?.count).toBe(0);
    const payment = transferAt(genesis, carol, bob.address, { fee: FEE });
    peer.send({ type: 'transactions', transactions: [good, payment] });
    network.runFor(1_000);
    expect([...node.core.mempool.transactions()].map(({ txid }) => txid)).toEqual([payment.txid]);
    expect(peer.closedBecause).toBeNull();
    network.runFor(60_000);
    peer.send({ type: 'transactions', transactions: [good] });
    network.runFor(1_000);
    expect(node.core.mempool.has(good.txid)).toBe(true);
  });

  it('count on where the peer connects again, and do not concern the deploys of other peers', () => {
    const { network, node } = oneNode();
    const sent = new ScriptedPeer(network, node).hello(genesis, { nonce: 7n });
    sent.send({ type: 'transactions', transactions: broken });
    network.runFor(1_000);
    sent.close();
    network.runFor(100);
    new ScriptedPeer(network, node).hello(genesis, { nonce: 7n }).send({ type: 'transactions', transactions: [good] });
    network.runFor(1_000);
    expect(node.core.mempool.size).toBe(0);
    new ScriptedPeer(network, node).hello(genesis).send({ type: 'transactions', transactions: [good] });
    network.runFor(1_000);
    expect(node.core.mempool.has(good.txid)).toBe(true);
  });
});

describe('many long sources at once', () => {
  /** A contract whose source has about so many bytes, each another one. */
  const long = (sizeBytes: number, i: number) => `// ${i} ${'-'.repeat(sizeBytes)}\nexport class Long {}`;
  const deploys = Array.from({ length: 64 }, (_, i) => {
    const from = accounts[i % 8] ?? alice;
    return deployAt(genesis, from, long(16_000, i), { gas: 600_000, nonce: BigInt(Math.floor(i / 8)) });
  });

  it('are compiled one in each event, while others are served', () => {
    const { network, node } = oneNode();
    const peer = new ScriptedPeer(network, node).hello(genesis);
    network.runFor(100);
    const bytesOfEvents: number[] = [];
    const handle = ForkloreNode.prototype.handleEvent;
    vi.spyOn(ForkloreNode.prototype, 'handleEvent').mockImplementation(function (this: ForkloreNode, ...args) {
      bytesOfEvents.push(0);
      return handle.apply(this, args);
    });
    const compile = ProgramCache.prototype.compile;
    vi.spyOn(ProgramCache.prototype, 'compile').mockImplementation(function (this: ProgramCache, hash, source) {
      bytesOfEvents.push((bytesOfEvents.pop() ?? 0) + source.length);
      return compile.call(this, hash, source);
    });
    peer.send({ type: 'transactions', transactions: deploys.slice(0, 16) });
    network.runUntil(() => node.core.mempool.size > 0);
    const payment = transferAt(genesis, keysOf('Judy'), bob.address, { fee: FEE });
    expect(submit(network, node, payment)).toBe('accepted');
    network.runUntil(() => node.core.mempool.size === 17);
    expect(Math.max(...bytesOfEvents)).toBeLessThanOrEqual(MAX_SOURCE_BYTES);
    expect([...node.core.mempool.transactions()].at(-1)).not.toMatchObject({ txid: payment.txid });
  });

  it('are sent in several messages to who asks for them, and none is said to be missing', () => {
    const { network, node } = oneNode();
    for (const deploy of deploys) expect(submit(network, node, deploy)).toBe('accepted');
    const peer = new ScriptedPeer(network, node).hello(genesis);
    peer.send({ type: 'getTransactions', txids: deploys.map(({ txid }) => txid) });
    network.runUntil(() => peer.ofType('transactions').length === 2);
    const received = peer.ofType('transactions').flatMap(({ transactions }) => transactions);
    expect(received.map(({ txid }) => txid)).toEqual(deploys.map(({ txid }) => txid));
    expect(peer.ofType('notFound')).toEqual([]);
  });
});

describe('calls that use all the gas of a block', () => {
  it('are executed once, in steps, between which others are served', () => {
    const { network, node } = onSpinner();
    const calls = [0n, 1n, 2n, 3n, 4n].map((nonce) => spin(alice, { nonce }));
    for (const call of calls) expect(submit(network, node, call)).toBe('accepted');
    const gasOfEvents = watchGas();
    const asked = node.request(mineEvent(1));
    const payment = transferAt(spinner, bob, carol.address, { fee: FEE });
    const submitted = node.request((request) => ({ type: 'submit', request, raw: payment.raw }));
    network.runUntil(() => node.replyTo(submitted) !== undefined);
    expect(node.replyTo(asked)).toBeUndefined();
    network.runUntil(() => node.replyTo(asked) !== undefined, 100_000_000);
    expect(blockTransactions(node, 2)).toEqual(expect.arrayContaining(calls.map(({ txid }) => txid)));
    expect(sumOf(gasOfEvents)).toBe(MAX_BLOCK_GAS);
    // Of what a step begins, the first instruction may be above the budget.
    expect(Math.max(...gasOfEvents)).toBeLessThan(STEP_WORK + 1_000);
    expect(gasOfEvents.filter((gas) => gas > 0).length).toBeGreaterThanOrEqual(MAX_BLOCK_GAS / STEP_WORK);
  });

  it('are no more in a step where each of them fails at once', () => {
    const { network, node } = onSpinner();
    const senders = accounts.filter(({ address }) => address !== carol.address).slice(0, 8);
    const count = 64;
    for (let i = 0; i < count; i++) {
      const from = senders[i % 8] ?? alice;
      const call = callAt(spinner, from, bob.address, 'x', { gas: 200, nonce: BigInt(Math.floor(i / 8)) });
      expect(submit(network, node, call)).toBe('accepted');
    }
    const countsOfEvents = watchBegun();
    mine(network, node, 1);
    expect(blockTransactions(node, 2)).toHaveLength(count);
    expect(Math.max(...countsOfEvents)).toBeLessThanOrEqual(Math.ceil(STEP_WORK / TRANSACTION_WORK));
  });

  it('are left out of what is only looked at, with what follows of their sender; transfers of others are in it', () => {
    const { network, node } = onSpinner();
    const quick = callAt(spinner, carol, bob.address, 'x', { gas: 200, fee: 1_000_000n });
    const payment = transferAt(spinner, bob, carol.address, { fee: FEE });
    const next = transferAt(spinner, alice, bob.address, { fee: FEE, nonce: 1n });
    for (const each of [spin(alice, { fee: 900_000n }), payment, next, quick])
      expect(submit(network, node, each)).toBe('accepted');
    const { transactions } = node.core.template(node.core.chain.tip.record.header.time);
    expect(transactions.map(({ txid }) => txid)).toEqual([quick.txid, payment.txid]);
  });

  it('do not keep transfers and other calls out of the next blocks', () => {
    const { network, node } = onSpinner();
    const spins = accounts.filter(({ address }) => address !== carol.address).map((from) => spin(from));
    for (const call of spins) expect(submit(network, node, call)).toBe('accepted');
    const payment = transferAt(spinner, carol, bob.address, { fee: FEE });
    expect(submit(network, node, payment)).toBe('accepted');
    mine(network, node, 1);
    expect(blockTransactions(node, 2)).toHaveLength(6);
    expect(blockTransactions(node, 2)).toContain(payment.txid);
    mine(network, node, 1);
    expect(node.core.mempool.size).toBe(0);
  });

  it('are mined on from the first moment, and are in the job once they are executed', () => {
    const { network, node } = onSpinner();
    const calls = [0n, 1n, 2n].map((nonce) => spin(alice, { nonce }));
    for (const call of calls) expect(submit(network, node, call)).toBe('accepted');
    const jobs: number[] = [];
    const handle = ForkloreNode.prototype.handleEvent;
    vi.spyOn(ForkloreNode.prototype, 'handleEvent').mockImplementation(function (this: ForkloreNode, ...args) {
      const effects = handle.apply(this, args);
      for (const effect of effects)
        if (effect.type === 'start-mining') jobs.push(effect.job.template.transactions.length);
      return effects;
    });
    node.request((request) => {
      const unchanged = { threads: null, intervalMs: null, hashrateLimit: null, recipient: null };
      return { type: 'set-mining', request, mode: 'continuous', ...unchanged };
    });
    network.runUntil(() => jobs.includes(3), 100_000_000);
    expect(jobs.slice(0, 2)).toEqual([0, 3]);
  });

  it('that were replaced are not in a block that is asked for', () => {
    const { network, node } = onSpinner();
    const call = spin(alice);
    expect(submit(network, node, call)).toBe('accepted');
    // A mining program has a job with it.
    node.handle({ type: 'set-payees', payees: [bob.address] });
    network.runFor(10);
    const better = spin(alice, { fee: 400_000n });
    expect(submit(network, node, better)).toBe('accepted');
    mine(network, node, 1);
    expect(blockTransactions(node, 2)).toEqual([better.txid]);
  });

  it('are mined when asked for, however often one of them is replaced meanwhile', () => {
    const { network, node } = onSpinner();
    const first = spin(bob, { gas: 60_000 });
    for (const call of [first, spin(alice)]) expect(submit(network, node, call)).toBe('accepted');
    const asked = node.request(mineEvent(1));
    let { fee } = first;
    for (let i = 0; i < 24; i++) {
      fee += fee / 8n;
      expect(submit(network, node, spin(bob, { gas: 60_000, fee }))).toBe('accepted');
    }
    network.runUntil(() => node.replyTo(asked) !== undefined);
    expect(blockTransactions(node, 2)).toContain(first.txid);
  });
});

describe('a block whose execution takes several steps', () => {
  const full = mineBlock(spinner, { transfers: [0n, 1n, 2n, 3n, 4n].map((nonce) => spin(alice, { nonce })) });

  //  genesis-spinner-full
  it('is passed on before it is executed, once, and told to subscribers when it is connected', () => {
    const { network, node } = onSpinner();
    const listener = new ScriptedPeer(network, node).hello(spinner);
    network.runFor(100);
    const teller = new ScriptedPeer(network, node).hello(full);
    const isTold = () => listener.ofType('compactBlock').some(({ header }) => blockHash(header) === full.block.hash);
    network.runUntil(isTold);
    expect(teller.closedBecause).toBeNull();
    expect(tipOf(node)).toBe(spinner.block.hash);
    expect(node.store.body(full.block.hash)).toEqual(full.block.raw);
    const blocksTold = () => node.notices.filter(({ kind }) => kind === 'block').length;
    const before = blocksTold();
    network.runUntil(() => tipOf(node) === full.block.hash);
    network.runFor(1_000);
    expect(blocksTold()).toBe(before + 1);
    expect(listener.ofType('compactBlock')).toHaveLength(1);
    expect(listener.ofType('headers').flatMap(({ headers }) => headers)).toEqual([]);
  });

  it("and whose state root is wrong is nobody's fault who passed it on", () => {
    const { network, node } = onSpinner();
    const transfers = full.block.transactions.slice(1) as SignedTransaction[];
    const block = mineUnchecked(spinner, { transfers, coinbase: { stateRoot: '42'.repeat(32) } });
    const teller = new ScriptedPeer(network, node).hello({ ...full, block });
    network.runUntil(() => node.core.chain.get(block.hash)?.record.validity === 'invalid');
    expect(node.core.chain.get(block.hash)?.record.invalidReason).toBe('wrong-state-root');
    network.runFor(60_000);
    expect(teller.closedBecause).toBeNull();
    expect(tipOf(node)).toBe(spinner.block.hash);
  });

  //                  full
  //                 /
  //  genesis-spinner-b-c
  it('is left where it stands when a better branch comes', () => {
    const { network, node } = onSpinner();
    const better = mineBlock(mineBlock(spinner, { extraNonce: 1 }), { extraNonce: 1 });
    const teller = new ScriptedPeer(network, node).hello(spinner);
    network.runFor(100);
    const gasOfEvents = watchGas();
    teller.serve(full).send({ type: 'headers', headers: [full.block.header] });
    network.runUntil(() => sumOf(gasOfEvents) > 0);
    new ScriptedPeer(network, node).hello(better);
    network.runUntil(() => tipOf(node) === better.block.hash);
    expect(sumOf(gasOfEvents)).toBeLessThan(MAX_BLOCK_GAS);
    expect(node.core.chain.get(full.block.hash)?.record.validity).toBe('unknown');
  });

  it('uses no more than a step in each event', () => {
    const { network, node } = onSpinner();
    const gasOfEvents = watchGas();
    feed(network, node, full);
    expect(sumOf(gasOfEvents)).toBe(MAX_BLOCK_GAS);
    expect(Math.max(...gasOfEvents)).toBeLessThan(STEP_WORK + 1_000);
  });
});
