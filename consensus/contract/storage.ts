import type { Address } from '../address.ts';
import { ByteReader, DecodeError } from '../codec.ts';
import { InvariantError } from '../errors.ts';
import { bytesEqual, bytesToHex } from '../hex.ts';
import { decodeValue, encodedBytes, encodeValue } from './encoding.ts';
import { MAX_VALUE_BYTES } from './limits.ts';
import * as gas from './prices.ts';
import type { SlotPath } from './slot-path.ts';
import { Trap } from './trap.ts';
import { describeType, describeValue, hasType, type ValueType } from './types.ts';
import type { ScalarValue, Value } from './value.ts';
import type { World } from './world.ts';

const HEX_DIGITS_PER_BYTE = 2;

/** One slot, from its first use in a transaction on. */
interface Slot {
  readonly type: ValueType;
  readonly before: Uint8Array | undefined;
  /** What an array that was not assigned to encodes to as long as it does not change. */
  unchanged: Uint8Array | undefined;
  value: Value | undefined;
  /** Whether it was assigned to; an array can also change in place. */
  isWritten: boolean;
}

/** New encoded values of slots; undefined: the slot is removed. */
export type SlotWrites = ReadonlyMap<SlotPath, Uint8Array | undefined>;

/** The length of a list, and the place of an element. */
export const LIST_INDEX: ValueType = { kind: 'scalar', scalar: 'number' };

/** Is told of what a contract reads and assigns, whether or not the slot was used before. */
export interface SlotObserver {
  /** Undefined: the slot holds nothing. */
  onRead(path: SlotPath, value: Value | undefined): void;
  /** The slot, which holds nothing, has an array of its own now. It is written only if that changes. */
  onHold(path: SlotPath, array: Value): void;
  /** Undefined: the slot is removed. */
  onWrite(path: SlotPath, value: Value | undefined): void;
}

/** The slots of one contract during one transaction. */
export class Storage {
  readonly #contract: Address;
  readonly #world: Pick<World, 'slot'>;
  readonly #charge: (amount: number) => void;
  readonly #observer: SlotObserver | undefined;
  readonly #slots = new Map<SlotPath, Slot>();

  /** `charge` takes gas, or traps. */
  constructor(
    contract: Address,
    world: Pick<World, 'slot'>,
    charge: (amount: number) => void,
    observer?: SlotObserver,
  ) {
    this.#contract = contract;
    this.#world = world;
    this.#charge = charge;
    this.#observer = observer;
  }

  /** The path of an entry of a table or list. Traps for a key that is too long. */
  entryPath(field: SlotPath, key: ScalarValue): SlotPath {
    const sizeBytes = encodedBytes(key, MAX_VALUE_BYTES);
    if (sizeBytes > MAX_VALUE_BYTES) throw new Trap('value-too-long', `${MAX_VALUE_BYTES}`);
    this.#charge(sizeBytes * gas.GAS_ENCODED_BYTE);
    return field + bytesToHex(encodeValue(key));
  }

  /** What a slot holds now, or undefined. Arrays are the slot's own, and change it. */
  read(path: SlotPath, type: ValueType): Value | undefined {
    const { value } = this.#slot(path, type);
    this.#observer?.onRead(path, value);
    return value;
  }

  /** Gives a slot that holds nothing an array of its own. It is written only if the array then changes. */
  hold(path: SlotPath, type: ValueType, initial: ScalarValue[]): void {
    this.#charge(encodedBytes(initial, MAX_VALUE_BYTES) * gas.GAS_ENCODED_BYTE);
    const slot = this.#slot(path, type);
    slot.value = initial;
    slot.unchanged = encodeValue(initial);
    this.#observer?.onHold(path, initial);
  }

  /** Assigns to a slot; undefined removes it. Traps for another type, and for a value that is too long. */
  write(path: SlotPath, type: ValueType, value: Value | undefined): void {
    if (value !== undefined) this.#checkStorable(value, type);
    const slot = this.#slot(path, type);
    slot.value = value;
    slot.isWritten = true;
    this.#observer?.onWrite(path, value);
  }

  /** What the transaction changes, encoded and paid for; slot by slot, because all together may take most of a call's gas. */
  *finish(): Generator<undefined, SlotWrites> {
    const writes = new Map<SlotPath, Uint8Array | undefined>();
    for (const [path, slot] of this.#slots) {
      const { value, type, isWritten } = slot;
      if (!isWritten && !Array.isArray(value)) continue;
      // An array can have changed since it was read or assigned.
      if (Array.isArray(value)) this.#checkStorable(value, type);
      const after = value === undefined ? undefined : encodeValue(value, type);
      if (!isSame(after, isWritten ? slot.before : slot.unchanged)) {
        this.#payFor(path, slot, after);
        writes.set(path, after);
      }
      yield;
    }
    return writes;
  }

  /** The path is kept with the value, and with what takes the block back. */
  #payFor(path: SlotPath, slot: Slot, after: Uint8Array | undefined): void {
    const newBytes = slot.before === undefined ? gas.NEW_SLOT_BYTES : 0;
    const keptBytes = path.length / HEX_DIGITS_PER_BYTE + (after?.length ?? 0) + newBytes;
    this.#charge(gas.GAS_SLOT_WRITE + keptBytes * gas.GAS_KEPT_BYTE);
  }

  #slot(path: SlotPath, type: ValueType): Slot {
    const known = this.#slots.get(path);
    if (known !== undefined) return known;
    this.#charge(gas.GAS_SLOT_LOAD);
    const before = this.#world.slot(this.#contract, path);
    if (before !== undefined) this.#charge(before.length * gas.GAS_ENCODED_BYTE);
    const value = before && decodedSlot(before, type);
    const slot: Slot = { type, before, unchanged: before, value, isWritten: false };
    this.#slots.set(path, slot);
    return slot;
  }

  #checkStorable(value: Value, type: ValueType): void {
    if (Array.isArray(value)) this.#charge(value.length * gas.GAS_ELEMENT);
    if (!hasType(value, type)) throw new Trap('wrong-type', describeType(type), describeValue(value));
    const sizeBytes = encodedBytes(value, MAX_VALUE_BYTES);
    if (sizeBytes > MAX_VALUE_BYTES) throw new Trap('value-too-long', `${MAX_VALUE_BYTES}`);
    this.#charge(sizeBytes * gas.GAS_ENCODED_BYTE);
  }
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : bytesEqual(a, b);
}

/** Only this contract writes its slots, and checks what it writes: anything else is damage of the store. */
function decodedSlot(bytes: Uint8Array, type: ValueType): Value {
  const reader = new ByteReader(bytes);
  try {
    const value = decodeValue(reader, type);
    reader.end();
    return value;
  } catch (error) {
    if (error instanceof DecodeError)
      throw new InvariantError(`slot does not hold ${describeType(type)}: ${error.message}`);
    throw error;
  }
}
