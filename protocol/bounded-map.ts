/**
 * A map that never holds more than `capacity` entries: the oldest insertion is dropped first. For data whose loss costs
 * a repeated message and nothing more.
 */
export class BoundedMap<K, V> {
  readonly #capacity: number;
  readonly #map = new Map<K, V>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#map.size;
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  set(key: K, value: V): void {
    this.#map.delete(key);
    this.#map.set(key, value);
    if (this.#map.size <= this.#capacity) return;
    for (const oldest of this.#map.keys()) {
      this.#map.delete(oldest);
      return;
    }
  }

  values(): Iterable<V> {
    return this.#map.values();
  }

  delete(key: K): boolean {
    return this.#map.delete(key);
  }
}
