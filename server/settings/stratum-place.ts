import { LAST_PORT } from '../http/ports.ts';
import type { StratumPlace } from '../node/node-options.ts';
import { OptionError } from '../process/expected-error.ts';
import { parseBindHost, parseWholeNumber } from './option-values.ts';
import { DEFAULT_HOST } from './setting-values.ts';
import type { Setting } from './settings.ts';

/** `PORT`, `HOST:PORT` or `[IPV6]:PORT`. */
const PLACE_PATTERN = /^(?:(?:\[([^\]]{1,100})\]|([^:[\]]{1,253})):)?(\d{1,5})$/;

/** Where mining programs connect; without a host only those of this machine. Throws `OptionError`. */
export function parseStratumPlace({ label, text }: Setting): StratumPlace {
  const [, bracketed, plain, portText] = PLACE_PATTERN.exec(text) ?? [];
  if (portText === undefined) {
    throw new OptionError(`${label} must be a port such as 3333, or HOST:PORT such as 0.0.0.0:3333, not "${text}"`);
  }
  const host = bracketed ?? plain ?? DEFAULT_HOST;
  return { host: parseBindHost(label, host), port: parseWholeNumber(label, portText, 0, LAST_PORT) };
}
