/** How long news may wait while the page is not shown, and no frames are drawn. */
const HIDDEN_MS = 250;

/** Calls back once before the next frame, however often it is asked to; also where nothing is drawn. */
export class Frames {
  readonly #flush: () => void;
  #isDue = false;

  constructor(flush: () => void) {
    this.#flush = flush;
  }

  request(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    const run = (): void => {
      if (!this.#isDue) return;
      this.#isDue = false;
      this.#flush();
    };
    if (typeof requestAnimationFrame === 'function' && !document.hidden) requestAnimationFrame(run);
    // A page that is hidden meanwhile gets no frame.
    setTimeout(run, HIDDEN_MS);
  }
}
