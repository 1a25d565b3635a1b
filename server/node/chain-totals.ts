import type { StoredHeader } from '../../protocol/store-writes.ts';
import type { BlockReceipts } from '../store/receipt-records.ts';

/** What has happened to the active chain since the start of the node, for its metrics. */
export class ChainTotals {
  /** Blocks that it mined itself. */
  blocksMined = 0;
  reorgs = 0;
  /** Deploys and calls in connected blocks, and the gas that they used. A block that is connected again counts again. */
  contractTransactions = 0;
  gasUsed = 0;

  /** Counts a block that was connected. */
  addBlock({ firstSeenFrom }: StoredHeader, receipts: BlockReceipts | undefined): void {
    if (firstSeenFrom === 'self') this.blocksMined++;
    this.contractTransactions += receipts?.count ?? 0;
    this.gasUsed += receipts?.gasUsed ?? 0;
  }
}
