import { ADDRESS_PREFIX_PATTERN } from './address.ts';
import { feeAtRate, formatAmount } from './amount.ts';
import type { Network } from './genesis.ts';
import { type Hash, isHash } from './hash.ts';
import { LAB, REGTEST } from './networks.ts';
import { quotable } from './quotable.ts';
import { networkIdOf } from './transaction-parts.ts';

// What a signer may accept from a node. Command line, page and client share these rules: a node chooses its own minimum
// fee rate, network and nonces, and a transfer that was signed for the wrong ones cannot be revoked.

/** Fee where none is typed and the node demands less, in base units: 0.00001 coin. */
export const MINIMUM_DEFAULT_FEE = 1_000n;

/**
 * Largest fee that is paid without having been typed, in base units: 0.001 coin. It is a hundred times the usual fee and
 * more than six hundred times the base rate for a transfer without a memo, so that a crowded mempool hardly ever gets
 * there; and a node that lies about its minimum costs its victim a fifty-thousandth of a block's reward at most.
 */
export const MAX_UNTYPED_FEE = 100_000n;

/**
 * The same for a deploy or a call, 0.01 coin: at the base rate that is eight times what the largest one costs, which reserves
 * all the gas that it can.
 */
export const MAX_UNTYPED_CONTRACT_FEE = 1_000_000n;

const BUILT_IN_NETWORKS: readonly Network[] = [LAB, REGTEST];

/** Which rule forbids to sign. */
export type SpendingProblem =
  /** The node demands more than {@link MAX_UNTYPED_FEE}: a user who agrees has to type the fee. */
  | 'fee-above-cap'
  /** What the node says of its network cannot be: no such prefix or genesis hash exists. */
  | 'impossible-network'
  /** Name or prefix are a built-in network's, and the genesis block is not; or the other way round. */
  | 'false-network'
  /** The address that was typed is of another network than the node's. */
  | 'other-prefix';

/** Something must not be signed as it stands; the message says why, for people, and the problem for programs. */
export class SpendingError extends Error {
  readonly problem: SpendingProblem;

  constructor(problem: SpendingProblem, message: string) {
    super(message);
    this.name = 'SpendingError';
    this.problem = problem;
  }
}

/**
 * Fee where none is typed, in base units: the larger of 0.00001 coin and what the weight costs at the node's minimum rate.
 * @param minimumFeeRate base units for each 1,000 of weight, as the node gives it
 * @param weight of a transfer its bytes, see `transactionWeight`
 */
export function defaultFee(minimumFeeRate: bigint, weight: number): bigint {
  const demanded = feeAtRate(weight, minimumFeeRate);
  return demanded > MINIMUM_DEFAULT_FEE ? demanded : MINIMUM_DEFAULT_FEE;
}

/** {@link defaultFee}, where it may be paid without having been typed. Throws {@link SpendingError} `fee-above-cap`. */
export function untypedFee(minimumFeeRate: bigint, weight: number, maxFee = MAX_UNTYPED_FEE): bigint {
  const fee = defaultFee(minimumFeeRate, weight);
  if (fee > maxFee) {
    throw new SpendingError(
      'fee-above-cap',
      `the node demands a fee of ${formatAmount(fee)}, and more than ${formatAmount(maxFee)} is not paid unless it is typed`,
    );
  }
  return fee;
}

/** The built-in network whose addresses have this prefix; undefined where it is none's. */
export function builtInNetworkOf(addressPrefix: string): Network | undefined {
  return BUILT_IN_NETWORKS.find((network) => network.addressPrefix === addressPrefix);
}

/** Whether this is the genesis block of a built-in network. */
export function isBuiltIn(genesisHash: Hash): boolean {
  return BUILT_IN_NETWORKS.some(({ genesis }) => genesis.hash === genesisHash);
}

/** What a node says of its network. */
export interface NetworkClaim {
  /** Name of the network. */
  readonly network: string;
  readonly addressPrefix: string;
  readonly genesisHash: Hash;
}

/**
 * Checks that name and prefix are those of the network that would be signed for. A network file can have neither of a
 * built-in network, so that `lab` and `lore1…` always mean the same coins.
 * Throws {@link SpendingError} `impossible-network` or `false-network`.
 */
export function checkNetworkClaim({ network, addressPrefix, genesisHash }: NetworkClaim): void {
  if (!isHash(genesisHash)) {
    throw new SpendingError('impossible-network', `"${quotable(genesisHash)}" is no hash of a genesis block`);
  }
  if (!ADDRESS_PREFIX_PATTERN.test(addressPrefix)) {
    throw new SpendingError(
      'impossible-network',
      `no network has addresses that start with ${quotable(addressPrefix)}1`,
    );
  }
  for (const { name, addressPrefix: prefix, genesis } of BUILT_IN_NETWORKS) {
    const [hasName, hasPrefix, hasGenesis] = [network === name, addressPrefix === prefix, genesisHash === genesis.hash];
    // Signatures are for the id: what is signed for another genesis block of the same one would be valid here.
    if (!hasGenesis && networkIdOf(genesisHash) === networkIdOf(genesis.hash)) {
      throw new SpendingError(
        'false-network',
        `the genesis block is made to pass for that of ${name}: what is signed for one would be valid on both`,
      );
    }
    if (hasName === hasGenesis && hasPrefix === hasGenesis) continue;
    throw new SpendingError(
      'false-network',
      hasGenesis
        ? `the genesis block is that of ${name}, where addresses start with ${prefix}1; the node says ${quotable(network)} and ${addressPrefix}1`
        : `the node says ${hasName ? `that it is of ${name}` : `that addresses start with ${prefix}1`}, and its genesis block is not that of ${name}`,
    );
  }
}

/** What an address starts with before its last digit 1, in lower case; empty where it can be no address. */
export function prefixOfAddress(address: string): string {
  const lower = address.toLowerCase();
  return lower.slice(0, Math.max(0, lower.lastIndexOf('1')));
}

/**
 * Checks that an address that was typed is of the node's network: what was typed is what is paid, and never the account
 * of the same key in another network. Throws {@link SpendingError} `other-prefix`.
 */
export function checkRecipientPrefix(address: string, addressPrefix: string): void {
  const typed = prefixOfAddress(address);
  if (typed === addressPrefix) return;
  throw new SpendingError(
    'other-prefix',
    `${quotable(address)} is of another network: in the node's, addresses start with ${quotable(addressPrefix)}1`,
  );
}
