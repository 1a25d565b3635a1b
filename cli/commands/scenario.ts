import { setTimeout as sleep } from 'node:timers/promises';
import { printable } from '../../consensus/quotable.ts';
import type { Plan, TimedAction } from '../../simulator/plan.ts';
import { checkPlan, planOf } from '../../simulator/scenario.ts';
import { CommandError, EXIT_CODES, UsageError } from '../cli-errors.ts';
import { json, orDash } from '../output/output.ts';
import { ownCommand } from '../own-command.ts';
import { connectAs } from '../scenario/live-connections.ts';
import { checkLivePlan, type LiveMember, LiveNetwork } from '../scenario/live-network.ts';
import { inScenario, readScenarioFields } from '../scenario/read-scenario.ts';
import { shellWord } from '../shell-word.ts';
import { untilSignal } from '../signals.ts';
import { type CliContext, type ClientFlags, withNode } from './client-context.ts';

const MS_PER_SECOND = 1_000;
const SECONDS_PER_MINUTE = 60;
/** Digits of a time in seconds. */
const TIME_WIDTH = 8;
/** How long nodes may take to have one tip after everything is healed, and how often they are asked. */
const AGREEMENT_MS = 120_000;
const AGREEMENT_LOOK_MS = 500;

/** Flags of `forklore scenario`. */
export interface ScenarioFlags extends Omit<ClientFlags, 'node'> {
  readonly node?: readonly string[];
  readonly simulate?: boolean;
}

/**
 * `forklore scenario`: plays a scenario file on running nodes, or in the simulator.
 * @returns the exit code of the program
 */
export async function playScenario(path: string, flags: ScenarioFlags, context: CliContext): Promise<number> {
  const fields = readScenarioFields('FILE', path);
  const plan = planOf(fields);
  inScenario('FILE', path, () => checkPlan(plan));
  if (flags.simulate) {
    if (flags.node !== undefined) throw new UsageError('--simulate and --node exclude each other: give one of them');
    const { simulateOne } = await import('../simulation/simulate-one.ts');
    const replay = ownCommand('scenario', `${shellWord(path)} --simulate`);
    const how = { json: flags.json ?? false, log: false, runsTwice: false, blocksFile: null, replay };
    return await simulateOne({ plan, ...how }, context);
  }
  if (flags.node === undefined) throw new UsageError('give --node for each node of the scenario, or --simulate');
  checkLivePlan(plan, flags.node.length);
  await playLive(plan, fields, flags.node, flags, context);
  return EXIT_CODES.ok;
}

async function playLive(
  plan: Plan,
  fields: Partial<Plan>,
  nodes: readonly string[],
  { node: _, ...flags }: ScenarioFlags,
  context: CliContext,
): Promise<void> {
  const { terminal } = context;
  const members: LiveMember[] = [];
  for (const node of nodes) members.push(await memberOf({ ...flags, node }, context));
  const network = new LiveNetwork(members);
  const interruption = new AbortController();
  void untilSignal().then(() => interruption.abort());
  const startMs = performance.now();
  const tell = (what: string): void => {
    const atSeconds = ((performance.now() - startMs) / MS_PER_SECOND).toFixed(1);
    if (!flags.json) terminal.print(`${atSeconds.padStart(TIME_WIDTH)} s  ${what}`);
  };
  try {
    tell(`${printable(plan.name)}: ${members.length} nodes`);
    if (plan.connections !== null) await connectAs(members, plan.connections);
    network.setDistances(plan, fields);
    await network.setLinks(plan.links);
    for (const { atSeconds, action } of [...plan.events].sort((a, b) => a.atSeconds - b.atSeconds)) {
      if (!(await untilTime(startMs, atSeconds, interruption.signal))) break;
      await network.perform(action);
      tell(describeAction(action, members));
    }
    // Without healing nothing happens after the last event, and what it has done is left as it is.
    if (!plan.heals && !interruption.signal.aborted) return;
    await untilTime(startMs, plan.minutes * SECONDS_PER_MINUTE, interruption.signal);
  } catch (error) {
    await network.heal().catch(() => {});
    throw error;
  }
  await network.heal();
  tell('ended: all conditions are cleared, and the nodes mine as before');
  if (interruption.signal.aborted) return;
  const tip = await oneTip(members);
  tell(`all nodes are at height ${orDash(tip.height)}, ${orDash(tip.hash)}`);
  if (flags.json) terminal.print(json({ name: plan.name, nodes: members.map(({ url }) => url), tip }));
}

/** Waits until this many seconds after the start. False where the program was asked to stop before. */
async function untilTime(startMs: number, atSeconds: number, signal: AbortSignal): Promise<boolean> {
  const waitMs = startMs + atSeconds * MS_PER_SECOND - performance.now();
  // It rejects for nothing but the signal.
  if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => {});
  return !signal.aborted;
}

async function memberOf(flags: ClientFlags, context: CliContext): Promise<LiveMember> {
  const ask: LiveMember['ask'] = (question) => withNode(flags, context, ({ client }) => question(client));
  const { listenUrl } = await ask((client) => client.nodeInfo());
  return { ask, url: listenUrl, miner: await ask((client) => client.miner()) };
}

/** Waits until all nodes have one tip. Throws `CommandError` where that takes too long. */
async function oneTip(members: readonly LiveMember[]): Promise<{ height: number; hash: string }> {
  const deadlineMs = performance.now() + AGREEMENT_MS;
  for (;;) {
    const tips = await Promise.all(members.map(({ ask }) => ask((client) => client.tip())));
    const [first] = tips;
    if (first && tips.every(({ hash }) => hash === first.hash)) return { height: first.height, hash: first.hash };
    if (performance.now() > deadlineMs) {
      const heights = tips.map(({ height }, i) => `${nameOf(i, members)} at ${orDash(height)}`).join(', ');
      throw new CommandError(
        `the nodes have no common tip ${AGREEMENT_MS / MS_PER_SECOND} s after healing: ${heights}`,
      );
    }
    await sleep(AGREEMENT_LOOK_MS);
  }
}

/** A node of a scenario as people know it: by its port where it is on this machine, else by its URL. */
function nameOf(index: number, members: readonly LiveMember[]): string {
  return orDash(members[index]?.url.replace(/^http:\/\/127\.0\.0\.1:/, ''));
}

function describeAction(action: TimedAction, members: readonly LiveMember[]): string {
  const name = (index: number) => nameOf(index, members);
  switch (action.kind) {
    case 'partition':
      return `partition: ${action.groups.map((group) => group.map(name).join(', ')).join(' | ')}`;
    case 'heal':
      return 'heal: the partition ends';
    case 'links':
      return `links: ${action.links.map(({ from, to }) => `${name(from)} → ${name(to)}`).join(', ')}`;
    case 'hashrate':
      return `hash rate of ${name(action.node)}: ${action.factor} equal shares`;
    case 'crash':
    case 'start':
      return `${action.kind} ${name(action.node)}`;
  }
}
