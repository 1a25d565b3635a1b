/** Time between two updates of the page: nobody reads faster, and what moves has frames of its own. */
const UPDATE_MS = 50;
/** How long news may wait while the page is not shown, and no frames are drawn. */
const HIDDEN_MS = 250;

/** Calls back before a frame, however often it is asked to, but not before every frame; also where nothing is drawn. */
export class Frames {
  readonly #flush: () => void;
  #fallback: ReturnType<typeof setTimeout> | null = null;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(flush: () => void) {
    this.#flush = flush;
  }

  request(): void {
    if (this.#fallback !== null) return;
    // A page that is hidden meanwhile gets no frame.
    const fallback = setTimeout(() => this.#run(fallback), HIDDEN_MS);
    this.#fallback = fallback;
    if (typeof requestAnimationFrame !== 'function' || document.hidden) return;
    const waitMs = this.#lastMs + UPDATE_MS - performance.now();
    if (waitMs <= 0) requestAnimationFrame(() => this.#run(fallback));
    else setTimeout(() => requestAnimationFrame(() => this.#run(fallback)), waitMs);
  }

  /** @param fallback names the request, which may have been answered already */
  #run(fallback: ReturnType<typeof setTimeout>): void {
    if (this.#fallback !== fallback) return;
    clearTimeout(fallback);
    this.#fallback = null;
    this.#lastMs = performance.now();
    this.#flush();
  }
}
