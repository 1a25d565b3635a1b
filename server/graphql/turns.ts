/**
 * Lets one piece of long work begin in each turn of the event loop, in the order in which they were asked for. Whatever
 * is short goes on in between: sockets are read, short queries answered, blocks connected. Without it, a hundred long
 * queries that came together would be executed in one go, and everybody would wait for all of them. Who may wait here is
 * bounded by the limits of connections, and of operations on a socket.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  /** Resolves when it is the caller's turn: at once in the next turn of the event loop when nobody waits. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) setImmediate(this.#serve);
    });
  }

  readonly #serve = (): void => {
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) setImmediate(this.#serve);
  };
}
