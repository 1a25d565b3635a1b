import type { Hash } from '../../consensus/hash.ts';
import { builder } from './builder.ts';
import { failureOf, OperationFailedRef } from './operation-failed.ts';
import { requireControl } from './require-control.ts';

const TransactionDropped = builder.objectRef<{ readonly txid: Hash }>('TransactionDropped').implement({
  description: 'The transaction is no longer in the mempool of this node. Its peers may still have it.',
  fields: (t) => ({
    id: t.field({ type: 'Hash', description: 'Id of the transaction.', resolve: ({ txid }) => txid }),
  }),
});

const DropTransactionResult = builder.unionType('DropTransactionResult', {
  description: 'Result of `dropTransaction`.',
  types: [TransactionDropped, OperationFailedRef],
  resolveType: (value) => ('txid' in value ? TransactionDropped : OperationFailedRef),
});

builder.mutationFields((t) => ({
  dropTransaction: t.field({
    type: DropTransactionResult,
    description:
      'Drops a transaction from the mempool of this node, as if it had been lost. Later ones of its sender are QUEUED until another with its nonce comes. It may be submitted again. A development control, see `NodeInfo.controls`. Needs control of the node, else FORBIDDEN.',
    args: { id: t.arg({ type: 'Hash', required: true, description: 'Id of a PENDING or QUEUED transaction.' }) },
    resolve: async (_, { id: txid }, context) => {
      requireControl(context);
      const reply = await context.node.request((request) => ({ type: 'drop-transaction', request, txid }));
      return reply.ok ? { txid } : failureOf(reply);
    },
  }),
}));
