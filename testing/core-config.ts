import { REGTEST } from '../consensus/networks.ts';
import type { MinerOptions } from '../protocol/miner.ts';
import type { NodeConfig } from '../protocol/node.ts';

/** The configuration of a core of regtest that knows no peers, and mines nothing unless `miner` says so. */
export function coreConfig(miner: Partial<MinerOptions> = {}): NodeConfig {
  const idle: MinerOptions = {
    mode: 'off',
    threads: 1,
    hashrateLimit: 0,
    intervalMs: 1_000,
    recipient: null,
    tag: new Uint8Array(),
  };
  return {
    params: REGTEST,
    listenUrl: null,
    userAgent: 'test',
    peers: [],
    learnAddresses: false,
    miner: { ...idle, ...miner },
  };
}
