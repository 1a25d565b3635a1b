import type { Address } from '../../consensus/address.ts';
import type { Block } from '../../consensus/block.ts';
import type { BlockEffect } from '../../consensus/block-seal.ts';
import { connectBlock, effectOf } from '../../consensus/connect.ts';
import { encodeValue } from '../../consensus/contract/encoding.ts';
import { AddressValue, type ScalarValue } from '../../consensus/contract/value.ts';
import {
  type Call,
  type CallFields,
  type Deploy,
  type DeployFields,
  encodeCall,
  encodeDeploy,
} from '../../consensus/contract-transaction.ts';
import { bytesToHex, concatBytes, utf8ToBytes } from '../../consensus/hex.ts';
import type { KeyPair } from '../../consensus/keys.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { subsidyAt } from '../../consensus/subsidy.ts';
import { encodeCoinbase, type SignedTransaction } from '../../consensus/transaction.ts';
import { ProgramCache } from '../../protocol/program-cache.ts';
import { alice, blockOf, bob, type CheckedState, contextAt, miner, pay, snapshot } from './fixtures.ts';

/** Keeps coins, a counter and texts by number, and calls others of its kind. */
export const BOX = utf8ToBytes(`import { type Address, at, chain, require, Table } from 'forklore/contract';
interface Other { put(key: number, text: string): void; }
export class Box {
  count = 0;
  texts = new Table<number, string>('');
  constructor(start: number) { this.count = start + Number(chain.value) * 0; }
  add(): number { this.count += 1; chain.emit('Added', chain.caller, this.count); return this.count; }
  take(): bigint { return chain.value; }
  put(key: number, text: string): void { this.texts.set(key, text); require(chain.value >= 0n, ''); }
  remove(key: number): void { this.texts.delete(key); }
  spend(to: Address, amount: bigint): void { chain.pay(to, amount); }
  relay(other: Address, key: number, amount: bigint): void {
    this.count += 1;
    at<Other>(other, amount).put(key, 'relayed');
  }
  fail(): void { this.count = 99; chain.emit('Never'); chain.pay(chain.caller, 1n); require(false, 'on purpose'); }
  spin(): void { while (true) {} }
}
`);

/** Compiles each source once for all tests. */
export const host = new ProgramCache();

/** Signatures are not verified where a block is connected, so that one serves all. */
const { signature } = pay(alice, bob.address);
const COMMON = { networkId: REGTEST.networkId, nonce: 0n, amount: 0n, fee: 0n, signature };

/** Encoded arguments; texts of 40 hex digits that stand for accounts are given as {@link account}. */
export function argsOf(...values: ScalarValue[]): Uint8Array {
  return concatBytes(...values.map((value) => encodeValue(value)));
}

export function account(address: Address): AddressValue {
  return new AddressValue(address);
}

/** A deploy of {@link BOX} on regtest with nonce 0 and plenty of gas, unless changed. */
export function deploy(from: KeyPair, changes: Partial<DeployFields> = {}): Deploy {
  const senderKey = bytesToHex(from.publicKey);
  return encodeDeploy({ ...COMMON, senderKey, gas: 200_000, source: BOX, args: argsOf(0), ...changes });
}

/** A call with nonce 0 and enough gas for a method of {@link BOX}, unless changed. */
export function call(from: KeyPair, contract: Address, method: string, changes: Partial<CallFields> = {}): Call {
  const senderKey = bytesToHex(from.publicKey);
  const fields = { contract, method: utf8ToBytes(method), args: new Uint8Array() };
  return encodeCall({ ...COMMON, senderKey, gas: 60_000, ...fields, ...changes });
}

/** The block that a correct miner makes of these transactions. */
export function contractBlock(
  state: CheckedState,
  height: number,
  transactions: readonly SignedTransaction[],
  recipient = miner,
): Block {
  const reward = transactions.reduce((sum, { fee }) => sum + fee, subsidyAt(height, REGTEST));
  const { stateRoot } = effectOf(transactions, { recipient, reward }, state, contextAt(height), host).change;
  const free = { extraNonce: new Uint8Array(8), tag: new Uint8Array() };
  return blockOf([encodeCoinbase({ height, recipient, reward, stateRoot, ...free }), ...transactions]);
}

/** Connects a block of these transactions, and changes the state. */
export function connect(state: CheckedState, height: number, ...transactions: SignedTransaction[]): BlockEffect {
  const block = contractBlock(state, height, transactions);
  const effect = connectBlock(block, contextAt(height), state, REGTEST, host);
  state.apply(effect.change);
  return effect;
}

/** All that a state holds, as plain data, to compare. */
export function wholeSnapshot(state: CheckedState): unknown {
  const slots = [...state.slots].map(([contract, values]) => [contract, [...values].sort()]).sort();
  return { ...(snapshot(state) as object), slots, codes: [...state.codes].sort() };
}
