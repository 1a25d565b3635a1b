import { describe, expect, it } from 'vitest';
import found from '../vectors/found.json' with { type: 'json' };
import { inputFrom, opened } from './driver.ts';
import { TARGETS } from './targets.ts';

describe('what fuzzing once found holds', () => {
  it.each(found.map((vector) => [`${vector.target}: ${vector.note}`, vector] as const))('%s', async (_, vector) => {
    const target = TARGETS.find(({ name }) => name === vector.target);
    expect(target, 'a target of this name').toBeDefined();
    if (target) await opened(target, () => target.check(inputFrom(target, vector.input)));
  });
});
