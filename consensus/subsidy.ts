import type { NetworkParams } from './params.ts';

/** Base units that the block at this height may create: the initial subsidy, halved every `halvingInterval` blocks. */
export function subsidyAt(height: number, params: NetworkParams): bigint {
  return params.initialSubsidy >> BigInt(Math.floor(height / params.halvingInterval));
}

/** Sum of the subsidies of blocks 1 … `height`, in base units. The genesis block, height 0, creates nothing. */
export function totalSubsidy(height: number, params: NetworkParams): bigint {
  const { initialSubsidy, halvingInterval } = params;
  let total = 0n;
  let first = 1;
  for (let subsidy = initialSubsidy, end = halvingInterval; subsidy > 0n && first <= height; subsidy >>= 1n) {
    const last = Math.min(height, end - 1);
    total += subsidy * BigInt(last - first + 1);
    first = last + 1;
    end += halvingInterval;
  }
  return total;
}
