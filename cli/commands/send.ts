import { type Address, AddressError, formatAddress, parseAddress } from '../../consensus/address.ts';
import { AmountError, formatAmount, MAX_AMOUNT, parseAmount } from '../../consensus/amount.ts';
import { developmentAccountByAddress, developmentAccountByName } from '../../consensus/development-accounts.ts';
import type { Network } from '../../consensus/genesis.ts';
import { shortHash } from '../../consensus/hash.ts';
import { bytesToHex, utf8ToBytes } from '../../consensus/hex.ts';
import { deriveKeyPair, developmentKeyPair } from '../../consensus/keys.ts';
import { printable, quotable } from '../../consensus/quotable.ts';
import { signTransfer } from '../../consensus/signature.ts';
import {
  checkNetworkClaim,
  checkRecipientPrefix,
  prefixOfAddress,
  SpendingError,
  untypedFee,
} from '../../consensus/spending-rules.ts';
import { MAX_MEMO_BYTES, networkIdOf, type Transfer, transferBytes } from '../../consensus/transaction.ts';
import { hasShape, type Shape, type Shaped } from '../asking/answer-shape.ts';
import { CommandError, UsageError } from '../cli-errors.ts';
import { json, type Terminal } from '../output/output.ts';
import { parseNetwork } from '../settings/network-values.ts';
import { type CliContext, type ClientFlags, type NodeSession, openSession } from './client-context.ts';
import { type MnemonicFlags, readMnemonic } from './mnemonic.ts';
import { untilSettled } from './until-settled.ts';
import { parseAccountIndex } from './wallet.ts';

const SEND_QUERY = `query ($from: String!, $to: String!) {
  nodeInfo { network genesisHash addressPrefix }
  sender: account(address: $from) { address pendingNonce }
  recipient: account(address: $to) { address }
  mempool { minimumFeeRate }
}`;
const SUBMIT_MUTATION = `mutation ($raw: Hex!) {
  submitTransaction(raw: $raw) {
    __typename
    ... on TransactionAccepted { transaction { id status } }
    ... on TransactionRejected { code message }
  }
}`;

/** Flags of `forklore send`. */
export interface SendFlags extends ClientFlags, MnemonicFlags {
  readonly account?: string;
  readonly fee?: string;
  readonly memo?: string;
  readonly nonce?: string;
  readonly wait?: boolean;
  readonly network?: string;
}

const SEND_DATA = {
  nodeInfo: { network: 'text', genesisHash: 'text', addressPrefix: 'text' },
  sender: { address: 'text', pendingNonce: 'text' },
  recipient: { address: 'text' },
  mempool: { minimumFeeRate: 'text' },
} as const satisfies Shape;
type SendData = Shaped<typeof SEND_DATA>;

const SUBMITTED = { submitTransaction: { __typename: 'text' } } as const satisfies Shape;
const ACCEPTED = { transaction: { id: 'text', status: 'text' } } as const satisfies Shape;
const REJECTED = { code: 'text', message: 'text' } as const satisfies Shape;

/** What is to be sent, as far as the arguments say it. */
interface Order {
  readonly sender: Party;
  readonly secretKey: Uint8Array;
  readonly recipient: Party;
  readonly amount: bigint;
  /** Undefined: the usual one. */
  readonly fee: bigint | undefined;
  readonly memo: Uint8Array;
  /** Undefined: the next one of the account. */
  readonly nonce: bigint | undefined;
  /** The only network that may be signed for; undefined: that of the node. */
  readonly pinned: Network | undefined;
}

interface Party {
  readonly address: Address;
  /** As the user wrote it, which is how the node is asked for it. */
  readonly text: string;
}

/** `forklore send`: signs here, says what and for which network, submits, and prints the id of the transaction. */
export async function send(
  [from, to, amount]: readonly [from: string, to: string, amount: string],
  flags: SendFlags,
  context: CliContext,
): Promise<void> {
  const order: Order = {
    ...(await senderOf(from, flags, context)),
    recipient: partyOf('TO', to),
    amount: amountOf('AMOUNT', amount),
    fee: flags.fee === undefined ? undefined : amountOf('--fee', flags.fee),
    memo: memoOf(flags.memo),
    nonce: flags.nonce === undefined ? undefined : nonceOf('--nonce', flags.nonce),
    pinned: pinnedNetwork(flags, context),
  };
  const session = openSession(flags, context);
  const data = await session.query(SEND_QUERY, SEND_DATA, { from: order.sender.text, to: order.recipient.text });
  const transfer = signOrder(order, data);
  const { terminal } = context;
  if (!flags.json) showOrder(transfer, data, terminal);
  const status = await submit(session, transfer);
  if (!flags.json) terminal.print(transfer.txid);
  const settled = flags.wait ? await untilSettled(session.address, transfer.txid, terminal) : undefined;
  if (flags.json) {
    const { network, genesisHash, addressPrefix } = data.nodeInfo;
    const from = formatAddress(transfer.sender, addressPrefix);
    const to = formatAddress(transfer.recipient, addressPrefix);
    const sums = { amount: formatAmount(transfer.amount), fee: formatAmount(transfer.fee), nonce: `${transfer.nonce}` };
    const outcome = { status: settled?.status ?? status, block: settled?.block };
    terminal.print(json({ id: transfer.txid, network, genesisHash, from, to, ...sums, ...outcome }));
  } else if (settled?.block) {
    terminal.print(`confirmed in block ${printable(settled.block.hash)} at height ${settled.block.height}`);
  }
}

async function senderOf(
  text: string,
  flags: SendFlags,
  context: CliContext,
): Promise<{ sender: Party; secretKey: Uint8Array }> {
  const account = parseAccountIndex(flags.account);
  const known = developmentAccountByName(text);
  if (known !== undefined) {
    if (flags.mnemonicFile !== undefined || flags.mnemonicStdin || flags.account !== undefined) {
      throw new UsageError(`FROM ${text} is a development account and takes no mnemonic; give the mnemonic's address`);
    }
    return { sender: { address: known.address, text }, secretKey: developmentKeyPair(known).secretKey };
  }
  const sender = partyOf('FROM', text);
  const mnemonic = await readMnemonic(flags, context);
  const keyPair = mnemonic === undefined ? undefined : deriveKeyPair(mnemonic, account);
  if (keyPair?.address === sender.address) return { sender, secretKey: keyPair.secretKey };
  // The address of a development account is as good as its name, where no mnemonic was named for this transfer.
  const byAddress = developmentAccountByAddress(sender.address);
  const isMnemonicNamed = flags.mnemonicFile !== undefined || flags.mnemonicStdin || flags.account !== undefined;
  if (byAddress !== undefined && !isMnemonicNamed) {
    return { sender, secretKey: developmentKeyPair(byAddress).secretKey };
  }
  if (keyPair === undefined) {
    throw new UsageError(
      'FROM is an address: give its mnemonic by --mnemonic-file FILE, --mnemonic-stdin or FORKLORE_MNEMONIC',
    );
  }
  const actual = formatAddress(keyPair.address, prefixOfAddress(text));
  throw new UsageError(`FROM is not account ${account} of the mnemonic, which is ${actual}; see --account`);
}

/** The node is asked about the same text and refuses a prefix of another network. */
function partyOf(label: string, text: string): Party {
  const known = developmentAccountByName(text);
  if (known !== undefined) return { address: known.address, text };
  const prefix = prefixOfAddress(text);
  if (prefix === '') throw new UsageError(`${label} must be an address or a development account's name, not "${text}"`);
  try {
    return { address: parseAddress(text, prefix), text };
  } catch (error) {
    throw error instanceof AddressError ? new UsageError(`${label} "${text}": ${error.message}`) : error;
  }
}

function amountOf(label: string, text: string): bigint {
  try {
    return parseAmount(text);
  } catch (error) {
    throw error instanceof AmountError ? new UsageError(`${label} "${text}": ${error.message}`) : error;
  }
}

function memoOf(text = ''): Uint8Array {
  const memo = utf8ToBytes(text);
  if (memo.length > MAX_MEMO_BYTES) {
    throw new UsageError(`--memo has ${memo.length} bytes of UTF-8; at most ${MAX_MEMO_BYTES} are allowed`);
  }
  return memo;
}

function nonceOf(label: string, text: string): bigint {
  const nonce = /^\d{1,20}$/.test(text) ? BigInt(text) : -1n;
  if (nonce < 0n || nonce > MAX_AMOUNT) {
    throw new UsageError(`${label} must be a whole number from 0 to ${MAX_AMOUNT}, not "${text}"`);
  }
  return nonce;
}

/** The network that `--network` or `FORKLORE_NETWORK` names: the only one that is signed for. */
function pinnedNetwork({ network }: SendFlags, { environment }: CliContext): Network | undefined {
  if (network !== undefined) return parseNetwork({ label: '--network', text: network });
  const variable = environment.FORKLORE_NETWORK;
  return variable ? parseNetwork({ label: 'FORKLORE_NETWORK', text: variable }) : undefined;
}

/**
 * Nothing that the node says is signed unseen: the network is what its name and its addresses say, the parties are the
 * user's own and checked against the node's, and a fee that was not typed has a limit.
 */
function signOrder(order: Order, data: SendData): Transfer {
  checkNetwork(order, data);
  const { genesisHash, addressPrefix } = data.nodeInfo;
  requireSameAddress(order.sender, data.sender.address, addressPrefix);
  requireSameAddress(order.recipient, data.recipient.address, addressPrefix);
  const fields = {
    networkId: networkIdOf(genesisHash),
    nonce: order.nonce ?? fromNode('an account nonce', () => nonceOf('it', data.sender.pendingNonce)),
    recipient: order.recipient.address,
    amount: order.amount,
    memo: order.memo,
  };
  return signTransfer({ ...fields, fee: order.fee ?? usualFee(order, data) }, order.secretKey);
}

function checkNetwork({ sender, recipient, pinned }: Order, { nodeInfo }: SendData): void {
  if (pinned !== undefined && pinned.genesis.hash !== nodeInfo.genesisHash) {
    const names = `${quotable(nodeInfo.network)} (genesis ${printable(shortHash(nodeInfo.genesisHash))})`;
    const wanted = `${pinned.name} (genesis ${shortHash(pinned.genesis.hash)})`;
    throw new CommandError(`the node is of the network ${names}, not of ${wanted}; nothing was sent`);
  }
  try {
    checkNetworkClaim(nodeInfo);
  } catch (error) {
    throw error instanceof SpendingError ? new CommandError(`${error.message}; nothing was sent`) : error;
  }
  requireTypedPrefix('FROM', sender, nodeInfo.addressPrefix);
  requireTypedPrefix('TO', recipient, nodeInfo.addressPrefix);
}

/** A name is an account in every network that has it; an address is one of the network that it was made for. */
function requireTypedPrefix(label: string, { text }: Party, addressPrefix: string): void {
  if (developmentAccountByName(text) !== undefined) return;
  try {
    checkRecipientPrefix(text, addressPrefix);
  } catch (error) {
    throw error instanceof SpendingError ? new UsageError(`${label}: ${error.message}`) : error;
  }
}

function requireSameAddress(party: Party, answered: string, prefix: string): void {
  if (answered === formatAddress(party.address, prefix)) return;
  throw new CommandError(`the node takes ${party.text} for another account, ${printable(answered)}; nothing was sent`);
}

/** What is paid where no fee was typed. */
function usualFee({ memo }: Order, { mempool }: SendData): bigint {
  const rate = fromNode('a minimum fee rate', () => parseAmount(mempool.minimumFeeRate));
  try {
    return untypedFee(rate, transferBytes(memo.length));
  } catch (error) {
    throw error instanceof SpendingError ? new CommandError(`${error.message}: see --fee; nothing was sent`) : error;
  }
}

/** A value that the node gives and that cannot be one is the node's mistake, not the user's. */
function fromNode<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof AmountError || error instanceof UsageError)) throw error;
    throw new CommandError(`the node gives ${what} that cannot be one (${error.message}); nothing was sent`);
  }
}

/** What is about to be sent, beside the id: with the fee, and the network that was signed for. */
function showOrder(transfer: Transfer, { nodeInfo }: SendData, terminal: Terminal): void {
  const { network, genesisHash, addressPrefix } = nodeInfo;
  const to = formatAddress(transfer.recipient, addressPrefix);
  terminal.printError(
    `sending ${formatAmount(transfer.amount)} to ${to}, fee ${formatAmount(transfer.fee)}, ` +
      `on ${quotable(network)} (genesis ${shortHash(genesisHash)})`,
  );
}

async function submit({ query }: NodeSession, transfer: Transfer): Promise<string> {
  const raw = bytesToHex(transfer.raw);
  const { submitTransaction: result } = await query(SUBMIT_MUTATION, SUBMITTED, { raw });
  if (hasShape(result, ACCEPTED)) return result.transaction.status;
  if (!hasShape(result, REJECTED)) throw new CommandError('the node does not say what became of the transaction');
  throw new CommandError(`the node refuses the transaction: ${printable(result.message)} (${printable(result.code)})`);
}
