import { describe, expect, it } from 'vitest';
import { DEVELOPMENT_MNEMONIC } from '../../consensus/development-accounts.ts';
import { InvariantError } from '../../consensus/errors.ts';
import { MnemonicError, type MnemonicProblem, newMnemonic, parseMnemonic } from '../../consensus/mnemonic.ts';

function problemOf(text: string): MnemonicProblem {
  try {
    parseMnemonic(text);
  } catch (error) {
    if (error instanceof MnemonicError) return error.problem;
  }
  throw new Error(`${text} is a mnemonic`);
}

describe('mnemonics', () => {
  it('have twelve words that come from the entropy alone', () => {
    expect(newMnemonic(new Uint8Array(16))).toBe(`${'abandon '.repeat(11)}about`);
    const words = newMnemonic(new Uint8Array(16).fill(9));
    expect(parseMnemonic(words)).toBe(words);
    expect(() => newMnemonic(new Uint8Array(15))).toThrow(InvariantError);
  });

  it('are read in any case and with any spaces', () => {
    expect(parseMnemonic(`\n ${DEVELOPMENT_MNEMONIC.toUpperCase().replaceAll(' ', '  ')}`)).toBe(DEVELOPMENT_MNEMONIC);
  });

  it('say which word is unknown, and which one may be meant', () => {
    expect(problemOf(DEVELOPMENT_MNEMONIC.replace('junk', 'junck'))).toEqual({
      kind: 'unknown-word',
      position: 12,
      word: 'junck',
      hint: 'jungle',
    });
    expect(problemOf('xq')).toMatchObject({ position: 1, hint: null });
  });

  it('say what else is wrong', () => {
    expect(problemOf('  ')).toEqual({ kind: 'empty' });
    expect(problemOf('test junk')).toEqual({ kind: 'bad-length', words: 2 });
    expect(problemOf(DEVELOPMENT_MNEMONIC.replace('junk', 'test'))).toEqual({ kind: 'bad-checksum' });
  });
});
