import { ADDRESS_PREFIX_PATTERN } from './address.ts';
import { MAX_AMOUNT } from './amount.ts';
import { RuleError } from './errors.ts';
import { deriveNetwork, MAX_NETWORK_NAME_BYTES, type Network, type NetworkDefinition } from './genesis.ts';
import { utf8ToBytes } from './hex.ts';
import { LAB, REGTEST } from './networks.ts';
import { describeRange, isInRange, wholeNumbers } from './number-range.ts';
import { printable } from './quotable.ts';
import { builtInNetworkOf } from './spending-rules.ts';
import { totalSubsidy } from './subsidy.ts';
import { bitsToTarget } from './target.ts';

const SECONDS_PER_DAY = 86_400;
const MAX_U32 = 0xffff_ffff;
/** Limits beyond which a chain would be of no use, or a value without an encoding. */
const RANGES = {
  spacingSeconds: wholeNumbers(1, SECONDS_PER_DAY),
  halfLifeSeconds: wholeNumbers(1, 365 * SECONDS_PER_DAY),
  futureLimitSeconds: wholeNumbers(1, 7 * SECONDS_PER_DAY),
  halvingInterval: wholeNumbers(1, 1_000_000_000),
  genesisTime: wholeNumbers(0, MAX_U32),
  genesisNonce: wholeNumbers(0, MAX_U32),
} as const;
const RANGED = Object.keys(RANGES) as (keyof typeof RANGES)[];

/** A value that no network may have. The message is the problem, such as `must be a whole number from 1 to 86400, not 0`. */
export class NetworkDefinitionError extends Error {
  readonly field: keyof NetworkDefinition;

  constructor(field: keyof NetworkDefinition, problem: string) {
    super(problem);
    this.name = 'NetworkDefinitionError';
    this.field = field;
  }
}

/** A network beside the built-in ones. Throws {@link NetworkDefinitionError}. */
export function customNetwork(definition: NetworkDefinition): Network {
  checkName(definition.name);
  checkAddressPrefix(definition.addressPrefix);
  for (const field of RANGED) {
    const value = definition[field];
    if (!isInRange(RANGES[field], value))
      throw new NetworkDefinitionError(field, `must be ${describeRange(RANGES[field])}, not ${value}`);
  }
  checkBits(definition.bits);
  const network = deriveNetwork(definition);
  checkSupply(network);
  return network;
}

/** Whether a network beside the built-in ones may have this prefix. Throws {@link NetworkDefinitionError}. */
export function checkAddressPrefix(prefix: string): void {
  if (!ADDRESS_PREFIX_PATTERN.test(prefix))
    throw new NetworkDefinitionError('addressPrefix', 'must be 1 to 16 letters a to z');
  const owner = builtInNetworkOf(prefix);
  if (owner)
    throw new NetworkDefinitionError('addressPrefix', `${prefix} is that of the built-in network ${owner.name}`);
}

function checkName(name: string): void {
  if (name === LAB.name || name === REGTEST.name)
    throw new NetworkDefinitionError('name', `${name} is a built-in network`);
  // Nodes and pages show the name as it is. What can be shown has UTF-8 as well.
  if (printable(name) !== name) throw new NetworkDefinitionError('name', 'holds characters that cannot be shown');
  const sizeBytes = utf8ToBytes(name).length;
  if (sizeBytes < 1 || sizeBytes > MAX_NETWORK_NAME_BYTES) {
    const problem = `has ${sizeBytes} bytes of UTF-8, must have 1 to ${MAX_NETWORK_NAME_BYTES}`;
    throw new NetworkDefinitionError('name', problem);
  }
}

function checkBits(bits: number): void {
  try {
    bitsToTarget(bits);
  } catch (error) {
    throw error instanceof RuleError ? new NetworkDefinitionError('bits', error.message) : error;
  }
}

/** Every block's reward and every balance must have an encoding, however long the chain gets. */
function checkSupply(network: Network): void {
  if (network.allocationTotal + totalSubsidy(MAX_U32, network) > MAX_AMOUNT)
    throw new NetworkDefinitionError('initialSubsidy', 'allocations and subsidies together exceed 2^64 base units');
}
