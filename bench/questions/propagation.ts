import { once } from 'node:events';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { Api } from '../../testing/api.ts';
import { freePorts } from '../../testing/free-ports.ts';
import { Program, temporaryFolder } from '../../testing/processes.ts';
import { summary } from '../measure.ts';
import type { Question } from '../question.ts';
import { figure } from '../report.ts';
import { BenchPeer } from '../support/bench-peer.ts';
import { ChainBuilder } from '../support/chain.ts';
import { benchNetwork } from '../support/network.ts';

const NODES = 16;
const HOPS = NODES - 1;
const ROUNDS = 3;
/** As many as one mempool holds. */
const TRANSFERS = 5_120;

/** What a node tells as it happens, through one socket. */
class Watcher {
  readonly #client;
  readonly #heights = new Map<number, number>();
  #mempoolSize = 0;
  #look: () => void = () => {};

  private constructor(url: string) {
    this.#client = createClient({ url: `${url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, lazy: false });
  }

  static async open(url: string): Promise<Watcher> {
    const watcher = new Watcher(url);
    watcher.#subscribe<{ blockAdded: { height: number } }>('subscription { blockAdded { height } }', ({ blockAdded }) =>
      watcher.#heights.set(blockAdded.height, performance.now()),
    );
    watcher.#subscribe<{ mempoolChanged: { size: number } }>(
      'subscription { mempoolChanged { size } }',
      ({ mempoolChanged }) => {
        watcher.#mempoolSize = mempoolChanged.size;
      },
    );
    await new Promise<void>((resolve, reject) => {
      watcher.#client.subscribe(
        { query: '{ tip { height } }' },
        { next: () => resolve(), error: reject, complete: () => {} },
      );
    });
    return watcher;
  }

  async untilPending(size: number): Promise<void> {
    await this.#until(() => this.#mempoolSize === size);
  }

  /** When the node stood on a block of this height. */
  async untilBlock(height: number): Promise<number> {
    await this.#until(() => this.#heights.has(height));
    return this.#heights.get(height) ?? 0;
  }

  async close(): Promise<void> {
    await this.#client.dispose();
  }

  #until(isReached: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#look = () => {
        if (isReached()) resolve();
      };
      this.#look();
    });
  }

  #subscribe<T>(query: string, onData: (data: T) => void): void {
    this.#client.subscribe<T>(
      { query },
      {
        next: ({ data }) => {
          if (data) onData(data);
          this.#look();
        },
        error: () => {},
        complete: () => {},
      },
    );
  }
}

/** How long a full block takes through a line of nodes, against the first hop alone. */
export const propagation: Question = {
  name: 'propagation',
  title: 'A full block through 16 nodes',
  async run() {
    const network = benchNetwork();
    const basePort = await freePorts(NODES);
    const shape = ['--nodes', `${NODES}`, '--base-port', `${basePort}`, '--topology', 'line'];
    const kind = ['--network', network.file, '--ephemeral', '--no-discovery', '--miner-address', network.minerAddress];
    const program = new Program(['cluster', ...shape, ...kind], { FORKLORE_RUNTIME_DIR: temporaryFolder() });
    await program.output(/cluster: /);
    const urls = Array.from({ length: NODES }, (_, i) => `http://127.0.0.1:${basePort + i}`);
    const [first = '', second = '', last = ''] = [urls[0], urls[1], urls.at(-1)];
    const api = new Api(first);
    await Promise.all(urls.map((url, i) => new Api(url).untilPeers(i === 0 || i === NODES - 1 ? 1 : 2)));
    const watchers = await Promise.all([first, second, last].map((url) => Watcher.open(url)));
    const [atFirst, atSecond, atLast] = watchers as [Watcher, Watcher, Watcher];
    const peer = await BenchPeer.connect(first, network.params);
    const builder = new ChainBuilder(network);
    const samples = { hop: [] as number[], all: [] as number[] };
    for (let round = 1; round <= ROUNDS; round++) {
      peer.offer(builder.transfers(TRANSFERS));
      await atLast.untilPending(TRANSFERS);
      await api.query('mutation { mine { __typename } }');
      const startMs = await atFirst.untilBlock(round);
      samples.hop.push((await atSecond.untilBlock(round)) - startMs);
      samples.all.push((await atLast.untilBlock(round)) - startMs);
      builder.skipNonces(TRANSFERS);
    }
    peer.close();
    await Promise.all(watchers.map((watcher) => watcher.close()));
    program.child.kill('SIGTERM');
    await once(program.child, 'close');
    const all = summary({ label: `to the last of ${NODES} nodes, ${HOPS} hops`, values: samples.all });
    const hop = summary({ label: 'one hop', values: samples.hop });
    return {
      unit: 'ms',
      candidates: [all, hop],
      results: [
        {
          what: 'time to the last node over hops times one hop',
          value: all.median / (HOPS * hop.median),
          unit: '×',
          goal: { most: 1.5 },
        },
      ],
      notes: [
        `A block of ${figure(TRANSFERS)} transfers that all nodes have in their mempools, in a line of nodes in one process` +
          ' that share the cores: compact block, reconstruction, all rules, commit, and on to the next.',
      ],
    };
  },
};
