const BAR_WIDTH = 30;
/** A bar on a terminal is drawn anew so often at most. */
const REDRAW_MS = 200;
/** Where nobody watches, a line is written so often. */
const LINE_MS = 30_000;

/** How far something is, on standard error: a bar where that is a terminal, and a line now and then elsewhere. */
export class Progress {
  readonly #label: string;
  readonly #isTerminal = process.stderr.isTTY === true;
  readonly #startMs = performance.now();
  #shownMs = performance.now();

  constructor(label: string) {
    this.#label = label;
  }

  /** `share` is from 0 to 1. */
  show(share: number, note = ''): void {
    const nowMs = performance.now();
    if (nowMs - this.#shownMs < (this.#isTerminal ? REDRAW_MS : LINE_MS)) return;
    this.#shownMs = nowMs;
    const leftSeconds = share > 0 ? ((nowMs - this.#startMs) * (1 / share - 1)) / 1_000 : 0;
    const text = `${(100 * share).toFixed(0)} % · ${leftSeconds.toFixed(0)} s left ${note}`.trimEnd();
    const full = Math.round(share * BAR_WIDTH);
    const bar = '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
    process.stderr.write(this.#isTerminal ? `\r${this.#label} ${bar} ${text}\x1b[K` : `${this.#label}: ${text}\n`);
  }

  /** Makes room for what comes after it. */
  end(): void {
    if (this.#isTerminal) process.stderr.write('\r\x1b[K');
  }
}
