import { SourceError } from './source-error.ts';
import type { PackedPosition } from './source-position.ts';
import type { Signature, ValueType } from './types.ts';
import type { ScalarValue } from './value.ts';

/** What separates the names of a record's properties; no name holds it. */
const SEPARATOR = ',';

/** The names of a record's properties as one key, whatever their order. */
export function shapeOf(names: readonly string[]): string {
  return names.toSorted().join(SEPARATOR);
}

/** What stands at the top of a file, as far as it was read. A thing is used only below its declaration. */
export class Declarations {
  readonly names = new Set<string>();
  readonly constants = new Map<string, ScalarValue>();
  readonly shapes = new Set<string>();
  readonly properties = new Set<string>();

  readonly #types = new Map<string, ValueType>();
  readonly #interfaces = new Map<string, ReadonlyMap<string, Signature>>();

  /** Takes a name for this file. Throws {@link SourceError} if it was taken before. */
  declare(at: PackedPosition, name: string): string {
    if (this.names.has(name)) throw new SourceError('declared-twice', at, [name]);
    this.names.add(name);
    return name;
  }

  addType(name: string, type: ValueType): void {
    this.#types.set(name, type);
    if (type.kind !== 'record') return;
    const names = type.properties.map((property) => property.name);
    this.shapes.add(shapeOf(names));
    for (const property of names) this.properties.add(property);
  }

  addInterface(name: string, signatures: ReadonlyMap<string, Signature>): void {
    this.#interfaces.set(name, signatures);
  }

  addConstant(name: string, value: ScalarValue): void {
    this.constants.set(name, value);
  }

  typeNamed(name: string): ValueType | undefined {
    return this.#types.get(name);
  }

  interfaceNamed(name: string): ReadonlyMap<string, Signature> | undefined {
    return this.#interfaces.get(name);
  }
}
