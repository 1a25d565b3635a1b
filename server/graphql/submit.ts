import { type Address, AddressError } from '../../consensus/address.ts';
import { formatAmount } from '../../consensus/amount.ts';
import { developmentAccountByAddress } from '../../consensus/development-accounts.ts';
import { assertInvariant } from '../../consensus/errors.ts';
import { utf8ToBytes } from '../../consensus/hex.ts';
import { developmentKeyPair } from '../../consensus/keys.ts';
import { quotable } from '../../consensus/quotable.ts';
import { signTransfer } from '../../consensus/signature.ts';
import { defaultFee, MINIMUM_DEFAULT_FEE } from '../../consensus/spending-rules.ts';
import { MAX_MEMO_BYTES, type Transfer, transferBytes } from '../../consensus/transaction.ts';
import type { NodeContext } from '../node/node-context.ts';
import { type ApiContext, builder } from './builder.ts';
import { addressOf, findTransaction, type TransactionModel } from './models.ts';
import { TransactionRef } from './refs.ts';

/** Longest part of an argument that a message repeats, in characters. */
const MAX_QUOTED_CHARS = 100;

export interface Failure {
  readonly code: string;
  readonly message: string;
}

const TransactionAccepted = builder
  .objectRef<{ readonly transaction: TransactionModel }>('TransactionAccepted')
  .implement({
    description: 'The transaction is durable, and pending.',
    fields: (t) => ({
      transaction: t.expose('transaction', { type: TransactionRef, description: 'As it stands now.' }),
    }),
  });

const TransactionRejected = builder.objectRef<Failure>('TransactionRejected').implement({
  description: 'The transaction was refused; nothing changed.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'The rule or policy, in kebab-case.' }),
    message: t.exposeString('message', { description: 'The reason, in a sentence.' }),
  }),
});

const SubmitResult = builder.unionType('SubmitResult', {
  description: 'Result of submitting a transaction.',
  types: [TransactionAccepted, TransactionRejected],
  resolveType: (value) => ('transaction' in value ? TransactionAccepted : TransactionRejected),
});

/** What `sendFromDevAccount` was asked for. */
interface DevSend {
  readonly from: string;
  readonly to: string;
  readonly amount: bigint;
  readonly fee: bigint | null;
  readonly memo: string;
}

builder.mutationFields((t) => ({
  submitTransaction: t.field({
    type: SubmitResult,
    description: 'Submits a signed transaction. Accepted means durable: it survives a crash of the node.',
    args: { raw: t.arg({ type: 'Hex', required: true, description: 'The bytes of a signed transfer.' }) },
    resolve: (_, { raw }, { node }) => submit(node, raw),
  }),
  sendFromDevAccount: t.field({
    type: SubmitResult,
    description: 'Sends coins of a development account, signed by the node with its publicly known key.',
    args: {
      from: t.arg.string({ required: true, description: 'Name or address of a development account.' }),
      to: t.arg.string({ required: true, description: 'An address, or the name of a development account.' }),
      amount: t.arg({ type: 'Amount', required: true, description: 'Coins, such as "10".' }),
      fee: t.arg({
        type: 'Amount',
        description: `Coins for the miner; if nothing is said, the larger of ${formatAmount(MINIMUM_DEFAULT_FEE)} and the minimum fee rate times the size.`,
      }),
      memo: t.arg.string({ description: `At most ${MAX_MEMO_BYTES} bytes that stay with the transaction.` }),
    },
    resolve: (_, { from, to, amount, fee, memo }, context) =>
      sendFromDevAccount(context, { from, to, amount, fee: fee ?? null, memo: memo ?? '' }),
  }),
}));

async function submit(node: NodeContext, raw: Uint8Array): Promise<{ transaction: TransactionModel } | Failure> {
  const reply = await node.request((request) => ({ type: 'submit', request, raw }));
  if (!reply.ok) return { code: reply.code, message: reply.message };
  const transaction = reply.value.kind === 'accepted' ? findTransaction(node, reply.value.txid) : null;
  return transaction ? { transaction } : { code: 'dropped', message: 'accepted, and dropped at once' };
}

/** Sends under way by node: a sender's next nonce is known only when its last transaction is in the mempool. */
const sending = new WeakMap<NodeContext, Map<Address, Promise<unknown>>>();

async function sendFromDevAccount(
  { node, isLocalUser }: ApiContext,
  order: DevSend,
): Promise<{ transaction: TransactionModel } | Failure> {
  if (!isLocalUser) {
    return {
      code: 'development-accounts-off',
      message:
        'this node signs with known keys only for who uses its machine: called by a loopback name, listening on loopback, ' +
        'without --admin-token-file and without a proxy',
    };
  }
  if (!node.view.params.developmentAccounts) {
    return {
      code: 'no-development-accounts',
      message: `the network ${node.view.params.name} has no development accounts`,
    };
  }
  const sender = senderOf(node, order.from);
  if (typeof sender !== 'string') return sender;
  const queues = sending.get(node) ?? new Map<Address, Promise<unknown>>();
  sending.set(node, queues);
  const result = (queues.get(sender) ?? Promise.resolve()).then(() => {
    const transfer = signed(node, sender, order);
    return 'code' in transfer ? transfer : submit(node, transfer.raw);
  });
  const settled = result
    .catch(() => {})
    .finally(() => {
      if (queues.get(sender) === settled) queues.delete(sender);
    });
  queues.set(sender, settled);
  return result;
}

/** The development account that is named, by its name or its address: both are one sender, whose transfers follow each other. */
function senderOf(node: NodeContext, from: string): Address | Failure {
  try {
    const sender = addressOf(node, from);
    if (developmentAccountByAddress(sender)) return sender;
    return {
      code: 'unknown-account',
      message: `from: "${quotable(from, MAX_QUOTED_CHARS)}" is no development account`,
    };
  } catch (error) {
    if (error instanceof AddressError) return { code: 'unknown-account', message: error.message };
    throw error;
  }
}

function signed(node: NodeContext, sender: Address, { to, amount, fee, memo }: DevSend): Transfer | Failure {
  const { params, mempool } = node.view;
  const memoBytes = utf8ToBytes(memo);
  if (memoBytes.length > MAX_MEMO_BYTES) {
    return {
      code: 'memo-too-long',
      message: `the memo has ${memoBytes.length} bytes, at most ${MAX_MEMO_BYTES} are allowed`,
    };
  }
  const account = developmentAccountByAddress(sender);
  assertInvariant(account !== undefined, 'the sender is a development account');
  try {
    const recipient = addressOf(node, to);
    const { nonce } = mempool.pendingAccount(sender);
    const usual = () => defaultFee(mempool.minimumFeePerKilobyte(node.monotonicMs()), transferBytes(memoBytes.length));
    return signTransfer(
      { networkId: params.networkId, nonce, recipient, amount, fee: fee ?? usual(), memo: memoBytes },
      developmentKeyPair(account).secretKey,
    );
  } catch (error) {
    if (error instanceof AddressError) return { code: 'unknown-account', message: error.message };
    throw error;
  }
}
