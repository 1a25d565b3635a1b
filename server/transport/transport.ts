import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { NodeEvent, PeerId } from '../../protocol/events.ts';
import type { PeerView } from '../../protocol/node-view.ts';
import { isLoopbackHost } from '../http/loopback.ts';
import { refuseUpgrade } from '../http/refuse-upgrade.ts';
import { Connection, CUT_REASON } from './connection.ts';
import { dialPeer } from './dial.ts';
import { clientOf, hostAndPort, plainAddress } from './remote-address.ts';
import { PEER_SUBPROTOCOL, SOCKET_OPTIONS } from './socket-limits.ts';
import { urlsOf, type Weather } from './weather.ts';

/** How long peers have to answer the close at shutdown. */
const CLOSE_GRACE_MS = 1_000;
/**
 * Inbound connections that have not sent a frame yet. One more closes the oldest of the client with the most of them:
 * silent connections must not take the places of nodes, which send their hello immediately. If all belong to one client,
 * as on loopback, the oldest is closed.
 */
export const MAX_SILENT_PEERS = 32;
/** RFC 6455, 7.4.1: the endpoint goes away. */
const GOING_AWAY = 1001;

export interface TransportOptions {
  /** Sockets of callers; further ones are refused. */
  readonly maxInbound: number;
  /** Sockets that were dialled, dials in progress included; further dials fail. Callers take no room of these. */
  readonly maxOutbound: number;
  /** The conditions of the ways to others. After a change of it `applyWeather` has to be called. */
  readonly weather: Weather;
  /** What the core knows of a connection, of which its hello is a part; undefined where it does not know it yet. */
  peerOf(peer: PeerId): Pick<PeerView, 'url' | 'remote' | 'direction' | 'state'> | undefined;
  /** May be called from inside any method but the constructor. Never called once `close` has been. */
  emit(event: NodeEvent): void;
}

interface SilentPeer {
  readonly connection: Connection;
  readonly client: string;
}

/** Carries frames between the core and its peers: WebSockets in, node events out. It does not interpret the frames. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #upgrader = new WebSocketServer({
    ...SOCKET_OPTIONS,
    noServer: true,
    clientTracking: false,
    handleProtocols: () => PEER_SUBPROTOCOL,
  });
  readonly #connections = new Map<PeerId, Connection>();
  readonly #inbound = new Set<PeerId>();
  /** Inbound connections that have not sent a frame yet, oldest first. */
  readonly #silent = new Map<PeerId, SilentPeer>();
  readonly #dials = new Set<AbortController>();
  /** Where the peers that have said hello listen. */
  readonly #urls = new Map<PeerId, readonly string[]>();
  #lastPeer = 0;
  #closed = false;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** Takes over an HTTP upgrade to the peer protocol, or refuses it. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Only browsers send it, and no website may reach the peer protocol of a local node.
    if (request.headers.origin !== undefined) return refuseUpgrade(socket, 403, 'peers do not send an Origin header');
    const offered = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim());
    if (!offered?.includes(PEER_SUBPROTOCOL))
      return refuseUpgrade(socket, 400, `the subprotocol is ${PEER_SUBPROTOCOL}`);
    if (this.#closed || this.#inbound.size >= this.#options.maxInbound)
      return refuseUpgrade(socket, 503, 'no room for another peer');
    this.#upgrader.handleUpgrade(request, socket, head, (webSocket) => this.#open(webSocket, request.socket, null));
  }

  /** Connects to the node at `url`; `peer-connected` or `dial-failed` follows, with the URL as given here. */
  dial(url: string): void {
    if (this.#closed) return;
    if (this.#connections.size - this.#inbound.size + this.#dials.size >= this.#options.maxOutbound) {
      this.#options.emit({ type: 'dial-failed', url, reason: 'this node has no room for another peer' });
      return;
    }
    if (this.#options.weather.linkTo([url])?.conditions.cut) {
      this.#options.emit({ type: 'dial-failed', url, reason: CUT_REASON });
      return;
    }
    const controller = new AbortController();
    this.#dials.add(controller);
    dialPeer(url, controller.signal, {
      opened: (webSocket, tcp) => {
        this.#dials.delete(controller);
        this.#open(webSocket, tcp, url);
      },
      failed: (reason) => {
        this.#dials.delete(controller);
        this.#emit({ type: 'dial-failed', url, reason });
      },
    });
  }

  /** Queues one binary frame. Does nothing if the peer is disconnected. */
  send(peer: PeerId, bytes: Uint8Array): void {
    const connection = this.#connections.get(peer);
    if (!connection) return;
    // The core sends something as soon as it has taken a hello: from then on it is known whose link this is.
    if (this.#options.weather.isOn) this.#applyWeatherTo(peer, connection);
    connection.send(bytes);
  }

  /** Lets the conditions that are set now hold for the open connections. */
  applyWeather(): void {
    for (const [peer, connection] of this.#connections) this.#applyWeatherTo(peer, connection);
  }

  /** Pauses or resumes reading frames from a peer; TCP then slows the peer down. */
  setPaused(peer: PeerId, paused: boolean): void {
    this.#connections.get(peer)?.setPaused(paused);
  }

  /** Sends what is queued, then closes with a WebSocket close code. `peer-closed` follows. */
  disconnect(peer: PeerId, code: number, reason: string): void {
    this.#connections.get(peer)?.close(code, reason);
  }

  /** Closes all connections and cancels all dials, without an event for those that nobody was told of. */
  disconnectAll(code: number, reason: string): void {
    for (const dial of this.#dials) dial.abort();
    this.#dials.clear();
    for (const peer of [...this.#connections.keys()]) this.disconnect(peer, code, reason);
  }

  /** Closes all connections, after a second by force, and cancels all dials. Resolves when no socket is left. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const dial of this.#dials) dial.abort();
    this.#dials.clear();
    const connections = [...this.#connections.values()];
    for (const connection of connections) connection.close(GOING_AWAY, 'shutting down');
    const timer = setTimeout(() => {
      for (const connection of connections) connection.terminate('shutting down');
    }, CLOSE_GRACE_MS);
    await Promise.all(connections.map((connection) => connection.ended));
    clearTimeout(timer);
  }

  #open(webSocket: WebSocket, tcp: Socket, dialled: string | null): void {
    const peer = `p${++this.#lastPeer}`;
    const host = plainAddress(tcp.remoteAddress);
    const connection = new Connection(webSocket, tcp, {
      message: (bytes) => {
        this.#silent.delete(peer);
        this.#emit({ type: 'peer-message', peer, bytes });
      },
      fault: (reason) => this.#emit({ type: 'peer-fault', peer, reason }),
      backlog: (congested) => this.#emit({ type: 'peer-backlog', peer, congested }),
      closed: (reason) => {
        this.#connections.delete(peer);
        this.#inbound.delete(peer);
        this.#silent.delete(peer);
        this.#urls.delete(peer);
        this.#emit({ type: 'peer-closed', peer, reason });
      },
    });
    this.#connections.set(peer, connection);
    if (dialled === null) this.#inbound.add(peer);
    this.#emit({
      type: 'peer-connected',
      peer,
      direction: dialled === null ? 'inbound' : 'outbound',
      address: dialled ?? hostAndPort(host, tcp.remotePort ?? 0),
      host,
      loopback: isLoopbackHost(host),
    });
    if (dialled === null) this.#noteSilent(peer, { connection, client: clientOf(tcp.remoteAddress) });
  }

  #applyWeatherTo(peer: PeerId, connection: Connection): void {
    connection.setLink(this.#options.weather.linkTo(this.#urlsOf(peer)));
  }

  /** Where the node at the other end listens, as far as it is known. */
  #urlsOf(peer: PeerId): readonly string[] {
    const known = this.#urls.get(peer);
    if (known) return known;
    const view = this.#options.peerOf(peer);
    if (!view) return [];
    const urls = urlsOf(view);
    if (view.state === 'ready') this.#urls.set(peer, urls);
    return urls;
  }

  #noteSilent(peer: PeerId, newcomer: SilentPeer): void {
    this.#silent.set(peer, newcomer);
    if (this.#silent.size <= MAX_SILENT_PEERS) return;
    const counts = new Map<string, number>();
    for (const { client } of this.#silent.values()) counts.set(client, (counts.get(client) ?? 0) + 1);
    const most = Math.max(...counts.values());
    for (const [oldest, { connection, client }] of this.#silent) {
      if (counts.get(client) !== most) continue;
      this.#silent.delete(oldest);
      connection.terminate('silent while others wait');
      return;
    }
  }

  #emit(event: NodeEvent): void {
    if (!this.#closed) this.#options.emit(event);
  }
}
