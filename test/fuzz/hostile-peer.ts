import type { Block } from '../../consensus/block.ts';
import type { BlockHeader } from '../../consensus/header.ts';
import { PROTOCOL_VERSION } from '../../protocol/limits.ts';
import { decodeMessage, encodeMessage, type Message } from '../../protocol/messages.ts';
import type { SimulatedNetwork } from '../../simulator/network.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import { type Mutation, mutated } from './byte-mutations.ts';
import { messageParts } from './byte-targets.ts';

/** How a hostile peer answers what it is asked: as it should, with changed bytes, or not at all. */
export type Manners = 'truth' | 'lies' | 'silence';

/** What hostile peers know together: blocks by hash, forged ones too, and what honest nodes said in their hellos. */
export interface Loot {
  readonly blocks: Map<string, Block>;
  readonly nonces: bigint[];
}

const MAX_ANSWERS = 200;

/** A connection to one node over which anything may be said. It may be closed at any time by either side. */
export class HostilePeer {
  readonly node: SimulatedNode;
  /** As the node calls the connection. */
  readonly id: string;
  isOpen = true;
  readonly #network: SimulatedNetwork;
  readonly #loot: Loot;
  readonly #manners: Manners;
  readonly #lies: readonly Mutation[];
  readonly #connection: { send(bytes: Uint8Array): void; close(): void };
  #answers = 0;

  constructor(network: SimulatedNetwork, node: SimulatedNode, loot: Loot, manners: Manners, lies: readonly Mutation[]) {
    this.node = node;
    this.#network = network;
    this.#loot = loot;
    this.#manners = manners;
    this.#lies = lies;
    this.#connection = network.connectRaw(
      node,
      (bytes) => this.#onFrame(bytes),
      () => {
        this.isOpen = false;
      },
    );
    this.id = node.core.peers().at(-1)?.id ?? '';
  }

  send(bytes: Uint8Array): void {
    if (this.isOpen) this.#connection.send(bytes);
  }

  /** Sends a message after changing its bytes. */
  sendChanged(message: Message, changes: readonly Mutation[]): void {
    const frame = encodeMessage(message);
    this.send(changes.length === 0 ? frame : mutated(messageParts(frame), [], changes));
  }

  /** A hello that would do, unless it is changed. */
  hello(fields: { nonce?: bigint; listenUrl?: string | null; work?: bigint }, changes: readonly Mutation[]): void {
    const { tip } = this.node.core.chain;
    this.sendChanged(
      {
        type: 'hello',
        version: PROTOCOL_VERSION,
        genesisHash: this.#network.params.genesis.hash,
        nonce: fields.nonce ?? BigInt(this.#network.random.u32()),
        tipHash: tip.record.hash,
        height: tip.record.height,
        chainWork: fields.work ?? tip.record.chainWork,
        listenUrl: fields.listenUrl ?? null,
        userAgent: 'hostile \u001b[2J',
      },
      changes,
    );
  }

  leave(): void {
    if (this.isOpen) this.#connection.close();
    this.isOpen = false;
  }

  #onFrame(bytes: Uint8Array): void {
    // What an honest node says is always well-formed: else this throws, and the run fails.
    const message = decodeMessage(bytes);
    if (message.type === 'hello') this.#loot.nonces.push(message.nonce);
    if (this.#manners === 'silence' || !this.isOpen || this.#answers >= MAX_ANSWERS) return;
    for (const answer of this.#answersTo(message)) {
      this.#answers++;
      this.sendChanged(answer, this.#manners === 'lies' ? this.#lies : []);
    }
  }

  #answersTo(message: Message): Message[] {
    const { mempool } = this.node.core;
    switch (message.type) {
      case 'ping':
        return [{ type: 'pong', nonce: message.nonce }];
      case 'getHeaders':
        return [{ type: 'headers', headers: this.#headersAfter(message.locator) }];
      case 'getBlocks':
        return message.blockHashes.map((hash): Message => {
          const block = this.#loot.blocks.get(hash);
          return block ? { type: 'block', raw: block.raw } : { type: 'notFound', what: 'block', hashes: [hash] };
        });
      case 'getTransactions': {
        const transfers = mempool.byFeeRate().map(({ transaction }) => transaction);
        return transfers.length === 0
          ? [{ type: 'notFound', what: 'transaction', hashes: message.txids }]
          : [{ type: 'transactions', transactions: transfers.slice(0, 5) }];
      }
      case 'getBlockTransactions':
        return [{ type: 'blockTransactions', blockHash: message.blockHash, transactions: [] }];
      case 'getAddresses':
        return [{ type: 'addresses', urls: ['http://127.0.0.1:5000', 'http://127.0.0.1:6000'] }];
      default:
        return [];
    }
  }

  /** Of all that is in the loot: whatever leads on from what the node names, one after the other. */
  #headersAfter(locator: readonly string[]): BlockHeader[] {
    const byParent = new Map<string, Block>();
    for (const block of this.#loot.blocks.values()) byParent.set(block.header.prevHash, block);
    const headers: BlockHeader[] = [];
    let next = byParent.get(locator.find((hash) => byParent.has(hash)) ?? '');
    while (next !== undefined && headers.length < MAX_ANSWERS) {
      headers.push(next.header);
      next = byParent.get(next.hash);
    }
    return headers;
  }
}
