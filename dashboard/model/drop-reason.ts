/** Why a node dropped a transaction. */
export interface DropReason {
  /** Names a text, as in the removals of its mempool: `REPLACED`, `CONFLICT`, …. */
  readonly code: string;
  /** Id of the transaction that took its nonce; null where there is none. */
  readonly other: string | null;
}

/** Reads what a node says of a transaction that it dropped: a code, and words that may name another transaction. */
export function readDropReason(statusReason: string): DropReason {
  const [, code = '', detail = ''] = /^([a-z-]+)(?:: (.*))?$/s.exec(statusReason) ?? [];
  return { code: code.toUpperCase(), other: /\b[0-9a-f]{64}\b/.exec(detail)?.[0] ?? null };
}
