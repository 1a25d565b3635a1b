import { type Command, Option } from 'commander';
import type { RawValue, RawValues } from '../../server/settings/settings.ts';
import { withValues } from '../completion/with-values.ts';
import { FLAG_VALUES } from './flag-values.ts';

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

const VERIFY_KEYS = ['dataDir', 'network', 'accounts', 'balance', 'accountsMnemonic', 'port', 'config'];

/** Every flag of `forklore node`. */
export const NODE_FLAGS: readonly NodeFlag[] = [
  flag('port', '--port <number>', 'port of the API and of peers; 0 takes any free one (default: 5000)'),
  flag('host', '--host <host>', 'address to listen on (default: 127.0.0.1)'),
  listFlag('peer', '--peer <url...>', 'node to connect to: a port of this machine, host:port or URL; repeatable'),
  flag(
    'discovery',
    '--discovery',
    'find other nodes (default: only on the lab network, and only if the node keeps its chain)',
  ),
  flag('noDiscovery', '--no-discovery', 'connect only to named peers; others may still connect to this node'),
  flag(
    'announce',
    '--announce <url>',
    'URL at which others reach this node, if behind NAT or in a container (default: its address); control then needs the token',
  ),
  flag('dataDir', '--data-dir <folder>', 'folder that keeps the chain (default: one for each network and port)'),
  flag('ephemeral', '--ephemeral', 'keep everything in memory and lose it at exit'),
  flag('network', '--network <name|file>', 'lab, regtest or a network file that ends in .json (default: lab)'),
  flag(
    'accounts',
    '--accounts <number>',
    'number of development accounts, which makes a network of its own with the rules of regtest (default: 10)',
  ),
  flag('balance', '--balance <coins>', 'coins that each of these accounts has from the start (default: 1000)'),
  flag(
    'accountsMnemonic',
    '--mnemonic <words>',
    'mnemonic of these accounts, which the node shows to everyone: never that of a wallet (default: test … junk)',
  ),
  flag(
    'mine',
    '--mine [mode]',
    'mine automatically: continuous, on-transaction, interval:SECONDS or off (without a value: continuous)',
  ),
  flag('miningThreads', '--mining-threads <number>', 'number of mining threads (default: all cores but one)'),
  flag(
    'hashrateLimit',
    '--hashrate-limit <rate>',
    'maximum hashes per second, such as 500k; 0 is no limit (default: 0)',
  ),
  flag('minerAddress', '--miner-address <address>', 'recipient of block rewards: an address or a development account'),
  flag(
    'stratum',
    '--stratum <[host:]port>',
    'let mining programs connect here over Stratum; without a host, only those of this machine (default: none)',
  ),
  flag('verify', '--verify <mode>', 'check of the stored chain at startup: quick or full (default: quick)'),
  flag('reindex', '--reindex', 'rebuild the data folder from its stored blocks'),
  listFlag('allowOrigin', '--allow-origin <url...>', 'web origin that may use the API besides loopback; repeatable'),
  listFlag(
    'allowHost',
    '--allow-host <name...>',
    'host name that requests may use besides loopback names; control then needs the token; repeatable',
  ),
  flag(
    'adminTokenFile',
    '--admin-token-file <file>',
    'file of the token that controls the node, created if missing; local users then need it too',
  ),
  flag('graphiql', '--graphiql', 'serve the playground even if other machines can reach the node'),
  flag(
    'deterministic',
    '--deterministic [seed]',
    'hashes, ids and times that depend on the calls alone; only on networks with controls',
  ),
  flag('loadState', '--load-state <file>', 'begin with the chain of a state file; only for a new chain'),
  flag('logRequests', '--log-requests', 'log a line for each call of the API: what, how long, and how it ended'),
  flag('logLevel', '--log-level <level>', 'trace, debug, info, warn, error, fatal or silent (default: info)'),
  flag('logFormat', '--log-format <format>', 'pretty or json (default: pretty)'),
  flag('name', '--name <name>', 'name of the node'),
  flag(
    'config',
    '--config <file>',
    'JSON file with the same settings in camelCase; flags and environment take precedence',
  ),
];

/** Flags of `forklore node` that only choose a folder in `forklore verify`. */
const VERIFY_DESCRIPTIONS: Readonly<Record<string, string>> = {
  port: 'port of the node whose folder is verified, unless --data-dir names the folder (default: 5000)',
  dataDir: 'folder to verify (default: that of the network and port)',
};

/** The few flags that say which data folder is meant. */
export const VERIFY_FLAGS: readonly NodeFlag[] = NODE_FLAGS.filter(({ key }) => VERIFY_KEYS.includes(key)).map(
  (known) => ({ ...known, description: VERIFY_DESCRIPTIONS[known.key] ?? known.description }),
);

/** Flags of `forklore node` that mean something else for several nodes. */
const CLUSTER_DESCRIPTIONS: Readonly<Record<string, string>> = {
  discovery: 'find other nodes of this machine too; without it, the nodes only connect to each other',
  announce: 'URL at which others reach the first node; the other nodes use the following ports',
  stratum:
    'let mining programs connect to the first node here over Stratum, and to the others at the following ports (default: none)',
};

/** Every flag of `forklore cluster`: its own, and those of its nodes. */
export const CLUSTER_FLAGS: readonly NodeFlag[] = [
  flag('nodes', '--nodes <number>', 'number of nodes (default: 3)'),
  flag('basePort', '--base-port <number>', 'port of the first node; the others take the next ones (default: 5000)'),
  flag(
    'topology',
    '--topology <shape>',
    'connections between the nodes: mesh, line, ring, star or random (default: mesh)',
  ),
  flag('json', '--json', 'print the URLs of everything that runs as one line of JSON, and no banner'),
  ...NODE_FLAGS.filter(({ key }) => key !== 'port').map((known) => ({
    ...known,
    description: CLUSTER_DESCRIPTIONS[known.key] ?? known.description,
  })),
];

/** Flags of `forklore cluster` whose default is another in `forklore start`. */
const START_DESCRIPTIONS: Readonly<Record<string, string>> = {
  basePort: 'port of the first node; ports in use are skipped (default: 5000)',
  dataDir: 'folder that keeps the chains (default: none; everything is lost at exit)',
  mine: 'mine automatically: continuous, on-transaction, interval:SECONDS or off (default: continuous; on regtest interval)',
  miningThreads: 'number of mining threads per node (default: 1)',
  minerAddress:
    'recipient of the block rewards of all nodes: an address or a development account (default: one account for each node, from the last)',
  logLevel: 'trace, debug, info, warn, error, fatal or silent (default: warn, and a line for each block)',
  hashrateLimit: 'maximum hashes per second per node, such as 500k; 0 is no limit (default: 120k, 180k, 240k in turn)',
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
  listFlag('node', '--node <url...>', 'node to show: a port, host:port or URL; repeatable (default: 5000)'),
  listFlag('allowHost', '--allow-host <name...>', 'host name that requests may use besides loopback names; repeatable'),
];

/** Declares flags on a command, without defaults: those are known to the settings, which see all sources. */
export function addFlags(command: Command, flags: readonly NodeFlag[]): Command {
  for (const { key, flags: text, description } of flags) {
    command.addOption(withValues(new Option(text, description), FLAG_VALUES[key]));
  }
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

/** Flags that are not called like their setting: `FORKLORE_MNEMONIC` holds the words of a wallet, which no node may show. */
const FLAG_NAMES: Readonly<Record<string, string>> = { accountsMnemonic: '--mnemonic' };

/** `dataDir` -> `--data-dir`. */
export function flagName(key: string): string {
  return FLAG_NAMES[key] ?? `--${words(key).join('-')}`;
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
