import { sha256 } from '@noble/hashes/sha2.js';
import { type Block, decodeBlock } from '../../consensus/block.ts';
import { DecodeError } from '../../consensus/codec.ts';
import type { Network } from '../../consensus/genesis.ts';
import { hashFromBytes, hashToBytes } from '../../consensus/hash.ts';
import { bytesToHex, hexToBytes } from '../../consensus/hex.ts';
import { brokenBodyRule } from './body-rules.ts';
import { targetOfBits, workOfTarget } from './compact-target.ts';
import { doubleSha256 } from './double-sha256.ts';
import { type Execution, execute } from './execute.ts';
import { type ModelState, subsidyAt, supplyOf } from './ledger.ts';
import { type ModelReceipt, receiptsHashOf } from './receipts.ts';
import type { ChainBelow } from './run-contract.ts';
import { bitsAfter, medianTimeUpTo, type ScheduleBlock, timesAfter } from './schedule.ts';
import { stateRootOf } from './state-root.ts';
import { signedMessage, type Verify } from './strict-signature.ts';

const HEADER_BYTES = 80;

/** A block that the model found valid, with the whole state after it. */
export interface ModelBlock extends ScheduleBlock, ModelState {
  /** In display order. */
  readonly hash: string;
  readonly parent: ModelBlock | null;
  /** Of the block and all its ancestors. */
  readonly chainWork: bigint;
  /** 64 hex digits. */
  readonly stateRoot: string;
  /** Of the transactions of this block that execute contracts, in order. */
  readonly receipts: readonly ModelReceipt[];
  /** Sum of all balances, in base units. */
  readonly supply: bigint;
  /** Of this block, in display order. */
  readonly txids: ReadonlySet<string>;
}

/** `rule` is the protocol's code of the first rule that is broken, in the protocol's order. */
export type Verdict =
  | { readonly valid: true; readonly block: ModelBlock }
  | { readonly valid: false; readonly rule: string };

/** Rules about the body that came with a header. The block with that hash may have another body that is valid. */
const RULES_OF_THE_BYTES = ['malformed', 'reserved-kind', 'block-too-large', 'bad-merkle-root'];

interface Judgement {
  readonly verdict: Verdict;
  /** False where the same header with other bytes, or on a parent with other bytes, could still be valid. */
  readonly settlesHash: boolean;
}

/**
 * The protocol's rules (sections 1 to 14 of `docs/protocol.md`) once more, written to be obvious and not to be fast: all
 * accounts and slots are copied for each block and all trees are rebuilt. It has only the byte layouts from
 * `consensus/`, so that both are wrong in the same way only where the protocol misled both.
 */
export class ReferenceModel {
  readonly genesis: ModelBlock;
  readonly #network: Network;
  readonly #networkId: string;
  readonly #verify: Verify;
  /** By the hash of all bytes. */
  readonly #byBytes = new Map<string, Judgement>();
  /** By block hash. */
  readonly #byHash = new Map<string, Judgement>();

  /** `verify` is plain Ed25519; the strictness of encodings is the model's. Throws where genesis contradicts itself. */
  constructor(network: Network, verify: Verify) {
    this.#network = network;
    this.#verify = verify;
    this.genesis = genesisOf(network);
    this.#networkId = bytesToHex(hashToBytes(this.genesis.hash).subarray(0, 4));
    const judgement = { verdict: { valid: true, block: this.genesis }, settlesHash: true } as const;
    this.#byBytes.set(bytesToHex(sha256(network.genesis.raw)), judgement);
    this.#byHash.set(this.genesis.hash, judgement);
  }

  /**
   * Judges a whole block whose parent is genesis or was judged before. Never looks at a clock: `time-too-new` is no
   * verdict on a block. A child of an invalid block is invalid too (`invalid-ancestor`). Throws `Error` when the block
   * decodes and has work, but its parent was never judged.
   *
   * Verdicts are cached by all bytes. The exceptions are descendants of a block that was only seen with a wrong body: they
   * are judged again when asked about again, since the right body of their ancestor may have come.
   */
  judge(raw: Uint8Array): Verdict {
    const key = bytesToHex(sha256(raw));
    const known = this.#byBytes.get(key);
    if (known?.settlesHash) return known.verdict;
    const judgement = this.#judgeBytes(raw);
    this.#byBytes.set(key, judgement);
    if (raw.length >= HEADER_BYTES) this.#rememberHash(hashOf(raw), judgement);
    return judgement.verdict;
  }

  /** The verdict on a block by its hash, where one was given; one on the block itself before one on wrong bytes for it. */
  verdictOf(blockHash: string): Verdict | undefined {
    return this.#byHash.get(blockHash)?.verdict;
  }

  #rememberHash(hash: string, judgement: Judgement): void {
    if (judgement.settlesHash || !this.#byHash.get(hash)?.settlesHash) this.#byHash.set(hash, judgement);
  }

  #judgeBytes(raw: Uint8Array): Judgement {
    let block: Block;
    try {
      block = decodeBlock(raw);
    } catch (error) {
      if (error instanceof DecodeError) return invalid(error.code);
      throw error;
    }
    const hash = hashOf(raw);
    const rule = this.#brokenWorkRule(block, hash);
    if (rule !== undefined) return invalid(rule);
    const parent = this.#byHash.get(block.header.prevHash);
    if (parent === undefined) throw new Error(`${block.header.prevHash}, the parent of ${hash}, was never judged`);
    if (!parent.verdict.valid) return invalid('invalid-ancestor', parent.settlesHash);
    const verdict = this.#judgeOn(parent.verdict.block, block, hash);
    return verdict.valid ? { verdict, settlesHash: true } : invalid(verdict.rule);
  }

  #brokenWorkRule({ header }: Block, hash: string): string | undefined {
    const target = targetOfBits(header.bits);
    const limit = targetOfBits(this.#network.limitBits);
    if (target === undefined || limit === undefined) return 'bad-bits';
    if (target > limit) return 'bits-above-limit';
    // Display order is big-endian.
    return BigInt(`0x${hash}`) > target ? 'high-hash' : undefined;
  }

  #judgeOn(parent: ModelBlock, block: Block, hash: string): Verdict {
    const network = this.#network;
    const { header, transactions } = block;
    const height = parent.height + 1;
    if (header.bits !== bitsAfter(parent, network)) return { valid: false, rule: 'bad-difficulty-bits' };
    if (header.time <= medianTimeUpTo(parent)) return { valid: false, rule: 'time-too-old' };

    const txids = txidsOf(block);
    const body = { sizeBytes: block.raw.length, merkleRoot: header.merkleRoot, transactions, txids };
    const bodyRule = brokenBodyRule(body, height, this.#networkId);
    if (bodyRule !== undefined) return { valid: false, rule: bodyRule };

    const after = this.#stateAfter(parent, block);
    if ('rule' in after) return { valid: false, rule: after.rule };
    return {
      valid: true,
      block: {
        hash,
        parent,
        height,
        time: header.time,
        chainWork: parent.chainWork + workOf(header.bits),
        ...timesAfter(parent, header.time, this.genesis.time, network),
        ...after,
        txids: new Set(txids),
      },
    };
  }

  #stateAfter(parent: ModelBlock, { transactions }: Block): StateAfter | { readonly rule: string } {
    const [coinbase] = transactions;
    if (coinbase?.kind !== 'coinbase') throw new Error('a body without a coinbase was let through');
    const signed = transactions.filter((transaction) => transaction.kind !== 'coinbase');
    const isSigned = signed.every(({ raw, senderKey, signature }) =>
      this.#verify(hexToBytes(senderKey), signedMessage(raw), signature),
    );
    if (!isSigned) return { rule: 'bad-signature' };

    const { initialSubsidy, halvingInterval } = this.#network;
    const subsidy = subsidyAt(parent.height + 1, initialSubsidy, halvingInterval);
    const fees = signed.reduce((sum, { fee }) => sum + fee, 0n);
    if (coinbase.reward !== subsidy + fees) return { rule: 'coinbase-wrong-reward' };

    const execution = execute(parent, signed, coinbase, this.#chainBelow(parent));
    if ('rule' in execution) return execution;
    const { accounts, receipts } = execution;
    const stateRoot = stateRootOf(accounts, receiptsHashOf(receipts));
    if (coinbase.stateRoot !== stateRoot) return { rule: 'wrong-state-root' };
    const supply = supplyOf(accounts);
    if (supply !== parent.supply + subsidy) throw new Error(`${supply} base units after ${parent.supply} + ${subsidy}`);
    return { ...execution, stateRoot, supply };
  }

  #chainBelow(parent: ModelBlock): ChainBelow {
    return {
      height: parent.height + 1,
      time: medianTimeUpTo(parent),
      blockHash: (height) => ancestorAt(parent, height).hash,
      verify: this.#verify,
    };
  }
}

type StateAfter = Exclude<Execution, { rule: string }> & Pick<ModelBlock, 'stateRoot' | 'supply'>;

function invalid(rule: string, settlesHash = !RULES_OF_THE_BYTES.includes(rule)): Judgement {
  return { verdict: { valid: false, rule }, settlesHash };
}

/** Genesis is valid by definition, but it commits to the state that the network says it has. */
function genesisOf(network: Network): ModelBlock {
  const block = decodeBlock(network.genesis.raw);
  const accounts = new Map(
    [...network.genesisState].flatMap(([address, account]) => (account ? [[address, account]] : [])),
  );
  const stateRoot = stateRootOf(accounts);
  const [coinbase] = block.transactions;
  if (coinbase?.kind !== 'coinbase' || coinbase.stateRoot !== stateRoot) {
    throw new Error(`the genesis block of ${network.name} does not commit to its state`);
  }
  return {
    hash: hashOf(block.raw),
    parent: null,
    height: 0,
    time: block.header.time,
    chainWork: workOf(block.header.bits),
    clock: 0,
    active: 0,
    stateRoot,
    accounts,
    slots: new Map(),
    sources: new Map(),
    receipts: [],
    supply: supplyOf(accounts),
    txids: new Set(txidsOf(block)),
  };
}

function ancestorAt(block: ModelBlock, height: number): ModelBlock {
  let walk: ModelBlock | null = block;
  while (walk && walk.height > height) walk = walk.parent;
  if (walk?.height !== height) throw new Error(`no block at height ${height} below`);
  return walk;
}

/** Block hash of bytes that begin with a header. */
function hashOf(raw: Uint8Array): string {
  return hashFromBytes(doubleSha256(raw.subarray(0, HEADER_BYTES)));
}

function txidsOf({ transactions }: Block): string[] {
  return transactions.map((transaction) => hashFromBytes(doubleSha256(transaction.raw)));
}

/** Work of bits that are known to be good. */
function workOf(bits: number): bigint {
  const target = targetOfBits(bits);
  if (target === undefined) throw new Error(`bits ${bits} of a valid block`);
  return workOfTarget(target);
}
