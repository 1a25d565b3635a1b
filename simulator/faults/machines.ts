import type { SeededRandom } from '../seeded-random.ts';
import type { CrashPoint, SimulatedNode } from '../simulated-node.ts';
import type { Simulation } from '../simulation.ts';
import { type Fault, meanWaitMs } from './fault.ts';

const MAX_WAIT_MS = 300_000;
const MIN_WAIT_MS = 15_000;
/** How long a node stays down, on average. */
const DOWN_MS = 20_000;
const MAX_COMMIT_MS = 400;
const MAX_VERIFY_MS = 200;
/** What a disk says when it does not write. */
const DISK_FAILURES = ['no space left on device', 'input/output error'];
const CRASH_POINTS: readonly CrashPoint[] = ['before-commit', 'after-commit', 'amid-effects'];

/** Nodes are killed at any moment, also in the middle of their work, and start again after a while. */
export const crash: Fault = {
  install(simulation, strength) {
    const random = simulation.stream('crash');
    simulation.repeat(random, meanWaitMs(strength, MAX_WAIT_MS, MIN_WAIT_MS), () => {
      const node = random.pick(simulation.runningHonest());
      if (!node) return;
      const point = random.chance(0.7) ? random.pick(CRASH_POINTS) : undefined;
      simulation.reportFault('crash', node, { at: point ?? 'once' });
      if (point) node.scheduleCrash(point);
      else node.kill();
      reviveLater(simulation, node, random);
    });
  },
};

/** Nodes are stopped cleanly, and start again. */
export const restart: Fault = {
  install(simulation, strength) {
    const random = simulation.stream('restart');
    simulation.repeat(random, meanWaitMs(strength, MAX_WAIT_MS, MIN_WAIT_MS), () => {
      const node = random.pick(simulation.runningHonest());
      if (!node) return;
      simulation.reportFault('restart', node);
      node.stop();
      reviveLater(simulation, node, random);
    });
  },
};

/** Flushing takes long, so that much happens meanwhile. */
export const slowDisk: Fault = {
  install(simulation, strength) {
    const random = simulation.stream('slow-disk');
    for (const node of simulation.honest) {
      node.commitMs = random.fraction() * strength * MAX_COMMIT_MS;
      node.verifyMs = random.fraction() * strength * MAX_VERIFY_MS;
      simulation.onHeal(() => {
        node.commitMs = 0;
        node.verifyMs = 0;
      });
    }
    simulation.reportFault('slow-disk');
  },
};

/** A disk is full, or fails: the node has to stop. It works again later. */
export const fullDisk: Fault = {
  install(simulation, strength) {
    const random = simulation.stream('full-disk');
    simulation.repeat(random, meanWaitMs(strength, MAX_WAIT_MS, MIN_WAIT_MS * 2), () => {
      const node = random.pick(simulation.runningHonest());
      if (!node) return;
      node.store.failure = random.pick(DISK_FAILURES) ?? null;
      simulation.reportFault('full-disk', node, { failure: node.store.failure });
      simulation.runLater(random.exponential(DOWN_MS), () => {
        node.store.failure = null;
        if (!node.isRunning) simulation.revive(node);
      });
    });
    simulation.onHeal(() => {
      for (const node of simulation.honest) node.store.failure = null;
    });
  },
};

/** A bit of what is stored flips. The node has to notice when it reads it, and is rebuilt from what is whole. */
export const bitRot: Fault = {
  install(simulation, strength) {
    const random = simulation.stream('bit-rot');
    const rotten = new Set<SimulatedNode>();
    simulation.repeat(random, meanWaitMs(strength, MAX_WAIT_MS, MIN_WAIT_MS * 2), () => {
      const node = random.pick(simulation.honest);
      if (!node || node.store.isDirty || node.store.failure !== null || !node.store.rot(random)) return;
      simulation.reportFault('bit-rot', node);
      rotten.add(node);
      if (random.chance(0.5)) node.kill();
      reviveLater(simulation, node, random);
    });
    // Damage that no node has read yet would be found long after healing.
    simulation.onHeal(() => {
      for (const node of rotten) {
        node.kill();
        node.store.reindex();
      }
    });
  },
};

/** Miners come, go, and change their speed a hundredfold. */
export const erraticMiners: Fault = {
  install(simulation, strength) {
    const random = simulation.stream('erratic-miners');
    const usual = new Map(simulation.honest.map((node) => [node, node.hashrate]));
    simulation.repeat(random, meanWaitMs(strength, MAX_WAIT_MS, MIN_WAIT_MS), () => {
      const node = random.pick(simulation.runningHonest());
      if (!node) return;
      simulation.reportFault('erratic-miners', node);
      node.hashrate = (usual.get(node) ?? 0) * 10 ** random.between(-1, 1);
      simulation.setMining(node, random.chance(0.6) ? 'continuous' : 'off');
    });
    simulation.onHeal(() => {
      for (const [node, hashrate] of usual) node.hashrate = hashrate;
    });
  },
};

function reviveLater(simulation: Simulation, node: SimulatedNode, random: SeededRandom): void {
  simulation.runLater(random.exponential(DOWN_MS), () => {
    // A node whose crash was scheduled for its next write may not have written since.
    if (node.isRunning || node.store.failure !== null) return;
    simulation.revive(node);
  });
}
