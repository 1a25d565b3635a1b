import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkContract } from '../../client/check-contract.ts';
import type { Finding } from '../../client/contract-findings.ts';
import { compileContract } from '../../consensus/contract/compile.ts';
import { utf8ToBytes } from '../../consensus/hex.ts';
import { SeededRandom } from '../../simulator/seeded-random.ts';
import { SOURCE_MISTAKES } from '../../testing/contract-mistakes.ts';
import { ALICE, CONTRACT, ContractWorld } from '../../testing/contract-world.ts';
import { CONDITIONAL_PAYMENT, COUNTER, TOKEN, VOTING } from '../../testing/contracts.ts';
import { sourceOfFailing, sourceOfSnippet, sourceOfWorking, WORKING } from '../../testing/first-day.ts';
import { FAILING, TRAPPING } from '../../testing/first-day-failing.ts';
import { type StrictMessage, strictMessages } from '../../testing/strict-typescript.ts';
import { STRICTER_MISTAKES, TYPE_MISTAKES } from '../../testing/type-mistakes.ts';
import { typeMutant } from '../../testing/type-mutants.ts';
import { mutatedSource } from '../fuzz/contracts/mutated-source.ts';
import { HELPER, HELPER_ADDRESS, randomProgram } from '../fuzz/contracts/random-program.ts';

/** On the first line, so that lines stay as they are. */
const IMPORT =
  "import { type Address, address, at, chain, List, require, sha256, Table, verify } from 'forklore/contract'; ";

const LEFT_OUT = 'the machine says what to write instead of something that it leaves out';
const FORM = 'the form is judged by the grammar of contracts, at the place where that cannot go on';
const RULE = 'the machine says which rule of contracts it is';
const LITERAL = 'tsc shows what the constant is';

/** Why a source that both refuse is refused in other words, or at another line. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  'an async method': LEFT_OUT,
  'console.log': LEFT_OUT,
  'a default with ??': LEFT_OUT,
  'a type assertion': LEFT_OUT,
  'an entry in brackets': RULE,
  'the address of the contract': FORM,
  'emit as a statement': LEFT_OUT,
  'a mapping': LEFT_OUT,
  'a uint256': LEFT_OUT,
  'a function within the class': LEFT_OUT,
  'a type at a call': FORM,
  'the word contract': LEFT_OUT,
  'a base class': LEFT_OUT,
  'another file': RULE,
  'bad-number': FORM,
  'leading-zero': FORM,
  expected: FORM,
  'line-break': FORM,
  'compared-twice': FORM,
  'type-arguments': FORM,
  'prefixed-power': FORM,
  'lonely-declaration': FORM,
  'other-module': RULE,
  'other-initial': RULE,
  'other-container': RULE,
  'no-property': LITERAL,
  'not-assignable': FORM,
};

/** Those that do not compile, by their names. */
const REFUSED = new Map([
  ...FAILING.map((snippet) => [snippet.name, sourceOfFailing(snippet)] as const),
  ...Object.entries(SOURCE_MISTAKES).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
]);
const MISTAKEN = new Map(TYPE_MISTAKES.map((mistake) => [mistake.name, sourceOfSnippet(mistake, 'void')]));
const STRICTER = new Map(STRICTER_MISTAKES.map((mistake) => [mistake.name, sourceOfSnippet(mistake, 'void')]));

/** Sources of the first day with one value or type exchanged, as far as they compile. */
const MUTANTS = new Map(
  WORKING.flatMap((snippet, i) => {
    const random = new SeededRandom(i);
    const mutants = Array.from({ length: 3 }, () => typeMutant(sourceOfWorking(snippet), random));
    return mutants
      .filter((source) => checkContract(source).program !== null)
      .map((source, place) => [`${snippet.name} ${place}`, source] as const);
  }),
);
/** What `tsc` refuses because it knows what a constant holds, or that an array may be empty. */
const NOT_FOLLOWED = /no overlap|is possibly 'undefined'/;

const GROUPS: readonly ReadonlyMap<string, string>[] = [REFUSED, MISTAKEN, STRICTER, MUTANTS];

/** What `tsc` says of all of them. */
let strict: ReadonlyMap<string, readonly StrictMessage[]>;

beforeAll(() => {
  const sources = GROUPS.flatMap((group, i) =>
    [...group].map(([name, source]) => [`${i} ${name}`, IMPORT + source] as const),
  );
  strict = strictMessages(new Map(sources));
});

/** What both say of the sources of a group. */
function bothOf(group: ReadonlyMap<string, string>) {
  const prefix = GROUPS.indexOf(group);
  return [...group].map(([name, source]) => {
    return { name, errors: errorsOf(IMPORT + source), told: strict.get(`${prefix} ${name}`) ?? [] };
  });
}

function errorsOf(source: string): Finding[] {
  return checkContract(source).findings.filter(({ severity }) => severity === 'error');
}

/** Whether `tsc` says the same at the same line; what it says besides does not matter. */
function isTold({ line, message }: Finding, told: readonly StrictMessage[]): boolean {
  return told.some((each) => each.line === line && each.text.includes(message));
}

describe('the checker and tsc --strict', () => {
  it('accept what works', () => {
    for (const snippet of WORKING) expect(errorsOf(sourceOfWorking(snippet)), snippet.name).toEqual([]);
    for (const source of [COUNTER, VOTING, CONDITIONAL_PAYMENT, TOKEN]) expect(errorsOf(source)).toEqual([]);
  });

  it('refuse mistakes in types at the same line, in the same words', () => {
    for (const { name, errors, told } of bothOf(MISTAKEN)) {
      expect(errors, name).not.toEqual([]);
      expect(isTold(errors[0]!, told), `${name}: ${JSON.stringify([errors, told])}`).toBe(true);
    }
  });

  it('differ where the machine is stricter, which a hint says', () => {
    for (const { name, errors, told } of bothOf(STRICTER)) {
      expect(told, name).toEqual([]);
      expect(errors, name).toMatchObject([{ hint: expect.any(String) }]);
    }
  });

  it('say of a line without a semicolon where that belongs', () => {
    const { findings } = checkContract('export class C {\n  count = 0\n  add(): void {}\n}\n');
    expect(findings).toMatchObject([{ line: 3, hint: expect.stringContaining('ends with a semicolon') }]);
  });

  it('agree on what a mistake in a type makes of a source, but where the machine is stricter', () => {
    for (const { name, errors, told } of bothOf(MUTANTS)) {
      const followed = told.filter(({ text }) => !NOT_FOLLOWED.test(text));
      const unexplained = errors.filter(({ hint }) => hint === null);
      if (errors.length === 0) expect(followed, name).toEqual([]);
      if (told.length === 0) expect(unexplained, name).toEqual([]);
    }
  });

  it('refuse what does not compile, in the same words but for the exceptions that say why', () => {
    const others = bothOf(REFUSED).filter(({ name, errors, told }) => {
      expect(errors, name).not.toEqual([]);
      return told.length > 0 && !isTold(errors[0]!, told);
    });
    const shown = others.map(({ name, errors, told }) => `${name}: ${errors[0]!.message} | ${told[0]!.text}`);
    expect(
      others.map(({ name }) => name),
      shown.join('\n'),
    ).toEqual(Object.keys(OTHER_WORDS));
  });

  it('accept the contracts of the examples', () => {
    const folder = fileURLToPath(new URL('../../examples/contracts', import.meta.url));
    const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const contracts = paths.filter((path) => /(?<!\.test)\.ts$/.test(path));
    expect(contracts.length).toBeGreaterThan(6);
    for (const path of contracts)
      expect(checkContract(readFileSync(join(folder, path), 'utf8')).findings, path).toEqual([]);
  });

  it('tell half of a character, which a text of JavaScript can hold', () => {
    expect(checkContract("export class A {\n  s = '\ud83c';\n}")).toMatchObject({
      findings: [{ line: 2, column: 8 }],
      program: null,
    });
  });

  it('tell before a deploy what would fail when it runs', () => {
    const unseen = TRAPPING.filter((snippet) => errorsOf(sourceOfFailing({ ...snippet, at: '' })).length === 0);
    expect(unseen.map(({ name }) => name)).toEqual(['an element that is not there', 'a payment of more than there is']);
  });

  it('accept random contracts, whose calls then never fail because of a type', () => {
    const random = new SeededRandom(49);
    const helper = compileContract(utf8ToBytes(HELPER));
    const typeFailures = ['wrong-type', 'wrong-types', 'no-value-yet', 'no-property'];
    for (let i = 0; i < 30; i++) {
      const { source, calls } = randomProgram(random);
      expect(errorsOf(source), source).toEqual([]);
      // Of what chance makes of it, much does not compile, and little is right.
      const mutants = Array.from({ length: 4 }, () => mutatedSource(source, random));
      for (const accepted of [source, ...mutants.filter((mutant) => errorsOf(mutant).length === 0)]) {
        const program = compileContract(utf8ToBytes(accepted));
        const world = new ContractWorld();
        world.balances.set(ALICE, 100n);
        world.deployProgram(HELPER_ADDRESS, helper, []);
        const outcomes = [world.deployProgram(CONTRACT, program, [])];
        for (const { method, x, text, list, value } of world.programs.has(CONTRACT) ? calls : []) {
          if (!program.entries.has(method)) continue;
          outcomes.push(world.call(CONTRACT, method, [x, text, [...list]], { value, gas: 85_000 }));
        }
        const codes = outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.failure.code));
        expect(
          codes.filter((code) => typeFailures.includes(code)),
          accepted,
        ).toEqual([]);
      }
    }
  });
});
