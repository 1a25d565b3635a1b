import type { SimulatedNode } from '../simulated-node.ts';
import { type Fault, meanWaitMs } from './fault.ts';

const MAX_WAIT_MS = 240_000;
const MIN_WAIT_MS = 10_000;
/** Clocks that are only badly set stay within the future limit. */
const MAX_SKEW_MS = 50_000;
const MAX_JUMP_MS = 600_000;
/** Mean time for which a clock stays wrong after a jump, and a block ruled out. */
const WRONG_MS = 60_000;
/** Mean time for which a clock stays far behind before mining stops. */
const BEHIND_MS = 20_000;
/** Mining stops for twice this time; the clock is corrected after half of it. */
const QUIET_MS = 12_000;
/** An operator rules out one of this many blocks below the tip. */
const RULED_OUT_DEPTH = 6;

/** Clocks are badly set. */
export const clockSkew: Fault = {
  install(simulation, strength) {
    const random = simulation.stream('clock-skew');
    simulation.reportFault('clock-skew');
    for (const node of simulation.honest) node.clock.skewMs = random.between(-1, 1) * strength * MAX_SKEW_MS;
    simulation.onHeal(() => setRight(simulation.honest));
  },
};

/** Clocks jump by minutes, ahead and back, until they are corrected. */
export const clockJump: Fault = {
  install(simulation, strength) {
    const random = simulation.stream('clock-jump');
    simulation.repeat(random, meanWaitMs(strength, MAX_WAIT_MS, MIN_WAIT_MS), () => {
      const node = random.pick(simulation.honest);
      if (!node) return;
      node.clock.skewMs = random.between(-1, 1) * MAX_JUMP_MS;
      simulation.reportFault('clock-jump', node, { seconds: Math.round(node.clock.skewMs / 1_000) });
      simulation.runLater(random.exponential(WRONG_MS), () => setRight([node]));
    });
    simulation.onHeal(() => setRight(simulation.honest));
  },
};

/** A clock that is far behind is corrected while no block is mined: only a node that asks again by itself catches up. */
export const clockPutRight: Fault = {
  install(simulation, strength) {
    const random = simulation.stream('clock-put-right');
    simulation.repeat(random, meanWaitMs(strength, MAX_WAIT_MS, MIN_WAIT_MS * 4), () => {
      const node = random.pick(simulation.runningHonest());
      if (!node || simulation.honest.some(({ clock }) => clock.skewMs < -MAX_SKEW_MS)) return;
      node.clock.skewMs = -random.between(simulation.params.futureLimitSeconds * 1_000, MAX_JUMP_MS);
      simulation.reportFault('clock-put-right', node, { seconds: Math.round(node.clock.skewMs / 1_000) });
      simulation.runLater(random.exponential(BEHIND_MS), () => {
        const mining = simulation.runningHonest().filter((each) => simulation.mines(each));
        for (const each of mining) simulation.setMining(each, 'off');
        simulation.runLater(QUIET_MS / 2, () => setRight([node]));
        simulation.runLater(QUIET_MS * 2, () => {
          for (const each of mining) simulation.setMining(each, 'continuous');
        });
      });
    });
    simulation.onHeal(() => setRight(simulation.honest));
  },
};

/** Operators rule blocks out and take it back, connect and disconnect peers, and have blocks mined. */
export const operators: Fault = {
  install(simulation, strength) {
    const random = simulation.stream('operators');
    const ruledOut = new Map<SimulatedNode, string>();
    const takeBack = (node: SimulatedNode): void => {
      const blockHash = ruledOut.get(node);
      if (blockHash === undefined || !node.isRunning) return;
      ruledOut.delete(node);
      node.request((request) => ({ type: 'reconsider-block', request, blockHash }));
    };
    const ruleOut = (node: SimulatedNode): void => {
      if (ruledOut.has(node)) return;
      const depth = random.below(RULED_OUT_DEPTH);
      const entry = node.core.chain.activeAt(node.core.chain.tip.record.height - depth);
      if (!entry || entry.record.height === 0) return;
      const blockHash = entry.record.hash;
      ruledOut.set(node, blockHash);
      node.request((request) => ({ type: 'invalidate-block', request, blockHash }));
      simulation.runLater(random.exponential(WRONG_MS), () => takeBack(node));
    };
    const actions: ((node: SimulatedNode) => void)[] = [
      ruleOut,
      (node) => {
        const usual = { recipient: null, transactions: null, parent: null };
        node.request((request) => ({ type: 'mine', request, count: 1 + random.below(2), ...usual }));
      },
      (node) => {
        const url = random.pick(simulation.honest)?.url ?? node.url;
        node.request((request) => ({ type: 'connect-peer', request, url }));
      },
      (node) => {
        const peer = random.pick(simulation.network.peersOf(node)) ?? '';
        node.request((request) => ({ type: 'disconnect-peer', request, peer }));
      },
    ];
    simulation.repeat(random, meanWaitMs(strength, MAX_WAIT_MS, MIN_WAIT_MS), () => {
      const node = random.pick(simulation.runningHonest());
      if (!node) return;
      simulation.reportFault('operators', node);
      random.pick(actions)?.(node);
    });
    simulation.onHeal(() => {
      // When all are up again.
      simulation.network.clock.schedule(1, () => {
        for (const node of simulation.honest) {
          takeAllBack(node);
          reconnect(node);
        }
      });
    });
  },
};

/** Reconsiders every block that is ruled out: an earlier request to do so may have been lost in a crash. */
function takeAllBack(node: SimulatedNode): void {
  for (const { hash, validity } of node.store.headers()) {
    if (validity === 'operator-invalid')
      node.request((request) => ({ type: 'reconsider-block', request, blockHash: hash }));
  }
}

/** Connects the configured peers again: what an operator disconnected stays so until then. */
function reconnect(node: SimulatedNode): void {
  for (const url of node.configuredPeers) node.request((request) => ({ type: 'connect-peer', request, url }));
}

function setRight(nodes: readonly SimulatedNode[]): void {
  for (const node of nodes) node.clock.skewMs = 0;
}
