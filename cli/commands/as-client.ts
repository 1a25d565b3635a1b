import { type Command, Option } from 'commander';
import { UsageError } from '../cli-errors.ts';

const NODE_HELP = 'node to ask: a port, host:port or URL; also FORKLORE_NODE (default: 5000)';
const TOKEN_HELP = 'token of a node that others may call; also FORKLORE_ADMIN_TOKEN_FILE';

/** Lets a command that asks nodes explain how one is named to who tries the flag by which one is started. */
export function explainPort(command: Command): Command {
  const explain = (port: string) => {
    throw new UsageError(`unknown option '--port': the node to ask is named by --node ${port}`);
  };
  return command.addOption(new Option('--port <number>').argParser(explain).hideHelp());
}

/** Gives a command what every one has that asks a node: the flags that say which, and an example. */
export function asClient(command: Command, example: string): Command {
  return explainPort(command)
    .addOption(new Option('--node <url>', NODE_HELP))
    .option('--json', 'print the data as JSON and nothing else')
    .addHelpText('after', `\nExample:\n  ${example}`);
}

/** The same for a command that changes a node, which needs its token where others may call the node. */
export function asControl(command: Command, example: string): Command {
  return asClient(command.option('--admin-token-file <file>', TOKEN_HELP), example);
}
