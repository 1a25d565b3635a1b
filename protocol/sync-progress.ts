import type { BlockDownload } from './block-download.ts';
import type { Chain } from './chain.ts';
import type { EventContext } from './event-context.ts';
import type { HeaderSync } from './header-sync.ts';
import type { SyncState, SyncView, SyncWaiting } from './node-view.ts';
import type { Peers } from './peers.ts';
import { wallSeconds } from './time.ts';

/**
 * A body that has not arrived within this time is not coming: a single peer that gives bodies, among the maximum number
 * that withhold them, is reached in seven rounds of two seconds (see `BlockDownload`).
 */
export const STALLED_AFTER_MS = 15_000;

/** Minimum time between two log lines of a stall for the same reason: with a clock a little behind, every block may stall. */
const LOG_INTERVAL_MS = 60_000;

/** The progress of the sync, and what it waits for. What peers merely claim is kept apart from what they have shown. */
export class SyncProgress {
  readonly #context: EventContext;
  readonly #peers: Peers;
  readonly #chain: Chain;
  readonly #headerSync: HeaderSync;
  readonly #download: BlockDownload;
  #stalls = 0;
  #logged: { readonly reason: SyncWaiting['reason'] | null; readonly atMs: number } = { reason: null, atMs: 0 };
  #published: { readonly state: SyncState; readonly reason: SyncWaiting['reason'] | null } = {
    state: 'idle',
    reason: null,
  };

  constructor(context: EventContext, peers: Peers, chain: Chain, headerSync: HeaderSync, download: BlockDownload) {
    this.#context = context;
    this.#peers = peers;
    this.#chain = chain;
    this.#headerSync = headerSync;
    this.#download = download;
  }

  view(): SyncView {
    const { height } = this.#chain.tip.record;
    const provenHeight = Math.max(height, this.#chain.bestHeader.record.height);
    const { state, waiting } = this.#standing();
    const targetHeight = Math.max(provenHeight, waiting ? topOf(waiting) : 0);
    return { state, height, targetHeight, provenHeight, waiting, stalls: this.#stalls };
  }

  /** To be called at the end of each event: publishes a change of the state, or of what is missing, and logs a stall. */
  settle(): void {
    const { state, waiting } = this.#standing();
    const reason = waiting?.reason ?? null;
    if (state === this.#published.state && reason === this.#published.reason) return;
    this.#published = { state, reason };
    this.#context.emit({ type: 'publish', notice: { kind: 'sync' } });
    if (state !== 'stalled' || !waiting) return;
    this.#stalls++;
    const now = this.#context.now.monotonicMs;
    if (waiting.reason === this.#logged.reason && now - this.#logged.atMs < LOG_INTERVAL_MS) return;
    this.#logged = { reason: waiting.reason, atMs: now };
    this.#logStall(waiting);
  }

  #standing(): { readonly state: SyncState; readonly waiting: SyncWaiting | null } {
    const { tip, bestHeader } = this.#chain;
    if (bestHeader.record.chainWork > tip.record.chainWork) return this.#missingBodies();
    if (this.#headerSync.isActive) {
      const state = this.#headerSync.unansweredMs >= STALLED_AFTER_MS ? 'stalled' : 'headers';
      return { state, waiting: this.#claimedWork() };
    }
    const early = this.#headerSync.earlyChain(tip.record.chainWork);
    if (early) {
      const { height, count, untilSeconds } = early;
      return { state: 'stalled', waiting: { reason: 'clock', height, count, untilSeconds } };
    }
    return { state: this.#peers.ready().length === 0 ? 'idle' : 'synced', waiting: null };
  }

  #missingBodies(): { readonly state: SyncState; readonly waiting: SyncWaiting | null } {
    const needed = this.#download.needed();
    if (!needed) return { state: 'blocks', waiting: null };
    const { height } = needed.entry.record;
    const count = this.#chain.bestHeader.record.height - height + 1;
    const isStalled = this.#context.now.monotonicMs - needed.sinceMs >= STALLED_AFTER_MS;
    return {
      state: isStalled ? 'stalled' : 'blocks',
      waiting: { reason: 'bodies', height, count, untilSeconds: null },
    };
  }

  #claimedWork(): SyncWaiting | null {
    const { height, chainWork } = this.#chain.bestHeader.record;
    let claimed = 0;
    for (const peer of this.#peers.ready())
      if (peer.claimedWork > chainWork) claimed = Math.max(claimed, peer.claimedHeight);
    if (claimed === 0) return null;
    return { reason: 'work', height: claimed, count: Math.max(0, claimed - height), untilSeconds: null };
  }

  #logStall({ reason, height, count, untilSeconds }: SyncWaiting): void {
    const waitSeconds = untilSeconds === null ? null : untilSeconds - wallSeconds(this.#context.now);
    const fields = { reason, height, count, ...(waitSeconds === null ? {} : { waitSeconds }) };
    this.#context.emit({ type: 'log', level: 'warn', message: STALL_MESSAGES[reason], fields });
  }
}

/** Height of the highest block that is waited for. */
function topOf({ reason, height, count }: SyncWaiting): number {
  return reason === 'work' ? height : height + count - 1;
}

const STALL_MESSAGES: Readonly<Record<SyncWaiting['reason'], string>> = {
  clock: 'sync stalled: blocks are too far ahead of this clock; is it right?',
  bodies: 'sync stalled: no peer gives the next block',
  work: 'sync stalled: peers claim more work than they show',
};
