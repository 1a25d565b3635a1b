import type { BlockData, HistoryEvent, ReorgData, Snapshot, TransactionData } from '../api/documents.ts';

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

/** A transfer that waits, or has waited. */
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

export function recordOfBlock(block: BlockData): BlockRecord {
  return {
    blockHash: block.hash,
    prevHash: block.header.prevHash,
    height: block.height,
    chainWork: BigInt(block.totalWork),
    isInvalid: false,
    body: bodyOf(block),
  };
}

export function recordOfTreeNode(node: TreeNode): BlockRecord {
  return {
    blockHash: node.hash,
    prevHash: node.parentHash,
    height: node.height,
    chainWork: BigInt(node.totalWork),
    isInvalid: node.status === 'INVALID',
    body: node.block && bodyOf(node.block),
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
  };
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

function bodyOf(
  block: Pick<BlockData, 'time' | 'difficulty' | 'size' | 'miner' | 'reward' | 'transactionCount'>,
): BlockBody {
  return {
    timeMs: momentOf(block.time),
    difficulty: block.difficulty,
    sizeBytes: block.size,
    miner: block.miner,
    reward: block.reward,
    transactionCount: block.transactionCount,
  };
}

/** Unix milliseconds. What a node sends may be anything: here it is refused, before it is shown. */
export function momentOf(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new RangeError(`a node gives the time as "${text}"`);
  return ms;
}
