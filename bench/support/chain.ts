import type { Address } from '../../consensus/address.ts';
import { type Block, encodeBlock } from '../../consensus/block.ts';
import { connectBlock, effectOf } from '../../consensus/connect.ts';
import type { Network } from '../../consensus/genesis.ts';
import { merkleRoot } from '../../consensus/merkle.ts';
import { subsidyAt } from '../../consensus/subsidy.ts';
import {
  COINBASE_EXTRA_NONCE_BYTES,
  encodeCoinbase,
  type SignedTransaction,
  type Transfer,
} from '../../consensus/transaction.ts';
import { type BlockEntry, contextAbove, HeaderIndex } from '../../protocol/header-index.ts';
import { MemoryState } from '../../protocol/memory-state.ts';
import type { StoreWrite } from '../../protocol/store-writes.ts';
import { Store } from '../../server/store/store.ts';
import { withProofOfWork } from '../../testing/chain-builder.ts';
import { type BenchAccount, signedTransfer } from './accounts.ts';
import type { BenchNetwork } from './network.ts';

/** Transfers in what is called a full block here: about 0.92 MB. */
export const FULL_BLOCK_TRANSFERS = 6_000;
/** Blocks that are written in one transaction of the store. */
const BLOCKS_PER_COMMIT = 1_000;
const MINER: Address = 'ee'.repeat(20);
/** Accounts that are paid in full blocks; every thousandth transfer creates one. */
const RECIPIENTS = 1_000;
const FEE = 1_000n;

interface BuiltBlock {
  readonly block: Block;
  readonly height: number;
  /** What a node stores of it. */
  readonly writes: readonly StoreWrite[];
}

/** Builds valid blocks on genesis, one after the other, as fast as the rules can be followed. */
export class ChainBuilder {
  readonly #network: BenchNetwork;
  readonly #state: MemoryState;
  readonly #index: HeaderIndex;
  readonly #extraNonce: bigint;
  #tip: BlockEntry;
  /** Transfers that are in blocks which were not built here. */
  #spent = 0;

  /** @param branch chains with other numbers differ from their first block */
  constructor(network: BenchNetwork, branch = 0) {
    this.#network = network;
    this.#state = MemoryState.genesis(network.params);
    this.#index = new HeaderIndex(network.params, 0);
    this.#tip = this.#index.genesis;
    this.#extraNonce = BigInt(branch);
  }

  /** The next block. */
  next(transfers: readonly SignedTransaction[] = []): BuiltBlock {
    const { params } = this.#network;
    const parent = this.#tip;
    const height = parent.record.height + 1;
    const payout = {
      recipient: MINER,
      reward: transfers.reduce((sum, { fee }) => sum + fee, subsidyAt(height, params)),
    };
    const extraNonce = new Uint8Array(COINBASE_EXTRA_NONCE_BYTES);
    new DataView(extraNonce.buffer).setBigUint64(0, this.#extraNonce);
    const { stateRoot } = effectOf(transfers, payout, this.#state, contextAbove(parent)).change;
    const coinbase = encodeCoinbase({ height, ...payout, stateRoot, extraNonce, tag: new Uint8Array() });
    const transactions = [coinbase, ...transfers];
    const header = withProofOfWork(
      {
        version: 1,
        prevHash: parent.record.hash,
        merkleRoot: merkleRoot(transactions.map(({ txid }) => txid)),
        time: parent.record.header.time + params.spacingSeconds,
        bits: params.genesisBits,
      },
      params,
    );
    const block = encodeBlock(header, transactions);
    const effect = connectBlock(block, contextAbove(parent), this.#state, params);
    this.#state.apply(effect.change);
    const seen = { atMs: header.time * 1_000, nowSeconds: header.time, from: 'bench' };
    const entry = this.#index.add(this.#index.extend(parent, block, seen));
    this.#index.recordBody(entry, block.raw.length, transactions.length);
    this.#index.setValidity(entry, 'valid', null);
    this.#tip = entry;
    const writes: StoreWrite[] = [
      { kind: 'header', record: entry.record },
      { kind: 'body', blockHash: block.hash, raw: block.raw },
      { kind: 'connect', block, height, ...effect },
    ];
    return { block, height, writes };
  }

  /** The last `count` {@link transfers} were mined by somebody else: the next ones follow them. A multiple of the accounts. */
  skipNonces(count: number): void {
    this.#spent += count;
  }

  /** A block of 6,000 transfers from all accounts, most to accounts that exist. */
  nextFull(): BuiltBlock {
    return this.next(this.transfers(FULL_BLOCK_TRANSFERS));
  }

  /** Transfers that the next block could hold, from all accounts in turn. */
  transfers(count: number): Transfer[] {
    const { accounts, params } = this.#network;
    const first = this.#tip.record.height * count;
    return Array.from({ length: count }, (_, i) => {
      const sender = accounts[i % accounts.length] as BenchAccount;
      const nonce =
        (this.#state.account(sender.address)?.nonce ?? 0n) + BigInt(Math.floor((i + this.#spent) / accounts.length));
      const recipient = recipientOf((first + i) % RECIPIENTS);
      return signedTransfer(sender, { networkId: params.networkId, nonce, recipient, amount: 1_000n, fee: FEE });
    });
  }
}

/** Writes a data folder as a node that was stopped cleanly would leave it. */
export async function writeFolder(directory: string, params: Network, blocks: Iterable<BuiltBlock>): Promise<void> {
  const store = await Store.open({ directory, params });
  let waiting: StoreWrite[] = [];
  const flush = (): void => {
    store.transaction((apply) => apply(waiting));
    waiting = [];
  };
  let count = 0;
  for (const { writes } of blocks) {
    waiting.push(...writes);
    count++;
    if (count % BLOCKS_PER_COMMIT === 0) flush();
  }
  flush();
  await store.close();
}

/** Blocks that pay their miner and nobody else. */
export function* emptyBlocks(builder: ChainBuilder, count: number): Generator<BuiltBlock> {
  for (let i = 0; i < count; i++) yield builder.next();
}

export function* fullBlocks(builder: ChainBuilder, count: number): Generator<BuiltBlock> {
  for (let i = 0; i < count; i++) yield builder.nextFull();
}

function recipientOf(number: number): Address {
  return `${'cc'.repeat(16)}${number.toString(16).padStart(8, '0')}`;
}
