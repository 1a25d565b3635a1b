import { resolve } from 'node:path';
import { isBlockedPort, LAST_PORT } from '../http/ports.ts';
import { OptionError } from '../process/expected-error.ts';
import { parseBindHost, parseChoice, parseHostName, parseWholeNumber } from './option-values.ts';
import type { Setting, Settings } from './settings.ts';

/** Default host of servers: only this machine can reach them. */
export const DEFAULT_HOST = '127.0.0.1';

/** The value of a setting, or its default if it was not given. Throws what `parse` throws, which is `OptionError`. */
export function parsed<T>(settings: Settings, key: string, byDefault: T, parse: (setting: Setting) => T): T {
  const setting = settings.one(key);
  return setting === undefined ? byDefault : parse(setting);
}

/** A parser of whole numbers in this range. */
export function wholeNumber(minimum: number, maximum: number): (setting: Setting) => number {
  return ({ label, text }) => parseWholeNumber(label, text, minimum, maximum);
}

/** A parser of ports to listen on; 0 takes any free one. Those that browsers refuse are refused. */
export function listenPort({ label, text }: Setting): number {
  const port = parseWholeNumber(label, text, 0, LAST_PORT);
  refuseBlockedPort(label, port);
  return port;
}

/** Throws `OptionError` for a port that browsers refuse to connect to. */
export function refuseBlockedPort(label: string, port: number): void {
  if (!isBlockedPort(port)) return;
  throw new OptionError(
    `${label}: browsers refuse to connect to port ${port}, which belongs to another protocol; choose another`,
  );
}

/** A parser of a few words. */
export function oneOf<T extends string>(choices: readonly T[]): (setting: Setting) => T {
  return ({ label, text }) => parseChoice(label, text, choices);
}

/** A parser of paths, which makes them absolute. */
export function pathOf({ label, text }: Setting): string {
  if (text === '') throw new OptionError(`${label} must be a path, not empty`);
  return resolve(text);
}

/** The address to listen on. */
export function hostOf(settings: Settings): string {
  return parsed(settings, 'host', DEFAULT_HOST, ({ label, text }) => parseBindHost(label, text));
}

/** Accepted host names besides loopback names, in lower case. */
export function allowedHostsOf(settings: Settings): string[] {
  return settings.many('allowHost').map(({ label, text }) => parseHostName(label, text));
}
