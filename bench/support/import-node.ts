import { availableParallelism } from 'node:os';
import type { Block } from '../../consensus/block.ts';
import type { Network } from '../../consensus/genesis.ts';
import { utf8ToBytes } from '../../consensus/hex.ts';
import type { Effect } from '../../protocol/effects.ts';
import type { NodeEvent } from '../../protocol/events.ts';
import { PROTOCOL_VERSION } from '../../protocol/limits.ts';
import { decodeMessage, encodeMessage, type Message } from '../../protocol/messages.ts';
import { ForkloreNode } from '../../protocol/node.ts';
import type { Notice } from '../../protocol/notices.ts';
import type { Instant } from '../../protocol/time.ts';
import { Driver, systemRandom } from '../../server/node/driver.ts';
import { NodeClock } from '../../server/node/node-clock.ts';
import { Store } from '../../server/store/store.ts';
import { VerificationPool } from '../../server/verification/verification-pool.ts';

const PEER = 'bench';
const MINER = 'ee'.repeat(20);

export interface ImportNodeOptions {
  readonly directory: string;
  readonly params: Network;
  /** The chain that the node's only peer has, from block 1. */
  readonly chain: readonly Block[];
  readonly chainWork: bigint;
}

/** A core that notes how long its longest event took. */
class TimedNode extends ForkloreNode {
  longestStepMs = 0;

  override handleEvent(event: NodeEvent, now: Instant): Effect[] {
    const startMs = performance.now();
    const effects = super.handleEvent(event, now);
    this.longestStepMs = Math.max(this.longestStepMs, performance.now() - startMs);
    return effects;
  }
}

/**
 * A node with its real driver, store and verification threads whose only peer is a function in the same process: what
 * the node itself takes to import a chain, without the sockets.
 */
export class ImportNode {
  readonly #store: Store;
  readonly #pool = new VerificationPool({ threads: availableParallelism() });
  readonly #driver: Driver;
  readonly #core: TimedNode;
  readonly #options: ImportNodeOptions;
  readonly #positions: ReadonlyMap<string, number>;
  #onNotice: (notice: Notice) => void = () => {};

  private constructor(options: ImportNodeOptions, store: Store) {
    const { params, chain } = options;
    this.#options = options;
    this.#positions = new Map(chain.map(({ hash }, i) => [hash, i]));
    this.#store = store;
    const config = {
      params,
      listenUrl: null,
      userAgent: 'bench',
      peers: [],
      learnAddresses: false,
      miner: { mode: 'off', threads: 1, hashrateLimit: 0, intervalMs: 1_000, recipient: MINER, tag: utf8ToBytes('') },
    } as const;
    const clock = NodeClock.system();
    this.#core = new TimedNode(config, this.#store, this.#store, systemRandom(), clock.now());
    this.#driver = new Driver(this.#core, {
      now: () => clock.now(),
      store: this.#store,
      transport: {
        send: (_, bytes) => this.#answer(decodeMessage(bytes)),
        dial: () => {},
        disconnect: (_, __, reason) => {
          if (reason !== 'the node is shutting down') throw new Error(`disconnected: ${reason}`);
        },
        setPaused: () => {},
      },
      mining: { start: () => {}, cancel: () => {}, configure: () => {} },
      stratum: null,
      verification: this.#pool,
      publish: (notice) => this.#onNotice(notice),
      log: () => {},
      fatal: (error) => {
        throw error;
      },
    });
    this.#driver.emit({ type: 'start' });
  }

  static async open(options: ImportNodeOptions): Promise<ImportNode> {
    const { directory, params } = options;
    return new ImportNode(options, await Store.open({ directory, params }));
  }

  /** The longest time that the core has worked at one event. */
  get longestStepMs(): number {
    return this.#core.longestStepMs;
  }

  get verification(): VerificationPool {
    return this.#pool;
  }

  /** Connects the peer; resolves with the milliseconds until the node stands on the chain's last block. */
  async import(): Promise<number> {
    const { chain } = this.#options;
    const startMs = performance.now();
    const done = new Promise<void>((resolve) => {
      this.#onNotice = () => {
        if (this.#core.chain.tip.record.height === chain.length) resolve();
      };
    });
    const address = '127.0.0.1:1';
    this.#driver.emit({
      type: 'peer-connected',
      peer: PEER,
      direction: 'inbound',
      address,
      host: '127.0.0.1',
      loopback: true,
    });
    this.#send({
      type: 'hello',
      version: PROTOCOL_VERSION,
      genesisHash: this.#options.params.genesis.hash,
      nonce: 1n,
      tipHash: chain.at(-1)?.hash ?? '',
      height: chain.length,
      chainWork: this.#options.chainWork,
      listenUrl: null,
      userAgent: 'bench',
    });
    await done;
    return performance.now() - startMs;
  }

  async close(): Promise<void> {
    this.#driver.stop();
    await this.#pool.close();
    await this.#store.close();
  }

  #answer(message: Message): void {
    const { chain } = this.#options;
    if (message.type === 'ping') this.#send({ type: 'pong', nonce: message.nonce });
    else if (message.type === 'getHeaders') {
      const known = message.locator.map((hash) => this.#positions.get(hash)).find((position) => position !== undefined);
      const start = known === undefined ? 0 : known + 1;
      this.#send({ type: 'headers', headers: chain.slice(start, start + 2_000).map(({ header }) => header) });
    } else if (message.type === 'getBlocks') {
      for (const hash of message.blockHashes) {
        const block = chain[this.#positions.get(hash) ?? -1];
        if (block) this.#send({ type: 'block', raw: block.raw });
      }
    }
  }

  #send(message: Message): void {
    this.#driver.emit({ type: 'peer-message', peer: PEER, bytes: encodeMessage(message) });
  }
}
