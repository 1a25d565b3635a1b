import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../consensus/address.ts';
import { coinbaseOf } from '../../consensus/block.ts';
import { BlockExecution } from '../../consensus/block-execution.ts';
import { sealUnpaid } from '../../consensus/block-seal.ts';
import {
  BlockConnection,
  connectBlock,
  disconnectBlock,
  effectOf,
  startDisconnection,
} from '../../consensus/connect.ts';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '../../consensus/hex.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { RECEIPTS_KEY, receiptsHashOf } from '../../consensus/receipt.ts';
import { sha256 } from '../../consensus/sha256.ts';
import { accountLeaf, EMPTY_ROOT, StateTreeEditor } from '../../consensus/state-tree.ts';
import { totalSubsidy } from '../../consensus/subsidy.ts';
import type { SignedTransaction } from '../../consensus/transaction.ts';
import { decodeUndo, encodeUndo, type Undo } from '../../consensus/undo.ts';
// Fixes the seed of random plans.
import './arbitraries.ts';
import {
  account,
  argsOf,
  BOX,
  call,
  connect,
  contractBlock,
  deploy,
  host,
  wholeSnapshot,
} from './contract-fixtures.ts';
import { alice, bob, brokenRule, type CheckedState, carol, contextAt, genesisState, miner, pay } from './fixtures.ts';

const PEOPLE = [alice, bob, carol];
/** Of the same class, with other bytes: another code. */
const SOURCES = [BOX, concatBytes(BOX, utf8ToBytes('// another one\n'))];

/** What one transaction is to be: numbers that {@link transactionsFrom} takes for people, contracts, keys and amounts. */
const plan = fc.record({
  what: fc.constantFrom('pay', 'pay', 'deploy', 'add', 'put', 'put', 'remove', 'spend', 'relay', 'fail', 'none', 'add'),
  from: fc.nat({ max: 2 }),
  to: fc.nat({ max: 5 }),
  other: fc.nat({ max: 5 }),
  key: fc.nat({ max: 3 }),
  amount: fc.nat({ max: 60 }),
  fee: fc.nat({ max: 9 }),
  gas: fc.constantFrom(60_000, 60_000, 60_000, 60_000, 15_000, 20_000, 30_000),
});
type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;
const chains = fc.array(fc.array(plan, { maxLength: 7 }), { minLength: 1, maxLength: 4 });

/** A state after a block with two contracts, a rich and a poor one, so that most plans have somebody to call. */
function withContracts(): { state: CheckedState; contracts: Address[] } {
  const state = genesisState();
  const boxes = [deploy(alice, { amount: 500n }), deploy(bob, { amount: 30n })];
  connect(state, 1, ...boxes);
  return { state, contracts: boxes.map(({ contract }) => contract) };
}

/** Transactions that break no rule one after the other; what contracts do with them may fail. */
function transactionsFrom(state: CheckedState, contracts: Address[], plans: readonly Plan[]): SignedTransaction[] {
  const execution = new BlockExecution(state, contextAt(1), host);
  return plans.map((one) => {
    const key = PEOPLE[one.from]!;
    const { nonce } = execution.state.account(key.address)!;
    const transaction = transactionOf(one, nonce, contracts);
    execution.begin(transaction);
    execution.advance(Number.POSITIVE_INFINITY);
    if (transaction.kind === 'deploy') contracts.push(transaction.contract);
    return transaction;
  });
}

function transactionOf(one: Plan, nonce: bigint, contracts: readonly Address[]): SignedTransaction {
  const { what, from, key, gas } = one;
  const [amount, fee] = [BigInt(one.amount), BigInt(one.fee)];
  const people = [...contracts, ...PEOPLE.map(({ address }) => address), '12'.repeat(20)];
  const [to, other] = [people[one.to % people.length]!, people[one.other % people.length]!];
  const sender = PEOPLE[from]!;
  switch (what) {
    case 'pay':
      return pay(sender, to, { nonce, amount, fee });
    case 'deploy':
      return deploy(sender, { nonce, amount, fee, source: SOURCES[key % 2]!, args: argsOf(key) });
    case 'put':
      return call(sender, to, what, { nonce, amount, fee, gas, args: argsOf(key, 'x'.repeat(one.amount)) });
    case 'remove':
      return call(sender, to, what, { nonce, fee, gas, args: argsOf(key) });
    case 'spend':
      return call(sender, to, what, { nonce, fee, gas, args: argsOf(account(other), amount) });
    case 'relay':
      return call(sender, to, what, { nonce, fee, gas: 2 * gas, args: argsOf(account(other), key, amount) });
    default:
      return call(sender, to, what, { nonce, fee, gas });
  }
}

/** Checks that a state's root, and all its nodes, are those of trees that are built of nothing. */
function expectRebuilt(state: CheckedState): void {
  const editor = new StateTreeEditor({ stateNode: () => undefined });
  const leaves = [...state.accounts].map(([address, content]) => {
    if (content.contract !== undefined) {
      const slots = [...(state.slots.get(address) ?? [])].map(([path, value]) => {
        return { key: sha256(concatBytes(hexToBytes(address), hexToBytes(path))), valueHash: sha256(value) };
      });
      expect(content.contract.storageRoot).toBe(editor.update(EMPTY_ROOT, slots));
      expect(content.nonce).toBe(0n);
    }
    return accountLeaf(address, content);
  });
  const receiptsHash = receiptsHashOf(state);
  if (receiptsHash !== null) leaves.push({ key: RECEIPTS_KEY, valueHash: hexToBytes(receiptsHash) });
  expect(editor.update(EMPTY_ROOT, leaves)).toBe(state.stateRoot);
  expect([...editor.added.keys()].sort()).toEqual([...state.nodes.keys()].sort());
  const used = [...state.accounts.values()].flatMap(({ contract }) => contract?.codeHash ?? []);
  expect([...state.codes.keys()].sort()).toEqual([...new Set(used)].sort());
}

describe('blocks of transfers, deploys and calls', () => {
  it('are taken back exactly, keep the supply, and have the trees of their content', () => {
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(chains, (chain) => {
        const { state, contracts } = withContracts();
        const history: { before: unknown; undo: Undo }[] = [];
        for (const [index, plans] of chain.entries()) {
          const before = wholeSnapshot(state);
          const transactions = transactionsFrom(state, contracts, plans);
          const effect = connect(state, index + 2, ...transactions);
          const supply = [...state.accounts.values()].reduce((sum, { balance }) => sum + balance, 0n);
          expect(supply).toBe(REGTEST.allocationTotal + totalSubsidy(index + 2, REGTEST));
          expectRebuilt(state);
          history.push({ before, undo: effect.undo });
          const called = transactions.filter((transaction) => transaction.kind !== 'transfer');
          expect(effect.receipts.map(({ txid }) => txid)).toEqual(called.map(({ txid }) => txid));
          for (const [i, { failure }] of effect.receipts.entries()) outcomes.add(outcomeOf(called[i]!, failure?.code));
        }
        for (const { before, undo } of history.reverse()) {
          const disconnection = startDisconnection(decodeUndo(encodeUndo(undo)), state);
          while (disconnection.advance(1) === undefined);
          expect(disconnection.finish()).toEqual(disconnectBlock(undo, state));
          state.apply(disconnection.finish());
          expect(wholeSnapshot(state)).toEqual(before);
        }
      }),
      { numRuns: 30 },
    );
    // The property says little unless the plans reach what it is about.
    expect([...outcomes]).toEqual(
      expect.arrayContaining([
        'deploy fine',
        'add fine',
        'put fine',
        'remove fine',
        'spend fine',
        'relay fine',
        'fail required',
        'put out-of-gas',
        'add no-contract',
      ]),
    );
  });

  it('have the same effect in steps of any size', () => {
    const sizes = fc.array(fc.oneof(fc.nat({ max: 50 }), fc.nat({ max: 20_000 })), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(chains, sizes, (chain, steps) => {
        const { state, contracts } = withContracts();
        for (const [index, plans] of chain.entries()) {
          const height = index + 2;
          const block = contractBlock(state, height, transactionsFrom(state, contracts, plans));
          const whole = connectBlock(block, contextAt(height), state, REGTEST, host);
          const connection = new BlockConnection(block, contextAt(height), state, REGTEST, host);
          let effect = connection.advance(0);
          expect(effect).toBeUndefined();
          for (let i = 0; effect === undefined; i++) {
            const { work } = connection;
            effect = connection.advance(1 + steps[i % steps.length]!);
            if (effect === undefined) expect(connection.work).toBeGreaterThan(work);
          }
          expect(effect).toEqual(whole);
          state.apply(effect.change);
        }
      }),
      { numRuns: 8 },
    );
  });

  it('have the effect that their template has', () => {
    const state = genesisState();
    const deployed = deploy(alice, { amount: 20n });
    const transactions = [deployed, call(bob, deployed.contract, 'add'), pay(carol, deployed.contract)];
    const block = contractBlock(state, 1, transactions);
    const { reward } = coinbaseOf(block);
    const template = effectOf(transactions, { recipient: miner, reward }, state, contextAt(1));
    expect(connectBlock(block, contextAt(1), state, REGTEST, host)).toEqual(template);
  });

  it('lead to the same root before it is known who is paid: a stranger, a sender, a contract', () => {
    const state = genesisState();
    const deployed = deploy(alice, { amount: 20n });
    const transactions = [deployed, call(bob, deployed.contract, 'add'), pay(carol, deployed.contract)];
    const execution = new BlockExecution(state, contextAt(1), host);
    for (const transaction of transactions) {
      execution.begin(transaction);
      execution.advance(Number.POSITIVE_INFINITY);
    }
    const unpaid = sealUnpaid(execution, state).finish();
    for (const recipient of [miner, bob.address, deployed.contract]) {
      const coinbase = { recipient, reward: 5n };
      const { stateRoot } = effectOf(transactions, coinbase, state, contextAt(1)).change;
      expect(unpaid.rootAfter(coinbase)).toBe(stateRoot);
    }
  });

  it('commit to every outcome: a receipt, a slot, a code that differs is another state', () => {
    const state = genesisState();
    const deployed = deploy(alice);
    const add = call(bob, deployed.contract, 'add');
    const other = contractBlock(state, 1, [deployed, call(bob, deployed.contract, 'fail')]);
    const { transactions } = contractBlock(state, 1, [deployed, add]);
    const [coinbase] = other.transactions;
    const block = { ...other, transactions: [coinbase!, ...transactions.slice(1)] };
    expect(brokenRule(() => connectBlock(block, contextAt(1), state, REGTEST, host))).toBe('wrong-state-root');
  });
});

function outcomeOf(transaction: SignedTransaction, failure = 'fine'): string {
  const name = transaction.kind === 'call' ? Buffer.from(transaction.method).toString() : transaction.kind;
  return `${name} ${failure}`;
}

describe('the slots of a contract', () => {
  const put = (from: typeof alice, box: Address, key: number, text: string, nonce: bigint) =>
    call(from, box, 'put', { nonce, args: argsOf(key, text) });
  const leaves = (state: CheckedState) => [...state.nodes.values()].filter(([kind]) => kind === 0).length;

  it('collapse where one is removed, down to the tree before it was there', () => {
    const state = genesisState();
    const { contract: box } = deploy(alice);
    connect(state, 1, deploy(alice), put(bob, box, 1, 'one', 0n));
    const before = { nodes: state.nodes.size, root: state.account(box)?.contract?.storageRoot };
    connect(state, 2, put(bob, box, 2, 'two', 1n), put(bob, box, 3, 'three', 2n));
    expect(state.slots.get(box)?.size).toBe(4);
    const remove = (key: number, nonce: bigint) => call(bob, box, 'remove', { nonce, args: argsOf(key) });
    connect(state, 3, remove(2, 3n), remove(3, 4n), remove(3, 5n));
    connect(state, 4);
    expect(state.slots.get(box)?.size).toBe(2);
    expect(state.account(box)?.contract?.storageRoot).toBe(before.root);
    expectRebuilt(state);
  });

  it('that come and go in one block leave nothing, and undo to nothing', () => {
    const state = genesisState();
    const { contract: box } = deploy(alice);
    connect(state, 1, deploy(alice));
    const before = wholeSnapshot(state);
    const root = state.account(box)?.contract?.storageRoot;
    const args = argsOf(1);
    const { undo } = connect(state, 2, put(bob, box, 1, 'x', 0n), call(bob, box, 'remove', { nonce: 1n, args }));
    expect(state.account(box)?.contract?.storageRoot).toBe(root);
    expectRebuilt(state);
    state.apply(disconnectBlock(decodeUndo(encodeUndo(undo)), state));
    expect(wholeSnapshot(state)).toEqual(before);
  });

  it('that are equal in two contracts share no node: to remove one leaves the other', () => {
    const state = genesisState();
    const [first, second] = [deploy(alice), deploy(bob)];
    connect(state, 1, first, second, put(carol, first.contract, 1, 'x', 0n), put(carol, second.contract, 1, 'x', 1n));
    expect(state.slots.get(first.contract)).toEqual(state.slots.get(second.contract));
    const [one, other] = [first, second].map(({ contract }) => state.account(contract)?.contract?.storageRoot);
    expect(one).not.toBe(other);
    const count = leaves(state);
    const args = argsOf(1);
    connect(state, 2, call(carol, first.contract, 'remove', { nonce: 2n, args }));
    expect(leaves(state)).toBe(count - 1);
    expect(state.account(second.contract)?.contract?.storageRoot).toBe(other);
    expectRebuilt(state);
  });
});

describe('the undo of a block with contracts', () => {
  it('removes the sources that this block was the first to have, and no others', () => {
    const state = genesisState();
    const [first, second] = [connect(state, 1, deploy(alice)), connect(state, 2, deploy(bob), deploy(carol))];
    expect([...state.codes.keys()]).toEqual([bytesToHex(sha256(BOX))]);
    state.apply(disconnectBlock(second.undo, state));
    expect(state.codes.size).toBe(1);
    state.apply(disconnectBlock(first.undo, state));
    expect(state.codes.size).toBe(0);
    expect(wholeSnapshot(state)).toEqual(wholeSnapshot(genesisState()));
  });

  it('takes back deploys and the calls of what they deployed, with the receipts', () => {
    const state = genesisState();
    const before = wholeSnapshot(state);
    const deployed = deploy(alice, { amount: 9n });
    const args = argsOf(account(carol.address), 9n);
    const { undo } = connect(state, 1, deployed, call(bob, deployed.contract, 'spend', { args }));
    expect(undo.accounts.get(deployed.contract)).toBeUndefined();
    expect(undo.accounts.has(deployed.contract)).toBe(true);
    state.apply(disconnectBlock(decodeUndo(encodeUndo(undo)), state));
    expect(wholeSnapshot(state)).toEqual(before);
  });

  it('gives back the receipts of the block before', () => {
    const state = genesisState();
    connect(state, 1, deploy(alice));
    const [before, receiptsHash] = [wholeSnapshot(state), receiptsHashOf(state)];
    const { undo } = connect(state, 2, pay(bob, carol.address));
    expect(undo.receiptsHash).toBe(receiptsHash);
    expect(receiptsHashOf(state)).toBeNull();
    state.apply(disconnectBlock(decodeUndo(encodeUndo(undo)), state));
    expect(wholeSnapshot(state)).toEqual(before);
  });

  it('gives back a contract that a transfer has paid, code and slots as they were', () => {
    const state = genesisState();
    const deployed = deploy(alice, { args: argsOf(3) });
    connect(state, 1, deployed);
    const before = wholeSnapshot(state);
    const { undo } = connect(state, 2, pay(bob, deployed.contract));
    expect(undo.slots.size).toBe(0);
    state.apply(disconnectBlock(decodeUndo(encodeUndo(undo)), state));
    expect(wholeSnapshot(state)).toEqual(before);
  });
});
