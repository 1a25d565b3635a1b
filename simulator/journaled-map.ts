/** Reverts one change of a map. */
export type Undo = () => void;

/** A map whose changes can be reverted until they are committed: each appends its inverse to a list of the owner. */
export class JournaledMap<K, V> {
  readonly #map = new Map<K, V>();
  readonly #undos: Undo[];

  constructor(undos: Undo[]) {
    this.#undos = undos;
  }

  get size(): number {
    return this.#map.size;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  keys(): MapIterator<K> {
    return this.#map.keys();
  }

  values(): MapIterator<V> {
    return this.#map.values();
  }

  entries(): MapIterator<[K, V]> {
    return this.#map.entries();
  }

  set(key: K, value: V): void {
    this.#noteBefore(key);
    this.#map.set(key, value);
  }

  delete(key: K): void {
    if (!this.#map.has(key)) return;
    this.#noteBefore(key);
    this.#map.delete(key);
  }

  #noteBefore(key: K): void {
    const map = this.#map;
    const before = map.get(key);
    this.#undos.push(before === undefined ? () => map.delete(key) : () => map.set(key, before));
  }
}
