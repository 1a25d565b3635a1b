import type { GraphQLError } from 'graphql';
import type { BlockContext } from '../../consensus/block-context.ts';
import { assertInvariant } from '../../consensus/errors.ts';
import type { Hash } from '../../consensus/hash.ts';
import { MAX_RESTARTS, MAX_WAITING_PER_CLIENT, type NoSimulation, Simulations } from '../contracts/simulations.ts';
import type { NodeContext } from '../node/node-context.ts';
import type { ApiContext } from './builder.ts';
import { callerGone, tooMuch } from './errors.ts';
import { FairQueue } from './fair-queue.ts';

const queue = new FairQueue();
const simulations = new WeakMap<NodeContext, Simulations>();

/** The places of a node in which contracts are executed for callers of the API. */
export function simulationsOf(node: NodeContext): Simulations {
  const known = simulations.get(node) ?? new Simulations();
  simulations.set(node, known);
  return known;
}

/** Waits until the next slice of an execution may run; false once nobody waits for its outcome. */
export function turnsOf({ requester }: ApiContext): () => Promise<boolean> {
  return async () => {
    await queue.waitForTurn(requester);
    return requester?.connection.destroyed !== true;
  };
}

/** What a child of a known block sees of the chain. */
export function childContext(node: NodeContext, parent: Hash): BlockContext {
  const context = node.contextAbove(parent);
  assertInvariant(context !== undefined, `block ${parent} is known`);
  return context;
}

/** Why there is no outcome, as callers see it. */
export function noSimulation({ code }: NoSimulation): GraphQLError {
  switch (code) {
    case 'caller-gone':
      return callerGone();
    case 'too-many':
      return tooMuch(`${MAX_WAITING_PER_CLIENT} of your simulations are waiting; try again`);
    case 'tip-moves':
      return tooMuch(`the tip has moved ${MAX_RESTARTS + 1} times while the call was executed; try again`);
  }
}
