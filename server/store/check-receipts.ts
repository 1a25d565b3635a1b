import { type Block, coinbaseOf } from '../../consensus/block.ts';
import { bytesToHex } from '../../consensus/hex.ts';
import {
  decodeReceipt,
  hashOfReceipts,
  RECEIPTS_KEY,
  receiptLeaf,
  receiptsLeaf,
  receiptsRoot,
} from '../../consensus/receipt.ts';
import { verifyStateProof } from '../../consensus/state-tree.ts';
import { expectStored } from './finding.ts';
import type { Store } from './store.ts';

/**
 * Each deploy and call of a block of the active chain has its receipt, and the state root of the block says the same: no
 * execution is needed to prove them. Throws `Finding`, and `DecodeError` for what is no receipt.
 */
export function checkReceipts(store: Store, block: Block, height: number): void {
  const of = `of block ${height}`;
  const receipts = [...store.receiptsAt(height)];
  const summary = store.blockReceipts(height);
  const indexes = block.transactions.flatMap((transaction, index) => ('contract' in transaction ? [index] : []));
  const isComplete = receipts.length === indexes.length && receipts.every(({ index }, i) => index === indexes[i]);
  expectStored(isComplete, `receipts ${of} are missing, or there are too many`);
  expectStored((summary !== undefined) === receipts.length > 0, `what proves the receipts ${of} is missing`);
  if (summary === undefined) return;
  const leaves = receipts.map(({ index, bytes }) => receiptLeaf(block.transactions[index]?.txid ?? '', bytes));
  const gasUsed = receipts.reduce((sum, { bytes }) => sum + decodeReceipt(bytes).gasUsed, 0);
  const isSummed = summary.count === receipts.length && summary.gasUsed === gasUsed;
  expectStored(isSummed && summary.root === bytesToHex(receiptsRoot(leaves)), `the receipts ${of} are not its own`);
  const valueHash = hashOfReceipts(leaves) ?? '';
  const proof = { siblings: summary.siblings, leaf: { key: bytesToHex(RECEIPTS_KEY), valueHash } };
  const isProved = verifyStateProof(coinbaseOf(block).stateRoot, receiptsLeaf(valueHash), proof);
  expectStored(isProved, `the receipts ${of} are not those that its state root commits to`);
}
