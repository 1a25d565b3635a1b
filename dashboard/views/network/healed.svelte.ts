import { clock, network } from '../../app/session.svelte.ts';
import type { BlockRecord, ReorgRecord } from '../../model/records.ts';
import { stage } from './stage.svelte.ts';

/** How long blocks that lost are shown beside those that won, and how old a reorg is at most when it becomes news. */
const NEWS_MS = 60_000;
/** Last digits of a block's hash that stand in an address. */
const HASH_DIGITS = 8;

/** The last reorg, for a minute as blocks that fall away, and as a card until it is put away. */
class Healed {
  /** Key of the reorg that was put away. */
  #dismissed = $state<string | null>(null);
  /** Time of the first look: what had happened long before is no news. */
  readonly #openedMs = Date.now();

  readonly #latest: ReorgRecord | null = $derived(
    network.reorgs.latest.find(({ nodeUrl }) => network.members.some(({ url }) => url === nodeUrl)) ?? null,
  );

  /** The reorg whose card is shown: one that is news, else the one that the address names. */
  get reorg(): ReorgRecord | null {
    return this.#news ?? network.reorgs.latest.find((reorg) => nameOf(reorg) === stage.reorg) ?? null;
  }

  get #news(): ReorgRecord | null {
    const latest = this.#latest;
    if (!latest || latest.key === this.#dismissed || latest.atMs < this.#openedMs - NEWS_MS) return null;
    return latest;
  }

  /** Blocks that were left at the last reorg, lowest first; none after a minute, or where they came back. */
  readonly fallen: readonly BlockRecord[] = $derived.by(() => {
    const latest = this.#latest;
    if (!latest || clock.nowMs - latest.atMs >= NEWS_MS) return [];
    const { chain } = network.replica;
    return [...latest.disconnected].reverse().flatMap((blockHash) => chain.get(blockHash) ?? []);
  });

  /** The last block of both branches. */
  get forkPoint(): string | null {
    return this.#latest?.forkPoint ?? null;
  }

  /** URL of the node that left them. */
  get nodeUrl(): string | null {
    return this.#latest?.nodeUrl ?? null;
  }

  /** Writes into the address whose card is open. */
  keep(reorg: ReorgRecord): void {
    if (stage.reorg !== nameOf(reorg)) stage.reorg = nameOf(reorg);
  }

  dismiss(): void {
    this.#dismissed = this.#latest?.key ?? null;
    stage.reorg = null;
  }
}

/** A reorg in an address: who moved, and to which block. */
function nameOf({ nodeUrl, connected }: ReorgRecord): string {
  return `${network.node(nodeUrl)?.name ?? nodeUrl}~${connected.at(-1)?.slice(-HASH_DIGITS) ?? ''}`;
}

export const healed = new Healed();
