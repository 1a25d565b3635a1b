import type { NodeOptions } from '../server/node/node-options.ts';
import { OptionError } from '../server/process/expected-error.ts';
import { nodeOptionsOf } from '../server/settings/node-settings.ts';
import { type RawValue, Settings } from '../server/settings/settings.ts';
import { NodeError } from './node-error.ts';
import type { NodeSettings } from './types.ts';

/** Whether a setting takes one value or several. The flags of `forklore node` are the same but for `--config`. */
export const NODE_SETTINGS: Readonly<Record<keyof NodeSettings, 'one' | 'list'>> = {
  port: 'one',
  host: 'one',
  peer: 'list',
  discovery: 'one',
  noDiscovery: 'one',
  announce: 'one',
  dataDir: 'one',
  ephemeral: 'one',
  network: 'one',
  mine: 'one',
  miningThreads: 'one',
  hashrateLimit: 'one',
  minerAddress: 'one',
  verify: 'one',
  reindex: 'one',
  allowOrigin: 'list',
  allowHost: 'list',
  adminTokenFile: 'one',
  graphiql: 'one',
  logLevel: 'one',
  logFormat: 'one',
  name: 'one',
};

/** What a test wants where it says nothing: alone, on any free port, nothing kept, and one thread so that many fit. */
const DEFAULTS = new Map<string, RawValue>([
  ['port', '0'],
  ['network', 'regtest'],
  ['ephemeral', true],
  ['noDiscovery', true],
  ['miningThreads', '1'],
]);

/**
 * The options of a node from the settings of a program, as the command line would read them. Throws {@link NodeError}
 * `bad-option`.
 * @param caller function that was given the settings, for messages
 */
export function optionsOfNode(caller: string, given: NodeSettings): NodeOptions {
  try {
    const layers = [
      { values: rawValuesOf(given), label: (key: string) => key },
      { values: DEFAULTS, label: (key: string) => `${key} (default)` },
    ];
    return nodeOptionsOf(new Settings(layers), process.env);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new NodeError('bad-option', `${caller}: ${error.message}`);
  }
}

function rawValuesOf(given: NodeSettings): Map<string, RawValue> {
  const values = new Map<string, RawValue>();
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(NODE_SETTINGS, key)) {
      throw new OptionError(`there is no option "${key}"; there are ${Object.keys(NODE_SETTINGS).join(', ')}`);
    }
    if (value !== undefined) values.set(key, rawValueOf(key as keyof NodeSettings, value));
  }
  return values;
}

function rawValueOf(key: keyof NodeSettings, value: unknown): RawValue {
  if (NODE_SETTINGS[key] === 'list') {
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (list.every((item) => typeof item === 'string')) return list;
    throw new OptionError(`${key} must be a string or a list of strings`);
  }
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return String(value);
  throw new OptionError(`${key} must be a string, a number, true or false`);
}
