import type { MempoolView } from '../../protocol/node-view.ts';
import { builder, pageComplexity } from './builder.ts';
import { pendingModel } from './models.ts';
import { pageOfArray } from './pages.ts';
import { TransactionConnection, TransactionEdge, TransactionRef } from './refs.ts';

const MempoolRef = builder.objectRef<MempoolView>('Mempool').implement({
  description: 'The transactions that wait to be mined.',
  fields: (t) => ({
    size: t.exposeInt('size', { description: 'How many, ready and queued.' }),
    readyCount: t.exposeInt('readyCount', { description: 'How many could be in the next block.' }),
    bytes: t.int({ description: 'Bytes of them all.', resolve: ({ sizeBytes }) => sizeBytes }),
    minimumFeeRate: t.field({
      type: 'Amount',
      description:
        'Coins for each 1,000 bytes below which nothing is accepted now. Rises when the mempool is full, and decays.',
      resolve: (mempool, _, { node }) => mempool.minimumFeePerKilobyte(node.monotonicMs()),
    }),
    transactions: t.connection(
      {
        type: TransactionRef,
        description: 'Best fee rate first, queued ones last.',
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
    description: 'The transactions that wait to be mined.',
    resolve: (_, __, { node }) => node.view.mempool,
  }),
}));
