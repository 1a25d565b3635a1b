import * as v from 'valibot';
import { hasFields, JsonFileError, mustBe, parseJsonFile } from '../../consensus/json-file.ts';
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
 * Settings from all sources: flags take precedence over `FORKLORE_*` variables, and those over the configuration file.
 * Only the effective values are parsed.
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
    const texts = Array.isArray(value) ? value : [String(value)];
    return texts.map((text) => ({ label: layer.label(key), text }));
  }

  /** Whether a switch is on. Throws `UsageError` for a value that is neither true nor false. */
  on(key: string): boolean {
    const setting = this.one(key);
    return setting !== undefined && parseSwitch(setting.label, setting.text);
  }

  /** Rank of the source that gives the value, 0 for the strongest; -1 if none does. */
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

/** What a configuration file may say of a setting: its text, or what JSON has for it. */
const FILE_VALUE = v.union(
  [v.string(), v.pipe(v.number(), v.transform(String)), v.boolean()],
  mustBe('a string, a number, true or false'),
);
const FILE_LIST = v.union(
  [
    v.pipe(
      v.string(),
      v.transform((text) => [text]),
    ),
    v.array(v.string()),
  ],
  mustBe('a string or a list of strings'),
);

function fileLayer(known: readonly NodeFlag[], config: Setting): Layer {
  const inFile = known.filter(({ key }) => key !== CONFIG_KEY);
  const fields = Object.fromEntries(
    inFile.map(({ key, isList }) => [key, v.exactOptional(isList ? FILE_LIST : FILE_VALUE)]),
  );
  const schema = v.strictObject(fields, hasFields(fields));
  const text = readTextFile(config.label, config.text);
  try {
    const file = parseJsonFile(text, (json, messages) => v.safeParse(schema, json, messages));
    const values = new Map<string, RawValue>();
    for (const [key, value] of Object.entries(file)) if (value !== undefined) values.set(key, value);
    return { values, label: (key) => `${key} in ${config.text}` };
  } catch (error) {
    throw error instanceof JsonFileError ? new UsageError(`${config.label} ${config.text}: ${error.message}`) : error;
  }
}
