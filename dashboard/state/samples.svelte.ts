/** Samples that are kept: at one a second, half an hour. */
const MAX_SAMPLES = 1_800;

/** Something that is measured once a second while the page is open. */
export interface Sample {
  /** Unix milliseconds. */
  readonly atMs: number;
  readonly pending: number;
  /** Hashes per second of all named nodes. */
  readonly hashrate: number;
}

/** What the page has measured since it was opened, oldest first. */
export class Samples {
  list = $state.raw<readonly Sample[]>([]);

  #of: string | null = null;

  /** @param genesisHash the network that was measured: with another, what was measured before does not belong here */
  add(sample: Sample, genesisHash: string | null): void {
    const before = genesisHash === this.#of ? this.list : [];
    this.#of = genesisHash;
    this.list = [...before.slice(1 - MAX_SAMPLES), sample];
  }
}
