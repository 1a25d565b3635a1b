import { describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';

const MINUTE_MS = 60_000;
/** Until both have shaken hands and told each other what they have. */
const SETTLE_MS = 5_000;

function pair(spacingSeconds: number) {
  const network = new SimulatedNetwork({ seed: 4, params: { ...REGTEST, spacingSeconds } });
  const [first, second] = [network.addNode({ peers: [] }), network.addNode({ peers: [0] })];
  network.runFor(SETTLE_MS);
  expect(first.core.peers()).toHaveLength(1);
  return { network, first, second };
}

describe('two nodes that have nothing to say', () => {
  it.each([
    { spacingSeconds: 1, intervalSeconds: 30 },
    { spacingSeconds: 150, intervalSeconds: 30 },
    { spacingSeconds: 600, intervalSeconds: 120 },
  ])(
    'ping each other every $intervalSeconds s where a block takes $spacingSeconds s',
    ({ spacingSeconds, intervalSeconds }) => {
      const { network } = pair(spacingSeconds);
      const before = network.traffic.messages;
      network.runFor(20 * MINUTE_MS);
      const pings = (2 * 20 * MINUTE_MS) / (intervalSeconds * 1_000);
      // Each is answered by one pong.
      expect(network.traffic.messages - before).toBe(2 * pings);
    },
  );

  it('part when a ping stays unanswered for a minute, with the reason', () => {
    const { network, first, second } = pair(1);
    network.silence(first, second);
    network.silence(second, first);
    network.runFor(2 * MINUTE_MS);
    expect(first.core.peers()).toEqual([]);
    const disconnected = first.logs.filter(({ message }) => message === 'peer disconnected');
    expect(disconnected.map(({ fields }) => fields.reason)).toEqual(['no answer to a ping within 60 s']);
  });
});
