import { DecodeError } from '../../consensus/codec.ts';
import { bytesToUtf8 } from '../../consensus/hex.ts';
import { builder } from './builder.ts';
import { findTransaction, shownAddress } from './models.ts';
import { BlockRef, TransactionRef } from './refs.ts';

const TransactionKind = builder.enumType('TransactionKind', {
  description: 'What a transaction is for.',
  values: {
    COINBASE: { description: 'The first of every block: pays its miner.' },
    TRANSFER: { description: 'Moves coins from its signer to a recipient.' },
  } as const,
});

const TransactionStatus = builder.enumType('TransactionStatus', {
  description: 'Where a transaction stands with this node.',
  values: {
    PENDING: { description: 'In the mempool, ready for the next block.' },
    QUEUED: { description: 'In the mempool, waiting for an earlier nonce, for money, or for room.' },
    CONFIRMED: { description: 'In a block of the active chain.' },
    DROPPED: { description: 'Left the mempool without being confirmed; `statusReason` says why.' },
  } as const,
});

TransactionRef.implement({
  description: 'A transaction: confirmed, pending, or recently dropped.',
  fields: (t) => ({
    id: t.field({
      type: 'Hash',
      description: 'Double SHA-256 of its bytes.',
      resolve: ({ transaction }) => transaction.txid,
    }),
    kind: t.field({
      type: TransactionKind,
      description: 'What it is for.',
      resolve: ({ transaction }) => (transaction.kind === 'coinbase' ? 'COINBASE' : 'TRANSFER'),
    }),
    sender: t.field({
      type: 'Address',
      nullable: true,
      description: 'Who signed it; null for a coinbase.',
      resolve: ({ transaction }, _, { node }) =>
        transaction.kind === 'transfer' ? shownAddress(node, transaction.sender) : null,
    }),
    recipient: t.field({
      type: 'Address',
      description: 'Who is paid.',
      resolve: ({ transaction }, _, { node }) => shownAddress(node, transaction.recipient),
    }),
    amount: t.field({
      type: 'Amount',
      description: 'What the recipient gets; of a coinbase the reward.',
      resolve: ({ transaction }) => (transaction.kind === 'coinbase' ? transaction.reward : transaction.amount),
    }),
    fee: t.field({
      type: 'Amount',
      description: 'What the miner gets; 0 for a coinbase.',
      resolve: ({ transaction }) => (transaction.kind === 'coinbase' ? 0n : transaction.fee),
    }),
    nonce: t.field({
      type: 'BigInt',
      nullable: true,
      description: "The sender's account nonce that it uses up; null for a coinbase.",
      resolve: ({ transaction }) => (transaction.kind === 'coinbase' ? null : transaction.nonce),
    }),
    memo: t.string({
      nullable: true,
      description:
        "The sender's words, or a coinbase's tag, where they are UTF-8 text; null where there are none or they are not.",
      resolve: ({ transaction }) => textOf(transaction.kind === 'coinbase' ? transaction.tag : transaction.memo),
    }),
    size: t.int({ description: 'Bytes.', resolve: ({ transaction }) => transaction.raw.length }),
    raw: t.field({ type: 'Hex', description: 'Its bytes.', resolve: ({ transaction }) => transaction.raw }),
    status: t.field({ type: TransactionStatus, description: 'Where it stands now.', resolve: ({ status }) => status }),
    statusReason: t.string({
      nullable: true,
      description: 'Why it waits or was dropped; null otherwise.',
      resolve: ({ statusReason }) => statusReason,
    }),
    block: t.field({
      type: BlockRef,
      nullable: true,
      description: 'The block that it is in; null while it is in none.',
      resolve: ({ block }) => block,
    }),
    confirmations: t.int({
      description: 'Blocks that would have to be undone to undo it; 0 while it is not confirmed.',
      resolve: ({ block }) => block?.confirmations ?? 0,
    }),
  }),
});

builder.queryFields((t) => ({
  transaction: t.field({
    type: TransactionRef,
    nullable: true,
    description:
      'A transaction that is pending, confirmed on the active chain, or was dropped recently. Null if unknown.',
    args: { id: t.arg({ type: 'Hash', required: true, description: 'Its id.' }) },
    resolve: (_, { id }, { node }) => findTransaction(node, id),
  }),
}));

function textOf(bytes: Uint8Array): string | null {
  if (bytes.length === 0) return null;
  try {
    return bytesToUtf8(bytes);
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}
