import type { Command } from 'commander';
import { asControl } from './as-client.ts';
import type { CliContext } from './client-context.ts';

/** Registers the commands that change a running node. Each loads its code when it is called. */
export function addControlCommands(program: Command, context: CliContext): void {
  addPeerCommands(program, context);
  addBlockMarks(program, context);
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
