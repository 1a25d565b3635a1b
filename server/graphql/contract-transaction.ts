import { CONSTRUCTOR } from '../../consensus/contract/program.ts';
import { hexToBytes } from '../../consensus/hex.ts';
import { decodeReceipt } from '../../consensus/receipt.ts';
import type { NodeContext } from '../node/node-context.ts';
import { builder } from './builder.ts';
import { resultJson } from './contract-values.ts';
import { shownAddress, type TransactionModel } from './models.ts';
import { type ExecutionModel, ReceiptRef } from './receipt.ts';
import { BlockRef, TransactionRef } from './refs.ts';
import { textOf } from './text-of.ts';

builder.objectFields(TransactionRef, (t) => ({
  contract: t.field({
    type: 'Address',
    nullable: true,
    description:
      'The contract that a deploy makes, or a call runs; null for others. That of a deploy which failed is not there.',
    resolve: ({ transaction }, _, { node }) =>
      'contract' in transaction ? shownAddress(node, transaction.contract) : null,
  }),
  gas: t.int({
    nullable: true,
    description: 'Gas that a deploy or a call reserves; null for others. The fee does not depend on how much is used.',
    resolve: ({ transaction }) => ('gas' in transaction ? transaction.gas : null),
  }),
  source: t.string({
    nullable: true,
    description: 'Source of the contract that a deploy makes; null for others, and if it is not valid UTF-8.',
    resolve: ({ transaction }) => (transaction.kind === 'deploy' ? textOf(transaction.source) : null),
  }),
  method: t.string({
    nullable: true,
    description: 'Method that a call runs; null for others, and if it is not valid UTF-8.',
    resolve: ({ transaction }) => (transaction.kind === 'call' ? textOf(transaction.method) : null),
  }),
  arguments: t.field({
    type: 'Hex',
    nullable: true,
    description:
      'Encoded arguments of a call, or of the constructor of a deploy, one after the other; null for others. See docs/contracts.md.',
    resolve: ({ transaction }) => ('args' in transaction ? transaction.args : null),
  }),
  receipt: t.field({
    type: ReceiptRef,
    nullable: true,
    description: 'What came of a CONFIRMED deploy or call; null for others.',
    resolve: (model, _, { node }) => receiptOf(node, model),
  }),
}));

builder.objectFields(BlockRef, (t) => ({
  gasReserved: t.int({
    description: 'Gas that its deploys and calls reserve together.',
    resolve: async (model, _, { requester }) => {
      await model.waitForBody(requester);
      return model.block.transactions.reduce((sum, each) => sum + ('gas' in each ? each.gas : 0), 0);
    },
  }),
  gasUsed: t.int({
    nullable: true,
    description: 'Gas that its deploys and calls used together; null for a block that is not on the active chain.',
    resolve: (model, _, { node }) =>
      model.isCanonical ? (node.store.blockReceipts(model.entry.record.height)?.gasUsed ?? 0) : null,
  }),
  receiptsRoot: t.field({
    type: 'Hex',
    nullable: true,
    description:
      'Root of the tree of its receipts, to which its state root commits; null without deploys and calls, and for a block that is not on the active chain.',
    resolve: (model, _, { node }) => {
      const receipts = model.isCanonical ? node.store.blockReceipts(model.entry.record.height) : undefined;
      return receipts && hexToBytes(receipts.root);
    },
  }),
}));

function receiptOf(node: NodeContext, { transaction, status }: TransactionModel): ExecutionModel | null {
  if (status !== 'CONFIRMED' || !('contract' in transaction)) return null;
  const stored = node.store.receipt(transaction.txid);
  if (stored === undefined) return null;
  const receipt = decodeReceipt(stored.bytes);
  const { contract } = transaction;
  const method = transaction.kind === 'call' ? (textOf(transaction.method) ?? '') : CONSTRUCTOR;
  const { failure, payments } = stored;
  return { receipt, failure, payments, resultJson: () => resultJson(node, contract, method, receipt.result) };
}
