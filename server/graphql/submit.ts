import { type Address, AddressError } from '../../consensus/address.ts';
import { formatAmount } from '../../consensus/amount.ts';
import { type DevelopmentAccounts, developmentAccountByAddress } from '../../consensus/development-accounts.ts';
import { assertInvariant } from '../../consensus/errors.ts';
import { utf8ToBytes } from '../../consensus/hex.ts';
import { keyPairAmong } from '../../consensus/keys.ts';
import { quotable } from '../../consensus/quotable.ts';
import { signTransferWith } from '../../consensus/signature.ts';
import { defaultFee, MINIMUM_DEFAULT_FEE } from '../../consensus/spending-rules.ts';
import { MAX_MEMO_BYTES, type Transfer, transferBytes } from '../../consensus/transaction.ts';
import type { NodeContext } from '../node/node-context.ts';
import { type ApiContext, builder } from './builder.ts';
import { addressOf, findTransaction, type TransactionModel } from './models.ts';
import { nativeSigner } from './native-signer.ts';
import { TransactionRef } from './refs.ts';

/** Maximum length of an argument quoted in a message, in characters. */
const MAX_QUOTED_CHARS = 100;

export interface OperationFailure {
  readonly code: string;
  readonly message: string;
}

const TransactionAccepted = builder
  .objectRef<{ readonly transaction: TransactionModel }>('TransactionAccepted')
  .implement({
    description: 'The transaction is in the mempool, PENDING or QUEUED, and durable: it survives a crash of the node.',
    fields: (t) => ({
      transaction: t.expose('transaction', {
        type: TransactionRef,
        description: 'The transaction with its current status.',
      }),
    }),
  });

const TransactionRejected = builder.objectRef<OperationFailure>('TransactionRejected').implement({
  description: 'The transaction was rejected and changed nothing.',
  fields: (t) => ({
    code: t.exposeString('code', {
      description:
        'Violated consensus rule, such as `bad-signature`, `wrong-nonce` or `insufficient-balance`, or mempool policy, such as `fee-too-low` or `mempool-full`; or `malformed`, `busy`, `dropped`, `shutting-down`. For `sendFromDevAccount` also `development-accounts-off`, `no-development-accounts`, `unknown-account`, `memo-too-long`.',
    }),
    message: t.exposeString('message', { description: 'The reason in words, for people. Programs use `code`.' }),
  }),
});

const SubmitResult = builder.unionType('SubmitResult', {
  description: 'Result of `submitTransaction` and `sendFromDevAccount`.',
  types: [TransactionAccepted, TransactionRejected],
  resolveType: (value) => ('transaction' in value ? TransactionAccepted : TransactionRejected),
});

/** Arguments of `sendFromDevAccount`. */
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
    description:
      'Submits a signed transaction, a transfer, a deploy or a call, to the mempool of this node, which relays it to its peers. Submitting one that is already in the mempool succeeds. That it is accepted does not say that a contract will not fail: `simulateCall` does.',
    args: { raw: t.arg({ type: 'Hex', required: true, description: 'The serialized signed transaction.' }) },
    resolve: (_, { raw }, { node }) => submit(node, raw),
  }),
  sendFromDevAccount: t.field({
    type: SubmitResult,
    description:
      'Sends coins of a development account; the node signs the transfer with the public key pair of that account. Only for the local user, on networks with development accounts.',
    args: {
      from: t.arg.string({ required: true, description: 'Sender: name or address of a development account.' }),
      to: t.arg.string({ required: true, description: 'Recipient: an address or the name of a development account.' }),
      amount: t.arg({ type: 'Amount', required: true, description: 'Coins that the recipient gets, such as "10".' }),
      fee: t.arg({
        type: 'Amount',
        description: `Coins that the miner gets. If omitted, the larger of ${formatAmount(MINIMUM_DEFAULT_FEE)} and the minimum fee rate of the mempool times the size.`,
      }),
      memo: t.arg.string({ description: `Public text in the transaction, at most ${MAX_MEMO_BYTES} bytes of UTF-8.` }),
    },
    resolve: (_, { from, to, amount, fee, memo }, context) =>
      sendFromDevAccount(context, { from, to, amount, fee: fee ?? null, memo: memo ?? '' }),
  }),
}));

async function submit(
  node: NodeContext,
  raw: Uint8Array,
): Promise<{ transaction: TransactionModel } | OperationFailure> {
  const reply = await node.request((request) => ({ type: 'submit', request, raw }));
  if (!reply.ok) return { code: reply.code, message: reply.message };
  const transaction = reply.value.kind === 'accepted' ? findTransaction(node, reply.value.txid) : null;
  return transaction ? { transaction } : { code: 'dropped', message: 'accepted, but dropped immediately' };
}

/** Sends in progress, by node: the next nonce of a sender is known only once its previous transfer is in the mempool. */
const sending = new WeakMap<NodeContext, Map<Address, Promise<unknown>>>();

async function sendFromDevAccount(
  { node, isLocalUser }: ApiContext,
  order: DevSend,
): Promise<{ transaction: TransactionModel } | OperationFailure> {
  if (!isLocalUser) {
    return {
      code: 'development-accounts-off',
      message:
        'this node signs for development accounts only if it listens on loopback without --admin-token-file, and is called ' +
        'by a loopback name without a proxy',
    };
  }
  const { developmentAccounts } = node.view.params;
  if (developmentAccounts === null) {
    return {
      code: 'no-development-accounts',
      message: `the network ${node.view.params.name} has no development accounts`,
    };
  }
  const sender = senderOf(node, developmentAccounts, order.from);
  if (typeof sender !== 'string') return sender;
  const queues = sending.get(node) ?? new Map<Address, Promise<unknown>>();
  sending.set(node, queues);
  const result = (queues.get(sender) ?? Promise.resolve()).then(() => {
    const transfer = signed(node, sender, developmentAccounts, order);
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

/** The development account with this name or address. Both name the same sender, whose transfers are sent one by one. */
function senderOf(node: NodeContext, known: DevelopmentAccounts, from: string): Address | OperationFailure {
  try {
    const sender = addressOf(node, from);
    if (developmentAccountByAddress(sender, known)) return sender;
    return {
      code: 'unknown-account',
      message: `from: "${quotable(from, MAX_QUOTED_CHARS)}" is not a development account`,
    };
  } catch (error) {
    if (error instanceof AddressError) return { code: 'unknown-account', message: error.message };
    throw error;
  }
}

function signed(
  node: NodeContext,
  sender: Address,
  known: DevelopmentAccounts,
  { to, amount, fee, memo }: DevSend,
): Transfer | OperationFailure {
  const { params, mempool } = node.view;
  const memoBytes = utf8ToBytes(memo);
  if (memoBytes.length > MAX_MEMO_BYTES) {
    return {
      code: 'memo-too-long',
      message: `the memo has ${memoBytes.length} bytes, at most ${MAX_MEMO_BYTES} are allowed`,
    };
  }
  const account = developmentAccountByAddress(sender, known);
  assertInvariant(account !== undefined, 'the sender is a development account');
  try {
    const recipient = addressOf(node, to);
    const { nonce } = mempool.pendingAccount(sender);
    const usual = () => defaultFee(mempool.minimumFeePerKilobyte(node.monotonicMs()), transferBytes(memoBytes.length));
    return signTransferWith(
      { networkId: params.networkId, nonce, recipient, amount, fee: fee ?? usual(), memo: memoBytes },
      nativeSigner(keyPairAmong(known, account)),
    );
  } catch (error) {
    if (error instanceof AddressError) return { code: 'unknown-account', message: error.message };
    throw error;
  }
}
