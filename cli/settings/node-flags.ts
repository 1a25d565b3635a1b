import type { Command } from 'commander';

/** A setting that can be given as a flag, as an environment variable or in a configuration file. */
export interface NodeFlag {
  /** Name in a configuration file; `FORKLORE_` and the same in capitals is the environment variable. */
  readonly key: string;
  /** Takes several values. */
  readonly isList: boolean;
  /** As commander takes it. */
  readonly flags: string;
  readonly description: string;
}

/** A value as it came from a flag, a variable or a file, before it is parsed. */
export type RawValue = string | boolean | readonly string[];
/** Raw values by the flag's key. */
export type RawValues = ReadonlyMap<string, RawValue>;

const VERIFY_KEYS = ['dataDir', 'network', 'port', 'config'];

/** Every flag of `forklore node`. */
export const NODE_FLAGS: readonly NodeFlag[] = [
  flag('port', '--port <number>', 'port of the API and of peers; 0 takes any free one (default: 5000)'),
  flag('host', '--host <host>', 'address to listen on (default: 127.0.0.1)'),
  listFlag('peer', '--peer <url...>', 'node to connect to, such as http://127.0.0.1:5000; repeatable'),
  flag(
    'discovery',
    '--discovery',
    'look for other nodes; by itself only a node of the lab network does that keeps its chain',
  ),
  flag('noDiscovery', '--no-discovery', 'connect only to peers that are named or that connect by themselves'),
  flag(
    'announce',
    '--announce <url>',
    'where others reach this node: behind NAT, in a container (default: by its address); control then needs the token',
  ),
  flag(
    'dataDir',
    '--data-dir <folder>',
    'where the chain is kept (default: a folder of its own for each network and port)',
  ),
  flag('ephemeral', '--ephemeral', 'keep everything in memory and forget it at the end'),
  flag('network', '--network <name|file>', 'lab, regtest or a network file that ends in .json (default: lab)'),
  flag(
    'mine',
    '--mine [mode]',
    'mine by itself: continuous, on-transaction, interval:SECONDS or off (alone: continuous)',
  ),
  flag('miningThreads', '--mining-threads <number>', 'threads that mine (default: all cores but one)'),
  flag('hashrateLimit', '--hashrate-limit <rate>', 'most hashes per second, such as 500k; 0 is no limit (default: 0)'),
  flag('minerAddress', '--miner-address <address>', 'who is paid for blocks: an address or a development account'),
  flag('verify', '--verify <mode>', 'check of the stored chain at start: quick or full (default: quick)'),
  flag('reindex', '--reindex', 'rebuild everything from the stored blocks'),
  listFlag('allowOrigin', '--allow-origin <url...>', 'web origin that may use the API besides loopback; repeatable'),
  listFlag(
    'allowHost',
    '--allow-host <name...>',
    'host name that the node may be called by besides loopback; control then needs the token; repeatable',
  ),
  flag(
    'adminTokenFile',
    '--admin-token-file <file>',
    'token that whoever controls the node then needs; created when missing',
  ),
  flag('graphiql', '--graphiql', 'serve the playground also where others may call'),
  flag('logLevel', '--log-level <level>', 'trace, debug, info, warn, error, fatal or silent (default: info)'),
  flag('logFormat', '--log-format <format>', 'pretty or json (default: pretty)'),
  flag('name', '--name <name>', 'what the node calls itself'),
  flag('config', '--config <file>', 'JSON file with the same settings in camelCase; flags and environment win'),
];

/** The few flags that say which data folder is meant. */
export const VERIFY_FLAGS = NODE_FLAGS.filter(({ key }) => VERIFY_KEYS.includes(key));

/** Flags of `forklore node` that mean something else for several nodes. */
const CLUSTER_DESCRIPTIONS: Readonly<Record<string, string>> = {
  discovery: 'look for other nodes of this machine too; without it the nodes find only each other',
  announce: 'where others reach the first node; the ports of the others follow it as those where they listen do',
};

/** Every flag of `forklore cluster`: its own, and those of its nodes. */
export const CLUSTER_FLAGS: readonly NodeFlag[] = [
  flag('nodes', '--nodes <number>', 'how many nodes to run (default: 3)'),
  flag('basePort', '--base-port <number>', 'port of the first node; the others take the next ones (default: 5000)'),
  flag('topology', '--topology <shape>', 'who is connected to whom: mesh, line, ring, star or random (default: mesh)'),
  flag('json', '--json', 'print the URLs of everything that runs as one line of JSON, and no banner'),
  ...NODE_FLAGS.filter(({ key }) => key !== 'port').map((known) => ({
    ...known,
    description: CLUSTER_DESCRIPTIONS[known.key] ?? known.description,
  })),
];

/** Flags of `forklore cluster` whose default is another in `forklore start`. */
const START_DESCRIPTIONS: Readonly<Record<string, string>> = {
  basePort: 'port of the first node; ports that are taken are passed over (default: 5000)',
  dataDir: 'where the chains are kept (default: nowhere: everything is forgotten at the end)',
  mine: 'mine by itself: continuous, on-transaction, interval:SECONDS or off (default: continuous; on regtest by the clock)',
  miningThreads: 'threads of each node that mine (default: 1)',
  logLevel: 'trace, debug, info, warn, error, fatal or silent (default: warn, and a line for each block)',
  hashrateLimit: 'most hashes per second of each node, such as 500k; 0 is no limit (default: 120k, 180k, 240k in turn)',
};

/** Every flag of `forklore start`: its own, and those of a cluster. */
export const START_FLAGS: readonly NodeFlag[] = [
  flag(
    'dashboardPort',
    '--dashboard-port <number>',
    'port of the dashboard; 0 takes any free one (default: 8000, or the next free)',
  ),
  ...CLUSTER_FLAGS.map((known) => ({ ...known, description: START_DESCRIPTIONS[known.key] ?? known.description })),
];

/** Every flag of `forklore dashboard`. */
export const DASHBOARD_FLAGS: readonly NodeFlag[] = [
  flag('port', '--port <number>', 'port of the dashboard; 0 takes any free one (default: 8000)'),
  flag('host', '--host <host>', 'address to listen on (default: 127.0.0.1)'),
  listFlag('node', '--node <url...>', 'node to show; repeatable (default: http://127.0.0.1:5000)'),
  listFlag(
    'allowHost',
    '--allow-host <name...>',
    'host name that the dashboard may be called by besides loopback; repeatable',
  ),
];

/** Declares flags on a command, without defaults: those are known to the settings, which see all sources. */
export function addFlags(command: Command, flags: readonly NodeFlag[]): Command {
  for (const { flags: text, description } of flags) command.option(text, description);
  return command;
}

/** What the user gave of these flags on the command line. */
export function givenFlags(command: Command, flags: readonly NodeFlag[]): RawValues {
  const given = new Map<string, RawValue>();
  for (const { key, flags: text } of flags) {
    const option = command.options.find((candidate) => candidate.flags === text);
    const attribute = option?.attributeName() ?? key;
    if (command.getOptionValueSource(attribute) !== 'cli') continue;
    const value: RawValue = command.getOptionValue(attribute);
    // `--discovery` and `--no-discovery` share a value; the last one on the line is meant.
    if (option?.negate) {
      if (value === false) given.set(key, true);
    } else if (value !== false) {
      given.set(key, value);
    }
  }
  return given;
}

/** `dataDir` -> `--data-dir`. */
export function flagName(key: string): string {
  return `--${words(key).join('-')}`;
}

/** `dataDir` -> `FORKLORE_DATA_DIR`. */
export function variableName(key: string): string {
  return `FORKLORE_${words(key).join('_').toUpperCase()}`;
}

function words(key: string): string[] {
  return key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).split(' ');
}

function flag(key: string, flags: string, description: string): NodeFlag {
  return { key, isList: false, flags, description };
}

function listFlag(key: string, flags: string, description: string): NodeFlag {
  return { key, isList: true, flags, description };
}
