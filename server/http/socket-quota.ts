/** Counts sockets, in all and by the address that they come from. */
export class SocketQuota {
  readonly #maxPerAddress: number;
  readonly #maxTotal: number;
  readonly #counts = new Map<string, number>();
  #total = 0;

  constructor(limits: { readonly maxPerAddress: number; readonly maxTotal: number }) {
    this.#maxPerAddress = limits.maxPerAddress;
    this.#maxTotal = limits.maxTotal;
  }

  /** Takes one place, or returns false where none is left. */
  take(address: string): boolean {
    const count = this.#counts.get(address) ?? 0;
    if (count >= this.#maxPerAddress || this.#total >= this.#maxTotal) return false;
    this.#counts.set(address, count + 1);
    this.#total++;
    return true;
  }

  /** Gives back a place that was taken. */
  release(address: string): void {
    const count = this.#counts.get(address);
    if (count === undefined) throw new Error(`no socket of ${address} is counted`);
    if (count === 1) this.#counts.delete(address);
    else this.#counts.set(address, count - 1);
    this.#total--;
  }
}
