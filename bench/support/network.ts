import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Address, formatAddress } from '../../consensus/address.ts';
import type { Network } from '../../consensus/genesis.ts';
import { parseNetworkFile } from '../../server/settings/network-file.ts';
import { temporaryFolder } from '../../testing/processes.ts';
import { type BenchAccount, benchAccounts } from './accounts.ts';

/** Every second hash is a block, as on regtest. */
export const EASY_BITS = '0x207fffff';
/** Nobody finds a block while it is measured. */
export const HOPELESS_BITS = '0x1b00ffff';
const COINS_EACH = '1000000';
const ACCOUNTS = 512;
const PREFIX = 'blore';
const MINER: Address = 'ee'.repeat(20);

/** A network of its own with many funded accounts, and the file that nodes are started with. */
export interface BenchNetwork {
  readonly params: Network;
  readonly accounts: readonly BenchAccount[];
  readonly file: string;
  /** Who is paid for blocks that nodes mine. */
  readonly minerAddress: string;
}

/** @param bits compact target of every block */
export function benchNetwork(bits: string = EASY_BITS): BenchNetwork {
  const accounts = benchAccounts(ACCOUNTS);
  const text = JSON.stringify({
    name: 'bench',
    addressPrefix: PREFIX,
    allocations: accounts.map(({ address }) => ({ address: formatAddress(address, PREFIX), coins: COINS_EACH })),
    spacingSeconds: 10,
    halfLifeSeconds: 120,
    bits,
    retarget: false,
    subsidy: '50',
    halvingInterval: 1_000_000,
    futureLimitSeconds: 7_200,
    genesisTime: 1_767_225_600,
  });
  const file = join(temporaryFolder(), 'network.json');
  writeFileSync(file, text);
  return { params: parseNetworkFile(text), accounts, file, minerAddress: formatAddress(MINER, PREFIX) };
}
