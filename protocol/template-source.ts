import type { Address } from '../consensus/address.ts';
import type { ContractHost } from '../consensus/contract-host.ts';
import { RuleError } from '../consensus/errors.ts';
import type { Hash } from '../consensus/hash.ts';
import { MAX_HEADER_TIME } from '../consensus/header.ts';
import type { NetworkParams } from '../consensus/params.ts';
import type { StateView } from '../consensus/state-change.ts';
import type { SignedTransaction } from '../consensus/transaction.ts';
import { BranchState } from './branch-state.ts';
import type { Chain } from './chain.ts';
import { executableQueues, namedTransactions } from './chosen-transactions.ts';
import { tooFarAhead } from './clock-distance.ts';
import type { EventContext } from './event-context.ts';
import { type BlockEntry, earliestTimeAfter } from './header-index.ts';
import type { Mempool } from './mempool.ts';
import type { Template } from './mining-job.ts';
import type { NextBlockTime } from './next-block-time.ts';
import type { PendingState } from './pending-state.ts';
import { isRefused, type Refused } from './refused.ts';
import { bestTransactions, MAX_VARIANT, makeTemplate, type TemplateInput } from './template.ts';
import { wallSeconds } from './time.ts';

interface TemplateSourceParts {
  readonly context: EventContext;
  readonly params: NetworkParams;
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly state: PendingState;
  readonly host: ContractHost;
  readonly nextTime: NextBlockTime;
  /** What the coinbase says of the miner, at most 64 bytes. */
  readonly tag: Uint8Array;
}

/** Makes templates of what the node knows now: the state on a parent, the mempool, the clock. */
export class TemplateSource {
  readonly #parts: TemplateSourceParts;
  readonly #branch: BranchState;

  constructor(parts: TemplateSourceParts) {
    this.#parts = parts;
    this.#branch = new BranchState(parts.chain, parts.state, parts.params, parts.host);
  }

  /**
   * The next block on a parent, or why there is none now. To be asked only while the chain is not moving.
   *
   * @param transactions what it holds, in this order; null: what pays the most
   * @param variant another one makes another block of the same content
   */
  on(
    parent: BlockEntry,
    transactions: readonly Hash[] | null,
    recipient: Address,
    variant: number,
  ): Template | Refused {
    const now = wallSeconds(this.#parts.context.now);
    const tooEarly = tooFarAhead(parent, this.#parts.params, now);
    if (tooEarly !== null) return { code: 'time-too-new', message: tooEarly };
    const time = this.#parts.nextTime.on(parent, now);
    if (isRefused(time)) return time;
    const state = this.#branch.after(parent);
    if (isRefused(state)) return state;
    const content = this.#transfersFor(parent, transactions, state);
    if (isRefused(content)) return content;
    try {
      return this.#make({ parent, state, ...content, recipient, timeSeconds: time.seconds, variant });
    } catch (error) {
      // What pays the most is executable; what a request names may not be.
      if (!(error instanceof RuleError && transactions)) throw error;
      return {
        code: 'not-executable',
        message: `these transactions cannot be executed in this order: ${error.message}`,
      };
    }
  }

  /** What would be mined now. While the chain is moving, the mempool does not fit the state, and the template is empty. */
  preview(recipient: Address, nowSeconds: number): Template {
    const { chain, nextTime, state, mempool } = this.#parts;
    const { tip, isMoving } = chain;
    const time = nextTime.on(tip, nowSeconds);
    return this.#make({
      parent: tip,
      state,
      transactions: isMoving ? [] : bestTransactions(mempool.readyQueues()),
      recipient,
      timeSeconds: isRefused(time)
        ? Math.min(Math.max(nowSeconds, earliestTimeAfter(tip)), MAX_HEADER_TIME)
        : time.seconds,
      variant: 0,
    });
  }

  /** Frees what is kept for the next block of a branch. */
  releaseBranch(): void {
    this.#branch.release();
  }

  #transfersFor(
    parent: BlockEntry,
    transactions: readonly Hash[] | null,
    state: StateView,
  ): { readonly transactions: readonly SignedTransaction[] } | Refused {
    const { chain, mempool } = this.#parts;
    if (transactions) return namedTransactions(transactions, parent, chain, mempool);
    return {
      transactions: bestTransactions(parent === chain.tip ? mempool.readyQueues() : executableQueues(mempool, state)),
    };
  }

  #make(input: Omit<TemplateInput, 'tag'>): Template {
    const { tag, params, host } = this.#parts;
    return makeTemplate({ ...input, tag, variant: input.variant & MAX_VARIANT }, params, host);
  }
}
