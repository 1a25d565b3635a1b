import { availableParallelism } from 'node:os';
import { PLANTED_BUGS } from './bugs.ts';
import { huntFor } from './plant.ts';

// `npm run planted-bugs -- [SEEDS [WORDS]]`: how many of the known bugs the simulator finds in so many seeds.

const DEFAULT_SEEDS = 300;
const NAME_WIDTH = 76;

const [seedsText = String(DEFAULT_SEEDS), ...words] = process.argv.slice(2);
const seeds = Number(seedsText);
if (!Number.isInteger(seeds) || seeds < 1) {
  process.stderr.write(`error: the number of seeds must be a whole number above 0, not ${seedsText}\n`);
  process.exit(2);
}
const bugs = PLANTED_BUGS.filter(({ name }) => name.includes(words.join(' ')));
if (bugs.length === 0) {
  const names = PLANTED_BUGS.map(({ name }) => `  ${name}`).join('\n');
  process.stderr.write(`error: no planted bug has "${words.join(' ')}" in its name; there are:\n${names}\n`);
  process.exit(2);
}
const foundAfter: number[] = [];
const waiting = [...bugs];
const work = async (): Promise<void> => {
  for (let bug = waiting.shift(); bug; bug = waiting.shift()) {
    const find = await huntFor(bug, 1, seeds);
    if (find) foundAfter.push(find.seed);
    const how = find ? `seed ${find.seed}: ${find.failure.check}` : 'NOT FOUND';
    process.stdout.write(`${bug.name.padEnd(NAME_WIDTH)} ${how}\n`);
  }
};
await Promise.all(Array.from({ length: availableParallelism() }, work));
const median = foundAfter.toSorted((a, b) => a - b)[foundAfter.length >> 1];
const soon = median === undefined ? '' : `, half of them by seed ${median}`;
process.stdout.write(`\n${foundAfter.length} of ${bugs.length} planted bugs found in ${seeds} seeds${soon}\n`);
