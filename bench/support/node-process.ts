import { once } from 'node:events';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { Api } from '../../testing/api.ts';
import { type Program, startNode, temporaryFolder } from '../../testing/processes.ts';
import type { BenchNetwork } from './network.ts';

/** A node in a process of its own: the bundle that users run. */
export class NodeProcess {
  readonly url: string;
  readonly api: Api;
  readonly program: Program;
  readonly #sockets: { dispose(): void | Promise<void> }[] = [];

  private constructor(program: Program, url: string, api: Api) {
    this.program = program;
    this.url = url;
    this.api = api;
  }

  /** Starts a node that nobody else finds, with a data folder unless the arguments say otherwise. */
  static async start(network: BenchNetwork, ...args: string[]): Promise<NodeProcess> {
    const flags = ['--port', '0', '--no-discovery', '--network', network.file, ...args];
    if (!flags.includes('--ephemeral') && !flags.includes('--data-dir')) flags.push('--data-dir', temporaryFolder());
    const { program, url, api } = await startNode(flags, { FORKLORE_RUNTIME_DIR: temporaryFolder() });
    return new NodeProcess(program, url, api);
  }

  get pid(): number {
    return this.program.child.pid ?? 0;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => socket.dispose()));
    await this.program.signal('SIGTERM');
  }

  connectTo(other: NodeProcess): Promise<unknown> {
    return this.api.query('mutation ($url: String!) { connectPeer(url: $url) { __typename } }', { url: other.url });
  }

  /**
   * Resolves at the first value of a subscription for which `isWanted` holds, with the time of its arrival. The
   * subscription stands when the outer promise resolves.
   */
  async first<T>(query: string, isWanted: (data: T) => boolean): Promise<{ readonly arrival: Promise<number> }> {
    const client = createClient({
      url: `${this.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      lazy: false,
    });
    this.#sockets.push(client);
    const arrival = new Promise<number>((resolve, reject) => {
      client.subscribe<T>(
        { query },
        {
          next: ({ data }) => {
            if (data && isWanted(data)) resolve(performance.now());
          },
          error: reject,
          complete: () => {},
        },
      );
    });
    // An answered query on the same socket: what was sent before it has been handled.
    await new Promise<void>((resolve, reject) => {
      client.subscribe({ query: '{ tip { height } }' }, { next: () => resolve(), error: reject, complete: () => {} });
    });
    return { arrival: arrival.finally(() => client.dispose()) };
  }

  /** Resolves when the node stands on its best chain at this height, with the time. */
  untilHeight(height: number): Promise<{ readonly arrival: Promise<number> }> {
    return this.first<{ syncChanged: { state: string; height: number } }>(
      'subscription { syncChanged { state height } }',
      ({ syncChanged }) => syncChanged.height === height && syncChanged.state !== 'BLOCKS',
    );
  }
}

/** A WebSocket to a node's peer port, which is open. */
export async function openPeerSocket(url: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/p2p`, 'forklore.1');
  await once(socket, 'open');
  return socket;
}
