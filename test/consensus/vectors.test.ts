import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress } from '../../consensus/address.ts';
import { decodeBlock, encodeBlock } from '../../consensus/block.ts';
import { DecodeError } from '../../consensus/codec.ts';
import { decodeHeader } from '../../consensus/header.ts';
import { bytesToHex, hexToBytes } from '../../consensus/hex.ts';
import { deriveKeyPair } from '../../consensus/keys.ts';
import { coinbaseBranch, merkleRoot } from '../../consensus/merkle.ts';
import { LAB, REGTEST } from '../../consensus/networks.ts';
import { signatureCheckOf, signTransfer, verifySignature } from '../../consensus/signature.ts';
import type { Account, ContractAccount } from '../../consensus/state.ts';
import { accountProof, verifyAccountProof } from '../../consensus/state-tree.ts';
import { bitsToTarget, difficultyOf, targetToBits, workOfBits } from '../../consensus/target.ts';
import { decodeTransaction, encodeCoinbase, encodeTransfer, signingBytes } from '../../consensus/transaction.ts';
import { decodeUndo, encodeUndo } from '../../consensus/undo.ts';
import blocks from '../vectors/blocks.json' with { type: 'json' };
import genesis from '../vectors/genesis.json' with { type: 'json' };
import keys from '../vectors/keys.json' with { type: 'json' };
import malformed from '../vectors/malformed.json' with { type: 'json' };
import merkle from '../vectors/merkle.json' with { type: 'json' };
import state from '../vectors/state.json' with { type: 'json' };
import targets from '../vectors/targets.json' with { type: 'json' };
import transactions from '../vectors/transactions.json' with { type: 'json' };
import undos from '../vectors/undo.json' with { type: 'json' };
import { alice, CheckedState } from './fixtures.ts';

interface AccountVector {
  balance: string;
  nonce: string;
  contract?: ContractAccount;
}

function accountOf({ balance, nonce, contract }: AccountVector): Account {
  const plain = { balance: BigInt(balance), nonce: BigInt(nonce) };
  return contract === undefined ? plain : { ...plain, contract };
}

describe('the published vectors', () => {
  it.each(transactions.coinbase)('of a coinbase decode to their fields and encode again', (vector) => {
    const { kind, txid, raw, reward, extraNonce, tag, ...others } = vector;
    const fields = {
      ...others,
      reward: BigInt(reward),
      extraNonce: hexToBytes(extraNonce),
      tag: hexToBytes(tag),
    };
    expect(decodeTransaction(hexToBytes(raw))).toEqual({ kind, txid, raw: hexToBytes(raw), ...fields });
    expect(bytesToHex(encodeCoinbase(fields).raw)).toBe(raw);
  });

  it.each(transactions.transfer)('of a transfer decode, verify, and come out of signing again', (vector) => {
    const { networkId, recipient } = vector;
    const fields = {
      networkId,
      recipient,
      nonce: BigInt(vector.nonce),
      amount: BigInt(vector.amount),
      fee: BigInt(vector.fee),
      memo: hexToBytes(vector.memo),
    };
    const transfer = signTransfer(fields, alice.secretKey);
    expect(transfer).toMatchObject({ txid: vector.txid, sender: vector.sender, senderKey: vector.senderKey });
    expect(decodeTransaction(hexToBytes(vector.raw))).toEqual(transfer);
    expect(encodeTransfer(transfer)).toEqual(transfer);
    expect(bytesToHex(transfer.signature)).toBe(vector.signature);
    expect(bytesToHex(signingBytes(transfer))).toBe(vector.signingBytes);
    expect(verifySignature(signatureCheckOf(transfer))).toBe(true);
  });

  it.each(malformed)('of malformed bytes are refused: $name', ({ transaction }) => {
    expect(() => decodeTransaction(hexToBytes(transaction))).toThrow(DecodeError);
  });

  it.each(blocks)('of a block decode to header and transactions and encode again', (vector) => {
    const block = decodeBlock(hexToBytes(vector.raw));
    expect(block.header).toEqual(vector.header);
    expect(decodeHeader(hexToBytes(vector.headerBytes))).toEqual(vector.header);
    expect(block.hash).toBe(vector.blockHash);
    expect(block.transactions.map(({ txid }) => txid)).toEqual(vector.txids);
    expect(bytesToHex(encodeBlock(block.header, block.transactions).raw)).toBe(vector.raw);
  });

  it.each(merkle)('of Merkle trees have their root and branch', ({ txids, root, coinbaseBranch: branch }) => {
    expect(merkleRoot(txids)).toBe(root);
    expect(coinbaseBranch(txids)).toEqual(branch);
  });

  it.each(targets)('of targets: $bits', ({ bits, target, work, difficulty }) => {
    expect(bitsToTarget(Number(bits))).toBe(BigInt(`0x${target}`));
    expect(targetToBits(BigInt(`0x${target}`))).toBe(Number(bits));
    expect(workOfBits(Number(bits))).toBe(BigInt(work));
    expect(difficultyOf(Number(bits), 0x1d00ffff)).toBe(difficulty);
  });

  it('of the state have their nodes, root and proofs', () => {
    const tree = CheckedState.of(new Map(state.accounts.map((account) => [account.address, accountOf(account)])));
    expect(tree.stateRoot).toBe(state.root);
    const nodes = state.nodes.map(({ hash, preimage }) => [hash, hexToBytes(preimage)] as const);
    expect(tree.nodes).toEqual(new Map(nodes));
    for (const { address, account, proof } of state.proofs) {
      expect(accountProof(tree, state.root, address)).toEqual(proof);
      expect(verifyAccountProof(state.root, address, account ? accountOf(account) : undefined, proof)).toBe(true);
    }
  });

  it.each(undos)('of undo records decode and encode again', (vector) => {
    const { stateRoot, accounts, newCodes, receiptsHash, bytes } = vector;
    const undo = decodeUndo(hexToBytes(bytes));
    expect(undo).toMatchObject({ stateRoot, newCodes, receiptsHash });
    const slots = [...undo.slots].flatMap(([contract, values]) =>
      [...values].map(([path, value]) => ({ contract, path, value: value ? bytesToHex(value) : null })),
    );
    expect(slots).toEqual(vector.slots);
    expect(undo.accounts).toEqual(
      new Map(accounts.map(({ address, account }) => [address, account ? accountOf(account) : undefined])),
    );
    expect(bytesToHex(encodeUndo(undo))).toBe(bytes);
  });

  it('of keys follow from the mnemonic', () => {
    for (const [index, vector] of keys.keys.entries()) {
      const { secretKey, publicKey, address } = deriveKeyPair(keys.mnemonic, index);
      expect([secretKey, publicKey].map(bytesToHex)).toEqual([vector.secretKey, vector.publicKey]);
      expect(address).toBe(vector.address);
      expect(formatAddress(address, LAB.addressPrefix)).toBe(vector.lab);
      expect(parseAddress(vector.regtest, REGTEST.addressPrefix)).toBe(address);
    }
  });

  it('of the genesis blocks are those of the built-in networks', () => {
    const builtIn = [LAB, REGTEST].map(({ name, networkId, genesis: block }) => ({
      name,
      networkId,
      blockHash: block.hash,
      raw: bytesToHex(block.raw),
    }));
    expect(genesis).toEqual(builtIn);
  });
});
