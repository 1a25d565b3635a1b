import { succeeded } from '../../client/client-error.ts';
import { ClearWeatherMutation, SetWeatherMutation } from '../../client/documents.ts';
import type { LinkConditions } from '../../client/link-conditions.ts';
import type { NodeState } from './node.svelte.ts';

/** Conditions that change nothing. */
export const UNCHANGED: LinkConditions = { delayMs: [0, 0], bytesPerSecond: null, loss: 0, cut: false };

/** Whether a node takes orders from this page. */
export function mayOrder({ isOnline, info }: NodeState): boolean {
  return isOnline && info?.mayControl === true;
}

/** What messages from a node to another meet, as the first one says; null: nothing. */
export function conditionsTowards(from: NodeState, to: NodeState): LinkConditions | null {
  return from.weather.find(({ url }) => to.isCalled(url))?.conditions ?? null;
}

/** Orders the sender to keep these conditions on its way to another node, in place of all others. */
export async function setConditions(
  from: NodeState,
  to: NodeState,
  conditions: LinkConditions,
  signal: AbortSignal,
): Promise<void> {
  const order = { peer: addressOf(from, to), conditions: { ...conditions, delayMs: [...conditions.delayMs] } };
  const data = await from.link?.mutate(SetWeatherMutation, order, signal);
  if (data) succeeded(data.setLinkConditions);
}

/** Orders a node to end the conditions of its way to the node at a URL. */
export async function clearConditions(from: NodeState, url: string, signal: AbortSignal): Promise<void> {
  const data = await from.link?.mutate(ClearWeatherMutation, { peer: url }, signal);
  if (data) succeeded(data.clearLinkConditions);
}

/** Waits for all, so that one that fails stops no other; throws the first error then. */
export async function allOf(orders: readonly Promise<void>[]): Promise<void> {
  const ended = await Promise.allSettled(orders);
  const failed = ended.find((each) => each.status === 'rejected');
  if (failed) throw failed.reason;
}

/** Where a node knows another to listen: this page may reach it by another URL. */
function addressOf(from: NodeState, to: NodeState): string {
  const known = [...from.weather, ...from.peers].find(({ url }) => url !== null && to.isCalled(url));
  return known?.url ?? to.info?.listenUrl ?? to.url;
}
