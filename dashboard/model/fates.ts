import type { ReorgRecord } from './records.ts';

/** What became of a transaction of a branch that was left. */
export type Fate =
  /** In a block of the branch that was taken up. */
  | { readonly kind: 'confirmed'; readonly blockHash: string }
  /** Waits to be mined again. */
  | { readonly kind: 'returned' }
  /** Cannot come back; the reason is the mempool's. */
  | { readonly kind: 'dropped'; readonly reason: string }
  /** A coinbase: the reward of a block that does not count any more. */
  | { readonly kind: 'void' }
  /** The node did not say. */
  | { readonly kind: 'unknown' };

/** A transaction of a block. */
export interface MinedTransaction {
  readonly txid: string;
  readonly isCoinbase: boolean;
}

/** A block with its transactions, as far as they were asked for. */
export interface MinedBlock {
  readonly blockHash: string;
  readonly transactions: readonly MinedTransaction[];
}

/** The fate of each transaction of the branch that was left, lowest block first. */
export function fatesOf(
  reorg: Pick<ReorgRecord, 'returned' | 'dropped'>,
  left: readonly MinedBlock[],
  taken: readonly MinedBlock[],
): { readonly txid: string; readonly from: string; readonly fate: Fate }[] {
  const confirmed = new Map(
    taken.flatMap(({ blockHash, transactions }) => transactions.map(({ txid }) => [txid, blockHash] as const)),
  );
  const returned = new Set(reorg.returned);
  const dropped = new Map(reorg.dropped.map(({ id, reason }) => [id, reason]));
  const fateOf = ({ txid, isCoinbase }: MinedTransaction): Fate => {
    if (isCoinbase) return { kind: 'void' };
    const blockHash = confirmed.get(txid);
    if (blockHash !== undefined) return { kind: 'confirmed', blockHash };
    if (returned.has(txid)) return { kind: 'returned' };
    const reason = dropped.get(txid);
    return reason === undefined ? { kind: 'unknown' } : { kind: 'dropped', reason };
  };
  return left.flatMap(({ blockHash, transactions }) =>
    transactions.map((transaction) => ({ txid: transaction.txid, from: blockHash, fate: fateOf(transaction) })),
  );
}
