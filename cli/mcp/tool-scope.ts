import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { string } from 'zod/v4';
import type { NodeSession } from '../commands/client-context.ts';
import type { Order } from '../commands/send.ts';

/** What tools may work on. */
export interface ToolScope {
  /** Base URLs of the nodes that may be asked; the first one is asked where a call names none. */
  readonly nodeUrls: readonly [string, ...string[]];
  /**
   * Works with one of these nodes: which is meant is said by its URL or its name. What it returns does not hold the token that
   * the nodes are shown. Throws in words.
   */
  withNode(node: string, work: (session: NodeSession) => Promise<object>): Promise<object>;
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
  const description = `the node to ask, by its URL or name: ${nodeUrls.join(', ')}`;
  return { node: string().default(nodeUrls[0]).describe(description) };
}

/** The same data for agents that read structure, and for those that read text. */
export function toolResult(data: object): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(data) }], structuredContent: { ...data } };
}
