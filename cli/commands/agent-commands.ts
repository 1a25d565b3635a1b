import type { Command } from 'commander';
import { explainPort } from './as-client.ts';
import { addKeyOptions } from './client-commands.ts';
import type { CliContext } from './client-context.ts';

/** Registers what serves agents. It loads its code when it is called. */
export function addAgentCommands(program: Command, context: CliContext): void {
  const command = explainPort(program.command('mcp'))
    .description('serve tools for agents over standard input and output (Model Context Protocol)')
    .option('--node <url...>', 'nodes that may be asked: ports, host:port or URLs; also FORKLORE_NODE (default: 5000)')
    .option('--admin-token-file <file>', 'token of nodes that others may call; also FORKLORE_ADMIN_TOKEN_FILE')
    .option('--from <account>', 'allow sending, from this development account or address of a mnemonic')
    .option('--mnemonic-file <file>', 'file with the words of --from; also FORKLORE_MNEMONIC, the words themselves');
  addKeyOptions(command)
    .addHelpText('after', '\nExample:\n  forklore mcp --node 5000 5001 --from Alice')
    .action(async (flags) => (await import('./run-mcp.ts')).runMcp(flags, context));
}
