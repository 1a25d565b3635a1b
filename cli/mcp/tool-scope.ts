import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { enum as oneOf } from 'zod/v4';
import type { NodeSession } from '../commands/client-context.ts';
import type { Order } from '../commands/send.ts';

/** What tools may work on. */
export interface ToolScope {
  /** Base URLs of the nodes that may be asked; the first one is asked where a call names none. */
  readonly nodeUrls: readonly [string, ...string[]];
  /** Works with one of these nodes. Throws in words. */
  withNode(url: string, work: (session: NodeSession) => Promise<object>): Promise<object>;
  /** The account that may be paid from; without one nothing is sent. */
  readonly payer: Payer | undefined;
}

/** An account that this program has the key of. */
export interface Payer {
  /** As the user named it. */
  readonly name: string;
  /** A transfer from it. Throws `UsageError`. */
  order(to: string, amount: string, more: { readonly fee?: string; readonly memo?: string }): Promise<Order>;
}

/** The argument by which every tool is told which node to ask. */
export function nodeArgument({ nodeUrls }: ToolScope) {
  const description = nodeUrls.length === 1 ? 'the node to ask' : `the node to ask; without it ${nodeUrls[0]}`;
  return { node: oneOf(nodeUrls).default(nodeUrls[0]).describe(description) };
}

/** The same data for agents that read structure, and for those that read text. */
export function toolResult(data: object): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(data) }], structuredContent: { ...data } };
}
