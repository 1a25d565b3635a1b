import { connectBlock, disconnectBlock } from '../consensus/connect.ts';
import type { ContractHost } from '../consensus/contract-host.ts';
import { assertInvariant, RuleError } from '../consensus/errors.ts';
import type { NetworkParams } from '../consensus/params.ts';
import type { StateView } from '../consensus/state-change.ts';
import { decodeUndo } from '../consensus/undo.ts';
import type { Chain } from './chain.ts';
import { type BlockEntry, contextAbove, forkPointOf } from './header-index.ts';
import type { PendingState } from './pending-state.ts';
import { isRefused, type Refused } from './refused.ts';
import { StateOverlay } from './state-overlay.ts';

/** Blocks on each side of a fork point that are executed to know the state on a branch. Seconds of work where all are full. */
export const MAX_FORK_BLOCKS = 1_000;

interface Computed {
  readonly entry: BlockEntry;
  /** What its overlay is put on: the state at this tip. */
  readonly tip: BlockEntry;
  readonly state: StateOverlay;
}

/**
 * The state after any block with a body, without moving the chain to it: the active chain is disconnected down to the fork
 * point and the branch connected, in memory only. The last result is kept, so that a branch grows by one block at a time.
 * Signatures of blocks that were never connected are not verified here: the chain does so when the branch has more work.
 */
export class BranchState {
  readonly #chain: Chain;
  readonly #state: PendingState;
  readonly #params: NetworkParams;
  readonly #host: ContractHost;
  #last: Computed | null = null;

  constructor(chain: Chain, state: PendingState, params: NetworkParams, host: ContractHost) {
    this.#chain = chain;
    this.#host = host;
    this.#state = state;
    this.#params = params;
  }

  /** The state after a block. To be asked only while the chain is not moving. */
  after(entry: BlockEntry): StateView | Refused {
    const { tip } = this.#chain;
    if (entry === tip) return this.#state;
    const { hash } = entry.record;
    if (entry.failure) return { code: 'invalid-parent', message: `block ${hash} is marked invalid, or an ancestor is` };
    if (entry.record.arrival === 0)
      return { code: 'missing-body', message: `of block ${hash}, or of an ancestor, only the header is known` };
    const last = this.#last?.tip === tip ? this.#last : null;
    if (last?.entry === entry) return last.state;
    const state = last && last.entry === entry.parent ? this.#connect(entry, last.state) : this.#compute(entry, tip);
    if (isRefused(state)) this.release();
    else this.#last = { entry, tip, state };
    return state;
  }

  /** Frees what is kept for the next block of a branch. */
  release(): void {
    this.#last = null;
  }

  #compute(entry: BlockEntry, tip: BlockEntry): StateOverlay | Refused {
    const forkPoint = forkPointOf(tip, entry);
    const longest = Math.max(tip.record.height, entry.record.height) - forkPoint.record.height;
    if (longest > MAX_FORK_BLOCKS) {
      const message = `the fork is ${longest} blocks long, and blocks are mined on forks of at most ${MAX_FORK_BLOCKS}`;
      return { code: 'fork-too-long', message };
    }
    const state = new StateOverlay(this.#state);
    for (let walk = tip; walk !== forkPoint; walk = parentOf(walk)) {
      const undo = this.#state.undo(walk.record.hash);
      assertInvariant(undo !== undefined, `undo record of ${walk.record.hash} is not stored`);
      state.apply(disconnectBlock(decodeUndo(undo), state));
    }
    const branch: BlockEntry[] = [];
    for (let walk = entry; walk !== forkPoint; walk = parentOf(walk)) branch.push(walk);
    for (const next of branch.reverse()) {
      const connected = this.#connect(next, state);
      if (isRefused(connected)) return connected;
    }
    return state;
  }

  #connect(entry: BlockEntry, state: StateOverlay): StateOverlay | Refused {
    const { hash } = entry.record;
    try {
      const block = this.#chain.readBlock(entry);
      state.apply(connectBlock(block, contextAbove(parentOf(entry)), state, this.#params, this.#host).change);
      return state;
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      return { code: 'invalid-parent', message: `block ${hash} is invalid: ${error.message}` };
    }
  }
}

function parentOf(entry: BlockEntry): BlockEntry {
  assertInvariant(entry.parent !== null, 'a block above the fork point has a parent');
  return entry.parent;
}
