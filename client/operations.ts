import { bytesToHex } from '../consensus/hex.ts';
import * as given from './arguments.ts';
import { succeeded } from './client-error.ts';
import type { Abortable, CallOptions } from './client-options.ts';
import { ContractCaller } from './contract-caller.ts';
import type { AnyContract, EventValues } from './contract-class.ts';
import { contractEvents } from './contract-events.ts';
import type { CallTrace, Contract, ContractEventPage, SimulatedCall } from './contract-types.ts';
import { ControlOperations } from './control-operations.ts';
import {
  ConnectPeerMutation,
  DisconnectPeerMutation,
  InvalidateMutation,
  ReconsiderMutation,
  SubmitMutation,
} from './documents.ts';
import { executeContract } from './execute-contract.ts';
import type { ConditionedLink, LinkConditions } from './link-conditions.ts';
import type { NodeClient } from './node-client.ts';
import { NodeSocket, SOCKET_LIMITS } from './node-socket.ts';
import * as documents from './operation-documents.ts';
import { parseOperation } from './parse-operation.ts';
import * as read from './readers.ts';
import type {
  AccountOrAddress,
  CallRequest,
  ContractEventFilter,
  MiningOrder,
  MiningSettings,
  TransferRequest,
  ViewRequest,
} from './requests.ts';
import { wholePage } from './trace-page.ts';
import type { TracePage } from './trace-types.ts';
import {
  accountOf,
  blockOf,
  blockPageOf,
  blockTemplateOf,
  chainTipOf,
  contractOf,
  devAccountOf,
  mempoolOf,
  minedBlockOf,
  transactionOf,
  typedAnswer,
} from './typed-answers.ts';
import type { ContractDefaults, DeployOrder, TypedContract } from './typed-contract.ts';
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
  NodeEvents,
  NodeInfo,
  Peer,
  Submitted,
  SubmittedContract,
  Transaction,
} from './types.ts';
import { waitForHeight, waitForPeers, waitForTransaction } from './waits.ts';
import { NodeWatch } from './watch-node.ts';

/** Transactions of a mempool where the caller names no number. */
const DEFAULT_PENDING = 20;

/** The operations of a {@link NodeClient} over one transport. */
export class Operations extends ControlOperations implements NodeClient {
  #openedSocket: NodeSocket | undefined;

  /** For operations that take longer than an HTTP request may. */
  get #socket(): NodeSocket {
    this.#openedSocket ??= new NodeSocket(this.transport, { ...SOCKET_LIMITS, isLazy: true });
    return this.#openedSocket;
  }

  nodeInfo(options?: CallOptions): Promise<NodeInfo> {
    return this.request('query', documents.NodeInfoQuery, {}, options, ({ nodeInfo }) => nodeInfo);
  }

  tip(options?: CallOptions): Promise<Block> {
    return this.request('query', documents.TipQuery, {}, options, ({ tip }) => blockOf(tip));
  }

  async block(id: string | number, options?: CallOptions): Promise<Block | null> {
    const variables = read.blockId('block: id', id);
    return await this.request(
      'query',
      documents.BlockSummaryQuery,
      variables,
      options,
      ({ block }) => block && blockOf(block),
    );
  }

  async blocks(page: { first?: number; after?: string } = {}, options?: CallOptions): Promise<BlockPage> {
    const variables = given.readPage(page);
    return await this.request('query', documents.BlockSummariesQuery, variables, options, ({ blocks }) =>
      blockPageOf(blocks),
    );
  }

  async transaction(id: string, options?: CallOptions): Promise<Transaction | null> {
    return await this.request(
      'query',
      documents.TransactionSummaryQuery,
      { id: read.hash('transaction: id', id) },
      options,
      ({ transaction }) => transaction && transactionOf(transaction),
    );
  }

  async account(account: AccountOrAddress, options?: CallOptions): Promise<Account> {
    const address = await this.addressOf(read.account('account', account), options);
    return await this.request('query', documents.AccountSummaryQuery, { address }, options, (data) =>
      accountOf(data.account),
    );
  }

  async mempool(first = DEFAULT_PENDING, options?: CallOptions): Promise<Mempool> {
    const variables = { first: read.wholeNumber(0)('mempool: first', first) };
    return await this.request('query', documents.MempoolQuery, variables, options, ({ mempool }) => mempoolOf(mempool));
  }

  blockTemplate(options?: CallOptions): Promise<BlockTemplate> {
    return this.request('query', documents.TemplateQuery, {}, options, ({ blockTemplate }) =>
      blockTemplateOf(blockTemplate),
    );
  }

  peers(options?: CallOptions): Promise<readonly Peer[]> {
    return this.request('query', documents.PeersQuery, {}, options, ({ peers }) => peers);
  }

  miner(options?: CallOptions): Promise<Miner> {
    return this.request('query', documents.MinerQuery, {}, options, ({ miner }) => miner);
  }

  chainTips(options?: CallOptions): Promise<readonly ChainTip[]> {
    return this.request('query', documents.TipsQuery, {}, options, ({ chainTips }) => chainTips.map(chainTipOf));
  }

  devAccounts(options?: CallOptions): Promise<readonly DevAccount[]> {
    return this.request('query', documents.DevAccountsQuery, {}, options, ({ devAccounts }) =>
      devAccounts.map(devAccountOf),
    );
  }

  async query<Data>(
    document: string,
    variables: Readonly<Record<string, unknown>> = {},
    options: CallOptions = {},
  ): Promise<Data> {
    const operation = parseOperation<Data>(read.anyText('query: document', document));
    const asked = read.anyObject('query: variables', variables);
    const limits = given.readCallOptions(options);
    if (operation.kind === 'query') return await this.transport.query(operation.document, asked, limits);
    // Mining takes as long as it takes.
    return await this.transport.mutate(operation.document, asked, { timeoutMs: Number.POSITIVE_INFINITY, ...limits });
  }

  async submit(raw: string, options?: CallOptions): Promise<Submitted> {
    return await this.request(
      'mutate',
      SubmitMutation,
      { raw: read.transactionHex('submit: raw', raw) },
      options,
      ({ submitTransaction }) => succeeded(submitTransaction).transaction,
    );
  }

  async send(request: TransferRequest, options: CallOptions = {}): Promise<Submitted> {
    const asked = given.readTransfer(request);
    const limits = given.readCallOptions(options);
    // Most programs never sign, and the signature scheme takes long to load.
    const { signRequest } = await import('./sign-request.ts');
    const { transfer } = await signRequest(this.transport, asked, limits);
    return await this.submit(bytesToHex(transfer.raw), limits);
  }

  async contractInfo(address: string, options?: CallOptions): Promise<Contract | null> {
    const variables = { address: read.contractAddress('contractInfo: address', address) };
    return await this.request(
      'query',
      documents.ContractQuery,
      variables,
      options,
      ({ contract }) => contract && contractOf(contract),
    );
  }

  async contractEvents(filter: ContractEventFilter = {}, options?: CallOptions): Promise<ContractEventPage> {
    return await contractEvents(this.transport, filter, options);
  }

  async simulateCall(call: ViewRequest, options: CallOptions = {}): Promise<SimulatedCall> {
    const asked = given.readView(call);
    const limits = given.readCallOptions(options);
    const { simulateCall } = await import('./simulate-call.ts');
    return await simulateCall(this.transport, asked, limits);
  }

  async transactionTrace(id: string, page: TracePage = {}, options?: CallOptions): Promise<CallTrace | null> {
    const variables = { id: read.hash('transactionTrace: id', id), ...wholePage(given.readTracePage(page)) };
    return await this.request(
      'query',
      documents.TransactionTraceQuery,
      variables,
      options,
      ({ transactionTrace }) => transactionTrace,
    );
  }

  async deploy<Class = AnyContract>(order: DeployOrder<Class>, options: CallOptions = {}): Promise<SubmittedContract> {
    const [asked, limits] = [given.readDeploy(order), given.readCallOptions(options)];
    return (await executeContract(this, this.transport, asked, limits)).submitted;
  }

  async call(order: CallRequest, options: CallOptions = {}): Promise<SubmittedContract> {
    const [asked, limits] = [given.readCall(order), given.readCallOptions(options)];
    return (await executeContract(this, this.transport, asked, limits)).submitted;
  }

  contract<Class = AnyContract, Events extends object = EventValues>(
    address: string,
    defaults: ContractDefaults = {},
  ): TypedContract<Class, Events> {
    const at = read.contractAddress('contract: address', address);
    return new ContractCaller(this, this.transport, at, given.readContractDefaults(defaults)).typed();
  }

  async mine(order: MiningOrder = {}, options: CallOptions = {}): Promise<readonly MinedBlock[]> {
    // What is not chosen is left out: nodes without development controls refuse the rest.
    const { count = 1, to, ...chosen } = given.readMiningOrder(order);
    const limits = given.readCallOptions(options);
    const payee = to === undefined ? null : await this.addressOf(to, limits);
    const data = await this.#socket.run(documents.MineBlocksMutation, { count, to: payee, ...chosen }, limits);
    return typedAnswer(this.url, data, ({ mine }) => succeeded(mine).blocks.map(minedBlockOf));
  }

  async setMining(settings: MiningSettings, options?: CallOptions): Promise<Miner> {
    const { address, ...others } = given.readMiningSettings(settings);
    const payee = address === undefined ? {} : { address: await this.addressOf(address, options) };
    const variables = { ...others, ...payee };
    return await this.request(
      'mutate',
      documents.ChangeMiningMutation,
      variables,
      options,
      ({ setMining }) => setMining,
    );
  }

  async connectPeer(url: string, options?: CallOptions): Promise<string> {
    const variables = { url: read.plainText('connectPeer: url', url) };
    return await this.request(
      'mutate',
      ConnectPeerMutation,
      variables,
      options,
      (data) => succeeded(data.connectPeer).peer.id,
    );
  }

  async disconnectPeer(id: string, options?: CallOptions): Promise<void> {
    const variables = { id: read.plainText('disconnectPeer: id', id) };
    await this.request('mutate', DisconnectPeerMutation, variables, options, ({ disconnectPeer }) => {
      succeeded(disconnectPeer);
    });
  }

  linkConditions(options?: CallOptions): Promise<readonly ConditionedLink[]> {
    return this.request('query', documents.LinkConditionsQuery, {}, options, ({ nodeInfo }) => nodeInfo.weather);
  }

  async setLinkConditions(
    peer: string,
    conditions: Partial<LinkConditions>,
    options?: CallOptions,
  ): Promise<ConditionedLink> {
    return await this.request(
      'mutate',
      documents.SetLinkConditionsMutation,
      { peer: read.plainText('setLinkConditions: peer', peer), conditions: given.readLinkConditions(conditions) },
      options,
      ({ setLinkConditions }) => succeeded(setLinkConditions).link,
    );
  }

  async clearLinkConditions(peer?: string, options?: CallOptions): Promise<readonly string[]> {
    return await this.request(
      'mutate',
      documents.ClearLinkConditionsMutation,
      peer === undefined ? {} : { peer: read.plainText('clearLinkConditions: peer', peer) },
      options,
      ({ clearLinkConditions }) => succeeded(clearLinkConditions).urls,
    );
  }

  async invalidateBlock(block: string, options?: CallOptions): Promise<BlockPlace> {
    const variables = { hash: read.hash('invalidateBlock: hash', block) };
    return await this.request(
      'mutate',
      InvalidateMutation,
      variables,
      options,
      (data) => succeeded(data.invalidateBlock).tip,
    );
  }

  async reconsiderBlock(block: string, options?: CallOptions): Promise<BlockPlace> {
    const variables = { hash: read.hash('reconsiderBlock: hash', block) };
    return await this.request(
      'mutate',
      ReconsiderMutation,
      variables,
      options,
      (data) => succeeded(data.reconsiderBlock).tip,
    );
  }

  events(options: Abortable & { after?: string } = {}): NodeEvents {
    const { after, signal } = given.readEventOptions(options);
    const transport = this.transport;
    return new NodeWatch({
      transport,
      after,
      signal,
      pick: (update) => (update.kind === 'event' ? update.event : null),
    });
  }

  async waitForTransaction(
    id: string,
    options: CallOptions & { readonly confirmations?: number | undefined } = {},
  ): Promise<ConfirmedTransaction> {
    const wanted = read.hash('waitForTransaction: id', id);
    return await waitForTransaction(this.transport, wanted, given.readWaitOptions(options));
  }

  async waitForHeight(height: number, options: CallOptions = {}): Promise<BlockPlace> {
    const wanted = read.wholeNumber(0)('waitForHeight: height', height);
    return await waitForHeight(this.transport, wanted, given.readCallOptions(options));
  }

  async waitForPeers(
    wanted: number | ((peers: readonly Peer[]) => boolean),
    options: CallOptions = {},
  ): Promise<readonly Peer[]> {
    const isWanted = typeof wanted === 'function' ? wanted : read.wholeNumber(0)('waitForPeers: wanted', wanted);
    return await waitForPeers(this.transport, isWanted, given.readCallOptions(options));
  }
}
