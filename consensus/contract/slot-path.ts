import type { Address } from '../address.ts';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '../hex.ts';
import { sha256 } from '../sha256.ts';

/** A slot of a contract: `nameLength u8 ‖ name ‖ encoded key or nothing`, as lower-case hex digits. */
export type SlotPath = string;

/** The slot of a field, and the beginning of the paths of its entries. Names have at most 64 ASCII characters. */
export function fieldPath(name: string): SlotPath {
  return bytesToHex(utf8ToBytes(String.fromCharCode(name.length) + name));
}

/**
 * Key of a slot in the state tree: sha256(contract 20 ‖ path), 32 bytes. The address is in it, or two contracts with equal
 * slots would share nodes of the tree, and removing one would break the other.
 */
export function slotKey(contract: Address, path: SlotPath): Uint8Array {
  return sha256(concatBytes(hexToBytes(contract), hexToBytes(path)));
}
