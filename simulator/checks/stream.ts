import type { Hash } from '../../consensus/hash.ts';
import type { Effect } from '../../protocol/effects.ts';
import type { Notice } from '../../protocol/notices.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import { CheckFailure, type NodeCheck } from './check.ts';

/**
 * A subscriber that follows a node's notices from its start has its active chain and its mempool: notices are the exact
 * connects and disconnects, in order, and every arrival and removal of a transaction.
 */
export class StreamCheck implements NodeCheck {
  readonly #node: SimulatedNode;
  /** The active chain, genesis first, as a subscriber has it. */
  #chain: Hash[] = [];
  readonly #pool = new Set<Hash>();
  /** Blocks that a reorg has promised, next one last. */
  #promised: Hash[] = [];

  constructor(node: SimulatedNode) {
    this.#node = node;
  }

  onStarted(): void {
    this.#chain = [];
    this.#pool.clear();
    this.#promised = [];
    const { chain } = this.#node.core;
    for (let height = 0; height <= chain.tip.record.height; height++) {
      this.#chain.push(chain.activeAt(height)?.record.hash ?? '');
    }
  }

  onPerformed(effect: Effect): void {
    if (effect.type === 'publish') this.#onNotice(effect.notice);
  }

  onSettled(): void {
    const { chain } = this.#node.core;
    if (chain.isMoving) return;
    if (this.#promised.length > 0) throw this.#failure('announces a reorg and not all of its blocks');
    if (this.#chain.at(-1) !== chain.tip.record.hash)
      throw this.#failure(`rests on ${chain.tip.record.hash}, its subscribers on ${this.#chain.at(-1)}`);
  }

  inspect(): void {
    const { mempool } = this.#node.core;
    if (this.#pool.size !== mempool.size)
      throw this.#failure(`has ${mempool.size} pending transactions, its subscribers ${this.#pool.size}`);
    for (const txid of this.#pool) {
      if (!mempool.has(txid)) throw this.#failure(`let go of ${txid} without telling its subscribers`);
    }
  }

  #onNotice(notice: Notice): void {
    if (notice.kind === 'block') this.#onBlock(notice.blockHash, notice.height);
    if (notice.kind === 'mempool') {
      for (const txid of notice.added) {
        if (this.#pool.has(txid)) throw this.#failure(`tells twice that ${txid} came`);
        this.#pool.add(txid);
      }
      for (const { txid } of notice.removed) {
        if (!this.#pool.delete(txid)) throw this.#failure(`tells that ${txid} went, which was not there`);
      }
    }
    if (notice.kind !== 'reorg') return;
    for (const hash of notice.disconnected) {
      if (this.#chain.pop() !== hash) throw this.#failure(`tells that ${hash} was disconnected, which was not the tip`);
    }
    if (this.#chain.at(-1) !== notice.commonAncestor)
      throw this.#failure(`tells of the fork point ${notice.commonAncestor}, which is another block`);
    this.#promised = notice.connected.toReversed();
  }

  #onBlock(hash: Hash, height: number): void {
    const promised = this.#promised.pop();
    if (promised !== undefined && promised !== hash) throw this.#failure(`tells of ${hash} instead of ${promised}`);
    const entry = this.#node.core.chain.get(hash);
    if (entry?.record.header.prevHash !== this.#chain.at(-1) || height !== this.#chain.length)
      throw this.#failure(`tells that ${hash} was connected at ${height}, which does not follow the block before it`);
    this.#chain.push(hash);
  }

  #failure(message: string): CheckFailure {
    return new CheckFailure('stream', this.#node, message);
  }
}
