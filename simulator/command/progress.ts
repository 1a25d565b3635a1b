const BAR_WIDTH = 30;
/** Minimum time between two redraws of the bar on a terminal. */
const REDRAW_MS = 200;
/** Interval of the lines where standard error is not a terminal. */
const LINE_MS = 30_000;

/** Where progress is written; `process.stderr` is one. */
interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Progress on standard error: a bar where that is a terminal, and a line from time to time elsewhere. */
export class Progress {
  readonly #label: string;
  readonly #stream: ProgressStream;
  readonly #startMs = performance.now();
  #shownMs = performance.now();

  constructor(label: string, stream: ProgressStream = process.stderr) {
    this.#label = label;
    this.#stream = stream;
  }

  /** `share` is from 0 to 1. */
  show(share: number, note = ''): void {
    const nowMs = performance.now();
    const isTerminal = this.#stream.isTTY === true;
    if (nowMs - this.#shownMs < (isTerminal ? REDRAW_MS : LINE_MS)) return;
    this.#shownMs = nowMs;
    const leftSeconds = share > 0 ? ((nowMs - this.#startMs) * (1 / share - 1)) / 1_000 : 0;
    const text = `${(100 * share).toFixed(0)} % · ${leftSeconds.toFixed(0)} s left ${note}`.trimEnd();
    const full = Math.round(share * BAR_WIDTH);
    const bar = '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
    this.#stream.write(isTerminal ? `\r${this.#label} ${bar} ${text}\x1b[K` : `${this.#label}: ${text}\n`);
  }

  /** Clears the bar, so that other lines can follow. */
  end(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\x1b[K');
  }
}
