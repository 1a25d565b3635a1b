const BAR_WIDTH = 30;
/** The bar is drawn anew so often at most. */
const REDRAW_MS = 200;

/** A progress bar on standard error where that is a terminal, and nothing elsewhere. */
export class Progress {
  readonly #label: string;
  readonly #isShown = process.stderr.isTTY;
  readonly #startMs = performance.now();
  #drawnMs = Number.NEGATIVE_INFINITY;

  constructor(label: string) {
    this.#label = label;
  }

  /** `share` is from 0 to 1. */
  show(share: number, note = ''): void {
    const nowMs = performance.now();
    if (!this.#isShown || (nowMs - this.#drawnMs < REDRAW_MS && share < 1)) return;
    this.#drawnMs = nowMs;
    const full = Math.round(share * BAR_WIDTH);
    const leftSeconds = share > 0 ? ((nowMs - this.#startMs) * (1 / share - 1)) / 1_000 : 0;
    const bar = '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
    process.stderr.write(
      `\r${this.#label} ${bar} ${(100 * share).toFixed(0)} % · ${leftSeconds.toFixed(0)} s left ${note}\x1b[K`,
    );
  }

  end(): void {
    if (this.#isShown) process.stderr.write('\r\x1b[K');
  }
}
