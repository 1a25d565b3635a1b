import type { Transaction } from '../../consensus/transaction.ts';
import { builder } from './builder.ts';
import { findTransaction, shownAddress } from './models.ts';
import { BlockRef, TransactionRef } from './refs.ts';
import { textOf } from './text-of.ts';

const TransactionKind = builder.enumType('TransactionKind', {
  description: 'Type of a transaction.',
  values: {
    COINBASE: {
      description: 'First transaction of a block: creates the subsidy and pays it with the fees to the miner.',
    },
    TRANSFER: { description: 'Signed transaction that moves coins from its sender to a recipient.' },
    DEPLOY: { description: 'Signed transaction that puts a contract on the chain and runs its constructor.' },
    CALL: { description: 'Signed transaction that runs a method of a contract.' },
  } as const,
});

const TransactionStatus = builder.enumType('TransactionStatus', {
  description: 'Status of a transaction, as this node knows it.',
  values: {
    PENDING: { description: 'In the mempool and executable: the next block may contain it.' },
    QUEUED: {
      description:
        'In the mempool but not executable yet: it waits for one with an earlier nonce, for balance, or because its sender has as many executable ones as are allowed. `statusReason` says which.',
    },
    CONFIRMED: { description: 'In a block of the active chain. A reorg can change this.' },
    DROPPED: { description: 'Not in the mempool and not on the active chain; `statusReason` says why.' },
  } as const,
});

TransactionRef.implement({
  description: 'A transaction that is confirmed, in the mempool, or was dropped recently.',
  fields: (t) => ({
    id: t.field({
      type: 'Hash',
      description: 'Transaction id: double SHA-256 of `raw`.',
      resolve: ({ transaction }) => transaction.txid,
    }),
    kind: t.field({
      type: TransactionKind,
      description: 'Type of the transaction.',
      resolve: ({ transaction }) => KINDS[transaction.kind],
    }),
    sender: t.field({
      type: 'Address',
      nullable: true,
      description: 'Account that signed and pays for it; null for a coinbase.',
      resolve: ({ transaction }, _, { node }) =>
        transaction.kind === 'coinbase' ? null : shownAddress(node, transaction.sender),
    }),
    recipient: t.field({
      type: 'Address',
      description: 'Account that receives the amount: of a deploy or a call the contract, if it does not fail.',
      resolve: ({ transaction }, _, { node }) =>
        shownAddress(node, 'recipient' in transaction ? transaction.recipient : transaction.contract),
    }),
    amount: t.field({
      type: 'Amount',
      description:
        'Coins that the recipient gets. For a coinbase: subsidy plus fees. Of a call or deploy that failed, the amount was not moved.',
      resolve: ({ transaction }) => (transaction.kind === 'coinbase' ? transaction.reward : transaction.amount),
    }),
    fee: t.field({
      type: 'Amount',
      description: 'Coins that the miner gets; 0 for a coinbase.',
      resolve: ({ transaction }) => (transaction.kind === 'coinbase' ? 0n : transaction.fee),
    }),
    nonce: t.field({
      type: 'BigInt',
      nullable: true,
      description:
        "Account nonce: its position in the sequence of the sender's transactions, from 0; null for a coinbase.",
      resolve: ({ transaction }) => (transaction.kind === 'coinbase' ? null : transaction.nonce),
    }),
    memo: t.string({
      nullable: true,
      description: 'Memo of a transfer or tag of a coinbase, as text; null if it is empty or not valid UTF-8.',
      resolve: ({ transaction }) => textOf(noteOf(transaction)),
    }),
    size: t.int({
      description: 'Size of the serialized transaction in bytes.',
      resolve: ({ transaction }) => transaction.raw.length,
    }),
    raw: t.field({
      type: 'Hex',
      description: 'The serialized transaction.',
      resolve: ({ transaction }) => transaction.raw,
    }),
    status: t.field({ type: TransactionStatus, description: 'Current status.', resolve: ({ status }) => status }),
    statusReason: t.string({
      nullable: true,
      description: 'Why the transaction is QUEUED or DROPPED, in words; null for PENDING and CONFIRMED.',
      resolve: ({ statusReason }) => statusReason,
    }),
    block: t.field({
      type: BlockRef,
      nullable: true,
      description:
        'Block that contains it. Null if it is in no block; a transaction listed by a block of another branch names that block.',
      resolve: ({ block }) => block,
    }),
    confirmations: t.int({
      description:
        'Number of blocks of the active chain from its block to the tip, both included; 0 if it is not confirmed.',
      resolve: ({ block }) => block?.confirmations ?? 0,
    }),
  }),
});

builder.queryFields((t) => ({
  transaction: t.field({
    type: TransactionRef,
    nullable: true,
    description:
      'A transaction of the active chain, of the mempool, or one of those dropped most recently since the node started. Null if unknown.',
    args: { id: t.arg({ type: 'Hash', required: true, description: 'Transaction id.' }) },
    resolve: (_, { id }, { node }) => findTransaction(node, id),
  }),
}));

const KINDS = { coinbase: 'COINBASE', transfer: 'TRANSFER', deploy: 'DEPLOY', call: 'CALL' } as const;

function noteOf(transaction: Transaction): Uint8Array {
  if (transaction.kind === 'coinbase') return transaction.tag;
  return transaction.kind === 'transfer' ? transaction.memo : new Uint8Array();
}
