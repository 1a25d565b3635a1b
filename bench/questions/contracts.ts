import { GAS_KEPT_BYTE, GAS_LOAD_BYTE } from '../../consensus/contract/prices.ts';
import { TOKEN, VOTING } from '../../testing/contracts.ts';
import { lawOf, summary } from '../measure.ts';
import type { Answer, Question } from '../question.ts';
import { figure } from '../report.ts';
import { ContractBench, signedOperations } from '../support/contract-bench.ts';
import type { Operation } from '../support/contract-operations.ts';

const COLD = { rounds: 9, roundsBefore: 5, keeps: false, gas: 200_000 } as const;
const WARM = { rounds: 5, roundsBefore: 5, keeps: true, gas: 1_000_000 } as const;
const ROUNDS = 9;
const VOTES = 5_000;
const NANOSECONDS = 1e9;
/** What a gas stands for, in nanoseconds; no operation may take more than twice that. */
const NANOSECONDS_PER_GAS = 25;
/** Methods of the sources by which compile time is measured. */
const METHODS = [4, 16, 64] as const;

interface Priced {
  readonly what: string;
  readonly cold: number;
  readonly warm: number;
}

/** What contracts cost in time, against what they cost in gas. */
export const contracts: Question = {
  name: 'contracts',
  title: 'Contracts',
  async run() {
    const bench = await ContractBench.make();
    try {
      return await answer(bench);
    } finally {
      await bench.close();
    }
  },
};

async function answer(bench: ContractBench): Promise<Answer> {
  const priced = (await price(bench, signedOperations())).sort((a, b) => b.cold - a.cold);
  const dearest = priced[0] as Priced;
  const [vote] = await bench.run({ kind: 'votes', rounds: ROUNDS, votes: VOTES });
  const votes = summary({ label: 'votes of the series', values: (vote ?? []).map((ns) => NANOSECONDS / ns) });
  const sources = [VOTING, TOKEN, SHORT_METHODS, ...METHODS.map(methodsSource)];
  const costs = await bench.run({ kind: 'sources', rounds: ROUNDS, sources });
  const labels = ['the vote', 'a token', 'nothing but short methods'];
  const [ofVote, ofToken, ofMethods] = labels.map((what, i) =>
    summary({ label: `compiling ${what}`, values: costs[i] ?? [] }),
  );
  if (!ofVote || !ofToken || !ofMethods) throw new Error('nothing was compiled');
  const sized = METHODS.map((methods, i) => {
    const size = methodsSource(methods).length;
    return { size, cost: size * summary({ label: '', values: costs[labels.length + i] ?? [] }).median };
  });
  return {
    unit: 'ns a byte',
    candidates: [{ ...votes, unit: '/CPU s' }, ofVote, ofToken, ofMethods],
    results: [
      { what: 'votes executed', value: votes.median, unit: '/CPU s', goal: { least: 10_000 } },
      { what: `the dearest operation, cold: ${dearest.what}`, value: dearest.cold, ...TWICE },
      { what: 'loading the vote', value: ofVote.median / GAS_LOAD_BYTE, ...TWICE },
      { what: 'loading the dearest source', value: ofMethods.median / GAS_LOAD_BYTE, ...TWICE },
      { what: 'deploying it', value: ofMethods.median / (GAS_KEPT_BYTE + GAS_LOAD_BYTE), ...TWICE },
    ],
    table: {
      columns: ['ns a gas', 'cold', 'warm'],
      rows: priced.map(({ what, cold, warm }) => [what.replaceAll('|', '\\|'), figure(cold), figure(warm)]),
    },
    growth: [
      ...sized.map(({ size, cost }) => `${figure(size)} bytes compile in ${figure(cost / 1e6)} ms`),
      lawOf('The time to compile', sized),
    ],
    notes: [
      'Processor time, with that of the engine’s collector and compilers. Cold: in a thread that has run all other operations, a program that was never run, and slots that are read from the database. Warm: a thread that runs nothing else, with program and slots kept.',
      'A row is a transaction that does little else; reading variables and the loop are part of it. What trees and disks take for slots that are written is not.',
    ],
  };
}

const TWICE = { unit: 'ns a gas', goal: { most: 2 * NANOSECONDS_PER_GAS } } as const;

async function price(bench: ContractBench, operations: readonly Operation[]): Promise<Priced[]> {
  const { directory } = bench;
  const cold = await bench.run({ kind: 'operations', operations, directory, ...COLD });
  const priced: Priced[] = [];
  for (const [i, operation] of operations.entries()) {
    const [warm] = await bench.run({ kind: 'operations', operations: [operation], directory, ...WARM });
    priced.push({
      what: operation.what,
      cold: summary({ label: '', values: cold[i] ?? [] }).median,
      warm: summary({ label: '', values: warm ?? [] }).median,
    });
  }
  return priced;
}

/** What takes most time for each byte: a method is much, and `f0(): void {} ` is little text. */
const SHORT_METHODS = `export class C { ${Array.from({ length: 1_000 }, (_, i) => `f${i}(): void {}`).join(' ')} }`;

/** A contract with so many methods of an ordinary kind. */
function methodsSource(methods: number): string {
  const each = Array.from(
    { length: methods },
    (_, i) => `
  /** Adds to one of the counts. */
  add${i}(key: string, amount: number): number {
    require(amount > 0, 'the amount is positive');
    const sum = this.counts.get(key) + amount * ${i};
    this.counts.set(key, sum);
    return sum;
  }
`,
  );
  return `export class Counts {\n  counts = new Table<string, number>(0);\n${each.join('')}}\n`;
}
