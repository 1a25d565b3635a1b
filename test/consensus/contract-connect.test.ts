import { describe, expect, it, vi } from 'vitest';
import { BlockExecution } from '../../consensus/block-execution.ts';
import { connectBlock, effectOf } from '../../consensus/connect.ts';
import { MAX_CALL_GAS } from '../../consensus/contract/limits.ts';
import { GAS_KEPT_BYTE, GAS_LOAD_BYTE } from '../../consensus/contract/prices.ts';
import { PLAIN_CONTRACT_HOST } from '../../consensus/contract-host.ts';
import { type ContractTransaction, intrinsicGas } from '../../consensus/contract-transaction.ts';
import { bytesToHex, utf8ToBytes } from '../../consensus/hex.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { sha256 } from '../../consensus/sha256.ts';
import { EMPTY_ROOT } from '../../consensus/state-tree.ts';
import type { SignedTransaction } from '../../consensus/transaction.ts';
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

const BOX_HASH = bytesToHex(sha256(BOX));
const ok = { ok: true, failure: null };

/** A state in which Alice has deployed a box with this counter and these coins, and its address. */
function withBox(start = 0, amount = 0n): { state: CheckedState; box: string } {
  const state = genesisState();
  const transaction = deploy(alice, { args: argsOf(start), amount });
  expect(outcomeOf(connect(state, 1, transaction))).toMatchObject(ok);
  return { state, box: transaction.contract };
}

function outcomeOf({ receipts }: ReturnType<typeof connect>, index = 0) {
  const { receipt, failure } = receipts[index]!;
  return { ...receipt, failure };
}

/** Expects that a transaction fails for this reason, in a block of its own, and that it costs fee and nonce and nothing else. */
function expectFailure(state: CheckedState, transaction: ContractTransaction, code: string): void {
  const before = state.copy();
  const outcome = outcomeOf(connect(state, 2, transaction));
  expect(outcome).toMatchObject({ ok: false, gasUsed: transaction.gas, result: new Uint8Array(), events: [] });
  expect(outcome.failure?.code).toBe(code);
  const { balance, nonce } = before.account(transaction.sender)!;
  const reward = 50_0000_0000n + transaction.fee;
  const paid = { balance: (before.account(miner)?.balance ?? 0n) + reward, nonce: 0n };
  expect(state.accounts).toEqual(
    new Map([
      ...before.accounts,
      [transaction.sender, { balance: balance - transaction.fee, nonce: nonce + 1n }],
      [miner, paid],
    ]),
  );
  expect([state.slots, state.codes]).toEqual([before.slots, before.codes]);
}

describe('a deploy', () => {
  it('makes a contract with its source and what its constructor wrote, and takes amount and fee', () => {
    const state = genesisState();
    const transaction = deploy(alice, { args: argsOf(7), amount: 30n, fee: 5n });
    const effect = connect(state, 1, transaction);
    expect(outcomeOf(effect)).toMatchObject({ ...ok, result: new Uint8Array(), events: [] });
    expect(outcomeOf(effect).gasUsed).toBeGreaterThan(intrinsicGas(transaction) + BOX.length * GAS_LOAD_BYTE);
    expect(state.accounts.get(alice.address)).toEqual({ balance: 1_000_0000_0000n - 35n, nonce: 1n });
    const deployed = state.accounts.get(transaction.contract);
    expect(deployed).toMatchObject({ balance: 30n, nonce: 0n, contract: { codeHash: BOX_HASH } });
    expect(deployed?.contract?.storageRoot).not.toBe(EMPTY_ROOT);
    expect(state.codes).toEqual(new Map([[BOX_HASH, BOX]]));
    expect([...state.slots.get(transaction.contract)!.values()]).toEqual([argsOf(7)]);
  });

  it('leaves an empty tree where the constructor writes nothing', () => {
    const state = genesisState();
    const transaction = deploy(alice, { source: utf8ToBytes('export class C { run(): void { } }'), args: argsOf() });
    expect(outcomeOf(connect(state, 1, transaction))).toMatchObject(ok);
    expect(state.accounts.get(transaction.contract)?.contract?.storageRoot).toBe(EMPTY_ROOT);
    expect(state.slots.size).toBe(0);
  });

  it('keeps the coins that were sent to its address before', () => {
    const state = genesisState();
    const transaction = deploy(alice, { amount: 1n });
    connect(state, 1, pay(bob, transaction.contract, { amount: 41n }));
    expect(outcomeOf(connect(state, 2, transaction))).toMatchObject(ok);
    expect(state.accounts.get(transaction.contract)).toMatchObject({ balance: 42n, nonce: 0n });
  });

  it.each([
    ['whose source is no text', { source: new Uint8Array(20).fill(0xff) }, 'not-utf8'],
    [
      'whose source does not compile',
      { source: utf8ToBytes('export class C { run(): void { let a = b; } }') },
      'no-name',
    ],
    ['whose arguments are missing', { args: argsOf() }, 'bad-arguments'],
    ['whose arguments are too many', { args: argsOf(1, 2) }, 'bad-arguments'],
    [
      'whose constructor takes no coins',
      { source: utf8ToBytes('export class C { }'), args: argsOf(), amount: 1n },
      'takes-no-coins',
    ],
    ['that has the gas of its bytes alone', { gas: intrinsicGas(deploy(alice)) }, 'out-of-gas'],
  ] as const)('%s fails, costs fee and nonce, and leaves no contract', (_, changes, code) => {
    expectFailure(genesisState(), deploy(alice, { fee: 9n, ...changes }), code);
  });

  it('to an address that is taken fails', () => {
    const transaction = deploy(alice);
    for (const taken of [
      { balance: 0n, nonce: 0n, contract: { codeHash: BOX_HASH, storageRoot: EMPTY_ROOT } },
      { balance: 5n, nonce: 1n },
    ]) {
      const state = genesisState();
      state.change(new Map([[transaction.contract, taken]]));
      expectFailure(state, transaction, 'address-taken');
    }
  });

  it('stores a source once, however many contracts have it', () => {
    const state = genesisState();
    const first = connect(state, 1, deploy(alice), deploy(bob));
    expect([first.change.codes.size, first.undo.newCodes]).toEqual([1, [BOX_HASH]]);
    const second = connect(state, 2, deploy(carol));
    expect([second.change.codes.size, second.undo.newCodes]).toEqual([0, []]);
    expect(state.codes.size).toBe(1);
  });
});

describe('a call', () => {
  it('gives a result and events, writes, and costs what it uses in the receipt alone', () => {
    const { state, box } = withBox(4);
    const before = state.account(bob.address)!.balance;
    const outcome = outcomeOf(connect(state, 2, call(bob, box, 'add', { fee: 3n })));
    const values = argsOf(account(bob.address), 5);
    const events = [{ contract: box, name: 'Added', count: 2, values }];
    expect(outcome).toMatchObject({ ...ok, result: argsOf(5), events });
    expect(outcome.gasUsed).toBeLessThan(60_000);
    expect([...state.slots.get(box)!.values()]).toEqual([argsOf(5)]);
    expect(state.account(bob.address)).toEqual({ balance: before - 3n, nonce: 1n });
  });

  it('brings coins to a method that takes them', () => {
    const { state, box } = withBox();
    const outcome = outcomeOf(connect(state, 2, call(bob, box, 'take', { amount: 12n })));
    expect(outcome).toMatchObject({ ...ok, result: argsOf(12n) });
    expect(state.account(box)).toMatchObject({ balance: 12n, nonce: 0n });
  });

  it('has a contract pay, also to the account that calls it and to one that was never there', () => {
    const { state, box } = withBox(0, 100n);
    const stranger = '12'.repeat(20);
    connect(
      state,
      2,
      call(bob, box, 'spend', { args: argsOf(account(bob.address), 30n) }),
      call(bob, box, 'spend', { args: argsOf(account(stranger), 20n), nonce: 1n }),
    );
    expect(state.account(box)?.balance).toBe(50n);
    expect(state.account(bob.address)).toEqual({ balance: 1_000_0000_0000n + 30n, nonce: 2n });
    expect(state.account(stranger)).toEqual({ balance: 20n, nonce: 0n });
  });

  const bad = utf8ToBytes;
  it.each([
    ['of a method that is not there', 'none', {}, 'no-method'],
    ['of the constructor', 'constructor', { args: argsOf(1) }, 'no-method'],
    ['of a property of all objects', 'toString', {}, 'no-method'],
    ['whose method has no name', '', {}, 'no-method'],
    ['whose method is no text', '', { method: Uint8Array.of(0xff, 0xfe) }, 'no-method'],
    ['with an argument too many', 'add', { args: argsOf(1) }, 'bad-arguments'],
    ['with arguments of another type', 'put', { args: argsOf('1', 2) }, 'bad-arguments'],
    ['with arguments that are no values', 'put', { args: bad('junk') }, 'bad-arguments'],
    ['with coins for a method that takes none', 'add', { amount: 1n }, 'takes-no-coins'],
    ['that throws after it wrote, paid and told', 'fail', {}, 'required'],
    ['that pays more than there is', 'spend', { args: argsOf(account(bob.address), 101n) }, 'not-enough-coins'],
    ['that does not end', 'spin', {}, 'out-of-gas'],
    ['that cannot pay for the source', 'add', { gas: 200 }, 'out-of-gas'],
  ] as const)('%s fails, and costs fee and nonce', (_, method, changes, code) => {
    const { state, box } = withBox(0, 100n);
    expectFailure(state, call(bob, box, method, { fee: 9n, ...changes }), code);
  });

  it('to an account that is no contract fails, though it may hold coins', () => {
    for (const contract of [carol.address, bob.address, '12'.repeat(20)]) {
      expectFailure(genesisState(), call(bob, contract, 'add', { amount: 1n }), 'no-contract');
    }
  });

  it('sees the coins that its sender still has once the fee is paid', () => {
    const { state, box } = withBox();
    const { balance } = state.account(bob.address)!;
    const outcome = outcomeOf(connect(state, 2, call(bob, box, 'take', { amount: balance - 4n, fee: 4n })));
    expect(outcome).toMatchObject({ ...ok, result: argsOf(balance - 4n) });
    expect(state.account(bob.address)).toEqual({ balance: 0n, nonce: 1n });
  });
});

describe('contracts in one block', () => {
  it('are deployed and called one after the other', () => {
    const state = genesisState();
    const deployed = deploy(alice);
    const box = deployed.contract;
    const args = argsOf(1, 'x');
    const effect = connect(state, 1, deployed, call(bob, box, 'add'), call(carol, box, 'put', { args, amount: 2n }));
    expect(effect.receipts.map(({ receipt }) => receipt.ok)).toEqual([true, true, true]);
    expect(state.account(box)).toMatchObject({ balance: 2n, nonce: 0n });
    expect(state.slots.get(box)?.size).toBe(2);
  });

  it('are not there before their deploy', () => {
    const deployed = deploy(alice);
    const { receipts } = connect(genesisState(), 1, call(bob, deployed.contract, 'add'), deployed);
    expect(receipts.map(({ receipt }) => receipt.ok)).toEqual([false, true]);
  });

  it('call each other across accounts, and pay each other', () => {
    const state = genesisState();
    const [first, second] = [deploy(alice, { amount: 50n }), deploy(bob)];
    const args = argsOf(account(second.contract), 3, 20n);
    const effect = connect(state, 1, first, second, call(carol, first.contract, 'relay', { args }));
    expect(outcomeOf(effect, 2)).toMatchObject(ok);
    expect([first, second].map(({ contract }) => state.account(contract)?.balance)).toEqual([30n, 20n]);
    expect([...state.slots.get(second.contract)!.values()]).toContainEqual(argsOf('relayed'));
  });

  it('change nothing in any of them where one fails', () => {
    const state = genesisState();
    const [first, second] = [deploy(alice, { amount: 50n }), deploy(bob)];
    connect(state, 1, first, second);
    const again = argsOf(account(first.contract), 3, 20n);
    expectFailure(state, call(carol, first.contract, 'relay', { args: again }), 'already-entered');
  });

  it('go on after one that failed', () => {
    const { state, box } = withBox();
    const effect = connect(
      state,
      2,
      call(bob, box, 'add'),
      call(carol, box, 'fail'),
      call(bob, box, 'add', { nonce: 1n }),
    );
    expect(effect.receipts.map(({ receipt }) => receipt.ok)).toEqual([true, false, true]);
    expect([...state.slots.get(box)!.values()]).toEqual([argsOf(2)]);
  });
});

describe('coins for a contract', () => {
  it('by transfers and coinbases leave its code, its slots and its nonce as they are', () => {
    const { state, box } = withBox(4);
    const before = state.account(box)!;
    const transfers = [pay(bob, box, { amount: 7n, fee: 1n })];
    const block = contractBlock(state, 2, transfers, box);
    state.apply(connectBlock(block, contextAt(2), state, REGTEST).change);
    expect(state.account(box)).toEqual({ ...before, balance: 7n + 50_0000_0000n + 1n });
    expect(state.slots.get(box)?.size).toBe(1);
  });

  it('of the block that deploys it come on top', () => {
    const state = genesisState();
    const deployed = deploy(alice, { amount: 3n });
    const block = contractBlock(state, 1, [deployed, pay(bob, deployed.contract, { amount: 4n })], deployed.contract);
    state.apply(connectBlock(block, contextAt(1), state, REGTEST).change);
    expect(state.account(deployed.contract)).toMatchObject({ balance: 7n + 50_0000_0000n, nonce: 0n });
    expect(state.account(deployed.contract)?.contract?.codeHash).toBe(BOX_HASH);
  });
});

describe('the rules of a block with contracts', () => {
  const ruleOf = (state: CheckedState, ...some: SignedTransaction[]) =>
    brokenRule(() => effectOf(some, { recipient: miner, reward: 0n }, state, contextAt(2)));

  it('let a contract send nothing, even if somebody has a key of its address', () => {
    const state = genesisState();
    const contract = { codeHash: BOX_HASH, storageRoot: EMPTY_ROOT };
    state.change(new Map([[alice.address, { balance: 100n, nonce: 0n, contract }]]));
    expect(ruleOf(state, pay(alice, bob.address))).toBe('sender-is-contract');
    expect(ruleOf(state, deploy(alice))).toBe('sender-is-contract');
    expect(ruleOf(state, call(alice, bob.address, 'add'))).toBe('sender-is-contract');
  });

  it('demand nonce and coins of all kinds, also of what will fail', () => {
    const { state, box } = withBox();
    expect(ruleOf(state, call(alice, box, 'add'))).toBe('wrong-nonce');
    expect(ruleOf(state, call(bob, box, 'none', { nonce: 1n }))).toBe('wrong-nonce');
    const { balance } = state.account(bob.address)!;
    expect(ruleOf(state, call(bob, box, 'take', { amount: balance, fee: 1n }))).toBe('insufficient-balance');
    expect(ruleOf(state, deploy(bob, { amount: balance + 1n }))).toBe('insufficient-balance');
    expect(ruleOf(state, call(bob, box, 'none', { amount: balance }))).toBeUndefined();
  });

  it('let coins that a contract paid be spent later in the block', () => {
    const { state, box } = withBox(0, 100n);
    const { balance } = state.account(bob.address)!;
    const paid = call(alice, box, 'spend', { args: argsOf(account(bob.address), 100n), nonce: 1n });
    const spent = pay(bob, carol.address, { amount: balance + 100n });
    expect(ruleOf(state, paid, spent)).toBeUndefined();
    expect(ruleOf(state, spent, paid)).toBe('insufficient-balance');
  });
});

describe('the work of an execution', () => {
  const workOf = (state: CheckedState, transaction: SignedTransaction) => {
    const execution = new BlockExecution(state, contextAt(2), PLAIN_CONTRACT_HOST);
    execution.begin(transaction);
    return execution.advance(Number.POSITIVE_INFINITY);
  };

  it('counts the compilation of a source, also of one that does not compile', () => {
    const source = new Uint8Array(10_000).fill(0x20);
    expect(workOf(genesisState(), deploy(alice, { source, gas: MAX_CALL_GAS }))).toBeGreaterThan(
      source.length * GAS_KEPT_BYTE,
    );
    expect(workOf(genesisState(), pay(alice, bob.address))).toBe(0);
  });

  it('counts what loading a contract costs', () => {
    const { state, box } = withBox();
    expect(workOf(state, call(bob, box, 'none'))).toBeGreaterThan(BOX.length * GAS_LOAD_BYTE);
  });

  it('compiles a contract once in a transaction, and not before its source is paid for', () => {
    const [first, second] = [deploy(alice), deploy(bob, { source: MANY, args: argsOf() })];
    const state = genesisState();
    connect(state, 1, first, second);
    const compiled: string[] = [];
    const host = {
      ...PLAIN_CONTRACT_HOST,
      compile(codeHash: string, source: Uint8Array) {
        compiled.push(codeHash);
        return PLAIN_CONTRACT_HOST.compile(codeHash, source);
      },
    };
    const outcomeIn = (transaction: SignedTransaction) => {
      const execution = new BlockExecution(state, contextAt(2), host);
      execution.begin(transaction);
      execution.advance(Number.POSITIVE_INFINITY);
      return execution.receipts[0]!.receipt.ok;
    };
    const args = argsOf(account(first.contract));
    expect(outcomeIn(call(carol, second.contract, 'addThrice', { args, gas: 100_000 }))).toBe(true);
    expect(compiled.sort()).toEqual([BOX_HASH, bytesToHex(sha256(MANY))].sort());
    compiled.length = 0;
    expect(outcomeIn(call(carol, first.contract, 'add', { gas: BOX.length * GAS_LOAD_BYTE }))).toBe(false);
    expect(compiled).toEqual([]);
  });

  it('reads the balance of a contract once, however often the contract asks for it', () => {
    const source = utf8ToBytes(`import { chain } from 'forklore/contract';
      export class C { run(): bigint { let a = 0n; for (let i = 0; i < 500; i++) { a = chain.balance; } return a; } }`);
    const state = genesisState();
    const deployed = deploy(alice, { source, args: argsOf() });
    connect(state, 1, deployed, pay(bob, deployed.contract, { amount: 6n }));
    const execution = new BlockExecution(state, contextAt(2), host);
    const read = vi.spyOn(state, 'account');
    execution.begin(call(carol, deployed.contract, 'run'));
    execution.advance(Number.POSITIVE_INFINITY);
    expect(execution.receipts[0]?.receipt).toMatchObject({ ok: true, result: argsOf(6n) });
    expect(read.mock.calls.filter(([address]) => address === deployed.contract).length).toBeLessThan(5);
  });

  it('leaves the view as it was', () => {
    const { state, box } = withBox();
    const before = wholeSnapshot(state);
    workOf(state, call(bob, box, 'add'));
    expect(wholeSnapshot(state)).toEqual(before);
  });
});

const MANY = utf8ToBytes(`import { type Address, at } from 'forklore/contract';
interface Counter { add(): number; }
export class Many {
  addThrice(box: Address): number { return at<Counter>(box).add() + at<Counter>(box).add() + at<Counter>(box).add(); }
}
`);
