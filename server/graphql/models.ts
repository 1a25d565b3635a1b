import { type Address, AddressError, formatAddress, parseAddress } from '../../consensus/address.ts';
import { coinbaseOf, type Block as DecodedBlock } from '../../consensus/block.ts';
import { developmentAccountByAddress, developmentAccountByName } from '../../consensus/development-accounts.ts';
import { assertInvariant } from '../../consensus/errors.ts';
import type { Hash } from '../../consensus/hash.ts';
import {
  type Coinbase,
  decodeTransaction,
  type SignedTransaction,
  type Transaction,
} from '../../consensus/transaction.ts';
import { BoundedMap } from '../../protocol/bounded-map.ts';
import type { BlockIndexView } from '../../protocol/node-view.ts';
import type { JournalEntry } from '../../protocol/store-writes.ts';
import type { NodeContext } from '../node/node-context.ts';
import { reverted } from './errors.ts';
import { FairQueue, type Requester } from './fair-queue.ts';

type Payout = Pick<Coinbase, 'recipient' | 'reward'>;

/** Cache of immutable values that are expensive to compute, by node. */
type Memory<V> = WeakMap<object, BoundedMap<string, V>>;
const MAX_REMEMBERED = 10_000;
const payouts: Memory<Payout> = new WeakMap();
const addresses: Memory<string> = new WeakMap();

function remembered<V>(memory: Memory<V>, owner: object, key: string, find: () => V): V {
  const known = memory.get(owner) ?? new BoundedMap<string, V>(MAX_REMEMBERED);
  memory.set(owner, known);
  const value = known.get(key) ?? find();
  if (!known.has(key)) known.set(key, value);
  return value;
}

/** Size of a block above which decoding its transactions is scheduled by the queue. */
const LONG_BODY_BYTES = 16 * 1024;
const bodyQueue = new FairQueue();

/** A block as the API shows it: its index entry, and its body, which is read when a field first needs it. */
export class BlockModel {
  readonly entry: BlockIndexView;
  readonly #node: NodeContext;
  /** How often the node had gone back to a snapshot when it was made. */
  readonly #reverts: number;
  #block: DecodedBlock | null = null;

  constructor(node: NodeContext, entry: BlockIndexView) {
    this.#node = node;
    this.#reverts = node.controls.reverts;
    this.entry = entry;
  }

  get block(): DecodedBlock {
    this.#block ??= this.#node.store.block(this.entry.record.hash) ?? null;
    if (this.#block === null && this.#node.controls.reverts !== this.#reverts) throw reverted();
    assertInvariant(this.#block !== null, `body of ${this.entry.record.hash} is not stored`);
    return this.#block;
  }

  /** Recipient and reward of the coinbase. Cached without the body, since lists show them for every block. */
  get payout(): Payout {
    return remembered(payouts, this.#node, this.entry.record.hash, () => {
      const { recipient, reward } = coinbaseOf(this.block);
      return { recipient, reward };
    });
  }

  /**
   * Must be awaited before a list uses the body: decoding a long one takes twenty milliseconds, and a page has a hundred.
   * The queue starts one per iteration of the event loop, so that others are served in between.
   */
  async waitForBody(requester: Requester | undefined): Promise<void> {
    if (this.#block === null && this.entry.record.bodyBytes > LONG_BODY_BYTES) await bodyQueue.waitForTurn(requester);
  }

  get isCanonical(): boolean {
    return this.#node.view.chain.isActive(this.entry);
  }

  /** 1 for the tip; 0 off the active chain. */
  get confirmations(): number {
    return this.isCanonical ? this.#node.view.chain.tip.record.height - this.entry.record.height + 1 : 0;
  }
}

/** The block with this hash; null if unknown or its body is not stored. */
export function blockByHash(node: NodeContext, hash: Hash): BlockModel | null {
  const entry = node.view.chain.get(hash);
  return entry && entry.record.bodyBytes > 0 ? new BlockModel(node, entry) : null;
}

/** The block of the active chain at this height; null above the tip. */
export function blockByHeight(node: NodeContext, height: number): BlockModel | null {
  const entry = node.view.chain.atHeight(height).find((candidate) => node.view.chain.isActive(candidate));
  return entry ? new BlockModel(node, entry) : null;
}

/** A transaction as the API shows it, with its current status. */
export interface TransactionModel {
  readonly transaction: Transaction;
  readonly status: 'PENDING' | 'QUEUED' | 'CONFIRMED' | 'DROPPED';
  /** Why it waits or was dropped. */
  readonly statusReason: string | null;
  readonly block: BlockModel | null;
}

/** Finds a transaction on the active chain, in the mempool, or among those recently dropped. */
export function findTransaction(node: NodeContext, txid: Hash): TransactionModel | null {
  const location = node.store.transactionLocation(txid);
  const block = location && blockByHash(node, location.blockHash);
  const transaction = location && block?.block.transactions[location.index];
  if (block && transaction) return { transaction, status: 'CONFIRMED', statusReason: null, block };
  const { mempool } = node.view;
  const pending = mempool.get(txid);
  if (pending) return pendingModel(node, pending);
  const returning = node.store.journalEntry(txid);
  if (returning) return returningModel(returning);
  const dropped = mempool.dropped(txid);
  if (!dropped) return null;
  const statusReason = dropped.detail ? `${dropped.reason}: ${dropped.detail}` : dropped.reason;
  return { transaction: dropped.transaction, status: 'DROPPED', statusReason, block: null };
}

/** A transaction of a block that was disconnected by a reorg in progress. It returns to the mempool when the reorg is done. */
function returningModel({ raw }: JournalEntry): TransactionModel {
  const statusReason = 'its block was disconnected; the node is moving to another branch';
  return { transaction: decodeTransaction(raw), status: 'QUEUED', statusReason, block: null };
}

/** A transaction of the mempool. */
export function pendingModel(
  node: NodeContext,
  { transaction, state }: { transaction: SignedTransaction; state: 'ready' | 'queued' },
): TransactionModel {
  if (state === 'ready') return { transaction, status: 'PENDING', statusReason: null, block: null };
  const next = node.view.mempool.pendingAccount(transaction.sender).nonce;
  const statusReason =
    transaction.nonce > next
      ? `waits for a transaction with nonce ${next}`
      : 'waits for balance, or for earlier transactions of its sender to be confirmed';
  return { transaction, status: 'QUEUED', statusReason, block: null };
}

/** A transaction of a block, on the active chain or another branch. */
export function transactionInBlock(node: NodeContext, block: BlockModel, transaction: Transaction): TransactionModel {
  if (block.isCanonical) return { transaction, status: 'CONFIRMED', statusReason: null, block };
  return (
    findTransaction(node, transaction.txid) ?? {
      transaction,
      status: 'DROPPED',
      statusReason: 'its block is not on the active chain',
      block,
    }
  );
}

/** The text form of an address. */
export function shownAddress(node: NodeContext, address: Address): string {
  const { params } = node.view;
  return remembered(addresses, params, address, () => formatAddress(address, params.addressPrefix));
}

/**
 * The address that an argument names: an address of this network, or the name of a development account.
 * @throws AddressError
 */
export function addressOf(node: NodeContext, text: string): Address {
  const { developmentAccounts, addressPrefix } = node.view.params;
  const named = developmentAccounts && developmentAccountByName(text, developmentAccounts);
  if (named) return named.address;
  try {
    return parseAddress(text, addressPrefix);
  } catch (error) {
    if (!(error instanceof AddressError) || text.startsWith(`${addressPrefix}1`)) throw error;
    const address = `an address of this network (${addressPrefix}1…)`;
    const reason = developmentAccounts
      ? `neither ${address} nor the name of a development account such as Alice`
      : `not ${address}`;
    throw new AddressError('not-an-address', `"${text.slice(0, 100)}" is ${reason}`);
  }
}

/** Name of the development account with this address; null if there is none. */
export function nameOf(node: NodeContext, address: Address): string | null {
  const { developmentAccounts } = node.view.params;
  return (developmentAccounts && developmentAccountByAddress(address, developmentAccounts)?.name) ?? null;
}
