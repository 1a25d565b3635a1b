import type { Effect } from '../../protocol/effects.ts';
import type { NodeEvent } from '../../protocol/events.ts';
import type { Notice } from '../../protocol/notices.ts';
import type { NodeWatcher, SimulatedNode } from '../simulated-node.ts';
import type { Simulation } from '../simulation.ts';
import type { Trace } from '../trace.ts';
import { AcknowledgedCheck } from './acknowledged.ts';
import { AnnouncedCheck } from './announced.ts';
import { BestChainCheck } from './best-chain.ts';
import { CheckFailure, type NodeCheck } from './check.ts';
import { ConductCheck } from './conduct.ts';
import { LimitsCheck } from './limits.ts';
import { OrderCheck } from './order.ts';
import { PartingCheck } from './parting.ts';
import { PromptCheck } from './prompt.ts';
import { Judge, ReplayCheck } from './replay.ts';
import { StormCheck } from './storm.ts';
import { StreamCheck } from './stream.ts';

/** Interval of the thorough inspection of a node; */
const INSPECTION_MS = 10_000;
/** longer in a network of more nodes than this, so that inspection does not dominate the run. */
const NODES_OFTEN_INSPECTED = 50;
/** More events than a network of any size has at one moment: above it, time has stopped. */
const MAX_EVENTS_AT_ONCE = 200_000;

export type LogEntry = Extract<Effect, { type: 'log' }>;

/** Watches all nodes: writes the trace, keeps the statistics, and runs every check on every honest node. */
export class Inspector implements NodeWatcher {
  readonly #simulation: Simulation;
  readonly #trace: Trace;
  readonly #judge: Judge;
  readonly #onLog: (node: SimulatedNode, entry: LogEntry) => void;
  readonly #checks = new Map<SimulatedNode, readonly NodeCheck[]>();
  #lastEventMs = 0;
  #eventsAtOnce = 0;
  readonly #inspectedMs = new Map<SimulatedNode, number>();
  readonly #inspectionMs: number;
  readonly #prompt: PromptCheck;
  readonly #parting: PartingCheck;
  readonly #announced: AnnouncedCheck;

  constructor(simulation: Simulation, trace: Trace, onLog: (node: SimulatedNode, entry: LogEntry) => void) {
    this.#simulation = simulation;
    this.#trace = trace;
    this.#onLog = onLog;
    this.#judge = new Judge(simulation.model);
    this.#prompt = new PromptCheck(simulation);
    this.#parting = new PartingCheck(simulation);
    this.#announced = new AnnouncedCheck(simulation);
    this.#inspectionMs = INSPECTION_MS * Math.max(1, simulation.plan.nodes / NODES_OFTEN_INSPECTED);
  }

  onStarted(node: SimulatedNode): void {
    this.#trace.add(node.index);
    this.#simulation.statistics.recordStart(node);
    for (const check of this.#checksOf(node)) check.onStarted?.();
  }

  onHandled(node: SimulatedNode, event: NodeEvent, effects: readonly Effect[]): void {
    this.#simulation.statistics.events++;
    this.#expectProgress(node);
    this.#trace.addTime(this.#simulation.nowMs);
    this.#trace.add(node.index);
    this.#trace.addText(event.type);
    if (event.type === 'peer-message') this.#trace.addBytes(event.bytes);
    this.#trace.add(effects.length);
    this.#recordBodies(node, effects);
    for (const check of this.#checksOf(node)) check.onHandled?.(event, effects);
    if (!this.#simulation.isHonest(node)) return;
    this.#parting.onHandled(node, event);
    this.#announced.onHandled(node, effects);
  }

  onCommitted(node: SimulatedNode): void {
    for (const check of this.#checksOf(node)) check.onCommitted?.();
  }

  onPerformed(node: SimulatedNode, effect: Effect): void {
    if (effect.type === 'log') this.#onLog(node, effect);
    if (effect.type === 'publish') this.#onNotice(node, effect.notice);
    if (effect.type === 'reply' && effect.reply.ok && effect.reply.value.kind === 'accepted')
      this.#simulation.statistics.recordAcceptance(effect.reply.value.txid);
    for (const check of this.#checksOf(node)) check.onPerformed?.(effect);
  }

  /** Runs the checks that compare nodes; to be called about once a second. */
  compareNodes(): void {
    this.#prompt.look();
    this.#parting.look();
  }

  onEnded(node: SimulatedNode): void {
    this.#simulation.statistics.recordEnd(node);
  }

  onSettled(node: SimulatedNode): void {
    for (const check of this.#checksOf(node)) check.onSettled?.();
    if (this.#simulation.nowMs - (this.#inspectedMs.get(node) ?? 0) >= this.#inspectionMs) this.inspect(node);
  }

  /** Runs the checks that take longer, now. */
  inspect(node: SimulatedNode): void {
    this.#inspectedMs.set(node, this.#simulation.nowMs);
    for (const check of this.#checksOf(node)) check.inspect?.();
  }

  #recordBodies(node: SimulatedNode, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type !== 'persist') continue;
      for (const write of effect.writes)
        if (write.kind === 'body') this.#simulation.statistics.recordBody(node, write.blockHash, write.raw);
    }
  }

  #onNotice(node: SimulatedNode, notice: Notice): void {
    this.#simulation.statistics.recordNotice(node, notice);
    // Nodes log blocks at most once a second; here is the moment of each.
    if (notice.kind === 'reorg') {
      const fields = { disconnected: notice.disconnected.length, connected: notice.connected.length };
      this.#onLog(node, { type: 'log', level: 'info', message: 'reorg', fields });
    }
    if (notice.kind !== 'block') return;
    const { height, blockHash: block } = notice;
    this.#onLog(node, { type: 'log', level: 'debug', message: 'connected', fields: { height, block } });
  }

  #expectProgress(node: SimulatedNode): void {
    const { nowMs } = this.#simulation;
    this.#eventsAtOnce = nowMs === this.#lastEventMs ? this.#eventsAtOnce + 1 : 0;
    this.#lastEventMs = nowMs;
    if (this.#eventsAtOnce <= MAX_EVENTS_AT_ONCE) return;
    throw new CheckFailure('storm', node, `has had ${MAX_EVENTS_AT_ONCE} events with others, and no time passes`);
  }

  #checksOf(node: SimulatedNode): readonly NodeCheck[] {
    const known = this.#checks.get(node);
    if (known) return known;
    const checks: NodeCheck[] = this.#simulation.isHonest(node)
      ? [
          new ReplayCheck(node, this.#judge),
          new BestChainCheck(node, this.#judge),
          new AcknowledgedCheck(node, this.#judge),
          new OrderCheck(node),
          new StreamCheck(node),
          new ConductCheck(node, this.#simulation),
          new LimitsCheck(node),
          new StormCheck(node),
        ]
      : [];
    this.#checks.set(node, checks);
    return checks;
  }
}
