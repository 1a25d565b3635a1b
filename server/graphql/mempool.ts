import type { MempoolView } from '../../protocol/node-view.ts';
import { builder, pageComplexity } from './builder.ts';
import { pendingModel } from './models.ts';
import { pageOfArray } from './pages.ts';
import { TransactionConnection, TransactionEdge, TransactionRef } from './refs.ts';

const MempoolRef = builder.objectRef<MempoolView>('Mempool').implement({
  description: 'The mempool of this node: transactions that are not confirmed yet. Every node has its own.',
  fields: (t) => ({
    size: t.exposeInt('size', { description: 'Number of transactions, PENDING and QUEUED.' }),
    readyCount: t.exposeInt('readyCount', {
      description: 'Number of PENDING transactions: those that the next block may contain.',
    }),
    bytes: t.int({ description: 'Total size of all transactions in bytes.', resolve: ({ sizeBytes }) => sizeBytes }),
    minimumFeeRate: t.field({
      type: 'Amount',
      description:
        'Minimum fee rate for new transactions, in coins per 1,000 bytes. Rises when the mempool is full and falls back over time.',
      resolve: (mempool, _, { node }) => mempool.minimumFeePerKilobyte(node.monotonicMs()),
    }),
    transactions: t.connection(
      {
        type: TransactionRef,
        description: 'All transactions: PENDING before QUEUED, and among each the highest fee rate first.',
        complexity: pageComplexity,
        resolve: (mempool, args, { node }) =>
          pageOfArray(mempool.byFeeRate(), args, (entry) => pendingModel(node, entry)),
      },
      TransactionConnection,
      TransactionEdge,
    ),
  }),
});

builder.queryFields((t) => ({
  mempool: t.field({
    type: MempoolRef,
    description: 'The mempool of this node.',
    resolve: (_, __, { node }) => node.view.mempool,
  }),
}));
