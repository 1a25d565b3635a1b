import { makeCompactBlock } from '../protocol/compact.ts';
import { MAX_HEADERS_PER_MESSAGE, PROTOCOL_VERSION } from '../protocol/limits.ts';
import { decodeMessage, encodeMessage, type Hello, type Message } from '../protocol/messages.ts';
import type { SimulatedNetwork } from '../simulator/network.ts';
import type { SimulatedNode } from '../simulator/simulated-node.ts';
import { type ChainPoint, pathTo } from './chain-builder.ts';

/** The far end of a connection: what the node sends comes in, what the test sends goes out. */
interface FarEnd {
  send(bytes: Uint8Array): void;
  close(): void;
}

type OpenFarEnd = (received: (bytes: Uint8Array) => void, closed: (reason: string) => void) => FarEnd;

/** What a peer can serve: its chain, and blocks of other chains. */
export class ServedChain {
  readonly #blocks = new Map<string, ChainPoint>();
  #chain: ChainPoint[] = [];

  get chain(): readonly ChainPoint[] {
    return this.#chain;
  }

  serve(point: ChainPoint): void {
    this.#chain = pathTo(point);
    for (const each of this.#chain) this.#blocks.set(each.block.hash, each);
  }

  /** The answers to a request for headers or bodies; none to anything else but a ping. */
  answersTo(message: Message): Message[] {
    if (message.type === 'ping') return [{ type: 'pong', nonce: message.nonce }];
    if (message.type === 'getHeaders') {
      const next = this.#chain.findLastIndex(({ block }) => message.locator.includes(block.hash)) + 1;
      const following = this.#chain.slice(next, next + MAX_HEADERS_PER_MESSAGE);
      return [{ type: 'headers', headers: following.map(({ block }) => block.header) }];
    }
    if (message.type !== 'getBlocks') return [];
    return message.blockHashes.map((hash) => {
      const point = this.#blocks.get(hash);
      return point ? { type: 'block', raw: point.block.raw } : { type: 'notFound', what: 'block', hashes: [hash] };
    });
  }
}

/**
 * A peer whose every message is the test's. It answers requests for headers and bodies from the chain that it was told
 * to serve, unless it was told to withhold them.
 */
export class ScriptedPeer {
  readonly received: Message[] = [];
  closedBecause: string | null = null;
  readonly #network: SimulatedNetwork;
  readonly #connection: FarEnd;
  readonly #served = new ServedChain();
  readonly #withheld = new Set<Message['type']>();
  readonly #acts = new Map<Message['type'], (request: Message) => void>();

  /** Calls the node; or stands behind `open`, where the node has called. */
  constructor(network: SimulatedNetwork, node: SimulatedNode, open?: OpenFarEnd) {
    this.#network = network;
    const openFarEnd = open ?? ((received, closed) => network.connectRaw(node, received, closed));
    this.#connection = openFarEnd(
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
    this.#served.serve(point);
    return this;
  }

  /** Leaves these requests without an answer from now on. */
  withhold(...requests: readonly Message['type'][]): this {
    for (const request of requests) this.#withheld.add(request);
    return this;
  }

  /** Does something of the test's own whenever such a request comes, in place of an answer. */
  when<T extends Message['type']>(type: T, act: (request: Extract<Message, { type: T }>) => void): this {
    this.#acts.set(type, act as (request: Message) => void);
    return this.withhold(type);
  }

  /** Tells of the chain's headers, as a node does that has moved to it. */
  announce(point: ChainPoint): this {
    this.serve(point);
    return this.send({ type: 'headers', headers: this.#served.chain.map(({ block }) => block.header) });
  }

  /** Answers a request as if it had not been withheld. */
  answer(request: Message): this {
    for (const answer of this.#served.answersTo(request)) this.send(answer);
    return this;
  }

  /** Announces a block as a compact block with all its transfers, as if the receiver had none of them. */
  sendCompact(point: ChainPoint): this {
    return this.send(makeCompactBlock(point.block, 1n, () => true));
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
    this.#acts.get(message.type)?.(message);
    if (this.#withheld.has(message.type)) return;
    for (const answer of this.#served.answersTo(message)) this.send(answer);
  }
}

/** Answers when a node dials `url`, in place of another node; every call gives a new peer, which has still to say hello. */
export function listenAt(network: SimulatedNetwork, url: string, onCall: (peer: ScriptedPeer) => void): void {
  const farEnds = new Map<string, { received(bytes: Uint8Array): void; closed(reason: string): void }>();
  const original = {
    dial: network.dial.bind(network),
    send: network.send.bind(network),
    disconnect: network.disconnect.bind(network),
  };
  let calls = 0;
  network.dial = (node, dialled) => {
    if (dialled !== url) return original.dial(node, dialled);
    calls++;
    const peer = `${url}#${calls}`;
    // Not within the event that made the node dial: connecting takes time.
    network.clock.schedule(1, () =>
      onCall(
        new ScriptedPeer(network, node, (received, closed) => {
          farEnds.set(peer, { received, closed });
          node.handle({
            type: 'peer-connected',
            peer,
            direction: 'outbound',
            address: url,
            host: '127.0.0.1',
            loopback: true,
          });
          return {
            send: (bytes) => node.handleLater(0, { type: 'peer-message', peer, bytes }),
            close: () => node.handleLater(0, { type: 'peer-closed', peer, reason: 'closed' }),
          };
        }),
      ),
    );
  };
  network.send = (node, peer, bytes) => {
    const farEnd = farEnds.get(peer);
    if (farEnd) farEnd.received(bytes);
    else original.send(node, peer, bytes);
  };
  network.disconnect = (node, peer, reason) => {
    const farEnd = farEnds.get(peer);
    if (!farEnd) return original.disconnect(node, peer, reason);
    farEnd.closed(reason);
    node.handleLater(0, { type: 'peer-closed', peer, reason });
  };
}
