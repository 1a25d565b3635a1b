import { json } from '../output/output.ts';
import { type ObservedNode, scenarioOf } from '../scenario/export-scenario.ts';
import { type CliContext, withNode } from './client-context.ts';
import type { ScenarioFlags } from './scenario.ts';

/** `forklore scenario export`: prints what running nodes are, as a scenario. */
export async function exportScenario({ node, ...flags }: ScenarioFlags, context: CliContext): Promise<void> {
  const observed: ObservedNode[] = [];
  const nodes = node === undefined ? [flags] : node.map((each) => ({ ...flags, node: each }));
  for (const one of nodes) {
    observed.push(
      await withNode(one, context, async ({ client }) => ({
        info: await client.nodeInfo(),
        miner: await client.miner(),
        peers: await client.peers(),
        links: await client.linkConditions(),
      })),
    );
  }
  context.terminal.print(json(scenarioOf(observed)));
}
