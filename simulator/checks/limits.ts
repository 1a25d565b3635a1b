import { MAX_QUEUED_PER_ACCOUNT, MAX_READY_PER_ACCOUNT } from '../../protocol/policy.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import { CheckFailure, type NodeCheck } from './check.ts';

/** Nothing exceeds its limit. */
export class LimitsCheck implements NodeCheck {
  readonly #node: SimulatedNode;

  constructor(node: SimulatedNode) {
    this.#node = node;
  }

  inspect(): void {
    const { mempool } = this.#node.core;
    for (const { what, count, limit } of this.#node.core.resources()) this.#expect(count, limit, what);
    const counts = new Map<string, { ready: number; queued: number; bytes: number }>();
    let bytes = 0;
    for (const { transaction, state } of mempool.byFeeRate()) {
      const count = counts.get(transaction.sender) ?? { ready: 0, queued: 0, bytes: 0 };
      count[state]++;
      bytes += transaction.raw.length;
      counts.set(transaction.sender, count);
    }
    for (const [sender, { ready, queued }] of counts) {
      this.#expect(ready, MAX_READY_PER_ACCOUNT, `ready transactions of ${sender}`);
      this.#expect(queued, MAX_QUEUED_PER_ACCOUNT, `queued transactions of ${sender}`);
    }
    if (bytes !== mempool.sizeBytes)
      throw new CheckFailure('limits', this.#node, `counts ${mempool.sizeBytes} bytes of transactions, holds ${bytes}`);
  }

  #expect(count: number, limit: number, what: string): void {
    if (count > limit) throw new CheckFailure('limits', this.#node, `has ${count} ${what}, at most ${limit}`);
  }
}
