import { builder } from './builder.ts';
import type { BlockModel, TransactionModel } from './models.ts';

// Blocks and transactions refer to each other; their types are named here and implemented in files of their own.

export const BlockRef = builder.objectRef<BlockModel>('Block');
export const BlockEdge = builder.edgeObject({ type: BlockRef, name: 'BlockEdge', description: 'A block on a page.' });
export const BlockConnection = builder.connectionObject(
  { type: BlockRef, name: 'BlockConnection', description: 'A page of blocks.' },
  BlockEdge,
);

export const TransactionRef = builder.objectRef<TransactionModel>('Transaction');
export const TransactionEdge = builder.edgeObject({
  type: TransactionRef,
  name: 'TransactionEdge',
  description: 'A transaction on a page.',
});
export const TransactionConnection = builder.connectionObject(
  { type: TransactionRef, name: 'TransactionConnection', description: 'A page of transactions.' },
  TransactionEdge,
);
