import type { CallOptions } from '../../client/client-options.ts';
import type { TransferRequest } from '../../client/requests.ts';
import { type SignedRequest, signRequest } from '../../client/sign-request.ts';
import { formatAddress } from '../../consensus/address.ts';
import { formatAmount } from '../../consensus/amount.ts';
import { isDevelopmentName } from '../../consensus/development-accounts.ts';
import type { Network } from '../../consensus/genesis.ts';
import { shortHash } from '../../consensus/hash.ts';
import { bytesToHex, utf8ToBytes } from '../../consensus/hex.ts';
import { printable, quotable } from '../../consensus/quotable.ts';
import type { NetworkClaim } from '../../consensus/spending-rules.ts';
import { MAX_MEMO_BYTES, type SignedTransaction, type Transfer } from '../../consensus/transaction.ts';
import { unlessRefused } from '../asking/refusal.ts';
import { UsageError } from '../cli-errors.ts';
import { json, type Terminal } from '../output/output.ts';
import { type CliContext, type NodeSession, withNode } from './client-context.ts';
import {
  amountOf,
  nonceOf,
  partyOf,
  pinnedNetwork,
  type SpendingFlags,
  senderOf,
  spendingProblem,
} from './spending.ts';
import { untilSettled } from './until-settled.ts';

/** Beside the id of what was submitted: nothing has happened yet. */
export const WAITS_FOR_BLOCK = 'waits for a block';

/** Flags of `forklore send`. */
export interface SendFlags extends SpendingFlags {
  readonly memo?: string;
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
    from: await senderOf('FROM', from, flags, context),
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
    throw spendingProblem(error, { pinned, sender: 'FROM', recipient: 'TO' });
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
  const { transfer, network, contract } = signed;
  if (!flags.json) showOrder(transfer, network, terminal);
  if (contract !== null) {
    terminal.printError(
      `warning: TO is the contract ${quotable(contract)}, and a transfer runs nothing of it; see forklore contract call --help`,
    );
  }
  const status = await submit(session, transfer);
  if (!flags.json) {
    terminal.print(transfer.txid);
    if (!flags.wait) terminal.printError(WAITS_FOR_BLOCK);
  }
  const settled = flags.wait ? await untilSettled(session, transfer.txid, terminal) : undefined;
  if (flags.json) {
    terminal.print(json({ ...signedJson(signed), status: settled?.status ?? status, block: settled?.block }));
  } else if (settled?.block) {
    terminal.print(`confirmed in block ${printable(settled.block.hash)} at height ${settled.block.height}`);
  }
}

/** The text, once it is known to be a name or an address. */
function recipientOf(text: string): string {
  return isDevelopmentName(text) ? text : partyOf('TO', text).text;
}

function memoOf(text = ''): string {
  const { length } = utf8ToBytes(text);
  if (length <= MAX_MEMO_BYTES) return text;
  throw new UsageError(`--memo has ${length} bytes of UTF-8; at most ${MAX_MEMO_BYTES} are allowed`);
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

/** Hands a signed transaction to the node. @returns its status there. Throws in words where the node refuses it, and `ClientError`. */
export async function submit(
  { client }: NodeSession,
  transaction: SignedTransaction,
  options: CallOptions = {},
): Promise<string> {
  const submission = client.submit(bytesToHex(transaction.raw), options);
  return (await unlessRefused('the node refuses the transaction', submission)).status;
}
