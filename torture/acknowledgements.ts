import type { Hash } from '../consensus/hash.ts';
import type { Api } from '../testing/api.ts';
import { demand } from './failure.ts';
import { until } from './wait.ts';

/** Aliases that an operation of the API may have. */
const ASKED_AT_ONCE = 15;
/** How long a node that was killed amid a reorg has to return to where it was. */
const SETTLE_LIMIT_MS = 30_000;
/** What may have become of a transaction that was acknowledged. Nothing in this load is ever rightly dropped. */
const KEPT_STATUSES: readonly string[] = ['PENDING', 'QUEUED', 'CONFIRMED'];

const TRANSACTION = 'transaction(id: $id) { status statusReason }';
const BLOCK = 'block(hash: $id) { hash }';

/** A tip as a node told it. */
export interface ToldTip {
  readonly hash: Hash;
  readonly height: number;
  readonly totalWork: string;
}

/** What of its acknowledgements a node does not hold. */
export interface Lost {
  /** The node stands on less work than was told. */
  readonly isBehind: boolean;
  readonly blocks: readonly Hash[];
  readonly transactions: readonly Hash[];
}

/** Everything that a node has acknowledged to its clients, so that it can be held to it after a crash. */
export class Acknowledgements {
  readonly #transactions = new Set<Hash>();
  readonly #blocks = new Set<Hash>();
  readonly #uncheckedTransactions = new Set<Hash>();
  readonly #uncheckedBlocks = new Set<Hash>();
  #bestWork = 0n;

  /** The node said that this transaction is durable. */
  addTransaction(txid: Hash): void {
    this.#transactions.add(txid);
    this.#uncheckedTransactions.add(txid);
  }

  /** The node said that it stands on this block, or stood on it: from then on, it stands on no less work. */
  addTip({ hash, totalWork }: ToldTip): void {
    this.#blocks.add(hash);
    this.#uncheckedBlocks.add(hash);
    const work = BigInt(totalWork);
    if (work > this.#bestWork) this.#bestWork = work;
  }

  get transactionCount(): number {
    return this.#transactions.size;
  }

  get blockCount(): number {
    return this.#blocks.size;
  }

  /**
   * Holds a restarted node to what was acknowledged since the last call; it must not have been connected to anybody
   * yet, who might give it back what it lost.
   */
  async check(api: Api): Promise<void> {
    const told = await until(
      'as much work as was told before the kill',
      () => tipOf(api),
      this.#isNoLess,
      SETTLE_LIMIT_MS,
    );
    const [transactions, blocks] = [[...this.#uncheckedTransactions], [...this.#uncheckedBlocks]];
    await checkBlocks(api, blocks);
    await checkTransactions(api, transactions, KEPT_STATUSES);
    for (const txid of transactions) this.#uncheckedTransactions.delete(txid);
    for (const hash of blocks) this.#uncheckedBlocks.delete(hash);
    this.addTip(told);
  }

  /** Holds the node to everything that it ever acknowledged. */
  async checkAll(api: Api): Promise<void> {
    await until('as much work as was told', () => tipOf(api), this.#isNoLess, SETTLE_LIMIT_MS);
    await checkBlocks(api, [...this.#blocks]);
    await checkTransactions(api, [...this.#transactions], KEPT_STATUSES);
  }

  /** What a node that was damaged has lost of everything that was ever acknowledged. */
  async findLost(api: Api): Promise<Lost> {
    const [blocks, transactions]: [Hash[], Hash[]] = [[], []];
    for await (const [hash, block] of ask(api, [...this.#blocks], BLOCK)) if (block === null) blocks.push(hash);
    for await (const [txid, found] of ask(api, [...this.#transactions], TRANSACTION)) {
      if (!KEPT_STATUSES.includes((found as { status: string } | null)?.status ?? '')) transactions.push(txid);
    }
    return { isBehind: !this.#isNoLess(await tipOf(api)), blocks, transactions };
  }

  /** Every acknowledged transaction is in the active chain of this node, whichever node acknowledged it. */
  async checkConfirmed(api: Api): Promise<void> {
    await checkTransactions(api, [...this.#transactions], ['CONFIRMED']);
  }

  readonly #isNoLess = ({ totalWork }: ToldTip): boolean => BigInt(totalWork) >= this.#bestWork;
}

/** Where a node stands. */
export async function tipOf(api: Api): Promise<ToldTip> {
  return (await api.query('{ tip { hash height totalWork } }')).tip;
}

async function checkTransactions(api: Api, txids: readonly Hash[], statuses: readonly string[]): Promise<void> {
  for await (const [txid, transaction] of ask(api, txids, TRANSACTION)) {
    const { status, statusReason } = (transaction ?? {}) as { status?: string; statusReason?: string };
    const became = `${status ?? 'unknown'}${statusReason ? ` (${statusReason})` : ''}`;
    demand(status !== undefined && statuses.includes(status), `acknowledged transaction ${txid} is ${became}`);
  }
}

async function checkBlocks(api: Api, hashes: readonly Hash[]): Promise<void> {
  for await (const [hash, block] of ask(api, hashes, BLOCK)) {
    demand(block !== null, `block ${hash}, which was told of, is not known any more`);
  }
}

/** The same field for each of many hashes, several in one operation. */
async function* ask(api: Api, hashes: readonly Hash[], field: string): AsyncGenerator<[Hash, unknown]> {
  for (let start = 0; start < hashes.length; start += ASKED_AT_ONCE) {
    const some = hashes.slice(start, start + ASKED_AT_ONCE);
    const fields = some.map((hash, i) => `a${i}: ${field.replace('$id', JSON.stringify(hash))}`);
    const answer = await api.query(`{ ${fields.join('\n')} }`);
    for (const [i, hash] of some.entries()) yield [hash, answer[`a${i}`]];
  }
}
