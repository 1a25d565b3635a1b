import { isIP } from 'node:net';
import { describeRange, numbers, parseNumber, wholeNumbers } from '../../consensus/number-range.ts';
import type { MiningSchedule } from '../node/node-options.ts';
import { OptionError } from '../process/expected-error.ts';

/** Hashes per second that each suffix of a hash rate stands for. */
const HASHRATE_UNITS = { k: 1e3, M: 1e6, G: 1e9 } as const;
const HASHRATE_PATTERN = /^(\d{1,12}(?:\.\d{1,6})?)([kMG]?)$/;
const HOST_NAME_PATTERN = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;
/** Letters and digits of any language, with their accents. */
const NODE_NAME_PATTERN = /^[\p{L}\p{M}\p{N} ._-]{1,32}$/u;
/** Room for 32 letters of nearly every language; peers are told the name within 128 bytes that hold the version as well. */
const MAX_NODE_NAME_BYTES = 96;

/** Pauses between blocks of the `interval` mode. */
const INTERVAL_SECONDS = numbers(0.1, 86_400);
/** Default pause of the `interval` mode, in milliseconds. */
export const DEFAULT_INTERVAL_MS = 10_000;
const INTERVAL_PREFIX = 'interval:';

/** Largest index of a key of a mnemonic: the highest bit says that the derivation is hardened. */
export const MAX_ACCOUNT_INDEX = 2 ** 31 - 1;

/**
 * Every parser here takes the name by which the user knows the value (`--port`, `FORKLORE_PORT`, …) and its text, and
 * throws `OptionError` with one line that names it.
 */
export function parseWholeNumber(label: string, text: string, minimum: number, maximum: number): number {
  const range = wholeNumbers(minimum, maximum);
  const value = parseNumber(range, text);
  if (value === null) throw new OptionError(`${label} must be ${describeRange(range)}, not "${text}"`);
  return value;
}

/** One of a few words. */
export function parseChoice<T extends string>(label: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) throw new OptionError(`${label} must be ${listed(choices)}, not "${text}"`);
  return choice;
}

/** `true` or `false`, in words or as 1 and 0. */
export function parseSwitch(label: string, text: string): boolean {
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw new OptionError(`${label} must be true or false, not "${text}"`);
}

/** Hashes per second such as `500k`, `1.5M` or `250000`; 0 means no limit. */
export function parseHashrate(label: string, text: string): number {
  const [, number, unit] = HASHRATE_PATTERN.exec(text) ?? [];
  if (number === undefined) {
    throw new OptionError(`${label} must be hashes per second such as 500k, 1.5M or 250000, not "${text}"`);
  }
  const factor = unit === 'k' || unit === 'M' || unit === 'G' ? HASHRATE_UNITS[unit] : 1;
  const hashrate = Number(number) * factor;
  if (hashrate > 0 && hashrate < 1) throw new OptionError(`${label} must be 0 (no limit) or at least 1, not "${text}"`);
  return hashrate;
}

/** `off`, `continuous`, `on-transaction` or `interval:SECONDS`. */
export function parseMiningSchedule(label: string, text: string): MiningSchedule {
  if (!text.startsWith(INTERVAL_PREFIX)) {
    if (text === 'off' || text === 'continuous' || text === 'on-transaction') {
      return { mode: text, intervalMs: DEFAULT_INTERVAL_MS };
    }
    throw new OptionError(`${label} must be continuous, on-transaction, interval:SECONDS or off, not "${text}"`);
  }
  const secondsText = text.slice(INTERVAL_PREFIX.length);
  const seconds = parseNumber(INTERVAL_SECONDS, secondsText);
  if (seconds === null) {
    const { minimum, maximum } = INTERVAL_SECONDS;
    throw new OptionError(
      `${label} interval: needs a number of seconds from ${minimum} to ${maximum}, not "${secondsText}"`,
    );
  }
  return { mode: 'interval', intervalMs: Math.round(seconds * 1000) };
}

/** An address or name that a server can bind to. */
export function parseBindHost(label: string, text: string): string {
  if (isIP(text) === 0 && !HOST_NAME_PATTERN.test(text)) {
    throw new OptionError(`${label} must be a host name or an IP address such as 127.0.0.1, not "${text}"`);
  }
  return text;
}

/** A host name that requests may use, in lower case and without a port. */
export function parseHostName(label: string, text: string): string {
  if (isIP(text) === 0 && !HOST_NAME_PATTERN.test(text)) {
    throw new OptionError(
      `${label} must be a host name such as node.example.org, without http:// and port, not "${text}"`,
    );
  }
  return text.toLowerCase();
}

/** A web origin, exactly as browsers send it. */
export function parseOrigin(label: string, text: string): string {
  const url = parseUrl(text);
  if (url === undefined || !isHttp(url) || url.origin !== text.toLowerCase().replace(/\/$/, '')) {
    throw new OptionError(
      `${label} must be an origin such as https://example.org or http://localhost:8000, not "${text}"`,
    );
  }
  return url.origin;
}

/** The name of a node. */
export function parseNodeName(label: string, text: string): string {
  if (!NODE_NAME_PATTERN.test(text) || Buffer.byteLength(text) > MAX_NODE_NAME_BYTES) {
    throw new OptionError(
      `${label} must be 1 to 32 letters, digits, spaces, dots, dashes or underscores, in at most ${MAX_NODE_NAME_BYTES} bytes, not "${text}"`,
    );
  }
  return text;
}

function isHttp(url: URL): boolean {
  return url.protocol === 'http:' || url.protocol === 'https:';
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
