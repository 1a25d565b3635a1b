import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { parseNodeOptions } from '../cli/settings/node-settings.ts';
import { REGTEST } from '../consensus/networks.ts';
import type { NodeOptions } from '../server/node/node-options.ts';
import type { RunningNode } from '../server/node/running-node.ts';
import { startNode } from '../server/node/start-node.ts';
import { createLogger } from '../server/process/log.ts';
import { Api } from './api.ts';

/** A whole node in this process, with real sockets, worker threads and an LMDB store in memory. */
export interface LiveNode {
  readonly node: RunningNode;
  readonly api: Api;
  readonly url: string;
  /** What the node has logged, in JSON lines. */
  readonly log: () => string;
  /** A graphql-ws client with a socket of its own; ended with the node. */
  client(params?: Record<string, unknown>, url?: string, headers?: Record<string, string>): Client;
  stop(): Promise<void>;
}

/** Starts a node on `regtest` that others cannot discover. */
export async function startLiveNode(overrides: Partial<NodeOptions> = {}): Promise<LiveNode> {
  const flags = new Map<string, string | boolean>([
    ['port', '0'],
    ['network', 'regtest'],
    ['ephemeral', true],
    ['noDiscovery', true],
    ['miningThreads', '1'],
  ]);
  const options = { ...parseNodeOptions(flags, {}), network: REGTEST, ...overrides };
  let log = '';
  const output = { write: (line: string) => (log += line) } as unknown as NodeJS.WritableStream;
  const node = await startNode(options, {
    log: await createLogger({ level: 'info', format: 'json', output }),
    budget: null,
    onFatal: (error) => {
      throw error;
    },
  });
  const clients: Client[] = [];
  return {
    node,
    api: new Api(node.url),
    url: node.url,
    log: () => log,
    client: (connectionParams = {}, url = `${node.url.replace('http', 'ws')}/graphql`, headers = {}) => {
      const webSocketImpl = class extends WebSocket {
        constructor(address: string, protocols: string) {
          super(address, protocols, { headers });
        }
      };
      const client = createClient({ url, webSocketImpl, connectionParams, retryAttempts: 0 });
      clients.push(client);
      return client;
    },
    stop: async () => {
      await Promise.all(clients.map((client) => client.dispose()));
      await node.stop();
    },
  };
}
