import { type Address, AddressError, formatAddress, parseAddress } from '../consensus/address.ts';
import { AmountError, MAX_AMOUNT, parseAmount } from '../consensus/amount.ts';
import { developmentAccountByName, isDevelopmentName } from '../consensus/development-accounts.ts';
import { signTransfer } from '../consensus/signature.ts';
import {
  checkNetworkClaim,
  checkRecipientPrefix,
  type NetworkClaim,
  prefixOfAddress,
  SpendingError,
  untypedFee,
} from '../consensus/spending-rules.ts';
import { type Transfer, transferBytes } from '../consensus/transaction.ts';
import { networkIdOf } from '../consensus/transaction-parts.ts';
import { kindOf } from './read-fields.ts';

/** An account as the caller names it. */
export interface Party {
  readonly address: Address;
  /** As it was typed, which is how the node is asked for it. */
  readonly text: string;
}

/** The part of a transfer that does not come from the node. */
export interface TransferOrder {
  readonly sender: Party;
  readonly secretKey: Uint8Array;
  readonly recipient: Party;
  /** Base units. */
  readonly amount: bigint;
  /** Base units; undefined: the usual fee, up to the limit of `untypedFee`. */
  readonly fee: bigint | undefined;
  readonly memo: Uint8Array;
  /** Undefined: the next one of the account. */
  readonly nonce: bigint | undefined;
  /** Genesis block of the only network that may be signed for; undefined: that of the node. */
  readonly genesisHash: string | undefined;
}

/** What the node claims. */
export interface TransferClaims {
  readonly nodeInfo: NetworkClaim;
  readonly sender: { readonly address: string; readonly pendingNonce: string };
  /** The account that the node resolves the recipient to; undefined where it was not asked. */
  readonly recipient?: { readonly address: string };
  readonly mempool: { readonly minimumFeeRate: string };
}

/** Why a transfer is not signed, besides the problems of a `SpendingError`. */
export type TransferProblem =
  /** The node is of another network than the one that may be signed for: of this one, as it says. */
  | { readonly kind: 'other-network'; readonly network: string; readonly genesisHash: string }
  /** The address that was typed is of another network than the node's. */
  | { readonly kind: 'other-prefix'; readonly party: 'sender' | 'recipient' }
  /** The node resolves what was typed to another account. */
  | { readonly kind: 'other-account'; readonly party: 'sender' | 'recipient' }
  /** The network has no development account of this name; the message lists those that it has. */
  | { readonly kind: 'unknown-name'; readonly party: 'sender' | 'recipient' }
  /** Only the node says whose name it is, and the sender's key is no public one. */
  | { readonly kind: 'unproven-name'; readonly party: 'recipient' }
  /** The node gives a secret key, an address, a nonce or a fee rate that cannot be one. */
  | { readonly kind: 'impossible-key' }
  /** The sender's secret key is that of another address. */
  | { readonly kind: 'other-key' }
  | { readonly kind: 'impossible-address' }
  | { readonly kind: 'impossible-nonce' }
  | { readonly kind: 'impossible-fee-rate' };

/** A transfer must not be signed with what the node says; nothing was sent. */
export class TransferError extends Error {
  readonly problem: TransferProblem;

  constructor(problem: TransferProblem, message: string) {
    super(message);
    this.name = 'TransferError';
    this.problem = problem;
  }
}

/**
 * Builds and signs a transfer. Nothing that the node says is signed unseen: the network is what its name and its
 * addresses say, the parties are the caller's own and checked against the node's, and a fee that was not typed has a
 * limit. Throws {@link TransferError}, or `SpendingError` for the network's name and the fee.
 */
export function signOrder(order: TransferOrder, claims: TransferClaims): Transfer {
  const { nodeInfo, sender, recipient, mempool } = claims;
  checkNetwork(nodeInfo, order.genesisHash);
  checkPrefixes(order, nodeInfo);
  requireSameAddress('sender', order.sender, sender.address, nodeInfo.addressPrefix);
  if (recipient) requireSameAddress('recipient', order.recipient, recipient.address, nodeInfo.addressPrefix);
  const fields = {
    networkId: networkIdOf(nodeInfo.genesisHash),
    nonce: order.nonce ?? nonceOf(sender.pendingNonce),
    recipient: order.recipient.address,
    amount: order.amount,
    memo: order.memo,
    fee: order.fee ?? untypedFee(feeRateOf(mempool.minimumFeeRate), transferBytes(order.memo.length)),
  };
  return signTransfer(fields, order.secretKey);
}

/**
 * Checks that the network that a node says it is of may be signed for. Throws {@link TransferError} `other-network`, and
 * `SpendingError` where there can be no such network.
 * @param wanted genesis block of the only one that may be; undefined: any
 */
export function checkNetwork(claim: NetworkClaim, wanted: string | undefined): void {
  const { network, genesisHash } = claim;
  if (wanted !== undefined && wanted !== genesisHash) {
    throw new TransferError({ kind: 'other-network', network, genesisHash }, 'the node is of another network');
  }
  checkNetworkClaim(claim);
}

/** Checks that both addresses that were typed are of this network. Throws {@link TransferError} `other-prefix`. */
export function checkPrefixes(
  { sender, recipient }: Pick<TransferOrder, 'sender' | 'recipient'>,
  { addressPrefix }: NetworkClaim,
): void {
  requireTypedPrefix('sender', sender, addressPrefix);
  requireTypedPrefix('recipient', recipient, addressPrefix);
}

/**
 * The account that an address of any network, or the name of a development account, stands for; the network is checked
 * by {@link signOrder}. Throws `AddressError`.
 */
export function partyOf(text: string): Party {
  const known = developmentAccountByName(text);
  if (known !== undefined) return { address: known.address, text };
  const prefix = prefixOfAddress(text);
  if (prefix === '') {
    throw new AddressError('not-an-address', `"${text}" is no address and no name of a development account`);
  }
  return { address: parseAddress(text, prefix), text };
}

/**
 * Checks that what was typed means something on the node's network: a name is an account in every network that has it, an
 * address one of the network that it was made for. Throws {@link TransferError} `other-prefix`.
 */
export function requireTypedPrefix(
  party: 'sender' | 'recipient',
  { text }: Pick<Party, 'text'>,
  addressPrefix: string,
): void {
  if (isDevelopmentName(text)) return;
  try {
    checkRecipientPrefix(text, addressPrefix);
  } catch (error) {
    throw error instanceof SpendingError ? new TransferError({ kind: 'other-prefix', party }, error.message) : error;
  }
}

/** Checks that the node means the same account. Throws {@link TransferError} `other-account`. */
export function requireSameAddress(
  party: 'sender' | 'recipient',
  { address, text }: Party,
  answered: string,
  prefix: string,
): void {
  if (answered === formatAddress(address, prefix)) return;
  throw new TransferError({ kind: 'other-account', party }, `the node takes ${text} for another account, ${answered}`);
}

/** Throws `AmountError` for what are no base units; {@link TransferOrder}s hold nothing else. */
export function checkAmount(name: string, amount: unknown): void {
  if (typeof amount !== 'bigint') {
    throw new AmountError(
      'not-a-number',
      `${name} must be base units, such as parseCoins('1.5'), not ${kindOf(amount)}`,
    );
  }
  if (amount < 0n) throw new AmountError('negative', `${name} is negative`);
  if (amount <= MAX_AMOUNT) return;
  throw new AmountError('too-large', `${name} is above the largest, ${MAX_AMOUNT} base units`);
}

/** An account nonce that a node gives. Throws {@link TransferError} `impossible-nonce`. */
export function nonceOf(text: string): bigint {
  const nonce = /^\d{1,20}$/.test(text) ? BigInt(text) : -1n;
  if (nonce >= 0n && nonce <= MAX_AMOUNT) return nonce;
  throw new TransferError(
    { kind: 'impossible-nonce' },
    `the node gives an account nonce that cannot be one (it must be a whole number from 0 to ${MAX_AMOUNT}, not "${text}")`,
  );
}

/** A fee rate that a node gives, in base units. Throws {@link TransferError} `impossible-fee-rate`. */
export function feeRateOf(text: string): bigint {
  try {
    return parseAmount(text);
  } catch (error) {
    if (!(error instanceof AmountError)) throw error;
    throw new TransferError(
      { kind: 'impossible-fee-rate' },
      `the node gives a minimum fee rate that cannot be one (${error.message})`,
    );
  }
}
