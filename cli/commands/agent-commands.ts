import { type Command, Option } from 'commander';
import { withValues } from '../completion/with-values.ts';
import { NETWORK_NAMES } from '../settings/flag-values.ts';
import { explainPort } from './as-client.ts';
import type { CliContext } from './client-context.ts';

/** Registers what serves agents. It loads its code when it is called. */
export function addAgentCommands(program: Command, context: CliContext): void {
  explainPort(program.command('mcp'))
    .description('serve tools for agents over standard input and output (Model Context Protocol)')
    .option('--node <url...>', 'nodes that may be asked: ports, host:port or URLs; also FORKLORE_NODE (default: 5000)')
    .option('--admin-token-file <file>', 'token of nodes that others may call; also FORKLORE_ADMIN_TOKEN_FILE')
    .option('--from <account>', 'allow sending, from this development account or address of a mnemonic')
    .option('--mnemonic-file <file>', 'file with the words of --from; also FORKLORE_MNEMONIC, the words themselves')
    .option('--account <number>', "index of the mnemonic's key (default: 0)")
    .addOption(
      withValues(
        new Option('--network <name|file>', 'send on this network only: lab, regtest or a .json file'),
        NETWORK_NAMES,
      ),
    )
    .addHelpText('after', '\nExample:\n  forklore mcp --node 5000 5001 --from Alice')
    .action(async (flags) => (await import('./run-mcp.ts')).runMcp(flags, context));
}
