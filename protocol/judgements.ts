import { MAX_SOURCE_BYTES } from '../consensus/contract/limits.ts';
import type { SignedTransaction } from '../consensus/transaction.ts';
import { type BoundedResource, fullestResource } from './bounded-resource.ts';
import type { Chain } from './chain.ts';
import type { EventContext } from './event-context.ts';
import type { PeerId } from './events.ts';

/** Sources that are compiled in one event, in bytes: one of the longest, some milliseconds. */
const COMPILED_BYTES_PER_EVENT = MAX_SOURCE_BYTES;
/** Judgements that may wait for the end of a move of the chain. */
const MAX_DEFERRED = 1_000;
/** Bytes of the transactions that wait for it. */
const MAX_DEFERRED_BYTES = 8_000_000;
/** Bytes of the transactions of one sender that may wait because too many sources came at once: two messages full of them. */
const MAX_COMPILING_BYTES = 8_000_000;

/** Who sent a transaction: a peer, or null for local callers. */
type Sender = PeerId | null;

interface Judgement {
  readonly sender: Sender;
  readonly bytes: number;
  readonly sourceBytes: number;
  readonly judge: () => void;
}

/**
 * Decides when transactions whose signatures are valid are judged: not while the chain is moving, since the state is transient
 * until then, and not too many at once that have a source to be compiled. Senders of many sources wait in turns; nobody else does.
 */
export class Judgements {
  readonly #context: EventContext;
  readonly #chain: Pick<Chain, 'isMoving'>;
  #deferred: Judgement[] = [];
  #deferredBytes = 0;
  readonly #toCompile = new Map<Sender, Judgement[]>();
  #compiledBytes = 0;
  #continueAsked = false;

  constructor(context: EventContext, chain: Pick<Chain, 'isMoving'>) {
    this.#context = context;
    this.#chain = chain;
  }

  resources(): BoundedResource[] {
    return [
      { what: 'deferred judgements', count: this.#deferred.length, limit: MAX_DEFERRED },
      { what: 'bytes of deferred transactions', count: this.#deferredBytes, limit: MAX_DEFERRED_BYTES },
      fullestResource(
        'bytes of transactions of a sender that wait for a compiler',
        Array.from(this.#toCompile.values(), bytesOf),
        // What was deferred may join what waits.
        MAX_COMPILING_BYTES + MAX_DEFERRED_BYTES,
      ),
    ];
  }

  /** Judges transactions of a sender, now or later, in the order of these calls. False where too many wait already. */
  run(sender: Sender, transactions: readonly SignedTransaction[], judge: () => void): boolean {
    const bytes = transactions.reduce((sum, { raw }) => sum + raw.length, 0);
    const judgement = { sender, bytes, sourceBytes: sourceBytesOf(transactions), judge };
    if (this.#chain.isMoving) return this.#defer(judgement);
    if (bytesOf(this.#toCompile.get(sender) ?? []) + bytes > MAX_COMPILING_BYTES) return false;
    this.#judgeInTurn(judgement);
    return true;
  }

  /** To be called at the end of each event: judges what has waited for the chain, or for others to be compiled. */
  settle(): void {
    if (!this.#chain.isMoving) {
      const deferred = this.#deferred;
      this.#deferred = [];
      this.#deferredBytes = 0;
      for (const judgement of deferred) this.#judgeInTurn(judgement);
      if (!this.#continueAsked) this.#compileMore();
    }
    this.#compiledBytes = 0;
  }

  /** Answer to a `continue` effect. */
  onContinue(): void {
    this.#continueAsked = false;
  }

  #defer(judgement: Judgement): boolean {
    if (this.#deferred.length >= MAX_DEFERRED || this.#deferredBytes + judgement.bytes > MAX_DEFERRED_BYTES)
      return false;
    this.#deferred.push(judgement);
    this.#deferredBytes += judgement.bytes;
    return true;
  }

  #judgeInTurn(judgement: Judgement): void {
    const waiting = this.#toCompile.get(judgement.sender);
    if (waiting) waiting.push(judgement);
    else if (this.#mayJudge(judgement)) this.#judge(judgement);
    else this.#toCompile.set(judgement.sender, [judgement]);
  }

  #compileMore(): void {
    for (const [sender, waiting] of this.#toCompile) {
      while (waiting[0] !== undefined && this.#mayJudge(waiting[0])) this.#judge(waiting.shift() as Judgement);
      this.#toCompile.delete(sender);
      if (waiting.length === 0) continue;
      // Behind the others.
      this.#toCompile.set(sender, waiting);
      break;
    }
    if (this.#toCompile.size === 0) return;
    this.#continueAsked = true;
    this.#context.emit({ type: 'continue' });
  }

  #mayJudge({ sourceBytes }: Judgement): boolean {
    if (sourceBytes === 0 || this.#compiledBytes === 0) return true;
    return this.#compiledBytes + sourceBytes <= COMPILED_BYTES_PER_EVENT;
  }

  #judge({ sourceBytes, judge }: Judgement): void {
    this.#compiledBytes += sourceBytes;
    judge();
  }
}

/** Cuts a list of transactions behind each that has a source, so that none of the pieces has two. */
export function cutAtSources(transactions: readonly SignedTransaction[]): SignedTransaction[][] {
  const pieces: SignedTransaction[][] = [];
  let piece: SignedTransaction[] = [];
  for (const transaction of transactions) {
    piece.push(transaction);
    if (transaction.kind !== 'deploy') continue;
    pieces.push(piece);
    piece = [];
  }
  if (piece.length > 0) pieces.push(piece);
  return pieces;
}

function sourceBytesOf(transactions: readonly SignedTransaction[]): number {
  return transactions.reduce((sum, each) => sum + (each.kind === 'deploy' ? each.source.length : 0), 0);
}

function bytesOf(judgements: readonly Judgement[]): number {
  return judgements.reduce((sum, { bytes }) => sum + bytes, 0);
}
