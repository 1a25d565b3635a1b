import type { Command } from 'commander';
import type { Environment } from '../../server/settings/settings.ts';
import {
  addFlags,
  CLUSTER_FLAGS,
  DASHBOARD_FLAGS,
  givenFlags,
  NODE_FLAGS,
  START_FLAGS,
  VERIFY_FLAGS,
} from '../settings/node-flags.ts';
import type { CliContext } from './client-context.ts';

/** Told how a command ended that has exit codes of its own. */
type EndWith = (exitCode: number) => void;

/**
 * Registers the commands that run nodes, show them or work on their folders. Each loads its code when it is called:
 * client commands need neither the store nor the network.
 */
export function addNodeCommands(program: Command, context: CliContext, endWith: EndWith): void {
  const { environment } = context;
  addNode(program, environment, endWith);
  addClusters(program, environment, endWith);
  addDashboard(program, context, endWith);
}

function addNode(program: Command, environment: Environment, endWith: EndWith): void {
  addFlags(program.command('node').description('run a node'), NODE_FLAGS)
    .addHelpText('after', '\nExample:\n  forklore node --port 5001 --peer http://127.0.0.1:5000 --mine')
    .action(async (_flags, command: Command) => {
      const { parseNodeOptions } = await import('../settings/node-settings.ts');
      const options = parseNodeOptions(givenFlags(command, NODE_FLAGS), environment);
      endWith(await (await import('./run-node.ts')).runNode(options));
    });
  addFlags(program.command('verify').description('replay a data folder from genesis and report'), VERIFY_FLAGS)
    .addHelpText('after', '\nExample:\n  forklore verify --port 5001')
    .action(async (_flags, command: Command) => {
      const { parseVerifyOptions } = await import('../settings/node-settings.ts');
      const options = parseVerifyOptions(givenFlags(command, VERIFY_FLAGS), environment);
      endWith(await (await import('./run-verify.ts')).runVerify(options));
    });
}

function addClusters(program: Command, environment: Environment, endWith: EndWith): void {
  addFlags(program.command('cluster').description('run several nodes in one process'), CLUSTER_FLAGS)
    .addHelpText('after', '\nExample:\n  forklore cluster --nodes 5 --topology ring')
    .action(async (_flags, command: Command) => {
      const { parseClusterOptions } = await import('../settings/cluster-settings.ts');
      const { systemRandom } = await import('../../server/node/driver.ts');
      const options = parseClusterOptions(givenFlags(command, CLUSTER_FLAGS), environment, systemRandom());
      endWith(await (await import('./run-cluster.ts')).runCluster(options));
    });
  addFlags(program.command('start').description('run several nodes that mine, and the dashboard'), START_FLAGS)
    .addHelpText('after', '\nExample:\n  forklore start --nodes 5 --topology ring --data-dir my-network')
    .action(async (_flags, command: Command) => {
      const { parseStartOptions } = await import('../settings/dashboard-settings.ts');
      const { systemRandom } = await import('../../server/node/driver.ts');
      const options = parseStartOptions(givenFlags(command, START_FLAGS), environment, systemRandom());
      endWith(await (await import('./run-start.ts')).runStart(options));
    });
}

function addDashboard(program: Command, context: CliContext, endWith: EndWith): void {
  addFlags(program.command('dashboard').description('serve the dashboard, which shows running nodes'), DASHBOARD_FLAGS)
    .addHelpText('after', '\nExample:\n  forklore dashboard --node http://127.0.0.1:5000 --node http://127.0.0.1:5001')
    .action(async (_flags, command: Command) => {
      const { parseDashboardOptions } = await import('../settings/dashboard-settings.ts');
      const options = parseDashboardOptions(givenFlags(command, DASHBOARD_FLAGS), context.environment);
      endWith(await (await import('./run-dashboard.ts')).runDashboard(options, context));
    });
}
