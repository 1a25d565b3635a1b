import { hash, randomBytes } from 'node:crypto';
import { openKernel } from '../../workers/kernel/kernel.ts';
import { inTurns, rate } from '../measure.ts';
import type { Question } from '../question.ts';

const ROUNDS = 15;
const ROUND_MS = 100;
const BATCH = 8_192;
const HEADER_BYTES = 80;
const NONCE_OFFSET = 76;
const MEGA = 1e6;
const NAMES = ['simd', 'scalar', 'javascript'] as const;

/** How many headers one core hashes a second, against `node:crypto` twice over the 80 bytes. */
export const hashrate: Question = {
  name: 'hashrate',
  title: 'Hash rate of one core',
  async run() {
    const prefix = new Uint8Array(randomBytes(NONCE_OFFSET));
    const kernels = NAMES.flatMap((name) => {
      const kernel = openKernel(name);
      if (!kernel) return [];
      kernel.load(prefix, 0n);
      let nonce = 0;
      const search = (count: number): number => {
        kernel.search(nonce, count);
        nonce = (nonce + count) % 2 ** 31;
        return count;
      };
      // Short calls first, so that the engine has compiled it before it is measured.
      for (let i = 0; i < 50; i++) search(BATCH / 8);
      return [{ label: name, measure: () => rate(ROUND_MS, () => search(BATCH)) / MEGA }];
    });
    const header = Buffer.from(randomBytes(HEADER_BYTES));
    let nonce = 0;
    const twice = (): number => {
      header.writeUInt32LE(nonce++, NONCE_OFFSET);
      hash('sha256', hash('sha256', header, 'buffer'), 'buffer');
      return 1;
    };
    const candidates = await inTurns(ROUNDS, [
      ...kernels,
      { label: 'crypto.hash twice', measure: () => rate(ROUND_MS, twice) / MEGA },
    ]);
    const [ours, baseline] = [candidates[0], candidates.at(-1)];
    if (!ours || !baseline) throw new Error('no kernel runs here');
    return {
      unit: 'MH/s',
      candidates,
      results: [
        {
          what: `${ours.label} over crypto.hash`,
          value: ours.median / baseline.median,
          unit: '×',
          goal: { least: 12 },
        },
      ],
    };
  },
};
