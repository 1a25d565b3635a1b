import { gql } from '@urql/core';
import { formatAddress } from '../consensus/address.ts';
import { parseAmount } from '../consensus/amount.ts';
import { bytesToHex, utf8ToBytes } from '../consensus/hex.ts';
import { checkNetworkClaim } from '../consensus/spending-rules.ts';
import { withinLimits } from './call-limits.ts';
import { ClientError, succeeded } from './client-error.ts';
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
  ChainTip,
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
  SettledTransaction,
  Snapshot,
  Submitted,
  Transaction,
  TransferRequest,
  WaitLimits,
} from './types.ts';
import { waitForTransaction } from './wait-for-transaction.ts';
import { waitUntil } from './wait-until.ts';
import { type NodeUpdate, NodeWatch } from './watch-node.ts';

/** Longest wait where the caller names no limit. */
const WAIT_LIMIT_MS = 60_000;
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

  async chainTips({ signal }: Abortable = {}): Promise<readonly ChainTip[]> {
    return (await this.#transport.query(documents.TipsQuery, {}, { signal })).chainTips;
  }

  async devAccounts({ signal }: Abortable = {}): Promise<readonly DevAccount[]> {
    return (await this.#transport.query(documents.DevAccountsQuery, {}, { signal })).devAccounts;
  }

  async query<Data>(
    document: string,
    variables: Readonly<Record<string, unknown>> = {},
    { signal }: Abortable = {},
  ): Promise<Data> {
    const parsed = gql<Data, Record<string, unknown>>(document);
    const isMutation = parsed.definitions.some((part) => 'operation' in part && part.operation === 'mutation');
    const ask = isMutation ? this.#transport.mutate : this.#transport.query;
    // Mining takes as long as it takes.
    const limit = isMutation ? { timeoutMs: Number.POSITIVE_INFINITY } : {};
    return (await ask.call(this.#transport, parsed, variables, { signal, ...limit })) as Data;
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

  async takeSnapshot({ signal }: Abortable = {}): Promise<Snapshot> {
    return succeeded((await this.#transport.mutate(documents.TakeSnapshotMutation, {}, { signal })).takeSnapshot)
      .snapshot;
  }

  async snapshots({ signal }: Abortable = {}): Promise<readonly Snapshot[]> {
    return (await this.#transport.query(documents.SnapshotListQuery, {}, { signal })).snapshots;
  }

  async revertToSnapshot(id: string, { signal }: Abortable = {}): Promise<BlockPlace> {
    return succeeded((await this.#transport.mutate(documents.RevertMutation, { id }, { signal })).revertToSnapshot).tip;
  }

  async dropSnapshot(id: string, { signal }: Abortable = {}): Promise<void> {
    succeeded((await this.#transport.mutate(documents.DropSnapshotMutation, { id }, { signal })).dropSnapshot);
  }

  async increaseTime(seconds: number, { signal }: Abortable = {}): Promise<Date> {
    const { change } = await this.#transport.mutate(documents.IncreaseTimeMutation, { seconds }, { signal });
    return new Date(succeeded(change).now);
  }

  async setTime(at: Date, { signal }: Abortable = {}): Promise<Date> {
    const variables = { at: at.toISOString() };
    return new Date(
      succeeded((await this.#transport.mutate(documents.SetTimeMutation, variables, { signal })).change).now,
    );
  }

  async setNextBlockTime(at: Date, { signal }: Abortable = {}): Promise<Date> {
    const variables = { at: at.toISOString() };
    const { change } = await this.#transport.mutate(documents.SetNextBlockTimeMutation, variables, { signal });
    return new Date(succeeded(change).now);
  }

  async dropTransaction(id: string, { signal }: Abortable = {}): Promise<void> {
    succeeded((await this.#transport.mutate(documents.DropMutation, { id }, { signal })).dropTransaction);
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

  async waitForTransaction(
    id: string,
    { confirmations = 1, ...limits }: WaitLimits & { readonly confirmations?: number | undefined } = {},
  ): Promise<SettledTransaction> {
    let seen = 'no status of it was seen';
    const missing = `transaction ${id} did not get ${plural(confirmations, 'confirmation')}`;
    return await this.#wait(
      limits,
      missing,
      () => seen,
      async (signal) => {
        const onStatus = (status: string) => {
          seen = `it is ${status}`;
        };
        const first = await waitForTransaction(this.#transport, id, { signal, reconnects: true, onStatus });
        if (first.status === 'DROPPED' || first.confirmations >= confirmations) return first;
        return await waitUntil(
          this.#transport,
          {
            mayCome: isOfTheChain,
            look: async () => {
              const transaction = await this.transaction(id, { signal });
              if (transaction === null) return null;
              seen = `it is ${transaction.status} with ${plural(transaction.confirmations, 'confirmation')}`;
              const isSettled = transaction.status === 'DROPPED' || transaction.confirmations >= confirmations;
              return isSettled ? transaction : null;
            },
          },
          signal,
        );
      },
    );
  }

  async waitForHeight(height: number, limits: WaitLimits = {}): Promise<BlockPlace> {
    let seen = 'no tip was seen';
    return await this.#wait(
      limits,
      `the tip did not reach height ${height}`,
      () => seen,
      (signal) => {
        const look = async () => {
          const tip = await this.tip({ signal });
          seen = `it is at height ${tip.height}`;
          return tip.height >= height ? { hash: tip.hash, height: tip.height } : null;
        };
        return waitUntil(this.#transport, { mayCome: isOfTheChain, look }, signal);
      },
    );
  }

  async waitForPeers(count: number, limits: WaitLimits = {}): Promise<readonly Peer[]> {
    let seen = 'no peers were seen';
    return await this.#wait(
      limits,
      `the node did not get ${plural(count, 'peer')}`,
      () => seen,
      (signal) => {
        const look = async () => {
          const peers = (await this.peers({ signal })).filter(({ state }) => state === 'READY');
          seen = `it has ${plural(peers.length, 'peer')}`;
          return peers.length >= count ? peers : null;
        };
        return waitUntil(this.#transport, { mayCome: isOfPeers, look }, signal);
      },
    );
  }

  /** @param missing what has not come when the time is over; `seen` is what there was instead */
  #wait<Found>(
    { signal, timeoutMs = WAIT_LIMIT_MS }: WaitLimits,
    missing: string,
    seen: () => string,
    work: (signal: AbortSignal) => Promise<Found>,
  ): Promise<Found> {
    const timedOut = () =>
      new ClientError('timeout', `${missing} within ${timeoutMs} ms: ${seen()}`, { code: 'timeout', limit: timeoutMs });
    return withinLimits({ signal, closed: this.#transport.closed, timeoutMs, timedOut }, work);
  }
}

function isOfTheChain(update: NodeUpdate): boolean {
  if (update.kind === 'tip') return true;
  const { __typename } = update.event;
  return __typename !== 'PeersEvent' && __typename !== 'MinerEvent' && __typename !== 'SyncEvent';
}

function isOfPeers(update: NodeUpdate): boolean {
  if (update.kind === 'tip') return true;
  return update.event.__typename === 'PeersEvent' || update.event.__typename === 'GapEvent';
}

function plural(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
