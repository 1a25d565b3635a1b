import { describe, expect, it } from 'vitest';
import { type Asker, Turns } from '../../../server/graphql/turns.ts';

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Somebody who asks for turns, and writes down when they come. */
class Client {
  readonly #turns: Turns;
  readonly #begun: string[];
  readonly #name: string;
  readonly #asker: Asker;

  constructor(turns: Turns, begun: string[], address: string, connection: string) {
    this.#turns = turns;
    this.#begun = begun;
    this.#name = connection;
    this.#asker = { client: address, connection: { destroyed: false } };
  }

  ask(times = 1): void {
    for (let i = 1; i <= times; i++) this.#turns.next(this.#asker).then(() => this.#begun.push(`${this.#name}${i}`));
  }
}

describe('turns', () => {
  it('let one begin in each turn of the event loop, in the order in which they came', async () => {
    const turns = new Turns();
    const begun: number[] = [];
    for (let i = 0; i < 5; i++) turns.next().then(() => begun.push(i));
    await Promise.resolve();
    expect(begun).toEqual([]);
    for (let done = 1; done <= 5; done++) {
      await nextTurn();
      expect(begun).toEqual(Array.from({ length: done }, (_, i) => i));
    }
  });

  it('begin anew when nobody waits any more', async () => {
    const turns = new Turns();
    await turns.next();
    await nextTurn();
    await turns.next();
    const begun: string[] = [];
    turns.next().then(() => begun.push('first'));
    turns.next().then(() => begun.push('second'));
    await nextTurn();
    expect(begun).toEqual(['first']);
  });

  it('go round the clients, whatever one of them has asked for on however many connections', async () => {
    const turns = new Turns();
    const begun: string[] = [];
    for (let i = 0; i < 64; i++) new Client(turns, begun, '192.0.2.66', `attacker${i}-`).ask(20);
    const honest = new Client(turns, begun, '192.0.2.1', 'honest');
    honest.ask(3);
    for (let i = 0; i < 6; i++) await nextTurn();
    expect(begun).toEqual(['attacker0-1', 'honest1', 'attacker1-1', 'honest2', 'attacker2-1', 'honest3']);
  });

  it('go round the connections of a client: on loopback all have one address', async () => {
    const turns = new Turns();
    const begun: string[] = [];
    new Client(turns, begun, '127.0.0.1', 'busy').ask(100);
    new Client(turns, begun, '127.0.0.1', 'honest').ask(2);
    for (let i = 0; i < 5; i++) await nextTurn();
    expect(begun).toEqual(['busy1', 'honest1', 'busy2', 'honest2', 'busy3']);
  });
});
