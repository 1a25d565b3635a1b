import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { int, optional, strictObject, string } from 'zod/v4';
import { formatAmount } from '../../consensus/amount.ts';
import { signedJson, signOrder, submit } from '../commands/send.ts';
import { mineWithin } from './mine-within.ts';
import { nodeArgument, type Payer, type ToolScope, toolResult } from './tool-scope.ts';

/** Blocks of one call: who wants more calls again. */
const MAX_MINED_BLOCKS = 100;
/** Time of one call, which then tells what it has: programs of agents give a tool up after 60 s, as the SDK does. */
const MAX_MINING_MS = 45_000;

const annotations = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: false,
  openWorldHint: false,
} as const;

/** Registers the tools that change something: `mine`, which the node has to grant, and `send` where an account may be paid from. */
export function addChangingTools(server: McpServer, scope: ToolScope): void {
  addMine(server, scope);
  if (scope.payer !== undefined) addSend(server, scope, scope.payer);
}

function addMine(server: McpServer, scope: ToolScope): void {
  server.registerTool(
    'mine',
    {
      description:
        'Lets a node mine blocks now. The node must grant control to this caller; on a network with real proof of work a block ' +
        `takes many seconds. After ${MAX_MINING_MS / 1_000} s it tells what was mined so far, and why it is not all.`,
      inputSchema: strictObject({
        ...nodeArgument(scope),
        count: int().min(1).max(MAX_MINED_BLOCKS).default(1).describe('number of blocks'),
        to: optional(string().min(1)).describe(
          'who is paid: an address or development account; without it as the node is set',
        ),
      }),
      annotations,
    },
    async ({ node, count, to }, { signal }) => {
      const data = await scope.withNode(node, async ({ client }) => {
        const { blocks, stopped } = await mineWithin(client, { count, to }, { limitMs: MAX_MINING_MS, signal });
        return { blocks: blocks.map((block) => ({ ...block, reward: formatAmount(block.reward) })), stopped };
      });
      return toolResult(data);
    },
  );
}

function addSend(server: McpServer, scope: ToolScope, payer: Payer): void {
  server.registerTool(
    'send',
    {
      description:
        `Sends coins from ${payer.name}: signs the transfer here and submits it to the node. It is not taken back, and a second ` +
        'call sends once more. It is confirmed by a block that is mined later.',
      inputSchema: strictObject({
        ...nodeArgument(scope),
        to: string().min(1).describe('address or development account'),
        amount: string().describe('coins, such as "10" or "0.5"'),
        fee: optional(string()).describe('coins; without it the usual fee'),
        memo: optional(string()).describe('text that everyone can read, at most 256 bytes'),
      }),
      annotations: { ...annotations, destructiveHint: true },
    },
    async ({ node, to, amount, fee, memo }, { signal }) => {
      const order = await payer.order(to, amount, {
        ...(fee !== undefined && { fee }),
        ...(memo !== undefined && { memo }),
      });
      const data = await scope.withNode(node, async (session) => {
        const signed = await signOrder(order, session, { signal });
        return { ...signedJson(signed), status: await submit(session, signed.transfer, { signal }) };
      });
      return toolResult(data);
    },
  );
}
