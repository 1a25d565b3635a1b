import type { Address } from '../consensus/address.ts';
import type { Block } from '../consensus/block.ts';
import type { BlockExecution } from '../consensus/block-execution.ts';
import type { ContractHost } from '../consensus/contract-host.ts';
import { developmentAccountByName } from '../consensus/development-accounts.ts';
import type { NetworkParams } from '../consensus/params.ts';
import { assembleBlock } from './assemble-block.ts';
import type { Chain } from './chain.ts';
import { controlsRefusal } from './controls.ts';
import type { Reply } from './effects.ts';
import type { Alarm, EventContext } from './event-context.ts';
import type { MiningMode, NodeEvent, RequestId } from './events.ts';
import type { BlockEntry } from './header-index.ts';
import type { Mempool } from './mempool.ts';
import { type Demand, MiningDemands } from './mining-demands.ts';
import type { MiningJob, MiningSolution, Template } from './mining-job.ts';
import { NextBlockTime } from './next-block-time.ts';
import type { MinerView } from './node-view.ts';
import { OfferedJobs } from './offered-jobs.ts';
import type { PendingState } from './pending-state.ts';
import { isRefused, type Refused } from './refused.ts';
import { TemplateSource } from './template-source.ts';
import { wallSeconds } from './time.ts';

/** A template is replaced this long after the set of ready transactions changed. */
const FRESH_TRANSACTIONS_MS = 1_000;
/** A template is replaced at this interval, to keep its time current. */
const FRESH_TIME_MS = 10_000;
/** Wait before the next attempt while the chain's times are too far ahead of the clock. */
const CLOCK_WAIT_MS = 1_000;
/** Development account that is paid where no recipient was given: not one of those that examples pay. */
const DEFAULT_RECIPIENT_NAME = 'Judy';
const NOBODY: Address = '0'.repeat(40);

export interface MinerOptions {
  readonly mode: MiningMode;
  readonly threads: number;
  /** Hashes per second in all; 0: no limit. */
  readonly hashrateLimit: number;
  readonly intervalMs: number;
  readonly recipient: Address | null;
  /** What the coinbase says of the miner, at most 64 bytes. */
  readonly tag: Uint8Array;
}

export interface MinerObserver {
  /** A block was mined. Returns its entry once it is kept; null where it is not. */
  onMined(block: Block): BlockEntry | null;
}

/** What the mining pool is searching. */
interface CurrentJob extends MiningJob {
  /** The request whose own choice of parent or transactions it follows; null where it follows tip and mempool. */
  readonly choice: Demand | null;
}

interface MinerParts {
  readonly context: EventContext;
  readonly params: NetworkParams;
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly state: PendingState;
  readonly host: ContractHost;
  readonly options: MinerOptions;
  readonly observer: MinerObserver;
}

/**
 * Decides what is mined, and when; the search itself runs in the mining pool. A job is replaced when its parent is no longer
 * what is mined on, and cancelled when no block is wanted; a solution of any but the current job is stale.
 */
export class Miner {
  readonly #context: EventContext;
  readonly #params: NetworkParams;
  readonly #chain: Chain;
  readonly #mempool: Mempool;
  readonly #observer: MinerObserver;
  /** Rings when the template is outdated, or when to try again to make one. */
  readonly #templateAlarm: Alarm;
  readonly #intervalAlarm: Alarm;
  readonly #demands: MiningDemands;
  readonly #nextTime: NextBlockTime;
  readonly #templates: TemplateSource;
  /** Jobs of mining programs outside of the node, beside those of its own pool. */
  readonly offered: OfferedJobs;
  #mode: MiningMode;
  #threads: number;
  #hashrateLimit: number;
  #intervalMs: number;
  #recipient: Address | null;
  #intervalDue = false;
  #jobs = 0;
  #current: CurrentJob | null = null;
  /** The current job is to be replaced as soon as there is a better template. */
  #isOutdated = false;
  /** Solutions in a row that were blocks which the node has already: the search of a template may be repeatable. */
  #repeats = 0;
  /** The last block that was mined for a caller, until it is connected or known not to be. */
  #uncredited: { readonly demand: Demand; readonly entry: BlockEntry } | null = null;
  #working = false;
  #stopped = false;

  constructor({ context, params, chain, mempool, state, host, options, observer }: MinerParts) {
    this.#context = context;
    this.#params = params;
    this.#chain = chain;
    this.#mempool = mempool;
    this.#observer = observer;
    this.#mode = options.mode;
    this.#threads = options.threads;
    this.#hashrateLimit = options.hashrateLimit;
    this.#intervalMs = options.intervalMs;
    this.#recipient = options.recipient ?? defaultRecipient(params);
    this.#demands = new MiningDemands(context);
    this.#nextTime = new NextBlockTime(params);
    this.#templates = new TemplateSource({
      context,
      params,
      chain,
      mempool,
      state,
      host,
      nextTime: this.#nextTime,
      tag: options.tag,
    });
    this.offered = new OfferedJobs({
      context,
      params,
      chain,
      templates: this.#templates,
      nextTime: this.#nextTime,
      acceptMined: (block) => observer.onMined(block),
    });
    this.#templateAlarm = context.alarm(() => {
      this.#isOutdated = true;
    });
    this.#intervalAlarm = context.alarm(() => {
      this.#intervalDue = true;
      this.#armInterval();
    });
  }

  view(): MinerView {
    return {
      mode: this.#mode,
      threads: this.#threads,
      hashrateLimit: this.#hashrateLimit,
      intervalMs: this.#intervalMs,
      recipient: this.#recipient,
      working: this.#working,
      blocksRequested: this.#demands.remaining,
    };
  }

  start(): void {
    this.#context.emit({ type: 'configure-mining', threads: this.#threads, hashrateLimit: this.#hashrateLimit });
    this.#armInterval();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
    this.offered.stop();
    this.#demands.fail({ code: 'shutting-down', message: 'the node is shutting down' }, () => true);
  }

  /** The time that is set for the next block, in Unix seconds; null: none is. */
  get nextBlockSeconds(): number | null {
    return this.#nextTime.setSeconds;
  }

  /** Takes over the time that was set for the next block in an earlier run. */
  restoreNextBlockTime(seconds: number | null): void {
    this.#nextTime.restore(seconds);
  }

  onMineRequest(event: Extract<NodeEvent, { type: 'mine' }>): void {
    const { request, count, recipient, transactions } = event;
    const isChosen = transactions !== null || event.parent !== null;
    const refusal = this.#recipientRefusal(recipient) ?? (isChosen ? controlsRefusal(this.#params) : null);
    const parent = event.parent === null ? null : this.#chain.get(event.parent);
    if (refusal) this.#reply(request, refusal);
    else if (parent === undefined)
      this.#reply(request, { code: 'unknown-block', message: `no block ${event.parent} is known` });
    else this.#demands.add({ request, count, recipient, transactions, parent });
  }

  onMineCancelled(request: RequestId): void {
    this.#demands.cancel(request);
  }

  /** Sets the time of the next block that is mined here. */
  onSetNextBlockTime(request: RequestId, timeSeconds: number): void {
    const refusal =
      controlsRefusal(this.#params) ?? this.#nextTime.set(timeSeconds, this.#chain.tip, wallSeconds(this.#context.now));
    if (!refusal) this.#voidJobs();
    this.#reply(request, refusal);
  }

  onSetMining(event: Extract<NodeEvent, { type: 'set-mining' }>): void {
    const refusal = event.mode === 'off' ? null : this.#recipientRefusal(event.recipient);
    if (refusal) {
      this.#reply(event.request, refusal);
      return;
    }
    this.#mode = event.mode;
    this.#threads = event.threads ?? this.#threads;
    this.#hashrateLimit = event.hashrateLimit ?? this.#hashrateLimit;
    this.#intervalMs = event.intervalMs ?? this.#intervalMs;
    if (event.recipient && event.recipient !== this.#recipient) {
      this.#recipient = event.recipient;
      this.#current = null;
    }
    this.#context.emit({ type: 'configure-mining', threads: this.#threads, hashrateLimit: this.#hashrateLimit });
    this.#armInterval();
    this.#context.emit({ type: 'publish', notice: { kind: 'miner' } });
    this.#reply(event.request, null);
  }

  /** A worker solved a job. */
  onSolution(solution: MiningSolution): void {
    if (solution.job !== this.#current?.job) return;
    const { template } = this.#current;
    this.#current = null;
    const block = assembleBlock(template, solution.extraNonce, { ...template.header, nonce: solution.nonce });
    if (this.#chain.get(block.hash)?.record.bodyBytes) {
      this.#repeats++;
      return;
    }
    this.#repeats = 0;
    this.#intervalDue = false;
    const demand = this.#demands.first;
    const entry = this.#observer.onMined(block);
    if (entry) this.#nextTime.clear();
    if (demand && entry) this.#uncredited = { demand, entry };
  }

  /** The set of ready transactions changed: the template is replaced soon, once for all changes until then. */
  onMempoolChange(): void {
    if (this.#current) this.#templateAlarm.ensure(FRESH_TRANSACTIONS_MS);
    this.offered.onMempoolChange();
  }

  /** The wall clock was moved: the template's time is wrong. */
  onClockMoved(): void {
    this.#voidJobs();
  }

  /** The tip changed: the current job is void, unless it is for a parent that a request has chosen. */
  onChainChange(): void {
    if (!this.#current?.choice?.parent) this.#current = null;
    this.#templates.onChainChange();
    this.offered.withdraw();
  }

  /** What would be mined now. While the chain is moving, the mempool does not fit the state, and the template is empty. */
  preview(nowSeconds: number): Template {
    return this.#templates.preview(this.#demands.first?.recipient ?? this.#recipient ?? NOBODY, nowSeconds);
  }

  /** Answer to a `continue` effect. */
  onContinue(): void {
    if (!this.#templates.onContinue()) return;
    this.#isOutdated = true;
    this.offered.renew();
  }

  /** See `ChainObserver.takeExecution`. */
  takeExecution(parent: BlockEntry, block: Block): BlockExecution | undefined {
    return this.#templates.takeExecution(parent, block);
  }

  /** Starts, replaces or cancels the job so that it fits what is wanted now. The last step of every event. */
  update(): void {
    if (this.#stopped) return;
    this.#creditMined();
    this.#arrange();
    this.offered.update();
    this.#templates.settle();
  }

  #arrange(): void {
    while (this.#isWanted()) if (this.#arrangeJob()) return;
    this.#cancel();
  }

  /** Makes the job fit the first request or the mode. False where something stood in its way that is gone now. */
  #arrangeJob(): boolean {
    const demand = this.#demands.first;
    const choice = demand && (demand.parent || demand.transactions) ? demand : null;
    const recipient = demand?.recipient ?? this.#recipient;
    if (!choice?.parent) this.#templates.releaseBranch();
    const isOnDemand = this.#mode !== 'continuous' || demand !== null;
    if (this.#current && !isJobFor(this.#current, { choice, recipient, isOnDemand })) this.#current = null;
    if ((this.#current && !this.#isOutdated) || this.#chain.isMoving || !recipient) return true;
    const template = this.#templates.on({
      parent: choice?.parent ?? this.#chain.tip,
      transactions: choice?.transactions ?? null,
      recipient,
      variant: this.#repeats,
      patience: isOnDemand ? 'exact' : this.#current ? 'whole' : 'none',
    });
    if (template === null) return true;
    this.#isOutdated = false;
    this.#current = null;
    if (isRefused(template)) return this.#onRefused(template, choice);
    this.#jobs++;
    const job = { job: this.#jobs, template, isOnDemand };
    this.#current = { ...job, choice };
    this.#context.emit({ type: 'start-mining', job });
    this.#templateAlarm.set(FRESH_TIME_MS);
    this.#setWorking(true);
    return true;
  }

  /**
   * Ends the requests that cannot be fulfilled. False where others may be; true where nothing can be mined on the tip until
   * some time has passed.
   */
  #onRefused(refused: Refused, choice: Demand | null): boolean {
    if (refused.code === 'time-too-new' && !choice?.parent) {
      this.#demands.fail(refused, (demand) => demand.parent === null);
      this.#templateAlarm.set(CLOCK_WAIT_MS);
      return true;
    }
    if (refused.code === 'time-too-old') this.#nextTime.clear();
    const { first } = this.#demands;
    this.#demands.fail(refused, (demand) => demand === first);
    return false;
  }

  #isWanted(): boolean {
    if (this.#demands.first) return true;
    if (this.#mode === 'continuous') return true;
    if (this.#mode === 'on-transaction') return this.#mempool.readyCount > 0;
    return this.#mode === 'interval' && this.#intervalDue;
  }

  #voidJobs(): void {
    this.#current = null;
    this.offered.withdraw();
  }

  #cancel(): void {
    this.#templateAlarm.clear();
    if (this.#working) this.#context.emit({ type: 'cancel-mining' });
    this.#current = null;
    this.#setWorking(false);
  }

  #setWorking(working: boolean): void {
    if (working === this.#working) return;
    this.#working = working;
    this.#context.emit({ type: 'publish', notice: { kind: 'miner' } });
  }

  /**
   * Credits a mined block once the chain is at rest: on a chosen parent where it is not found invalid, else where it is on the
   * active chain. That may take further events, if the node no longer remembers signatures.
   */
  #creditMined(): void {
    if (!this.#uncredited) return;
    const { demand, entry } = this.#uncredited;
    const isActive = this.#chain.isActive(entry);
    if (!isActive && this.#chain.isMoving) return;
    this.#uncredited = null;
    if (isActive || (demand.parent !== null && !entry.failure)) this.#demands.credit(demand, entry);
  }

  #armInterval(): void {
    if (this.#mode === 'interval') this.#intervalAlarm.set(this.#intervalMs);
    else {
      this.#intervalAlarm.clear();
      this.#intervalDue = false;
    }
  }

  #recipientRefusal(recipient: Address | null): Refused | null {
    if (recipient ?? this.#recipient) return null;
    return { code: 'no-miner-address', message: 'say who is paid: this network has no development accounts' };
  }

  /** @param refusal null: it is done */
  #reply(request: RequestId, refusal: Refused | null): void {
    const reply: Reply = refusal ? { ok: false, ...refusal } : { ok: true, value: { kind: 'done' } };
    this.#context.emit({ type: 'reply', request, reply });
  }
}

/** Whether a job is still what is wanted: the reward may be for another recipient now, or its parent be found invalid. */
function isJobFor(
  { template, choice, isOnDemand }: CurrentJob,
  wanted: Pick<CurrentJob, 'choice' | 'isOnDemand'> & { readonly recipient: Address | null },
): boolean {
  if (isOnDemand !== wanted.isOnDemand || choice !== wanted.choice) return false;
  return template.coinbase.recipient === wanted.recipient && !choice?.parent?.failure;
}

/** Judy, or where a network has fewer accounts the last one. */
function defaultRecipient({ developmentAccounts: known }: NetworkParams): Address | null {
  if (known === null) return null;
  return (developmentAccountByName(DEFAULT_RECIPIENT_NAME, known) ?? known.accounts.at(-1))?.address ?? null;
}
