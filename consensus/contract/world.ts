import type { Address } from '../address.ts';
import type { Hash } from '../hash.ts';
import type { SignatureCheck } from '../signature.ts';
import type { Program } from './program.ts';
import type { SlotPath } from './slot-path.ts';

/**
 * What a machine reads of the state before the transaction, and of the chain. The host never sees a write while a call runs:
 * they are in its outcome. All reads are synchronous.
 */
export interface World {
  /** The first four bytes of the genesis hash. */
  readonly networkId: Uint8Array;
  /** Of the block that the call is in. */
  readonly height: number;
  /** The median of the times of the up to 11 blocks below, in seconds since 1970. */
  readonly time: number;
  /** The hash of a block below, of the `MAX_HASH_DEPTH` last ones; the machine asks for no other. */
  blockHash(height: number): Hash;
  /** The encoded value of a slot, or undefined where there is none. */
  slot(contract: Address, path: SlotPath): Uint8Array | undefined;
  /** Balance in base units, after the transaction's fee and before its amount. */
  balance(address: Address): bigint;
  /** Length of a contract's source in bytes, or undefined where there is no contract. It is asked, and paid for, first. */
  sourceBytes(contract: Address): number | undefined;
  /** The contract at an address where there is one. Whether it comes from a cache makes no difference. */
  program(contract: Address): Program;
  /** Strict Ed25519 verification, as of a transaction's signature. */
  verifySignature(check: SignatureCheck): boolean;
}
