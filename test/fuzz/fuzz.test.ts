import { describe, expect, it } from 'vitest';
import found from '../vectors/found.json' with { type: 'json' };
import { describeFailure, fuzz, inputFrom, opened } from './driver.ts';
import { TARGETS } from './targets.ts';

/** The same inputs in every run of the tests; `npm run fuzz` draws others. */
const SEED = 20_260_101;

describe('what fuzzing once found holds', () => {
  it.each(found.map((vector) => [`${vector.target}: ${vector.note}`, vector] as const))('%s', async (_, vector) => {
    const target = TARGETS.find(({ name }) => name === vector.target);
    expect(target, 'a target of this name').toBeDefined();
    if (target) await opened(target, () => target.check(inputFrom(target, vector.input)));
  });
});

describe(`foreign input, from seed ${SEED}`, () => {
  it.each(TARGETS.map((target) => [target.name, target] as const))('%s', async (_, target) => {
    const { inputs, failure } = await fuzz(target, { seed: SEED, runs: target.shortRuns });
    expect(failure && describeFailure(target, failure)).toBeNull();
    expect(inputs).toBe(target.shortRuns);
  });
});
