import { DevAccountKeysQuery } from '../../client/documents.ts';
import type { ResultOf } from '../../client/graphql.ts';
import type { TransferQuery } from '../../client/operation-documents.ts';

import type { Party } from '../../client/transfer.ts';
import { AddressError, formatAddress, parseAddress } from '../../consensus/address.ts';
import { isDevelopmentName } from '../../consensus/development-accounts.ts';
import { isHash } from '../../consensus/hash.ts';
import { hexToBytes } from '../../consensus/hex.ts';
import { keyPairOfSecret } from '../../consensus/keys.ts';
import { quotable } from '../../consensus/quotable.ts';
import { isBuiltIn } from '../../consensus/spending-rules.ts';
import { CommandError } from '../cli-errors.ts';
import type { NodeSession } from './client-context.ts';

/** Who pays whom. An address is null where only the node knows whose name it is. */
export interface Parties {
  readonly sender: NamedParty;
  /** Null: the sender's key is public, and the node knows it. */
  readonly secretKey: Uint8Array | null;
  readonly recipient: NamedParty;
}

/** An account as it was typed. */
export interface NamedParty {
  readonly address: Party['address'] | null;
  readonly text: string;
}

/** Both accounts and the key. */
export interface ResolvedParties {
  readonly sender: Party;
  readonly secretKey: Uint8Array;
  readonly recipient: Party;
}

type DevAccounts = ResultOf<typeof DevAccountKeysQuery>['devAccounts'];

/**
 * Finds the accounts behind names on a network with development accounts of its own. A name that the node explains is only
 * paid from an account whose key the node has shown, so that a node that lies can win nothing that was not everyone's.
 * Throws `CommandError`.
 */
export async function resolveParties(
  parties: Parties,
  { nodeInfo, sender, recipient }: ResultOf<typeof TransferQuery>,
  { transport }: NodeSession,
): Promise<ResolvedParties> {
  const { addressPrefix, genesisHash, network } = nodeInfo;
  const isKnown = ({ address }: NamedParty, answered: string): boolean =>
    address !== null && formatAddress(address, addressPrefix) === answered;
  const areKnown = isKnown(parties.sender, sender.address) && isKnown(parties.recipient, recipient.address);
  if (areKnown || isBuiltIn(genesisHash) || !isDevelopmentName(parties.sender.text))
    return withoutNode(parties, network);
  const { devAccounts } = await transport.query(DevAccountKeysQuery, {});
  const { text } = parties.sender;
  const account = accountOf(devAccounts, text, network);
  const keys = keyPairOfSecret(secretKeyOf(account.secretKey, text));
  const payee = isDevelopmentName(parties.recipient.text)
    ? addressOf(accountOf(devAccounts, parties.recipient.text, network).address, addressPrefix)
    : parties.recipient.address;
  return {
    sender: { address: keys.address, text },
    secretKey: keys.secretKey,
    recipient: knownParty({ ...parties.recipient, address: payee }, network),
  };
}

function withoutNode({ sender, secretKey, recipient }: Parties, network: string): ResolvedParties {
  const known = knownParty(sender, network);
  if (secretKey === null) throw noSuchAccount(sender.text, network);
  return { sender: known, secretKey, recipient: knownParty(recipient, network) };
}

function knownParty({ address, text }: NamedParty, network: string): Party {
  if (address === null) throw noSuchAccount(text, network);
  return { address, text };
}

function accountOf(accounts: DevAccounts, name: string, network: string): DevAccounts[number] {
  const account = accounts.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
  if (account === undefined) throw noSuchAccount(name, network);
  return account;
}

function noSuchAccount(name: string, network: string): CommandError {
  const advice = 'give its address, or send from a development account';
  return new CommandError(`who ${name} is on ${quotable(network)} is not known here: ${advice}; nothing was sent`);
}

function addressOf(text: string, prefix: string): string {
  try {
    return parseAddress(text, prefix);
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    throw new CommandError(`the node gives an address that cannot be one (${error.message}); nothing was sent`);
  }
}

function secretKeyOf(text: string, name: string): Uint8Array {
  // 32 bytes, as a hash has.
  if (isHash(text)) return hexToBytes(text);
  throw new CommandError(`the node gives a secret key of ${name} that cannot be one; nothing was sent`);
}
