import type { PeerId } from './events.ts';
import type { BlockEntry } from './header-index.ts';

/** A chain that cannot be accepted yet, because the time of its first new block is too far ahead of this clock. */
export interface EarlyChain {
  /** The parent of its first block that is too far ahead. */
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
 * Chains whose time is too far ahead of this node's clock, one for each peer that showed one. They become acceptable as
 * time passes, or when the clock is corrected, so they have to be remembered: peers do not announce them again.
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
    // The chain that is acceptable first is requested first; the answer shows the other one again.
    if ((this.#chains.get(peer)?.untilSeconds ?? Number.POSITIVE_INFINITY) >= untilSeconds)
      this.#chains.set(peer, { ...chain, untilSeconds });
  }

  delete(peer: PeerId): void {
    this.#chains.delete(peer);
  }

  /** Chains that are acceptable now, with the peers that showed them. They stay until these have answered. */
  due(nowSeconds: number): [PeerId, EarlyChain][] {
    return [...this.#chains].filter(([, { untilSeconds }]) => untilSeconds <= nowSeconds);
  }

  /** The peer has answered a request for headers: a chain that is acceptable now is among them, or it no longer has it. */
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
