import { ADDRESS_PREFIX_PATTERN, type Address, AddressError, parseAddress } from '../../consensus/address.ts';
import { AmountError, MAX_AMOUNT, parseAmount } from '../../consensus/amount.ts';
import { DecodeError } from '../../consensus/codec.ts';
import { DEVELOPMENT_ALLOCATIONS } from '../../consensus/development-accounts.ts';
import { RuleError } from '../../consensus/errors.ts';
import { deriveNetwork, MAX_NETWORK_NAME_BYTES, type Network } from '../../consensus/genesis.ts';
import { utf8ToBytes } from '../../consensus/hex.ts';
import { printable, quotable } from '../../consensus/quotable.ts';
import { builtInNetworkOf } from '../../consensus/spending-rules.ts';
import { totalSubsidy } from '../../consensus/subsidy.ts';
import { bitsToTarget } from '../../consensus/target.ts';

const MAX_SPACING_SECONDS = 86_400;
const MAX_HALF_LIFE_SECONDS = 365 * 86_400;
const MAX_FUTURE_LIMIT_SECONDS = 7 * 86_400;
const MAX_HALVING_INTERVAL_BLOCKS = 1_000_000_000;
const MAX_ALLOCATIONS = 10_000;
const MAX_U32 = 0xffff_ffff;
const BITS_PATTERN = /^0x[0-9a-f]{8}$/;
const BUILT_IN_NAMES = ['lab', 'regtest'];

const FIELDS = [
  'name',
  'addressPrefix',
  'allocations',
  'spacingSeconds',
  'halfLifeSeconds',
  'bits',
  'retarget',
  'subsidy',
  'halvingInterval',
  'futureLimitSeconds',
  'genesisTime',
  'developmentAccounts',
];
const ALLOCATION_FIELDS = ['address', 'coins'];

/** A network file has a bad value; the message names the field. */
export class NetworkFileError extends Error {
  constructor(field: string, problem: string) {
    super(`network file: ${field}: ${problem}`);
    this.name = 'NetworkFileError';
  }
}

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * A network from the JSON text of a network file; its genesis block is derived from the file alone, with nonce 0.
 * `retarget` defaults to true, `developmentAccounts` to false and `allocations` to none; everything else is required.
 * With `developmentAccounts` the ten development accounts get 1,000 coins each besides the allocations.
 * Throws {@link NetworkFileError}.
 */
export function parseNetworkFile(text: string): Network {
  const file = objectOf('the file', parseJson(text));
  refuseUnknownFields('the file', file, FIELDS);
  const addressPrefix = prefixOf(file);
  const developmentAccounts = booleanOf(file, 'developmentAccounts', false);
  const network = deriveNetwork({
    name: nameOf(file),
    addressPrefix,
    allocations: allocationsOf(file, addressPrefix, developmentAccounts),
    spacingSeconds: integerOf(file, 'spacingSeconds', 1, MAX_SPACING_SECONDS),
    halfLifeSeconds: integerOf(file, 'halfLifeSeconds', 1, MAX_HALF_LIFE_SECONDS),
    bits: bitsOf(file),
    retarget: booleanOf(file, 'retarget', true),
    futureLimitSeconds: integerOf(file, 'futureLimitSeconds', 1, MAX_FUTURE_LIMIT_SECONDS),
    initialSubsidy: amountOf('subsidy', file.subsidy),
    halvingInterval: integerOf(file, 'halvingInterval', 1, MAX_HALVING_INTERVAL_BLOCKS),
    genesisTime: integerOf(file, 'genesisTime', 0, MAX_U32),
    genesisNonce: 0,
    developmentAccounts,
  });
  checkSupply(network);
  return network;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new NetworkFileError(
      'the file',
      `not JSON (${quotable(String(error instanceof Error ? error.message : error))})`,
    );
  }
}

/** Every block's reward and every balance must have an encoding, however long the chain gets. */
function checkSupply(network: Network): void {
  const supply = network.allocationTotal + totalSubsidy(MAX_U32, network);
  if (supply > MAX_AMOUNT)
    throw new NetworkFileError('subsidy', 'allocations and subsidies together exceed 2^64 base units');
}

function nameOf(file: JsonObject): string {
  const name = stringOf('name', file.name);
  if (BUILT_IN_NAMES.includes(name)) throw new NetworkFileError('name', `${name} is a built-in network`);
  const sizeBytes = explained('name', () => utf8ToBytes(name).length);
  // Nodes and pages show the name as it is.
  if (printable(name) !== name) throw new NetworkFileError('name', 'holds characters that cannot be shown');
  if (sizeBytes < 1 || sizeBytes > MAX_NETWORK_NAME_BYTES) {
    throw new NetworkFileError('name', `has ${sizeBytes} bytes of UTF-8, must have 1 to ${MAX_NETWORK_NAME_BYTES}`);
  }
  return name;
}

function prefixOf(file: JsonObject): string {
  const prefix = stringOf('addressPrefix', file.addressPrefix);
  if (!ADDRESS_PREFIX_PATTERN.test(prefix))
    throw new NetworkFileError('addressPrefix', 'must be 1 to 16 letters a to z');
  const owner = builtInNetworkOf(prefix);
  if (owner) throw new NetworkFileError('addressPrefix', `${prefix} is that of the built-in network ${owner.name}`);
  return prefix;
}

function bitsOf(file: JsonObject): number {
  const text = stringOf('bits', file.bits);
  if (!BITS_PATTERN.test(text)) throw new NetworkFileError('bits', 'must be eight hex digits such as "0x1e03ffff"');
  const bits = Number(text);
  explained('bits', () => bitsToTarget(bits));
  return bits;
}

function allocationsOf(file: JsonObject, prefix: string, developmentAccounts: boolean): Map<Address, bigint> {
  const list = file.allocations === undefined ? [] : file.allocations;
  if (!Array.isArray(list)) throw new NetworkFileError('allocations', 'must be a list');
  if (list.length > MAX_ALLOCATIONS) throw new NetworkFileError('allocations', `more than ${MAX_ALLOCATIONS}`);
  const allocations = new Map(developmentAccounts ? DEVELOPMENT_ALLOCATIONS : []);
  for (const [index, item] of list.entries()) {
    const field = `allocations[${index}]`;
    const entry = objectOf(field, item);
    refuseUnknownFields(field, entry, ALLOCATION_FIELDS);
    const addressField = `${field}.address`;
    const text = stringOf(addressField, entry.address);
    const address = explained(addressField, () => parseAddress(text, prefix));
    if (allocations.has(address)) throw new NetworkFileError(addressField, `${text} is allocated twice`);
    allocations.set(address, amountOf(`${field}.coins`, entry.coins));
  }
  return allocations;
}

function amountOf(field: string, value: unknown): bigint {
  const text = stringOf(field, value);
  return explained(field, () => parseAmount(text));
}

function integerOf(file: JsonObject, field: string, minimum: number, maximum: number): number {
  const value = file[field];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < minimum || value > maximum) {
    throw new NetworkFileError(field, `must be an integer from ${minimum} to ${maximum}`);
  }
  return value;
}

function booleanOf(file: JsonObject, field: string, byDefault: boolean): boolean {
  const value = file[field] === undefined ? byDefault : file[field];
  if (typeof value !== 'boolean') throw new NetworkFileError(field, 'must be true or false');
  return value;
}

function stringOf(field: string, value: unknown): string {
  if (typeof value !== 'string')
    throw new NetworkFileError(field, value === undefined ? 'is missing' : 'must be a string');
  return value;
}

function objectOf(field: string, value: unknown): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new NetworkFileError(field, 'must be an object');
  }
  return Object.fromEntries(Object.entries(value));
}

function refuseUnknownFields(field: string, object: JsonObject, known: readonly string[]): void {
  const unknown = Object.keys(object).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new NetworkFileError(field, `unknown field "${quotable(unknown)}"`);
}

/** Names the field in the errors that this room's parsers throw. */
function explained<T>(field: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const isExpected =
      error instanceof AddressError ||
      error instanceof AmountError ||
      error instanceof DecodeError ||
      error instanceof RuleError;
    throw isExpected ? new NetworkFileError(field, error.message) : error;
  }
}
