import { requestOf, type SimulateFlags } from '../simulation/request.ts';
import { replayOf, simulateMany } from '../simulation/simulate-many.ts';
import { simulateOne } from '../simulation/simulate-one.ts';
import type { CliContext } from './client-context.ts';

/**
 * `forklore simulate`: runs one simulated network and tells of it, or many and sums up.
 * @returns the exit code of the program
 */
export async function simulate(flags: SimulateFlags, context: CliContext): Promise<number> {
  const request = requestOf(flags);
  if (request.isCampaign) return await simulateMany(request, context);
  const { json, log, runsTwice, blocksFile } = request;
  const plan = request.planOf(request.seeds.first);
  const replay = replayOf(request, { plan, failure: null });
  return await simulateOne({ plan, json, log, runsTwice, blocksFile, replay }, context);
}
