import type { LinkConditions } from '../../client/link-conditions.ts';
import type { NodeClient } from '../../client/node-client.ts';
import type { MiningSettings } from '../../client/requests.ts';
import type { Miner } from '../../client/types.ts';
import { printable } from '../../consensus/quotable.ts';
import { distancesOf } from '../../simulator/distances.ts';
import type { Plan, PlannedLink, TimedAction } from '../../simulator/plan.ts';
import { unlessRefused } from '../asking/refusal.ts';
import { CommandError, UsageError } from '../cli-errors.ts';

/** A running node of a scenario, whose number in it is its place in the list. */
export interface LiveMember {
  /** Asks it something. */
  ask<T>(question: (client: NodeClient) => Promise<T>): Promise<T>;
  /** Where it listens. */
  readonly url: string;
  /** How it mined when the scenario began. */
  readonly miner: Miner;
}

const NO_DELAY = [0, 0] as const;
/** Conditions that change nothing. */
const CLEAR: LinkConditions = { delayMs: NO_DELAY, bytesPerSecond: null, loss: 0, cut: false };
const CUT: Partial<LinkConditions> = { cut: true };

/**
 * The nodes of a scenario that really run. Weather is all that is done to their links: a partition is a cut of every link
 * between its parts, in both directions.
 */
export class LiveNetwork {
  readonly #members: readonly LiveMember[];
  /** Conditions that the scenario gives to links, by `from to`. */
  readonly #planned = new Map<string, LinkConditions>();
  /** Links whose conditions are set now. */
  readonly #set = new Map<string, Partial<LinkConditions>>();
  /** Part of each node while the network is partitioned. */
  #parts = new Map<number, number>();
  readonly #changedMiners = new Set<number>();

  constructor(members: readonly LiveMember[]) {
    this.#members = members;
  }

  /**
   * Gives every link the conditions of the whole network, as far as a scenario names them: each pair of nodes has the
   * distance that it has in the simulator.
   * @param given what the file says itself
   */
  setDistances(plan: Plan, { delayMs, bytesPerSecond }: Partial<Plan>): void {
    if (delayMs === undefined && bytesPerSecond === undefined) return;
    const distanceOf = distancesOf({ ...plan, delayMs: delayMs ?? NO_DELAY });
    for (const from of this.#members.keys()) {
      for (const to of this.#members.keys()) {
        if (from === to) continue;
        const distance = distanceOf(from, to);
        // Links have whole milliseconds, and whole bytes.
        const delays = distance.delayMs.map(Math.round);
        const rate = distance.bytesPerSecond === null ? null : Math.round(distance.bytesPerSecond);
        this.#planned.set(`${from} ${to}`, { ...CLEAR, delayMs: delays, bytesPerSecond: rate });
      }
    }
  }

  /** Gives links the conditions that a scenario names; others keep theirs. */
  async setLinks(links: readonly PlannedLink[]): Promise<void> {
    for (const { from, to, conditions } of links) this.#planned.set(`${from} ${to}`, conditions);
    await this.#apply();
  }

  /** Does to the nodes what an event of a scenario says. What cannot be done is refused by {@link checkLivePlan} before. */
  async perform(action: TimedAction): Promise<void> {
    switch (action.kind) {
      case 'links':
        return await this.setLinks(action.links);
      case 'partition':
        this.#parts = new Map(action.groups.flatMap((group, part) => group.map((node) => [node, part] as const)));
        return await this.#apply();
      case 'heal':
        this.#parts.clear();
        return await this.#apply();
      case 'hashrate':
        return await this.#scaleMining(action.node, action.factor);
      case 'crash':
      case 'start':
        throw new CommandError(`${action.kind} needs the simulator`);
    }
  }

  /** Ends all conditions that were set, and lets every node mine as it did before. */
  async heal(): Promise<void> {
    this.#parts.clear();
    this.#planned.clear();
    await this.#apply();
    for (const index of this.#changedMiners) {
      const member = this.#members[index];
      if (member) await member.ask((client) => client.setMining(settingsOf(member.miner)));
    }
    this.#changedMiners.clear();
  }

  async #apply(): Promise<void> {
    await Promise.all(this.#members.map((sender, from) => this.#applyTo(sender, from)));
  }

  async #applyTo(sender: LiveMember, from: number): Promise<void> {
    for (const [to, { url }] of this.#members.entries()) {
      const link = `${from} ${to}`;
      const wanted = this.#parts.get(from) === this.#parts.get(to) ? this.#planned.get(link) : CUT;
      if (wanted === this.#set.get(link)) continue;
      const words = `cannot set the conditions of the link to ${printable(url)}`;
      await sender.ask(async (client) => {
        if (wanted === undefined) await unlessRefused(words, client.clearLinkConditions(url));
        else await unlessRefused(words, client.setLinkConditions(url, wanted));
      });
      if (wanted === undefined) this.#set.delete(link);
      else this.#set.set(link, wanted);
    }
  }

  async #scaleMining(index: number, factor: number): Promise<void> {
    const member = this.#members[index];
    if (!member) return;
    this.#changedMiners.add(index);
    const total = this.#members.reduce((sum, { miner }) => sum + miner.hashrate, 0);
    if (total === 0)
      throw new CommandError('no node was mining when the scenario began: there is no hash rate to share');
    const hashrateLimit = Math.max(1, Math.round((total / this.#members.length) * factor));
    await member.ask((client) =>
      client.setMining(factor === 0 ? { mode: 'OFF' } : { mode: 'CONTINUOUS', hashrateLimit }),
    );
  }
}

/** Looks whether a plan can be played on this many running nodes. Throws `UsageError`. */
export function checkLivePlan({ nodes, faults, events }: Plan, count: number): void {
  if (nodes !== count)
    throw new UsageError(`the scenario has ${nodes} nodes, and --node names ${count}: name one for each, in its order`);
  const [fault] = faults.keys();
  if (fault !== undefined) throw new UsageError(`faults: ${fault} happens only in the simulator; use --simulate`);
  for (const [i, { action }] of events.entries()) {
    if (action.kind === 'crash' || action.kind === 'start')
      throw new UsageError(`events[${i}]: ${action.kind} happens only in the simulator; use --simulate`);
  }
}

function settingsOf({ mode, hashrateLimit }: Miner): MiningSettings {
  return { mode, hashrateLimit: hashrateLimit ?? 0 };
}
