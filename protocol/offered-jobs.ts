import type { Address } from '../consensus/address.ts';
import type { Block } from '../consensus/block.ts';
import { assertInvariant } from '../consensus/errors.ts';
import { MAX_HEADER_TIME } from '../consensus/header.ts';
import type { NetworkParams } from '../consensus/params.ts';
import { bitsToTarget, hashToInteger } from '../consensus/target.ts';
import { assembleBlock } from './assemble-block.ts';
import type { Chain } from './chain.ts';
import type { Alarm, EventContext } from './event-context.ts';
import type { BlockEntry } from './header-index.ts';
import type { OfferedJob, OfferedSolution, Template } from './mining-job.ts';
import type { NextBlockTime } from './next-block-time.ts';
import { isRefused, type Refused } from './refused.ts';
import { VERSION_ROLLING_MASK } from './template.ts';
import type { Patience, TemplateSource } from './template-source.ts';
import { wallSeconds } from './time.ts';

/** Recipients that jobs are made for: each needs a template of its own, because the state root depends on who is paid. */
export const MAX_PAYEES = 16;
/** New jobs are made this long after the set of ready transactions changed. */
const FRESH_TRANSACTIONS_MS = 1_000;
/** New jobs are made at this interval, to keep their time current. */
const FRESH_TIME_MS = 10_000;
/** Wait before the next attempt while the chain's times are too far ahead of the clock. */
const CLOCK_WAIT_MS = 1_000;
/** How far beyond the time of its template a solution's may be: miners advance it where they run out of nonces. */
const MAX_TIME_ROLL_SECONDS = 60;

interface OfferedJobsParts {
  readonly context: EventContext;
  readonly params: NetworkParams;
  readonly chain: Chain;
  readonly templates: TemplateSource;
  readonly nextTime: NextBlockTime;
  /** Takes a mined block. Returns its entry once it is kept; null where it is not. */
  readonly acceptMined: (block: Block) => BlockEntry | null;
}

/**
 * Jobs for mining programs outside of the node. A renewed job leaves the earlier ones of the same tip valid, because programs
 * work on them until they have the new one, and what they find then is a block like any other. All are withdrawn when the
 * tip changes. One template is made for each payee, one in each event, so that many of them never delay anything else.
 */
export class OfferedJobs {
  readonly #parts: OfferedJobsParts;
  /** Rings when all jobs are outdated, or when to try again to make one. */
  readonly #freshAlarm: Alarm;
  /** Rings at once: another payee waits. */
  readonly #nextAlarm: Alarm;
  #payees: ReadonlySet<Address> = new Set();
  /** Payees whose newest job is up to date. */
  readonly #served = new Set<Address>();
  /** Payees that have a job of this tip, which may be outdated. */
  readonly #supplied = new Set<Address>();
  #isWaiting = false;
  #lastJob = 0;
  /** Jobs up to this one are withdrawn. */
  #lastWithdrawn = 0;

  constructor(parts: OfferedJobsParts) {
    this.#parts = parts;
    this.#freshAlarm = parts.context.alarm(() => {
      this.#served.clear();
      this.#isWaiting = false;
    });
    this.#nextAlarm = parts.context.alarm(() => {});
  }

  /** Jobs are wanted that pay these, and no others. */
  onPayees(payees: readonly Address[]): void {
    this.#payees = new Set(payees);
    assertInvariant(this.#payees.size <= MAX_PAYEES, `${this.#payees.size} payees; the host allows ${MAX_PAYEES}`);
    for (const payees of [this.#served, this.#supplied])
      for (const payee of payees) if (!this.#payees.has(payee)) payees.delete(payee);
  }

  /** A program solved a job. One that was withdrawn meanwhile has a block that nobody needs any more. */
  onSolution(job: OfferedJob, solution: OfferedSolution): void {
    const { chain, acceptMined, nextTime } = this.#parts;
    if (job.job <= this.#lastWithdrawn || job.template.prevHash !== chain.tip.record.hash) return;
    const block = assembleBlock(job.template, solution.extraNonce, solution);
    assertInvariant(isWithin(job, solution), `a solution of job ${job.job} changes what it may not`);
    assertInvariant(
      hashToInteger(block.hash) <= bitsToTarget(block.header.bits),
      `a solution of job ${job.job} does not meet its target`,
    );
    if (chain.get(block.hash)?.record.bodyBytes) return;
    if (!acceptMined(block)) return;
    nextTime.clear();
    this.withdraw();
  }

  /** The set of ready transactions changed: jobs are renewed soon, once for all changes until then. */
  onMempoolChange(): void {
    if (this.#served.size > 0) this.#freshAlarm.ensure(FRESH_TRANSACTIONS_MS);
  }

  /** More is executed than the jobs that are out hold. */
  renew(): void {
    this.#served.clear();
  }

  /** The jobs that are out are no longer wanted: another tip, another clock. */
  withdraw(): void {
    this.#served.clear();
    this.#supplied.clear();
    this.#isWaiting = false;
    if (this.#lastWithdrawn === this.#lastJob) return;
    this.#lastWithdrawn = this.#lastJob;
    this.#parts.context.emit({ type: 'withdraw-jobs' });
  }

  stop(): void {
    this.#payees = new Set();
    this.withdraw();
  }

  /** Makes the next job that is wanted. The last step of every event. */
  update(): void {
    const payee = this.#nextPayee();
    if (payee === undefined) {
      if (this.#payees.size === 0) this.#freshAlarm.clear();
      return;
    }
    if (this.#isWaiting || this.#parts.chain.isMoving) return;
    const template = this.#templateFor(payee);
    if (template === null) return;
    if (isRefused(template)) {
      this.#isWaiting = true;
      this.#freshAlarm.set(CLOCK_WAIT_MS);
      return;
    }
    this.#lastJob++;
    const job = { job: this.#lastJob, template, latestTime: this.#latestTime(template) };
    this.#parts.context.emit({ type: 'offer-job', job });
    if (this.#served.size === 0) this.#freshAlarm.set(FRESH_TIME_MS);
    this.#served.add(payee);
    this.#supplied.add(payee);
    if (this.#nextPayee() !== undefined) this.#nextAlarm.set(0);
  }

  #nextPayee(): Address | undefined {
    for (const payee of this.#payees) if (!this.#served.has(payee)) return payee;
    return undefined;
  }

  #templateFor(recipient: Address): Template | Refused | null {
    const { templates, chain, nextTime } = this.#parts;
    const patience: Patience = this.#supplied.has(recipient) ? 'whole' : 'none';
    const request = { parent: chain.tip, transactions: null, recipient, variant: 0, patience };
    const template = templates.on(request);
    if (template === null || !isRefused(template) || template.code !== 'time-too-old') return template;
    // The time that was set does not fit this tip any more.
    nextTime.clear();
    return templates.on(request);
  }

  /** A time that the operator has set is exact; any other may advance as far as the node itself would accept it now. */
  #latestTime({ header: { time } }: Template): number {
    const { nextTime, params, context } = this.#parts;
    if (nextTime.setSeconds !== null) return time;
    const acceptable = wallSeconds(context.now) + params.futureLimitSeconds;
    return Math.max(time, Math.min(time + MAX_TIME_ROLL_SECONDS, acceptable, MAX_HEADER_TIME));
  }
}

/** Whether a solution keeps to what a miner of this job may change. */
export function isWithin(
  { template: { header }, latestTime }: OfferedJob,
  { time, version }: Pick<OfferedSolution, 'time' | 'version'>,
): boolean {
  return time >= header.time && time <= latestTime && ((version ^ header.version) & ~VERSION_ROLLING_MASK) === 0;
}
