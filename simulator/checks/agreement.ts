import type { SimulatedNode } from '../simulated-node.ts';
import type { Simulation } from '../simulation.ts';
import { CheckFailure } from './check.ts';

/** Spacings within which healed nodes must agree on one tip. */
const AGREEMENT_SPACINGS = 10;
/** Further spacings within which pending transactions must be in a block. */
const CONFIRMATION_SPACINGS = 20;
/** Time within which the network must come to rest after mining has ended. */
const REST_MS = 40_000;
/** Time within which a block that is mined all the same must reach all nodes. */
const SPREADING_MS = 10_000;
const STEP_MS = 1_000;
/** Beyond this a healed network has failed, whatever it waits for. */
const MAX_CATCH_UP_MS = 600_000;

/**
 * After everything is healed: one tip within ten block intervals, every transaction that can be is confirmed, and no
 * request is stuck. Pauses after each step. Throws `CheckFailure`.
 */
export function* checkAgreement(simulation: Simulation): Generator<void, void, void> {
  const { network, honest, spacingMs } = simulation;
  // A chain whose times ran ahead while clocks were wrong is taken by others only when time has caught up with it.
  yield* runUntil(simulation, MAX_CATCH_UP_MS, () => !honest.some((node) => isAhead(node, simulation)));
  const agreed = yield* runUntil(simulation, AGREEMENT_SPACINGS * spacingMs, () => tipsOf(honest).size === 1);
  if (!agreed) throw new CheckFailure('agreement', null, describe(honest, 'stand on different tips'));
  const confirmed = yield* runUntil(simulation, CONFIRMATION_SPACINGS * spacingMs, () =>
    honest.every((node) => node.core.mempool.readyCount === 0),
  );
  // An announcement that was lost on a line that stands is not made again.
  if (!confirmed && simulation.hasWholeLines) {
    const counts = honest.map((node) => `${node.index}: ${node.core.mempool.readyCount}`).join(', ');
    throw new CheckFailure('agreement', null, `ready transactions are not confirmed: ${counts}`);
  }
  for (const node of honest) simulation.setMining(node, 'off');
  network.runFor(REST_MS);
  for (const node of honest) {
    if (!node.isRunning) throw new CheckFailure('agreement', node, `is down: ${node.down}`);
    // Blocks on demand take as long as they take.
    const waiting = node.unanswered().filter((type) => type !== 'mine');
    if (waiting.length > 0) throw new CheckFailure('agreement', node, `has not answered: ${waiting.join(', ')}`);
    const { state } = node.core.sync();
    const { hash } = node.core.chain.bestHeader.record;
    // A body that no honest node has, or gives, may be waited for until the chain has more work without it.
    const canBeHad = honest.some(({ core }) => {
      const entry = core.chain.get(hash);
      return entry !== undefined && entry.record.bodyBytes > 0 && entry.failure === null;
    });
    if (state === 'headers' || (state === 'blocks' && canBeHad))
      throw new CheckFailure('agreement', node, `is stuck: it still waits for ${state}, of ${hash}`);
  }
  // One that a caller asked for may just have been mined.
  const agree = (): boolean => new Set(honest.map((node) => node.core.chain.tip.record.chainWork)).size === 1;
  if (!(yield* runUntil(simulation, SPREADING_MS, agree)))
    throw new CheckFailure('agreement', null, describe(honest, 'rest on tips of different work'));
}

/** Whether the node has a branch with a block, not necessarily the last, whose time others do not accept yet. */
function isAhead(node: SimulatedNode, simulation: Simulation): boolean {
  const { genesis, futureLimitSeconds } = simulation.params;
  const limitSeconds = simulation.network.clock.instant().wallMs / 1_000 + futureLimitSeconds;
  return node.core.chain.leaves().some(({ record }) => genesis.header.time + record.clock > limitSeconds);
}

function tipsOf(nodes: readonly SimulatedNode[]): Set<string> {
  return new Set(nodes.map((node) => node.core.chain.tip.record.hash));
}

function describe(nodes: readonly SimulatedNode[], what: string): string {
  const tips = nodes.map(({ index, core }) => {
    const { height, hash } = core.chain.tip.record;
    return `${index}: ${height} ${hash.slice(0, 16)} (${core.peers().length} peers)`;
  });
  return `nodes ${what}: ${tips.join(', ')}`;
}

function* runUntil(simulation: Simulation, limitMs: number, isDone: () => boolean): Generator<void, boolean, void> {
  const deadlineMs = simulation.nowMs + limitMs;
  while (!isDone()) {
    if (simulation.nowMs >= deadlineMs) return false;
    simulation.network.runFor(STEP_MS);
    yield;
  }
  return true;
}
