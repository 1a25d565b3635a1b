import { parseNetworkFile } from '../cli/settings/network-file.ts';
import { type Address, formatAddress } from '../consensus/address.ts';
import { formatAmount } from '../consensus/amount.ts';
import type { Network } from '../consensus/genesis.ts';

const PREFIX = 'hur';

/**
 * A network whose first blocks are as easy as those of regtest, and whose difficulty follows a schedule: a block that
 * comes sooner than planned makes the next one harder.
 */
export function hurryNetwork(allocations: ReadonlyMap<Address, bigint> = new Map()): Network {
  return parseNetworkFile(
    JSON.stringify({
      name: 'hurry',
      addressPrefix: PREFIX,
      spacingSeconds: 10,
      halfLifeSeconds: 10,
      bits: '0x207fffff',
      subsidy: '50',
      halvingInterval: 1_000,
      futureLimitSeconds: 7_200,
      genesisTime: 1_767_225_600,
      allocations: [...allocations].map(([address, amount]) => ({
        address: formatAddress(address, PREFIX),
        coins: formatAmount(amount),
      })),
    }),
  );
}
