import type { Address } from './address.ts';
import { formatAmount, MAX_AMOUNT } from './amount.ts';
import { customNetwork } from './custom-network.ts';
import {
  DEVELOPMENT_ALLOCATION,
  DEVELOPMENT_MNEMONIC,
  type DevelopmentAccounts,
  developmentName,
  WELL_KNOWN_ACCOUNTS,
} from './development-accounts.ts';
import type { Network } from './genesis.ts';
import { bytesToHex, hexToBytes, utf8ToBytes } from './hex.ts';
import { keyPairOfSeed, seedOf } from './keys.ts';
import { parseMnemonic } from './mnemonic.ts';
import { REGTEST } from './networks.ts';
import { isInRange, wholeNumbers } from './number-range.ts';
import { sha256 } from './sha256.ts';
import { totalSubsidy } from './subsidy.ts';

/** Accounts that a network derives: each takes a millisecond or two at the start. */
export const MAX_DEVELOPMENT_ACCOUNTS = 1_000;
const DEFAULT_ACCOUNTS = WELL_KNOWN_ACCOUNTS.accounts.length;
/** Addresses of all these networks start with it: they cannot be taken for those of regtest, whose rules they have. */
export const DEVELOPMENT_ADDRESS_PREFIX = 'dlore';
const HASH_DIGITS = 8;
const LAST_HEIGHT = 0xffff_ffff;

/** Accounts whose keys are derived; what is left out is as on the built-in networks. */
export interface DerivedAccounts {
  readonly count?: number | undefined;
  /** Base units of each account. */
  readonly balance?: bigint | undefined;
  readonly mnemonic?: string | undefined;
  /** Computes the seed of a mnemonic, where the host has something faster than {@link seedOf}. */
  readonly seedOf?: ((mnemonic: string) => Uint8Array) | undefined;
}

/** No network can have such accounts. The message is the problem, such as `must be a whole number from 1 to 1000, not 0`. */
export class DevelopmentNetworkError extends Error {
  readonly option: 'accounts' | 'balance';

  constructor(option: 'accounts' | 'balance', problem: string) {
    super(problem);
    this.name = 'DevelopmentNetworkError';
    this.option = option;
  }
}

/**
 * A network with the rules of regtest and development accounts of its own, named `regtest+` and a hash of the accounts: equal
 * options give equal genesis blocks. Throws {@link DevelopmentNetworkError}, `MnemonicError`.
 */
export function networkOfAccounts(options: DerivedAccounts): Network {
  const { count = DEFAULT_ACCOUNTS, balance = DEVELOPMENT_ALLOCATION } = options;
  const range = wholeNumbers(1, MAX_DEVELOPMENT_ACCOUNTS);
  if (!isInRange(range, count))
    throw new DevelopmentNetworkError(
      'accounts',
      `must be a whole number from 1 to ${MAX_DEVELOPMENT_ACCOUNTS}, not ${count}`,
    );
  if (balance <= 0n) throw new DevelopmentNetworkError('balance', 'must be more than 0');
  const largest = spare() / BigInt(count);
  if (balance > largest) {
    const problem = `must be at most ${formatAmount(largest)} for ${count} ${count === 1 ? 'account' : 'accounts'}, not ${formatAmount(balance)}`;
    throw new DevelopmentNetworkError('balance', problem);
  }
  const known = derive(count, options);
  return networkWith(new Map(known.accounts.map(({ address }) => [address, balance])), known);
}

/**
 * A network with the rules of regtest on which exactly these accounts own coins from the start, in base units; nobody but
 * their owners has the keys. Named and hashed as {@link networkOfAccounts} is. Throws {@link DevelopmentNetworkError}.
 */
export function networkOfBalances(balances: ReadonlyMap<Address, bigint>): Network {
  const total = [...balances.values()].reduce((sum, balance) => sum + balance, 0n);
  if (total > spare()) {
    const problem = `all balances together must be at most ${formatAmount(spare())}, not ${formatAmount(total)}`;
    throw new DevelopmentNetworkError('balance', problem);
  }
  return networkWith(balances, null);
}

function networkWith(allocations: ReadonlyMap<Address, bigint>, known: DevelopmentAccounts | null): Network {
  return customNetwork({
    name: `${REGTEST.name}+${hashOf(allocations)}`,
    addressPrefix: DEVELOPMENT_ADDRESS_PREFIX,
    allocations,
    spacingSeconds: REGTEST.spacingSeconds,
    halfLifeSeconds: REGTEST.halfLifeSeconds,
    bits: REGTEST.genesisBits,
    retarget: REGTEST.retarget,
    futureLimitSeconds: REGTEST.futureLimitSeconds,
    initialSubsidy: REGTEST.initialSubsidy,
    halvingInterval: REGTEST.halvingInterval,
    genesisTime: REGTEST.genesisTime,
    genesisNonce: 0,
    developmentAccounts: known,
    controls: true,
  });
}

function derive(count: number, options: DerivedAccounts): DevelopmentAccounts {
  const mnemonic = parseMnemonic(options.mnemonic ?? DEVELOPMENT_MNEMONIC);
  const isWellKnown = mnemonic === DEVELOPMENT_MNEMONIC;
  const seed = isWellKnown ? hexToBytes(WELL_KNOWN_ACCOUNTS.seed) : (options.seedOf ?? seedOf)(mnemonic);
  const accounts = Array.from({ length: count }, (_, index) => {
    const known = isWellKnown ? WELL_KNOWN_ACCOUNTS.accounts[index] : undefined;
    return known ?? { name: developmentName(index), address: keyPairOfSeed(seed, index).address };
  });
  return { mnemonic, seed: bytesToHex(seed), accounts };
}

/** Base units that may be allocated so that every later balance has an encoding. */
function spare(): bigint {
  return MAX_AMOUNT - totalSubsidy(LAST_HEIGHT, REGTEST);
}

function hashOf(allocations: ReadonlyMap<Address, bigint>): string {
  const lines = [...allocations].map(([address, balance]) => `${address} ${balance}\n`);
  return bytesToHex(sha256(utf8ToBytes(lines.join('')))).slice(0, HASH_DIGITS);
}
