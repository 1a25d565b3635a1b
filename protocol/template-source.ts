import type { Address } from '../consensus/address.ts';
import type { Block } from '../consensus/block.ts';
import { BlockExecution } from '../consensus/block-execution.ts';
import { sealUnpaid } from '../consensus/block-seal.ts';
import type { ContractHost } from '../consensus/contract-host.ts';
import { RuleError } from '../consensus/errors.ts';
import type { Hash } from '../consensus/hash.ts';
import { MAX_HEADER_TIME } from '../consensus/header.ts';
import type { NetworkParams } from '../consensus/params.ts';
import type { StateView } from '../consensus/state-change.ts';
import { BranchState } from './branch-state.ts';
import type { Chain } from './chain.ts';
import { executableQueues, namedTransactions } from './chosen-transactions.ts';
import { tooFarAhead } from './clock-distance.ts';
import type { EventContext } from './event-context.ts';
import { type BlockEntry, contextAbove, earliestTimeAfter } from './header-index.ts';
import type { Mempool } from './mempool.ts';
import type { Template } from './mining-job.ts';
import type { NextBlockTime } from './next-block-time.ts';
import type { PendingState } from './pending-state.ts';
import { isRefused, type Refused } from './refused.ts';
import {
  bestTransactions,
  MAX_VARIANT,
  makeTemplate,
  type TemplateContent,
  type TemplateInput,
  templateContent,
} from './template.ts';
import { TemplateBuilder } from './template-builder.ts';
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

/**
 * Whether a template is waited for until all that it should hold is executed: not at all; so that it holds what pays the most; so
 * that it also holds nothing that was no longer pending when its execution began.
 */
export type Patience = 'none' | 'whole' | 'exact';

interface TemplateRequest {
  readonly parent: BlockEntry;
  /** What it holds, in this order; null: what pays the most. */
  readonly transactions: readonly Hash[] | null;
  readonly recipient: Address;
  /** Another one makes another block of the same content. */
  readonly variant: number;
  /** Of what pays the most on the tip. All else is executed at once. */
  readonly patience: Patience;
}

/** Makes templates of what the node knows now: the state on a parent, the mempool, the clock. */
export class TemplateSource {
  readonly #parts: TemplateSourceParts;
  readonly #branch: BranchState;
  readonly #builder: TemplateBuilder;
  /** It is asked for again and again by who looks at a node. */
  #lastPreview:
    | (Pick<TemplateInput, 'content' | 'recipient' | 'timeSeconds'> & { readonly template: Template })
    | null = null;

  constructor(parts: TemplateSourceParts) {
    this.#parts = parts;
    this.#branch = new BranchState(parts.chain, parts.state, parts.params, parts.host);
    this.#builder = new TemplateBuilder(parts);
  }

  /**
   * The next block on a parent, or why there is none now; null where what it holds is still being executed, in steps. To be asked
   * only while the chain is not moving.
   */
  on({ parent, transactions, recipient, variant, patience }: TemplateRequest): Template | Refused | null {
    const now = wallSeconds(this.#parts.context.now);
    const tooEarly = tooFarAhead(parent, this.#parts.params, now);
    if (tooEarly !== null) return { code: 'time-too-new', message: tooEarly };
    const time = this.#parts.nextTime.on(parent, now);
    if (isRefused(time)) return time;
    const state = this.#branch.after(parent);
    if (isRefused(state)) return state;
    const isBestOnTip = transactions === null && parent === this.#parts.chain.tip;
    const content = isBestOnTip ? this.#bestOnTip(patience) : this.#executed(parent, transactions, state);
    if (content === null || isRefused(content)) return content;
    return this.#make({ parent, content, recipient, timeSeconds: time.seconds, variant });
  }

  /** What would be mined now. While the chain is moving, the mempool does not fit the state, and the template is empty. */
  preview(recipient: Address, nowSeconds: number): Template {
    const { chain, nextTime } = this.#parts;
    const { tip, isMoving } = chain;
    const time = nextTime.on(tip, nowSeconds);
    const timeSeconds = isRefused(time)
      ? Math.min(Math.max(nowSeconds, earliestTimeAfter(tip)), MAX_HEADER_TIME)
      : time.seconds;
    const content = isMoving ? this.#builder.empty() : this.#builder.peek();
    const last = this.#lastPreview;
    const isSame = last?.content === content && last.recipient === recipient && last.timeSeconds === timeSeconds;
    if (isSame) return last.template;
    const template = this.#make({ parent: tip, content, recipient, timeSeconds, variant: 0 });
    this.#lastPreview = { content, recipient, timeSeconds, template };
    return template;
  }

  /** See `ChainObserver.takeExecution`. */
  takeExecution(parent: BlockEntry, block: Block): BlockExecution | undefined {
    return this.#builder.takeExecution(parent, block);
  }

  /** Frees what is kept for the next block of a branch. */
  releaseBranch(): void {
    this.#branch.release();
  }

  /** The tip changed. */
  onChainChange(): void {
    this.#lastPreview = null;
    this.#builder.drop();
  }

  /** Answer to a `continue` effect. True where all that pays the most is executed since now. */
  onContinue(): boolean {
    return this.#builder.onContinue();
  }

  /** To be called at the end of each event. */
  settle(): void {
    this.#builder.settle();
  }

  #bestOnTip(patience: Patience): TemplateContent | null {
    return patience === 'none' ? this.#builder.soFar() : this.#builder.whole(patience === 'exact');
  }

  /** What an operator wants on a development network, executed in one go: a block's gas bounds it. */
  #executed(parent: BlockEntry, txids: readonly Hash[] | null, state: StateView): TemplateContent | Refused {
    const { chain, mempool, host } = this.#parts;
    const named = txids && namedTransactions(txids, parent, chain, mempool);
    if (named && isRefused(named)) return named;
    const execution = new BlockExecution(state, contextAbove(parent), host);
    try {
      for (const transaction of named?.transactions ?? bestTransactions(executableQueues(mempool, state))) {
        execution.begin(transaction);
        execution.advance(Number.POSITIVE_INFINITY);
      }
      return templateContent(execution.transactions, sealUnpaid(execution, state).finish());
    } catch (error) {
      // What pays the most is executable; what a request names may not be.
      if (!(error instanceof RuleError && named)) throw error;
      return {
        code: 'not-executable',
        message: `these transactions cannot be executed in this order: ${error.message}`,
      };
    }
  }

  #make(input: Omit<TemplateInput, 'tag'>): Template {
    const { tag, params } = this.#parts;
    return makeTemplate({ ...input, tag, variant: input.variant & MAX_VARIANT }, params);
  }
}
