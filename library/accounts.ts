import { type Address, AddressError, isRawAddress, parseAddress } from '../consensus/address.ts';
import { AmountError, formatAmount, parseAmount } from '../consensus/amount.ts';
import {
  DEVELOPMENT_ADDRESS_PREFIX,
  DevelopmentNetworkError,
  networkOfBalances,
} from '../consensus/development-network.ts';
import type { Network } from '../consensus/genesis.ts';
import { OptionError } from '../server/process/expected-error.ts';
import type { RawValue } from '../server/settings/settings.ts';
import type { DerivedAccounts, FundedAddresses } from './types.ts';

/** Addresses that have coins from the start: a node computes their state tree whenever it starts. */
const MAX_FUNDED = 10_000;

/** The setting of the command line that each field is, and what it takes. */
const FIELDS = {
  count: { key: 'accounts', read: numberText },
  balance: { key: 'balance', read: coinsText },
  mnemonic: { key: 'accountsMnemonic', read: textOf },
} as const satisfies Record<keyof DerivedAccounts, unknown>;
const BALANCES = 'balances' satisfies keyof FundedAddresses;

/** How messages name the settings that the option `accounts` stands for, by their keys. */
export const ACCOUNT_LABELS: ReadonlyMap<string, string> = new Map(
  Object.entries(FIELDS).map(([field, { key }]) => [key, `accounts.${field}`]),
);

/** What the option `accounts` says: settings of the command line, or a network that no settings can name. */
export type Accounts =
  | { readonly kind: 'derived'; readonly settings: ReadonlyMap<string, RawValue> }
  | { readonly kind: 'funded'; readonly funded: FundedNetwork };

/** A network whose accounts with coins only the program has the keys of. */
export interface FundedNetwork {
  readonly network: Network;
  /** Whom blocks pay that nobody claims: the last account, as on every network with accounts of its own. */
  readonly payee: Address | null;
}

/** Reads the option `accounts` of a program. Throws `OptionError`. */
export function readAccounts(given: unknown): Accounts {
  if (!isPlainObject(given)) {
    throw new OptionError('accounts must be an object such as { count: 3 } or { balances: { [address]: 5n } }');
  }
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  const [other] = present.map(([field]) => field).filter((field) => field !== BALANCES);
  if (given[BALANCES] !== undefined) {
    if (other === undefined) return { kind: 'funded', funded: fundedNetwork(given[BALANCES]) };
    throw new OptionError(`accounts.${BALANCES} and accounts.${other} exclude each other: give one of them`);
  }
  const settings = new Map<string, RawValue>();
  for (const [name, value] of present) {
    const field = Object.hasOwn(FIELDS, name) ? FIELDS[name as keyof typeof FIELDS] : undefined;
    if (field === undefined) {
      const known = [...Object.keys(FIELDS), BALANCES].join(', ');
      throw new OptionError(`accounts has no field "${name}"; there are ${known}`);
    }
    settings.set(field.key, field.read(`accounts.${name}`, value));
  }
  return { kind: 'derived', settings };
}

function fundedNetwork(given: unknown): FundedNetwork {
  const label = `accounts.${BALANCES}`;
  if (!isPlainObject(given)) throw new OptionError(`${label} must be an object that has a balance for each address`);
  const entries = Object.entries(given);
  if (entries.length > MAX_FUNDED) throw new OptionError(`${label} has more than ${MAX_FUNDED} addresses`);
  const balances = new Map<Address, bigint>();
  for (const [text, coins] of entries) {
    const place = `${label} "${text}"`;
    const address = valueAt(place, () => (isRawAddress(text) ? text : parseAddress(text, DEVELOPMENT_ADDRESS_PREFIX)));
    if (balances.has(address)) throw new OptionError(`${place}: this address has a balance already`);
    const balance = valueAt(place, () => parseAmount(coinsText(place, coins)));
    if (balance === 0n) throw new OptionError(`${place}: the balance must be more than 0`);
    balances.set(address, balance);
  }
  try {
    return { network: networkOfBalances(balances), payee: [...balances.keys()].at(-1) ?? null };
  } catch (error) {
    throw error instanceof DevelopmentNetworkError ? new OptionError(`${label}: ${error.message}`) : error;
  }
}

/** Names the place in what the parsers of addresses and amounts throw. */
function valueAt<T>(place: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const isExpected = error instanceof AddressError || error instanceof AmountError;
    throw isExpected ? new OptionError(`${place}: ${error.message}`) : error;
  }
}

function numberText(label: string, value: unknown): string {
  if (typeof value === 'number') return String(value);
  throw new OptionError(`${label} must be a number`);
}

function textOf(label: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw new OptionError(`${label} must be a string`);
}

/** A number would be coins to one reader, and base units to another. */
function coinsText(label: string, value: unknown): string {
  if (typeof value === 'bigint') return formatAmount(value);
  if (typeof value === 'string') return value;
  throw new OptionError(`${label} must be base units as a bigint, or coins as text such as "1.5"`);
}

/** Not a `Map`, whose entries would be overlooked. */
function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return Object.prototype.toString.call(value) === '[object Object]';
}
