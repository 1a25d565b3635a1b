import { ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkBlockSanity } from '../../consensus/block.ts';
import { DecodeError } from '../../consensus/codec.ts';
import {
  MAX_ARGS_BYTES,
  MAX_BLOCK_GAS,
  MAX_CALL_GAS,
  MAX_SOURCE_BYTES,
  MIN_SOURCE_BYTES,
} from '../../consensus/contract/limits.ts';
import { contractAddress, encodeCall, encodeDeploy, intrinsicGas } from '../../consensus/contract-transaction.ts';
import { InvariantError } from '../../consensus/errors.ts';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '../../consensus/hex.ts';
import { LAB, REGTEST } from '../../consensus/networks.ts';
import { sha256 } from '../../consensus/sha256.ts';
import { signatureCheckOf, signCallWith, signDeployWith, verifySignature } from '../../consensus/signature.ts';
import {
  addressesOf,
  checkTransactionSanity,
  decodeTransaction,
  encodeCoinbase,
  encodeTransfer,
  type SignedTransaction,
  signingBytes,
  TRANSFER_FIXED_BYTES,
  type Transaction,
} from '../../consensus/transaction.ts';
import { bytesOf, hexOf, u32, u64 } from './arbitraries.ts';
import { BOX, call, deploy } from './contract-fixtures.ts';
import { alice, blockOf, bob, brokenRule, carol, miner, pay } from './fixtures.ts';

const CONTRACT = 'c0'.repeat(20);
/** After `kind 1, networkId 4, senderKey 32`. */
const NONCE_OFFSET = 37;
/** Of a deploy: after `nonce 8, amount 8, fee 8, gas 4`. */
const FORMAT_OFFSET = NONCE_OFFSET + 28;
const signed = {
  networkId: hexOf(4),
  senderKey: hexOf(32),
  nonce: u64,
  amount: u64,
  fee: u64,
  gas: u32,
  args: fc.uint8Array({ maxLength: 300 }),
  signature: bytesOf(64),
};
const deploys = fc.record({ ...signed, source: fc.uint8Array({ maxLength: 300 }) }).map(encodeDeploy);
const calls = fc.record({ ...signed, contract: hexOf(20), method: fc.uint8Array({ maxLength: 255 }) }).map(encodeCall);
const transactions = fc.oneof(deploys, calls);
const encodeAgain = (transaction: Transaction) =>
  transaction.kind === 'deploy' ? encodeDeploy(transaction) : transaction.kind === 'call' && encodeCall(transaction);

describe('the encoding of deploys and calls', () => {
  it('is undone by decoding, and the other way round', () => {
    fc.assert(
      fc.property(transactions, (transaction) => {
        const decoded = decodeTransaction(transaction.raw);
        expect(decoded).toEqual(transaction);
        expect(encodeAgain(decoded)).toEqual(transaction);
      }),
    );
  });

  it('has its fields in the order of the specification', () => {
    const fields = { networkId: '01020304', senderKey: '05'.repeat(32), nonce: 6n, amount: 7n, fee: 8n, gas: 9 };
    const ends = { args: Uint8Array.of(0xa1), signature: new Uint8Array(64).fill(0xff) };
    const head = `01020304${'05'.repeat(32)}0600000000000000`;
    const tail = `0100a1${'ff'.repeat(64)}`;
    const numbers = '0700000000000000080000000000000009000000';
    const { raw } = encodeDeploy({ ...fields, ...ends, source: Uint8Array.of(0x50, 0x51) });
    expect(bytesToHex(raw)).toBe(`02${head}${numbers}0002005051${tail}`);
    const method = { contract: CONTRACT, method: Uint8Array.of(0x60) };
    expect(bytesToHex(encodeCall({ ...fields, ...ends, ...method }).raw)).toBe(
      `03${head}${CONTRACT}${numbers}0160${tail}`,
    );
  });

  it('canonical-bytes: every cut and every further byte is refused', () => {
    for (const { raw } of [deploy(alice), call(alice, CONTRACT, 'add')]) {
      for (let length = 0; length < raw.length; length++) {
        expect(() => decodeTransaction(raw.subarray(0, length))).toThrow(DecodeError);
      }
      expect(() => decodeTransaction(concatBytes(raw, Uint8Array.of(0)))).toThrow(DecodeError);
    }
  });

  it.each([1, 2, 255])('reserves format %i of sources', (format) => {
    const raw = deploy(alice).raw.slice();
    raw[FORMAT_OFFSET] = format;
    expect(() => decodeTransaction(raw)).toThrow(
      new DecodeError(`format ${format} of contracts is reserved`, 'reserved-kind'),
    );
  });

  it('takes a value that does not fit for our own bug', () => {
    expect(() => deploy(alice, { amount: 2n ** 64n })).toThrow(InvariantError);
    expect(() => deploy(alice, { gas: 2 ** 32 })).toThrow(InvariantError);
    expect(() => deploy(alice, { source: new Uint8Array(0x1_0000) })).toThrow(InvariantError);
    expect(() => call(alice, CONTRACT, 'x'.repeat(256))).toThrow(InvariantError);
    expect(() => call(alice, 'c0', 'add')).toThrow(InvariantError);
  });

  it('never is shorter than a transfer, so that no more of them are in a block', () => {
    const shortest = deploy(alice, { source: new Uint8Array(MIN_SOURCE_BYTES), args: new Uint8Array() });
    expect(shortest.raw.length).toBeGreaterThanOrEqual(TRANSFER_FIXED_BYTES);
    expect(call(alice, CONTRACT, '').raw.length).toBeGreaterThanOrEqual(TRANSFER_FIXED_BYTES);
  });
});

describe('a signed deploy or call', () => {
  const signer = {
    publicKey: alice.publicKey,
    sign: (message: Uint8Array) => ed25519.sign(message, alice.secretKey),
  };

  it('verifies with the domain of all transactions, and not once a byte is changed', () => {
    for (const transaction of [
      signDeployWith(deploy(alice), signer),
      signCallWith(call(alice, CONTRACT, 'add'), signer),
    ]) {
      const { raw } = transaction;
      expect(signingBytes(transaction)).toEqual(concatBytes(utf8ToBytes('forklore/tx/v1'), raw.subarray(0, -64)));
      expect(verifySignature(signatureCheckOf(transaction))).toBe(true);
      const changed = raw.slice();
      changed[NONCE_OFFSET]! ^= 1;
      expect(verifySignature(signatureCheckOf(decodeTransaction(changed) as SignedTransaction))).toBe(false);
    }
  });

  it('names its sender and its contract', () => {
    const deployed = deploy(alice);
    expect(addressesOf(deployed)).toEqual([alice.address, deployed.contract]);
    expect(addressesOf(call(bob, CONTRACT, 'add'))).toEqual([bob.address, CONTRACT]);
  });
});

describe('the address of a contract', () => {
  it('is that of network, sender, nonce, source and arguments, and of nothing else', () => {
    const { networkId, sender, source, args, contract } = deploy(alice, { nonce: 5n });
    const preimage = concatBytes(
      utf8ToBytes('forklore/contract/v1'),
      hexToBytes(networkId),
      hexToBytes(sender),
      Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0),
      sha256(source),
      sha256(args),
    );
    expect(contract).toBe(bytesToHex(sha256(preimage).subarray(0, 20)));
    expect(contractAddress({ networkId, sender, nonce: 5n, source, args })).toBe(contract);
    expect(deploy(alice, { nonce: 5n, amount: 1n, fee: 2n, gas: 3 }).contract).toBe(contract);
  });

  it('changes with each of them', () => {
    const changes = [
      {},
      { networkId: LAB.networkId },
      { senderKey: bytesToHex(bob.publicKey) },
      { nonce: 1n },
      { source: concatBytes(BOX, Uint8Array.of(0x0a)) },
      { args: Uint8Array.of(0) },
    ];
    expect(new Set(changes.map((change) => deploy(alice, change).contract)).size).toBe(changes.length);
  });
});

describe('the sanity of deploys and calls', () => {
  const sanityOf = (transaction: Transaction) => brokenRule(() => checkTransactionSanity(transaction, REGTEST));

  it('accepts what the fixtures make', () => {
    expect(sanityOf(deploy(alice))).toBeUndefined();
    expect(sanityOf(call(alice, CONTRACT, 'add'))).toBeUndefined();
  });

  it('knows nothing of what source, method and arguments mean', () => {
    expect(sanityOf(deploy(alice, { source: new Uint8Array(100).fill(0xff) }))).toBeUndefined();
    const junk = new Uint8Array(255).fill(0xff);
    expect(sanityOf(call(alice, CONTRACT, '', { method: junk, args: junk }))).toBeUndefined();
    expect(sanityOf(call(alice, CONTRACT, '', { method: new Uint8Array() }))).toBeUndefined();
  });

  it.each([
    [MIN_SOURCE_BYTES - 1, 'source-too-short'],
    [MIN_SOURCE_BYTES, undefined],
    [MAX_SOURCE_BYTES, undefined],
    [MAX_SOURCE_BYTES + 1, 'source-too-long'],
  ])('of a source with %i bytes is %s', (sizeBytes, code) => {
    expect(sanityOf(deploy(alice, { source: new Uint8Array(sizeBytes), gas: MAX_CALL_GAS }))).toBe(code);
  });

  it.each([
    [MAX_ARGS_BYTES, undefined],
    [MAX_ARGS_BYTES + 1, 'args-too-long'],
  ])('of arguments with %i bytes is %s', (sizeBytes, code) => {
    const args = new Uint8Array(sizeBytes);
    expect(sanityOf(deploy(alice, { args }))).toBe(code);
    expect(sanityOf(call(alice, CONTRACT, 'add', { args }))).toBe(code);
  });

  it.each([
    [MAX_CALL_GAS, undefined],
    [MAX_CALL_GAS + 1, 'gas-too-high'],
    [2 ** 32 - 1, 'gas-too-high'],
  ])('of %i gas is %s', (gas, code) => {
    expect(sanityOf(deploy(alice, { gas }))).toBe(code);
    expect(sanityOf(call(alice, CONTRACT, 'add', { gas }))).toBe(code);
  });

  it('demands the gas that the bytes cost: one each, and of a deploy twenty for each that is kept', () => {
    const called = call(alice, CONTRACT, 'add', { args: new Uint8Array(7) });
    expect(intrinsicGas(called)).toBe(called.raw.length);
    const deployed = deploy(alice, { args: new Uint8Array(7) });
    expect(intrinsicGas(deployed)).toBe(deployed.raw.length + 20 * (BOX.length + 200));
    const encode = (gas: number) => [encodeCall({ ...called, gas }), encodeDeploy({ ...deployed, gas })];
    for (const [i, gas] of [intrinsicGas(called), intrinsicGas(deployed)].entries()) {
      expect(sanityOf(encode(gas)[i]!)).toBeUndefined();
      expect(sanityOf(encode(gas - 1)[i]!)).toBe('gas-too-low');
      expect(sanityOf(encode(0)[i]!)).toBe('gas-too-low');
    }
  });

  it('always leaves room for the longest source with the longest arguments', () => {
    const longest = deploy(alice, { source: new Uint8Array(MAX_SOURCE_BYTES), args: new Uint8Array(MAX_ARGS_BYTES) });
    expect(intrinsicGas(longest)).toBeLessThan(MAX_CALL_GAS);
  });

  it('rejects another network, and keys and signatures that are not encoded strictly', () => {
    const signature = deploy(alice).signature.slice();
    signature[63] = 0xff;
    const smallOrderKey = `01${'00'.repeat(31)}`;
    for (const make of [
      (changes: object) => deploy(alice, changes),
      (changes: object) => call(alice, CONTRACT, 'add', changes),
    ]) {
      expect(sanityOf(make({ networkId: LAB.networkId }))).toBe('wrong-network');
      expect(sanityOf(make({ senderKey: smallOrderKey }))).toBe('bad-public-key');
      expect(sanityOf(make({ signature }))).toBe('bad-signature');
    }
  });
});

describe('the sanity of a block with contracts', () => {
  const coinbase = encodeCoinbase({
    height: 1,
    recipient: miner,
    reward: 0n,
    stateRoot: '00'.repeat(32),
    extraNonce: new Uint8Array(8),
    tag: new Uint8Array(),
  });
  const sanityOf = (...some: SignedTransaction[]) =>
    brokenRule(() => checkBlockSanity(blockOf([coinbase, ...some]), REGTEST));

  it('demands one transaction for each sender and nonce, of whatever kinds', () => {
    const kinds = [pay(alice, bob.address), deploy(alice), call(alice, CONTRACT, 'add')];
    for (const one of kinds) {
      for (const other of kinds) {
        if (one !== other) expect(sanityOf(one, other)).toBe('duplicate-nonce');
      }
    }
    expect(sanityOf(deploy(alice), call(bob, CONTRACT, 'add'), pay(carol, bob.address))).toBeUndefined();
    const [paid] = kinds as [ReturnType<typeof pay>];
    expect(sanityOf(deploy(alice), encodeTransfer({ ...paid, nonce: 1n }))).toBeUndefined();
  });

  it('limits the gas that all transactions reserve together', () => {
    const count = MAX_BLOCK_GAS / MAX_CALL_GAS;
    const full = Array.from({ length: count }, (_, nonce) =>
      call(alice, CONTRACT, 'add', { nonce: BigInt(nonce), gas: MAX_CALL_GAS }),
    );
    expect(sanityOf(...full)).toBeUndefined();
    expect(sanityOf(...full, pay(bob, alice.address))).toBeUndefined();
    const least = intrinsicGas(call(bob, CONTRACT, 'add'));
    expect(sanityOf(...full, call(bob, CONTRACT, 'add', { gas: least }))).toBe('block-gas-exceeded');
  });
});
