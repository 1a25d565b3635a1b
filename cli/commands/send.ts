import type { CallOptions } from '../../client/client-options.ts';
import type { TransferRequest } from '../../client/requests.ts';
import { type SignedRequest, signRequest } from '../../client/sign-request.ts';
import { partyOf as knownParty, type Party, TransferError } from '../../client/transfer.ts';
import { AddressError, formatAddress } from '../../consensus/address.ts';
import { AmountError, formatAmount, MAX_AMOUNT, parseAmount } from '../../consensus/amount.ts';
import { developmentAccountByAddress, isDevelopmentName } from '../../consensus/development-accounts.ts';
import type { Network } from '../../consensus/genesis.ts';
import { shortHash } from '../../consensus/hash.ts';
import { bytesToHex, utf8ToBytes } from '../../consensus/hex.ts';
import { deriveKeyPair, developmentKeyPair } from '../../consensus/keys.ts';
import { printable, quotable } from '../../consensus/quotable.ts';
import { type NetworkClaim, prefixOfAddress, SpendingError } from '../../consensus/spending-rules.ts';
import { MAX_MEMO_BYTES, type Transfer } from '../../consensus/transaction.ts';
import { parseNetwork } from '../../server/settings/network-values.ts';
import { unlessRefused } from '../asking/refusal.ts';
import { CommandError, UsageError } from '../cli-errors.ts';
import { json, type Terminal } from '../output/output.ts';
import { type CliContext, type ClientFlags, type NodeSession, withNode } from './client-context.ts';
import { type MnemonicFlags, readMnemonic } from './mnemonic.ts';
import { untilSettled } from './until-settled.ts';
import { parseAccountIndex } from './wallet.ts';

/** Flags of `forklore send`. */
export interface SendFlags extends ClientFlags, MnemonicFlags {
  readonly account?: string;
  readonly fee?: string;
  readonly memo?: string;
  readonly nonce?: string;
  readonly wait?: boolean;
  readonly network?: string;
}

/** `forklore send`: signs here, says what and for which network, submits, and prints the id of the transaction. */
export async function send(
  parts: readonly [from: string, to: string, amount: string],
  flags: SendFlags,
  context: CliContext,
): Promise<void> {
  const order = await orderOf(parts, flags, context);
  await withNode(flags, context, async (session) => {
    await sendSigned(await signOrder(order, session), flags, context.terminal, session);
  });
}

/** A transfer to be signed, and the only network that it may be signed for, where one is named. */
export interface Order {
  readonly request: TransferRequest;
  readonly pinned: Network | undefined;
}

/** What the arguments order, with the key that signs it. Throws `UsageError`. */
export async function orderOf(
  [from, to, amount]: readonly [from: string, to: string, amount: string],
  flags: SendFlags,
  context: CliContext,
): Promise<Order> {
  const pinned = pinnedNetwork(flags, context);
  const request: TransferRequest = {
    from: await senderOf(from, flags, context),
    to: recipientOf(to),
    amount: amountOf('AMOUNT', amount),
    memo: memoOf(flags.memo),
    ...(flags.fee !== undefined && { fee: amountOf('--fee', flags.fee) }),
    ...(flags.nonce !== undefined && { nonce: nonceOf('--nonce', flags.nonce) }),
    ...(pinned && { genesisHash: pinned.genesis.hash }),
  };
  return { request, pinned };
}

/** Signs an order with what the node says. Throws in words why it is not signed, and `ClientError`. */
export async function signOrder(
  { request, pinned }: Order,
  { transport }: NodeSession,
  options: CallOptions = {},
): Promise<SignedRequest> {
  return await signRequest(transport, request, options).catch((error: unknown) => {
    throw refusalOf(error, pinned);
  });
}

/** A signed transfer as programs read it. */
export function signedJson({ transfer, network: { network, genesisHash, addressPrefix } }: SignedRequest) {
  return {
    id: transfer.txid,
    network,
    genesisHash,
    from: formatAddress(transfer.sender, addressPrefix),
    to: formatAddress(transfer.recipient, addressPrefix),
    amount: formatAmount(transfer.amount),
    fee: formatAmount(transfer.fee),
    nonce: `${transfer.nonce}`,
  };
}

async function sendSigned(
  signed: SignedRequest,
  flags: SendFlags,
  terminal: Terminal,
  session: NodeSession,
): Promise<void> {
  const { transfer, network } = signed;
  if (!flags.json) showOrder(transfer, network, terminal);
  const status = await submit(session, transfer);
  if (!flags.json) terminal.print(transfer.txid);
  const settled = flags.wait ? await untilSettled(session, transfer.txid, terminal) : undefined;
  if (flags.json) {
    terminal.print(json({ ...signedJson(signed), status: settled?.status ?? status, block: settled?.block }));
  } else if (settled?.block) {
    terminal.print(`confirmed in block ${printable(settled.block.hash)} at height ${settled.block.height}`);
  }
}

/** Whom an order pays from, with the secret key. Throws `UsageError`. */
export async function senderOf(text: string, flags: SendFlags, context: CliContext): Promise<TransferRequest['from']> {
  const account = parseAccountIndex(flags.account);
  const isMnemonicNamed = flags.mnemonicFile !== undefined || flags.mnemonicStdin || flags.account !== undefined;
  if (isDevelopmentName(text)) {
    if (!isMnemonicNamed) return text;
    throw new UsageError(`FROM ${text} is a development account and takes no mnemonic; give the mnemonic's address`);
  }
  const sender = partyOf('FROM', text);
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
      'FROM is an address: give its mnemonic by --mnemonic-file FILE, --mnemonic-stdin or FORKLORE_MNEMONIC',
    );
  }
  const actual = formatAddress(keyPair.address, prefixOfAddress(text));
  throw new UsageError(`FROM is not account ${account} of the mnemonic, which is ${actual}; see --account`);
}

/** The text, once it is known to be a name or an address. */
function recipientOf(text: string): string {
  return isDevelopmentName(text) ? text : partyOf('TO', text).text;
}

function partyOf(label: string, text: string): Party {
  try {
    return knownParty(text);
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    if (prefixOfAddress(text) !== '') throw new UsageError(`${label} "${text}": ${error.message}`);
    throw new UsageError(`${label} must be an address or a development account's name, not "${text}"`);
  }
}

function amountOf(label: string, text: string): bigint {
  try {
    return parseAmount(text);
  } catch (error) {
    throw error instanceof AmountError ? new UsageError(`${label} "${text}": ${error.message}`) : error;
  }
}

function memoOf(text = ''): string {
  const { length } = utf8ToBytes(text);
  if (length <= MAX_MEMO_BYTES) return text;
  throw new UsageError(`--memo has ${length} bytes of UTF-8; at most ${MAX_MEMO_BYTES} are allowed`);
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

/** Why nothing is signed, in words: what was typed is the user's mistake, and what the node gives is not. */
function refusalOf(error: unknown, pinned: Network | undefined): unknown {
  if (error instanceof SpendingError) {
    const advice = error.problem === 'fee-above-cap' ? ': see --fee' : '';
    return new CommandError(`${error.message}${advice}; nothing was sent`);
  }
  if (!(error instanceof TransferError)) return error;
  const { problem, message } = error;
  if (problem.kind === 'other-prefix') {
    return new UsageError(`${problem.party === 'sender' ? 'FROM' : 'TO'}: ${message}`);
  }
  if (problem.kind !== 'other-network' || pinned === undefined) {
    return new CommandError(`${printable(message)}; nothing was sent`);
  }
  const names = `${quotable(problem.network)} (genesis ${printable(shortHash(problem.genesisHash))})`;
  const wanted = `${pinned.name} (genesis ${shortHash(pinned.genesis.hash)})`;
  return new CommandError(`the node is of the network ${names}, not of ${wanted}; nothing was sent`);
}

/** What is about to be sent, beside the id: with the fee, and the network that was signed for. */
function showOrder(
  transfer: Transfer,
  { network, genesisHash, addressPrefix }: NetworkClaim,
  terminal: Terminal,
): void {
  const to = formatAddress(transfer.recipient, addressPrefix);
  terminal.printError(
    `sending ${formatAmount(transfer.amount)} to ${to}, fee ${formatAmount(transfer.fee)}, ` +
      `on ${quotable(network)} (genesis ${shortHash(genesisHash)})`,
  );
}

/** Hands a signed transfer to the node. @returns its status there. Throws in words where the node refuses it, and `ClientError`. */
export async function submit({ client }: NodeSession, transfer: Transfer, options: CallOptions = {}): Promise<string> {
  const submission = client.submit(bytesToHex(transfer.raw), options);
  return (await unlessRefused('the node refuses the transaction', submission)).status;
}
