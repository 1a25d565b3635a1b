import { type Command, Option } from 'commander';

const NODE_HELP = 'node to ask: a port, host:port or URL; also FORKLORE_NODE (default: 5000)';
const TOKEN_HELP = 'token of a node that others may call; also FORKLORE_ADMIN_TOKEN_FILE';

/** Gives a command what every one has that asks a node: the flags that say which, and an example. */
export function asClient(command: Command, example: string): Command {
  return command
    .addOption(new Option('--node <url>', NODE_HELP))
    .option('--json', 'print the data as JSON and nothing else')
    .addHelpText('after', `\nExample:\n  ${example}`);
}

/** The same for a command that changes a node, which needs its token where others may call the node. */
export function asControl(command: Command, example: string): Command {
  return asClient(command.option('--admin-token-file <file>', TOKEN_HELP), example);
}
