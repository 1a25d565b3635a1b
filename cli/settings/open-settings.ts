import * as v from 'valibot';
import { hasFields, JsonFileError, mustBe, parseJsonFile } from '../../consensus/json-file.ts';
import { OptionError } from '../../server/process/expected-error.ts';
import { readTextFile } from '../../server/settings/read-text-file.ts';
import {
  type Environment,
  type RawValue,
  type RawValues,
  type Setting,
  type SettingLayer,
  Settings,
} from '../../server/settings/settings.ts';
import { flagName, type NodeFlag, variableName } from './node-flags.ts';

const CONFIG_KEY = 'config';

/**
 * Settings from all sources: flags take precedence over `FORKLORE_*` variables, and those over the configuration file that
 * flag or variable name; `known` are the settings that they may hold. Throws `OptionError`.
 */
export function openSettings(known: readonly NodeFlag[], flags: RawValues, environment: Environment): Settings {
  const flagLayer: SettingLayer = { values: flags, label: flagName };
  const variableLayer: SettingLayer = { values: variablesOf(known, environment), label: variableName };
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

function fileLayer(known: readonly NodeFlag[], config: Setting): SettingLayer {
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
    throw error instanceof JsonFileError ? new OptionError(`${config.label} ${config.text}: ${error.message}`) : error;
  }
}
