import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { int, strictObject, string, union } from 'zod/v4';
import {
  AccountSummaryQuery,
  BlockSummaryQuery,
  NodeInfoQuery,
  PeersQuery,
  TipQuery,
  TransactionSummaryQuery,
} from '../../client/operation-documents.ts';
import { parseBlockId, unknownBlock } from '../asking/block-id.ts';
import { CommandError } from '../cli-errors.ts';
import { explainReorgs } from './explain-reorgs.ts';
import { nodeArgument, type ToolScope, toolResult } from './tool-scope.ts';

/** Reorgs of one answer. */
const MAX_REORGS = 10;

const annotations = { readOnlyHint: true, openWorldHint: false } as const;
const hash = () => string().regex(/^[0-9a-f]{64}$/i, 'must be 64 hex digits');

/** Registers the tools that change nothing. */
export function addReadingTools(server: McpServer, scope: ToolScope): void {
  addChainTools(server, scope);
  addStateTools(server, scope);
}

function addChainTools(server: McpServer, scope: ToolScope): void {
  const node = nodeArgument(scope);
  server.registerTool(
    'tip',
    {
      description: 'The last block of the active chain of a node, with the network and whether the node has caught up.',
      inputSchema: strictObject(node),
      annotations,
    },
    async ({ node }, { signal }) => {
      const data = await scope.withNode(node, async ({ transport }) => {
        const [{ nodeInfo }, { tip }] = await Promise.all([
          transport.query(NodeInfoQuery, {}, { signal }),
          transport.query(TipQuery, {}, { signal }),
        ]);
        const { name, network, genesisHash, mayControl, sync } = nodeInfo;
        return { node: { name, network, genesisHash, mayControl, sync }, tip };
      });
      return toolResult(data);
    },
  );
  server.registerTool(
    'block',
    {
      description: 'A block of any branch by its hash, or of the active chain by its height.',
      inputSchema: strictObject({
        ...node,
        id: union([string(), int()]).describe('hash (64 hex digits), or height such as 12, as text or number'),
      }),
      annotations,
    },
    async ({ node, id }, { signal }) => {
      const place = parseBlockId('id', String(id));
      const variables = typeof place === 'number' ? { height: place } : { hash: place };
      const data = await scope.withNode(node, async ({ transport }) => {
        const { block } = await transport.query(BlockSummaryQuery, variables, { signal });
        if (block === null) throw unknownBlock(place);
        return { block };
      });
      return toolResult(data);
    },
  );
  server.registerTool(
    'explain_reorg',
    {
      description:
        'The latest reorganizations that a node knows of, newest first: where the branches part, which one was left and which ' +
        'one has more work, and what became of the transactions.',
      inputSchema: strictObject({ ...node, count: int().min(1).max(MAX_REORGS).default(1).describe('how many') }),
      annotations,
    },
    async ({ node, count }, { signal }) => {
      const data = await scope.withNode(node, async ({ transport }) => ({
        reorgs: await explainReorgs(transport, count, signal),
      }));
      return toolResult(data);
    },
  );
}

function addStateTools(server: McpServer, scope: ToolScope): void {
  const node = nodeArgument(scope);
  server.registerTool(
    'transaction',
    {
      description: 'A transaction by its id: what it moves, and whether it is pending, confirmed or dropped, and why.',
      inputSchema: strictObject({ ...node, id: hash().describe('transaction id') }),
      annotations,
    },
    async ({ node, id }, { signal }) => {
      const data = await scope.withNode(node, async ({ transport }) => {
        const { transaction } = await transport.query(TransactionSummaryQuery, { id: id.toLowerCase() }, { signal });
        if (transaction === null) throw new CommandError(`the node knows no transaction ${id}`);
        return { transaction };
      });
      return toolResult(data);
    },
  );
  server.registerTool(
    'account',
    {
      description: 'Balances, nonces and the latest transactions of an account. Amounts are coins.',
      inputSchema: strictObject({
        ...node,
        account: string().min(1).describe('address, or name of a development account such as Alice'),
      }),
      annotations,
    },
    async ({ node, account: address }, { signal }) => {
      const data = await scope.withNode(node, async ({ transport }) => {
        const { account } = await transport.query(AccountSummaryQuery, { address }, { signal });
        const { transactions, ...balances } = account;
        return { account: { ...balances, transactions: transactions.edges.map((edge) => edge.node) } };
      });
      return toolResult(data);
    },
  );
  server.registerTool(
    'peers',
    {
      description:
        'The peers of a node: who is connected, how far away, at which height, and the conditions of the link.',
      inputSchema: strictObject(node),
      annotations,
    },
    async ({ node }, { signal }) => {
      const data = await scope.withNode(node, ({ transport }) => transport.query(PeersQuery, {}, { signal }));
      return toolResult(data);
    },
  );
}
