import { PROTOCOL_VERSION } from '../../protocol/limits.ts';
import { decodeMessage, encodeMessage, type Hello, type Message } from '../../protocol/messages.ts';
import type { SimulatedNetwork } from '../../simulator/network.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import { type ChainPoint, pathTo } from './chain-builder.ts';

/**
 * A peer whose every message is the test's. It answers requests for headers and bodies from the chain that it was told
 * to serve, unless it was told to withhold them.
 */
export class ScriptedPeer {
  readonly received: Message[] = [];
  closedBecause: string | null = null;
  readonly #network: SimulatedNetwork;
  readonly #connection: { send(bytes: Uint8Array): void; close(): void };
  readonly #blocks = new Map<string, ChainPoint>();
  #chain: ChainPoint[] = [];

  constructor(network: SimulatedNetwork, node: SimulatedNode) {
    this.#network = network;
    this.#connection = network.connectRaw(
      node,
      (bytes) => this.#onFrame(bytes),
      (reason) => {
        this.closedBecause = reason;
      },
    );
  }

  /** Says hello as a node that stands on `point`, and serves its chain. */
  hello(point: ChainPoint, overrides: Partial<Hello> = {}): this {
    this.serve(point);
    return this.send({
      type: 'hello',
      version: PROTOCOL_VERSION,
      genesisHash: point.params.genesis.hash,
      nonce: BigInt(this.#network.random.u32()),
      tipHash: point.block.hash,
      height: point.height,
      chainWork: point.chainWork,
      listenUrl: null,
      userAgent: 'scripted',
      ...overrides,
    });
  }

  /** Answers from this chain from now on. Blocks of chains served before can still be had. */
  serve(point: ChainPoint): this {
    this.#chain = pathTo(point);
    for (const each of this.#chain) this.#blocks.set(each.block.hash, each);
    return this;
  }

  /** Tells of the chain's headers, as a node does that has moved to it. */
  announce(point: ChainPoint): this {
    this.serve(point);
    return this.send({ type: 'headers', headers: this.#chain.map(({ block }) => block.header) });
  }

  sendBlock(point: ChainPoint): this {
    return this.send({ type: 'block', raw: point.block.raw });
  }

  send(message: Message): this {
    return this.sendBytes(encodeMessage(message));
  }

  sendBytes(bytes: Uint8Array): this {
    this.#connection.send(bytes);
    return this;
  }

  /** Hangs up without a word. */
  close(): void {
    this.#connection.close();
  }

  ofType<T extends Message['type']>(type: T): Extract<Message, { type: T }>[] {
    return this.received.filter((message): message is Extract<Message, { type: T }> => message.type === type);
  }

  #onFrame(bytes: Uint8Array): void {
    const message = decodeMessage(bytes);
    this.received.push(message);
    if (message.type === 'ping') this.send({ type: 'pong', nonce: message.nonce });
    if (message.type === 'getHeaders') {
      const known = this.#chain.findLastIndex(({ block }) => message.locator.includes(block.hash));
      this.send({ type: 'headers', headers: this.#chain.slice(known + 1).map(({ block }) => block.header) });
    }
    if (message.type !== 'getBlocks') return;
    for (const hash of message.blockHashes) {
      const point = this.#blocks.get(hash);
      if (point) this.sendBlock(point);
      else this.send({ type: 'notFound', what: 'block', hashes: [hash] });
    }
  }
}
