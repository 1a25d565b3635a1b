import type { Address } from '../consensus/address.ts';
import { COIN } from '../consensus/amount.ts';
import { customNetwork } from '../consensus/custom-network.ts';
import type { Network } from '../consensus/genesis.ts';

/**
 * A network whose first blocks are as easy as those of regtest, and whose difficulty follows a schedule: a block that
 * comes sooner than planned makes the next one harder.
 */
export function hurryNetwork(allocations: ReadonlyMap<Address, bigint> = new Map()): Network {
  return customNetwork({
    name: 'hurry',
    addressPrefix: 'hur',
    allocations,
    spacingSeconds: 10,
    halfLifeSeconds: 10,
    bits: 0x207f_ffff,
    retarget: true,
    futureLimitSeconds: 7_200,
    initialSubsidy: 50n * COIN,
    halvingInterval: 1_000,
    genesisTime: 1_767_225_600,
    genesisNonce: 0,
    developmentAccounts: null,
    controls: false,
  });
}
