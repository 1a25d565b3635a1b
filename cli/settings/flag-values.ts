import { TOPOLOGIES } from '../../server/cluster/topology.ts';
import { LOG_FORMATS, LOG_LEVELS, VERIFY_MODES } from '../../server/node/node-options.ts';

/** Networks that have a name. */
export const NETWORK_NAMES: readonly string[] = ['lab', 'regtest'];
/** Modes of mining as they are written; of the intervals, one of many. */
export const MINING_MODES: readonly string[] = ['continuous', 'on-transaction', 'interval:10', 'off'];

/** What a shell can complete of the flags whose values are words, by the flag's key. */
export const FLAG_VALUES: Readonly<Record<string, readonly string[]>> = {
  network: NETWORK_NAMES,
  mine: MINING_MODES,
  verify: VERIFY_MODES,
  logLevel: LOG_LEVELS,
  logFormat: LOG_FORMATS,
  topology: TOPOLOGIES,
};
