/** Keeps lists of URLs from one visit to the next. */
export interface Memory {
  read(key: 'nodes' | 'hidden'): readonly string[];
  write(key: 'nodes' | 'hidden', urls: readonly string[]): void;
}

/** Which nodes the user has added and removed, in this visit and earlier ones. */
export class RememberedNodes {
  readonly #memory: Memory;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** URLs of nodes that the user added. */
  get added(): readonly string[] {
    return this.#memory.read('nodes');
  }

  /** URLs that are not taken up again when they are discovered. */
  get hidden(): readonly string[] {
    return this.#memory.read('hidden');
  }

  add(url: string): void {
    this.#memory.write(
      'hidden',
      this.hidden.filter((hidden) => hidden !== url),
    );
    this.#memory.write('nodes', [...new Set([...this.added, url])]);
  }

  /**
   * Forgets an added node, and hides it.
   * @param listenUrl where it says that it listens, which may be another URL; null where it has not said
   */
  remove(url: string, listenUrl: string | null): void {
    this.#memory.write(
      'nodes',
      this.added.filter((added) => added !== url),
    );
    this.#memory.write('hidden', [...new Set([...this.hidden, url, ...(listenUrl === null ? [] : [listenUrl])])]);
  }
}
