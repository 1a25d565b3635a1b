import { setTimeout as delay } from 'node:timers/promises';

const FREE_WORD = 0;
const WAITING_WORD = 1;
const FIRST_HELD_WORD = 2;
/** Maximum number of members: more than a cluster in one process can have nodes. */
const MAX_MEMBERS = 254;
/** Upper bound of one wait, after which the caller checks again: a wake-up may reach a waiter that no longer waits. */
const MAX_WAIT_MS = 50;
/** How long a member that has just used a slot gives priority to a waiting one. */
const STAND_BACK_MS = 1;

/**
 * Mining slots that the nodes of a cluster share, so that together they never mine on more threads than there are
 * cores. It lives in shared memory: each node's thread opens the same buffer. Waiting members are served in turn.
 */
export class MiningBudget {
  readonly #words: Int32Array;
  readonly #heldWord: number;
  #standsBack = false;

  private constructor(buffer: SharedArrayBuffer, member: number) {
    if (!Number.isInteger(member) || member < 0 || member >= MAX_MEMBERS) {
      throw new RangeError(`a mining budget has members 0 to ${MAX_MEMBERS - 1}, not ${member}`);
    }
    this.#words = new Int32Array(buffer);
    this.#heldWord = FIRST_HELD_WORD + member;
  }

  /** A new budget of `slots` threads in all. */
  static create(slots: number): MiningBudget {
    const buffer = new SharedArrayBuffer((FIRST_HELD_WORD + MAX_MEMBERS) * Int32Array.BYTES_PER_ELEMENT);
    const budget = new MiningBudget(buffer, 0);
    Atomics.store(budget.#words, FREE_WORD, slots);
    return budget;
  }

  /** Opens a budget that another thread made. Members with numbers of their own can be reclaimed one by one. */
  static from(buffer: SharedArrayBuffer, member = 0): MiningBudget {
    return new MiningBudget(buffer, member);
  }

  /** The shared memory, to hand to other threads. */
  get buffer(): SharedArrayBuffer {
    return this.#words.buffer as SharedArrayBuffer;
  }

  /** Takes a slot when one is free and it is not another member's turn. */
  tryAcquire(): boolean {
    if (this.#standsBack && Atomics.load(this.#words, WAITING_WORD) > 0) {
      return false;
    }
    this.#standsBack = false;
    let free = Atomics.load(this.#words, FREE_WORD);
    while (free > 0) {
      const seen = Atomics.compareExchange(this.#words, FREE_WORD, free, free - 1);
      if (seen === free) {
        Atomics.add(this.#words, this.#heldWord, 1);
        return true;
      }
      free = seen;
    }
    return false;
  }

  /** Gives back a slot that {@link tryAcquire} took. */
  release(): void {
    Atomics.sub(this.#words, this.#heldWord, 1);
    this.#free(1);
    this.#standsBack = true;
  }

  /** Resolves when it is worth trying again; the slot may be taken again by then. */
  async whenFree(): Promise<void> {
    if (this.#standsBack) {
      await delay(STAND_BACK_MS);
      this.#standsBack = false;
      return;
    }
    Atomics.add(this.#words, WAITING_WORD, 1);
    try {
      await waitWhileZero(this.#words, FREE_WORD);
    } finally {
      Atomics.sub(this.#words, WAITING_WORD, 1);
    }
  }

  /** Releases the slots of a member whose thread has died. Must be called after that thread has ended. */
  reclaim(member: number): void {
    this.#free(Atomics.exchange(this.#words, FIRST_HELD_WORD + member, 0));
  }

  #free(slots: number): void {
    Atomics.add(this.#words, FREE_WORD, slots);
    Atomics.notify(this.#words, FREE_WORD, slots);
  }
}

/** `Atomics.waitAsync` is in every supported Node, but not yet in the library types of its language level. */
interface AsyncWaiting {
  waitAsync(words: Int32Array, index: number, value: number, timeoutMs: number): { value: Promise<string> | string };
}

async function waitWhileZero(words: Int32Array, index: number): Promise<void> {
  await (Atomics as unknown as AsyncWaiting).waitAsync(words, index, 0, MAX_WAIT_MS).value;
}
