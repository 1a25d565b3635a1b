import { createPublicKey, verify } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Block,
  checkBlockContext,
  checkBlockSanity,
  encodeBlock,
  signedTransactionsOf,
} from '../../consensus/block.ts';
import { connectBlock } from '../../consensus/connect.ts';
import type { CallFields } from '../../consensus/contract-transaction.ts';
import {
  DEVELOPMENT_ALLOCATIONS,
  DEVELOPMENT_MNEMONIC,
  WELL_KNOWN_ACCOUNTS,
} from '../../consensus/development-accounts.ts';
import { requiredBits } from '../../consensus/difficulty.ts';
import { RULES, RuleError } from '../../consensus/errors.ts';
import type { Network } from '../../consensus/genesis.ts';
import { deriveNetwork } from '../../consensus/genesis.ts';
import { type BlockHeader, checkHeaderContext, checkHeaderSanity, medianTimePast } from '../../consensus/header.ts';
import { bytesToHex, concatBytes, hexToBytes } from '../../consensus/hex.ts';
import { deriveKeyPair } from '../../consensus/keys.ts';
import { merkleRoot } from '../../consensus/merkle.ts';
import { LAB, REGTEST } from '../../consensus/networks.ts';
import { signatureCheckOf, verifySignature } from '../../consensus/signature.ts';
import { subsidyAt } from '../../consensus/subsidy.ts';
import {
  type CoinbaseFields,
  encodeCoinbase,
  encodeTransfer,
  type SignedTransaction,
  type Transaction,
  type Transfer,
} from '../../consensus/transaction.ts';
import { networkIdOf } from '../../consensus/transaction-parts.ts';
import { type ModelBlock, ReferenceModel, type Verdict } from '../../simulator/model/reference-model.ts';
import { stateRootOf } from '../../simulator/model/state-root.ts';
import {
  type ChainPoint,
  contextOn,
  genesisPoint,
  keysOf,
  type MineOptions,
  mineBlock,
  mineChain,
  mineUnchecked,
  transferAt,
  withProofOfWork,
} from '../../testing/chain-builder.ts';
import { call, deploy } from '../consensus/contract-fixtures.ts';
import blockVectors from '../vectors/blocks.json' with { type: 'json' };
import genesisVectors from '../vectors/genesis.json' with { type: 'json' };
import malformedVectors from '../vectors/malformed.json' with { type: 'json' };

/** Like lab, with so little work that a test can mine, and a subsidy that halves before the test is over. */
const RETARGETING = deriveNetwork({
  name: 'model',
  addressPrefix: 'model',
  allocations: DEVELOPMENT_ALLOCATIONS,
  spacingSeconds: 10,
  halfLifeSeconds: 120,
  bits: 0x200f_ffff,
  retarget: true,
  futureLimitSeconds: 120,
  initialSubsidy: 5_000_000_000n,
  halvingInterval: 3,
  genesisTime: 1_767_225_600,
  genesisNonce: 0,
  developmentAccounts: WELL_KNOWN_ACCOUNTS,
  controls: false,
});
const NETWORKS: readonly (readonly [name: string, params: Network])[] = [
  ['regtest', REGTEST],
  ['a retargeting network', RETARGETING],
];

const [ALICE, BOB, CAROL] = ['Alice', 'Bob', 'Carol'].map(keysOf) as [KeyPair, KeyPair, KeyPair];
type KeyPair = ReturnType<typeof keysOf>;
/** Has keys but no account. */
const STRANGER = deriveKeyPair(DEVELOPMENT_MNEMONIC, 999);

/** Plain Ed25519 of the platform, which lacks the strictness of encodings. */
function platformVerifies(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const x = Buffer.from(publicKey).toString('base64url');
  return verify(null, message, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature);
}

function modelOf(params: Network): ReferenceModel {
  return new ReferenceModel(params, platformVerifies);
}

/** The rule that consensus/ finds broken in a whole block; undefined for a valid one. */
function brokenByProduct(parent: ChainPoint, block: Block): string | undefined {
  const { params } = parent;
  const height = parent.height + 1;
  const times: number[] = [];
  for (let at: ChainPoint | null = parent; at !== null && times.length < 11; at = at.parent) {
    times.push(at.block.header.time);
  }
  try {
    checkHeaderSanity(block.header, block.hash, params);
    const context = { height, requiredBits: requiredBits(parent, params), medianTimePast: medianTimePast(times) };
    checkHeaderContext(block.header, context, 2 ** 32, params);
    checkBlockSanity(block, params);
    checkBlockContext(block, height);
    if (!signedTransactionsOf(block).every((transfer) => verifySignature(signatureCheckOf(transfer))))
      return 'bad-signature';
    connectBlock(block, contextOn(parent), parent.state, params);
    return undefined;
  } catch (error) {
    if (error instanceof RuleError) return error.code;
    throw error;
  }
}

function ruleOf(verdict: Verdict): string | undefined {
  return verdict.valid ? undefined : verdict.rule;
}

/** The model's block of a valid verdict. */
function validBlock(verdict: Verdict): ModelBlock {
  if (!verdict.valid) throw new Error(`found invalid: ${verdict.rule}`);
  return verdict.block;
}

/** Everything that both must know alike of a valid block. */
function expectAgreement(found: ModelBlock, point: ChainPoint): void {
  const { block, height, chainWork, clock, active, state, params } = point;
  let supply = params.allocationTotal;
  for (let h = 1; h <= height; h++) supply += subsidyAt(h, params);
  expect(found).toMatchObject({ hash: block.hash, height, chainWork, clock, active, supply, time: block.header.time });
  expect(found.stateRoot).toBe(state.stateRoot);
  expect(new Map(found.accounts)).toEqual(new Map(state.accounts));
  expect([...found.txids]).toEqual(block.transactions.map((transaction) => transaction.txid));
}

/** A block on `parent` with a right Merkle root and work around any transactions. */
function blockAround(
  parent: ChainPoint,
  transactions: readonly Transaction[],
  header: Partial<BlockHeader> = {},
): Block {
  const fields = {
    ...mineUnchecked(parent).header,
    merkleRoot: merkleRoot(transactions.map((transaction) => transaction.txid)),
    ...header,
  };
  return encodeBlock(withProofOfWork(fields, parent.params), transactions);
}

function coinbaseOn(parent: ChainPoint, options: MineOptions = {}): Transaction {
  return mineUnchecked(parent, options).transactions[0]!;
}

/** The transfer with some bytes of its signature changed after signing. */
function resigned(transfer: Transfer, change: (signature: Uint8Array) => void): Transfer {
  const signature = transfer.signature.slice();
  change(signature);
  return encodeTransfer({ ...transfer, signature });
}

function littleEndian(value: bigint): Uint8Array {
  return hexToBytes(value.toString(16).padStart(64, '0')).reverse();
}

function integerOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${bytesToHex(bytes.toReversed())}`);
}

/** A signature for which the equation holds, but its R is the point at infinity, which is of small order. */
function signatureWithR0(keys: KeyPair, message: Uint8Array): Uint8Array {
  const { Point, utils } = ed25519;
  const r = Point.ZERO.toBytes();
  const k = integerOf(sha512(concatBytes(r, keys.publicKey, message)));
  return concatBytes(r, littleEndian((k * utils.getExtendedPublicKey(keys.secretKey).scalar) % Point.Fn.ORDER));
}

/** A block with transactions whose contracts are not executed, so that its state root is wrong besides. */
function withContract(parent: ChainPoint, ...transactions: readonly SignedTransaction[]): Block {
  const coinbase = coinbaseOn(parent, { coinbase: { stateRoot: '42'.repeat(32) } });
  return blockAround(parent, [coinbase, ...transactions]);
}

function deployOf({ params }: ChainPoint, source: Uint8Array): SignedTransaction {
  return deploy(ALICE, { networkId: params.networkId, source, gas: 2_000_000 });
}

function callOf(parent: ChainPoint, changes: Partial<CallFields>): SignedTransaction {
  return call(ALICE, '77'.repeat(20), 'nothing', { networkId: parent.params.networkId, ...changes });
}

/** One block for each way to break a rule, on a parent at height 2 or more with Alice, Bob and Carol funded. */
const BROKEN: Record<string, (parent: ChainPoint) => Block> = {
  'bad-bits': (parent) => mineUnchecked(parent, { header: { bits: 0x1d80_ffff } }),
  'bits-above-limit': (parent) => mineUnchecked(parent, { header: { bits: 0x2100_ffff } }),
  'high-hash': (parent) => {
    const { header, transactions } = mineUnchecked(parent);
    for (let nonce = 0; ; nonce++) {
      const block = encodeBlock({ ...header, nonce }, transactions);
      if (brokenByProduct(parent, block) === 'high-hash') return block;
    }
  },
  'bad-difficulty-bits': (parent) => mineUnchecked(parent, { header: { bits: 0x2007_0000 } }),
  'time-too-old': (parent) => mineUnchecked(parent, { time: parent.parent!.block.header.time }),
  'block-too-large': (parent) => {
    // 2,500 transfers of 403 bytes; one signature serves for all, as it is looked at later.
    const transfer = transferAt(parent, ALICE, BOB.address, { memo: new Uint8Array(256) });
    const many = Array.from({ length: 2_500 }, (_, index) => encodeTransfer({ ...transfer, nonce: BigInt(index) }));
    return blockAround(parent, [coinbaseOn(parent), ...many]);
  },
  'bad-merkle-root': (parent) => mineUnchecked(parent, { header: { merkleRoot: '42'.repeat(32) } }),
  'no-transactions': (parent) => blockAround(parent, []),
  'first-not-coinbase': (parent) => blockAround(parent, [transferAt(parent, ALICE, BOB.address), coinbaseOn(parent)]),
  'multiple-coinbases': (parent) => blockAround(parent, [coinbaseOn(parent), coinbaseOn(parent, { extraNonce: 1 })]),
  'duplicate-transaction': (parent) => {
    const transfer = transferAt(parent, ALICE, BOB.address);
    return mineUnchecked(parent, { transfers: [transfer, transfer] });
  },
  'duplicate-nonce': (parent) => {
    const amounts = [1n, 2n];
    const transfers = amounts.map((amount) => transferAt(parent, ALICE, BOB.address, { amount }));
    return mineUnchecked(parent, { transfers });
  },
  'wrong-network': (parent) => {
    const foreign = { ...parent, params: { ...parent.params, networkId: 'deadbeef' } };
    return mineUnchecked(parent, { transfers: [transferAt(foreign, ALICE, BOB.address)] });
  },
  'memo-too-long': (parent) => {
    return mineUnchecked(parent, {
      transfers: [transferAt(parent, ALICE, BOB.address, { memo: new Uint8Array(257) })],
    });
  },
  'tag-too-long': (parent) => mineUnchecked(parent, { coinbase: { tag: new Uint8Array(65) } }),
  'bad-public-key': (parent) => {
    const senderKey = `01${'00'.repeat(31)}`;
    return mineUnchecked(parent, {
      transfers: [encodeTransfer({ ...transferAt(parent, ALICE, BOB.address), senderKey })],
    });
  },
  'bad-signature': (parent) => {
    const transfer = transferAt(parent, ALICE, BOB.address);
    return mineUnchecked(parent, { transfers: [resigned(transfer, (bytes) => bytes.set([bytes[0]! ^ 1]))] });
  },
  'coinbase-wrong-height': (parent) => mineUnchecked(parent, { coinbase: { height: parent.height } }),
  'coinbase-wrong-reward': (parent) => {
    return mineUnchecked(parent, { coinbase: { reward: subsidyAt(parent.height + 1, parent.params) + 1n } });
  },
  'wrong-nonce': (parent) =>
    mineUnchecked(parent, { transfers: [transferAt(parent, ALICE, BOB.address, { nonce: 9n })] }),
  'insufficient-balance': (parent) => {
    const { balance } = parent.state.account(ALICE.address)!;
    const transfers = [transferAt(parent, ALICE, BOB.address, { amount: balance, fee: 1n })];
    return mineUnchecked(parent, { transfers });
  },
  'wrong-state-root': (parent) => mineUnchecked(parent, { coinbase: { stateRoot: '42'.repeat(32) } }),
  'source-too-short': (parent) => withContract(parent, deployOf(parent, new Uint8Array(15))),
  'source-too-long': (parent) => withContract(parent, deployOf(parent, new Uint8Array(16_385))),
  'args-too-long': (parent) => withContract(parent, callOf(parent, { args: new Uint8Array(4_097) })),
  'gas-too-high': (parent) => withContract(parent, callOf(parent, { gas: 2_000_001 })),
  'gas-too-low': (parent) => withContract(parent, callOf(parent, { gas: callOf(parent, {}).raw.length - 1 })),
  'block-gas-exceeded': (parent) => {
    const gas = [2_000_000, 2_000_000, 2_000_000, 2_000_000, 1_000_000, 1_000_001];
    return withContract(parent, ...gas.map((each, i) => callOf(parent, { gas: each, nonce: BigInt(i) })));
  },
};
/** Rules that are no verdict on the bytes of one block by themselves, and one that needs a state that no block leads to. */
const NOT_OF_ONE_BLOCK = [
  'malformed',
  'reserved-kind',
  'unknown-parent',
  'invalid-ancestor',
  'time-too-new',
  'sender-is-contract',
];

describe('the model and the published vectors', () => {
  it.each(genesisVectors)('have the same genesis block of $name', ({ name, blockHash, raw }) => {
    const params = name === 'lab' ? LAB : REGTEST;
    const model = modelOf(params);
    expect(model.genesis).toMatchObject({ hash: blockHash, height: 0, parent: null, supply: params.allocationTotal });
    expect(model.judge(hexToBytes(raw))).toEqual({ valid: true, block: model.genesis });
    expect(model.verdictOf(blockHash)).toEqual({ valid: true, block: model.genesis });
  });

  it.each(blockVectors)('agree that the work of block $blockHash is not done', ({ raw, blockHash }) => {
    const model = modelOf(LAB);
    expect(model.judge(hexToBytes(raw))).toEqual({ valid: false, rule: 'high-hash' });
    expect(model.verdictOf(blockHash)).toEqual({ valid: false, rule: 'high-hash' });
  });

  it.each(malformedVectors)('agree that a block with a transaction of $name does not decode', (vector) => {
    const { raw } = mineUnchecked(genesisPoint(REGTEST));
    const rule = vector.name.startsWith('reserved') ? 'reserved-kind' : 'malformed';
    const transaction = hexToBytes(vector.transaction);
    const alone = concatBytes(raw.subarray(0, 80), Uint8Array.of(1, 0, 0, 0), transaction);
    expect(modelOf(REGTEST).judge(alone)).toEqual({ valid: false, rule });
  });

  it('agree on block 1 of the session that the protocol prints', () => {
    const raw = hexToBytes(
      '00000020e58e9365bbdf064d74f21056bfbdb7f061c00cc1561035ffa66a0f752a372c2feaa088af38957478928c76615415b6832c1d285a' +
        'daea293cb1164d8a6c7fef230ab95569ffff7f2000000000020000000001000000731bc25751aa6ec3130bc010c0ff5822ab2f1e24e8f5' +
        '052a010000003750212e39c14cde1e505e449262d92dd5210b623f9de1683bb6b2dfd15b1a530000000000000000076578616d706c6501' +
        'e58e936502dd2fb3505bf27b97e15b84edfca486711d861ea59fdc34683a704df733c33a0000000000000000c701adfa1a3b75c6691794' +
        '10873e6bacdee5acfc00ca9a3b00000000e8030000000000000600636f666665657a8824929ad1629882268044ab7d1879ed401a0ffad0' +
        'e24208563c7c78bd45716f896897b1f85eb59762556cbc6018da35e691fa0d6ab45adc8373f21ad58e09',
    );
    const block = validBlock(modelOf(REGTEST).judge(raw));
    expect(block).toMatchObject({
      hash: '6fa08abaf043872020a7ecc4b4335e2f479e4ad3d10e255a17b6d52108c5a08c',
      height: 1,
      chainWork: 4n,
      stateRoot: '3750212e39c14cde1e505e449262d92dd5210b623f9de1683bb6b2dfd15b1a53',
    });
    expect(block.txids.has('b117b43eaf75063973c4b8c3a1422e15c8a42a6f7b20b61e17b523e8b4106190')).toBe(true);
    expect(block.accounts.get(BOB.address)).toEqual({ balance: 101_000_000_000n, nonce: 0n });
  });
});

describe.each(NETWORKS)('the model on %s', (_, params) => {
  const parent = mineChain(genesisPoint(params), 2);
  const judged = () => {
    const model = modelOf(params);
    model.judge(parent.parent!.block.raw);
    model.judge(parent.block.raw);
    return model;
  };

  it.each(Object.keys(BROKEN))('finds %s broken, as consensus/ does', (rule) => {
    const block = BROKEN[rule]!(parent);
    expect(ruleOf(judged().judge(block.raw))).toBe(rule);
    expect(brokenByProduct(parent, block)).toBe(rule);
  });

  it('knows every rule that is one of a block', () => {
    expect([...Object.keys(BROKEN), ...NOT_OF_ONE_BLOCK].sort()).toEqual(Object.keys(RULES).sort());
  });

  it('takes values at their bounds, as consensus/ does', () => {
    const { balance } = parent.state.account(ALICE.address)!;
    const whole = transferAt(parent, ALICE, ALICE.address, {
      amount: balance - 1n,
      fee: 1n,
      memo: new Uint8Array(256),
    });
    const nothing = transferAt(parent, STRANGER, `${'ab'.repeat(20)}`, { amount: 0n });
    const { time } = parent.parent!.block.header;
    const point = mineBlock(parent, {
      transfers: [whole, nothing],
      time: time + 1,
      coinbase: { tag: new Uint8Array(64) } satisfies Partial<CoinbaseFields>,
    });
    expect(brokenByProduct(parent, point.block)).toBeUndefined();
    const found = validBlock(judged().judge(point.block.raw));
    expectAgreement(found, point);
    expect(found.accounts.get(STRANGER.address)).toEqual({ balance: 0n, nonce: 1n });
    expect(found.accounts.has('ab'.repeat(20))).toBe(true);
  });

  it('refuses a signature in another encoding, with R of small order, and for another message', () => {
    const transfer = transferAt(parent, ALICE, BOB.address);
    const withLargerS = resigned(transfer, (bytes) => {
      bytes.set(littleEndian(integerOf(bytes.subarray(32)) + ed25519.Point.Fn.ORDER), 32);
    });
    const { publicKey, message } = signatureCheckOf(transfer);
    const withR0 = resigned(transfer, (bytes) => bytes.set(signatureWithR0(ALICE, message)));
    expect(platformVerifies(publicKey, message, withR0.signature)).toBe(true);
    for (const bad of [withLargerS, withR0, encodeTransfer({ ...transfer, amount: 2n })]) {
      const block = mineUnchecked(parent, { transfers: [bad] });
      expect(ruleOf(judged().judge(block.raw))).toBe('bad-signature');
      expect(brokenByProduct(parent, block)).toBe('bad-signature');
    }
  });
});

describe('the model on a network where a key has the address of a contract', () => {
  it('refuses what that sends, as consensus/ does', () => {
    const genesisState = new Map(REGTEST.genesisState);
    const contract = { codeHash: '11'.repeat(32), storageRoot: '00'.repeat(32) };
    genesisState.set(ALICE.address, { ...genesisState.get(ALICE.address)!, contract });
    const [coinbase] = REGTEST.genesis.transactions;
    if (coinbase?.kind !== 'coinbase') throw new Error('genesis has a coinbase');
    const accounts = new Map([...genesisState].flatMap(([address, account]) => (account ? [[address, account]] : [])));
    const committed = encodeCoinbase({ ...coinbase, stateRoot: stateRootOf(accounts) });
    const genesis = encodeBlock({ ...REGTEST.genesis.header, merkleRoot: committed.txid }, [committed]);
    const params = { ...REGTEST, genesis, genesisState, networkId: networkIdOf(genesis.hash) };

    const point = genesisPoint(params);
    const block = mineUnchecked(point, { transfers: [transferAt(point, ALICE, BOB.address)] });
    expect(ruleOf(modelOf(params).judge(block.raw))).toBe('sender-is-contract');
    expect(brokenByProduct(point, block)).toBe('sender-is-contract');
  });
});

describe('the model on a network that slept', () => {
  it('counts the night as twenty spacings, as consensus/ does', () => {
    const model = modelOf(RETARGETING);
    let point = genesisPoint(RETARGETING);
    // Well ahead of the schedule, so that the gap does not end at the easiest target anyway.
    const gaps = [...Array.from({ length: 45 }, () => 1), 30_000, 1, 1, -5, 8];
    for (const gap of gaps) {
      point = mineBlock(point, { time: point.block.header.time + gap });
      expect(brokenByProduct(point.parent!, point.block)).toBeUndefined();
      expectAgreement(validBlock(model.judge(point.block.raw)), point);
    }
    expect(point.active).toBe(45 + 200 + 1 + 1 + 3);
    expect(point.block.header.bits).not.toBe(RETARGETING.limitBits);
  });
});

describe('the model’s memory', () => {
  const genesis = genesisPoint(REGTEST);
  const parent = mineBlock(genesis, { transfers: [transferAt(genesis, ALICE, BOB.address)] });
  const child = mineBlock(parent);
  /** The parent's header with the body of a sibling. */
  const mutated = encodeBlock(parent.block.header, mineBlock(genesis).block.transactions);
  const cut = parent.block.raw.subarray(0, -1);

  it('asks about a block once, and again about another body for its header', () => {
    let asked = 0;
    const model = new ReferenceModel(REGTEST, (...check) => {
      asked += 1;
      return platformVerifies(...check);
    });
    const verdict = model.judge(parent.block.raw);
    expect(model.judge(parent.block.raw.slice())).toBe(verdict);
    expect(asked).toBe(1);
    expect(model.judge(mutated.raw)).toEqual({ valid: false, rule: 'bad-merkle-root' });
    expect(model.judge(cut)).toEqual({ valid: false, rule: 'malformed' });
    expect(model.verdictOf(parent.block.hash)).toBe(verdict);
    expect(model.judge(parent.block.raw)).toBe(verdict);
  });

  it('knows no verdict on what it never judged, and refuses to judge its children', () => {
    const model = modelOf(REGTEST);
    expect(model.verdictOf(parent.block.hash)).toBeUndefined();
    expect(() => model.judge(child.block.raw)).toThrow('never judged');
    expect(model.verdictOf(child.block.hash)).toBeUndefined();
  });

  it('condemns the descendants of an invalid block', () => {
    const bad = mineUnchecked(genesis, { coinbase: { reward: 1n } });
    const onBad = mineUnchecked({ ...parent, block: bad });
    const onThat = mineUnchecked({ ...child, block: onBad });
    const model = modelOf(REGTEST);
    const rules = [bad, onBad, onThat].map(({ raw }) => ruleOf(model.judge(raw)));
    expect(rules).toEqual(['coinbase-wrong-reward', 'invalid-ancestor', 'invalid-ancestor']);
  });

  it.each([
    ['with another body', mutated.raw],
    ['cut short', cut],
  ])('lets a block that it first saw %s become valid, and its descendants', (_, wrong) => {
    const grandchild = mineBlock(child);
    const model = modelOf(REGTEST);
    expect(model.judge(wrong).valid).toBe(false);
    expect(model.verdictOf(parent.block.hash)).toMatchObject({ valid: false });
    expect(ruleOf(model.judge(child.block.raw))).toBe('invalid-ancestor');
    expect(ruleOf(model.judge(grandchild.block.raw))).toBe('invalid-ancestor');
    for (const point of [parent, child, grandchild]) {
      expectAgreement(validBlock(model.judge(point.block.raw)), point);
      expect(model.verdictOf(point.block.hash)).toMatchObject({ valid: true });
    }
  });

  it('says so of bytes that hold no header', () => {
    expect(modelOf(REGTEST).judge(new Uint8Array(10))).toEqual({ valid: false, rule: 'malformed' });
  });

  it('refuses a network whose genesis block does not commit to its state', () => {
    const genesisState = new Map([...REGTEST.genesisState].slice(1));
    expect(() => modelOf({ ...REGTEST, genesisState })).toThrow('does not commit');
  });
});

interface Payment {
  readonly from: number;
  readonly to: number;
  /** Of the sender's balance at the parent, in thousandths; 1,001 is more than all. */
  readonly share: number;
  readonly fee: bigint;
  readonly nonceShift: bigint;
  readonly isTampered: boolean;
}
interface Step {
  /** How many blocks below the last valid one to build. */
  readonly back: number;
  readonly secondsAfterParent: number;
  readonly payments: readonly Payment[];
  readonly miner: number;
  readonly flaw: 'none' | 'reward' | 'height' | 'stateRoot' | 'bits' | 'merkleRoot' | 'tag';
}

const KEYS = [ALICE, BOB, CAROL, STRANGER];
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
const payment: fc.Arbitrary<Payment> = fc.record({
  from: fc.nat(3),
  to: fc.nat(4),
  share: mostly(1, 0, 300, 1_000, 1_001),
  fee: fc.bigInt({ min: 0n, max: 3n }),
  nonceShift: mostly(0n, 1n, -1n),
  isTampered: fc.nat(30).map((draw) => draw === 17),
});
const step: fc.Arbitrary<Step> = fc.record({
  back: mostly(0, 1, 2, 5),
  secondsAfterParent: fc.oneof(
    fc.integer({ min: 1, max: 25 }),
    fc.integer({ min: -40, max: 400 }),
    fc.constant(30_000),
  ),
  payments: fc.array(payment, { maxLength: 4 }),
  miner: fc.nat(4),
  flaw: mostly<Step['flaw']>('none', 'reward', 'height', 'stateRoot', 'bits', 'merkleRoot', 'tag'),
});

function addressAt(index: number): string {
  return KEYS[index]?.address ?? '22'.repeat(20);
}

/** Transfers with nonces in a row for each sender, apart from what is shifted on purpose. */
function transfersFor(parent: ChainPoint, payments: readonly Payment[]): Transfer[] {
  const used = new Map<number, bigint>();
  return payments.map(({ from, to, share, fee, nonceShift, isTampered }) => {
    const { balance, nonce } = parent.state.account(addressAt(from)) ?? { balance: 0n, nonce: 0n };
    const next = nonce + (used.get(from) ?? 0n);
    used.set(from, (used.get(from) ?? 0n) + 1n);
    const wanted = (balance * BigInt(share)) / 1_000n - fee;
    const fields = { amount: wanted < 0n ? 0n : wanted, fee, nonce: next + nonceShift < 0n ? next : next + nonceShift };
    const transfer = transferAt(parent, KEYS[from]!, addressAt(to), fields);
    return isTampered ? resigned(transfer, (bytes) => bytes.set([bytes[40]! ^ 1], 40)) : transfer;
  });
}

function optionsOf(parent: ChainPoint, { secondsAfterParent, payments, miner, flaw }: Step): MineOptions {
  const flaws: Record<Step['flaw'], Pick<MineOptions, 'coinbase' | 'header'>> = {
    none: {},
    reward: { coinbase: { reward: subsidyAt(parent.height + 1, parent.params) - 1n } },
    height: { coinbase: { height: parent.height + 2 } },
    stateRoot: { coinbase: { stateRoot: parent.state.stateRoot } },
    bits: { header: { bits: 0x2006_1234 } },
    merkleRoot: { header: { merkleRoot: parent.block.header.merkleRoot } },
    tag: { coinbase: { tag: new Uint8Array(70) } },
  };
  const time = parent.block.header.time + secondsAfterParent;
  return { transfers: transfersFor(parent, payments), miner: addressAt(miner), time, ...flaws[flaw] };
}

describe.each(NETWORKS)('any tree of blocks on %s', (_, params) => {
  it('is judged alike by the model and consensus/, with the same state', { timeout: 120_000 }, () => {
    const rulesSeen = new Map<string, number>();
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 25 }), (steps) => {
        const model = modelOf(params);
        let tip = genesisPoint(params);
        for (const each of steps) {
          let parent = tip;
          for (let back = each.back; back > 0 && parent.parent !== null; back--) parent = parent.parent;
          const options = optionsOf(parent, each);
          const block = mineUnchecked(parent, options);
          const expected = brokenByProduct(parent, block);
          const verdict = model.judge(block.raw);
          expect(ruleOf(verdict)).toBe(expected);
          rulesSeen.set(expected ?? 'valid', (rulesSeen.get(expected ?? 'valid') ?? 0) + 1);
          if (expected !== undefined) continue;
          tip = mineBlock(parent, options);
          expectAgreement(validBlock(verdict), tip);
        }
      }),
      { numRuns: 20, seed: 20_260_101 },
    );
    // A generator that makes only blocks of one kind would prove nothing.
    for (const rule of ['valid', 'time-too-old', 'bad-signature', 'wrong-nonce', 'insufficient-balance']) {
      expect(rulesSeen.get(rule) ?? 0, rule).toBeGreaterThan(2);
    }
    for (const rule of ['coinbase-wrong-reward', 'wrong-state-root', 'bad-merkle-root', 'duplicate-nonce']) {
      expect(rulesSeen.get(rule) ?? 0, rule).toBeGreaterThan(0);
    }
  });
});
