import type WebSocket from 'ws';
import type { Network } from '../../consensus/genesis.ts';
import { workOfBits } from '../../consensus/target.ts';
import type { Transfer } from '../../consensus/transaction.ts';
import { MAX_INV_TXIDS, PROTOCOL_VERSION } from '../../protocol/limits.ts';
import { decodeMessage, encodeMessage, type Message } from '../../protocol/messages.ts';
import { openPeerSocket } from './node-process.ts';

let lastNonce = 0n;

/** A peer without a chain of its own that offers transactions and measures round trips. */
export class BenchPeer {
  readonly #socket: WebSocket;
  readonly #offered = new Map<string, Transfer>();
  #onPong: (nonce: bigint) => void = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#onMessage(decodeMessage(new Uint8Array(data))));
  }

  static async connect(url: string, params: Network): Promise<BenchPeer> {
    const peer = new BenchPeer(await openPeerSocket(url));
    lastNonce++;
    peer.#send({
      type: 'hello',
      version: PROTOCOL_VERSION,
      genesisHash: params.genesis.hash,
      nonce: lastNonce,
      tipHash: params.genesis.hash,
      height: 0,
      chainWork: workOfBits(params.genesisBits),
      listenUrl: null,
      userAgent: 'bench',
    });
    await peer.roundTripMs();
    return peer;
  }

  /** Announces transactions, and sends what is asked for. */
  offer(transfers: readonly Transfer[]): void {
    for (const transfer of transfers) this.#offered.set(transfer.txid, transfer);
    for (let start = 0; start < transfers.length; start += MAX_INV_TXIDS) {
      const txids = transfers.slice(start, start + MAX_INV_TXIDS).map(({ txid }) => txid);
      this.#send({ type: 'inv', txids });
    }
  }

  /** Milliseconds from a ping to its pong. */
  roundTripMs(): Promise<number> {
    lastNonce++;
    const nonce = lastNonce;
    return new Promise((resolve) => {
      const startMs = performance.now();
      this.#onPong = (answered) => {
        if (answered === nonce) resolve(performance.now() - startMs);
      };
      this.#send({ type: 'ping', nonce });
    });
  }

  close(): void {
    this.#socket.terminate();
  }

  #onMessage(message: Message): void {
    if (message.type === 'pong') this.#onPong(message.nonce);
    else if (message.type === 'ping') this.#send({ type: 'pong', nonce: message.nonce });
    else if (message.type === 'getHeaders') this.#send({ type: 'headers', headers: [] });
    else if (message.type === 'getTransactions') {
      const transfers = message.txids.flatMap((txid) => this.#offered.get(txid) ?? []);
      this.#send({ type: 'transactions', transactions: transfers });
    }
  }

  #send(message: Message): void {
    this.#socket.send(encodeMessage(message));
  }
}
