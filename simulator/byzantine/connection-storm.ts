import { PROTOCOL_VERSION } from '../../protocol/limits.ts';
import { encodeMessage } from '../../protocol/messages.ts';
import { randomU64 } from '../../protocol/time.ts';
import { type Fault, meanWaitMs } from '../faults/fault.ts';
import type { RawConnection } from '../network.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import type { Simulation } from '../simulation.ts';

const MAX_WAIT_MS = 60_000;
const MIN_WAIT_MS = 10_000;
/** Connections of one burst at full strength: more than a node accepts. */
const MAX_CALLERS = 160;
/** Duration of a burst. */
const BURST_MS = 2_000;
/** How long the callers stay, on average. */
const STAY_MS = 30_000;

/** Bursts of callers that say hello and nothing else use up all connections that a node accepts. */
export const connectionStorm: Fault = {
  install(simulation, strength) {
    const random = simulation.stream('connection-storm');
    const open = new Set<RawConnection>();
    simulation.repeat(random, meanWaitMs(strength, MAX_WAIT_MS, MIN_WAIT_MS), () => {
      const victim = random.pick(simulation.runningHonest());
      if (!victim) return;
      const count = 1 + random.below(Math.ceil(MAX_CALLERS * strength));
      simulation.reportFault('connection-storm', victim, { callers: count });
      for (let i = 0; i < count; i++) simulation.runLater((BURST_MS * i) / count, () => call(simulation, victim, open));
    });
    simulation.onHeal(() => {
      for (const connection of open) connection.close();
    });
  },
};

function call(simulation: Simulation, victim: SimulatedNode, open: Set<RawConnection>): void {
  if (!victim.isRunning) return;
  const { genesis } = simulation.params;
  const random = simulation.network.random;
  const connection = simulation.network.connectRaw(
    victim,
    () => {},
    () => open.delete(connection),
  );
  open.add(connection);
  connection.send(
    encodeMessage({
      type: 'hello',
      version: PROTOCOL_VERSION,
      genesisHash: genesis.hash,
      nonce: randomU64(random),
      tipHash: genesis.hash,
      height: 0,
      chainWork: 0n,
      listenUrl: null,
      userAgent: 'storm',
    }),
  );
  simulation.runLater(random.exponential(STAY_MS), () => {
    if (open.delete(connection)) connection.close();
  });
}
