import type { Hash } from '../../consensus/hash.ts';
import { printable } from '../../consensus/quotable.ts';
import type { Moved } from '../../server/cluster/run-nodes.ts';

/** Blocks that are remembered, so that each is reported once, for the first node that has it; then the oldest is forgotten. */
const MAX_REMEMBERED = 10_000;
const SHOWN_DIGITS = 8;

/** What happens in a network, in one short line for each block and each reorg. */
export class BlockLines {
  readonly #reported = new Set<Hash>();
  #lastBlockMs: number | null = null;

  /**
   * @param nowMs Unix milliseconds
   * @returns the line, without its end; null where the block was reported for another node
   */
  line({ name, message }: Moved, nowMs: number): string | null {
    const at = new Date(nowMs).toTimeString().slice(0, 'hh:mm:ss'.length);
    if (message.type === 'reorg') {
      const { left, taken } = message;
      return `${at}  reorg on ${name}: ${blocks(left)} left for a branch with more work, ${blocks(taken)} taken up`;
    }
    const { blockHash, height, transfers, tag } = message;
    if (this.#reported.has(blockHash)) return null;
    this.#reported.add(blockHash);
    for (const oldest of this.#reported) {
      if (this.#reported.size <= MAX_REMEMBERED) break;
      this.#reported.delete(oldest);
    }
    const since = this.#lastBlockMs === null ? '' : `, ${((nowMs - this.#lastBlockMs) / 1000).toFixed(1)} s later`;
    this.#lastBlockMs = nowMs;
    const held = transfers === 1 ? '1 transfer' : `${transfers} transfers`;
    return `${at}  block ${height}  …${blockHash.slice(-SHOWN_DIGITS)}  by ${tag === '' ? 'somebody' : printable(tag)}, ${held}${since}`;
  }
}

function blocks(count: number): string {
  return count === 1 ? '1 block' : `${count} blocks`;
}
