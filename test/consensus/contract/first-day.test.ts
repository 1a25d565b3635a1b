import { describe, expect, it } from 'vitest';
import { compileContract } from '../../../consensus/contract/compile.ts';
import { SourceError } from '../../../consensus/contract/source-error.ts';
import { utf8ToBytes } from '../../../consensus/hex.ts';
import { ALICE, CONTRACT, ContractWorld, resultOf } from '../../../testing/contract-world.ts';
import { CONDITIONAL_PAYMENT, COUNTER, TOKEN, VOTING } from '../../../testing/contracts.ts';
import { sourceOfFailing, sourceOfWorking, WORKING } from '../../../testing/first-day.ts';
import { FAILING, TRAPPING } from '../../../testing/first-day-failing.ts';
import { strictMessages } from '../../../testing/strict-typescript.ts';

/** A world with one contract, and coins for who calls it. */
function worldWith(source: string): ContractWorld {
  const world = new ContractWorld();
  world.balances.set(ALICE, 100n);
  expect(world.deploy(CONTRACT, source)).toMatchObject({ ok: true });
  return world;
}

describe('what people write on their first day', () => {
  it.each(WORKING)('works: $name', (snippet) => {
    const world = worldWith(sourceOfWorking(snippet));
    const outcome = world.call(CONTRACT, 'run', [], { value: snippet.value ?? 0n });
    expect(resultOf(outcome, world.program(CONTRACT)!, 'run')).toEqual(snippet.gives);
  });

  it.each(FAILING)('does not compile, and says what to write instead: $name', (snippet) => {
    const source = sourceOfFailing(snippet);
    let refusal: unknown;
    try {
      compileContract(utf8ToBytes(source));
    } catch (error) {
      refusal = error;
    }
    if (!(refusal instanceof SourceError)) throw refusal ?? new Error('it compiles');
    expect(refusal.detail).toContain(snippet.hint);
    const { line, column } = refusal;
    expect(source.split('\n')[line - 1]?.slice(column - 1)).toMatch(startsWith(snippet.at));
  });

  it.each(TRAPPING)('compiles, and fails when it runs: $name', (snippet) => {
    const world = worldWith(sourceOfFailing({ ...snippet, at: '' }));
    const outcome = world.call(CONTRACT, 'run');
    expect(outcome.ok ? 'it works' : outcome.failure.message).toContain(snippet.hint);
  });
});

function startsWith(text: string): RegExp {
  return new RegExp(`^${text.replace(/[^\w\s]/g, '\\$&')}`);
}

/** What the machine knows without a declaration. */
const IMPORT =
  "import { type Address, address, at, chain, List, require, sha256, Table, verify } from 'forklore/contract'; ";

describe('tsc --strict, with the declaration of what the machine brings along', () => {
  it('accepts what compiles, but for the exceptions that say why', () => {
    const sources = new Map(WORKING.map((snippet) => [snippet.name, IMPORT + sourceOfWorking(snippet)]));
    for (const source of [COUNTER, VOTING, CONDITIONAL_PAYMENT, TOKEN]) {
      sources.set(source, source.startsWith('import') ? source : IMPORT + source);
    }
    const messages = strictMessages(sources);
    const refused = [...messages].filter(([, told]) => told.length > 0).map(([name]) => name);
    expect(refused, JSON.stringify([...messages].filter(([, told]) => told.length > 0))).toEqual(
      WORKING.filter(({ tscRefuses }) => tscRefuses !== undefined).map(({ name }) => name),
    );
  });
});
