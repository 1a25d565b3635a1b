import { describe, expect, it } from 'vitest';
import { compileContract } from '../../../consensus/contract/compile.ts';
import type { Outcome } from '../../../consensus/contract/execution.ts';
import { MAX_CALL_GAS } from '../../../consensus/contract/limits.ts';
import { SourceError } from '../../../consensus/contract/source-error.ts';
import type { SourceErrorCode } from '../../../consensus/contract/source-errors.ts';
import type { TrapCode } from '../../../consensus/contract/traps.ts';
import { AddressValue } from '../../../consensus/contract/value.ts';
import { hexToBytes, utf8ToBytes } from '../../../consensus/hex.ts';
import {
  FAILING_CALLS,
  LINK_CONTRACT,
  OTHER_CONTRACT,
  SOURCE_MISTAKES,
  sourceOfFailure,
} from '../../../testing/contract-mistakes.ts';
import { ALICE, CONTRACT, ContractWorld } from '../../../testing/contract-world.ts';

function refusal(source: string | Uint8Array): SourceError {
  try {
    compileContract(typeof source === 'string' ? utf8ToBytes(source) : source);
  } catch (error) {
    if (error instanceof SourceError) return error;
    throw error;
  }
  throw new Error('it compiles');
}

describe('what has a name that TypeScript takes for a type of its own', () => {
  const WORDS = ['any', 'bigint', 'boolean', 'never', 'number', 'object', 'string', 'symbol', 'unknown'];
  const SOURCES = [
    'interface $ { a: number; } export class C {}',
    'type $ = number; export class C {}',
    'export class $ {}',
  ];
  it.each(SOURCES)('does not compile: %s', (source) => {
    const codes = WORDS.map((word) => refusal(source.replace('$', word)).code);
    expect(new Set(codes)).toEqual(new Set(['reserved-name']));
  });
});

describe('what TypeScript reads in another way', () => {
  it.each([
    // A variable `a`, and then an assignment to the elements of a pattern.
    ['line-break', 'export class C { run(): void { let a: number\n[] = [1]; } }'],
    // A template text with a tag that has types.
    ['type-arguments', 'export class C { run(a: number, b: number): void { let c = [a < b, b > `x`]; } }'],
    ['type-arguments', `export class C { run(a: number, b: number): void { let c = [a < b, b > \`x\${a}\`]; } }`],
    // Types end with the line, and a comma is missing.
    ['type-arguments', 'export class C { run(a: number, b: number): void { let c = [a < b, a >\nb]; } }'],
    // A constructor has no type.
    ['constructor-result', 'export class C { constructor(): void {} }'],
  ])('does not compile (%s): %s', (code, source) => {
    expect(refusal(source).code).toBe(code);
  });

  it('compiles where a `>` ends a line and no `<` stands before it in the list', () => {
    const source = 'export class C { run(a: number, b: number): void { let c = [a >\nb, (a < b), a > b]; } }';
    expect(() => compileContract(utf8ToBytes(source))).not.toThrow();
  });
});

describe('every mistake of a source', () => {
  const codes = Object.keys(SOURCE_MISTAKES) as SourceErrorCode[];

  it.each(codes)('%s is told with its line, its column and no empty place in its words', (code) => {
    const { code: found, line, column, message, detail } = refusal(SOURCE_MISTAKES[code]);
    expect(found).toBe(code);
    expect(line).toBeGreaterThan(0);
    expect(column).toBeGreaterThan(0);
    expect(message).toBe(`line ${line}, column ${column}: ${detail}`);
    expect(detail).not.toMatch(/ {2}|\$(?!\{)(?! and)|undefined/);
  });

  it.each([
    [
      'export class C {\n  run(): void {\n    let a = 1 == 1;\n  }\n}',
      3,
      15,
      '== is not part of the language: use ===',
    ],
    ["export class C {\n\tname = '한글🍴' + 1;\n}", 2, 16, '; is expected here, not +'],
    ['', 1, 1, 'export class is expected here, not the end'],
    ['export class C { f(): void { let a = this; } }', 1, 42, 'a dot and a field or method is expected here, not ;'],
    ['export class C { f(): void { switch (1) {} } }', 1, 30, 'switch is not part of the language: use if and else'],
    [
      'export class C { f(): void { let a = /x/; } }',
      1,
      38,
      '/ is not part of the language: there are no regular expressions',
    ],
  ])('%j is refused at line %i, column %i', (source, line, column, detail) => {
    expect(refusal(source)).toMatchObject({ line, column, detail });
  });
});

function fail(code: TrapCode): Outcome {
  const world = new ContractWorld();
  const { method = 'run', value = 0n, gas = MAX_CALL_GAS, args = '', ...source } = FAILING_CALLS[code];
  world.balances.set(ALICE, 10n);
  const other = '07'.repeat(20);
  expect(world.deploy(other, OTHER_CONTRACT).ok).toBe(true);
  for (let i = 0; i < 9; i++) {
    world.deploy(`${i}e`.repeat(20), LINK_CONTRACT, [new AddressValue(`${i + 1}e`.repeat(20))]);
  }
  expect(world.deploy(CONTRACT, sourceOfFailure(source))).toMatchObject({ ok: true });
  const contract = code === 'too-many-contracts' ? '0e'.repeat(20) : CONTRACT;
  return world.execute({ contract, method, args: hexToBytes(args), caller: ALICE, value, gasLimit: gas });
}

describe('every reason to fail', () => {
  it.each(Object.keys(FAILING_CALLS) as TrapCode[])('%s fails the call, and uses its gas', (code) => {
    const outcome = fail(code);
    expect(outcome).toMatchObject({ ok: false, gasUsed: FAILING_CALLS[code].gas ?? MAX_CALL_GAS, failure: { code } });
    if (!outcome.ok) expect(outcome.failure.message).not.toMatch(/ {2}|\$|undefined/);
  });
});
