import { Argument, type Command, Option } from 'commander';
import { withValues } from '../completion/with-values.ts';
import { MINING_MODES } from '../settings/flag-values.ts';
import { asClient, asControl } from './as-client.ts';
import type { CliContext } from './client-context.ts';

/** Registers the commands that change a running node. Each loads its code when it is called. */
export function addControlCommands(program: Command, context: CliContext): void {
  addPeerCommands(program, context);
  addBlockMarks(program, context);
  addMining(program, context);
}

function addPeerCommands(program: Command, context: CliContext): void {
  asControl(
    program
      .command('connect')
      .description('let the node connect to another')
      .argument('<URL>', 'the other node: a port of this machine, host:port or URL'),
    'forklore connect 5011 --node 5010',
  ).action(async (url, flags) => (await import('./change-peers.ts')).connectPeer(url, flags, context));
  asControl(
    program
      .command('disconnect')
      .description('end the connection of the node to a peer')
      .argument('<PEER>', 'id or URL of the peer, as forklore peers shows them'),
    'forklore disconnect http://127.0.0.1:5011 --node 5010',
  ).action(async (peer, flags) => (await import('./change-peers.ts')).disconnectPeer(peer, flags, context));
}

function addBlockMarks(program: Command, context: CliContext): void {
  asControl(
    program
      .command('invalidate')
      .description('mark a block and all that build on it as invalid on this node')
      .argument('<BLOCK>', 'hash of any block, or height on the active chain'),
    'forklore invalidate 12',
  ).action(async (block, flags) => (await import('./mark-block.ts')).invalidateBlock(block, flags, context));
  asControl(
    program
      .command('reconsider')
      .description('take back that a block is marked as invalid')
      .argument('<BLOCK>', 'hash of the block, or height where only one block is invalid'),
    'forklore reconsider 12',
  ).action(async (block, flags) => (await import('./mark-block.ts')).reconsiderBlock(block, flags, context));
}

function addMining(program: Command, context: CliContext): void {
  const mining = program
    .command('mining')
    .description('show and change how the node mines by itself')
    .addHelpText('after', '\nExample:\n  forklore mining start interval:10');
  asClient(
    mining.command('show').description('show settings and speed of the miner'),
    'forklore mining show --json',
  ).action(async (flags) => (await import('./change-mining.ts')).showMining(flags, context));
  const start = mining
    .command('start')
    .description('let the node mine from now on')
    .addArgument(
      withValues(
        new Argument('[MODE]', 'continuous, on-transaction or interval:SECONDS (default: continuous)'),
        MINING_MODES,
      ),
    );
  asControl(withMinerOptions(start), 'forklore mining start interval:10 --address Alice').action(async (mode, flags) =>
    (await import('./change-mining.ts')).startMining(mode, flags, context),
  );
  asControl(
    mining.command('stop').description('let the node mine only when it is told to'),
    'forklore mining stop',
  ).action(async (flags) => (await import('./change-mining.ts')).stopMining(flags, context));
  const set = mining
    .command('set')
    .description('change some settings of the miner, and leave the others')
    .addOption(
      withValues(
        new Option('--mode <mode>', 'when it mines: continuous, on-transaction, interval:SECONDS or off'),
        MINING_MODES,
      ),
    )
    .option('--interval <seconds>', 'seconds between blocks in the mode interval');
  asControl(withMinerOptions(set), 'forklore mining set --threads 2 --hashrate-limit 500k').action(async (flags) =>
    (await import('./change-mining.ts')).setMining(flags, context),
  );
}

function withMinerOptions(command: Command): Command {
  return command
    .option('--threads <number>', 'number of mining threads')
    .option('--hashrate-limit <rate>', 'maximum hashes per second, such as 500k; 0 is no limit')
    .option('--address <address>', 'who is paid: an address or development account');
}
