import type { SourceFile } from './syntax.ts';

/** What a contract can learn of the chain and of the state before its transaction. Addresses are 40 hex digits. */
export interface ContractView {
  /** 4 bytes. */
  readonly networkId: Uint8Array;
  /** Of the block that the transaction is in. */
  readonly height: number;
  /** Median of the times of the up to 11 blocks below, in seconds since 1970. */
  readonly time: number;
  /** Of one of the 256 blocks below, as 64 hex digits in display order. */
  blockHash(height: number): string;
  /** What a slot holds, or undefined if it is absent. `path` is hex digits. */
  slot(contract: string, path: string): Uint8Array | undefined;
  /** Base units. */
  balance(address: string): bigint;
  /** The source of a contract, as `readSource` gives it. */
  contract(address: string): SourceFile | undefined;
  /** Plain Ed25519; the strictness of encodings is the model's. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** What calls a method of a contract, or deploys it: then the method is `constructor`. */
export interface ContractCall {
  readonly contract: string;
  /** Of this contract. */
  readonly file: SourceFile;
  /** Only a deploy runs the method `constructor`. */
  readonly isDeploy: boolean;
  readonly method: string;
  /** Encoded, one after the other. */
  readonly args: Uint8Array;
  readonly caller: string;
  /** Base units. */
  readonly value: bigint;
  readonly gasLimit: number;
}

export interface Payment {
  readonly from: string;
  readonly to: string;
  /** Base units. */
  readonly amount: bigint;
}

export interface ContractEvent {
  readonly contract: string;
  readonly name: string;
  /** Each encoded. */
  readonly values: readonly Uint8Array[];
}

/** What becomes of a call. */
export type CallOutcome =
  | {
      readonly ok: true;
      readonly gasUsed: number;
      /** Encoded; undefined if the method gives none. */
      readonly result: Uint8Array | undefined;
      readonly events: readonly ContractEvent[];
      /** In their order; that of the call itself is the first. */
      readonly payments: readonly Payment[];
      /** Encoded values by contract and path; undefined where a slot is removed. */
      readonly writes: ReadonlyMap<string, ReadonlyMap<string, Uint8Array | undefined>>;
    }
  | { readonly ok: false; readonly gasUsed: number; readonly code: string; readonly message: string };
