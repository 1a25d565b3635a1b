import type { SlotPath } from '../../../consensus/contract/slot-path.ts';
import { LIST_INDEX, type Storage } from '../../../consensus/contract/storage.ts';
import type { Field } from '../../../consensus/contract/syntax.ts';
import { Trap } from '../../../consensus/contract/trap.ts';
import { describeValue, scalarOf, type ValueType } from '../../../consensus/contract/types.ts';
import type { ScalarValue } from '../../../consensus/contract/value.ts';
import { List, Table } from '../language.ts';
import {
  bindList,
  bindTable,
  elementsOf,
  entriesOf,
  HeldElements,
  HeldEntries,
  type ListElements,
  type TableEntries,
} from './containers.ts';
import { machineScalar, machineValueOf, nativeValue } from './native-values.ts';

type FieldOf<Kind extends Field['kind']> = Extract<Field, { kind: Kind }>;

/** The fields of one contract while a transaction runs it natively: JavaScript's side of its storage. */
export class NativeFields {
  readonly #storage: Storage;
  /** Arrays as JavaScript has them, which it changes in place. */
  readonly #arrays = new Map<SlotPath, { readonly type: ValueType; readonly array: unknown[] }>();

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Gives an object the fields of a contract, which read and write its storage. */
  define(object: object, fields: readonly Field[], paths: readonly SlotPath[]): void {
    for (const [i, field] of fields.entries()) {
      const path = paths[i] as SlotPath;
      Object.defineProperty(object, field.name, { enumerable: true, ...this.#property(field, path) });
    }
  }

  /** Takes over what an object holds after its constructor: only now it is known which field a container is. */
  keep(object: Readonly<Record<string, unknown>>, fields: readonly Field[], paths: readonly SlotPath[]): void {
    for (const [i, field] of fields.entries()) {
      const path = paths[i] as SlotPath;
      const held = object[field.name];
      if (field.kind === 'value') {
        if (held !== undefined) this.#storage.write(path, field.type, machineValueOf(held, field.type));
      } else if (field.kind === 'table') {
        const entries = entriesOf(held as object);
        const bound = this.#entries(field, path);
        if (entries instanceof HeldEntries) for (const [key, value] of entries.held) bound.set(key, value);
      } else {
        const elements = elementsOf(held as object);
        const bound = this.#elements(field, path);
        if (elements instanceof HeldElements) for (const value of elements.held) bound.push(value);
      }
    }
  }

  /** What the transaction changed. Traps for an array that cannot be stored. */
  finish(): ReturnType<Storage['finish']> {
    for (const [path, { type, array }] of this.#arrays) {
      const stored = this.#storage.read(path, type) as ScalarValue[];
      stored.splice(0, stored.length, ...(machineValueOf(array, type) as ScalarValue[]));
    }
    return this.#storage.finish();
  }

  #property(field: Field, path: SlotPath): PropertyDescriptor {
    if (field.kind === 'table') {
      const table = new Table(undefined);
      bindTable(table, this.#entries(field, path));
      return { value: table };
    }
    if (field.kind === 'list') {
      const list = new List();
      bindList(list, this.#elements(field, path));
      return { value: list };
    }
    return { get: () => this.#get(field, path), set: (value) => this.#set(field, path, value) };
  }

  #get({ type, initial }: FieldOf<'value'>, path: SlotPath): unknown {
    const known = this.#arrays.get(path);
    if (known !== undefined) return known.array;
    let stored = this.#storage.read(path, type);
    if (stored === undefined) {
      if (initial === undefined) throw new Trap('no-value-yet');
      if (!Array.isArray(initial)) return nativeValue(initial);
      stored = initial.slice();
      this.#storage.hold(path, type, stored);
    }
    const value = nativeValue(stored);
    if (Array.isArray(value)) this.#arrays.set(path, { type, array: value });
    return value;
  }

  #set({ type }: FieldOf<'value'>, path: SlotPath, value: unknown): void {
    this.#storage.write(path, type, machineValueOf(value, type));
    if (Array.isArray(value)) this.#arrays.set(path, { type, array: value });
  }

  #entries({ key: keyType, type, absent }: FieldOf<'table'>, path: SlotPath): TableEntries {
    const storage = this.#storage;
    const place = (given: unknown) => {
      const key = machineScalar(given);
      if (scalarOf(key) !== keyType) throw new Trap('wrong-type', keyType, describeValue(key));
      return storage.entryPath(path, key);
    };
    return {
      get: (key) => nativeValue(storage.read(place(key), type) ?? absent),
      has: (key) => storage.read(place(key), type) !== undefined,
      set: (key, value) => storage.write(place(key), type, machineValueOf(value, type)),
      delete: (key) => storage.write(place(key), type, undefined),
    };
  }

  #elements({ type }: FieldOf<'list'>, path: SlotPath): ListElements {
    const storage = this.#storage;
    const length = () => (storage.read(path, LIST_INDEX) ?? 0) as number;
    const place = (given: number) => {
      const index = machineScalar(given);
      if (typeof index !== 'number') throw new Trap('wrong-type', 'number', describeValue(index));
      if (index < 0 || index >= length()) throw new Trap('no-element', `${index}`, `${length()}`);
      return storage.entryPath(path, index);
    };
    const read = (index: number) => nativeValue(storage.read(place(index), type) as ScalarValue);
    return {
      get length() {
        return length();
      },
      get: read,
      set: (index, value) => storage.write(place(index), type, machineValueOf(value, type)),
      push: (value) => {
        const index = length();
        storage.write(storage.entryPath(path, index), type, machineValueOf(value, type));
        storage.write(path, LIST_INDEX, index + 1);
      },
      pop: () => {
        const last = length() - 1;
        const value = read(last);
        storage.write(storage.entryPath(path, last), type, undefined);
        storage.write(path, LIST_INDEX, last);
        return value;
      },
    };
  }
}
