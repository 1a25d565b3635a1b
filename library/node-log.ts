/** Lines of a node's log that are kept; the oldest are dropped. */
const MAX_LINES = 1_000;
/** Longest line that is kept, in characters; the rest is cut off. */
const MAX_LINE_CHARS = 2_000;

/** The latest lines of a node's log. */
export class NodeLog {
  #lines: string[] = [];

  /** @param text one or several lines */
  add(text: string): void {
    for (const line of text.trimEnd().split('\n')) this.#lines.push(line.slice(0, MAX_LINE_CHARS));
    // Cut rarely, so that adding a line does not move all others.
    if (this.#lines.length >= 2 * MAX_LINES) this.#lines = this.#lines.slice(-MAX_LINES);
  }

  /** Oldest first. */
  get lines(): readonly string[] {
    return this.#lines.slice(-MAX_LINES);
  }
}
