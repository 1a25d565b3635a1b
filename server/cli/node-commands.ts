import type { Command } from 'commander';
import type { CliContext } from './client-context.ts';
import { addFlags, CLUSTER_FLAGS, givenFlags, NODE_FLAGS, VERIFY_FLAGS } from './node-flags.ts';

/** Told how a command ended that has exit codes of its own. */
type EndWith = (exitCode: number) => void;

/**
 * Registers the commands that run nodes or work on their folders. Each loads its code when it is called: client
 * commands need neither the store nor the network.
 */
export function addNodeCommands(program: Command, { environment }: CliContext, endWith: EndWith): void {
  addFlags(program.command('node').description('run a node'), NODE_FLAGS)
    .addHelpText('after', '\nExample:\n  forklore node --port 5001 --peer http://127.0.0.1:5000 --mine')
    .action(async (_flags, command: Command) => {
      const { parseNodeOptions } = await import('../config.ts');
      const options = parseNodeOptions(givenFlags(command, NODE_FLAGS), environment);
      endWith(await (await import('../run-node.ts')).runNode(options));
    });
  addFlags(program.command('cluster').description('run several nodes in one process'), CLUSTER_FLAGS)
    .addHelpText('after', '\nExample:\n  forklore cluster --nodes 5 --topology ring')
    .action(async (_flags, command: Command) => {
      const { parseClusterOptions } = await import('../config.ts');
      const { systemRandom } = await import('../driver.ts');
      const options = parseClusterOptions(givenFlags(command, CLUSTER_FLAGS), environment, systemRandom());
      endWith(await (await import('../cluster/run-cluster.ts')).runCluster(options));
    });
  addFlags(program.command('verify').description('replay a data folder from genesis and report'), VERIFY_FLAGS)
    .addHelpText('after', '\nExample:\n  forklore verify --port 5001')
    .action(async (_flags, command: Command) => {
      const { parseVerifyOptions } = await import('../config.ts');
      const options = parseVerifyOptions(givenFlags(command, VERIFY_FLAGS), environment);
      endWith(await (await import('../run-verify.ts')).runVerify(options));
    });
}
