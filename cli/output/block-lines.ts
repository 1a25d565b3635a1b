import type { Hash } from '../../consensus/hash.ts';
import { printable } from '../../consensus/quotable.ts';
import type { Moved } from '../../server/cluster/node-thread.ts';

/** Blocks that are remembered so that each is printed once, when the first node connects it; then the oldest is forgotten. */
const MAX_REMEMBERED = 10_000;
const SHOWN_DIGITS = 8;

/** Prints a network's activity: one short line per block and per reorg. */
export class BlockLines {
  readonly #printed = new Set<Hash>();
  #lastBlockMs: number | null = null;

  /**
   * @param nowMs Unix milliseconds
   * @returns the line, without its end; null if the block was printed before
   */
  line({ name, message }: Moved, nowMs: number): string | null {
    const at = new Date(nowMs).toTimeString().slice(0, 'hh:mm:ss'.length);
    if (message.type === 'reorg') {
      const { left, taken } = message;
      return `${at}  reorg on ${name}: ${blocks(left)} disconnected, ${blocks(taken)} connected`;
    }
    const { blockHash, height, transfers, contractTransactions: executed, tag } = message;
    if (this.#printed.has(blockHash)) return null;
    this.#printed.add(blockHash);
    for (const oldest of this.#printed) {
      if (this.#printed.size <= MAX_REMEMBERED) break;
      this.#printed.delete(oldest);
    }
    const since = this.#lastBlockMs === null ? '' : `, ${((nowMs - this.#lastBlockMs) / 1000).toFixed(1)} s later`;
    this.#lastBlockMs = nowMs;
    const held = transfers === 1 ? '1 transfer' : `${transfers} transfers`;
    const others = executed === 0 ? '' : executed === 1 ? ', 1 deploy or call' : `, ${executed} deploys or calls`;
    return `${at}  block ${height}  …${blockHash.slice(-SHOWN_DIGITS)}  by ${tag === '' ? 'an unnamed miner' : printable(tag)}, ${held}${others}${since}`;
  }
}

function blocks(count: number): string {
  return count === 1 ? '1 block' : `${count} blocks`;
}
