import { ClientError } from '../../client/client-error.ts';
import type { WebSocketClass } from '../../client/client-options.ts';
import { httpFetch } from '../../client/node/http-fetch.ts';
import type { NodeClient } from '../../client/node-client.ts';
import { NodeTransport } from '../../client/node-transport.ts';
import { Operations } from '../../client/operations.ts';
import { readTextFile } from '../../server/settings/read-text-file.ts';
import type { Environment } from '../../server/settings/settings.ts';
import { type AskedNode, nodeProblem, notLikeANode } from '../asking/node-problem.ts';
import { UsageError } from '../cli-errors.ts';
import type { OutputStream, Terminal } from '../output/output.ts';
import { parseNodeToAsk } from '../settings/node-to-ask.ts';

const DEFAULT_NODE_URL = 'http://127.0.0.1:5000';
/** Largest answer that is read, over HTTP or a socket: far above a page of a hundred transactions, the largest that is asked for. */
export const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** What the program reads from; `process.stdin` is one. */
export interface InputStream extends AsyncIterable<string | Uint8Array> {
  readonly isTTY?: boolean;
}

/** Where a program reads and writes; the process's own unless a test gives others. */
export interface StandardStreams {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

/** The world as a command sees it. */
export interface CliContext extends StandardStreams {
  readonly environment: Environment;
  readonly terminal: Terminal;
}

/** Flags that every command has that asks a node. */
export interface ClientFlags {
  readonly node?: string;
  readonly json?: boolean;
  readonly adminTokenFile?: string;
}

/** A command's way to its node. */
export interface NodeSession {
  readonly node: AskedNode;
  readonly client: NodeClient;
  /** For operations that are the command line's own. */
  readonly transport: NodeTransport;
}

/**
 * Works with the node that `--node` or `FORKLORE_NODE` names, or the one on this machine. Throws `UsageError`, and what
 * goes wrong between the two as a `CommandError` in words.
 */
export async function withNode<Result>(
  flags: ClientFlags,
  context: CliContext,
  work: (session: NodeSession) => Promise<Result>,
): Promise<Result> {
  const { limitedWebSocket } = await import('../../client/node/limited-web-socket.ts');
  return await inSession(flags, context, work, limitedWebSocket(MAX_ANSWER_BYTES));
}

/** {@link withNode} for a command that only asks: it waits for nothing, and need not load the WebSocket. */
export function askNode<Result>(
  flags: ClientFlags,
  context: CliContext,
  ask: (session: NodeSession) => Promise<Result>,
): Promise<Result> {
  return inSession(flags, context, ask, undefined);
}

async function inSession<Result>(
  flags: ClientFlags,
  { environment }: CliContext,
  work: (session: NodeSession) => Promise<Result>,
  webSocket: WebSocketClass | undefined,
): Promise<Result> {
  const node = { url: nodeUrl(flags, environment), adminToken: adminToken(flags, environment) };
  const transport = new NodeTransport({ ...node, webSocket, fetch: httpFetch, maxAnswerBytes: MAX_ANSWER_BYTES });
  try {
    return await work({ node, transport, client: new Operations(transport) });
  } catch (error) {
    throw inWords(node, error);
  }
}

/** What a command throws after it has asked a node. */
export function inWords(node: AskedNode, error: unknown): unknown {
  if (error instanceof ClientError) return nodeProblem(node, error);
  // An answer has the schema's types as long as a node gives it. Of anything else, fields are missing or something else.
  const isGarbled = error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
  return isGarbled ? notLikeANode(node.url) : error;
}

/** Base URL of the node that the flags, or the environment, name. Throws `OptionError`. */
export function nodeUrl(flags: Pick<ClientFlags, 'node'>, environment: Environment): string {
  if (flags.node !== undefined) return parseNodeToAsk('--node', flags.node);
  return environment.FORKLORE_NODE ? parseNodeToAsk('FORKLORE_NODE', environment.FORKLORE_NODE) : DEFAULT_NODE_URL;
}

function adminToken(flags: ClientFlags, environment: Environment): string | null {
  const label = flags.adminTokenFile === undefined ? 'FORKLORE_ADMIN_TOKEN_FILE' : '--admin-token-file';
  const path = flags.adminTokenFile ?? environment.FORKLORE_ADMIN_TOKEN_FILE;
  if (!path) return null;
  const token = readTextFile(label, path).trim();
  if (!/^[\x21-\x7e]+$/.test(token)) throw new UsageError(`${label}: ${path} holds no token`);
  return token;
}
