import type { TransferRequest } from '../../client/requests.ts';
import { partyOf as knownParty, type Party, TransferError } from '../../client/transfer.ts';
import { AddressError, formatAddress } from '../../consensus/address.ts';
import { AmountError, MAX_AMOUNT, parseAmount } from '../../consensus/amount.ts';
import { developmentAccountByAddress, isDevelopmentName } from '../../consensus/development-accounts.ts';
import type { Network } from '../../consensus/genesis.ts';
import { shortHash } from '../../consensus/hash.ts';
import { deriveKeyPair, developmentKeyPair } from '../../consensus/keys.ts';
import { printable, quotable } from '../../consensus/quotable.ts';
import { prefixOfAddress, SpendingError } from '../../consensus/spending-rules.ts';
import { parseNetwork } from '../../server/settings/network-values.ts';
import { CommandError, UsageError } from '../cli-errors.ts';
import type { CliContext, ClientFlags } from './client-context.ts';
import { type MnemonicFlags, readMnemonic } from './mnemonic.ts';
import { parseAccountIndex } from './wallet.ts';

// What the commands share that sign on this machine.

/** Flags of a command that signs and submits a transaction. */
export interface SpendingFlags extends ClientFlags, MnemonicFlags {
  readonly account?: string;
  readonly fee?: string;
  readonly nonce?: string;
  readonly wait?: boolean;
  readonly network?: string;
}

/** Whom an order pays from, with the secret key. Throws `UsageError`. */
export async function senderOf(
  label: string,
  text: string,
  flags: SpendingFlags,
  context: CliContext,
): Promise<TransferRequest['from']> {
  const account = parseAccountIndex(flags.account);
  const isMnemonicNamed = flags.mnemonicFile !== undefined || flags.mnemonicStdin || flags.account !== undefined;
  if (isDevelopmentName(text)) {
    if (!isMnemonicNamed) return text;
    throw new UsageError(
      `${label} ${text} is a development account and takes no mnemonic; give the mnemonic's address`,
    );
  }
  const sender = partyOf(label, text);
  const mnemonic = await readMnemonic(flags, context);
  const keyPair = mnemonic === undefined ? undefined : deriveKeyPair(mnemonic, account);
  if (keyPair?.address === sender.address) return { address: text, secretKey: keyPair.secretKey };
  // The address of a development account is as good as its name, where no mnemonic was named for this transfer.
  const byAddress = developmentAccountByAddress(sender.address);
  if (byAddress !== undefined && !isMnemonicNamed) {
    return { address: text, secretKey: developmentKeyPair(byAddress).secretKey };
  }
  if (keyPair === undefined) {
    throw new UsageError(
      `${label} is an address: give its mnemonic by --mnemonic-file FILE, --mnemonic-stdin or FORKLORE_MNEMONIC`,
    );
  }
  const actual = formatAddress(keyPair.address, prefixOfAddress(text));
  throw new UsageError(`${label} is not account ${account} of the mnemonic, which is ${actual}; see --account`);
}

/** The account that an argument names. Throws `UsageError`. */
export function partyOf(label: string, text: string): Party {
  try {
    return knownParty(text);
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    if (prefixOfAddress(text) !== '') throw new UsageError(`${label} "${text}": ${error.message}`);
    throw new UsageError(`${label} must be an address or a development account's name, not "${text}"`);
  }
}

/** Coins that an argument or a flag names, in base units. Throws `UsageError`. */
export function amountOf(label: string, text: string): bigint {
  try {
    return parseAmount(text);
  } catch (error) {
    throw error instanceof AmountError ? new UsageError(`${label} "${text}": ${error.message}`) : error;
  }
}

/** An account nonce. Throws `UsageError`. */
export function nonceOf(label: string, text: string): bigint {
  const nonce = /^\d{1,20}$/.test(text) ? BigInt(text) : -1n;
  if (nonce < 0n || nonce > MAX_AMOUNT) {
    throw new UsageError(`${label} must be a whole number from 0 to ${MAX_AMOUNT}, not "${text}"`);
  }
  return nonce;
}

/** The network that `--network` or `FORKLORE_NETWORK` names: the only one that is signed for. */
export function pinnedNetwork({ network }: SpendingFlags, { environment }: CliContext): Network | undefined {
  if (network !== undefined) return parseNetwork({ label: '--network', text: network });
  const variable = environment.FORKLORE_NETWORK;
  return variable ? parseNetwork({ label: 'FORKLORE_NETWORK', text: variable }) : undefined;
}

/** What messages of one command are about. */
export interface SpendingLabels {
  readonly pinned: Network | undefined;
  /** The argument or flag that names who pays. */
  readonly sender: string;
  readonly recipient: string;
}

/** Why nothing is signed, in words: what was typed is the user's mistake, and what the node gives is not. */
export function spendingProblem(error: unknown, { pinned, sender, recipient }: SpendingLabels): unknown {
  if (error instanceof SpendingError) {
    const advice = error.problem === 'fee-above-cap' ? ': see --fee' : '';
    return new CommandError(`${error.message}${advice}; nothing was sent`);
  }
  if (!(error instanceof TransferError)) return error;
  const { problem, message } = error;
  if (problem.kind === 'other-prefix') {
    return new UsageError(`${problem.party === 'sender' ? sender : recipient}: ${message}`);
  }
  if (problem.kind !== 'other-network' || pinned === undefined) {
    return new CommandError(`${printable(message)}; nothing was sent`);
  }
  const names = `${quotable(problem.network)} (genesis ${printable(shortHash(problem.genesisHash))})`;
  const wanted = `${pinned.name} (genesis ${shortHash(pinned.genesis.hash)})`;
  return new CommandError(`the node is of the network ${names}, not of ${wanted}; nothing was sent`);
}
