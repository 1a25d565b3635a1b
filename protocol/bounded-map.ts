/** A further bound of a map: the bytes that its values have together. */
interface ByteBound<V> {
  readonly maxBytes: number;
  readonly bytesOf: (value: V) => number;
}

/**
 * A map that never holds more than `capacity` entries, nor more bytes than are allowed: the oldest insertion is dropped first.
 * For data whose loss costs a repeated message and nothing more.
 */
export class BoundedMap<K, V> {
  readonly #capacity: number;
  readonly #maxBytes: number;
  readonly #bytesOf: (value: V) => number;
  readonly #map = new Map<K, V>();
  #bytes = 0;

  constructor(capacity: number, { maxBytes, bytesOf }: ByteBound<V> = { maxBytes: 0, bytesOf: () => 0 }) {
    this.#capacity = capacity;
    this.#maxBytes = maxBytes;
    this.#bytesOf = bytesOf;
  }

  get size(): number {
    return this.#map.size;
  }

  /** Bytes of all values together; 0 where they are not bounded. */
  get bytes(): number {
    return this.#bytes;
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  set(key: K, value: V): void {
    this.delete(key);
    this.#map.set(key, value);
    this.#bytes += this.#bytesOf(value);
    for (const oldest of this.#map.keys()) {
      if (this.#map.size <= this.#capacity && this.#bytes <= this.#maxBytes) return;
      this.delete(oldest);
    }
  }

  values(): Iterable<V> {
    return this.#map.values();
  }

  delete(key: K): boolean {
    const value = this.#map.get(key);
    if (!this.#map.delete(key)) return false;
    this.#bytes -= this.#bytesOf(value as V);
    return true;
  }
}
