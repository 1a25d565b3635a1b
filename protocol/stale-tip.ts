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

/** So many spacings without a new tip make it stale: by chance alone that happens once in e^30 blocks. */
export const STALE_TIP_SPACINGS = 30;
/** How often is looked; and how long an additional peer has to show what the others lack, or a late one to answer. */
export const STALE_CHECK_MS = 30_000;

/** An outbound peer that has not shown the work that our tip had at some moment. */
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
 * Replaces outbound peers that keep this node from what happens in the network, be it by malice or because they are cut
 * off themselves. After Bitcoin Core's `EvictExtraOutboundPeers` and `ConsiderEviction`, in a simpler form.
 *
 * - **Stale tip.** When nothing has come for `STALE_TIP_SPACINGS`, one connection more than `MAX_OUTBOUND` is opened, to
 *   an address chosen by chance: those that answered last may be of one mind with those that keep things back. After
 *   `STALE_CHECK_MS` the outbound peer goes whose last new block is the longest ago, and of those that never brought one
 *   the youngest; but nobody who brought one meanwhile. So a newcomer that knows of a better chain takes the place of one
 *   that kept it back, and one that knows nothing goes again. A network where nobody mines looks the same as one that is
 *   kept back: there one connection comes and goes each time, and the others stay; none does where all that are known
 *   are connected.
 * - **Late peer.** An outbound peer that for as long has not shown the work that our tip had is asked for headers, and
 *   goes if these do not show it within `STALE_CHECK_MS`.
 *
 * A peer goes only where all outbound places are taken: else somebody new is dialled anyway, and in a network of a few
 * nodes there is nobody to take the place. Peers that the operator named never go.
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
  /** When the tip last moved, or what was done about that was over. */
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
      // From before our tip: a peer that stands on it has nothing to tell of what follows it.
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
