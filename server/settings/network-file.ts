import * as v from 'valibot';
import { type Address, AddressError, parseAddress } from '../../consensus/address.ts';
import { AmountError, parseAmount } from '../../consensus/amount.ts';
import { checkAddressPrefix, customNetwork, NetworkDefinitionError } from '../../consensus/custom-network.ts';
import { DEVELOPMENT_ALLOCATIONS, WELL_KNOWN_ACCOUNTS } from '../../consensus/development-accounts.ts';
import type { Network } from '../../consensus/genesis.ts';
import { hasFields, JsonFileError, parseJsonFile } from '../../consensus/json-file.ts';

/** A node computes their state tree whenever it starts. */
const MAX_ALLOCATIONS = 10_000;
const BITS_PATTERN = /^0x[0-9a-f]{8}$/;

const ALLOCATION_FIELDS = { address: v.string(), coins: v.string() };
const ALLOCATIONS = v.pipe(
  v.array(v.unknown()),
  v.maxLength(MAX_ALLOCATIONS, `more than ${MAX_ALLOCATIONS}`),
  v.array(v.strictObject(ALLOCATION_FIELDS, hasFields(ALLOCATION_FIELDS))),
);
const FIELDS = {
  name: v.string(),
  addressPrefix: v.string(),
  allocations: v.exactOptional(ALLOCATIONS, []),
  spacingSeconds: v.number(),
  halfLifeSeconds: v.number(),
  bits: v.pipe(
    v.string(),
    v.regex(BITS_PATTERN, 'must be eight hex digits such as "0x1e03ffff"'),
    v.transform((text) => Number(text)),
  ),
  retarget: v.exactOptional(v.boolean(), true),
  subsidy: v.string(),
  halvingInterval: v.number(),
  futureLimitSeconds: v.number(),
  genesisTime: v.number(),
  developmentAccounts: v.exactOptional(v.boolean(), false),
  controls: v.exactOptional(v.boolean(), false),
};
const NETWORK_FILE = v.strictObject(FIELDS, hasFields(FIELDS));
type NetworkFile = v.InferOutput<typeof NETWORK_FILE>;

/**
 * A network from the JSON text of a network file; its genesis block is derived from the file alone, with nonce 0.
 * `retarget` defaults to true, `developmentAccounts` and `controls` to false and `allocations` to none; everything else
 * is required. With `developmentAccounts` the ten development accounts get 1,000 coins each besides the allocations.
 * Throws {@link JsonFileError}.
 */
export function parseNetworkFile(text: string): Network {
  const file = parseJsonFile(text, (json, config) => v.safeParse(NETWORK_FILE, json, config));
  try {
    // First, since the prefix says which addresses are of this network.
    checkAddressPrefix(file.addressPrefix);
    const { subsidy, ...values } = file;
    const initialSubsidy = valueAt('subsidy', () => parseAmount(subsidy));
    const developmentAccounts = file.developmentAccounts ? WELL_KNOWN_ACCOUNTS : null;
    const allocations = allocationsOf(file);
    return customNetwork({ ...values, developmentAccounts, initialSubsidy, allocations, genesisNonce: 0 });
  } catch (error) {
    if (!(error instanceof NetworkDefinitionError)) throw error;
    const field = error.field === 'initialSubsidy' ? 'subsidy' : error.field;
    throw new JsonFileError(`${field}: ${error.message}`);
  }
}

function allocationsOf({ allocations, addressPrefix, developmentAccounts }: NetworkFile): Map<Address, bigint> {
  const amounts = new Map(developmentAccounts ? DEVELOPMENT_ALLOCATIONS : []);
  for (const [index, { address: text, coins }] of allocations.entries()) {
    const place = `allocations[${index}]`;
    const address = valueAt(`${place}.address`, () => parseAddress(text, addressPrefix));
    if (amounts.has(address)) throw new JsonFileError(`${place}.address: ${text} is allocated twice`);
    amounts.set(
      address,
      valueAt(`${place}.coins`, () => parseAmount(coins)),
    );
  }
  return amounts;
}

/** Names the place in what the parsers of addresses and amounts throw. */
function valueAt<T>(place: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const isExpected = error instanceof AddressError || error instanceof AmountError;
    throw isExpected ? new JsonFileError(`${place}: ${error.message}`) : error;
  }
}
