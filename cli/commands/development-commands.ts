import type { Command } from 'commander';
import { asClient, asControl, explainPort } from './as-client.ts';
import type { CliContext } from './client-context.ts';

const SNAPSHOT_HELP = 'id of the snapshot, its beginning or its end, as forklore snapshot list shows it; or latest';

/** Registers the commands for networks with development controls. Each loads its code when it is called. */
export function addDevelopmentCommands(program: Command, context: CliContext): void {
  addSnapshots(program, context);
  asControl(
    program
      .command('time')
      .description('show the wall clock of the node, or move it')
      .option('--increase <duration>', 'move it forwards by seconds, or by such as 10m, 1h or 2d')
      .option('--set <time>', 'set it, such as 2030-01-01T12:00:00Z')
      .option('--next-block <time>', 'give the next block that the node mines exactly this time'),
    'forklore time --increase 1h',
  ).action(async (flags) => (await import('./change-time.ts')).showTime(flags, context));
  asControl(
    program.command('drop').description('take a transaction out of the mempool').argument('<ID>', 'transaction id'),
    'forklore drop 6b8c3d1e5f7a902b4c6d8e0f1a3b5c7d9e1f2a4b6c8d0e2f3a5b7c9d1e3f5a7b',
  ).action(async (id, flags) => (await import('./drop-transaction.ts')).dropTransaction(id, flags, context));
}

function addSnapshots(program: Command, context: CliContext): void {
  const snapshot = program
    .command('snapshot')
    .description('remember the state of the node, and go back to it')
    .addHelpText('after', '\nExample:\n  forklore snapshot take');
  asControl(
    snapshot.command('take').description('remember the state of the node and print the id of the snapshot'),
    'forklore snapshot take',
  ).action(async (flags) => (await import('./snapshots.ts')).takeSnapshot(flags, context));
  asClient(
    snapshot.command('list').description('show the snapshots that the node keeps'),
    'forklore snapshot list',
  ).action(async (flags) => (await import('./snapshots.ts')).listSnapshots(flags, context));
  asControl(
    snapshot
      .command('revert')
      .description('go back to a snapshot, as often as you like')
      .argument('<ID>', SNAPSHOT_HELP),
    'forklore snapshot revert latest',
  ).action(async (id, flags) => (await import('./snapshots.ts')).revertToSnapshot(id, flags, context));
  asControl(
    snapshot
      .command('drop')
      .description('let the node forget a snapshot, which gives its memory back')
      .argument('<ID>', SNAPSHOT_HELP),
    'forklore snapshot drop latest',
  ).action(async (id, flags) => (await import('./snapshots.ts')).dropSnapshot(id, flags, context));
  withFile(
    snapshot
      .command('save')
      .description('take a snapshot of one or several nodes and write it to a new file')
      .option('--overwrite', 'replace the file where it exists'),
    'forklore snapshot save fork.state --node 5010 --node 5011',
  ).action(async (file, flags) => (await import('./snapshot-files.ts')).saveSnapshots(file, flags, context));
  withFile(
    snapshot.command('load').description('give each node its state of such a file, in the order of the file'),
    'forklore snapshot load fork.state --node 5010 --node 5011',
  ).action(async (file, flags) => (await import('./snapshot-files.ts')).loadSnapshots(file, flags, context));
}

/** A command on a state file, which may hold the states of several nodes. */
function withFile(command: Command, example: string): Command {
  return explainPort(command)
    .argument('<FILE>', 'the state file')
    .option('--node <url...>', 'node: a port, host:port or URL; repeatable; also FORKLORE_NODE (default: 5000)')
    .option('--admin-token-file <file>', 'token of nodes that others may call; also FORKLORE_ADMIN_TOKEN_FILE')
    .option('--json', 'print the data as JSON and nothing else')
    .addHelpText('after', `\nExample:\n  ${example}`);
}
