import picocolors from 'picocolors';
import { printable } from '../../consensus/quotable.ts';
import type { Environment } from '../../server/settings/settings.ts';

/** Functions that colour a text, or leave it as it is where colours are not wanted. */
export type Colors = ReturnType<typeof picocolors.createColors>;

/** What the program writes to; `process.stdout` is one. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Standard output and error of a command. */
export interface Terminal {
  /** Whether standard output is a terminal: only then progress is drawn. */
  readonly isInteractive: boolean;
  readonly colors: Colors;
  /** Result. */
  print(text: string): void;
  /** Anything that is not the result. */
  printError(text: string): void;
  progressLine(): ProgressLine;
}

/** One line that is redrawn on a terminal, and not shown elsewhere. */
export interface ProgressLine {
  update(text: string): void;
  /** Removes the line, so that something lasting can be printed. */
  clear(): void;
}

const RATE_UNITS = ['H/s', 'kH/s', 'MH/s', 'GH/s', 'TH/s', 'PH/s'];
const RATE_STEP = 1000;
/** From here on three digits round up to the next unit. */
const RATE_CARRY = 999.5;
const DEFAULT_COLUMNS = 80;
const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_HOUR = 3_600;
const SECONDS_PER_DAY = 86_400;
const SECONDS_PER_YEAR = 365 * SECONDS_PER_DAY;
const EMPTY = '–';

/** Colours are for people at a terminal, unless `NO_COLOR` (https://no-color.org) is set to anything but nothing. */
export function wantsColors(stream: OutputStream, environment: Environment): boolean {
  return stream.isTTY === true && !environment.NO_COLOR;
}

/** Standard output and error as a command uses them. */
export function openTerminal(stdout: OutputStream, stderr: OutputStream, environment: Environment): Terminal {
  return {
    isInteractive: stdout.isTTY === true,
    colors: picocolors.createColors(wantsColors(stdout, environment)),
    print: (text) => stdout.write(`${text}\n`),
    printError: (text) => stderr.write(`${text}\n`),
    progressLine: () => openProgressLine(stderr),
  };
}

/** Names and values below each other. */
export function record(colors: Colors, fields: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...fields.map(([name]) => name.length));
  return fields.map(([name, value]) => `${colors.dim(name.padEnd(width))}  ${value}`).join('\n');
}

/** The same data for programs. */
export function json(data: unknown): string {
  return JSON.stringify(data, null, 2);
}

/** A value, or a dash for none. */
export function orDash(value: string | number | null | undefined): string {
  return value === null || value === undefined ? EMPTY : printable(String(value));
}

/** Three digits and a unit: `512 H/s`, `1.25 MH/s`. */
export function formatHashrate(hashesPerSecond: number): string {
  let value = hashesPerSecond;
  let unit = 0;
  while (value >= RATE_CARRY && unit < RATE_UNITS.length - 1) {
    value /= RATE_STEP;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : value.toPrecision(3)} ${RATE_UNITS[unit]}`;
}

/** The two largest units: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`, `3 y 35 d`. A year has 365 days. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return 'unknown';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < SECONDS_PER_MINUTE) return `${whole} s`;
  if (whole < SECONDS_PER_HOUR) return twoUnits(whole, SECONDS_PER_MINUTE, 'min', 1, 's');
  if (whole < SECONDS_PER_DAY) return twoUnits(whole, SECONDS_PER_HOUR, 'h', SECONDS_PER_MINUTE, 'min');
  if (whole < SECONDS_PER_YEAR) return twoUnits(whole, SECONDS_PER_DAY, 'd', SECONDS_PER_HOUR, 'h');
  return twoUnits(whole, SECONDS_PER_YEAR, 'y', SECONDS_PER_DAY, 'd');
}

/** ISO 8601 time of a block with its distance from now. Blocks that are mined very fast are ahead of the clock. */
export function formatTime(iso: string, nowMs: number): string {
  const seconds = (nowMs - Date.parse(iso)) / 1000;
  const distance = seconds < 0 ? `its clock is ${formatDuration(-seconds)} ahead` : `${formatDuration(seconds)} ago`;
  return `${printable(iso)} (${distance})`;
}

/** ISO 8601 time that a clock shows, with its distance from the clock of this machine. */
export function formatClock(iso: string, nowMs: number): string {
  const seconds = (nowMs - Date.parse(iso)) / 1000;
  const distance = `${formatDuration(Math.abs(seconds))} ${seconds < 0 ? 'ahead' : 'behind'}`;
  return `${printable(iso)} (${distance})`;
}

function twoUnits(seconds: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((seconds % large) / small);
  const head = `${Math.floor(seconds / large)} ${largeName}`;
  return rest === 0 ? head : `${head} ${rest} ${smallName}`;
}

function openProgressLine(stream: OutputStream): ProgressLine {
  if (stream.isTTY !== true) return { update: () => {}, clear: () => {} };
  return {
    update: (text) => {
      // A line that wraps could not be drawn over. Some terminals say that they have no columns.
      const width = (stream.columns || DEFAULT_COLUMNS) - 1;
      stream.write(`\r\u001b[2K${[...text].slice(0, width).join('')}`);
    },
    clear: () => stream.write('\r\u001b[2K'),
  };
}
