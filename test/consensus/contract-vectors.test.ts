import { describe, expect, it } from 'vitest';
import { effectOf } from '../../consensus/connect.ts';
import { encodeCall, encodeDeploy } from '../../consensus/contract-transaction.ts';
import { bytesToHex, hexToBytes } from '../../consensus/hex.ts';
import { decodeReceipt, encodeReceipt, receiptLeaf, receiptsHashOf, receiptsRoot } from '../../consensus/receipt.ts';
import { signatureCheckOf, verifySignature } from '../../consensus/signature.ts';
import { stateProof, verifyStateProof } from '../../consensus/state-tree.ts';
import { decodeTransaction, type SignedTransaction, signingBytes } from '../../consensus/transaction.ts';
import type { SignedFields } from '../../consensus/transaction-parts.ts';
import contractBlock from '../vectors/contract-block.json' with { type: 'json' };
import receipts from '../vectors/receipts.json' with { type: 'json' };
import transactions from '../vectors/transactions.json' with { type: 'json' };
import { host } from './contract-fixtures.ts';
import { CheckedState } from './fixtures.ts';

/** A JSON value as the rules have it: amounts and nonces as integers, the named fields as bytes. */
type Vector = Record<keyof SignedFields | 'args' | 'raw' | 'txid' | 'sender' | 'signingBytes', string>;

function fieldsOf({ networkId, senderKey, nonce, amount, fee, signature, args }: Vector) {
  const integers = { nonce: BigInt(nonce), amount: BigInt(amount), fee: BigInt(fee) };
  return { networkId, senderKey, ...integers, signature: hexToBytes(signature), args: hexToBytes(args) };
}

function expectVector(transaction: SignedTransaction, vector: Vector): void {
  const { raw, txid, sender } = vector;
  expect(transaction).toMatchObject({ raw: hexToBytes(raw), txid, sender });
  expect(decodeTransaction(hexToBytes(raw))).toEqual(transaction);
  expect(bytesToHex(signingBytes(transaction))).toBe(vector.signingBytes);
  expect(verifySignature(signatureCheckOf(transaction))).toBe(true);
}

/** Accounts as the vectors list them. */
function accountsOf(state: CheckedState) {
  const sorted = [...state.accounts].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([address, { balance, nonce, ...contract }]) => {
    return { address, account: { balance: `${balance}`, nonce: `${nonce}`, ...contract } };
  });
}

describe('the published vectors of contracts', () => {
  it.each(transactions.deploy)('of deploys decode, verify, encode again, and tell their contract', (vector) => {
    const deploy = encodeDeploy({ ...fieldsOf(vector), gas: vector.gas, source: hexToBytes(vector.source) });
    expectVector(deploy, vector);
    expect(deploy.contract).toBe(vector.contract);
  });

  it.each(transactions.call)('of calls decode, verify and encode again', (vector) => {
    const { contract, gas, method } = vector;
    expectVector(encodeCall({ ...fieldsOf(vector), contract, gas, method: hexToBytes(method) }), vector);
  });

  it('of receipts decode, encode again, and make their trees', () => {
    const leaves = receipts.receipts.map(({ txid, receipt, bytes, leaf }) => {
      const decoded = decodeReceipt(hexToBytes(bytes));
      const events = receipt.events.map((event) => ({ ...event, values: hexToBytes(event.values) }));
      expect(decoded).toEqual({ ...receipt, result: hexToBytes(receipt.result), events });
      expect(bytesToHex(encodeReceipt(decoded))).toBe(bytes);
      expect(bytesToHex(receiptLeaf(txid, hexToBytes(bytes)))).toBe(leaf);
      return hexToBytes(leaf);
    });
    for (const { count, root } of receipts.trees) expect(bytesToHex(receiptsRoot(leaves.slice(0, count)))).toBe(root);
  });

  it('of a block lead from the state before to receipts, accounts, slots, sources and root', () => {
    const { before, after, height, medianTimePast, recipient } = contractBlock;
    const accounts = before.accounts.map(({ address, account: { balance, nonce } }) => {
      return [address, { balance: BigInt(balance), nonce: BigInt(nonce) }] as const;
    });
    const state = CheckedState.of(new Map(accounts));
    expect(state.stateRoot).toBe(before.stateRoot);
    const some = contractBlock.transactions.map((raw) => decodeTransaction(hexToBytes(raw)) as SignedTransaction);
    const context = { height, medianTimePast, blockHash: () => '00'.repeat(32) };
    const effect = effectOf(some, { recipient, reward: BigInt(contractBlock.reward) }, state, context, host);
    expect(effect.receipts.map(({ txid, bytes }) => ({ txid, bytes: bytesToHex(bytes) }))).toEqual(
      contractBlock.receipts,
    );
    state.apply(effect.change);
    expect(state.stateRoot).toBe(after.stateRoot);
    expect(receiptsHashOf(state)).toBe(after.receiptsHash);
    expect(accountsOf(state)).toEqual(after.accounts);
    for (const { contract, path, value } of after.slots) {
      expect(bytesToHex(state.slot(contract, path)!)).toBe(value);
    }
    for (const { codeHash, source } of after.codes) expect(bytesToHex(state.code(codeHash)!)).toBe(source);
    for (const { root, key, valueHash, proof } of contractBlock.proofs) {
      const leaf = { key: hexToBytes(key), valueHash: valueHash === null ? undefined : hexToBytes(valueHash) };
      expect(stateProof(state, root, leaf.key)).toEqual(proof);
      expect(verifyStateProof(root, leaf, proof)).toBe(true);
    }
  });
});
