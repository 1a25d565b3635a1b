import { hash, randomBytes } from 'node:crypto';
import { digest } from '@chainsafe/as-sha256';
import { sha256 as noble } from '@noble/hashes/sha2.js';
import { createSHA256 } from 'hash-wasm';
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

/** What else hashes in Node.js and browsers, each in its fastest form for many small messages. */
async function libraries(): Promise<Record<string, (bytes: Uint8Array) => Uint8Array>> {
  const hasher = await createSHA256();
  return {
    '@noble/hashes twice': noble,
    'hash-wasm twice': (bytes) => hasher.init().update(bytes).digest('binary'),
    '@chainsafe/as-sha256 twice': (bytes) => digest(bytes),
  };
}

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
    const others = Object.entries(await libraries()).map(([label, sha256]) => {
      const bytes = new Uint8Array(header);
      const view = new DataView(bytes.buffer);
      const work = (): number => {
        view.setUint32(NONCE_OFFSET, nonce++, true);
        sha256(sha256(bytes));
        return 1;
      };
      return { label, measure: () => rate(ROUND_MS, work) / MEGA };
    });
    const candidates = await inTurns(ROUNDS, [
      ...kernels,
      { label: 'crypto.hash twice', measure: () => rate(ROUND_MS, twice) / MEGA },
      ...others,
    ]);
    const [ours, baseline] = [candidates[0], candidates[kernels.length]];
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
          obstacle:
            'crypto.hash makes two objects for each header, and what these cost varies from run to run; the kernel makes none.',
        },
      ],
    };
  },
};
