import { pbkdf2Sync } from 'node:crypto';
import { AmountError, parseAmount } from '../../consensus/amount.ts';
import {
  DevelopmentNetworkError,
  MAX_DEVELOPMENT_ACCOUNTS,
  networkOfAccounts,
} from '../../consensus/development-network.ts';
import type { Network } from '../../consensus/genesis.ts';
import { MnemonicError } from '../../consensus/mnemonic.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { OptionError } from '../process/expected-error.ts';
import { wholeNumber } from './setting-values.ts';
import type { Setting, Settings } from './settings.ts';

const SETTINGS = ['accounts', 'balance', 'accountsMnemonic'] as const;
/** BIP 39: PBKDF2 with these values, and a salt that begins so; the rest of it is the passphrase, of which there is none. */
const SEED_SALT = 'mnemonic';
const SEED_ROUNDS = 2_048;
const SEED_BYTES = 64;

/** A command asks for its network more than once, and deriving keys takes long. */
const derived = new WeakMap<Settings, Network>();

/**
 * The network that the settings `accounts`, `balance` and `accountsMnemonic` make: regtest's rules, with accounts of its own.
 * Undefined where none of them is given. Throws `OptionError`.
 */
export function accountsNetworkOf(settings: Settings): Network | undefined {
  const known = derived.get(settings);
  if (known) return known;
  const [first] = SETTINGS.flatMap((key) => settings.one(key) ?? []);
  if (first === undefined) return undefined;
  refuseOtherNetwork(settings, first.label);
  const [count, balance, mnemonic] = SETTINGS.map((key) => settings.one(key));
  try {
    const made = networkOfAccounts({
      count: count && wholeNumber(1, MAX_DEVELOPMENT_ACCOUNTS)(count),
      balance: balance && amountOf(balance),
      mnemonic: mnemonic?.text,
      seedOf: (words) => new Uint8Array(pbkdf2Sync(words, SEED_SALT, SEED_ROUNDS, SEED_BYTES, 'sha512')),
    });
    derived.set(settings, made);
    return made;
  } catch (error) {
    if (error instanceof DevelopmentNetworkError) throw new OptionError(`${(balance ?? first).label} ${error.message}`);
    // The words are not repeated: they may be those of a wallet.
    if (error instanceof MnemonicError) throw new OptionError(`${mnemonic?.label}: ${error.message}`);
    throw error;
  }
}

/** @param label of the setting that makes a network. Throws `OptionError` where another one is named. */
export function refuseOtherNetwork(settings: Settings, label: string): void {
  const network = settings.one('network');
  if (network === undefined || network.text === REGTEST.name) return;
  throw new OptionError(
    `${label} makes a network of its own with the rules of regtest: leave out ${network.label} ${network.text}`,
  );
}

function amountOf({ label, text }: Setting): bigint {
  try {
    return parseAmount(text);
  } catch (error) {
    throw error instanceof AmountError ? new OptionError(`${label} "${text}": ${error.message}`) : error;
  }
}
