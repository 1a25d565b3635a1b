import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, bytesToUtf8, concatBytes, hexToBytes, utf8ToBytes } from '../../consensus/hex.ts';
import { executeInModel } from './contract/execute-in-model.ts';
import { readSource } from './contract/read-source.ts';
import { Refusal } from './contract/refusal.ts';
import type { SourceFile } from './contract/syntax.ts';
import type { CallOutcome, ContractCall, ContractView } from './contract/world.ts';
import { type ContractTransaction, intrinsicGas } from './intrinsic-gas.ts';
import { addressOf, type Ledger } from './ledger.ts';
import { littleEndian } from './little-endian.ts';
import { failedReceipt, receiptOf } from './receipts.ts';

type Deploy = Extract<ContractTransaction, { readonly kind: 'deploy' }>;
type Call = Extract<ContractTransaction, { readonly kind: 'call' }>;

/** What contracts of a block can learn of the chain below it. */
export type ChainBelow = Pick<ContractView, 'height' | 'time' | 'blockHash' | 'verify'>;

/** Runs a transaction whose fee is paid and whose nonce is counted, and keeps what it did if it is fine. Gives its receipt. */
export function runContract(transaction: ContractTransaction, ledger: Ledger, chain: ChainBelow): Uint8Array {
  const call = transaction.kind === 'deploy' ? deployment(transaction, ledger) : calling(transaction, ledger);
  if (call === undefined) return failedReceipt(transaction.gas);
  const outcome = executeInModel(viewOf(ledger, chain, transaction.networkId), call);
  if (!outcome.ok) return failedReceipt(transaction.gas);
  keep(outcome, ledger);
  if (transaction.kind === 'deploy') {
    const codeHash = bytesToHex(sha256(transaction.source));
    ledger.sources.set(codeHash, transaction.source);
    // The root of its slots is computed at the end of the block.
    const account = { ...ledger.account(call.contract), contract: { codeHash, storageRoot: '' } };
    ledger.accounts.set(call.contract, account);
  }
  return receiptOf(outcome, intrinsicGas(transaction) + outcome.gasUsed);
}

/** Undefined where the address is taken, or the source does not compile. */
function deployment(deploy: Deploy, ledger: Ledger): ContractCall | undefined {
  const contract = contractAddressOf(deploy);
  const account = ledger.account(contract);
  if (account.contract || account.nonce > 0n) return undefined;
  const file = fileOf(deploy.source);
  return file && { contract, file, isDeploy: true, method: 'constructor', ...termsOf(deploy) };
}

/** Undefined where there is no such contract, or the method has no name. */
function calling(call: Call, ledger: Ledger): ContractCall | undefined {
  const { contract } = call;
  const file = contractAt(contract, ledger);
  const method = nameOf(call.method);
  return file && method !== undefined ? { contract, file, isDeploy: false, method, ...termsOf(call) } : undefined;
}

function termsOf(transaction: ContractTransaction): Pick<ContractCall, 'args' | 'caller' | 'value' | 'gasLimit'> {
  const { args, senderKey, amount, gas } = transaction;
  return { args, caller: addressOf(senderKey), value: amount, gasLimit: gas - intrinsicGas(transaction) };
}

function contractAddressOf({ networkId, senderKey, nonce, source, args }: Deploy): string {
  const preimage = concatBytes(
    utf8ToBytes('forklore/contract/v1'),
    hexToBytes(networkId),
    hexToBytes(addressOf(senderKey)),
    littleEndian(nonce, 8),
    sha256(source),
    sha256(args),
  );
  return bytesToHex(sha256(preimage).subarray(0, 20));
}

function keep({ payments, writes }: CallOutcome & { readonly ok: true }, ledger: Ledger): void {
  for (const { from, to, amount } of payments) {
    ledger.pay(from, -amount);
    ledger.pay(to, amount);
  }
  for (const [contract, values] of writes) {
    for (const [path, value] of values) ledger.setSlot(contract, path, value);
  }
}

function viewOf(ledger: Ledger, chain: ChainBelow, networkId: string): ContractView {
  return {
    ...chain,
    networkId: hexToBytes(networkId),
    slot: (contract, path) => ledger.slot(contract, path),
    balance: (address) => ledger.account(address).balance,
    contract: (address) => contractAt(address, ledger),
  };
}

function contractAt(address: string, ledger: Ledger): SourceFile | undefined {
  const source = ledger.sources.get(ledger.account(address).contract?.codeHash ?? '');
  return source && fileOf(source);
}

/** Undefined for a source that does not compile. */
function fileOf(source: Uint8Array): SourceFile | undefined {
  try {
    return readSource(source);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Undefined for bytes that are no text. */
function nameOf(method: Uint8Array): string | undefined {
  try {
    return bytesToUtf8(method);
  } catch {
    return undefined;
  }
}
