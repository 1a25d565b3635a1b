import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { describeFailure, fuzz } from './driver.ts';
import type { FuzzTarget } from './target.ts';
import { TARGETS } from './targets.ts';

// `npm run fuzz -- --minutes 10`: all targets in turn, from a seed that is drawn and shown.
// `--only NAME` one of them, `--seed N` from there on, `--path P` the one input that a failure names.

const DEFAULT_MINUTES = 10;
const MS_PER_MINUTE = 60_000;
/** A target has its turn for so long, times its weight; then the next one has. */
const TURN_MS = 2_000;
const MAX_SEED = 2 ** 31;
const USAGE = 2;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
    path: { type: 'string' },
  },
});
const chosen = values.only === undefined ? TARGETS : TARGETS.filter(({ name }) => name === values.only);
if (chosen.length === 0)
  refuse(`there is no target ${values.only}; there are: ${TARGETS.map(({ name }) => name).join(', ')}`);
const minutes = Number(values.minutes ?? DEFAULT_MINUTES);
if (!(minutes > 0)) refuse('--minutes takes a number above 0');
const firstSeed = values.seed === undefined ? randomInt(MAX_SEED) : Number(values.seed);
if (!Number.isSafeInteger(firstSeed)) refuse('--seed takes a whole number');
if (values.path !== undefined && (values.only === undefined || values.seed === undefined)) {
  refuse('--path needs --only and --seed, as a failure names them');
}

const inputs = new Map<string, number>();
const failed = new Map<string, string>();
if (values.path === undefined) await runAll();
else await runOnce(values.path);
report();
process.exit(failed.size > 0 ? 1 : 0);

/** Rounds over all targets until the time is up, each round from a seed of its own. A target that fails is left alone afterwards. */
async function runAll(): Promise<void> {
  const endMs = performance.now() + minutes * MS_PER_MINUTE;
  print(`fuzzing ${chosen.length} targets for ${minutes} min from seed ${firstSeed}`);
  for (let seed = firstSeed; performance.now() < endMs; seed++) {
    for (const target of chosen) {
      const leftMs = endMs - performance.now();
      if (failed.has(target.name) || leftMs <= 0) continue;
      const limitMs = Math.min(TURN_MS * target.weight, leftMs);
      await run(target, { seed, runs: Number.MAX_SAFE_INTEGER, limitMs });
    }
    if (chosen.every(({ name }) => failed.has(name))) return;
  }
}

async function runOnce(path: string): Promise<void> {
  const [target] = chosen;
  if (target) await run(target, { seed: firstSeed, runs: 1, path });
}

async function run(target: FuzzTarget, plan: Parameters<typeof fuzz>[1]): Promise<void> {
  const result = await fuzz(target, plan);
  inputs.set(target.name, (inputs.get(target.name) ?? 0) + result.inputs);
  if (!result.failure) return;
  const text = describeFailure(target, result.failure);
  failed.set(target.name, text);
  print(text);
}

function report(): void {
  for (const { name } of chosen) {
    const outcome = failed.has(name) ? 'FAILED' : 'held';
    print(`${name.padEnd(24)} ${String(inputs.get(name) ?? 0).padStart(9)} inputs  ${outcome}`);
  }
  print(failed.size === 0 ? 'nothing found' : `${failed.size} of ${chosen.length} targets failed`);
}

function refuse(message: string): never {
  process.stderr.write(`error: ${message}\n`);
  process.exit(USAGE);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
