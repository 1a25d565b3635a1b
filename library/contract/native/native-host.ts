import type { Address, Scalar } from '../address.ts';

/** What a contract that runs natively sees of the chain, and what it asks of it. */
export interface NativeHost {
  readonly caller: Address;
  readonly value: bigint;
  readonly balance: bigint;
  readonly height: number;
  readonly time: number;
  hash(height: number): string;
  pay(to: Address, amount: bigint): void;
  emit(name: string, values: readonly (Scalar | readonly Scalar[])[]): void;
  /** The methods of another contract. */
  at(contract: Address, value: bigint): unknown;
  verify(key: string, message: string, signature: string): boolean;
}

let current: NativeHost | undefined;

/** Of the contract that runs. Throws where none does. */
export function nativeHost(): NativeHost {
  if (current !== undefined) return current;
  throw new Error(
    'this is known only while a contract runs: deploy the class with createContractWorld().deploy({ source, native, from })',
  );
}

/** Runs something for which the host is this one. */
export function withHost<Result>(host: NativeHost, run: () => Result): Result {
  const before = current;
  current = host;
  try {
    return run();
  } finally {
    current = before;
  }
}
