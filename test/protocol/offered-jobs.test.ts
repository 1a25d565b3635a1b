import { beforeEach, describe, expect, it } from 'vitest';
import { type Block, coinbaseOf } from '../../consensus/block.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { COINBASE_EXTRA_NONCE_BYTES } from '../../consensus/transaction.ts';
import type { Effect } from '../../protocol/effects.ts';
import type { NodeEvent } from '../../protocol/events.ts';
import type { OfferedJob, OfferedSolution } from '../../protocol/mining-job.ts';
import { ForkloreNode } from '../../protocol/node.ts';
import { isWithin, MAX_PAYEES } from '../../protocol/offered-jobs.ts';
import { MemoryStore } from '../../simulator/memory-store.ts';
import { solveHeader } from '../../simulator/solve.ts';
import { mineEvent } from '../../testing/asking.ts';
import { genesisPoint, keysOf, transferAt } from '../../testing/chain-builder.ts';
import { coreConfig } from '../../testing/core-config.ts';

const genesis = genesisPoint(REGTEST);
const [alice, bob] = [keysOf('Alice').address, keysOf('Bob').address];

/** A core with a mining adapter that keeps what it is told, and a clock that the test moves. */
class Host {
  readonly store = new MemoryStore(REGTEST);
  readonly core: ForkloreNode;
  /** Jobs that are not withdrawn, oldest first. */
  offered: OfferedJob[] = [];
  /** What came, in order. */
  readonly told: string[] = [];
  #nowMs = 0;
  #timerMs: number | null = null;

  constructor() {
    this.core = new ForkloreNode(coreConfig(), this.store, this.store, { u32: () => 1 }, this.#now());
    this.handle({ type: 'start' });
  }

  handle(event: NodeEvent): void {
    const effects: Effect[] = this.core.handleEvent(event, this.#now());
    for (const effect of effects) if (effect.type === 'persist') this.store.apply(effect.writes);
    for (const effect of effects) this.#perform(effect);
  }

  /** Lets time pass, and rings the timer whenever it is due. */
  advance(durationMs: number): void {
    const endMs = this.#nowMs + durationMs;
    for (let dueMs = this.#timerMs; dueMs !== null && dueMs <= endMs; dueMs = this.#timerMs) {
      this.#nowMs = Math.max(this.#nowMs, dueMs);
      this.#timerMs = null;
      this.handle({ type: 'timer' });
    }
    this.#nowMs = endMs;
  }

  /** Solves a job with a proof of work, and tells the core. */
  solve(job: OfferedJob, changed: Partial<OfferedSolution> = {}): void {
    this.handle({ type: 'offered-job-solved', job, solution: solutionOf(job, changed) });
  }

  get newest(): OfferedJob {
    const job = this.offered.at(-1);
    if (!job) throw new Error('no job is offered');
    return job;
  }

  get tip(): Block {
    return this.core.chain.readBlock(this.core.chain.tip);
  }

  get height(): number {
    return this.core.chain.tip.record.height;
  }

  #perform(effect: Effect): void {
    if (effect.type === 'set-timer') this.#timerMs = effect.atMonotonicMs;
    if (effect.type === 'withdraw-jobs') {
      this.told.push('withdrawn');
      this.offered = [];
    }
    if (effect.type === 'offer-job') {
      this.told.push(effect.job.template.recipient === alice ? 'for Alice' : 'for Bob');
      this.offered.push(effect.job);
    }
    if (effect.type === 'verify') {
      this.handle({ type: 'verified', id: effect.id, valid: effect.checks.map(() => true) });
    }
    if (effect.type === 'start-mining') {
      const { job, template } = effect.job;
      const extraNonce = new Uint8Array(COINBASE_EXTRA_NONCE_BYTES);
      this.handle({ type: 'mined', solution: { job, extraNonce, nonce: solveHeader(template.header) } });
    }
  }

  #now() {
    return { wallMs: (REGTEST.genesis.header.time + 1_000) * 1_000 + this.#nowMs, monotonicMs: this.#nowMs };
  }
}

function solutionOf({ template }: OfferedJob, changed: Partial<OfferedSolution>): OfferedSolution {
  const { time, version } = { ...template.header, ...changed };
  const nonce = solveHeader({ ...template.header, time, version });
  return { extraNonce: new Uint8Array(COINBASE_EXTRA_NONCE_BYTES), nonce, time, version };
}

let host: Host;

beforeEach(() => {
  host = new Host();
});

describe('jobs for mining programs outside of the node', () => {
  it('are made when somebody is to be paid, one template for each recipient', () => {
    host.advance(60_000);
    expect(host.told).toEqual([]);
    host.handle({ type: 'set-payees', payees: [alice, bob] });
    host.advance(0);
    expect(host.told).toEqual(['for Alice', 'for Bob']);
    const [first, second] = host.offered;
    expect(first?.template.coinbase.stateRoot).not.toBe(second?.template.coinbase.stateRoot);
  });

  it('stay valid when they are renewed: an earlier one of the same tip gives a block', () => {
    host.handle({ type: 'set-payees', payees: [alice] });
    const first = host.newest;
    const { raw } = transferAt(genesis, keysOf('Carol'), bob, { fee: 1_000n });
    host.handle({ type: 'submit', request: 1, raw });
    host.advance(1_000);
    expect(host.told).toEqual(['for Alice', 'for Alice']);
    expect(host.newest.template.transactions).toHaveLength(1);
    host.solve(first);
    expect(host.height).toBe(1);
    expect(host.tip.transactions).toHaveLength(1);
  });

  it('are renewed every ten seconds, so that their time is current', () => {
    host.handle({ type: 'set-payees', payees: [alice] });
    const { time } = host.newest.template.header;
    host.advance(10_000);
    expect(host.newest.template.header.time).toBe(time + 10);
  });

  it('are withdrawn with the tip, and made for the new one', () => {
    host.handle({ type: 'set-payees', payees: [alice] });
    const old = host.newest;
    host.handle(mineEvent(1)(1));
    expect(host.told).toEqual(['for Alice', 'withdrawn', 'for Alice']);
    expect(host.newest.template.height).toBe(2);
    host.solve(old);
    expect(host.height).toBe(1);
    expect(host.core.chain.atHeight(1)).toHaveLength(1);
  });

  it('give one block each at most: the second solution of a tip is stale', () => {
    host.handle({ type: 'set-payees', payees: [alice] });
    const job = host.newest;
    host.solve(job);
    host.solve(job, { version: job.template.header.version | (1 << 13) });
    expect(host.height).toBe(1);
    expect(host.core.chain.atHeight(1)).toHaveLength(1);
  });

  it('let a miner choose time and version within bounds, and pay whom they name', () => {
    host.handle({ type: 'set-payees', payees: [bob] });
    const job = host.newest;
    const { header } = job.template;
    const version = header.version | 0x1fff_e000;
    host.solve(job, { time: job.latestTime, version });
    const { record } = host.core.chain.tip;
    expect(record.header).toMatchObject({ time: header.time + 60, version });
    expect(coinbaseOf(host.tip).recipient).toBe(bob);
    for (const time of [header.time - 1, job.latestTime + 1]) expect(isWithin(job, { ...header, time })).toBe(false);
    for (const bit of [0, 12, 29, 31])
      expect(isWithin(job, { ...header, version: header.version ^ (1 << bit) })).toBe(false);
    expect(() => host.solve(host.newest, { time: header.time - 1 })).toThrow('changes what it may not');
  });

  it('have exactly the time that the operator has set for the next block', () => {
    host.handle({ type: 'set-payees', payees: [alice] });
    const timeSeconds = host.newest.template.header.time + 5_000;
    host.handle({ type: 'set-next-block-time', request: 1, timeSeconds });
    expect(host.told).toEqual(['for Alice', 'withdrawn', 'for Alice']);
    expect(host.newest).toMatchObject({ latestTime: timeSeconds, template: { header: { time: timeSeconds } } });
    host.solve(host.newest);
    expect(host.core.chain.tip.record.header.time).toBe(timeSeconds);
    expect(host.newest.latestTime).toBeGreaterThan(host.newest.template.header.time);
  });

  it('end with the last payee, and with the node', () => {
    host.handle({ type: 'set-payees', payees: [alice] });
    host.handle({ type: 'set-payees', payees: [] });
    host.advance(60_000);
    expect(host.told).toEqual(['for Alice']);
    host.handle({ type: 'stop' });
    expect(host.told).toEqual(['for Alice', 'withdrawn']);
  });

  it('wait while the chain is too far ahead of the clock, and come when it is not', () => {
    const limit = REGTEST.futureLimitSeconds;
    host.handle({ type: 'set-payees', payees: [alice] });
    for (let blocks = 0; blocks < 12; blocks++) {
      host.handle({
        type: 'set-next-block-time',
        request: blocks,
        timeSeconds: REGTEST.genesis.header.time + 1_000 + limit,
      });
      host.solve(host.newest);
      if (host.offered.length === 0) break;
    }
    expect(host.offered).toEqual([]);
    host.advance(2_000);
    expect(host.offered).toHaveLength(1);
  });

  it('are for sixteen recipients at most: more is an error of the host', () => {
    const payees = Array.from({ length: MAX_PAYEES + 1 }, (_, index) => index.toString(16).padStart(40, '0'));
    expect(() => host.handle({ type: 'set-payees', payees })).toThrow('17 payees');
  });
});
