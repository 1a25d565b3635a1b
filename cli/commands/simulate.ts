import { requestOf, type SimulateFlags } from '../simulation/request.ts';
import { replayOf, simulateMany } from '../simulation/simulate-many.ts';
import { simulateOne } from '../simulation/simulate-one.ts';
import type { CliContext } from './client-context.ts';

const NO_TRANSACTIONS =
  '--contracts is a share of the transactions, and this run submits none; --transactions NUMBER submits so many in a minute';

/**
 * `forklore simulate`: runs one simulated network and tells of it, or many and sums up.
 * @returns the exit code of the program
 */
export async function simulate(flags: SimulateFlags, context: CliContext): Promise<number> {
  const request = requestOf(flags);
  const plan = request.planOf(request.seeds.first);
  if (plan.contractShare > 0 && plan.transactionsPerMinute === 0)
    context.terminal.printError(`warning: ${NO_TRANSACTIONS}`);
  if (request.isCampaign) return await simulateMany(request, context);
  const { json, log, runsTwice, blocksFile } = request;
  const replay = replayOf(request, { plan, failure: null });
  return await simulateOne({ plan, json, log, runsTwice, blocksFile, replay }, context);
}
