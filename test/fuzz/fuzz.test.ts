import { describe, expect, it } from 'vitest';
import { describeFailure, fuzz } from './driver.ts';
import { TARGETS } from './targets.ts';

/** The same inputs in every run of the tests; `npm run fuzz` draws others. */
const SEED = 20_260_101;

describe(`foreign input, from seed ${SEED}`, () => {
  it.each(TARGETS.map((target) => [target.name, target] as const))('%s', async (_, target) => {
    const { inputs, failure } = await fuzz(target, { seed: SEED, runs: target.shortRuns });
    expect(failure && describeFailure(target, failure)).toBeNull();
    expect(inputs).toBe(target.shortRuns);
  });
});
