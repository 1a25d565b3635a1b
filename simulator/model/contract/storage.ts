import { bytesToHex, utf8ToBytes } from '../../../consensus/hex.ts';
import { decode, encode, encodeScalar } from './encoding.ts';
import type { Gas } from './gas.ts';
import { MAX_VALUE_BYTES } from './limits.ts';
import {
  elementsGas,
  FIRST_USE_GAS,
  INDEX_GAS,
  LIST_GAS,
  LIST_ROUND_ELEMENT_GAS,
  LIST_ROUND_GAS,
  SLOT_GAS,
  WRITE_GAS,
  WRITTEN_BYTE_GAS,
} from './prices.ts';
import type { Field, SourceFile } from './syntax.ts';
import { Trap } from './trap.ts';
import type { ValueType } from './types.ts';
import { hasType, type Scalar, type Value } from './value.ts';
import { expectIndex } from './value-methods.ts';

type ValueField = Field & { readonly kind: 'value' };
type Table = Field & { readonly kind: 'table' };
type List = Field & { readonly kind: 'list' };

interface Slot {
  /** What it held before the transaction. */
  readonly before: Uint8Array | undefined;
  now: Uint8Array | undefined;
}

/** The array that a field is throughout a transaction. */
interface LoadedArray {
  value: Scalar[];
  isAssigned: boolean;
  /** Encoding of what the field was before the transaction. */
  readonly before: Uint8Array | undefined;
}

const NUMBER: ValueType = { kind: 'scalar', scalar: 'number' };

/** Section 7 of `docs/contracts.md`: what a contract has in the state, in one transaction. Paths are hex digits. */
export class Storage {
  readonly #file: SourceFile;
  readonly #read: (path: string) => Uint8Array | undefined;
  readonly #gas: Gas;
  readonly #slots = new Map<string, Slot>();
  readonly #arrays = new Map<ValueField, LoadedArray>();

  /** `read` gives what a slot held before the transaction. */
  constructor(file: SourceFile, read: (path: string) => Uint8Array | undefined, gas: Gas) {
    this.#file = file;
    this.#read = read;
    this.#gas = gas;
  }

  readField(name: string): Value {
    const field = this.#file.fields.get(name) as ValueField;
    this.#gas.charge(SLOT_GAS);
    const slot = this.#use(pathOf(name));
    if (field.type.kind === 'array') return this.#arrayOf(field, slot).value;
    const value = slot.now ? decodeStored(slot.now, field.type) : field.initial;
    if (value === undefined) throw new Trap('no-value-yet');
    return value as Value;
  }

  #arrayOf(field: ValueField, slot: Slot): LoadedArray {
    const known = this.#arrays.get(field);
    if (known) return known;
    const initial = field.initial as readonly Scalar[] | undefined;
    if (slot.now === undefined && initial === undefined) throw new Trap('no-value-yet');
    const before = slot.now ?? encode([...(initial ?? [])], field.type);
    if (slot.now === undefined) this.#gas.charge(before.length);
    const loaded = { value: decodeStored(before, field.type) as Scalar[], isAssigned: false, before };
    this.#arrays.set(field, loaded);
    return loaded;
  }

  assignField(name: string, value: Value): void {
    const field = this.#file.fields.get(name) as ValueField;
    this.#gas.charge(SLOT_GAS);
    const slot = this.#use(pathOf(name));
    const encoded = this.#store(value, field.type);
    if (Array.isArray(value)) {
      const before = this.#arrays.get(field)?.before;
      this.#arrays.set(field, { value, isAssigned: true, before });
    } else slot.now = encoded;
  }

  callTable(name: string, method: string, [key, value]: readonly Value[]): Value | undefined {
    const field = this.#file.fields.get(name) as Table;
    expectType(key as Value, { kind: 'scalar', scalar: field.keys });
    const encodedKey = encodeScalar(key as Scalar);
    this.#gas.charge(SLOT_GAS + encodedKey.length);
    expectStorable(encodedKey);
    const slot = this.#use(pathOf(name, encodedKey));
    if (method === 'get') return slot.now ? decodeStored(slot.now, field.type) : field.absent;
    if (method === 'has') return slot.now !== undefined;
    slot.now = method === 'delete' ? undefined : this.#store(value as Value, field.type);
    return undefined;
  }

  callList(name: string, method: string, args: readonly Value[]): Value | undefined {
    const { type } = this.#file.fields.get(name) as List;
    this.#gas.charge(LIST_GAS);
    const lengthSlot = this.#use(pathOf(name));
    const length = lengthIn(lengthSlot);
    this.#gas.charge(INDEX_GAS);
    if (method === 'push') {
      this.#use(pathOf(name, encodeScalar(length))).now = this.#store(args[0] as Value, type);
      this.#gas.charge(INDEX_GAS);
      lengthSlot.now = encodeScalar(length + 1);
      return undefined;
    }
    const index = expectIndex(method === 'pop' ? length - 1 : (args[0] as Value), length);
    const slot = this.#use(pathOf(name, encodeScalar(index)));
    const value = decodeStored(slot.now as Uint8Array, type);
    if (method === 'get') return value;
    if (method === 'set') {
      slot.now = this.#store(args[1] as Value, type);
      return undefined;
    }
    this.#gas.charge(INDEX_GAS);
    slot.now = undefined;
    lengthSlot.now = encodeScalar(length - 1);
    return value;
  }

  lengthOfList(name: string): number {
    this.#gas.charge(SLOT_GAS);
    return lengthIn(this.#use(pathOf(name)));
  }

  /** The element of a round of `for … of`, or undefined behind the last one. */
  nextOfList(name: string, index: number): Value | undefined {
    const { type } = this.#file.fields.get(name) as List;
    this.#gas.charge(LIST_ROUND_GAS);
    if (index >= lengthIn(this.#use(pathOf(name)))) return undefined;
    this.#gas.charge(LIST_ROUND_ELEMENT_GAS);
    return decodeStored(this.#use(pathOf(name, encodeScalar(index))).now as Uint8Array, type);
  }

  /** Charges for all that changed, and gives it by path; undefined where the slot is removed. */
  finish(): Map<string, Uint8Array | undefined> {
    for (const [field, { value, isAssigned, before }] of this.#arrays) {
      expectType(value, field.type);
      const encoded = encode(value, field.type);
      this.#gas.charge(elementsGas(value) + encoded.length);
      expectStorable(encoded);
      const isChanged = before === undefined || bytesToHex(encoded) !== bytesToHex(before);
      if (isAssigned || isChanged) this.#use(pathOf(field.name)).now = encoded;
    }
    const writes = new Map<string, Uint8Array | undefined>();
    for (const [path, { before, now }] of this.#slots) {
      if (before === undefined ? now === undefined : now && bytesToHex(before) === bytesToHex(now)) continue;
      this.#gas.charge(WRITE_GAS);
      if (before === undefined) this.#gas.charge(WRITE_GAS);
      this.#gas.charge(WRITTEN_BYTE_GAS * (path.length / 2 + (now?.length ?? 0)));
      writes.set(path, now);
    }
    return writes;
  }

  #use(path: string): Slot {
    const known = this.#slots.get(path);
    if (known) return known;
    const before = this.#read(path);
    this.#gas.charge(FIRST_USE_GAS + (before?.length ?? 0));
    const slot = { before, now: before };
    this.#slots.set(path, slot);
    return slot;
  }

  #store(value: Value, type: ValueType): Uint8Array {
    expectType(value, type);
    const encoded = encode(value, type);
    this.#gas.charge(elementsGas(value) + encoded.length);
    expectStorable(encoded);
    return encoded;
  }
}

/** Throws `Trap` if a value does not have a type. */
export function expectType(value: Value, type: ValueType): void {
  if (!hasType(value, type)) throw new Trap('wrong-type');
}

/** Throws `Trap` if an encoding is too long for what is stored, or for a result between contracts. */
export function expectStorable(encoded: Uint8Array): void {
  if (encoded.length > MAX_VALUE_BYTES) throw new Trap('value-too-long');
}

function pathOf(name: string, key: Uint8Array = new Uint8Array()): string {
  const bytes = utf8ToBytes(name);
  return bytesToHex(Uint8Array.of(bytes.length, ...bytes, ...key));
}

function lengthIn({ now }: Slot): number {
  return now ? (decodeStored(now, NUMBER) as number) : 0;
}

/** Whatever is in the state was encoded by its type. */
function decodeStored(bytes: Uint8Array, type: ValueType): Value {
  const [value] = decode(bytes, [type]) ?? [];
  if (value === undefined) throw new Error('a slot holds no value of its type');
  return value;
}
