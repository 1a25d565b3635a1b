import type { Plan } from '../plan.ts';
import { type Outcome, simulate, simulateTwice } from '../run.ts';
import { nativeCrypto } from './native-crypto.ts';

const crypto = nativeCrypto();

/** One network to run. */
export interface SeedTask {
  readonly plan: Plan;
  /** Whether it runs a second time, to see that it runs the same way. */
  readonly runsTwice: boolean;
  /** Not zero once it is to be given up. */
  readonly stop: Int32Array;
}

/** Runs one of many networks, in a thread of its own. */
export default function runSeed({ plan, runsTwice, stop }: SeedTask): Outcome {
  return (runsTwice ? simulateTwice : simulate)(plan, crypto, () => Atomics.load(stop, 0) === 0);
}
