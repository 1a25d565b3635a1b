import { describe, expect, it } from 'vitest';
import { FairQueue, type Requester } from '../../../server/graphql/fair-queue.ts';

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Somebody who asks for turns, and writes down when they come. */
class Client {
  readonly #queue: FairQueue;
  readonly #begun: string[];
  readonly #name: string;
  readonly #requester: Requester;

  constructor(queue: FairQueue, begun: string[], address: string, connection: string) {
    this.#queue = queue;
    this.#begun = begun;
    this.#name = connection;
    this.#requester = { client: address, connection: { destroyed: false } };
  }

  ask(times = 1): void {
    for (let i = 1; i <= times; i++)
      this.#queue.waitForTurn(this.#requester).then(() => this.#begun.push(`${this.#name}${i}`));
  }
}

describe('a fair queue', () => {
  it('let one begin in each turn of the event loop, in the order in which they came', async () => {
    const queue = new FairQueue();
    const begun: number[] = [];
    for (let i = 0; i < 5; i++) queue.waitForTurn().then(() => begun.push(i));
    await Promise.resolve();
    expect(begun).toEqual([]);
    for (let done = 1; done <= 5; done++) {
      await nextTurn();
      expect(begun).toEqual(Array.from({ length: done }, (_, i) => i));
    }
  });

  it('start over when nobody waits any more', async () => {
    const queue = new FairQueue();
    await queue.waitForTurn();
    await nextTurn();
    await queue.waitForTurn();
    const begun: string[] = [];
    queue.waitForTurn().then(() => begun.push('first'));
    queue.waitForTurn().then(() => begun.push('second'));
    await nextTurn();
    expect(begun).toEqual(['first']);
  });

  it('go round the clients, whatever one of them has asked for on however many connections', async () => {
    const queue = new FairQueue();
    const begun: string[] = [];
    for (let i = 0; i < 64; i++) new Client(queue, begun, '192.0.2.66', `attacker${i}-`).ask(20);
    const honest = new Client(queue, begun, '192.0.2.1', 'honest');
    honest.ask(3);
    for (let i = 0; i < 6; i++) await nextTurn();
    expect(begun).toEqual(['attacker0-1', 'honest1', 'attacker1-1', 'honest2', 'attacker2-1', 'honest3']);
  });

  it('go round the connections of a client: on loopback all have one address', async () => {
    const queue = new FairQueue();
    const begun: string[] = [];
    new Client(queue, begun, '127.0.0.1', 'busy').ask(100);
    new Client(queue, begun, '127.0.0.1', 'honest').ask(2);
    for (let i = 0; i < 5; i++) await nextTurn();
    expect(begun).toEqual(['busy1', 'honest1', 'busy2', 'honest2', 'busy3']);
  });
});
