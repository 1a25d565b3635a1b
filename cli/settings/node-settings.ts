import type { Network } from '../../consensus/genesis.ts';
import type { NodeOptions } from '../../server/node/node-options.ts';
import { dataDirOf, networkOf, nodeOptionsOf, portOf } from '../../server/settings/node-settings.ts';
import type { Environment, RawValues } from '../../server/settings/settings.ts';
import { NODE_FLAGS } from './node-flags.ts';
import { openSettings } from './open-settings.ts';

/** Options of `forklore verify`. */
export interface VerifyOptions {
  /** Absolute path. */
  readonly dataDir: string;
  readonly network: Network;
}

/**
 * The options of a node from flags, `FORKLORE_*` variables, a configuration file and defaults, in this order of
 * strength. Throws `OptionError`.
 */
export function parseNodeOptions(flags: RawValues, environment: Environment): NodeOptions {
  return nodeOptionsOf(openSettings(NODE_FLAGS, flags, environment), environment);
}

/** The folder to verify, from the same sources as a node's. Throws `OptionError`. */
export function parseVerifyOptions(flags: RawValues, environment: Environment): VerifyOptions {
  const settings = openSettings(NODE_FLAGS, flags, environment);
  const network = networkOf(settings);
  return { network, dataDir: dataDirOf(settings, environment, network, portOf(settings)) };
}
