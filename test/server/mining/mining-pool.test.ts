import { readdirSync, readFileSync } from 'node:fs';
import { constants, getPriority } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { doubleSha256, hashFromBytes, hashToBytes, ZERO_HASH } from '../../../consensus/hash.ts';
import { blockHash } from '../../../consensus/header.ts';
import { merkleRoot, rootFromCoinbaseBranch } from '../../../consensus/merkle.ts';
import { bitsToTarget, expectedHashes, hashToInteger, targetToBits } from '../../../consensus/target.ts';
import { COINBASE_EXTRA_NONCE_OFFSET, encodeCoinbase } from '../../../consensus/transaction.ts';
import type { MiningJob, MiningSolution } from '../../../protocol/mining-job.ts';
import { MAX_INLINE_HASHES } from '../../../server/mining/inline-search.ts';
import { MiningBudget } from '../../../server/mining/mining-budget.ts';
import { MiningPool } from '../../../server/mining/mining-pool.ts';

const TRIVIAL_BITS = 0x207fffff;
/** A target that nobody meets in the time of a test. */
const HOPELESS_BITS = 0x04010000;
const SIBLINGS = [hashFromBytes(hashToBytes('11'.repeat(32))), hashFromBytes(hashToBytes('22'.repeat(32)))];

function jobOf(job: number, bits: number, isOnDemand = false): MiningJob {
  const recipient = 'ab'.repeat(20);
  const coinbase = encodeCoinbase({
    height: job,
    recipient,
    reward: 50n,
    stateRoot: 'cd'.repeat(32),
    extraNonce: new Uint8Array(8),
    tag: new Uint8Array(3),
  });
  const header = {
    version: 1,
    prevHash: ZERO_HASH,
    merkleRoot: rootFromCoinbaseBranch(coinbase.txid, SIBLINGS),
    time: 1_800_000_000,
    bits,
    nonce: 0,
  };
  const template = {
    height: job,
    prevHash: ZERO_HASH,
    header,
    coinbase,
    coinbaseBranch: SIBLINGS,
    transactions: [],
    fees: 0n,
    recipient,
  };
  return { job, template, isOnDemand };
}

/** The threads of this process, by their id: how nice they are to others. */
function niceValues(): Map<string, number> {
  const threads = readdirSync('/proc/self/task').map((id): [string, number] => {
    // The name, which is in brackets, may hold spaces. Priority and nice value are the 18th and the 19th field.
    const [, fields = ''] = readFileSync(`/proc/self/task/${id}/stat`, 'utf8').split(') ');
    return [id, Number(fields.split(' ')[16])];
  });
  return new Map(threads);
}

/** Rebuilds the block as the core would, and says whether it meets its target. */
function isSolved({ template }: MiningJob, { extraNonce, nonce }: MiningSolution): boolean {
  const coinbase = template.coinbase.raw.slice();
  coinbase.set(extraNonce, COINBASE_EXTRA_NONCE_OFFSET);
  const root = merkleRoot([hashFromBytes(doubleSha256(coinbase)), ...SIBLINGS]);
  const hash = blockHash({ ...template.header, merkleRoot: root, nonce });
  return hashToInteger(hash) <= bitsToTarget(template.header.bits);
}

/** A pool whose solutions can be awaited one by one. */
class Miner {
  readonly solutions: MiningSolution[] = [];
  readonly pool: MiningPool;
  #wake: () => void = () => {};

  constructor(options: { threads?: number; hashrateLimit?: number; budget?: MiningBudget } = {}) {
    this.pool = new MiningPool({
      threads: options.threads ?? 2,
      hashrateLimit: options.hashrateLimit ?? 0,
      budget: options.budget ?? null,
      onSolution: (solution) => {
        this.solutions.push(solution);
        this.#wake();
      },
      onError: (error) => {
        throw error;
      },
    });
  }

  async solve(job: MiningJob): Promise<MiningSolution> {
    const solved = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.pool.start(job);
    await solved;
    return this.solutions.at(-1)!;
  }

  /** Resolves when the pool has done this many hashes in all. */
  async hashes(atLeast: number): Promise<void> {
    await vi.waitUntil(() => this.pool.hashesDone >= atLeast, { interval: 2, timeout: 60_000 });
  }
}

describe('mining pool', () => {
  const miners: Miner[] = [];

  function openMiner(options: { threads?: number; hashrateLimit?: number; budget?: MiningBudget } = {}): Miner {
    const miner = new Miner(options);
    miners.push(miner);
    return miner;
  }

  afterEach(async () => {
    await Promise.all(miners.splice(0).map(({ pool }) => pool.close()));
  });

  it.each([1, 2])('solves a trivial job with %i threads, and then rests', async (threads) => {
    const miner = openMiner({ threads });
    const job = jobOf(1, TRIVIAL_BITS);
    const solution = await miner.solve(job);
    expect(solution.job).toBe(1);
    expect(solution.extraNonce).toHaveLength(8);
    expect(isSolved(job, solution)).toBe(true);
    expect(miner.pool.hashrate).toBe(0);
  });

  it('solves a hard job with all threads', async () => {
    const bits = targetToBits(2n ** 256n / 100_000n);
    const job = jobOf(7, bits);
    const miner = openMiner();
    const solution = await miner.solve(job);
    expect(isSolved(job, solution)).toBe(true);
    expect(miner.pool.jobHashes).toBeGreaterThan(0);
    expect(miner.pool.hashesDone).toBeGreaterThanOrEqual(miner.pool.jobHashes);
    expect(miner.pool.jobHashes).toBeLessThan(50 * Number(expectedHashes(bits)));
  });

  it('solves job after job, each once', async () => {
    const miner = openMiner();
    for (let number = 1; number <= 100; number++) {
      const job = jobOf(number, TRIVIAL_BITS);
      expect(isSolved(job, await miner.solve(job))).toBe(true);
    }
    expect(miner.solutions.map(({ job }) => job)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(miner.pool.hashesDone).toBeLessThan(100 * 256);
  });

  it('can be given the next job from within the report of a solution', async () => {
    const solved: number[] = [];
    await new Promise<void>((resolve) => {
      const pool: MiningPool = new MiningPool({
        threads: 2,
        hashrateLimit: 0,
        budget: null,
        onSolution: ({ job }) => {
          solved.push(job);
          job < 20 ? pool.start(jobOf(job + 1, TRIVIAL_BITS)) : resolve(pool.close());
        },
        onError: (error) => {
          throw error;
        },
      });
      pool.start(jobOf(1, TRIVIAL_BITS));
    });
    expect(solved).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it('never reports a job that was replaced or cancelled', async () => {
    const miner = openMiner();
    await miner.solve(jobOf(1, TRIVIAL_BITS));
    for (let number = 2; number < 40; number += 2) {
      miner.pool.start(jobOf(number, TRIVIAL_BITS));
      if (number % 4 === 0) miner.pool.cancel();
      await miner.solve(jobOf(number + 1, TRIVIAL_BITS));
    }
    expect(miner.solutions.filter(({ job }) => job % 2 === 0)).toEqual([]);
    expect(miner.solutions).toHaveLength(20);
  });

  it('leaves a hopeless job for the next one', async () => {
    const miner = openMiner();
    miner.pool.start(jobOf(1, HOPELESS_BITS));
    await miner.hashes(100_000);
    expect(miner.pool.hashrate).toBeGreaterThan(0);
    expect((await miner.solve(jobOf(2, TRIVIAL_BITS))).job).toBe(2);
    expect(miner.pool.jobHashes).toBeLessThan(100_000);
  });

  it('tells the hash rate of each thread, and of all', async () => {
    const miner = openMiner({ threads: 2 });
    miner.pool.start(jobOf(1, HOPELESS_BITS));
    await vi.waitUntil(() => miner.pool.threadHashrates.length === 2, { interval: 2, timeout: 60_000 });
    for (const rate of miner.pool.threadHashrates) expect(rate).toBeLessThan(miner.pool.hashrate);
    miner.pool.cancel();
    expect(miner.pool.threadHashrates).toEqual([]);
  });

  it('stops hashing when it is cancelled', async () => {
    const miner = openMiner();
    miner.pool.start(jobOf(1, HOPELESS_BITS));
    await miner.hashes(100_000);
    miner.pool.cancel();
    expect(miner.pool.hashrate).toBe(0);
    await miner.solve(jobOf(2, TRIVIAL_BITS));
    const { hashesDone } = miner.pool;
    await miner.solve(jobOf(3, TRIVIAL_BITS));
    expect(miner.pool.hashesDone - hashesDone).toBeLessThan(256);
  });

  it('searches for an easy block on demand in the thread that wants it, nonce by nonce', () => {
    const miner = openMiner();
    for (let number = 1; number <= 20; number++) {
      const job = jobOf(number, TRIVIAL_BITS, true);
      miner.pool.start(job);
      // It is there before any other thread could have answered.
      const solution = miner.solutions.at(-1)!;
      expect(solution.job).toBe(number);
      for (let nonce = 0; nonce <= solution.nonce; nonce++)
        expect(isSolved(job, { ...solution, nonce })).toBe(nonce === solution.nonce);
      expect(miner.pool.jobHashes).toBe(solution.nonce + 1);
    }
    expect(miner.pool.busyThreads).toBe(0);
  });

  it('varies the extra nonce from job to job, so that no two blocks are the same', () => {
    const miner = openMiner();
    for (let times = 0; times < 2; times++) miner.pool.start(jobOf(1, TRIVIAL_BITS, true));
    const [first, second] = miner.solutions;
    expect(first?.extraNonce).not.toEqual(second?.extraNonce);
  });

  it('lets others have their turn while it searches here', async () => {
    const miner = openMiner();
    const solving = miner.solve(jobOf(1, targetToBits(2n ** 256n / MAX_INLINE_HASHES), true));
    let [turns, isSolving] = [0, true];
    solving.then(() => {
      isSolving = false;
    });
    const seen = miner.pool.hashesDone;
    for (; isSolving; turns++) await nextTurn();
    const hashes = miner.pool.hashesDone - seen;
    expect(turns).toBeGreaterThanOrEqual(Math.floor(hashes / 256));
    expect(miner.pool.busyThreads).toBe(0);
  });

  it('gives up what it searches here when the job is cancelled or replaced', async () => {
    const miner = openMiner();
    const bits = targetToBits(2n ** 256n / MAX_INLINE_HASHES);
    for (let number = 1; number < 20; number += 2) {
      const before = miner.solutions.length;
      miner.pool.start(jobOf(number, bits, true));
      const isEarly = miner.solutions.length > before;
      if (number % 4 === 1) miner.pool.cancel();
      await miner.solve(jobOf(number + 1, TRIVIAL_BITS, true));
      expect(miner.solutions.slice(before).map(({ job }) => job)).toEqual(
        isEarly ? [number, number + 1] : [number + 1],
      );
    }
  });

  it.runIf(process.platform === 'linux').each([
    { what: 'a hard block on demand at ordinary priority', isOnDemand: true, nice: getPriority() },
    { what: 'continuously at the lowest priority', isOnDemand: false, nice: constants.priority.PRIORITY_LOW },
  ])('mines $what, in threads', async ({ isOnDemand, nice }) => {
    const before = niceValues();
    const miner = openMiner({ threads: 1 });
    expect(niceValues().size).toBe(before.size);
    miner.pool.start(jobOf(1, HOPELESS_BITS, isOnDemand));
    await miner.hashes(10_000);
    const started = [...niceValues()].filter(([id]) => !before.has(id));
    expect(started.map(([, value]) => value)).toContain(nice);
    const isLowered = started.some(([, value]) => value === constants.priority.PRIORITY_LOW);
    expect(isLowered).toBe(!isOnDemand);
  });

  it('keeps to its cap on demand too', async () => {
    const miner = openMiner({ hashrateLimit: 200 });
    const startedMs = performance.now();
    // Easy ones, which would be searched without a thread and in no time but for the cap. Luck may solve any at once.
    const easyBits = targetToBits(2n ** 256n / 16n);
    for (let job = 1; miner.pool.hashesDone < 50; job++) await miner.solve(jobOf(job, easyBits, true));
    const seconds = (performance.now() - startedMs) / 1000;
    expect(miner.pool.hashesDone).toBeLessThan(200 * seconds * 1.1 + 20);
  });

  it('stays under its cap', async () => {
    const capPerSecond = 20_000;
    const miner = openMiner({ hashrateLimit: capPerSecond });
    await miner.solve(jobOf(1, TRIVIAL_BITS));
    const [startedMs, before] = [performance.now(), miner.pool.hashesDone];
    miner.pool.start(jobOf(2, HOPELESS_BITS));
    await miner.hashes(before + capPerSecond);
    const seconds = (performance.now() - startedMs) / 1000;
    const longestSlice = capPerSecond * 0.04;
    expect(miner.pool.hashesDone - before).toBeLessThan(capPerSecond * seconds * 1.1 + longestSlice);
  });

  it('works steadily under a cap of a few hashes', async () => {
    const miner = openMiner({ hashrateLimit: 200 });
    const startedMs = performance.now();
    miner.pool.start(jobOf(1, HOPELESS_BITS));
    await miner.hashes(100);
    const seconds = (performance.now() - startedMs) / 1000;
    expect(miner.pool.hashesDone).toBeLessThan(200 * seconds * 1.1 + 20);
    expect(miner.pool.hashesDone).toBeLessThan(130);
  });

  it('takes a new cap at once, also while it waits under the old one', async () => {
    const miner = openMiner({ hashrateLimit: 1 });
    miner.pool.start(jobOf(1, HOPELESS_BITS));
    await miner.hashes(1);
    miner.pool.configure({ threads: 1, hashrateLimit: 0 });
    await miner.hashes(50_000);
    const job = jobOf(2, targetToBits(2n ** 256n / 20_000n));
    miner.pool.start(job);
    miner.pool.configure({ threads: 1000, hashrateLimit: 0 });
    await vi.waitUntil(() => miner.solutions.length > 0, { interval: 2, timeout: 60_000 });
    expect(isSolved(job, miner.solutions[0]!)).toBe(true);
  });

  it('shares a budget with another pool, so that both advance', async () => {
    const budget = MiningBudget.create(1);
    const one = openMiner({ budget });
    const other = openMiner({ budget: MiningBudget.from(budget.buffer, 1) });
    one.pool.start(jobOf(1, HOPELESS_BITS));
    other.pool.start(jobOf(1, HOPELESS_BITS));
    await Promise.all([one.hashes(200_000), other.hashes(200_000)]);
    await Promise.all([one.pool.close(), other.pool.close()]);
    const observer = MiningBudget.from(budget.buffer, 2);
    expect([observer.tryAcquire(), observer.tryAcquire()]).toEqual([true, false]);
  });

  it('returns its slots when it is closed, and starts nothing afterwards', async () => {
    const budget = MiningBudget.create(2);
    const miner = openMiner({ budget });
    miner.pool.start(jobOf(1, HOPELESS_BITS));
    await miner.hashes(10_000);
    await miner.pool.close();
    const observer = MiningBudget.from(budget.buffer, 2);
    expect([observer.tryAcquire(), observer.tryAcquire()]).toEqual([true, true]);
    const { hashesDone } = miner.pool;
    miner.pool.start(jobOf(2, TRIVIAL_BITS));
    expect(miner.pool.hashesDone).toBe(hashesDone);
    expect(miner.solutions).toEqual([]);
  });
});
