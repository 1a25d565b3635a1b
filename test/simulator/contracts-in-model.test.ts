import { expect, it } from 'vitest';
import type { KeyPair } from '../../consensus/keys.ts';
import { REGTEST } from '../../consensus/networks.ts';
import type { SignedTransaction } from '../../consensus/transaction.ts';
import { ReferenceModel } from '../../simulator/model/reference-model.ts';
import { type ChainPoint, genesisPoint, keysOf, mineBlock } from '../../testing/chain-builder.ts';
import { account, argsOf, BOX, call, deploy } from '../consensus/contract-fixtures.ts';

const [ALICE, BOB] = ['Alice', 'Bob'].map(keysOf) as [KeyPair, KeyPair];
const NOBODY = '77'.repeat(20);

/** A transaction but for the nonce, which depends on the block that it comes after. */
type Draft = (nonce: bigint) => SignedTransaction;

function from(keys: KeyPair, contract: string, method: string, changes: Parameters<typeof call>[3] = {}): Draft {
  return (nonce) => call(keys, contract, method, { nonce, fee: 7n, ...changes });
}

const first = deploy(ALICE, { fee: 7n, args: argsOf(3) });
const BOX_ADDRESS = first.contract;
const second = deploy(ALICE, { nonce: 1n, fee: 7n, args: argsOf(4) });

/** Nobody here looks at signatures, so that one serves all. */
const model = new ReferenceModel(REGTEST, () => true);

/** Mines the transactions of Alice and of Bob, and expects that the model has the same state and receipts then. */
function mine(parent: ChainPoint, alice: readonly Draft[], bob: readonly Draft[] = []): ChainPoint {
  const numbered = (keys: KeyPair, drafts: readonly Draft[]): SignedTransaction[] => {
    const { nonce } = parent.state.account(keys.address) ?? { nonce: 0n };
    return drafts.map((draft, i) => draft(nonce + BigInt(i)));
  };
  const point = mineBlock(parent, { transfers: [...numbered(ALICE, alice), ...numbered(BOB, bob)] });
  const verdict = model.judge(point.block.raw);
  if (!verdict.valid) throw new Error(`the model finds ${verdict.rule} broken`);
  const { accounts, slots, sources, receipts } = verdict.block;
  expect(new Map(accounts)).toEqual(new Map(point.state.accounts));
  expect(withSlots(slots)).toEqual(withSlots(point.state.slots));
  expect([...sources.keys()].sort()).toEqual([...point.state.codes.keys()].sort());
  expect(receipts).toEqual(point.receipts.map(({ txid, bytes }) => ({ txid, bytes })));
  return point;
}

/** Contracts that have slots, with these. */
function withSlots(slots: ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>): unknown {
  return new Map([...slots].filter(([, values]) => values.size > 0));
}

/** Which transactions that have a receipt went well. */
function outcomes({ receipts }: ChainPoint): boolean[] {
  return receipts.map(({ receipt }) => receipt.ok);
}

it('contracts leave the same state and the same receipts by the model and by consensus/, on every branch', () => {
  const deployed = mine(genesisPoint(REGTEST), [() => first], [from(BOB, BOX_ADDRESS, 'add')]);
  expect(outcomes(deployed)).toEqual([true, true]);

  const used = mine(
    deployed,
    [
      () => second,
      from(ALICE, BOX_ADDRESS, 'put', { args: argsOf(1, 'leaf') }),
      from(ALICE, BOX_ADDRESS, 'take', { amount: 50n }),
    ],
    [from(BOB, BOX_ADDRESS, 'fail'), from(BOB, BOX_ADDRESS, 'spin'), from(BOB, BOX_ADDRESS, 'add')],
  );
  expect(outcomes(used)).toEqual([true, true, true, false, false, true]);

  const paid = mine(
    used,
    [
      from(ALICE, BOX_ADDRESS, 'relay', { args: argsOf(account(second.contract), 9, 20n) }),
      from(ALICE, BOX_ADDRESS, 'spend', { args: argsOf(account(NOBODY), 30n) }),
    ],
    [from(BOB, BOX_ADDRESS, 'remove', { args: argsOf(1) }), from(BOB, BOX_ADDRESS, 'add', { amount: 1n })],
  );
  expect(outcomes(paid)).toEqual([true, true, true, false]);

  const other = mine(deployed, [from(ALICE, BOX_ADDRESS, 'put', { args: argsOf(2, 'other') })]);
  mine(mine(other, []), [], [from(BOB, BOX_ADDRESS, 'add')]);
});

it('what cannot run costs its fee and its nonce by both, and changes nothing else', () => {
  const parent = mine(genesisPoint(REGTEST), [() => first]);
  const withGas = (gas: number): Draft => from(ALICE, BOX_ADDRESS, 'add', { gas });
  const intrinsic = withGas(1_000)(1n).raw.length;
  const withSource = (source: Uint8Array): Draft => {
    return (nonce) => deploy(ALICE, { nonce, fee: 7n, source });
  };
  const point = mine(parent, [
    withGas(intrinsic),
    withSource(BOX.subarray(0, -2)),
    withSource(new Uint8Array(20).fill(0xff)),
    from(ALICE, NOBODY, 'add'),
    from(ALICE, BOX_ADDRESS, 'constructor', { args: argsOf(1) }),
    from(ALICE, BOX_ADDRESS, 'add', { method: Uint8Array.of(0xff) }),
    from(ALICE, BOX_ADDRESS, 'add', { args: Uint8Array.of(9) }),
    from(ALICE, BOX_ADDRESS, 'relay', { args: argsOf(account(BOX_ADDRESS), 1, 0n) }),
  ]);
  expect(outcomes(point)).toEqual(Array.from({ length: 8 }, () => false));
  expect([...point.change.accounts.keys()].sort()).toEqual(['11'.repeat(20), ALICE.address].sort());
  expect(point.state.account(ALICE.address)?.nonce).toBe(9n);
});
