import type { ResultOf } from '../../client/graphql.ts';
import type { NodeTransport } from '../../client/node-transport.ts';
import { BlockSummaryQuery, ReorgsQuery, TransactionSummaryQuery } from '../../client/operation-documents.ts';
import { shortHash } from '../../consensus/hash.ts';

/** Transactions of one reorg that are told one by one; of more, only the ids. */
const MAX_TOLD_TRANSACTIONS = 20;

type LatestEvent = ResultOf<typeof ReorgsQuery>['latestEvents'][number];
type Reorg = Extract<LatestEvent, { __typename: 'ReorgEvent' }>['reorg'];
type Block = NonNullable<ResultOf<typeof BlockSummaryQuery>['block']>;
type Transaction = NonNullable<ResultOf<typeof TransactionSummaryQuery>['transaction']>;

/** A branch of a reorg by its last block; null where the node does not know that any more. */
interface Branch {
  readonly blocks: number;
  readonly last: Pick<Block, 'hash' | 'height' | 'totalWork' | 'miner'> | null;
}

/** What became of a transaction of the blocks that were disconnected. */
interface Fate {
  readonly id: string;
  readonly fate: 'back in the mempool' | 'dropped';
  /** Of a dropped one. */
  readonly reason: string | null;
  readonly transaction: Pick<Transaction, 'sender' | 'recipient' | 'amount' | 'fee' | 'nonce' | 'status'> | null;
}

/** A reorg with what it is understood by. */
export interface ExplainedReorg {
  readonly at: string;
  readonly explanation: string;
  readonly forkPoint: Pick<Block, 'hash' | 'height'> | null;
  readonly disconnected: Branch;
  readonly connected: Branch;
  readonly transactions: readonly Fate[];
}

/** The latest reorgs of a node, newest first, with the branches and what became of their transactions. Throws `ClientError`. */
export async function explainReorgs(
  transport: NodeTransport,
  count: number,
  signal: AbortSignal,
): Promise<readonly ExplainedReorg[]> {
  const { latestEvents } = await transport.query(ReorgsQuery, { count }, { signal });
  const explained: ExplainedReorg[] = [];
  for (const event of latestEvents) {
    if (event.__typename === 'ReorgEvent') explained.unshift(await explain(transport, event, signal));
  }
  return explained;
}

async function explain(
  transport: NodeTransport,
  { at, reorg }: { readonly at: string; readonly reorg: Reorg },
  signal: AbortSignal,
): Promise<ExplainedReorg> {
  const blockOf = async (hash: string | undefined) =>
    hash === undefined ? null : (await transport.query(BlockSummaryQuery, { hash }, { signal })).block;
  const [fork, left, taken] = await Promise.all([
    blockOf(reorg.commonAncestor),
    // The lost ones are told from the tip downwards, the new ones upwards.
    blockOf(reorg.disconnected[0]),
    blockOf(reorg.connected.at(-1)),
  ]);
  const told = {
    forkPoint: fork && { hash: fork.hash, height: fork.height },
    disconnected: { blocks: reorg.disconnected.length, last: branchEnd(left) },
    connected: { blocks: reorg.connected.length, last: branchEnd(taken) },
    transactions: await fatesOf(transport, reorg, signal),
  };
  return { at, explanation: inWords(told), ...told };
}

function branchEnd(block: Block | null): Branch['last'] {
  if (block === null) return null;
  const { hash, height, totalWork, miner } = block;
  return { hash, height, totalWork, miner };
}

async function fatesOf(transport: NodeTransport, reorg: Reorg, signal: AbortSignal): Promise<Fate[]> {
  const fates = [
    ...reorg.returnedToMempool.map((id) => ({ id, fate: 'back in the mempool', reason: null }) as const),
    ...reorg.droppedReasons.map(({ id, reason }) => ({ id, fate: 'dropped', reason }) as const),
  ];
  const transactionOf = async (id: string, index: number): Promise<Fate['transaction']> => {
    if (index >= MAX_TOLD_TRANSACTIONS) return null;
    const { transaction } = await transport.query(TransactionSummaryQuery, { id }, { signal });
    if (transaction === null) return null;
    const { sender, recipient, amount, fee, nonce, status } = transaction;
    return { sender, recipient, amount, fee, nonce, status };
  };
  return await Promise.all(
    fates.map(async (fate, index) => ({ ...fate, transaction: await transactionOf(fate.id, index) })),
  );
}

function inWords({
  forkPoint,
  disconnected,
  connected,
  transactions,
}: Pick<ExplainedReorg, 'forkPoint' | 'disconnected' | 'connected' | 'transactions'>): string {
  const place = forkPoint === null ? '' : ` after block ${forkPoint.height} (${shortHash(forkPoint.hash)})`;
  const [left, taken] = [disconnected.last?.totalWork, connected.last?.totalWork];
  const works = left === undefined || taken === undefined ? '' : `: ${taken} expected hashes against ${left}`;
  const back = transactions.filter(({ fate }) => fate === 'back in the mempool').length;
  return [
    `The node left ${counted(disconnected.blocks, 'block')} and took up ${connected.blocks} of another branch${place}`,
    `because that branch has more work${works}.`,
    `Of the transfers that were in the blocks left and are in none of the new ones, ${back} wait in the mempool again`,
    `and ${transactions.length - back} were dropped; the rewards of the blocks left are void.`,
  ].join(' ');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
