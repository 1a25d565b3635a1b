import { DecodeError } from '../consensus/codec.ts';
import { RuleError } from '../consensus/errors.ts';
import { type BoundedResource, fullestResource } from './bounded-resource.ts';
import type { EventContext } from './event-context.ts';
import type { PeerId } from './events.ts';
import { encodeMessage, type Message } from './messages.ts';
import type { RememberedDiscouragement } from './node-memory.ts';
import type { PeerView } from './node-view.ts';
import { MAX_KNOWN_URLS, type Peer, peerName } from './peer.ts';
import type { StoredDiscouragement } from './store-writes.ts';

/** How long connections to a peer are refused that provably broke the protocol or the rules. */
export const DISCOURAGE_MS = 10 * 60 * 1000;
/** Discouraged peers that are remembered; the oldest are forgiven first. */
const MAX_DISCOURAGED = 1_000;

/** Codes of `bye`, and WebSocket close codes, of a deliberate disconnect. The range 4000–4999 is for applications (RFC 6455, 7.4.2). */
export const BYE = {
  shutdown: 4000,
  operator: 4001,
  wrongNetwork: 4002,
  wrongVersion: 4003,
  selfConnection: 4004,
  duplicate: 4005,
  timeout: 4006,
  misbehaviour: 4007,
  discouraged: 4008,
  full: 4009,
} as const;

/** WebSocket close code in answer to a goodbye (RFC 6455, 7.4.1). */
const NORMAL_CLOSURE = 1000;

export type ByeCode = (typeof BYE)[keyof typeof BYE];

/** Messages that ask a peer for something and tell nothing of what this node has. */
const QUESTIONS: ReadonlySet<Message['type']> = new Set([
  'ping',
  'getAddresses',
  'getHeaders',
  'getBlocks',
  'getTransactions',
  'getBlockTransactions',
]);

/** The open connections of a node: sending, disconnecting, and the discouragement of peers that misbehaved. */
export class Peers {
  readonly #context: EventContext;
  readonly #peers = new Map<PeerId, Peer>();
  /** Monotonic milliseconds at which each is forgiven. */
  readonly #discouraged = new Map<string, number>();

  constructor(context: EventContext) {
    this.#context = context;
  }

  get(id: PeerId): Peer | undefined {
    return this.#peers.get(id);
  }

  add(peer: Peer): void {
    this.#peers.set(peer.id, peer);
  }

  remove(peer: Peer): void {
    this.#peers.delete(peer.id);
    peer.state = { kind: 'closing' };
  }

  /** How many connections there are, closing ones included. */
  get size(): number {
    return this.#peers.size;
  }

  resources(): BoundedResource[] {
    return [
      { what: 'discouraged addresses', count: this.#discouraged.size, limit: MAX_DISCOURAGED },
      fullestResource(
        'URLs at which a peer was found',
        Array.from(this.all(), ({ knownUrls }) => knownUrls.length),
        MAX_KNOWN_URLS,
      ),
    ];
  }

  all(): Iterable<Peer> {
    return this.#peers.values();
  }

  ready(): Peer[] {
    return [...this.#peers.values()].filter((peer) => peer.state.kind === 'ready');
  }

  /** Connections that are not closing, of one direction or of both. */
  count(direction?: Peer['direction']): number {
    let count = 0;
    for (const peer of this.#peers.values()) {
      if (peer.state.kind !== 'closing' && (direction === undefined || peer.direction === direction)) count++;
    }
    return count;
  }

  send(peer: Peer, message: Message): void {
    this.#emit(peer, encodeMessage(message), QUESTIONS.has(message.type));
  }

  /** Sends a frame that was encoded once for many peers. */
  sendFrame(peer: Peer, bytes: Uint8Array): void {
    this.#emit(peer, bytes, false);
  }

  /** Tells the peer why, then closes. What it still sends is ignored. */
  disconnect(peer: Peer, code: ByeCode, reason: string): void {
    if (peer.state.kind === 'closing') return;
    this.send(peer, { type: 'bye', code, reason });
    peer.state = { kind: 'closing' };
    this.#context.emit({ type: 'disconnect', peer: peer.id, code, reason });
  }

  /** The peer has said bye: closes without sending anything more. */
  leave(peer: Peer): void {
    if (peer.state.kind === 'closing') return;
    peer.saidBye = peer.state.kind === 'ready';
    peer.state = { kind: 'closing' };
    this.#context.emit({ type: 'disconnect', peer: peer.id, code: NORMAL_CLOSURE, reason: '' });
  }

  /** The peer provably broke a rule: disconnects and discourages it. */
  punish(peer: Peer, reason: string): void {
    if (peer.state.kind === 'closing') return;
    this.#context.emit({
      type: 'log',
      level: 'warn',
      message: 'peer misbehaved',
      fields: { peer: peerName(peer), reason },
    });
    const key = discouragementKey(peer);
    if (key !== null) this.#discourage(key);
    this.disconnect(peer, BYE.misbehaviour, reason);
  }

  /** Decodes what a peer sent. Null where it is malformed: the peer is punished. */
  decodeOrPunish<T>(peer: Peer, what: string, decode: () => T): T | null {
    try {
      return decode();
    } catch (error) {
      if (!(error instanceof DecodeError || error instanceof RuleError)) throw error;
      this.punish(peer, `malformed ${what}: ${error.message}`);
      return null;
    }
  }

  /** Whether a host, a dialled URL, or a peer (by what is known of it now) is discouraged. */
  isDiscouraged(subject: string | Peer): boolean {
    const key = typeof subject === 'string' ? subject : discouragementKey(subject);
    return key !== null && this.discouragedMs(key) > 0;
  }

  /** Milliseconds for which a host, or a dialled URL, stays discouraged, whatever happens to the wall clock. */
  discouragedMs(key: string): number {
    const untilMonotonicMs = this.#discouraged.get(key);
    if (untilMonotonicMs === undefined) return 0;
    const remainingMs = untilMonotonicMs - this.#context.now.monotonicMs;
    if (remainingMs <= 0) this.#forgive(key);
    return Math.max(0, remainingMs);
  }

  /** Forgives a peer before its time: an operator asked for it by name. */
  pardon(key: string): void {
    if (this.#discouraged.has(key)) this.#forgive(key);
  }

  /** Which peers are discouraged, and for how long. @param nowMonotonicMs of the clock that events carry */
  memory(nowMonotonicMs: number): RememberedDiscouragement[] {
    return Array.from(this.#discouraged, ([key, untilMs]) => ({ key, remainingMs: untilMs - nowMonotonicMs }));
  }

  /**
   * Restores what an earlier run stored.
   * @param remembered remaining times, where they are known; else they follow from the wall clock
   */
  restoreDiscouraged(
    entries: Iterable<StoredDiscouragement>,
    remembered: readonly RememberedDiscouragement[] = [],
  ): void {
    const { wallMs, monotonicMs } = this.#context.now;
    const known = new Map(remembered.map(({ key, remainingMs }) => [key, remainingMs]));
    for (const { key, untilMs } of entries) {
      const remainingMs = known.get(key) ?? untilMs - wallMs;
      // The wall clock was set back meanwhile.
      if (remainingMs > DISCOURAGE_MS) this.#discourage(key);
      else if (remainingMs > 0) this.#discouraged.set(key, monotonicMs + remainingMs);
      else this.#forgive(key);
    }
    this.#makeRoom();
  }

  views(): PeerView[] {
    return [...this.#peers.values()]
      .filter((peer) => peer.state.kind !== 'closing')
      .map((peer) => {
        const hello = peer.state.kind === 'ready' ? peer.state.hello : null;
        return {
          id: peer.id,
          url: hello?.listenUrl ?? (peer.direction === 'outbound' ? peer.address : null),
          remote: peer.address,
          direction: peer.direction,
          state: hello ? 'ready' : 'handshake',
          height: hello ? peer.claimedHeight : null,
          latencyMs: peer.latencyMs,
          userAgent: hello?.userAgent ?? null,
          connectedAtMs: peer.connectedAtMs,
        };
      });
  }

  #emit(peer: Peer, bytes: Uint8Array, isQuestion: boolean): void {
    if (peer.state.kind !== 'closing') this.#context.emit({ type: 'send', peer: peer.id, bytes, isQuestion });
  }

  #discourage(key: string): void {
    const { wallMs, monotonicMs } = this.#context.now;
    this.#discouraged.delete(key);
    this.#discouraged.set(key, monotonicMs + DISCOURAGE_MS);
    const entry = { key, untilMs: wallMs + DISCOURAGE_MS };
    this.#context.emit({ type: 'persist', writes: [{ kind: 'discourage', entry }] });
    this.#makeRoom();
  }

  #makeRoom(): void {
    for (const oldest of this.#discouraged.keys()) {
      if (this.#discouraged.size <= MAX_DISCOURAGED) break;
      this.#forgive(oldest);
    }
  }

  #forgive(key: string): void {
    this.#discouraged.delete(key);
    this.#context.emit({ type: 'persist', writes: [{ kind: 'discourage-end', key }] });
  }
}

/**
 * What identifies a misbehaving peer: its host. On loopback, where all nodes of a laptop share one, it is the URL that was
 * dialled, or the process (its hello nonce) that called: one bad test peer must not ban the others.
 * Null for a caller on loopback that has not said hello: it could not be recognised.
 */
export function discouragementKey(peer: Peer): string | null {
  if (!peer.loopback) return peer.host;
  if (peer.direction === 'outbound') return peer.address;
  return peer.state.kind === 'ready' ? `process ${peer.state.hello.nonce}` : null;
}
