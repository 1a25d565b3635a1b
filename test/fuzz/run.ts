import { randomInt } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { Option } from 'commander';
import { numbers, wholeNumbers } from '../../consensus/number-range.ts';
import { npmCommand, numberOf, parseCommand, ScriptOptionError } from '../../simulator/command/command-line.ts';
import { EXIT_INTERRUPTED, untilInterrupted } from '../../simulator/command/interruption.ts';
import { Progress } from '../../simulator/command/progress.ts';
import { describeFailure, fuzz } from './driver.ts';
import type { FuzzTarget } from './target.ts';
import { TARGETS } from './targets.ts';

// `npm run fuzz`

const DEFAULT_MINUTES = 10;
const MIN_MINUTES = 0.1;
const MAX_MINUTES = 10_080;
const MS_PER_MINUTE = 60_000;
/** Longest turn of a target, times its weight; then the next one has its. */
const MAX_TURN_MS = 2_000;
/** Shortest turn: enough for a few inputs of the slowest. */
const MIN_TURN_MS = 200;
/** fast-check takes seeds of 32 bits. */
const MAX_SEED = 2 ** 31 - 1;

interface Options {
  readonly minutes: number;
  readonly seed?: number;
  readonly only?: FuzzTarget;
  readonly path?: string;
}

const command = npmCommand(
  'fuzz',
  'Gives every place that takes foreign bytes or text inputs that were made up or mutated, and looks whether its promises hold.',
)
  .option('--minutes <m>', 'how long', numberOf('--minutes', numbers(MIN_MINUTES, MAX_MINUTES)), DEFAULT_MINUTES)
  .option('--only <target>', 'one of the targets below', targetNamed)
  .option('--seed <n>', 'where the inputs begin (default: drawn)', numberOf('--seed', wholeNumbers(0, MAX_SEED)))
  .addOption(
    new Option('--path <p>', 'the one input that a failure names, with --only and --seed')
      .argParser(inputPath)
      .conflicts('minutes'),
  )
  .addHelpText('after', () => `\nTargets:\n${TARGETS.map(({ name }) => `  ${name}`).join('\n')}`);
const options = parseCommand(command, process.argv.slice(2), (values: Options) => {
  if (values.path !== undefined && (values.only === undefined || values.seed === undefined))
    throw new ScriptOptionError('--path needs --only and --seed, as a failure names them');
  return values;
});
const chosen = options.only ? [options.only] : TARGETS;
const firstSeed = options.seed ?? randomInt(MAX_SEED);
const interruption = untilInterrupted();
const progress = new Progress('fuzzing');

const inputs = new Map<string, number>();
const failed = new Map<string, string>();
if (options.path === undefined) await runAll(options.minutes * MS_PER_MINUTE);
else await runOnce(options.path);
report();
process.exit(failed.size > 0 ? 1 : interruption.aborted ? EXIT_INTERRUPTED : 0);

function inputPath(text: string): string {
  if (!/^\d+(:\d+)*$/.test(text)) throw new ScriptOptionError(`--path must be numbers like 12:0:3, not "${text}"`);
  return text;
}

function targetNamed(name: string): FuzzTarget {
  const target = TARGETS.find((each) => each.name === name);
  if (!target) throw new ScriptOptionError(`there is no target "${name}"; --help lists them`);
  return target;
}

/** Rounds over all targets until the time is up, each round from a seed of its own. A target that fails is left alone afterwards. */
async function runAll(durationMs: number): Promise<void> {
  const endMs = performance.now() + durationMs;
  const weights = chosen.reduce((sum, { weight }) => sum + weight, 0);
  const turnMs = Math.min(MAX_TURN_MS, Math.max(MIN_TURN_MS, durationMs / weights));
  print(`fuzzing ${chosen.length} targets for ${options.minutes} min from seed ${firstSeed}`);
  for (let seed = firstSeed; performance.now() < endMs; seed++) {
    for (const target of chosen) {
      // In the first round everybody has a turn, even where that takes longer than was asked for.
      const isOver = seed > firstSeed && performance.now() >= endMs;
      if (failed.has(target.name) || isOver || interruption.aborted) continue;
      await run(target, { seed, runs: Number.MAX_SAFE_INTEGER, limitMs: turnMs * target.weight });
      progress.show(1 - Math.max(0, endMs - performance.now()) / durationMs, `· ${target.name}`);
      // Only between two turns of its loop is the program told of signals.
      await setImmediate();
    }
    if (interruption.aborted || chosen.every(({ name }) => failed.has(name))) return;
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
    const count = inputs.get(name) ?? 0;
    const outcome = count === 0 ? 'not reached' : 'held';
    print(`${name.padEnd(24)} ${String(count).padStart(9)} inputs  ${failed.has(name) ? 'FAILED' : outcome}`);
  }
  print(failed.size === 0 ? 'nothing found' : `${failed.size} of ${chosen.length} targets failed`);
}

function print(text: string): void {
  progress.end();
  process.stdout.write(`${text}\n`);
}
