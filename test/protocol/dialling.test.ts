import { expect, it } from 'vitest';
import { SimulatedNetwork } from '../../simulator/network.ts';

/** A connection of this age has lasted, so that its end is a new one. */
const LASTING_MS = 60_000;

it('warns once of a node that the operator named and that cannot be reached, and again after it was', () => {
  const network = new SimulatedNetwork({ seed: 1 });
  const there = network.addNode();
  const here = network.addNode({ peers: [0] });
  const levels = () => here.logs.filter(({ message }) => message === 'could not connect').map(({ level }) => level);
  const areConnected = () => network.peersOf(here).length === 1;
  for (const cut of [1, 2]) {
    network.runUntil(areConnected);
    network.runFor(LASTING_MS);
    here.logs.length = 0;
    network.partition([there], [here]);
    network.runUntil(() => levels().length >= 3, 60_000, `three attempts in cut ${cut}`);
    expect(levels().slice(0, 3)).toEqual(['warn', 'info', 'info']);
    network.heal();
  }
});
