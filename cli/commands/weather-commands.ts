import type { Command } from 'commander';
import { asClient, asControl, explainPort } from './as-client.ts';
import type { CliContext } from './client-context.ts';

/** Registers the commands on the conditions of links, and on scenarios. Each loads its code when it is called. */
export function addWeatherCommands(program: Command, context: CliContext, endWith: (exitCode: number) => void): void {
  addWeather(program, context);
  addScenario(program, context, endWith);
}

function addWeather(program: Command, context: CliContext): void {
  const weather = program
    .command('weather')
    .description('delay, limit, lose or cut what the node sends to others')
    .addHelpText('after', '\nExample:\n  forklore weather set 5001 --delay 50..200');
  asClient(
    weather.command('show').description('show the links of the node that have conditions'),
    'forklore weather show',
  ).action(async (flags) => (await import('./weather.ts')).showWeather(flags, context));
  asControl(
    weather
      .command('set')
      .description('set what messages from the node to another meet, in place of what was set before')
      .argument('<PEER>', 'the other node: id or URL of a peer, or where a node listens')
      .option('--delay <ms>', 'time under way in milliseconds, such as 200, or 50..200 for any between')
      .option('--bytes-per-second <number>', 'rate at which messages leave')
      .option('--loss <probability>', 'of a message, such as 0.01; a lost message breaks the connection')
      .option('--cut', 'no connection at all'),
    'forklore weather set 5001 --delay 50..200 --loss 0.001 --node 5000',
  ).action(async (peer, flags) => (await import('./weather.ts')).setWeather(peer, flags, context));
  asControl(
    weather
      .command('clear')
      .description('end the conditions of one link of the node, or of all')
      .argument('[PEER]', 'the other node: id or URL of a peer, or where a node listens (default: all)'),
    'forklore weather clear 5001 --node 5000',
  ).action(async (peer, flags) => (await import('./weather.ts')).clearWeather(peer, flags, context));
}

function addScenario(program: Command, context: CliContext, endWith: (exitCode: number) => void): void {
  const scenario = withNodes(program.command('scenario'))
    .description('play a scenario file on running nodes, or in the simulator')
    .argument('<FILE>', 'the scenario, in JSON')
    .option('--simulate', 'run it on simulated nodes and a clock of their own instead')
    .option('--json', 'print the data as JSON and nothing else')
    .addHelpText('after', '\nExample:\n  forklore scenario weather.json --node 5000 --node 5001')
    .action(async (file, flags) => endWith(await (await import('./scenario.ts')).playScenario(file, flags, context)));
  withNodes(scenario.command('export'))
    .description('print what running nodes are, as a scenario: connections, hash rates, conditions of links')
    .addHelpText('after', '\nExample:\n  forklore scenario export --node 5000 --node 5001 > mine.json')
    .action(async (_, command: Command) =>
      (await import('./export-scenario.ts')).exportScenario(command.optsWithGlobals(), context),
    );
}

function withNodes(command: Command): Command {
  return explainPort(command)
    .option('--node <url...>', 'each node of the scenario, in its order: a port, host:port or URL; repeatable')
    .option('--admin-token-file <file>', 'token of nodes that others may call; also FORKLORE_ADMIN_TOKEN_FILE');
}
