import { AddressError, formatAddress, parseAddress } from '../../consensus/address.ts';
import { AmountError, feeAtRate, formatAmount, MAX_AMOUNT, parseAmount } from '../../consensus/amount.ts';
import { developmentAccountByName } from '../../consensus/development-accounts.ts';
import { isHash } from '../../consensus/hash.ts';
import { bytesToHex, utf8ToBytes } from '../../consensus/hex.ts';
import { deriveKeyPair, developmentKeyPair } from '../../consensus/keys.ts';
import { signTransfer } from '../../consensus/signature.ts';
import {
  type Address,
  MAX_MEMO_BYTES,
  networkIdOf,
  type Transfer,
  transferBytes,
} from '../../consensus/transaction.ts';
import { BASE_FEE_PER_KILOBYTE } from '../../protocol/policy.ts';
import { hasShape, type Shape, type Shaped } from './answer-shape.ts';
import { CommandError, UsageError } from './cli-errors.ts';
import { type CliContext, type ClientFlags, type NodeSession, openSession } from './client-context.ts';
import { type MnemonicFlags, readMnemonic } from './mnemonic.ts';
import { json, printable } from './output.ts';
import { untilSettled } from './until-settled.ts';
import { parseAccountIndex } from './wallet.ts';

const SEND_QUERY = `query ($from: String!, $to: String!) {
  nodeInfo { network genesisHash }
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
}

const SEND_DATA = {
  nodeInfo: { network: 'text', genesisHash: 'text' },
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
  /** Undefined: the least that the node takes. */
  readonly fee: bigint | undefined;
  readonly memo: Uint8Array;
  /** Undefined: the next one of the account. */
  readonly nonce: bigint | undefined;
}

interface Party {
  readonly address: Address;
  /** As the user wrote it, which is how the node is asked for it. */
  readonly text: string;
}

/** `forklore send`: signs here, submits, and prints the id of the transaction. */
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
  };
  const session = openSession(flags, context);
  const data = await session.query(SEND_QUERY, SEND_DATA, { from: order.sender.text, to: order.recipient.text });
  const { transfer, prefix } = signOrder(order, data);
  const status = await submit(session, transfer);
  const { terminal } = context;
  if (!flags.json) terminal.print(transfer.txid);
  const settled = flags.wait ? await untilSettled(session.address, transfer.txid, terminal) : undefined;
  if (flags.json) {
    const from = formatAddress(transfer.sender, prefix);
    const to = formatAddress(transfer.recipient, prefix);
    const sums = { amount: formatAmount(transfer.amount), fee: formatAmount(transfer.fee), nonce: `${transfer.nonce}` };
    terminal.print(
      json({ id: transfer.txid, from, to, ...sums, status: settled?.status ?? status, block: settled?.block }),
    );
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
  if (mnemonic === undefined) {
    throw new UsageError(
      'FROM is an address: give its mnemonic by --mnemonic-file FILE, --mnemonic-stdin or FORKLORE_MNEMONIC',
    );
  }
  const keyPair = deriveKeyPair(mnemonic, account);
  if (keyPair.address !== sender.address) {
    const actual = formatAddress(keyPair.address, prefixOf(text));
    throw new UsageError(`FROM is not account ${account} of the mnemonic, which is ${actual}; see --account`);
  }
  return { sender, secretKey: keyPair.secretKey };
}

/** The node is asked about the same text and refuses a prefix of another network. */
function partyOf(label: string, text: string): Party {
  const known = developmentAccountByName(text);
  if (known !== undefined) return { address: known.address, text };
  const prefix = prefixOf(text);
  if (prefix === '') throw new UsageError(`${label} must be an address or a development account's name, not "${text}"`);
  try {
    return { address: parseAddress(text, prefix), text };
  } catch (error) {
    throw error instanceof AddressError ? new UsageError(`${label} "${text}": ${error.message}`) : error;
  }
}

function prefixOf(address: string): string {
  const lower = address.toLowerCase();
  return lower.slice(0, Math.max(0, lower.lastIndexOf('1')));
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

/** Nothing that the node says is signed unseen: the parties are the user's own, and checked against the node's. */
function signOrder(order: Order, data: SendData): { transfer: Transfer; prefix: string } {
  const prefix = prefixOf(data.sender.address);
  requireSameAddress(order.sender, data.sender.address, prefix);
  requireSameAddress(order.recipient, data.recipient.address, prefix);
  const { genesisHash } = data.nodeInfo;
  if (!isHash(genesisHash)) throw new CommandError('the node gives no genesis hash that can be one');
  const fields = {
    networkId: networkIdOf(genesisHash),
    nonce: order.nonce ?? nonceOf("the account's nonce, as the node gives it,", String(data.sender.pendingNonce)),
    recipient: order.recipient.address,
    amount: order.amount,
    memo: order.memo,
  };
  const fee = order.fee ?? leastFee(transferBytes(order.memo.length), data.mempool.minimumFeeRate);
  return { transfer: signTransfer({ ...fields, fee }, order.secretKey), prefix };
}

function requireSameAddress(party: Party, answered: string, prefix: string): void {
  if (answered === formatAddress(party.address, prefix)) return;
  throw new CommandError(`the node takes ${party.text} for another account, ${printable(answered)}; nothing was sent`);
}

/** What the node demands for the size, rounded up, and never below what every node demands. */
function leastFee(sizeBytes: number, minimumFeeRate: string): bigint {
  const demanded = amountOf('the minimum fee rate, as the node gives it,', String(minimumFeeRate));
  const rate = demanded > BASE_FEE_PER_KILOBYTE ? demanded : BASE_FEE_PER_KILOBYTE;
  return feeAtRate(sizeBytes, rate);
}

async function submit({ query }: NodeSession, transfer: Transfer): Promise<string> {
  const raw = bytesToHex(transfer.raw);
  const { submitTransaction: result } = await query(SUBMIT_MUTATION, SUBMITTED, { raw });
  if (hasShape(result, ACCEPTED)) return result.transaction.status;
  if (!hasShape(result, REJECTED)) throw new CommandError('the node does not say what became of the transaction');
  throw new CommandError(`the node refuses the transaction: ${printable(result.message)} (${printable(result.code)})`);
}
