/**
 * Writes the project's own test vectors into test/vectors: `npx tsx scripts/make-vectors.ts`. A change of these files
 * is a change of the protocol. Vectors of other projects (bitcoin-headers.json, ed25519.json) are kept by hand.
 */
import { writeFileSync } from 'node:fs';
import { formatAddress } from '../consensus/address.ts';
import { encodeBlock } from '../consensus/block.ts';
import { DEVELOPMENT_ACCOUNTS, DEVELOPMENT_MNEMONIC } from '../consensus/development-accounts.ts';
import { asertTarget } from '../consensus/difficulty.ts';
import { encodeHeader } from '../consensus/header.ts';
import { bytesToHex, concatBytes, utf8ToBytes } from '../consensus/hex.ts';
import { developmentKeyPair } from '../consensus/keys.ts';
import { coinbaseBranch, merkleRoot } from '../consensus/merkle.ts';
import { LAB, REGTEST } from '../consensus/networks.ts';
import { signTransfer } from '../consensus/signature.ts';
import type { Account } from '../consensus/state.ts';
import { accountProof, EMPTY_ROOT, updateStateTree } from '../consensus/state-tree.ts';
import { bitsToTarget, difficultyOf, targetToBits, workOfBits } from '../consensus/target.ts';
import { encodeCoinbase, type SignedTransaction, signingBytes, type Transaction } from '../consensus/transaction.ts';
import { encodeUndo } from '../consensus/undo.ts';
import { contractBlockVectors } from './contract-block-vectors.ts';

const VECTORS = new URL('../test/vectors/', import.meta.url);
const [alice, bob] = DEVELOPMENT_ACCOUNTS.slice(0, 2).map(developmentKeyPair);
if (alice === undefined || bob === undefined) throw new Error('there are ten development accounts');

/** Bytes as hex, big integers as decimal text, so that any language reads them without loss. */
function write(file: string, vectors: unknown): void {
  const plain = (_: string, value: unknown) => {
    if (typeof value === 'bigint') return value.toString();
    return value instanceof Uint8Array ? bytesToHex(value) : value;
  };
  writeFileSync(new URL(file, VECTORS), `${JSON.stringify(vectors, plain, 2)}\n`);
}

/** Where the format of the source stands in a deploy. */
const DEPLOY_FORMAT_OFFSET = 65;

function withByte(raw: Uint8Array | undefined, offset: number, value: number): Uint8Array {
  const bytes = new Uint8Array(raw ?? []);
  bytes[offset] = value;
  return bytes;
}

function hexBits(bits: number): string {
  return `0x${bits.toString(16).padStart(8, '0')}`;
}

const coinbase = encodeCoinbase({
  height: 258,
  recipient: bob.address,
  reward: 5_000_000_003n,
  stateRoot: LAB.genesis.header.merkleRoot,
  extraNonce: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  tag: utf8ToBytes('forklore'),
});
const transfers = [
  { nonce: 0n, amount: 1_000_000_000n, fee: 3n, memo: utf8ToBytes('로어 🍴') },
  { nonce: 1n, amount: 0n, fee: 0n, memo: new Uint8Array() },
].map((fields) => signTransfer({ ...fields, networkId: LAB.networkId, recipient: bob.address }, alice.secretKey));
const transactions: Transaction[] = [coinbase, ...transfers];
const txids = transactions.map((transaction) => transaction.txid);

const contracts = contractBlockVectors();
const withSigningBytes = (some: SignedTransaction) => ({ ...some, signingBytes: signingBytes(some) });
write('transactions.json', {
  coinbase: [coinbase],
  transfer: transfers.map(withSigningBytes),
  deploy: contracts.transactions.filter(({ kind }) => kind === 'deploy').map(withSigningBytes),
  call: contracts.transactions.filter(({ kind }) => kind === 'call').map(withSigningBytes),
});
write('receipts.json', contracts.receipts);
write('contract-block.json', contracts.block);

const header = {
  version: -2,
  prevHash: LAB.genesis.hash,
  merkleRoot: merkleRoot(txids),
  time: 0x6955b90a,
  bits: LAB.genesisBits,
  nonce: 0x01020304,
};
const block = encodeBlock(header, transactions);
write('blocks.json', [{ header, headerBytes: encodeHeader(header), blockHash: block.hash, txids, raw: block.raw }]);

const leaves = Array.from({ length: 7 }, (_, n) => `${n + 1}`.repeat(64));
write(
  'merkle.json',
  leaves.map((_, n) => {
    const some = leaves.slice(0, n + 1);
    return { txids: some, root: merkleRoot(some), coinbaseBranch: coinbaseBranch(some) };
  }),
);

write(
  'targets.json',
  [0x1d00ffff, 0x1b0404cb, 0x1e03ffff, 0x207fffff, 0x01010000, 0x05009234].map((bits) => ({
    bits: hexBits(bits),
    target: bitsToTarget(bits).toString(16).padStart(64, '0'),
    work: workOfBits(bits),
    difficulty: difficultyOf(bits, 0x1d00ffff),
  })),
);

/** Blocks whose gaps grow and shrink by a fixed pattern, as [seconds, blocks since the anchor, bits of the next block]. */
function asertRun(name: string, anchorBits: number, spacing: number, halfLife: number, gapOf: (n: number) => number) {
  const limitBits = spacing === 10 ? LAB.limitBits : 0x1d00ffff;
  let timeDelta = 0;
  const blocks = Array.from({ length: 40 }, (_, n) => {
    timeDelta += gapOf(n);
    const heightDelta = n + 1;
    const target = asertTarget({
      anchorTarget: bitsToTarget(anchorBits),
      timeDelta: BigInt(timeDelta),
      heightDelta: BigInt(heightDelta),
      spacing: BigInt(spacing),
      halfLife: BigInt(halfLife),
      limit: bitsToTarget(limitBits),
    });
    return [timeDelta, heightDelta, hexBits(targetToBits(target))];
  });
  return { name, anchorBits: hexBits(anchorBits), limitBits: hexBits(limitBits), spacing, halfLife, blocks };
}

write('asert.json', [
  asertRun('on schedule', 0x1d00ffff, 600, 172_800, () => 600),
  asertRun('all at once', 0x1d00ffff, 600, 172_800, () => 0),
  asertRun('halved ten times', 0x1d00ffff, 172_800, 172_800, () => 0),
  asertRun('too slow', 0x1802aee8, 600, 172_800, (n) => 600 + n * 900),
  asertRun('up and down', 0x1802aee8, 600, 172_800, (n) => (n * 7_919) % 3_600),
  asertRun('lab, ten times too fast', 0x1e03ffff, 10, 120, () => 1),
  asertRun('lab, uneven', 0x1d03ffff, 10, 120, (n) => (n * 37) % 41),
]);

const accounts = new Map<string, Account>([
  [alice.address, { balance: 98_999_999_997n, nonce: 2n }],
  [bob.address, { balance: 106_000_000_003n, nonce: 0n }],
  ['00'.repeat(20), { balance: 0n, nonce: 0n }],
  ['ff'.repeat(20), { balance: 2n ** 64n - 1n, nonce: 2n ** 64n - 1n }],
]);
const tree = updateStateTree({ stateNode: () => undefined }, EMPTY_ROOT, accounts);
const reader = { stateNode: (hash: string) => tree.added.get(hash) };
write('state.json', {
  accounts: [...accounts].map(([address, account]) => ({ address, ...account })),
  root: tree.root,
  nodes: [...tree.added].map(([hash, preimage]) => ({ hash, preimage })),
  proofs: [...accounts.keys(), '12'.repeat(20)].map((address) => ({
    address,
    account: accounts.get(address) ?? null,
    proof: accountProof(reader, tree.root, address),
  })),
});

const undoAccounts = new Map([...accounts, ['12'.repeat(20), undefined] as const]);
const plainUndo = { stateRoot: tree.root, slots: [], newCodes: [], receiptsHash: null };
write('undo.json', [
  {
    ...plainUndo,
    accounts: [...undoAccounts].map(([address, account]) => ({ address, account: account ?? null })),
    bytes: encodeUndo({ ...plainUndo, accounts: undoAccounts, slots: new Map() }),
  },
  contracts.undo,
]);

write('keys.json', {
  mnemonic: DEVELOPMENT_MNEMONIC,
  keys: DEVELOPMENT_ACCOUNTS.map((account, index) => ({
    name: account.name,
    path: `m/44'/1'/${index}'`,
    ...developmentKeyPair(account),
    lab: formatAddress(account.address, LAB.addressPrefix),
    regtest: formatAddress(account.address, REGTEST.addressPrefix),
  })),
});

write(
  'genesis.json',
  [LAB, REGTEST].map(({ name, networkId, genesis }) => ({
    name,
    networkId,
    blockHash: genesis.hash,
    raw: genesis.raw,
  })),
);

write('malformed.json', [
  { name: 'no bytes', transaction: '' },
  { name: 'a byte is missing', transaction: coinbase.raw.subarray(0, -1) },
  { name: 'a byte too many', transaction: concatBytes(coinbase.raw, Uint8Array.of(0)) },
  { name: 'reserved kind 4', transaction: concatBytes(Uint8Array.of(4), coinbase.raw.subarray(1)) },
  ...contracts.transactions.slice(0, 3).flatMap(({ kind, raw }) => [
    { name: `a byte of a ${kind} is missing`, transaction: raw.subarray(0, -1) },
    { name: `a ${kind} has a byte too many`, transaction: concatBytes(raw, Uint8Array.of(0)) },
  ]),
  { name: 'reserved format 1', transaction: withByte(contracts.transactions[0]?.raw, DEPLOY_FORMAT_OFFSET, 1) },
]);
