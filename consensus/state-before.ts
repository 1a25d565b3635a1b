import { ADDRESS_BYTES, type Address } from './address.ts';
import { type ByteReader, ByteWriter, DecodeError } from './codec.ts';
import type { SlotPath } from './contract/slot-path.ts';
import { HASH_BYTES } from './hash.ts';
import { bytesToHex, concatBytes, hexToBytes } from './hex.ts';
import type { Account, AccountChanges, SlotChanges } from './state.ts';

const PLAIN_BYTES = 16;
const CONTRACT_BYTES = PLAIN_BYTES + 2 * HASH_BYTES;
const ABSENT = 0;
const PRESENT = 1;
const CONTRACT = 2;

/**
 * `count u32 | accounts`, by address upwards: `address 20 | flag u8`, and for flag 1 `balance u64 | nonce u64`, for flag 2, a
 * contract, `codeHash 32 | storageRoot 32` besides.
 */
export function encodeAccountChanges(accounts: AccountChanges): Uint8Array {
  const entries = inOrder(accounts);
  const sizeBytes = entries.reduce((sum, [, account]) => sum + ADDRESS_BYTES + 1 + accountBytes(account), 0);
  const writer = new ByteWriter(4 + sizeBytes).u32(entries.length);
  for (const [address, account] of entries) {
    writer.bytes(hexToBytes(address));
    if (account === undefined) writer.u8(ABSENT);
    else writeAccount(writer, account);
  }
  return writer.finish();
}

/** The inverse of {@link encodeAccountChanges}. Throws `DecodeError`, also where addresses are not in order. */
export function readAccountChanges(reader: ByteReader): AccountChanges {
  const accounts: AccountChanges = new Map();
  readInOrder(reader, readAddress, (address) => accounts.set(address, readAccount(reader)));
  return accounts;
}

/**
 * `contractCount u32 | contracts`, by address upwards: `address 20 | slotCount u32 | slots`, by path upwards:
 * `pathLength u16 | path | flag u8 | valueLength u16 | value`, the last two with flag 1 only.
 */
export function encodeSlotChanges(slots: SlotChanges): Uint8Array {
  const contracts = inOrder(slots).map(([address, values]) => concatBytes(hexToBytes(address), encodeSlots(values)));
  return concatBytes(u32(contracts.length), ...contracts);
}

/** The inverse of {@link encodeSlotChanges}. Throws `DecodeError`, also where addresses or paths are not in order. */
export function readSlotChanges(reader: ByteReader): SlotChanges {
  const slots: SlotChanges = new Map();
  readInOrder(reader, readAddress, (address) => slots.set(address, readSlots(reader)));
  return slots;
}

/** Whether something is there, as one byte. Throws `DecodeError` for another one. */
export function readFlag(reader: ByteReader): boolean {
  const flag = reader.u8();
  if (flag > PRESENT) throw new DecodeError(`flag ${flag} is neither absent nor present`);
  return flag === PRESENT;
}

function accountBytes(account: Account | undefined): number {
  if (account === undefined) return 0;
  return account.contract === undefined ? PLAIN_BYTES : CONTRACT_BYTES;
}

function writeAccount(writer: ByteWriter, { balance, nonce, contract }: Account): void {
  writer
    .u8(contract === undefined ? PRESENT : CONTRACT)
    .u64(balance)
    .u64(nonce);
  if (contract !== undefined) writer.bytes(hexToBytes(contract.codeHash)).bytes(hexToBytes(contract.storageRoot));
}

function readAccount(reader: ByteReader): Account | undefined {
  const flag = reader.u8();
  if (flag === ABSENT) return undefined;
  if (flag !== PRESENT && flag !== CONTRACT) throw new DecodeError(`flag ${flag} of an account`);
  const plain = { balance: reader.u64(), nonce: reader.u64() };
  if (flag === PRESENT) return plain;
  const codeHash = bytesToHex(reader.bytes(HASH_BYTES));
  return { ...plain, contract: { codeHash, storageRoot: bytesToHex(reader.bytes(HASH_BYTES)) } };
}

function encodeSlots(slots: ReadonlyMap<SlotPath, Uint8Array | undefined>): Uint8Array {
  const entries = inOrder(slots).map(([path, value]) => {
    const pathBytes = hexToBytes(path);
    const sizeBytes = 2 + pathBytes.length + 1 + (value === undefined ? 0 : 2 + value.length);
    const writer = new ByteWriter(sizeBytes).u16(pathBytes.length).bytes(pathBytes);
    if (value === undefined) return writer.u8(ABSENT).finish();
    return writer.u8(PRESENT).u16(value.length).bytes(value).finish();
  });
  return concatBytes(u32(entries.length), ...entries);
}

function readSlots(reader: ByteReader): Map<SlotPath, Uint8Array | undefined> {
  const slots = new Map<SlotPath, Uint8Array | undefined>();
  const readPath = () => bytesToHex(reader.bytes(reader.u16()));
  readInOrder(reader, readPath, (path) => {
    slots.set(path, readFlag(reader) ? reader.bytes(reader.u16()) : undefined);
  });
  return slots;
}

function readAddress(reader: ByteReader): Address {
  return bytesToHex(reader.bytes(ADDRESS_BYTES));
}

function inOrder<T>(entries: ReadonlyMap<string, T>): [string, T][] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}

function u32(value: number): Uint8Array {
  return new ByteWriter(4).u32(value).finish();
}

/** Reads `count u32` and as many entries, whose keys must go upwards. */
function readInOrder(
  reader: ByteReader,
  readKey: (reader: ByteReader) => string,
  readEntry: (key: string) => void,
): void {
  let previous = '';
  for (let left = reader.u32(); left > 0; left--) {
    const key = readKey(reader);
    if (key <= previous) throw new DecodeError('keys are not in order');
    previous = key;
    readEntry(key);
  }
}
