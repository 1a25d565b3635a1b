import type { HistoryEvent, NodeEvent, ReceiptData } from '../../client/documents.ts';
import { fairShare } from '../model/fair-share.ts';
import { momentOf } from '../model/records.ts';

/** Entries that are kept; beyond that, the oldest of the node with the most entries are dropped first. */
const MAX_ENTRIES = 2_000;
/** Time between two updates of the log: every one moves all that is shown. */
const UPDATE_MS = 200;

/** What the log of events tells of; also what it can be filtered by. */
export const ACTIVITY_KINDS = [
  'block',
  'reorg',
  'transaction',
  'contract',
  'peers',
  'miner',
  'sync',
  'reset',
  'connection',
] as const;
export type ActivityKind = (typeof ACTIVITY_KINDS)[number];

/** Events of a transaction that the log tells of: the page of the transaction has all. */
const MAX_EVENTS = 4;
/** Values of an event that are kept, in hex digits: longer ones are left out. */
const MAX_VALUES_DIGITS = 2_000;

type EmittedEvent = ReceiptData['events'][number];

/** What an entry says; the texts are made where it is shown, in the language of the reader. */
export type Happening =
  | {
      readonly kind: 'block';
      readonly blockHash: string;
      readonly height: number;
      readonly from: string;
      readonly transactions: number;
    }
  | { readonly kind: 'reorg'; readonly forkPoint: string; readonly left: number; readonly taken: number }
  | { readonly kind: 'transaction'; readonly change: 'added'; readonly txid: string }
  | { readonly kind: 'transaction'; readonly change: 'removed'; readonly txid: string; readonly reason: string }
  /** A contract told something, or a reorg has taken it back. */
  | { readonly kind: 'contract'; readonly txid: string; readonly isTakenBack: boolean; readonly event: EmittedEvent }
  | { readonly kind: 'peers'; readonly count: number }
  | { readonly kind: 'miner'; readonly mode: string; readonly working: boolean }
  | { readonly kind: 'sync'; readonly state: string; readonly height: number; readonly targetHeight: number }
  | { readonly kind: 'reset' }
  | { readonly kind: 'connection'; readonly change: 'online' | 'offline' | 'restarted' }
  | { readonly kind: 'connection'; readonly change: 'missed'; readonly count: number | null };

export interface ActivityEntry {
  /** Grows with every entry. */
  readonly id: number;
  readonly atMs: number;
  readonly nodeUrl: string;
  readonly what: Happening;
  /** By whom it is counted where room is shared. */
  readonly share: string;
}

/** The node that reported an event. */
type Reporter = Pick<ActivityEntry, 'share'> & { readonly url: string };

/** The latest events of all nodes, oldest first. */
export class Activity {
  #entries: ActivityEntry[] = [];
  #nextId = 1;
  #shown = $state.raw<readonly ActivityEntry[]>([]);
  #isChanged = false;
  #shownAtMs = Number.NEGATIVE_INFINITY;

  get entries(): readonly ActivityEntry[] {
    return this.#shown;
  }

  add({ url, share }: Reporter, atMs: number, what: Happening): void {
    this.#entries.push({ id: this.#nextId++, atMs, nodeUrl: url, what, share });
    this.#isChanged = true;
  }

  /** Puts what happened before the page was opened where it belongs in time. */
  addHistory(reporter: Reporter, events: readonly HistoryEvent[]): void {
    for (const event of events) for (const what of happeningsOf(event)) this.add(reporter, momentOf(event.at), what);
    this.#entries.sort((a, b) => a.atMs - b.atMs || a.id - b.id);
  }

  /** Shows all that was added, unless it has done so just now. @returns whether there is something left to be shown */
  publish(nowMs: number): boolean {
    if (!this.#isChanged) return false;
    if (nowMs - this.#shownAtMs < UPDATE_MS) return true;
    this.#isChanged = false;
    this.#shownAtMs = nowMs;
    this.#entries = fairShare(this.#entries, MAX_ENTRIES, ({ share }) => share);
    this.#shown = [...this.#entries];
    return false;
  }
}

/** What an event means to somebody who reads the log. How the miner gets on is no news. */
export function happeningsOf(event: HistoryEvent | NodeEvent): Happening[] {
  switch (event.__typename) {
    case 'BlockEvent': {
      const { hash, height, firstSeenFrom, transactionCount } = event.block;
      return [{ kind: 'block', blockHash: hash, height, from: firstSeenFrom, transactions: transactionCount }];
    }
    case 'ReorgEvent': {
      const { commonAncestor, disconnected, connected } = event.reorg;
      return [{ kind: 'reorg', forkPoint: commonAncestor, left: disconnected.length, taken: connected.length }];
    }
    case 'MempoolEvent': {
      const { added, removed } = event.change;
      return [
        ...added.map((txid): Happening => ({ kind: 'transaction', change: 'added', txid })),
        ...removed
          // The block that confirms them is told of already.
          .filter(({ reason }) => reason !== 'CONFIRMED')
          .map(({ id, reason }): Happening => ({ kind: 'transaction', change: 'removed', txid: id, reason })),
      ];
    }
    case 'ContractEvent':
      return event.events.slice(0, MAX_EVENTS).map(({ contract, name, values }): Happening => {
        const kept = values.length <= MAX_VALUES_DIGITS ? values : '';
        const isTakenBack = event.takenBack;
        return { kind: 'contract', txid: event.transaction, isTakenBack, event: { contract, name, values: kept } };
      });
    case 'PeersEvent':
      return 'peers' in event ? [{ kind: 'peers', count: event.peers.length }] : [];
    case 'SyncEvent':
      return 'sync' in event ? [{ kind: 'sync', ...event.sync }] : [];
    case 'ResetEvent':
      return [{ kind: 'reset' }];
    default:
      return [];
  }
}
