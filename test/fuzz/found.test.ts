import { describe, expect, it } from 'vitest';
import { hexToBytes } from '../../consensus/hex.ts';
import found from '../vectors/found.json' with { type: 'json' };
import { TARGETS } from './targets.ts';

describe('what fuzzing once found holds', () => {
  it.each(found.map((vector) => [`${vector.target}: ${vector.note}`, vector] as const))('%s', async (_, vector) => {
    const target = TARGETS.find(({ name }) => name === vector.target);
    expect(target, 'a target of this name').toBeDefined();
    const input = target?.notation === 'bytes' ? hexToBytes(String(vector.input)) : vector.input;
    await target?.check(input);
  });
});
