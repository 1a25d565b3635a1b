import { once } from 'node:events';
import WebSocket from 'ws';
import { REGTEST } from '../consensus/networks.ts';
import { PROTOCOL_VERSION } from '../protocol/limits.ts';
import { decodeMessage, encodeMessage, type Hello } from '../protocol/messages.ts';
import { genesisPoint } from './chain-builder.ts';

/** How a connection ended, as the peer was told. */
export interface PeerEnd {
  readonly code: number;
  readonly reason: string;
  /** What the node's `bye` said; null where none came. */
  readonly bye: string | null;
}

let lastNonce = 0n;

/** A hello that a node of regtest accepts, from a process of its own. */
export function regtestHello(overrides: Partial<Hello> = {}): Uint8Array {
  const genesis = genesisPoint(REGTEST);
  lastNonce++;
  return encodeMessage({
    type: 'hello',
    version: PROTOCOL_VERSION,
    genesisHash: REGTEST.genesis.hash,
    nonce: lastNonce,
    tipHash: genesis.block.hash,
    height: 0,
    chainWork: genesis.chainWork,
    listenUrl: null,
    userAgent: 'raw',
    ...overrides,
  });
}

/** A WebSocket to a node's peer port, which sends whatever a test wants. */
export class RawPeer {
  readonly socket: WebSocket;
  readonly ended: Promise<PeerEnd>;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    let bye: string | null = null;
    socket.on('message', (data: Buffer) => {
      const message = decodeMessage(new Uint8Array(data));
      if (message.type === 'bye') bye = message.reason;
    });
    this.ended = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString(), bye }));
    });
    // The node may hang up while there is still something to send.
    socket.on('error', () => {});
  }

  static async connect(nodeUrl: string): Promise<RawPeer> {
    const peer = new RawPeer(new WebSocket(`${nodeUrl.replace('http', 'ws')}/p2p`, 'forklore.1'));
    await once(peer.socket, 'open');
    return peer;
  }

  send(...frames: readonly Uint8Array[]): this {
    for (const frame of frames) this.socket.send(frame);
    return this;
  }
}
