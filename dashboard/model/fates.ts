import type { ReorgRecord, TransactionRecord } from './records.ts';

/** What became of a transaction of a branch that was left. */
export type Fate =
  /** In a block of the branch that was taken up. */
  | { readonly kind: 'confirmed'; readonly blockHash: string }
  /** Waits to be mined again. */
  | { readonly kind: 'returned' }
  /** Cannot come back; the reason is the mempool's. `rival` has taken its nonce; null where none is known. */
  | { readonly kind: 'dropped'; readonly reason: string; readonly rival: Rival | null }
  /** A coinbase: the reward of a block that does not count any more. */
  | { readonly kind: 'void' }
  /** The node did not say. */
  | { readonly kind: 'unknown' };

/** A transaction that took the place of another, and the block that holds it. */
interface Rival {
  readonly transaction: MinedTransaction;
  readonly blockHash: string;
}

/** A transaction of a block. */
export type MinedTransaction = Pick<TransactionRecord, 'txid' | 'sender' | 'recipient' | 'amount' | 'nonce' | 'run'>;

/** A block with its transactions, as far as they were asked for. */
export interface MinedBlock {
  readonly blockHash: string;
  readonly transactions: readonly MinedTransaction[];
}

/** A transaction of a branch that was left, the block that it was in, and what became of it. */
export interface FateRecord {
  readonly transaction: MinedTransaction;
  /** Block hash. */
  readonly from: string;
  readonly fate: Fate;
}

/** The fate of each transaction of the branch that was left, lowest block first. */
export function fatesOf(
  reorg: Pick<ReorgRecord, 'returned' | 'dropped'>,
  left: readonly MinedBlock[],
  taken: readonly MinedBlock[],
): FateRecord[] {
  const { confirmed, rivals } = indexOf(taken);
  const returned = new Set(reorg.returned);
  const dropped = new Map(reorg.dropped.map(({ id, reason }) => [id, reason]));
  return fatesBy(left, (transaction): Fate => {
    if (transaction.sender === null) return { kind: 'void' };
    const blockHash = confirmed.get(transaction.txid);
    if (blockHash !== undefined) return { kind: 'confirmed', blockHash };
    if (returned.has(transaction.txid)) return { kind: 'returned' };
    const reason = dropped.get(transaction.txid);
    if (reason === undefined) return { kind: 'unknown' };
    return { kind: 'dropped', reason, rival: rivals.get(nonceKey(transaction)) ?? null };
  });
}

/**
 * The same before it has happened: what will become of each transaction of a branch if another one is taken up now. What
 * has another transaction with its nonce against it is dropped; all else that is not on both branches waits again.
 */
export function forecastFates(left: readonly MinedBlock[], taken: readonly MinedBlock[]): FateRecord[] {
  const { confirmed, rivals } = indexOf(taken);
  return fatesBy(left, (transaction): Fate => {
    if (transaction.sender === null) return { kind: 'void' };
    const blockHash = confirmed.get(transaction.txid);
    if (blockHash !== undefined) return { kind: 'confirmed', blockHash };
    const rival = rivals.get(nonceKey(transaction)) ?? null;
    return rival === null ? { kind: 'returned' } : { kind: 'dropped', reason: 'CONFLICT', rival };
  });
}

function fatesBy(left: readonly MinedBlock[], fateOf: (transaction: MinedTransaction) => Fate): FateRecord[] {
  return left.flatMap(({ blockHash, transactions }) =>
    transactions.map((transaction) => ({ transaction, from: blockHash, fate: fateOf(transaction) })),
  );
}

/** The transactions of a branch: the block of each, and who used which nonce. */
function indexOf(taken: readonly MinedBlock[]): {
  readonly confirmed: ReadonlyMap<string, string>;
  readonly rivals: ReadonlyMap<string, Rival>;
} {
  const all = taken.flatMap(({ blockHash, transactions }) =>
    transactions.map((transaction) => ({ transaction, blockHash })),
  );
  return {
    confirmed: new Map(all.map(({ transaction, blockHash }) => [transaction.txid, blockHash])),
    rivals: new Map(all.map((rival) => [nonceKey(rival.transaction), rival])),
  };
}

/** An account uses each nonce once. */
function nonceKey({ sender, nonce, txid }: MinedTransaction): string {
  return sender === null ? txid : `${sender} ${nonce}`;
}
