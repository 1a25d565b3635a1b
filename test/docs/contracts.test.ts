import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileContract } from '../../consensus/contract/compile.ts';
import * as limits from '../../consensus/contract/limits.ts';
import { SOURCE_ERRORS } from '../../consensus/contract/source-errors.ts';
import { TRAPS } from '../../consensus/contract/traps.ts';
import { LEFT_OUT } from '../../consensus/contract/words.ts';
import { utf8ToBytes } from '../../consensus/hex.ts';

const PAGE = readFileSync(new URL('../../docs/contracts.md', import.meta.url), 'utf8');

function shown(limit: number | bigint): string {
  if (typeof limit === 'bigint') return '2^255 − 1';
  return limit === limits.MAX_NUMBER ? '2^53 − 1' : limit.toLocaleString('en');
}

describe('docs/contracts.md', () => {
  it('has every limit, with its value', () => {
    for (const [name, limit] of Object.entries(limits)) expect(PAGE).toContain(`| \`${name}\` | ${shown(limit)} |`);
  });

  it('has every mistake and every reason to fail, in their words', () => {
    for (const [code, words] of Object.entries({ ...SOURCE_ERRORS, ...TRAPS })) {
      expect(PAGE).toContain(`| \`${code}\` | ${words.replaceAll('|', '\\|')} |`);
    }
  });

  it('names every word that is left out of the language', () => {
    const list = /left out of the language:\s*`([^`]*)`/.exec(PAGE)?.[1]?.split(/\s+/);
    expect(list).toEqual([...LEFT_OUT.keys()]);
  });

  it('begins with a contract that compiles', () => {
    const source = /```ts\n(import[\s\S]*?)```/.exec(PAGE)?.[1] ?? '';
    expect(compileContract(utf8ToBytes(source)).name).toBe('Voting');
  });
});

it.each(['contracts.md', 'solidity.md', 'first-contract.md'])('the contracts that docs/%s shows compile', (name) => {
  const page = readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
  const sources = Array.from(page.matchAll(/^```ts.*\n(import [\s\S]*?)^```$/gm), ([, source = '']) => source);
  const contracts = sources.filter((source) => source.includes('export class'));
  expect(contracts).toHaveLength(1);
  for (const source of contracts) expect(() => compileContract(utf8ToBytes(source))).not.toThrow();
});
