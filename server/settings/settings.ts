import { parseSwitch } from './option-values.ts';

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A value as it was given, before it is parsed. */
export type RawValue = string | boolean | readonly string[];
/** Raw values by the names of their settings, such as `dataDir`. */
export type RawValues = ReadonlyMap<string, RawValue>;

/** One value as text, with the name by which the user gave it. */
export interface Setting {
  /** `--port`, `FORKLORE_PORT`, `port in node.json`, or `port` where a program gave it. */
  readonly label: string;
  readonly text: string;
}

/** The values of one source. */
export interface SettingLayer {
  readonly values: RawValues;
  /** Name by which the user knows a setting of this source. */
  label(key: string): string;
}

/** Settings from all sources, the strongest first. Only the effective values are parsed. */
export class Settings {
  readonly #layers: readonly SettingLayer[];

  constructor(layers: readonly SettingLayer[]) {
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

  /** Whether a switch is on. Throws `OptionError` for a value that is neither true nor false. */
  on(key: string): boolean {
    const setting = this.one(key);
    return setting !== undefined && parseSwitch(setting.label, setting.text);
  }

  /** Rank of the source that gives the value, 0 for the strongest; -1 if none does. */
  rank(key: string): number {
    return this.#layers.findIndex((layer) => layer.values.has(key));
  }
}
