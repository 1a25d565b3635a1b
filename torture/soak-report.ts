import Table from 'cli-table3';
import { formatAmount } from '../consensus/amount.ts';
import type { LevelChange } from './samples.ts';
import type { SoakResult } from './soak.ts';

const BYTES_PER_MIB = 1_048_576;

/** What a soak that held has shown, for people. */
export function soakTable({ contents, kills, cuts, freezes, transactions, levels, seconds }: SoakResult): string {
  const table = new Table({
    head: ['of a node never killed', 'middle third', 'last third'],
    style: { head: [], border: [] },
  });
  for (const [i, changes] of levels.entries()) {
    for (const { name, middle, last } of changes ?? []) {
      table.push([`node ${i}: ${name.replace('Bytes', ', MiB')}`, shown(name, middle), shown(name, last)]);
    }
  }
  const summary = [
    `${seconds.toFixed(0)} s, ${kills} kills, ${cuts} cuts, ${freezes} freezes.`,
    `One tip on all nodes: height ${contents.height}, ${contents.tip}.`,
    `${transactions} acknowledged transactions, all confirmed; supply ${formatAmount(contents.supply)}, exact on each node.`,
  ];
  const isJudged = levels.every((changes) => changes !== null);
  return [...(isJudged ? [String(table)] : ['Too short to judge levels.']), ...summary].join('\n');
}

/** The same for programs. */
export function soakJson(seed: number, { contents, ...rest }: SoakResult): string {
  return JSON.stringify({ seed, ...rest, contents: { ...contents, supply: formatAmount(contents.supply) } }, null, 2);
}

function shown(name: LevelChange['name'], value: number): string {
  return name.endsWith('Bytes') ? (value / BYTES_PER_MIB).toFixed(1) : String(value);
}
