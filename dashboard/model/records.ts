import type {
  BlockData,
  HistoryEvent,
  NodeEvent,
  ReorgData,
  Snapshot,
  TransactionData,
} from '../../client/documents.ts';
import { difficultyOf, workOfBits } from '../../consensus/target.ts';
import { type HeaderRules, provenHeader } from './headers.ts';

const MS_PER_SECOND = 1_000;

/** When a node first heard of a block, and from whom. */
export interface Sighting {
  /** Unix milliseconds, by the node's own clock. */
  readonly atMs: number;
  /** Listening URL or address of the peer that told; `self` where the node mined it. */
  readonly from: string;
  /** The node takes it for invalid, or was told to. */
  readonly isInvalid: boolean;
}

/** What is known of a block's body. */
export interface BlockBody {
  /** Unix milliseconds, by the miner's own clock. */
  readonly timeMs: number;
  readonly difficulty: number;
  readonly sizeBytes: number;
  readonly miner: string;
  /** Coins, as decimal text. */
  readonly reward: string;
  /** Coinbase included. */
  readonly transactionCount: number;
}

/** A block of any branch, as all nodes together know it. */
export interface BlockRecord {
  readonly blockHash: string;
  readonly prevHash: string;
  readonly height: number;
  /** Expected hashes up to here. */
  readonly chainWork: bigint;
  /** It breaks a rule, or was ruled out, on every node that knows it. */
  readonly isInvalid: boolean;
  /** Null while no node has its body. */
  readonly body: BlockBody | null;
}

/**
 * A block as one node tells of it. What its header says is proven by its hash; height, total work and body are the
 * node's word, and the first two are compared with those of the block below.
 */
export interface BlockClaim extends BlockRecord {
  /** Expected hashes of this block alone, from its header. */
  readonly work: bigint;
}

/** What a transaction runs: the constructor of a new contract, or a method of one. */
export type ContractRun =
  | { readonly kind: 'deploy' }
  /** `method` null: its name is no text. `args`: encoded, one after the other, in hex digits. */
  | { readonly kind: 'call'; readonly method: string | null; readonly args: string };

/** A transaction that waits, or has waited. */
export interface TransactionRecord {
  readonly txid: string;
  readonly sender: string | null;
  readonly recipient: string;
  /** Coins, as decimal text. */
  readonly amount: string;
  /** Coins, as decimal text. */
  readonly fee: string;
  readonly nonce: bigint | null;
  readonly memo: string | null;
  readonly sizeBytes: number;
  readonly isQueued: boolean;
  /** Null: coins move, and nothing runs. */
  readonly run: ContractRun | null;
}

/** A node moved to another branch. */
export interface ReorgRecord {
  /** Unique on this page. */
  readonly key: string;
  readonly nodeUrl: string;
  readonly atMs: number;
  readonly forkPoint: string;
  /** Blocks that were left, tip first. */
  readonly disconnected: readonly string[];
  /** Blocks that were taken up, lowest first. */
  readonly connected: readonly string[];
  readonly returned: readonly string[];
  readonly dropped: readonly { readonly id: string; readonly reason: string }[];
}

type TreeNode = Snapshot['blockTree'][number];

type BlockNews = Extract<NodeEvent, { __typename: 'BlockEvent' }>['block'];

/** @throws where the header does not prove what is claimed, see `provenHeader` */
export function claimOfBlock(block: BlockNews, rules: HeaderRules): BlockClaim {
  return claimOf({ ...block, raw: block.header.raw, isInvalid: false, body: block }, rules);
}

/** @throws where the header does not prove what is claimed, see `provenHeader` */
export function claimOfTreeNode(node: TreeNode, rules: HeaderRules): BlockClaim {
  return claimOf({ ...node, raw: node.header.raw, isInvalid: node.status === 'INVALID', body: node.block }, rules);
}

/** What a node says of a block's body, and no header proves. */
type BodyData = Pick<BlockData, 'size' | 'miner' | 'reward' | 'transactionCount'>;

interface ClaimData {
  readonly hash: string;
  readonly height: number;
  readonly totalWork: string;
  readonly raw: string;
  readonly isInvalid: boolean;
  readonly body: BodyData | null;
}

function claimOf({ hash, height, totalWork, raw, isInvalid, body }: ClaimData, rules: HeaderRules): BlockClaim {
  const header = provenHeader(raw, hash, rules);
  const work = workOfBits(header.bits);
  const chainWork = BigInt(totalWork);
  const isGenesis = hash === rules.genesisHash;
  if (!Number.isSafeInteger(height) || height < 0 || isGenesis !== (height === 0)) {
    throw new RangeError(`a node puts block ${hash} at height ${height}`);
  }
  // Every block below has work, too: at least that of the easiest one.
  if (isGenesis ? chainWork !== work : chainWork < work + BigInt(height) * workOfBits(rules.limitBits)) {
    throw new RangeError(`a node gives the work up to block ${hash} as ${totalWork}`);
  }
  return {
    blockHash: hash,
    prevHash: header.prevHash,
    height,
    chainWork,
    work,
    isInvalid,
    body: body && {
      timeMs: header.time * MS_PER_SECOND,
      difficulty: difficultyOf(header.bits, rules.limitBits),
      sizeBytes: body.size,
      miner: body.miner,
      reward: body.reward,
      transactionCount: body.transactionCount,
    },
  };
}

/** When and how a node saw a block. Only a tree says of a block that it is invalid. */
export function sightingOf(block: {
  readonly firstSeenAt: string;
  readonly firstSeenFrom: string;
  readonly status?: TreeNode['status'];
}): Sighting {
  return {
    atMs: momentOf(block.firstSeenAt),
    from: block.firstSeenFrom,
    isInvalid: block.status === 'INVALID',
  };
}

export function recordOfTransaction(transaction: TransactionData): TransactionRecord {
  return {
    txid: transaction.id,
    sender: transaction.sender,
    recipient: transaction.recipient,
    amount: transaction.amount,
    fee: transaction.fee,
    nonce: transaction.nonce === null ? null : BigInt(transaction.nonce),
    memo: transaction.memo,
    sizeBytes: transaction.size,
    isQueued: transaction.status === 'QUEUED',
    run: runOf(transaction),
  };
}

/** What a transaction runs; null for one that only moves coins. */
export function runOf(transaction: Pick<TransactionData, 'kind' | 'method' | 'arguments'>): ContractRun | null {
  const { kind, method, arguments: args } = transaction;
  if (kind === 'CALL') return { kind: 'call', method, args: args ?? '' };
  return kind === 'DEPLOY' ? { kind: 'deploy' } : null;
}

export function recordOfReorg(
  nodeUrl: string,
  { cursor, at, reorg }: { readonly cursor: string; readonly at: string; readonly reorg: ReorgData },
): ReorgRecord {
  return {
    key: `${nodeUrl} ${cursor}`,
    nodeUrl,
    atMs: momentOf(at),
    forkPoint: reorg.commonAncestor,
    disconnected: reorg.disconnected,
    connected: reorg.connected,
    returned: reorg.returnedToMempool,
    dropped: reorg.droppedReasons,
  };
}

/** The reorgs among events that were kept. */
export function reorgsAmong(nodeUrl: string, events: readonly HistoryEvent[]): ReorgRecord[] {
  return events.flatMap((event) => (event.__typename === 'ReorgEvent' ? [recordOfReorg(nodeUrl, event)] : []));
}

/** Unix milliseconds. What a node sends may be anything: here it is refused, before it is shown. */
export function momentOf(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new RangeError(`a node gives the time as "${text}"`);
  return ms;
}
