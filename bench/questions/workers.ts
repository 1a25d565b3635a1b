import { setTimeout as delay } from 'node:timers/promises';
import { MiningPool } from '../../server/mining/mining-pool.ts';
import { type Candidate, inTurns } from '../measure.ts';
import type { Question } from '../question.ts';
import { hopelessJob } from '../support/hopeless-job.ts';

const ROUNDS = 7;
const WARM_MS = 700;
const ROUND_MS = 1_000;
const MEGA = 1e6;

/** Whether a second thread of the node's own pool doubles the hash rate. */
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
    await pool.close();
    const [two, one] = candidates;
    return {
      unit: 'MH/s',
      candidates,
      results: [{ what: 'two threads over one', value: two.median / one.median, unit: '×', goal: { least: 1.85 } }],
    };
  },
};
