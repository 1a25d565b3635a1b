import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Network } from '../../consensus/genesis.ts';
import { LAB, REGTEST } from '../../consensus/networks.ts';
import { OptionError } from '../process/expected-error.ts';

/** Digits of the genesis hash that tell networks of the same name apart in the default data folder. */
const FOLDER_HASH_DIGITS = 8;
/** Beside the folders of networks: those of network files end in digits of a hash. */
const TOKEN_FOLDER = 'admin-tokens';

/**
 * Default data folder of a node: one per network and port. Throws `OptionError` if the user has no home folder.
 */
export function defaultDataDir(
  network: Network,
  port: number,
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): string {
  return join(dataHome(environment, platform), networkFolder(network), String(port));
}

/**
 * Default token file of a node that keeps its chain: one per network and port, wherever its data folder is. Throws
 * `OptionError` if the user has no home folder.
 */
export function defaultTokenFile(
  network: Network,
  port: number,
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): string {
  return join(dataHome(environment, platform), TOKEN_FOLDER, networkFolder(network), String(port));
}

/** The program's folder in the user's home. Throws `OptionError` if the user has no home folder. */
export function dataHome(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (platform === 'darwin') return join(homeOf(environment), 'Library', 'Application Support', 'forklore');
  if (platform === 'win32') {
    return join(environment.LOCALAPPDATA || join(homeOf(environment), 'AppData', 'Local'), 'forklore');
  }
  // The XDG base directory specification has relative paths ignored.
  const xdg = environment.XDG_DATA_HOME;
  return join(xdg && isAbsolute(xdg) ? xdg : join(homeOf(environment), '.local', 'share'), 'forklore');
}

/** Called only if needed: a user in a container may have neither a name nor a home. */
function homeOf(environment: NodeJS.ProcessEnv): string {
  if (environment.HOME) return environment.HOME;
  try {
    return homedir();
  } catch {
    throw new OptionError(
      'this user has no home folder to keep the chain in: choose a folder with --data-dir, or use --ephemeral',
    );
  }
}

/** The name of a network file is free text and not unique, so it cannot name a folder alone. */
function networkFolder(network: Network): string {
  if (network === LAB || network === REGTEST) return network.name;
  const safeName = network.name.replace(/[^A-Za-z0-9_-]/g, '_');
  return `${safeName}-${network.genesis.hash.slice(0, FOLDER_HASH_DIGITS)}`;
}
