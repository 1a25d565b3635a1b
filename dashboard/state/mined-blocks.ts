import { BlockTransactionsQuery } from '../../client/documents.ts';
import type { MinedBlock } from '../model/fates.ts';
import { recordOfTransaction } from '../model/records.ts';
import type { NodeState } from './node.svelte.ts';

/** Transactions of a block that are looked at, and blocks of a branch: more nobody reads. */
export const MAX_TRANSACTIONS = 100;
export const MAX_BLOCKS = 20;

/** The blocks of a branch with their transactions. */
export interface MinedBranch {
  readonly blocks: readonly MinedBlock[];
  /** Whether there are more blocks or transactions than were asked for. */
  readonly isCut: boolean;
}

/** Asks a node for the transactions of blocks. Throws `ClientError`. */
export async function minedBranch(
  node: NodeState,
  hashes: readonly string[],
  signal: AbortSignal,
): Promise<MinedBranch> {
  let isCut = hashes.length > MAX_BLOCKS;
  const asked = hashes.slice(0, MAX_BLOCKS).map(async (hash): Promise<MinedBlock> => {
    const data = await node.link?.query(BlockTransactionsQuery, { hash, first: MAX_TRANSACTIONS }, signal);
    const edges = data?.block?.transactions.edges ?? [];
    if (data?.block?.transactions.pageInfo.hasNextPage) isCut = true;
    return { blockHash: hash, transactions: edges.map((edge) => recordOfTransaction(edge.node)) };
  });
  return { blocks: await Promise.all(asked), isCut };
}
