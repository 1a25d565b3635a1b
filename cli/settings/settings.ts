import { UsageError } from '../cli-errors.ts';
import { flagName, type NodeFlag, type RawValue, type RawValues, variableName } from './node-flags.ts';
import { parseSwitch } from './option-values.ts';
import { readTextFile } from './read-text-file.ts';

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One value as text, with the name by which the user gave it. */
export interface Setting {
  /** `--port`, `FORKLORE_PORT` or `port in node.json`. */
  readonly label: string;
  readonly text: string;
}

interface Layer {
  readonly values: RawValues;
  label(key: string): string;
}

const CONFIG_KEY = 'config';

/**
 * What was asked for, from every source: a flag wins over a `FORKLORE_*` variable, which wins over the configuration
 * file. Only the values that win are ever parsed.
 */
export class Settings {
  readonly #layers: readonly Layer[];

  constructor(layers: readonly Layer[]) {
    this.#layers = layers;
  }

  /** The value of a setting that takes one. */
  one(key: string): Setting | undefined {
    return this.many(key).at(-1);
  }

  /** The values of a setting that takes several; those of one source only. */
  many(key: string): readonly Setting[] {
    const layer = this.#layers[this.rank(key)];
    const value = layer?.values.get(key);
    if (layer === undefined || value === undefined) return [];
    const texts = Array.isArray(value) ? value : [typeof value === 'boolean' ? String(value) : value];
    return texts.map((text) => ({ label: layer.label(key), text }));
  }

  /** Whether a switch is on. Throws `UsageError` for a value that is neither true nor false. */
  on(key: string): boolean {
    const setting = this.one(key);
    return setting !== undefined && parseSwitch(setting.label, setting.text);
  }

  /** Place of the source that gives the value, 0 is strongest; -1 when none does. */
  rank(key: string): number {
    return this.#layers.findIndex((layer) => layer.values.has(key));
  }
}

/**
 * Reads the environment and the configuration file that flag or environment name; `known` are the settings that they
 * may hold. Throws `UsageError`.
 */
export function openSettings(known: readonly NodeFlag[], flags: RawValues, environment: Environment): Settings {
  const flagLayer: Layer = { values: flags, label: flagName };
  const variableLayer: Layer = { values: variablesOf(known, environment), label: variableName };
  const layers = [flagLayer, variableLayer];
  const config = new Settings(layers).one(CONFIG_KEY);
  return new Settings(config === undefined ? layers : [...layers, fileLayer(known, config)]);
}

function variablesOf(known: readonly NodeFlag[], environment: Environment): RawValues {
  const values = new Map<string, RawValue>();
  for (const { key, isList } of known) {
    const text = environment[variableName(key)];
    // An empty variable is how shells and container files say "not set".
    if (text === undefined || text === '') continue;
    values.set(key, isList ? text.split(',').map((part) => part.trim()) : text);
  }
  return values;
}

function fileLayer(flags: readonly NodeFlag[], config: Setting): Layer {
  const file = parseFile(config, readTextFile(config.label, config.text));
  const values = new Map<string, RawValue>();
  for (const [key, value] of Object.entries(file)) {
    const known = flags.find((flag) => flag.key === key && key !== CONFIG_KEY);
    if (known === undefined) throw new UsageError(`${config.label} ${config.text}: unknown setting "${key}"`);
    const raw = rawValueOf(value, known.isList);
    if (raw === undefined) {
      const expected = known.isList ? 'a string or a list of strings' : 'a string, a number, true or false';
      throw new UsageError(`${key} in ${config.text} must be ${expected}`);
    }
    values.set(key, raw);
  }
  return { values, label: (key) => `${key} in ${config.text}` };
}

function parseFile(config: Setting, text: string): object {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (error) {
    throw new UsageError(
      `${config.label}: ${config.text} is not JSON (${error instanceof Error ? error.message : error})`,
    );
  }
  if (typeof file !== 'object' || file === null || Array.isArray(file)) {
    throw new UsageError(`${config.label}: ${config.text} must be a JSON object such as { "port": 5000 }`);
  }
  return file;
}

function rawValueOf(value: unknown, isList: boolean): RawValue | undefined {
  if (typeof value === 'string') return isList ? [value] : value;
  if (isList) return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
  if (typeof value === 'number') return String(value);
  return typeof value === 'boolean' ? value : undefined;
}
