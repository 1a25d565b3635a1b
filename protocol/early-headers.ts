import type { PeerId } from './events.ts';
import type { BlockEntry } from './header-index.ts';

/** A chain that only the clock keeps from being taken: the time of its first new block is too far ahead. */
export interface EarlyChain {
  /** What its first block that is too far ahead builds on. */
  readonly parent: BlockEntry;
  /** Of its first block whose time is too far ahead. */
  readonly height: number;
  /** Blocks from there on, as far as the peer has shown them. */
  readonly count: number;
  /** Work of the chain up to its last block that was shown. */
  readonly chainWork: bigint;
  /** When the first block's time is no longer too far ahead, in Unix seconds. */
  readonly untilSeconds: number;
}

/**
 * Chains that were refused because their time is too far ahead of the clock, one for each peer that showed one. Such a
 * refusal heals with time, or when the clock is put right, so it has to be remembered: nobody tells of these headers again.
 */
export class EarlyHeaders {
  readonly #futureLimitSeconds: number;
  readonly #chains = new Map<PeerId, EarlyChain>();

  constructor(futureLimitSeconds: number) {
    this.#futureLimitSeconds = futureLimitSeconds;
  }

  get size(): number {
    return this.#chains.size;
  }

  /** @param chain `time`: of its first block that is too far ahead, in Unix seconds */
  set(peer: PeerId, { time, ...chain }: Omit<EarlyChain, 'untilSeconds'> & { readonly time: number }): void {
    const untilSeconds = time - this.#futureLimitSeconds;
    // The one that can be taken first is asked for first; the answer to that shows the other once more.
    if ((this.#chains.get(peer)?.untilSeconds ?? Number.POSITIVE_INFINITY) >= untilSeconds)
      this.#chains.set(peer, { ...chain, untilSeconds });
  }

  delete(peer: PeerId): void {
    this.#chains.delete(peer);
  }

  /** Those that the clock allows by now, and the peers that showed them. They stay until these have answered. */
  due(nowSeconds: number): [PeerId, EarlyChain][] {
    return [...this.#chains].filter(([, { untilSeconds }]) => untilSeconds <= nowSeconds);
  }

  /** The peer has answered a request for headers: what the clock allows by now is among them, or is not to be had. */
  onAnswer(peer: PeerId, nowSeconds: number): void {
    if ((this.#chains.get(peer)?.untilSeconds ?? Number.POSITIVE_INFINITY) <= nowSeconds) this.#chains.delete(peer);
  }

  /** The one with the most work; null where none has more than `chainWork`. */
  best(chainWork: bigint): EarlyChain | null {
    let best: EarlyChain | null = null;
    for (const chain of this.#chains.values()) if (chain.chainWork > (best?.chainWork ?? chainWork)) best = chain;
    return best;
  }
}
