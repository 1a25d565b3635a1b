import { blockHash, decodeHeader, HEADER_BYTES } from '../../consensus/header.ts';
import type { Effect } from '../../protocol/effects.ts';
import { MESSAGE_KINDS } from '../../protocol/messages.ts';
import { FAULTS_THAT_DELAY, type FaultName } from '../faults/names.ts';
import { hasWeather } from '../plan.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import type { Simulation } from '../simulation.ts';
import { CheckFailure } from './check.ts';
import { mayTake } from './prompt.ts';

/** Time that a block takes besides its transmission. */
const SLACK_MS = 300;
/** Transmissions of an announced block: announcement, question and answer, each up to a tenth longer than its path says. */
const WAYS = 3.3;
/** With these there may be more silent announcers than are asked at once. */
const FAULTS_OF_MANY: ReadonlySet<FaultName> = new Set(['withholding-peers', 'connection-storm']);

/**
 * A node has a compact block that an honest peer announces as soon as that peer can have delivered it, even if others
 * that announced the same block before are silent.
 */
export class AnnouncedCheck {
  readonly #simulation: Simulation;
  readonly #applies: boolean;
  readonly #limitMs: number;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    const { plan } = simulation;
    const { faults, delayMs, bytesPerSecond } = plan;
    const breaks = (name: FaultName): boolean => FAULTS_THAT_DELAY.has(name) || FAULTS_OF_MANY.has(name);
    this.#applies = bytesPerSecond === null && !hasWeather(plan) && ![...faults.keys()].some(breaks);
    this.#limitMs = WAYS * delayMs[1] + SLACK_MS;
  }

  onHandled(node: SimulatedNode, effects: readonly Effect[]): void {
    if (!this.#applies || !this.#simulation.isFaulty) return;
    for (const effect of effects)
      if (effect.type === 'send' && effect.bytes[0] === MESSAGE_KINDS.compactBlock)
        this.#expect(node, effect.peer, effect.bytes);
  }

  #expect(from: SimulatedNode, peer: string, bytes: Uint8Array): void {
    const { network, params } = this.#simulation;
    const to = network.otherEnd(peer);
    if (!to || !this.#simulation.isHonest(to) || !to.isRunning) return;
    const header = decodeHeader(bytes.subarray(1, 1 + HEADER_BYTES));
    const hash = blockHash(header);
    const parent = to.core.chain.get(header.prevHash);
    const announced = from.core.chain.get(hash);
    if (!announced || !parent || parent.record.arrival === 0 || parent.failure) return;
    if (!mayTake(announced, to, params)) return;
    const lives = [from.life, to.life];
    network.clock.schedule(this.#limitMs, () => {
      const isStill = network.otherEnd(peer) === to && from.life === lives[0] && to.life === lives[1];
      if (!isStill || !this.#simulation.isFaulty) return;
      const entry = to.core.chain.get(hash);
      const isSettled = entry !== undefined && (entry.record.bodyBytes > 0 || entry.failure !== null);
      const isHeavier = announced.record.chainWork > to.core.chain.tip.record.chainWork;
      if (isSettled || !isHeavier || !mayTake(announced, to, params)) return;
      const message = `lacks block ${hash.slice(0, 16)} ${Math.round(this.#limitMs)} ms after node ${from.index} has announced it`;
      throw new CheckFailure('announced', to, message);
    });
  }
}
