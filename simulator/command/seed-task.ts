import { type Outcome, simulate, simulateTwice } from '../run.ts';
import { nativeCrypto } from './native-crypto.ts';
import { parseRequest } from './options.ts';

const crypto = nativeCrypto();

export interface SeedTask {
  readonly seed: number;
  /** The command line says what its plan is. */
  readonly argv: readonly string[];
  /** Not zero once the seed is to be given up. */
  readonly stop: Int32Array;
}

/** One seed of a campaign, in a thread of its own. */
export default function runSeed({ seed, argv, stop }: SeedTask): Outcome {
  const request = parseRequest(argv);
  const run = request.runsTwice ? simulateTwice : simulate;
  return run(request.planOf(seed), crypto, () => Atomics.load(stop, 0) === 0);
}
