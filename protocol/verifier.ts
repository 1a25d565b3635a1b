import type { Hash } from '../consensus/hash.ts';
import { signatureCheckOf } from '../consensus/signature.ts';
import type { SignedTransaction } from '../consensus/transaction.ts';
import { BoundedMap } from './bounded-map.ts';
import type { BoundedResource } from './bounded-resource.ts';
import type { EventContext } from './event-context.ts';

/** Transactions whose signature is known to be valid: three times what the mempool holds, at about 150 bytes each. */
const MAX_REMEMBERED = 20_000;

/**
 * Sends signatures to be verified, and passes each answer to the part that asked. A valid signature stays valid, and an id
 * covers its transaction's signature: what was verified for the mempool is not verified again in a block, even if the
 * mempool has dropped it.
 */
export class Verifier {
  readonly #context: EventContext;
  readonly #waiting = new Map<number, (valid: readonly boolean[]) => void>();
  readonly #verified = new BoundedMap<Hash, true>(MAX_REMEMBERED);
  #nextId = 1;

  constructor(context: EventContext) {
    this.#context = context;
  }

  resources(): BoundedResource[] {
    return [{ what: 'verified transactions', count: this.#verified.size, limit: MAX_REMEMBERED }];
  }

  /** Transactions whose signature is not known to be valid yet. */
  unverified(transactions: readonly SignedTransaction[]): SignedTransaction[] {
    return transactions.filter(({ txid }) => !this.#verified.has(txid));
  }

  /** Verifies signatures; `done` is called in a later event with one answer for each transaction. */
  verify(transactions: readonly SignedTransaction[], done: (valid: readonly boolean[]) => void): void {
    const id = this.#nextId++;
    this.#waiting.set(id, done);
    this.#context.emit({ type: 'verify', id, checks: transactions.map(signatureCheckOf) });
  }

  /** Remembers that the signature of a transaction is valid, since it may be in a block soon. */
  remember(transaction: SignedTransaction): void {
    this.#verified.set(transaction.txid, true);
  }

  onVerified(id: number, valid: readonly boolean[]): void {
    const done = this.#waiting.get(id);
    this.#waiting.delete(id);
    done?.(valid);
  }
}
