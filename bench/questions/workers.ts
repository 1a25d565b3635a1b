import { setTimeout as delay, setImmediate as nextTick } from 'node:timers/promises';
import { MiningPool } from '../../server/mining/mining-pool.ts';
import { type Candidate, inTurns, summary } from '../measure.ts';
import type { Question } from '../question.ts';
import { hopelessJob } from '../support/hopeless-job.ts';

const ROUNDS = 7;
const WARM_MS = 700;
const ROUND_MS = 1_000;
const MEGA = 1e6;

/** Hashes a second that the pool is told to keep to. */
const CAP = 1_000_000;
const CAP_MS = 3_000;
const STOPS = 40;

/** Whether a second thread of the node's own pool doubles the hash rate, and whether it does as it is told. */
export const workers: Question = {
  name: 'workers',
  title: 'Hash rate of the mining pool',
  async run() {
    const pool = new MiningPool({
      threads: 2,
      hashrateLimit: 0,
      budget: null,
      onSolution: () => {
        throw new Error('the job is hopeless');
      },
      onError: (error) => {
        throw error;
      },
    });
    let job = 0;
    const hashesPerSecond = async (threads: number): Promise<number> => {
      pool.configure({ threads, hashrateLimit: 0 });
      pool.start(hopelessJob(job++));
      await delay(WARM_MS);
      const [startMs, before] = [performance.now(), pool.hashesDone];
      await delay(ROUND_MS);
      const rate = ((pool.hashesDone - before) / (performance.now() - startMs)) * 1_000;
      pool.cancel();
      return rate / MEGA;
    };
    const candidates = (await inTurns(ROUNDS, [
      { label: 'two threads', measure: () => hashesPerSecond(2) },
      { label: 'one thread', measure: () => hashesPerSecond(1) },
    ])) as [Candidate, Candidate];
    const cappedRate = await hashrateUnderCap(pool, job++);
    const stops: number[] = [];
    for (let i = 0; i < STOPS; i++) stops.push(await stopMs(pool, job++));
    await pool.close();
    const [two, one] = candidates;
    const stopping = summary({ label: 'until all threads have left a job', values: stops });
    return {
      unit: 'MH/s',
      candidates: [
        ...candidates,
        { label: 'two threads under a cap of 1 MH/s', median: cappedRate / MEGA, spread: 0 },
        { ...stopping, unit: 'ms' },
      ],
      results: [
        { what: 'two threads over one', value: two.median / one.median, unit: '×', goal: { least: 1.85 } },
        {
          what: `distance from a cap of ${CAP / MEGA} MH/s`,
          value: Math.abs(cappedRate / CAP - 1) * 100,
          unit: '%',
          goal: { most: 5 },
        },
        {
          what: 'until all threads have left a job, median',
          value: stopping.median,
          unit: 'ms',
          goal: { most: 5 },
        },
      ],
    };
  },
};

async function hashrateUnderCap(pool: MiningPool, job: number): Promise<number> {
  pool.configure({ threads: 2, hashrateLimit: CAP });
  pool.start(hopelessJob(job));
  await delay(WARM_MS);
  const [startMs, before] = [performance.now(), pool.hashesDone];
  await delay(CAP_MS);
  const rate = ((pool.hashesDone - before) / (performance.now() - startMs)) * 1_000;
  pool.cancel();
  return rate;
}

/** Time from the call that ends a job to the end of the last slice that worked on it. */
async function stopMs(pool: MiningPool, job: number): Promise<number> {
  pool.configure({ threads: 2, hashrateLimit: 0 });
  pool.start(hopelessJob(job));
  await delay(WARM_MS / 7);
  const startMs = performance.now();
  pool.cancel();
  while (pool.busyThreads > 0) await nextTick();
  return performance.now() - startMs;
}
