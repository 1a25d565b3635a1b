import type { TypedDocumentNode } from '@urql/core';
import { bytesToHex } from '../consensus/hex.ts';
import { succeeded } from './client-error.ts';
import type { Abortable, CallOptions } from './client-options.ts';
import {
  ConnectPeerMutation,
  DisconnectPeerMutation,
  InvalidateMutation,
  ReconsiderMutation,
  SubmitMutation,
} from './documents.ts';
import type { ResultOf } from './graphql.ts';
import type { ConditionedLink, LinkConditions } from './link-conditions.ts';
import { NodeSocket, SOCKET_LIMITS } from './node-socket.ts';
import type { NodeTransport } from './node-transport.ts';
import * as documents from './operation-documents.ts';
import { parseOperation } from './parse-operation.ts';
import { downloadSnapshot, uploadSnapshot } from './snapshot-files.ts';
import {
  accountOf,
  blockOf,
  blockPageOf,
  blockTemplateOf,
  chainTipOf,
  devAccountOf,
  mempoolOf,
  minedBlockOf,
  transactionOf,
  typedAnswer,
} from './typed-answers.ts';
import type {
  Account,
  Block,
  BlockPage,
  BlockPlace,
  BlockTemplate,
  ChainTip,
  ConfirmedTransaction,
  DevAccount,
  Mempool,
  MinedBlock,
  Miner,
  MiningOrder,
  MiningSettings,
  NodeClient,
  NodeEvents,
  NodeInfo,
  Peer,
  Snapshot,
  Submitted,
  Transaction,
  TransferRequest,
} from './types.ts';
import { waitForHeight, waitForPeers, waitForTransaction } from './waits.ts';
import { NodeWatch } from './watch-node.ts';

/** Transactions of a mempool where the caller names no number. */
const DEFAULT_PENDING = 20;

type Variables = Record<string, unknown>;

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

  nodeInfo(options?: CallOptions): Promise<NodeInfo> {
    return this.#ask(documents.NodeInfoQuery, {}, options, ({ nodeInfo }) => nodeInfo);
  }

  tip(options?: CallOptions): Promise<Block> {
    return this.#ask(documents.TipQuery, {}, options, ({ tip }) => blockOf(tip));
  }

  block(id: string | number, options?: CallOptions): Promise<Block | null> {
    const variables = typeof id === 'number' ? { height: id } : { hash: id };
    return this.#ask(documents.BlockSummaryQuery, variables, options, ({ block }) => block && blockOf(block));
  }

  blocks(page: { first?: number; after?: string } = {}, options?: CallOptions): Promise<BlockPage> {
    return this.#ask(documents.BlockSummariesQuery, page, options, ({ blocks }) => blockPageOf(blocks));
  }

  transaction(id: string, options?: CallOptions): Promise<Transaction | null> {
    return this.#ask(
      documents.TransactionSummaryQuery,
      { id },
      options,
      ({ transaction }) => transaction && transactionOf(transaction),
    );
  }

  account(address: string, options?: CallOptions): Promise<Account> {
    return this.#ask(documents.AccountSummaryQuery, { address }, options, ({ account }) => accountOf(account));
  }

  mempool(first = DEFAULT_PENDING, options?: CallOptions): Promise<Mempool> {
    return this.#ask(documents.MempoolQuery, { first }, options, ({ mempool }) => mempoolOf(mempool));
  }

  blockTemplate(options?: CallOptions): Promise<BlockTemplate> {
    return this.#ask(documents.TemplateQuery, {}, options, ({ blockTemplate }) => blockTemplateOf(blockTemplate));
  }

  peers(options?: CallOptions): Promise<readonly Peer[]> {
    return this.#ask(documents.PeersQuery, {}, options, ({ peers }) => peers);
  }

  miner(options?: CallOptions): Promise<Miner> {
    return this.#ask(documents.MinerQuery, {}, options, ({ miner }) => miner);
  }

  chainTips(options?: CallOptions): Promise<readonly ChainTip[]> {
    return this.#ask(documents.TipsQuery, {}, options, ({ chainTips }) => chainTips.map(chainTipOf));
  }

  devAccounts(options?: CallOptions): Promise<readonly DevAccount[]> {
    return this.#ask(documents.DevAccountsQuery, {}, options, ({ devAccounts }) => devAccounts.map(devAccountOf));
  }

  async query<Data>(
    document: string,
    variables: Readonly<Record<string, unknown>> = {},
    { signal, timeoutMs }: CallOptions = {},
  ): Promise<Data> {
    const operation = parseOperation<Data>(document);
    if (operation.kind === 'query') {
      return await this.#transport.query(operation.document, variables, { signal, timeoutMs });
    }
    // Mining takes as long as it takes.
    const limits = { signal, timeoutMs: timeoutMs ?? Number.POSITIVE_INFINITY };
    return await this.#transport.mutate(operation.document, variables, limits);
  }

  submit(raw: string, options?: CallOptions): Promise<Submitted> {
    return this.#tell(
      SubmitMutation,
      { raw },
      options,
      ({ submitTransaction }) => succeeded(submitTransaction).transaction,
    );
  }

  async send(request: TransferRequest, options: CallOptions = {}): Promise<Submitted> {
    // Most programs never sign, and the signature scheme takes long to load.
    const { signRequest } = await import('./sign-request.ts');
    const { transfer } = await signRequest(this.#transport, request, options);
    return await this.submit(bytesToHex(transfer.raw), options);
  }

  async mine(order: MiningOrder = {}, options?: CallOptions): Promise<readonly MinedBlock[]> {
    const { count = 1, to = null, transactions, parent } = order;
    // What is not chosen is left out: nodes without development controls refuse the rest.
    const chosen = { ...(transactions && { transactions: [...transactions] }), ...(parent && { parent }) };
    const data = await this.#socket.run(documents.MineBlocksMutation, { count, to, ...chosen }, options);
    return typedAnswer(this.url, data, ({ mine }) => succeeded(mine).blocks.map(minedBlockOf));
  }

  setMining(settings: MiningSettings, options?: CallOptions): Promise<Miner> {
    return this.#tell(documents.ChangeMiningMutation, { ...settings }, options, ({ setMining }) => setMining);
  }

  connectPeer(url: string, options?: CallOptions): Promise<string> {
    return this.#tell(ConnectPeerMutation, { url }, options, ({ connectPeer }) => succeeded(connectPeer).peer.id);
  }

  disconnectPeer(id: string, options?: CallOptions): Promise<void> {
    return this.#tell(DisconnectPeerMutation, { id }, options, ({ disconnectPeer }) => {
      succeeded(disconnectPeer);
    });
  }

  linkConditions(options?: CallOptions): Promise<readonly ConditionedLink[]> {
    return this.#ask(documents.LinkConditionsQuery, {}, options, ({ nodeInfo }) => nodeInfo.weather);
  }

  setLinkConditions(
    peer: string,
    { delayMs, ...others }: Partial<LinkConditions>,
    options?: CallOptions,
  ): Promise<ConditionedLink> {
    const conditions = { ...others, ...(delayMs && { delayMs: [...delayMs] }) };
    return this.#tell(
      documents.SetLinkConditionsMutation,
      { peer, conditions },
      options,
      ({ setLinkConditions }) => succeeded(setLinkConditions).link,
    );
  }

  clearLinkConditions(peer?: string, options?: CallOptions): Promise<readonly string[]> {
    return this.#tell(
      documents.ClearLinkConditionsMutation,
      peer === undefined ? {} : { peer },
      options,
      ({ clearLinkConditions }) => succeeded(clearLinkConditions).urls,
    );
  }

  invalidateBlock(hash: string, options?: CallOptions): Promise<BlockPlace> {
    return this.#tell(InvalidateMutation, { hash }, options, ({ invalidateBlock }) => succeeded(invalidateBlock).tip);
  }

  reconsiderBlock(hash: string, options?: CallOptions): Promise<BlockPlace> {
    return this.#tell(ReconsiderMutation, { hash }, options, ({ reconsiderBlock }) => succeeded(reconsiderBlock).tip);
  }

  takeSnapshot(options?: CallOptions): Promise<Snapshot> {
    return this.#tell(
      documents.TakeSnapshotMutation,
      {},
      options,
      ({ takeSnapshot }) => succeeded(takeSnapshot).snapshot,
    );
  }

  snapshots(options?: CallOptions): Promise<readonly Snapshot[]> {
    return this.#ask(documents.SnapshotListQuery, {}, options, ({ snapshots }) => snapshots);
  }

  revertToSnapshot(id: string, options?: CallOptions): Promise<BlockPlace> {
    return this.#tell(
      documents.RevertMutation,
      { id },
      options,
      ({ revertToSnapshot }) => succeeded(revertToSnapshot).tip,
    );
  }

  dropSnapshot(id: string, options?: CallOptions): Promise<void> {
    return this.#tell(documents.DropSnapshotMutation, { id }, options, ({ dropSnapshot }) => {
      succeeded(dropSnapshot);
    });
  }

  downloadSnapshot(id: string, options: CallOptions = {}): Promise<Uint8Array> {
    return downloadSnapshot(this.#transport, id, options);
  }

  uploadSnapshot(file: Uint8Array, options: CallOptions = {}): Promise<{ readonly id: string }> {
    return uploadSnapshot(this.#transport, file, options);
  }

  increaseTime(seconds: number, options?: CallOptions): Promise<Date> {
    return this.#tell(documents.IncreaseTimeMutation, { seconds }, options, ({ change }) => timeOf(change));
  }

  setTime(at: Date, options?: CallOptions): Promise<Date> {
    return this.#tell(documents.SetTimeMutation, { at: at.toISOString() }, options, ({ change }) => timeOf(change));
  }

  setNextBlockTime(at: Date, options?: CallOptions): Promise<Date> {
    const variables = { at: at.toISOString() };
    return this.#tell(documents.SetNextBlockTimeMutation, variables, options, ({ change }) => timeOf(change));
  }

  dropTransaction(id: string, options?: CallOptions): Promise<void> {
    return this.#tell(documents.DropMutation, { id }, options, ({ dropTransaction }) => {
      succeeded(dropTransaction);
    });
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

  waitForTransaction(
    id: string,
    options: CallOptions & { readonly confirmations?: number | undefined } = {},
  ): Promise<ConfirmedTransaction> {
    return waitForTransaction(this.#transport, id, options);
  }

  waitForHeight(height: number, options: CallOptions = {}): Promise<BlockPlace> {
    return waitForHeight(this.#transport, height, options);
  }

  waitForPeers(
    wanted: number | ((peers: readonly Peer[]) => boolean),
    options: CallOptions = {},
  ): Promise<readonly Peer[]> {
    return waitForPeers(this.#transport, wanted, options);
  }

  /** Asks the node over HTTP. @param typed makes of the answer what the caller gets */
  async #ask<Data, Asked extends Variables, Typed>(
    document: TypedDocumentNode<Data, Asked>,
    variables: Asked,
    options: CallOptions | undefined,
    typed: (data: Data) => Typed,
  ): Promise<Typed> {
    return typedAnswer(this.url, await this.#transport.query(document, variables, options), typed);
  }

  /** Tells the node over HTTP to do something, as {@link #ask}. */
  async #tell<Data, Asked extends Variables, Typed>(
    document: TypedDocumentNode<Data, Asked>,
    variables: Asked,
    options: CallOptions | undefined,
    typed: (data: Data) => Typed,
  ): Promise<Typed> {
    return typedAnswer(this.url, await this.#transport.mutate(document, variables, options), typed);
  }
}

function timeOf(change: ResultOf<typeof documents.SetTimeMutation>['change']): Date {
  return new Date(succeeded(change).now);
}
