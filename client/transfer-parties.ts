import { type Address, AddressError, formatAddress, isRawAddress, parseAddress } from '../consensus/address.ts';
import {
  DEVELOPMENT_ACCOUNTS,
  developmentAccountByName,
  isDevelopmentName,
} from '../consensus/development-accounts.ts';
import { isHash } from '../consensus/hash.ts';
import { hexToBytes } from '../consensus/hex.ts';
import { developmentKeyPair, type KeyPair, keyPairOfSecret } from '../consensus/keys.ts';
import { quotable } from '../consensus/quotable.ts';
import { isBuiltIn, type NetworkClaim, prefixOfAddress } from '../consensus/spending-rules.ts';
import type { KeyOwner, TransferRequest } from './requests.ts';
import { type Party, partyOf, TransferError } from './transfer.ts';

/** A development account as a node shows it. */
export interface ShownAccount {
  readonly name: string;
  readonly address: string;
  /** 64 hex digits; public. */
  readonly secretKey: string;
}

/** Who pays whom, and with which key. */
export interface TransferParties {
  readonly sender: Party;
  readonly secretKey: Uint8Array;
  readonly recipient: Party;
}

/** Names that an error lists; of more, the number. */
const MAX_LISTED = 20;

/**
 * The accounts behind the names and addresses of a transfer. On a built-in network names are known here. On any other the
 * node explains them, and could lie: unless the account is a well-known one, it is only paid from an account whose key the
 * node has shown, so that a lie wins nothing that was not everyone's. Throws `TransferError`, and `AddressError` for what the
 * caller gives.
 * @param info what the node says of its network, which has been checked
 * @param shownAccounts asks the node for its development accounts
 */
export async function partiesOf(
  { from, to }: Pick<TransferRequest, 'from' | 'to'>,
  info: NetworkClaim,
  shownAccounts: () => Promise<readonly ShownAccount[]>,
): Promise<TransferParties> {
  const areNamed = typeof from === 'string' || (typeof to === 'string' && isName(to));
  const known = areNamed ? await accountsOf(info, shownAccounts) : [];
  const payer = payerOf(from, known, info);
  if (typeof to !== 'string') return { ...payer, recipient: givenParty(to.address, info) };
  return { ...payer, recipient: recipientOf(to, payer.sender, known, info) };
}

/** The account that a transaction is paid from, and its key. Throws `TransferError` and `AddressError`. */
export function payerOf(from: KeyOwner | string, known: readonly KnownAccount[], info: NetworkClaim): Payer {
  return typeof from === 'string' ? namedPayer(from, known, info) : givenPayer(from, info);
}

/**
 * The account behind an address or a name that a sender signs. Throws `TransferError` where nothing but the word of the node
 * says whose name it is, see {@link partiesOf}, and `AddressError`.
 * @param sender undefined: nothing is signed
 */
export function recipientOf(
  to: string,
  sender: Party | undefined,
  known: readonly KnownAccount[],
  info: NetworkClaim,
): Party {
  if (!isName(to)) return partyOf(to);
  const { address: text } = accountNamed('recipient', to, known, info);
  const recipient = { address: shownAddress(text, info), text };
  const isWellKnown = developmentAccountByName(to)?.address === recipient.address;
  if (sender === undefined || isWellKnown || isKeyShown(sender, known, info)) return recipient;
  throw new TransferError(
    { kind: 'unproven-name', party: 'recipient' },
    `only the node says who ${to} is on ${quotable(info.network)}: give the address, or send from a development account`,
  );
}

/** A development account, wherever it is known from. */
export interface KnownAccount {
  readonly name: string;
  /** As people have it. */
  readonly address: string;
  /** Deriving them takes milliseconds. */
  keys(): Pick<KeyPair, 'address' | 'secretKey'>;
}

/** Who pays, and with which key. */
export type Payer = Pick<TransferParties, 'sender' | 'secretKey'>;

function isName(text: string): boolean {
  return isDevelopmentName(text) || prefixOfAddress(text) === '';
}

/** The development accounts of a network: the built-in ones are known here, and of any other the node shows them. */
export async function accountsOf(
  { genesisHash, addressPrefix }: NetworkClaim,
  shownAccounts: () => Promise<readonly ShownAccount[]>,
): Promise<readonly KnownAccount[]> {
  if (!isBuiltIn(genesisHash)) {
    return (await shownAccounts()).map((account) => ({ ...account, keys: () => shownKeys(account) }));
  }
  return DEVELOPMENT_ACCOUNTS.map((account) => ({
    name: account.name,
    address: formatAddress(account.address, addressPrefix),
    keys: () => developmentKeyPair(account),
  }));
}

function shownKeys({ name, secretKey }: ShownAccount): KeyPair {
  // 32 bytes, as a hash has.
  if (isHash(secretKey)) return keyPairOfSecret(hexToBytes(secretKey));
  const message = `the node gives a secret key of ${quotable(name)} that cannot be one`;
  throw new TransferError({ kind: 'impossible-key' }, message);
}

function shownAddress(text: string, { addressPrefix }: NetworkClaim): Address {
  try {
    return parseAddress(text, addressPrefix);
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    const message = `the node gives an address that cannot be one (${error.message})`;
    throw new TransferError({ kind: 'impossible-address' }, message);
  }
}

function accountNamed(
  party: 'sender' | 'recipient',
  name: string,
  known: readonly KnownAccount[],
  { network }: NetworkClaim,
): KnownAccount {
  const account = known.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
  if (account !== undefined) return account;
  const listed = known.slice(0, MAX_LISTED).map((each) => quotable(each.name));
  const others = known.length > MAX_LISTED ? ` and ${known.length - MAX_LISTED} others` : '';
  const names = known.length === 0 ? 'it has none' : `there are ${listed.join(', ')}${others}`;
  const message = `${quotable(network)} has no development account "${quotable(name)}"; ${names}`;
  throw new TransferError({ kind: 'unknown-name', party }, message);
}

function namedPayer(name: string, known: readonly KnownAccount[], info: NetworkClaim): Payer {
  const { address, secretKey } = accountNamed('sender', name, known, info).keys();
  return { sender: { address, text: formatAddress(address, info.addressPrefix) }, secretKey };
}

function givenPayer({ address, secretKey }: KeyOwner, info: NetworkClaim): Payer {
  const sender = givenParty(address, info);
  // What is signed with another key is another account's payment.
  if (keyPairOfSecret(secretKey).address === sender.address) return { sender, secretKey };
  throw new TransferError({ kind: 'other-key' }, `the secret key is not that of ${sender.text}`);
}

/** The account of an object, which may be a key pair. */
function givenParty(address: string, { addressPrefix }: NetworkClaim): Party {
  return isRawAddress(address) ? { address, text: formatAddress(address, addressPrefix) } : partyOf(address);
}

/** Whether the node has shown the key of this account, so that anybody could pay from it. */
function isKeyShown({ address }: Party, known: readonly KnownAccount[], { addressPrefix }: NetworkClaim): boolean {
  const text = formatAddress(address, addressPrefix);
  return known.some((account) => account.address === text && account.keys().address === address);
}
