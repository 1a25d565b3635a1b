import { formatAddress } from '../consensus/address.ts';
import { parseAmount } from '../consensus/amount.ts';
import { bytesToHex, utf8ToBytes } from '../consensus/hex.ts';
import { checkNetworkClaim } from '../consensus/spending-rules.ts';
import { answerTimedOut, withinLimits } from './call-limits.ts';
import { succeeded } from './client-error.ts';
import {
  ConnectPeerMutation,
  DisconnectPeerMutation,
  InvalidateMutation,
  ReconsiderMutation,
  SubmitMutation,
} from './documents.ts';
import { NodeSocket, SOCKET_LIMITS } from './node-socket.ts';
import type { NodeTransport } from './node-transport.ts';
import * as documents from './operation-documents.ts';
import { partyOf, signOrder } from './transfer.ts';
import type {
  Abortable,
  Account,
  Block,
  BlockPage,
  BlockPlace,
  Mempool,
  MinedBlock,
  Miner,
  MiningOrder,
  MiningSettings,
  NodeClient,
  NodeEvents,
  NodeInfo,
  Peer,
  SettledTransaction,
  Submitted,
  Transaction,
  TransferRequest,
} from './types.ts';
import { waitForHeight } from './wait-for-height.ts';
import { waitForTransaction } from './wait-for-transaction.ts';
import { NodeWatch } from './watch-node.ts';

/** Transactions of a mempool where the caller names no number. */
const DEFAULT_PENDING = 20;
/** An address as key pairs have it; people have its bech32m form. */
const RAW_ADDRESS = /^[0-9a-f]{40}$/;

/** The operations of a {@link NodeClient} over one transport. */
export class Operations implements NodeClient {
  readonly url: string;
  readonly #transport: NodeTransport;
  #openedSocket: NodeSocket | undefined;

  constructor(transport: NodeTransport) {
    this.url = transport.url;
    this.#transport = transport;
  }

  /** For operations that take longer than an HTTP request may. */
  get #socket(): NodeSocket {
    this.#openedSocket ??= new NodeSocket(this.#transport, { ...SOCKET_LIMITS, isLazy: true });
    return this.#openedSocket;
  }

  async nodeInfo({ signal }: Abortable = {}): Promise<NodeInfo> {
    return (await this.#transport.query(documents.NodeInfoQuery, {}, { signal })).nodeInfo;
  }

  async tip({ signal }: Abortable = {}): Promise<Block> {
    return (await this.#transport.query(documents.TipQuery, {}, { signal })).tip;
  }

  async block(id: string | number, { signal }: Abortable = {}): Promise<Block | null> {
    const variables = typeof id === 'number' ? { height: id } : { hash: id };
    return (await this.#transport.query(documents.BlockSummaryQuery, variables, { signal })).block;
  }

  async blocks(page: { first?: number; after?: string } = {}, { signal }: Abortable = {}): Promise<BlockPage> {
    return (await this.#transport.query(documents.BlockSummariesQuery, page, { signal })).blocks;
  }

  async transaction(id: string, { signal }: Abortable = {}): Promise<Transaction | null> {
    return (await this.#transport.query(documents.TransactionSummaryQuery, { id }, { signal })).transaction;
  }

  async account(address: string, { signal }: Abortable = {}): Promise<Account> {
    return (await this.#transport.query(documents.AccountSummaryQuery, { address }, { signal })).account;
  }

  async mempool(first = DEFAULT_PENDING, { signal }: Abortable = {}): Promise<Mempool> {
    return (await this.#transport.query(documents.MempoolQuery, { first }, { signal })).mempool;
  }

  async peers({ signal }: Abortable = {}): Promise<readonly Peer[]> {
    return (await this.#transport.query(documents.PeersQuery, {}, { signal })).peers;
  }

  async miner({ signal }: Abortable = {}): Promise<Miner> {
    return (await this.#transport.query(documents.MinerQuery, {}, { signal })).miner;
  }

  async submit(raw: string, { signal }: Abortable = {}): Promise<Submitted> {
    const { submitTransaction } = await this.#transport.mutate(SubmitMutation, { raw }, { signal });
    return succeeded(submitTransaction).transaction;
  }

  async send(request: TransferRequest, options: Abortable = {}): Promise<Submitted> {
    const { from, to, amount, fee, memo = '', nonce, genesisHash } = request;
    const info = await this.nodeInfo(options);
    checkNetworkClaim(info);
    const sender = RAW_ADDRESS.test(from.address)
      ? { address: from.address, text: formatAddress(from.address, info.addressPrefix) }
      : partyOf(from.address);
    const claims = await this.#transport.query(documents.TransferQuery, { from: sender.text, to }, options);
    const order = {
      sender,
      secretKey: from.secretKey,
      recipient: partyOf(to),
      amount: parseAmount(amount),
      fee: fee === undefined ? undefined : parseAmount(fee),
      memo: utf8ToBytes(memo),
      nonce,
      genesisHash,
    };
    return await this.submit(bytesToHex(signOrder(order, claims).raw), options);
  }

  async mine(order: MiningOrder = {}, { signal }: Abortable = {}): Promise<readonly MinedBlock[]> {
    const { count = 1, to = null, transactions, parent } = order;
    // What is not chosen is left out: nodes without development controls refuse the rest.
    const chosen = { ...(transactions && { transactions: [...transactions] }), ...(parent && { parent }) };
    const variables = { count, to, ...chosen };
    const { mine } = await this.#socket.run(documents.MineBlocksMutation, variables, { signal });
    return succeeded(mine).blocks;
  }

  async setMining(settings: MiningSettings, { signal }: Abortable = {}): Promise<Miner> {
    const variables = { ...settings };
    return (await this.#transport.mutate(documents.ChangeMiningMutation, variables, { signal })).setMining;
  }

  async connectPeer(url: string, { signal }: Abortable = {}): Promise<string> {
    const { connectPeer } = await this.#transport.mutate(ConnectPeerMutation, { url }, { signal });
    return succeeded(connectPeer).peer.id;
  }

  async disconnectPeer(id: string, { signal }: Abortable = {}): Promise<void> {
    succeeded((await this.#transport.mutate(DisconnectPeerMutation, { id }, { signal })).disconnectPeer);
  }

  async invalidateBlock(hash: string, { signal }: Abortable = {}): Promise<BlockPlace> {
    const { invalidateBlock } = await this.#transport.mutate(InvalidateMutation, { hash }, { signal });
    return succeeded(invalidateBlock).tip;
  }

  async reconsiderBlock(hash: string, { signal }: Abortable = {}): Promise<BlockPlace> {
    const { reconsiderBlock } = await this.#transport.mutate(ReconsiderMutation, { hash }, { signal });
    return succeeded(reconsiderBlock).tip;
  }

  events({ after, signal }: Abortable & { after?: string } = {}): NodeEvents {
    const transport = this.#transport;
    return new NodeWatch({
      transport,
      after,
      signal,
      pick: (update) => (update.kind === 'event' ? update.event : null),
    });
  }

  waitForTransaction(id: string, { signal }: Abortable = {}): Promise<SettledTransaction> {
    const { url, closed } = this.#transport;
    const limits = { signal, closed, timeoutMs: Number.POSITIVE_INFINITY, timedOut: () => answerTimedOut(url, 0) };
    return withinLimits(limits, (limit) =>
      waitForTransaction(this.#transport, id, { signal: limit, reconnects: true }),
    );
  }

  waitForHeight(height: number, { signal }: Abortable = {}): Promise<BlockPlace> {
    return waitForHeight(this.#transport, height, signal);
  }
}
