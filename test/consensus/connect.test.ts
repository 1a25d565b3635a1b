import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COIN, MAX_AMOUNT } from '../../consensus/amount.ts';
import { DecodeError } from '../../consensus/codec.ts';
import { connectBlock, disconnectBlock, effectOf } from '../../consensus/connect.ts';
import { InvariantError } from '../../consensus/errors.ts';
import { concatBytes } from '../../consensus/hex.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { totalSubsidy } from '../../consensus/subsidy.ts';
import { type CoinbaseFields, encodeTransfer, type Transfer } from '../../consensus/transaction.ts';
import { decodeUndo, encodeUndo, type Undo } from '../../consensus/undo.ts';
import { account, hexOf } from './arbitraries.ts';
import {
  alice,
  blockAt,
  bob,
  brokenRule,
  type CheckedState,
  carol,
  contextAt,
  genesisState,
  miner,
  pay,
  plainUndo,
  snapshot,
} from './fixtures.ts';

/** Template for property tests: signatures are not looked at here, so that one signature serves all. */
const signed = pay(alice, bob.address);
const people = [alice, bob, carol];

/** Turns random plans into transfers that are valid one after another. */
function transfersFrom(state: CheckedState, plans: readonly [number, number, bigint, bigint][]): Transfer[] {
  const view = new Map(state.accounts);
  return plans.map(([from, to, amount, fee]) => {
    const senderKey = Buffer.from(people[from]!.publicKey).toString('hex');
    const sender = people[from]!.address;
    const { balance, nonce } = view.get(sender)!;
    const paid = amount % (balance / 4n + 1n);
    const charged = fee % (balance / 4n + 1n);
    view.set(sender, { balance: balance - paid - charged, nonce: nonce + 1n });
    const recipient = people[to]?.address ?? `${to}`.padStart(40, '0');
    return encodeTransfer({ ...signed, senderKey, nonce, recipient, amount: paid, fee: charged });
  });
}

const plan = fc.tuple(
  fc.integer({ min: 0, max: 2 }),
  fc.integer({ min: 0, max: 6 }),
  fc.bigInt({ min: 0n, max: MAX_AMOUNT }),
  fc.bigInt({ min: 0n, max: MAX_AMOUNT }),
);

describe('executing transfers', () => {
  const reward = 0n;
  const execute = (transfers: readonly Transfer[], state = genesisState()) =>
    effectOf(transfers, { recipient: miner, reward }, state, contextAt(1));
  const changeAfter = (transfers: readonly Transfer[]) => execute(transfers).change;
  const ruleOf = (...transfers: Transfer[]) => brokenRule(() => execute(transfers));

  it('moves amount and fee, and counts the nonce', () => {
    const { accounts } = changeAfter([pay(alice, bob.address, { amount: 10n * COIN, fee: 1n })]);
    expect(accounts.get(alice.address)).toEqual({ balance: 990n * COIN - 1n, nonce: 1n });
    expect(accounts.get(bob.address)).toEqual({ balance: 1_010n * COIN, nonce: 0n });
  });

  it('lets a payment to oneself cost its fee alone', () => {
    const { accounts } = changeAfter([pay(alice, alice.address, { amount: 1_000n * COIN - 5n, fee: 5n })]);
    expect(accounts.get(alice.address)).toEqual({ balance: 1_000n * COIN - 5n, nonce: 1n });
  });

  it('makes an account that was touched with nothing exist', () => {
    const stranger = '12'.repeat(20);
    const { change, undo } = execute([pay(alice, stranger, { amount: 0n })]);
    expect(change.accounts.get(stranger)).toEqual({ balance: 0n, nonce: 0n });
    expect(undo.accounts.has(stranger)).toBe(true);
    expect(undo.accounts.get(stranger)).toBeUndefined();
  });

  it('lets money that came in be spent later in the block, but not earlier', () => {
    const wholeFortune = pay(alice, bob.address, { amount: 1_000n * COIN });
    const twice = pay(bob, carol.address, { amount: 2_000n * COIN });
    expect(ruleOf(wholeFortune, twice)).toBeUndefined();
    expect(ruleOf(twice, wholeFortune)).toBe('insufficient-balance');
  });

  it('pays the coinbase after the transfers, so that they cannot spend it', () => {
    const state = genesisState();
    const spend = pay(alice, bob.address, { amount: 1_001n * COIN });
    expect(
      brokenRule(() => effectOf([spend], { recipient: alice.address, reward: 50n * COIN }, state, contextAt(1))),
    ).toBe('insufficient-balance');
  });

  it('demands exactly the account’s nonce', () => {
    expect(ruleOf(pay(alice, bob.address, { nonce: 1n }))).toBe('wrong-nonce');
    expect(ruleOf(pay(alice, bob.address), pay(alice, bob.address, { nonce: 1n }))).toBeUndefined();
    expect(ruleOf(pay(alice, bob.address), pay(alice, bob.address))).toBe('wrong-nonce');
    expect(ruleOf(pay(alice, bob.address), pay(alice, bob.address, { nonce: 2n }))).toBe('wrong-nonce');
  });

  it('value-overflow: amounts that would wrap around 2^64 buy nothing', () => {
    expect(ruleOf(pay(alice, bob.address, { amount: MAX_AMOUNT, fee: 1n }))).toBe('insufficient-balance');
    expect(ruleOf(pay(alice, bob.address, { amount: 1n, fee: MAX_AMOUNT }))).toBe('insufficient-balance');
    expect(ruleOf(pay(alice, bob.address, { amount: MAX_AMOUNT, fee: MAX_AMOUNT }))).toBe('insufficient-balance');
    expect(ruleOf(pay(alice, bob.address, { amount: 1_000n * COIN, fee: 1n }))).toBe('insufficient-balance');
    expect(ruleOf(pay(alice, bob.address, { amount: 1_000n * COIN - 1n, fee: 1n }))).toBeUndefined();
  });
});

describe('connecting a block', () => {
  const transfers = [pay(alice, bob.address, { fee: 3n }), pay(bob, carol.address, { fee: 4n })];
  const ruleOf = (changes: Partial<CoinbaseFields>, height = 1) => {
    const state = genesisState();
    const block = blockAt(state, height, transfers, changes);
    return brokenRule(() => connectBlock(block, contextAt(height), state, REGTEST));
  };
  const fullReward = 50n * COIN + 7n;

  it('gives the new state, and pays the miner subsidy and fees', () => {
    const state = genesisState();
    const { change } = connectBlock(blockAt(state, 1, transfers), contextAt(1), state, REGTEST);
    state.apply(change);
    expect(state.accounts.get(miner)).toEqual({ balance: fullReward, nonce: 0n });
  });

  it('reward-exact: rejects a base unit too much or too little', () => {
    expect(ruleOf({ reward: fullReward })).toBeUndefined();
    expect(ruleOf({ reward: fullReward + 1n })).toBe('coinbase-wrong-reward');
    expect(ruleOf({ reward: fullReward - 1n })).toBe('coinbase-wrong-reward');
    expect(ruleOf({ reward: 0n })).toBe('coinbase-wrong-reward');
  });

  it('reward-exact: halves the subsidy when its time has come', () => {
    expect(ruleOf({}, 210_000)).toBeUndefined();
    expect(ruleOf({ reward: fullReward }, 210_000)).toBe('coinbase-wrong-reward');
  });

  it('value-overflow: fees that add up to more than 2^64 do not wrap into a reward', () => {
    const state = genesisState();
    const greedy = [pay(alice, bob.address, { fee: MAX_AMOUNT }), pay(bob, carol.address, { fee: 1n })];
    const honest = blockAt(state, 1, []);
    const block = { ...honest, transactions: [honest.transactions[0]!, ...greedy] };
    expect(brokenRule(() => connectBlock(block, contextAt(1), state, REGTEST))).toBe('coinbase-wrong-reward');
  });

  it('rejects another state root than that of the state after the block', () => {
    expect(ruleOf({ stateRoot: genesisState().stateRoot })).toBe('wrong-state-root');
    expect(ruleOf({ stateRoot: '00'.repeat(32) })).toBe('wrong-state-root');
  });

  it('leaves the view as it was', () => {
    const state = genesisState();
    const before = snapshot(state);
    connectBlock(blockAt(state, 1, transfers), contextAt(1), state, REGTEST);
    expect(snapshot(state)).toEqual(before);
  });

  it('agrees with the state that a template was made for', () => {
    const state = genesisState();
    const { change } = connectBlock(blockAt(state, 1, transfers), contextAt(1), state, REGTEST);
    expect(effectOf(transfers, { recipient: miner, reward: fullReward }, state, contextAt(1)).change).toEqual(change);
  });
});

describe('disconnecting a block', () => {
  it('is the inverse of connecting it, and the supply is always that of the schedule', () => {
    fc.assert(
      fc.property(fc.array(fc.array(plan, { maxLength: 6 }), { maxLength: 4 }), (chain) => {
        const state = genesisState();
        const history: { before: unknown; undo: Undo }[] = [];
        for (const [index, plans] of chain.entries()) {
          const before = snapshot(state);
          const block = blockAt(state, index + 1, transfersFrom(state, plans));
          const { change, undo } = connectBlock(block, contextAt(index + 1), state, REGTEST);
          state.apply(change);
          history.push({ before, undo });
          const supply = [...state.accounts.values()].reduce((sum, { balance }) => sum + balance, 0n);
          expect(supply).toBe(REGTEST.allocationTotal + totalSubsidy(index + 1, REGTEST));
        }
        for (const { before, undo } of history.reverse()) {
          state.apply(disconnectBlock(decodeUndo(encodeUndo(undo)), state));
          expect(snapshot(state)).toEqual(before);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('notices an undo record that is not the block’s', () => {
    const state = genesisState();
    const undo = plainUndo(state.stateRoot, new Map([[alice.address, undefined]]));
    expect(() => disconnectBlock(undo, state)).toThrow(InvariantError);
  });
});

describe('undo records', () => {
  const undos = fc
    .tuple(hexOf(32), fc.array(fc.tuple(hexOf(20), fc.option(account, { nil: undefined })), { maxLength: 10 }))
    .map(([stateRoot, accounts]) => plainUndo(stateRoot, new Map(accounts)));

  it('are read back as they were written', () => {
    fc.assert(
      fc.property(undos, (undo) => {
        const bytes = encodeUndo(undo);
        const decoded = decodeUndo(bytes);
        expect(decoded).toEqual(undo);
        expect(encodeUndo(decoded)).toEqual(bytes);
      }),
    );
  });

  it('are refused when cut, extended, out of order or flagged wrongly', () => {
    const accounts = new Map([
      ['11'.repeat(20), undefined],
      ['22'.repeat(20), undefined],
    ]);
    const bytes = encodeUndo(plainUndo('00'.repeat(32), accounts));
    expect(decodeUndo(bytes).accounts).toEqual(accounts);
    expect(() => decodeUndo(bytes.subarray(1))).toThrow(DecodeError);
    expect(() => decodeUndo(concatBytes(bytes, Uint8Array.of(0)))).toThrow(DecodeError);
    const [head, first, second] = [bytes.subarray(0, 36), bytes.subarray(36, 57), bytes.subarray(57)];
    expect(() => decodeUndo(concatBytes(head, second, first))).toThrow(DecodeError);
    expect(() => decodeUndo(concatBytes(head, first, first))).toThrow(DecodeError);
    const flagged = bytes.slice();
    flagged[56] = 2;
    expect(() => decodeUndo(flagged)).toThrow(DecodeError);
  });
});
