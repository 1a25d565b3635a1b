import type { MiningMode, MiningSettings } from '../../client/requests.ts';
import type { Miner } from '../../client/types.ts';
import { describeRange, numbers, parseNumber } from '../../consensus/number-range.ts';
import type { MiningSchedule } from '../../server/node/node-options.ts';
import { parseHashrate, parseMiningSchedule, parseWholeNumber } from '../../server/settings/option-values.ts';
import { UsageError } from '../cli-errors.ts';
import { minerModeText } from '../output/event-line.ts';
import { formatHashrate, json, orDash, record } from '../output/output.ts';
import { type CliContext, type ClientFlags, withNode } from './client-context.ts';

/** More threads are a typing error; the node takes as many as it has cores. */
const MAX_THREADS = 1_024;
const INTERVAL_SECONDS = numbers(0.1, 86_400);
const MS_PER_SECOND = 1_000;
const MODES: Readonly<Record<MiningSchedule['mode'], MiningMode>> = {
  off: 'OFF',
  continuous: 'CONTINUOUS',
  'on-transaction': 'ON_TRANSACTION',
  interval: 'INTERVAL',
};

/** Flags of `forklore mining start` and `set`. */
export interface MiningFlags extends ClientFlags {
  readonly mode?: string;
  readonly threads?: string;
  readonly hashrateLimit?: string;
  readonly interval?: string;
  readonly address?: string;
}

/** `forklore mining show`: settings and speed of the miner. */
export async function showMining(flags: ClientFlags, context: CliContext): Promise<void> {
  await withNode(flags, context, async ({ client }) => printMiner(await client.miner(), flags, context));
}

/** `forklore mining start`: mines from now on, continuously where no mode is named. */
export async function startMining(mode: string | undefined, flags: MiningFlags, context: CliContext): Promise<void> {
  await changeMining({ mode: 'CONTINUOUS', ...modeOf('MODE', mode), ...settingsOf(flags) }, flags, context);
}

/** `forklore mining stop`: mines only when it is told to. */
export async function stopMining(flags: ClientFlags, context: CliContext): Promise<void> {
  await changeMining({ mode: 'OFF' }, flags, context);
}

/** `forklore mining set`: changes what is given, and leaves the rest. */
export async function setMining(flags: MiningFlags, context: CliContext): Promise<void> {
  const mode = modeOf('--mode', flags.mode);
  if (mode.intervalSeconds !== undefined && flags.interval !== undefined) {
    throw new UsageError('--mode interval:SECONDS and --interval exclude each other: give one of them');
  }
  const settings = { ...mode, ...settingsOf(flags) };
  if (Object.keys(settings).length === 0) {
    throw new UsageError('nothing to set: give --mode, --threads, --hashrate-limit, --interval or --address');
  }
  await changeMining(settings, flags, context);
}

async function changeMining(settings: Partial<MiningSettings>, flags: ClientFlags, context: CliContext): Promise<void> {
  await withNode(flags, context, async ({ client }) => {
    const mode = settings.mode ?? (await client.miner()).mode;
    printMiner(await client.setMining({ ...settings, mode }), flags, context);
  });
}

function modeOf(label: string, text: string | undefined): Partial<MiningSettings> {
  if (text === undefined) return {};
  const { mode, intervalMs } = parseMiningSchedule(label, text);
  return { mode: MODES[mode], ...(mode === 'interval' ? { intervalSeconds: intervalMs / MS_PER_SECOND } : {}) };
}

function settingsOf({ threads, hashrateLimit, interval, address }: MiningFlags): Partial<MiningSettings> {
  return {
    ...(threads === undefined ? {} : { threads: parseWholeNumber('--threads', threads, 1, MAX_THREADS) }),
    ...(hashrateLimit === undefined ? {} : { hashrateLimit: parseHashrate('--hashrate-limit', hashrateLimit) }),
    ...(interval === undefined ? {} : { intervalSeconds: parseInterval(interval) }),
    ...(address === undefined ? {} : { address }),
  };
}

function parseInterval(text: string): number {
  const seconds = parseNumber(INTERVAL_SECONDS, text);
  if (seconds !== null) return seconds;
  throw new UsageError(`--interval must be ${describeRange(INTERVAL_SECONDS)} (seconds), not "${text}"`);
}

function printMiner(miner: Miner, flags: ClientFlags, { terminal }: CliContext): void {
  if (flags.json) return terminal.print(json(miner));
  const { mode, working, hashrate, hashrateLimit, threads, maxThreads, intervalSeconds, address, stratum } = miner;
  const interval: [string, string][] = mode === 'INTERVAL' ? [['interval', `${intervalSeconds} s`]] : [];
  const programs: [string, string][] = stratum ? [['Stratum', `${stratum.listens}, for mining programs`]] : [];
  terminal.print(
    record(terminal.colors, [
      ['mode', terminal.colors.bold(minerModeText(mode))],
      ['now', working ? `mining, ${formatHashrate(hashrate)}` : 'at rest'],
      ...interval,
      ['threads', `${orDash(threads)} of ${orDash(maxThreads)}`],
      ['limit', hashrateLimit === null ? 'none' : formatHashrate(hashrateLimit)],
      ['address', orDash(address)],
      ...programs,
    ]),
  );
}
