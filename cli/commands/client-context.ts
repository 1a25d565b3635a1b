import { type NodeAddress, nodeClient, type RunOperation } from '../asking/node-client.ts';
import { UsageError } from '../cli-errors.ts';
import type { OutputStream, Terminal } from '../output/output.ts';
import { parseNodeUrl } from '../settings/option-values.ts';
import { readTextFile } from '../settings/read-text-file.ts';
import type { Environment } from '../settings/settings.ts';

const DEFAULT_NODE_URL = 'http://127.0.0.1:5000';

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
  readonly address: NodeAddress;
  readonly query: RunOperation;
}

/** The node that `--node` or `FORKLORE_NODE` names, or the one on this machine. Throws `UsageError`. */
export function openSession(flags: ClientFlags, { environment }: CliContext): NodeSession {
  const address = { url: nodeUrl(flags, environment), adminToken: adminToken(flags, environment) };
  return { address, query: nodeClient(address) };
}

function nodeUrl(flags: ClientFlags, environment: Environment): string {
  if (flags.node !== undefined) return parseNodeUrl('--node', flags.node);
  return environment.FORKLORE_NODE ? parseNodeUrl('FORKLORE_NODE', environment.FORKLORE_NODE) : DEFAULT_NODE_URL;
}

function adminToken(flags: ClientFlags, environment: Environment): string | null {
  const label = flags.adminTokenFile === undefined ? 'FORKLORE_ADMIN_TOKEN_FILE' : '--admin-token-file';
  const path = flags.adminTokenFile ?? environment.FORKLORE_ADMIN_TOKEN_FILE;
  if (!path) return null;
  const token = readTextFile(label, path).trim();
  if (!/^[\x21-\x7e]+$/.test(token)) throw new UsageError(`${label}: ${path} holds no token`);
  return token;
}
