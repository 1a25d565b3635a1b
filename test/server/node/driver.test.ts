import { afterEach, describe, expect, it } from 'vitest';
import { REGTEST } from '../../../consensus/networks.ts';
import { PROTOCOL_VERSION } from '../../../protocol/limits.ts';
import { decodeMessage, encodeMessage } from '../../../protocol/messages.ts';
import { ForkloreNode } from '../../../protocol/node.ts';
import { Driver, systemRandom } from '../../../server/node/driver.ts';
import { NodeClock } from '../../../server/node/node-clock.ts';
import { Store } from '../../../server/store/store.ts';
import { genesisPoint, mineChain } from '../../../testing/chain-builder.ts';
import { coreConfig } from '../../../testing/core-config.ts';

const PEER = 'peer';
const ahead = mineChain(genesisPoint(REGTEST), 3);

/** A driver with a real core and store that notes what leaves the node, and when a transaction is on disk. */
class NotedDriver {
  readonly notes: string[] = [];
  readonly driver: Driver;
  readonly #store: Store;

  private constructor(store: Store) {
    this.#store = store;
    const clock = NodeClock.system();
    const core = new ForkloreNode(coreConfig(), store, store, systemRandom(), clock.now());
    this.driver = new Driver(core, {
      now: () => clock.now(),
      store: {
        transaction: (work) => {
          const result = store.transaction(work);
          this.notes.push('committed');
          return result;
        },
      },
      transport: {
        send: (_, bytes) => this.notes.push(decodeMessage(bytes).type),
        dial: () => {},
        disconnect: () => {},
        setPaused: () => {},
      },
      mining: { start: () => {}, cancel: () => {}, configure: () => {} },
      stratum: null,
      verification: { verify: async (checks) => checks.map(() => true) },
      publish: () => {},
      log: () => {},
      fatal: (error) => {
        throw error;
      },
    });
  }

  static async open(): Promise<NotedDriver> {
    return new NotedDriver(await Store.open({ directory: null, params: REGTEST }));
  }

  connect(): void {
    const address = '127.0.0.1:1';
    this.driver.emit({
      type: 'peer-connected',
      peer: PEER,
      direction: 'inbound',
      address,
      host: '127.0.0.1',
      loopback: true,
    });
  }

  /** The peer says that it has more blocks, which makes the node ask for their headers. */
  hello(): void {
    const bytes = encodeMessage({
      type: 'hello',
      version: PROTOCOL_VERSION,
      genesisHash: REGTEST.genesis.hash,
      nonce: 1n,
      tipHash: ahead.block.hash,
      height: ahead.height,
      chainWork: ahead.chainWork,
      listenUrl: null,
      userAgent: 'peer',
    });
    this.driver.emit({ type: 'peer-message', peer: PEER, bytes });
  }

  /** Lets the driver handle what waits. */
  async turn(): Promise<string[]> {
    this.notes.length = 0;
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    return [...this.notes];
  }

  async close(): Promise<void> {
    this.driver.stop();
    await this.#store.close();
  }
}

describe('driver', () => {
  let noted: NotedDriver;

  afterEach(() => noted.close());

  it('tells peers something only when it is on disk', async () => {
    noted = await NotedDriver.open();
    noted.connect();
    expect(await noted.turn()).toEqual(['committed', 'hello']);
  });

  it('asks peers while the disk is still writing', async () => {
    noted = await NotedDriver.open();
    noted.connect();
    await noted.turn();
    noted.hello();
    expect(await noted.turn()).toEqual(['ping', 'getHeaders', 'committed']);
  });

  it('never lets a question overtake what a peer is told before it', async () => {
    noted = await NotedDriver.open();
    noted.connect();
    noted.hello();
    expect(await noted.turn()).toEqual(['committed', 'hello', 'ping', 'getHeaders']);
  });
});
