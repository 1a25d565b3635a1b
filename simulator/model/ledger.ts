import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '../../consensus/hex.ts';
import type { Coinbase, Transfer } from '../../consensus/transaction.ts';
import type { ModelAccount } from './state-root.ts';

/** All accounts by address (hex). One that was never touched is not there. */
export type Accounts = ReadonlyMap<string, ModelAccount>;

/** The state after a block, or the rule that it breaks. */
export type Execution = { readonly accounts: Accounts } | { readonly rule: string };

/** The address that a public key (hex) pays from. */
export function addressOf(senderKey: string): string {
  return bytesToHex(sha256(hexToBytes(senderKey)).subarray(0, 20));
}

/** Base units that a block at this height creates. */
export function subsidyAt(height: number, initialSubsidy: bigint, halvingInterval: number): bigint {
  return initialSubsidy >> BigInt(Math.floor(height / halvingInterval));
}

/** Runs all transfers in order and pays the miner at the end. `before` stays as it is. */
export function execute(before: Accounts, transfers: readonly Transfer[], coinbase: Coinbase): Execution {
  const accounts = new Map(before);
  const accountOf = (address: string) => accounts.get(address) ?? { balance: 0n, nonce: 0n };
  const pay = (address: string, amount: bigint) => {
    const { balance, nonce } = accountOf(address);
    accounts.set(address, { balance: balance + amount, nonce });
  };
  for (const transfer of transfers) {
    const sender = addressOf(transfer.senderKey);
    const { balance, nonce } = accountOf(sender);
    const cost = transfer.amount + transfer.fee;
    if (transfer.nonce !== nonce) return { rule: 'wrong-nonce' };
    if (cost > balance) return { rule: 'insufficient-balance' };
    accounts.set(sender, { balance: balance - cost, nonce: nonce + 1n });
    pay(transfer.recipient, transfer.amount);
  }
  pay(coinbase.recipient, coinbase.reward);
  return { accounts };
}

/** Sum of all balances. */
export function supplyOf(accounts: Accounts): bigint {
  let sum = 0n;
  for (const { balance } of accounts.values()) sum += balance;
  return sum;
}
