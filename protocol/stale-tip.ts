import type { NetworkParams } from '../consensus/params.ts';
import type { BoundedResource } from './bounded-resource.ts';
import type { Chain } from './chain.ts';
import type { Connections } from './connections.ts';
import { type Dialling, MAX_OUTBOUND } from './dialling.ts';
import type { Alarm, EventContext } from './event-context.ts';
import type { PeerId } from './events.ts';
import type { HeaderSync } from './header-sync.ts';
import type { Peer } from './peer.ts';
import type { Peers } from './peers.ts';

/** Spacings without a new tip after which it is stale: by chance alone that happens once in e^30 blocks. */
export const STALE_TIP_SPACINGS = 30;
/** Interval of the check; also how long an additional peer has to show a better chain, and a late one to answer. */
export const STALE_CHECK_MS = 30_000;

/** An outbound peer that has not shown as much work as our tip had at `sinceMonotonicMs`. */
interface Late {
  readonly chainWork: bigint;
  readonly sinceMonotonicMs: number;
  /** It was asked, as the last chance, at `sinceMonotonicMs`. */
  readonly wasAsked: boolean;
}

interface StaleTipParts {
  readonly context: EventContext;
  readonly params: NetworkParams;
  readonly peers: Peers;
  readonly chain: Chain;
  readonly dialling: Dialling;
  readonly connections: Connections;
  readonly headerSync: HeaderSync;
}

/**
 * Replaces outbound peers that cut this node off from the network, whether by malice or because they are cut off
 * themselves. After Bitcoin Core's `EvictExtraOutboundPeers` and `ConsiderEviction`, in a simpler form.
 *
 * - **Stale tip.** After `STALE_TIP_SPACINGS` without a new tip, one connection more than `MAX_OUTBOUND` is opened, to a
 *   random address, since those that answered last may collude with the peers that withhold blocks. After `STALE_CHECK_MS`
 *   the outbound peer is disconnected whose last new block is the oldest, or of those that never brought one the youngest;
 *   never one that brought a block meanwhile. So a new peer with a better chain replaces one that withheld it, and one
 *   without goes again. A network where no block is mined looks the same: there one connection comes and goes each time,
 *   and the others stay; none does where all known nodes are connected.
 * - **Late peer.** An outbound peer that has not shown the work that our tip had for as long is asked for headers, and is
 *   disconnected if these do not show it within `STALE_CHECK_MS`.
 *
 * A peer is replaced only if all outbound connections are in use: else a new one is dialled anyway, and in a network of a
 * few nodes there is none to replace it with. Peers that the operator named are never replaced.
 */
export class StaleTip {
  readonly #context: EventContext;
  readonly #peers: Peers;
  readonly #chain: Chain;
  readonly #dialling: Dialling;
  readonly #connections: Connections;
  readonly #headerSync: HeaderSync;
  readonly #check: Alarm;
  readonly #patienceMs: number;
  readonly #late = new Map<PeerId, Late>();
  /** When the tip last changed, or the last trial of an additional peer ended. */
  #freshMonotonicMs: number;
  /** Since when one connection more is allowed; null while none is. */
  #tryingSinceMonotonicMs: number | null = null;

  constructor({ context, params, peers, chain, dialling, connections, headerSync }: StaleTipParts) {
    this.#context = context;
    this.#peers = peers;
    this.#chain = chain;
    this.#dialling = dialling;
    this.#connections = connections;
    this.#headerSync = headerSync;
    this.#check = context.alarm(() => this.#replaceUseless());
    this.#patienceMs = STALE_TIP_SPACINGS * params.spacingSeconds * 1_000;
    this.#freshMonotonicMs = context.now.monotonicMs;
  }

  start(): void {
    this.#check.set(STALE_CHECK_MS);
  }

  onTip(): void {
    this.#freshMonotonicMs = this.#context.now.monotonicMs;
  }

  resources(): BoundedResource[] {
    return [{ what: 'late peers', count: this.#late.size, limit: this.#peers.size }];
  }

  onGone(peer: Peer): void {
    this.#late.delete(peer.id);
  }

  #replaceUseless(): void {
    this.#check.set(STALE_CHECK_MS);
    const isFull = this.#dialling.ownCount() >= MAX_OUTBOUND;
    if (this.#tryingSinceMonotonicMs !== null) this.#endTrial(this.#tryingSinceMonotonicMs);
    else if (this.#isOver(this.#freshMonotonicMs, this.#patienceMs)) {
      this.#tryingSinceMonotonicMs = this.#context.now.monotonicMs;
      this.#dialling.allowExtra(true);
    }
    for (const peer of isFull ? this.#replaceable() : []) this.#considerLate(peer);
  }

  #endTrial(sinceMonotonicMs: number): void {
    this.#tryingSinceMonotonicMs = null;
    this.#freshMonotonicMs = this.#context.now.monotonicMs;
    this.#dialling.allowExtra(false);
    if (this.#dialling.ownCount() <= MAX_OUTBOUND) return;
    const lastBlock = (peer: Peer): number => peer.lastBlockMonotonicMs ?? -1;
    const [leastUseful] = this.#replaceable()
      .filter((peer) => lastBlock(peer) < sinceMonotonicMs)
      .sort((a, b) => lastBlock(a) - lastBlock(b) || b.connectedMonotonicMs - a.connectedMonotonicMs);
    if (leastUseful) this.#connections.replace(leastUseful, 'brought no new block for a long time');
  }

  #considerLate(peer: Peer): void {
    const { tip } = this.#chain;
    const shown = peer.best?.record.chainWork ?? 0n;
    const late = this.#late.get(peer.id);
    const nowMs = this.#context.now.monotonicMs;
    if (shown >= tip.record.chainWork) this.#late.delete(peer.id);
    else if (!late || shown >= late.chainWork) {
      this.#late.set(peer.id, { chainWork: tip.record.chainWork, sinceMonotonicMs: nowMs, wasAsked: false });
    } else if (late.wasAsked) this.#connections.replace(peer, 'far behind for a long time');
    else if (this.#isOver(late.sinceMonotonicMs, this.#patienceMs) && !peer.awaitingHeaders) {
      this.#late.set(peer.id, { ...late, sinceMonotonicMs: nowMs, wasAsked: true });
      // From the parent of our tip, so that a peer with the same tip has something to show.
      this.#headerSync.ask(peer, tip.parent ?? tip);
    }
  }

  #isOver(sinceMonotonicMs: number, durationMs: number): boolean {
    return this.#context.now.monotonicMs - sinceMonotonicMs >= durationMs;
  }

  #replaceable(): Peer[] {
    return this.#peers.ready().filter((peer) => peer.direction === 'outbound' && !this.#dialling.isNamed(peer));
  }
}
