import fc from 'fast-check';
import { bytesToHex } from '../../consensus/hex.ts';
import type { Account } from '../../consensus/state.ts';

// The same cases in every run: a failure must not come and go.
fc.configureGlobal({ seed: 20_260_101 });

export function bytesOf(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

export function hexOf(length: number): fc.Arbitrary<string> {
  return bytesOf(length).map(bytesToHex);
}

export const u8 = fc.integer({ min: 0, max: 0xff });
export const u16 = fc.integer({ min: 0, max: 0xffff });
export const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
export const i32 = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
export const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

export const account: fc.Arbitrary<Account> = fc.record({ balance: u64, nonce: u64 });

export const header = fc.record({
  version: i32,
  prevHash: hexOf(32),
  merkleRoot: hexOf(32),
  time: u32,
  bits: u32,
  nonce: u32,
});

export const coinbaseFields = fc.record({
  height: u32,
  recipient: hexOf(20),
  reward: u64,
  stateRoot: hexOf(32),
  extraNonce: bytesOf(8),
  tag: fc.uint8Array({ maxLength: 64 }),
});

export const transferFields = fc.record({
  networkId: hexOf(4),
  senderKey: hexOf(32),
  nonce: u64,
  recipient: hexOf(20),
  amount: u64,
  fee: u64,
  memo: fc.uint8Array({ maxLength: 256 }),
  signature: bytesOf(64),
});
