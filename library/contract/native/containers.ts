import { Trap } from '../../../consensus/contract/trap.ts';

/** What a `Table` of a native run reads and writes. Keys and values are JavaScript's. */
export interface TableEntries {
  get(key: unknown): unknown;
  set(key: unknown, value: unknown): void;
  has(key: unknown): boolean;
  delete(key: unknown): void;
}

/** What a `List` of a native run reads and writes. */
export interface ListElements {
  readonly length: number;
  get(index: number): unknown;
  set(index: number, value: unknown): void;
  push(value: unknown): void;
  pop(): unknown;
}

/** Behind each `Table` and `List`, which have no properties of their own: those are the contract's to see. */
const entries = new WeakMap<object, TableEntries>();
const elements = new WeakMap<object, ListElements>();

/** Has a `Table` work on these entries from now on. */
export function bindTable(table: object, to: TableEntries): void {
  entries.set(table, to);
}

/** Has a `List` work on these elements from now on. */
export function bindList(list: object, to: ListElements): void {
  elements.set(list, to);
}

/** The entries of a `Table`. */
export function entriesOf(table: object): TableEntries {
  return boundTo(entries, table);
}

/** The elements of a `List`. */
export function elementsOf(list: object): ListElements {
  return boundTo(elements, list);
}

function boundTo<Bound>(known: WeakMap<object, Bound>, container: object): Bound {
  const found = known.get(container);
  if (found === undefined) throw new TypeError('a Table or List is made with new');
  return found;
}

/** Entries of a `Table` while its constructor runs: which field it will be is not known yet. */
export class HeldEntries implements TableEntries {
  readonly held = new Map<unknown, unknown>();
  readonly #absent: unknown;

  constructor(absent: unknown) {
    this.#absent = absent;
  }

  get(key: unknown): unknown {
    return this.held.has(key) ? this.held.get(key) : this.#absent;
  }

  set(key: unknown, value: unknown): void {
    this.held.set(key, value);
  }

  has(key: unknown): boolean {
    return this.held.has(key);
  }

  delete(key: unknown): void {
    this.held.delete(key);
  }
}

/** Elements of a `List` while its constructor runs. */
export class HeldElements implements ListElements {
  readonly held: unknown[] = [];

  get length(): number {
    return this.held.length;
  }

  get(index: number): unknown {
    this.#requireElement(index);
    return this.held[index];
  }

  set(index: number, value: unknown): void {
    this.#requireElement(index);
    this.held[index] = value;
  }

  push(value: unknown): void {
    this.held.push(value);
  }

  pop(): unknown {
    this.#requireElement(this.length - 1);
    return this.held.pop();
  }

  #requireElement(index: number): void {
    if (!(index >= 0 && index < this.length)) throw new Trap('no-element', `${index}`, `${this.length}`);
  }
}
