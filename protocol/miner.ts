import type { Address } from '../consensus/address.ts';
import { type Block, encodeBlock } from '../consensus/block.ts';
import { developmentAccountByName } from '../consensus/development-accounts.ts';
import { assertInvariant } from '../consensus/errors.ts';
import type { Hash } from '../consensus/hash.ts';
import { merkleRoot } from '../consensus/merkle.ts';
import type { NetworkParams } from '../consensus/params.ts';
import { encodeCoinbase } from '../consensus/transaction.ts';
import type { Chain } from './chain.ts';
import { tooFarAhead } from './clock-distance.ts';
import type { Alarm, EventContext } from './event-context.ts';
import type { MiningMode, NodeEvent, RequestId } from './events.ts';
import type { BlockEntry } from './header-index.ts';
import type { Mempool } from './mempool.ts';
import type { MiningSolution, Template } from './mining-job.ts';
import type { MinerView } from './node-view.ts';
import type { PendingState } from './pending-state.ts';
import { makeTemplate } from './template.ts';
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

interface Demand {
  readonly request: RequestId;
  /** Blocks that were asked for. */
  readonly count: number;
  remaining: number;
  readonly mined: Hash[];
  readonly recipient: Address | null;
}

interface MinerParts {
  readonly context: EventContext;
  readonly params: NetworkParams;
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly state: PendingState;
  readonly options: MinerOptions;
  readonly observer: MinerObserver;
}

/**
 * Decides what is mined, and when; the search itself runs in the mining pool. A job is replaced when the tip changes and
 * cancelled when no block is wanted; a solution of any but the current job is stale.
 */
export class Miner {
  readonly #context: EventContext;
  readonly #params: NetworkParams;
  readonly #chain: Chain;
  readonly #mempool: Mempool;
  readonly #state: PendingState;
  readonly #observer: MinerObserver;
  readonly #tag: Uint8Array;
  /** Rings when the template is outdated, or when to try again to make one. */
  readonly #templateAlarm: Alarm;
  readonly #intervalAlarm: Alarm;
  readonly #demands: Demand[] = [];
  #mode: MiningMode;
  #threads: number;
  #hashrateLimit: number;
  #intervalMs: number;
  #recipient: Address | null;
  #intervalDue = false;
  #jobs = 0;
  #current: { readonly job: number; readonly template: Template } | null = null;
  /** The last block that was mined for a caller, until it is connected or known not to be. */
  #uncredited: { readonly demand: Demand; readonly entry: BlockEntry } | null = null;
  #working = false;
  #stopped = false;

  constructor({ context, params, chain, mempool, state, options, observer }: MinerParts) {
    this.#context = context;
    this.#params = params;
    this.#chain = chain;
    this.#mempool = mempool;
    this.#state = state;
    this.#observer = observer;
    this.#mode = options.mode;
    this.#threads = options.threads;
    this.#hashrateLimit = options.hashrateLimit;
    this.#intervalMs = options.intervalMs;
    this.#recipient = options.recipient ?? defaultRecipient(params);
    this.#tag = options.tag;
    this.#templateAlarm = context.alarm(() => {
      this.#current = null;
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
      blocksRequested: this.#demands.reduce((sum, demand) => sum + demand.remaining, 0),
    };
  }

  start(): void {
    this.#context.emit({ type: 'configure-mining', threads: this.#threads, hashrateLimit: this.#hashrateLimit });
    this.#armInterval();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
    this.#failAll('shutting-down', 'the node is shutting down');
  }

  onMineRequest(event: Extract<NodeEvent, { type: 'mine' }>): void {
    const { request, count, recipient } = event;
    if (!(recipient ?? this.#recipient)) {
      this.#fail(request, 'no-miner-address', 'say who is paid: this network has no development accounts');
      return;
    }
    this.#demands.push({ request, count, remaining: count, mined: [], recipient });
  }

  onMineCancelled(request: RequestId): void {
    const index = this.#demands.findIndex((demand) => demand.request === request);
    if (index >= 0) this.#demands.splice(index, 1);
  }

  onSetMining(event: Extract<NodeEvent, { type: 'set-mining' }>): void {
    if (event.mode !== 'off' && !(event.recipient ?? this.#recipient)) {
      this.#fail(event.request, 'no-miner-address', 'say who is paid: this network has no development accounts');
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
    this.#context.emit({ type: 'reply', request: event.request, reply: { ok: true, value: { kind: 'done' } } });
  }

  /** A worker solved a job. */
  onSolution(solution: MiningSolution): void {
    if (solution.job !== this.#current?.job) return;
    const { template } = this.#current;
    this.#current = null;
    const block = assembleBlock(template, solution);
    this.#intervalDue = false;
    const demand = this.#demands[0];
    const entry = this.#observer.onMined(block);
    if (demand && entry) this.#uncredited = { demand, entry };
  }

  /** The set of ready transactions changed: the template is replaced soon, once for all changes until then. */
  onMempoolChange(): void {
    if (this.#current) this.#templateAlarm.ensure(FRESH_TRANSACTIONS_MS);
  }

  /** The tip changed: the current job is void. */
  onChainChange(): void {
    this.#current = null;
  }

  /** What would be mined now. While the chain is moving, the mempool does not fit the state, and the template is empty. */
  preview(nowSeconds: number): Template {
    const recipient = this.#demands[0]?.recipient ?? this.#recipient ?? NOBODY;
    return this.#makeTemplate(recipient, nowSeconds, this.#chain.isMoving ? [] : this.#mempool.readyQueues());
  }

  /** Starts, replaces or cancels the job so that it fits what is wanted now. The last step of every event. */
  update(): void {
    if (this.#stopped) return;
    this.#creditMined();
    if (!this.#isWanted()) {
      this.#cancel();
      return;
    }
    const recipient = this.#demands[0]?.recipient ?? this.#recipient;
    // The reward is for another recipient now.
    if (this.#current?.template.coinbase.recipient !== recipient) this.#current = null;
    if (this.#current || this.#chain.isMoving || !recipient) return;
    const now = wallSeconds(this.#context.now);
    const tooEarly = tooFarAhead(this.#chain.tip, this.#params, now);
    if (tooEarly !== null) {
      this.#failAll('time-too-new', tooEarly);
      this.#templateAlarm.set(CLOCK_WAIT_MS);
      return;
    }
    this.#jobs++;
    const template = this.#makeTemplate(recipient, now, this.#mempool.readyQueues());
    this.#current = { job: this.#jobs, template };
    this.#context.emit({ type: 'start-mining', job: { job: this.#jobs, template } });
    this.#templateAlarm.set(FRESH_TIME_MS);
    this.#setWorking(true);
  }

  #makeTemplate(recipient: Address, nowSeconds: number, queues: ReturnType<Mempool['readyQueues']>): Template {
    const input = { tip: this.#chain.tip, state: this.#state, queues, recipient, nowSeconds, tag: this.#tag };
    return makeTemplate(input, this.#params);
  }

  #isWanted(): boolean {
    if (this.#demands.length > 0) return true;
    if (this.#mode === 'continuous') return true;
    if (this.#mode === 'on-transaction') return this.#mempool.readyCount > 0;
    return this.#mode === 'interval' && this.#intervalDue;
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

  /** Credits a mined block once it is connected. That may take further events, if the node no longer remembers signatures. */
  #creditMined(): void {
    if (!this.#uncredited) return;
    const { demand, entry } = this.#uncredited;
    const isActive = this.#chain.isActive(entry);
    if (!isActive && this.#chain.isMoving) return;
    this.#uncredited = null;
    if (isActive && this.#demands.includes(demand)) this.#credit(demand, entry.record.hash);
  }

  #credit(demand: Demand, hash: Hash): void {
    demand.mined.push(hash);
    demand.remaining--;
    if (demand.remaining > 0) return;
    this.#demands.splice(this.#demands.indexOf(demand), 1);
    const value = { kind: 'mined', blockHashes: demand.mined } as const;
    this.#context.emit({ type: 'reply', request: demand.request, reply: { ok: true, value } });
  }

  /** Ends every request to mine. Each reply lists what was mined for the caller so far. */
  #failAll(code: string, reason: string): void {
    for (const { request, count, mined } of this.#demands.splice(0)) {
      const message = mined.length === 0 ? reason : `mined ${mined.length} of ${count} blocks; then ${reason}`;
      const reply = { ok: false, code, message, blockHashes: mined } as const;
      this.#context.emit({ type: 'reply', request, reply });
    }
  }

  #armInterval(): void {
    if (this.#mode === 'interval') this.#intervalAlarm.set(this.#intervalMs);
    else {
      this.#intervalAlarm.clear();
      this.#intervalDue = false;
    }
  }

  #fail(request: RequestId, code: string, message: string): void {
    this.#context.emit({ type: 'reply', request, reply: { ok: false, code, message } });
  }
}

/** Puts a solution into its template. */
export function assembleBlock(template: Template, solution: MiningSolution): Block {
  const { coinbase, transfers } = template;
  const solved = encodeCoinbase({ ...coinbase, extraNonce: solution.extraNonce });
  assertInvariant(solved.raw.length === coinbase.raw.length, 'the extra nonce has a fixed size');
  const txids = [solved.txid, ...transfers.map((transfer) => transfer.txid)];
  const header = { ...template.header, merkleRoot: merkleRoot(txids), nonce: solution.nonce };
  return encodeBlock(header, [solved, ...transfers]);
}

function defaultRecipient(params: NetworkParams): Address | null {
  if (!params.developmentAccounts) return null;
  return developmentAccountByName(DEFAULT_RECIPIENT_NAME)?.address ?? null;
}
