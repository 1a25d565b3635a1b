/** Counts sockets, in all and by the client that they come from. */
export class SocketQuota {
  readonly #maxPerClient: number;
  readonly #maxTotal: number;
  readonly #counts = new Map<string, number>();
  #total = 0;

  constructor(limits: { readonly maxPerClient: number; readonly maxTotal: number }) {
    this.#maxPerClient = limits.maxPerClient;
    this.#maxTotal = limits.maxTotal;
  }

  /** Takes one place, or returns false where none is left. */
  take(client: string): boolean {
    const count = this.#counts.get(client) ?? 0;
    if (count >= this.#maxPerClient || this.#total >= this.#maxTotal) return false;
    this.#counts.set(client, count + 1);
    this.#total++;
    return true;
  }

  /** Gives back a place that was taken. */
  release(client: string): void {
    const count = this.#counts.get(client);
    if (count === undefined) throw new Error(`no socket of ${client} is counted`);
    if (count === 1) this.#counts.delete(client);
    else this.#counts.set(client, count - 1);
    this.#total--;
  }
}
