import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { useServer } from 'graphql-ws/use/ws';
import { createSchema, createYoga } from 'graphql-yoga';
import { WebSocketServer } from 'ws';
import { main } from '../../cli/program.ts';

/** The API itself, so that every command's operation is held against it. */
const TYPE_DEFINITIONS = readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8');

/** Answers of the stub, in the form of resolvers. */
export type Resolvers = Exclude<Parameters<typeof createSchema>[0]['resolvers'], undefined>;

export interface StubNode {
  readonly url: string;
  /** Headers and connection parameters that came in under the name `authorization`. */
  readonly authorizations: unknown[];
  close(): Promise<void>;
}

/** A server on a free port that answers as the resolvers say, over HTTP and graphql-ws. */
export async function startStubNode(resolvers: Resolvers): Promise<StubNode> {
  const authorizations: unknown[] = [];
  const schema = createSchema({ typeDefs: TYPE_DEFINITIONS, resolvers });
  const yoga = createYoga({ schema, logging: false, maskedErrors: false, graphiql: false });
  const server = createServer((request, response) => {
    authorizations.push(request.headers.authorization);
    return yoga(request, response);
  });
  const sockets = new WebSocketServer({ server, path: '/graphql' });
  useServer(
    { schema, onConnect: (context) => void authorizations.push(context.connectionParams?.authorization) },
    sockets,
  );
  await listen(server);
  return {
    url: urlOf(server),
    authorizations,
    close: () => closeAll(server, sockets),
  };
}

/** Listens on a free port of the loopback interface. */
export function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
}

export function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function closeAll(server: Server, sockets: WebSocketServer): Promise<void> {
  for (const socket of sockets.clients) socket.terminate();
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliSurroundings {
  readonly environment?: Record<string, string>;
  /** Text that is piped in; without it, standard input is a terminal. */
  readonly input?: string;
  /** Standard output and error are a terminal. */
  readonly isTerminal?: boolean;
}

/** Runs the program in this process. */
export async function forklore(args: readonly string[], surroundings: CliSurroundings = {}): Promise<CliResult> {
  const { environment = {}, input, isTerminal = false } = surroundings;
  const text = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({
    isTTY: isTerminal,
    columns: 100,
    write: (part: string) => {
      text[name] += part;
    },
  });
  const code = await main(['node', 'forklore', ...args], environment, {
    stdin: {
      isTTY: input === undefined,
      async *[Symbol.asyncIterator]() {
        yield input ?? '';
      },
    },
    stdout: stream('stdout'),
    stderr: stream('stderr'),
  });
  return { code, ...text };
}

/** A block with values of its own only where the test looks. */
export function stubBlock(values: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    hash: 'ab'.repeat(32),
    height: 7,
    time: '2026-01-01T00:01:00.000Z',
    difficulty: 1,
    totalWork: '29360128',
    size: 275,
    miner: 'lore1miner',
    reward: '50',
    transactionCount: 2,
    gasUsed: 0,
    canonical: true,
    confirmations: 3,
    header: {
      version: 1,
      prevHash: 'cd'.repeat(32),
      merkleRoot: 'ef'.repeat(32),
      time: '2026-01-01T00:01:00.000Z',
      bits: '20ffffff',
      nonce: 9,
    },
    ...values,
  };
}

/** A transfer with values of its own only where the test looks. */
export function stubTransaction(values: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: '12'.repeat(32),
    kind: 'TRANSFER',
    sender: 'lore1alice',
    recipient: 'lore1bob',
    amount: '10',
    fee: '0.0000015',
    nonce: '0',
    memo: '',
    size: 147,
    status: 'PENDING',
    statusReason: null,
    block: null,
    confirmations: 0,
    ...values,
  };
}
