import { open, type RootDatabase } from 'lmdb';
import type { Address } from '../../consensus/address.ts';
import { compileContract } from '../../consensus/contract/compile.ts';
import { encodeValue } from '../../consensus/contract/encoding.ts';
import type { Program } from '../../consensus/contract/program.ts';
import { fieldPath, type SlotPath, slotKey } from '../../consensus/contract/slot-path.ts';
import type { World } from '../../consensus/contract/world.ts';
import { bytesToHex, utf8ToBytes } from '../../consensus/hex.ts';
import { type SignatureCheck, verifySignature } from '../../consensus/signature.ts';
import { OTHER } from './contract-operations.ts';

export type SlotDatabase = RootDatabase<Uint8Array, Uint8Array>;

/** The contract that is measured, and one that it calls. */
export const MEASURED: Address = 'c0'.repeat(20);
export const OTHER_ADDRESS: Address = '07'.repeat(20);
/** Entries of each table in the store: more than one call can read. */
export const STORED_ENTRIES = 20_000;
const STORED_TEXT = 'x'.repeat(897);
export const NETWORK_ID = Uint8Array.of(1, 2, 3, 4);
const HEIGHT = 1_000;
const BALANCE = 10n ** 15n;

/** Slots in a database on the disk, by their keys, as a node has them. */
export function openSlots(directory: string, readOnly: boolean): SlotDatabase {
  return open({ path: directory, keyEncoding: 'binary', encoding: 'binary', readOnly, noMemInit: true });
}

/** Fills a database with the entries of the tables `stored` and `texts` of {@link MEASURED}. */
export async function storeSlots(directory: string): Promise<void> {
  const slots = openSlots(directory, false);
  const text = encodeValue(STORED_TEXT);
  await slots.transaction(() => {
    for (let i = 0; i < STORED_ENTRIES; i++) {
      const key = bytesToHex(encodeValue(i));
      slots.putSync(slotKey(MEASURED, fieldPath('stored') + key), encodeValue(i));
      slots.putSync(slotKey(MEASURED, fieldPath('texts') + key), text);
    }
  });
  await slots.close();
}

/** What a call reads. Contracts that are called are compiled already. */
export class BenchWorld implements World {
  readonly networkId = NETWORK_ID;
  readonly height = HEIGHT;
  readonly time = 1_700_000_000;
  readonly #slots: SlotDatabase;
  /** Slots by contract and path; undefined: each is read from the database each time. */
  readonly #cache: Map<string, Uint8Array | undefined> | undefined;
  readonly #other = compileContract(utf8ToBytes(OTHER));
  readonly #program: Program;

  constructor(slots: SlotDatabase, program: Program, keepsSlots: boolean) {
    this.#slots = slots;
    this.#program = program;
    this.#cache = keepsSlots ? new Map() : undefined;
  }

  blockHash(height: number): string {
    return height.toString(16).padStart(64, '0');
  }

  slot(contract: Address, path: SlotPath): Uint8Array | undefined {
    const name = contract + path;
    const known = this.#cache?.get(name);
    if (known !== undefined || this.#cache?.has(name)) return known;
    const value = this.#slots.get(slotKey(contract, path));
    this.#cache?.set(name, value);
    return value;
  }

  balance(): bigint {
    return BALANCE;
  }

  sourceBytes(contract: Address): number {
    return this.program(contract).sourceBytes;
  }

  program(contract: Address): Program {
    return contract === OTHER_ADDRESS ? this.#other : this.#program;
  }

  verifySignature(check: SignatureCheck): boolean {
    return verifySignature(check);
  }
}
