import { DecodeError } from '../consensus/codec.ts';
import { utf8ToBytes } from '../consensus/hex.ts';
import type { NetworkClaim } from '../consensus/spending-rules.ts';
import { MAX_MEMO_BYTES, type Transfer } from '../consensus/transaction.ts';
import { networkOf, shownAccounts, textOf } from './claims.ts';
import type { CallOptions } from './client-options.ts';
import type { ResultOf } from './graphql.ts';
import type { NodeTransport } from './node-transport.ts';
import { NetworkQuery, TransferQuery } from './operation-documents.ts';
import { badArgument } from './read-fields.ts';
import type { TransferRequest } from './requests.ts';
import { checkAmount, checkNetwork, checkPrefixes, signOrder, type TransferClaims } from './transfer.ts';
import { partiesOf } from './transfer-parties.ts';
import { typedAnswer } from './typed-answers.ts';

/** A signed transfer, and the network that it was signed for. */
export interface SignedRequest {
  readonly transfer: Transfer;
  readonly network: NetworkClaim;
  /** Name of the contract that the recipient is, as the node says; null where it is none. */
  readonly contract: string | null;
}

/**
 * Signs a transfer with what a node says of its network, of the accounts and of fees; submits nothing. Loading this file
 * takes long, because of the signature scheme: what only asks a node must not import it statically.
 * Throws `TransferError`, `SpendingError`, `AddressError`, `AmountError` and `ClientError`, see `NodeClient.send`.
 */
export async function signRequest(
  transport: NodeTransport,
  request: TransferRequest,
  options: CallOptions = {},
): Promise<SignedRequest> {
  const { amount, fee, memo = '', nonce, genesisHash } = request;
  checkAmount('amount', amount);
  if (fee !== undefined) checkAmount('fee', fee);
  const memoBytes = bytesOfMemo(memo);
  const network = await transport.query(NetworkQuery, {}, options);
  const nodeInfo = typedAnswer(transport.url, network, (answer) => networkOf(answer.nodeInfo));
  checkNetwork(nodeInfo, genesisHash);
  const parties = await partiesOf(request, nodeInfo, () => shownAccounts(transport, options));
  // A node refuses an address of another network, and does not say whose it is.
  checkPrefixes(parties, nodeInfo);
  const asked = { from: parties.sender.text, to: parties.recipient.text };
  const answer = await transport.query(TransferQuery, asked, options);
  const claims = typedAnswer(transport.url, answer, claimsOf);
  const order = { ...parties, amount, fee, memo: memoBytes, nonce, genesisHash };
  return {
    transfer: signOrder(order, claims),
    network: claims.nodeInfo,
    contract: typedAnswer(transport.url, answer, ({ contract }) => contract && textOf(contract.name)),
  };
}

function claimsOf({ nodeInfo, sender, recipient, mempool }: ResultOf<typeof TransferQuery>): TransferClaims {
  return {
    nodeInfo: networkOf(nodeInfo),
    sender: { address: textOf(sender.address), pendingNonce: textOf(sender.pendingNonce) },
    recipient: { address: textOf(recipient.address) },
    mempool: { minimumFeeRate: textOf(mempool.minimumFeeRate) },
  };
}

function bytesOfMemo(memo: string): Uint8Array {
  try {
    const bytes = utf8ToBytes(memo);
    if (bytes.length <= MAX_MEMO_BYTES) return bytes;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  throw badArgument(`memo must be a text of at most ${MAX_MEMO_BYTES} bytes of UTF-8`);
}
