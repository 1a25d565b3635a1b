import type { Address } from '../consensus/address.ts';
import type { Block } from '../consensus/block.ts';
import { DecodeError } from '../consensus/codec.ts';
import { assertInvariant, RuleError } from '../consensus/errors.ts';
import type { Network } from '../consensus/genesis.ts';
import type { Hash } from '../consensus/hash.ts';
import { decodeTransaction, type Transfer } from '../consensus/transaction.ts';
import { ActivityLog } from './activity-log.ts';
import { BlockDownload } from './block-download.ts';
import { BlockRelay } from './block-relay.ts';
import { Chain, type ChainChange } from './chain.ts';
import type { ChainReader, StoredNode } from './chain-reader.ts';
import { clockDoubt } from './clock-distance.ts';
import { Connections } from './connections.ts';
import { Dialling } from './dialling.ts';
import type { Effect, Reply } from './effects.ts';
import type { NodeEvent, RequestId } from './events.ts';
import { type BlockEntry, HeaderIndex } from './header-index.ts';
import { HeaderSync } from './header-sync.ts';
import type { Holding } from './holding.ts';
import { Mempool } from './mempool.ts';
import { decodeMessage, type Message } from './messages.ts';
import { Miner, type MinerOptions } from './miner.ts';
import type { Template } from './mining-job.ts';
import type { MinerView, NodeView, PeerView, SyncView } from './node-view.ts';
import type { MempoolRemoval } from './notices.ts';
import type { Peer } from './peer.ts';
import { Peers } from './peers.ts';
import { PendingState } from './pending-state.ts';
import { Serving } from './serving.ts';
import { StaleTip } from './stale-tip.ts';
import { SyncProgress } from './sync-progress.ts';
import { type Instant, type RandomSource, wallSeconds } from './time.ts';
import { TransactionPipeline } from './transaction-pipeline.ts';
import { TransactionRelay } from './transaction-relay.ts';
import { Turn } from './turn.ts';
import { Verifier } from './verifier.ts';

export interface NodeConfig {
  readonly params: Network;
  readonly listenUrl: string | null;
  readonly userAgent: string;
  /** Canonical URLs of peers to keep connected to. */
  readonly peers: readonly string[];
  /** Connect to nodes that peers tell of, too. */
  readonly learnAddresses: boolean;
  /** Whether the address of a node is stored for the next run; without it, all that are not of this machine. */
  readonly keepsAddress?: (url: string) => boolean;
  readonly miner: MinerOptions;
}

/**
 * One node, without any input or output of its own: events in, effects out. This class only routes; the rules of each
 * subject are in the part that carries its name.
 */
export class ForkloreNode implements NodeView {
  readonly params: Network;
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly #turn: Turn;
  readonly #state: PendingState;
  readonly #stored: StoredNode;
  readonly #verifier: Verifier;
  readonly #peers: Peers;
  readonly #dialling: Dialling;
  readonly #connections: Connections;
  readonly #headerSync: HeaderSync;
  readonly #download: BlockDownload;
  readonly #sync: SyncProgress;
  readonly #staleTip: StaleTip;
  readonly #serving: Serving;
  readonly #pipeline: TransactionPipeline;
  readonly #transactions: TransactionRelay;
  readonly #blocks: BlockRelay;
  readonly #miner: Miner;
  readonly #activity: ActivityLog;
  readonly #validityReplies: { readonly request: RequestId; readonly reply: Reply }[] = [];

  /** Loads what an earlier run stored; nothing happens before the `start` event. */
  constructor(config: NodeConfig, reader: ChainReader, stored: StoredNode, random: RandomSource, now: Instant) {
    const { params } = config;
    this.params = params;
    this.#stored = stored;
    this.#turn = new Turn(random, now);
    this.#state = new PendingState(reader);
    this.#activity = new ActivityLog(this.#turn);
    this.#verifier = new Verifier(this.#turn);
    this.#peers = new Peers(this.#turn);
    const index = new HeaderIndex(params, now.wallMs);
    for (const record of stored.headers()) index.restore(record);
    this.chain = new Chain(this.#turn, params, this.#state, this.#verifier, this.#chainObserver(), index, stored.tip);
    this.mempool = new Mempool(this.#turn, this.#state);
    const { peers: configured, learnAddresses: learn, listenUrl } = config;
    this.#dialling = new Dialling(this.#turn, this.#peers, listenUrl, {
      configured,
      learn,
      keeps: config.keepsAddress,
    });
    this.#connections = new Connections(
      this.#turn,
      params,
      this.#peers,
      { listenUrl, userAgent: config.userAgent },
      this.#dialling,
      {
        chainState: () => ({ ...this.chain.tip.record, tipHash: this.chain.tip.record.hash }),
        onReady: (peer) => this.#onReady(peer),
        onGone: (peer) => this.#onGone(peer),
      },
    );
    this.#headerSync = new HeaderSync(this.#turn, params, this.#peers, this.chain, {
      onHeaders: (peer) => this.#download.onHeaders(peer),
      onUseless: (peer) => this.#connections.replace(peer, 'answered no request for headers'),
    });
    this.#download = new BlockDownload(this.#turn, this.#peers, this.chain, {
      onUseless: (peer) => this.#connections.replace(peer, 'gave none of the blocks that it was asked for'),
    });
    this.#sync = new SyncProgress(this.#turn, this.#peers, this.chain, this.#headerSync, this.#download);
    this.#staleTip = new StaleTip(
      this.#turn,
      params,
      this.#peers,
      this.chain,
      this.#dialling,
      this.#connections,
      this.#headerSync,
    );
    this.#serving = new Serving(this.#turn, this.#peers, this.chain, this.mempool, this.#state);
    this.#pipeline = new TransactionPipeline(this.#turn, params, this.#verifier, this.mempool, this.#peers, this.chain);
    this.#transactions = new TransactionRelay(this.#turn, this.#peers, this.mempool, this.#pipeline);
    this.#blocks = new BlockRelay(this.#turn, this.#peers, this.chain, this.mempool, this.#headerSync, this.#download);
    this.#miner = new Miner(this.#turn, params, this.chain, this.mempool, this.#state, config.miner, {
      onMined: (block) => this.#onMined(block),
    });
  }

  /**
   * Takes one event in and gives back what is to be done, in order.
   * @throws InvariantError when the node's own state is wrong: it must stop, for nothing it says can be trusted.
   */
  handleEvent(event: NodeEvent, now: Instant): Effect[] {
    this.#turn.now = now;
    this.#state.clear();
    const { tip, bestHeader } = this.chain;
    this.#route(event);
    // Fewer blocks wait to be connected, so there may be room for more; or another branch is the best one now.
    if (this.chain.tip !== tip || this.chain.bestHeader !== bestHeader) {
      this.#download.fetchMore();
      // Where a block was ruled out, what peers claim may be worth asking for now.
      this.#headerSync.syncMore();
    }
    this.#settle();
    return this.#turn.drain();
  }

  peers(): readonly PeerView[] {
    return this.#peers.views();
  }

  miner(): MinerView {
    return this.#miner.view();
  }

  sync(): SyncView {
    return this.#sync.view();
  }

  holdings(): readonly Holding[] {
    return [
      this.#verifier,
      this.#peers,
      this.chain,
      this.mempool,
      this.#dialling,
      this.#connections,
      this.#headerSync,
      this.#download,
      this.#staleTip,
      this.#serving,
      this.#pipeline,
      this.#transactions,
      this.#blocks,
    ].flatMap((part) => part.holdings());
  }

  template(nowSeconds: number): Template {
    return this.#miner.preview(nowSeconds);
  }

  #route(event: NodeEvent): void {
    switch (event.type) {
      case 'start':
        return this.#onStart(event.peers ?? []);
      case 'stop':
        this.#miner.stop();
        return this.#connections.stop();
      case 'peer-connected':
        return this.#connections.onConnected(event);
      case 'dial-failed':
        return this.#dialling.onDialFailed(event.url, event.reason);
      case 'address-discovered':
        return this.#dialling.onDiscovered(event.url);
      case 'address-gone':
        return this.#dialling.onGone(event.url);
      case 'timer':
        return this.#turn.ringAlarms();
      case 'continue':
        this.chain.onContinue();
        this.#headerSync.onContinue();
        return this.#serving.onContinue();
      case 'verified':
        return this.#verifier.onVerified(event.id, event.valid);
      case 'mined':
        return this.#miner.onSolution(event.solution);
      case 'peer-message':
      case 'peer-fault':
      case 'peer-backlog':
      case 'peer-closed':
        return this.#routePeer(event);
      default:
        return this.#routeRequest(event);
    }
  }

  #routePeer(
    event: Extract<NodeEvent, { type: 'peer-message' | 'peer-fault' | 'peer-backlog' | 'peer-closed' }>,
  ): void {
    const peer = this.#peers.get(event.peer);
    if (!peer) return;
    switch (event.type) {
      case 'peer-closed':
        return this.#connections.onClosed(peer, event.reason);
      case 'peer-fault':
        return this.#peers.punish(peer, event.reason);
      case 'peer-backlog':
        peer.congested = event.congested;
        return this.#serving.serve(peer);
      case 'peer-message':
        return this.#onFrame(peer, event.bytes);
    }
  }

  #routeRequest(
    event: Extract<
      NodeEvent,
      {
        type:
          | 'submit'
          | 'mine'
          | 'mine-cancelled'
          | 'set-mining'
          | 'connect-peer'
          | 'disconnect-peer'
          | 'invalidate-block'
          | 'reconsider-block';
      }
    >,
  ): void {
    switch (event.type) {
      case 'submit':
        return this.#pipeline.submit(event.request, event.raw);
      case 'mine':
        return this.#miner.onMineRequest(event);
      case 'mine-cancelled':
        return this.#miner.onMineCancelled(event.request);
      case 'set-mining':
        return this.#miner.onSetMining(event);
      case 'connect-peer':
        return this.#dialling.onConnectRequest(event.request, event.url);
      case 'disconnect-peer':
        return this.#connections.onDisconnectRequest(event.request, event.peer);
      case 'invalidate-block':
        return this.#onValidityRequest(event.request, event.blockHash, (entry) => this.chain.invalidate(entry));
      case 'reconsider-block':
        return this.#onValidityRequest(event.request, event.blockHash, (entry) => this.chain.reconsider(entry));
    }
  }

  #onStart(peers: readonly string[]): void {
    this.#peers.restoreDiscouraged(this.#stored.discouraged());
    const pending = [...this.#stored.journal()]
      .sort((a, b) => a.receivedMs - b.receivedMs)
      .map((entry) => ({ ...entry, transfer: storedTransfer(entry.raw) }));
    for (const { transfer } of pending) this.#verifier.remember(transfer);
    this.mempool.restore(pending);
    this.chain.advance();
    // Nobody is connected to be asked: but from now on what is missing is waited for.
    this.#download.fetchMore();
    this.#transactions.start();
    this.mempool.start();
    this.#dialling.start(this.#stored.addresses(), peers);
    this.#staleTip.start();
    this.#miner.start();
    this.#doubtClock();
  }

  /** A board without a battery, a machine that slept: its clock would make it refuse what others mine. */
  #doubtClock(): void {
    const doubt = clockDoubt(this.chain.tip, this.params, wallSeconds(this.#turn.now));
    if (!doubt) return;
    const { message, behindSeconds } = doubt;
    this.#turn.emit({ type: 'log', level: 'warn', message, fields: { behindSeconds } });
  }

  #onFrame(peer: Peer, frame: Uint8Array): void {
    if (peer.state.kind === 'closing') return;
    let message: Message;
    try {
      message = decodeMessage(frame);
    } catch (error) {
      if (!(error instanceof DecodeError || error instanceof RuleError)) throw error;
      this.#peers.punish(peer, `malformed message: ${error.message}`);
      return;
    }
    const isFirst = peer.state.kind === 'handshake';
    if (message.type === 'hello' && isFirst) this.#connections.onHello(peer, message);
    else if (message.type === 'bye') this.#connections.onBye(peer, message.code, message.reason);
    else if (message.type === 'hello') this.#peers.punish(peer, 'says hello twice');
    else if (isFirst) this.#peers.punish(peer, `sends ${message.type} before hello`);
    else this.#onMessage(peer, message);
  }

  #onMessage(peer: Peer, message: Exclude<Message, { type: 'hello' | 'bye' }>): void {
    switch (message.type) {
      case 'ping':
        return this.#peers.send(peer, { type: 'pong', nonce: message.nonce });
      case 'pong':
        return this.#connections.onPong(peer, message.nonce);
      case 'getAddresses':
        return this.#connections.onGetAddresses(peer);
      case 'addresses':
        return this.#connections.onAddresses(peer, message);
      case 'getHeaders':
      case 'getTransactions':
      case 'getBlockTransactions':
        return this.#serving.onRequest(peer, message);
      case 'headers':
        return this.#headerSync.onHeaders(peer, message.headers);
      case 'inv':
        return this.#transactions.onInv(peer, message.txids);
      case 'transactions':
        return this.#transactions.onTransactions(peer, message.transfers);
      case 'notFound':
        if (message.what === 'transaction') return this.#transactions.onNotFound(peer, message.hashes);
        return this.#blocks.onNotFound(peer, message.hashes);
      case 'getBlocks':
        return this.#serving.onGetBlocks(peer, message.blockHashes);
      case 'block':
        return this.#blocks.onBlock(peer, message.raw);
      case 'compactBlock':
        return this.#blocks.onCompactBlock(peer, message);
      case 'blockTransactions':
        return this.#blocks.onBlockTransactions(peer, message.blockHash, message.transfers);
    }
  }

  #onReady(peer: Peer): void {
    this.#transactions.onReady(peer);
    this.#headerSync.onReady(peer);
    this.#blocks.onReady(peer);
    this.#download.fetchMore();
  }

  #onGone(peer: Peer): void {
    this.#blocks.onGone(peer);
    this.#download.onGone(peer);
    this.#staleTip.onGone(peer);
    this.#headerSync.onGone(peer);
    this.#transactions.onGone(peer);
  }

  #onMined(block: Block): BlockEntry | null {
    const { index } = this.chain;
    const parent = index.get(block.header.prevHash);
    assertInvariant(parent !== undefined, 'a template builds on a kept block');
    const seen = { atMs: this.#turn.now.wallMs, nowSeconds: wallSeconds(this.#turn.now), from: 'self' };
    try {
      const [entry] = this.chain.keepHeaders([index.extend(parent, block, seen)]);
      assertInvariant(entry !== undefined, 'one header was kept');
      this.chain.acceptBody(entry, block);
      return entry;
    } catch (error) {
      // The clock was set back since the template was made: the block is not for now, and nobody's fault.
      if (!(error instanceof RuleError) || error.senderAtFault) throw error;
      const fields = { block: block.hash, rule: error.code };
      this.#turn.emit({ type: 'log', level: 'warn', message: 'mined block dropped', fields });
      return null;
    }
  }

  #onValidityRequest(request: RequestId, hash: Hash, act: (entry: BlockEntry) => void): void {
    const entry = this.chain.get(hash);
    let reply: Reply = { ok: true, value: { kind: 'done' } };
    if (!entry) reply = { ok: false, code: 'unknown-block', message: `no block ${hash} is known` };
    else if (entry.parent === null)
      reply = { ok: false, code: 'genesis-block', message: 'the genesis block is valid by definition' };
    else act(entry);
    this.#validityReplies.push({ request, reply });
  }

  #chainObserver(): ConstructorParameters<typeof Chain>[4] {
    return {
      onChange: (change) => this.#onChainChange(change),
      onInvalid: (entry, error) => {
        const fields = { block: entry.record.hash, height: entry.record.height, rule: error.code };
        this.#turn.emit({ type: 'log', level: 'warn', message: 'invalid block', fields });
        this.#blocks.onInvalid(entry, error);
      },
      journalEntry: (txid) => this.mempool.journalEntry(txid),
    };
  }

  /** The node stands on another tip, and its commit is among the effects before these. */
  #onChainChange(change: ChainChange): void {
    this.#blocks.announce(change);
    this.#staleTip.onTip();
    this.#miner.onChainChange();
    const { returned, dropped } = this.#updateMempool(change);
    const { disconnected, connected, forkPoint } = change;
    if (disconnected.length > 0) {
      const fields = {
        disconnected: disconnected.length,
        connected: connected.length,
        returned: returned.length,
        forkHeight: forkPoint.record.height,
        tip: this.chain.tip.record.hash,
      };
      this.#turn.emit({ type: 'log', level: 'info', message: 'reorg', fields });
      this.#turn.emit({
        type: 'publish',
        notice: {
          kind: 'reorg',
          commonAncestor: forkPoint.record.hash,
          disconnected: disconnected.map((entry) => entry.record.hash),
          connected: connected.map((entry) => entry.record.hash),
          returnedToMempool: returned,
          dropped,
        },
      });
    }
    this.#activity.onTip(this.chain.tip, connected.length);
    for (const { record } of connected) {
      this.#turn.emit({ type: 'publish', notice: { kind: 'block', blockHash: record.hash, height: record.height } });
    }
  }

  #updateMempool(change: ChainChange): { returned: Hash[]; dropped: MempoolRemoval[] } {
    const confirmed: Transfer[] = [];
    const touched = new Set<Address>();
    // While catching up there is nothing pending that a block could touch.
    const isUntouched = this.mempool.size === 0 && change.disconnected.length === 0;
    for (const entry of isUntouched ? [] : change.connected) {
      for (const transaction of this.chain.readBlock(entry).transactions) {
        touched.add(transaction.recipient);
        if (transaction.kind !== 'transfer') continue;
        touched.add(transaction.sender);
        confirmed.push(transaction);
      }
    }
    // They were in blocks that had been connected.
    for (const transfer of change.returned) this.#verifier.remember(transfer);
    if (change.disconnected.length > 0) for (const sender of this.mempool.senders()) touched.add(sender);
    return this.mempool.onChainChange(confirmed, change.returned, touched);
  }

  /** The end of every event: what came of it is announced, and mining follows. */
  #settle(): void {
    this.#pipeline.settle();
    // Whoever changed what counts as valid is told when the node stands where that leads.
    for (const { request, reply } of this.chain.isMoving ? [] : this.#validityReplies.splice(0))
      this.#turn.emit({ type: 'reply', request, reply });
    const newlyReady = this.mempool.flush();
    this.#activity.onTransactions(newlyReady);
    this.#transactions.announce(newlyReady);
    if (newlyReady.length > 0) this.#miner.onMempoolChange();
    this.#miner.update();
    this.#headerSync.settle();
    this.#sync.settle();
    this.#turn.armTimer();
  }
}

/** A transaction from our own journal, which held only what had been checked. */
function storedTransfer(raw: Uint8Array): Transfer {
  const transaction = decodeTransaction(raw);
  assertInvariant(transaction.kind === 'transfer', 'the journal holds transfers');
  return transaction;
}
