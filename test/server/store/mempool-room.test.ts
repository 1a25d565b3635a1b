import { expect, it } from 'vitest';
import { REGTEST } from '../../../consensus/networks.ts';
import type { SignedTransaction } from '../../../consensus/transaction.ts';
import { MAX_PENDING, MAX_PENDING_BYTES } from '../../../protocol/policy.ts';
import { firstThatFit } from '../../../server/store/mempool-room.ts';
import { genesisPoint, keysOf } from '../../../testing/chain-builder.ts';
import { deployAt } from '../../../testing/contract-transactions.ts';

const GENESIS = genesisPoint(REGTEST);
const alice = keysOf('Alice');

function* repeated(transaction: SignedTransaction): Generator<SignedTransaction> {
  for (;;) yield transaction;
}

it('the mempool has room for so many small transactions, and for fewer large ones', () => {
  const small = deployAt(GENESIS, alice, 'x');
  expect(firstThatFit(repeated(small))).toHaveLength(MAX_PENDING);
  const large = deployAt(GENESIS, alice, 'x'.repeat(16_000));
  expect(firstThatFit(repeated(large))).toHaveLength(Math.floor(MAX_PENDING_BYTES / large.raw.length));
  expect(firstThatFit([small, large])).toEqual([small, large]);
});
