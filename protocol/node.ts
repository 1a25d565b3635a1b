import type { Network } from '../consensus/genesis.ts';
import type { SignatureCheck } from '../consensus/signature.ts';
import { ActivityLog } from './activity-log.ts';
import { BlockDownload } from './block-download.ts';
import { BlockRelay } from './block-relay.ts';
import type { BoundedResource } from './bounded-resource.ts';
import { Chain, type ChainObserver } from './chain.ts';
import { ChainFollower } from './chain-follower.ts';
import type { ChainReader, StoredNode } from './chain-reader.ts';
import { warnOfClock } from './clock-distance.ts';
import { Connections, type ConnectionsObserver } from './connections.ts';
import { Dialling } from './dialling.ts';
import type { Effect } from './effects.ts';
import { EventContext } from './event-context.ts';
import type { NodeEvent } from './events.ts';
import { HeaderIndex } from './header-index.ts';
import { HeaderSync } from './header-sync.ts';
import { Mempool } from './mempool.ts';
import { decodeMessage, type Message } from './messages.ts';
import { Miner, type MinerOptions } from './miner.ts';
import type { Template } from './mining-job.ts';
import type { NodeMemory } from './node-memory.ts';
import type { MinerView, NodeView, PeerView, SyncView } from './node-view.ts';
import type { Peer } from './peer.ts';
import { Peers } from './peers.ts';
import { PendingState } from './pending-state.ts';
import { ProgramCache } from './program-cache.ts';
import { Serving } from './serving.ts';
import { StaleTip } from './stale-tip.ts';
import { SyncProgress } from './sync-progress.ts';
import type { Instant, RandomSource } from './time.ts';
import { TransactionPipeline } from './transaction-pipeline.ts';
import { TransactionRelay } from './transaction-relay.ts';
import { ValidityRequests } from './validity-requests.ts';
import { Verifier } from './verifier.ts';

export interface NodeConfig {
  readonly params: Network;
  readonly listenUrl: string | null;
  readonly userAgent: string;
  /** Canonical URLs of peers to keep connected to. */
  readonly peers: readonly string[];
  /** Whether to connect to nodes that peers tell of as well. */
  readonly learnAddresses: boolean;
  /** Whether the address of a node is stored for the next run; default: all but those of this machine. */
  readonly keepsAddress?: (url: string) => boolean;
  readonly miner: MinerOptions;
  /** At most one line about blocks and transactions is logged in this time; 0: one for each; default: a second. */
  readonly activityIntervalMs?: number | undefined;
  /** Verifies the signatures that contracts look at; default: in plain JavaScript. */
  readonly verifySignature?: (check: SignatureCheck) => boolean;
}

/**
 * One node, without any input or output of its own: events in, effects out. This class only routes; the rules of each
 * subject are in the part that carries its name.
 */
export class ForkloreNode implements NodeView {
  readonly params: Network;
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly #context: EventContext;
  readonly #state: PendingState;
  readonly #stored: StoredNode;
  readonly #verifier: Verifier;
  readonly #programs: ProgramCache;
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
  readonly #validity: ValidityRequests;
  readonly #follower: ChainFollower;

  /** Loads what an earlier run stored; nothing happens before the `start` event. */
  constructor(config: NodeConfig, reader: ChainReader, stored: StoredNode, random: RandomSource, now: Instant) {
    const { params, peers: configured, learnAddresses: learn, keepsAddress: keeps, listenUrl, userAgent } = config;
    this.params = params;
    this.#stored = stored;
    const context = new EventContext(random, now);
    this.#context = context;
    const state = new PendingState(reader);
    this.#state = state;
    this.#activity = new ActivityLog(context, config.activityIntervalMs);
    const verifier = new Verifier(context);
    this.#verifier = verifier;
    const peers = new Peers(context);
    this.#peers = peers;
    const index = new HeaderIndex(params, now.wallMs);
    for (const record of stored.headers()) index.restore(record);
    const observer: ChainObserver = {
      onChange: (change) => this.#follower.onChange(change),
      onExecuting: (change) => this.#follower.onExecuting(change),
      onInvalid: (entry, error) => this.#follower.onInvalid(entry, error),
      journalEntry: (txid) => this.mempool.journalEntry(txid),
      takeExecution: (parent, block) => this.#miner.takeExecution(parent, block),
    };
    const host = new ProgramCache(config.verifySignature);
    this.#programs = host;
    const chain = new Chain({ context, params, state, verifier, host, observer, index, tip: stored.tip });
    this.chain = chain;
    const mempool = new Mempool(context, state, host);
    this.mempool = mempool;
    const dialling = new Dialling(context, peers, listenUrl, { configured, learn, keeps });
    this.#dialling = dialling;
    const identity = { listenUrl, userAgent };
    const connections = new Connections({ context, params, peers, identity, dialling, observer: this.#peerObserver() });
    this.#connections = connections;
    const headerSync = new HeaderSync(context, params, peers, chain, {
      onHeaders: (peer) => this.#download.onHeaders(peer),
      onUseless: (peer) => connections.replace(peer, 'answered no request for headers'),
    });
    this.#headerSync = headerSync;
    const download = new BlockDownload(context, peers, chain, {
      onUseless: (peer) => connections.replace(peer, 'gave none of the blocks that it was asked for'),
    });
    this.#download = download;
    this.#sync = new SyncProgress(context, peers, chain, headerSync, download);
    const staleTip = new StaleTip({ context, params, peers, chain, dialling, connections, headerSync });
    this.#staleTip = staleTip;
    this.#serving = new Serving(context, peers, chain, mempool, state);
    this.#pipeline = new TransactionPipeline({ context, params, verifier, mempool, peers, chain });
    this.#transactions = new TransactionRelay(context, peers, mempool, this.#pipeline);
    const blocks = new BlockRelay({ context, peers, chain, mempool, headerSync, download });
    this.#blocks = blocks;
    const miner = new Miner({
      context,
      params,
      chain,
      mempool,
      state,
      host,
      options: config.miner,
      observer: { onMined: (block) => blocks.acceptMined(block) },
    });
    this.#miner = miner;
    this.#validity = new ValidityRequests(context, chain);
    this.#follower = new ChainFollower({
      context,
      chain,
      mempool,
      verifier,
      blocks,
      staleTip,
      miner,
      activity: this.#activity,
    });
  }

  /**
   * Handles one event.
   * @returns the effects that the host has to perform, in order
   * @throws InvariantError when the node's own state is wrong: it must stop, because none of its answers can be trusted
   */
  handleEvent(event: NodeEvent, now: Instant): Effect[] {
    this.#context.now = now;
    this.#state.clear();
    const { tip, bestHeader } = this.chain;
    this.#route(event);
    // Fewer blocks wait to be connected, so there may be room for more; or another branch is the best one now.
    if (this.chain.tip !== tip || this.chain.bestHeader !== bestHeader) {
      this.#download.fetchMore();
      // After a block was ruled out, the claims of peers may exceed the best header.
      this.#headerSync.syncMore();
    }
    this.#settle();
    return this.#context.drain();
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

  resources(): readonly BoundedResource[] {
    return [
      this.#verifier,
      this.#programs,
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
    ].flatMap((part) => part.resources());
  }

  /** What it knows beside its store; see `NodeMemory`. @param nowMonotonicMs of the clock that its events carry */
  memory(nowMonotonicMs: number): NodeMemory {
    return {
      ...this.mempool.memory(nowMonotonicMs),
      discouraged: this.#peers.memory(nowMonotonicMs),
      nextBlockSeconds: this.#miner.nextBlockSeconds,
    };
  }

  template(nowSeconds: number): Template {
    return this.#miner.preview(nowSeconds);
  }

  #route(event: NodeEvent): void {
    switch (event.type) {
      case 'start':
        return this.#onStart(event.peers ?? [], event.memory);
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
      case 'link-reopened':
        return this.#dialling.onLinkReopened(event.url);
      case 'timer':
        return this.#context.ringAlarms();
      case 'continue':
        this.chain.onContinue();
        this.#headerSync.onContinue();
        this.#pipeline.onContinue();
        this.#miner.onContinue();
        return this.#serving.onContinue();
      case 'clock-moved':
        this.#miner.onClockMoved();
        return this.#headerSync.onClockMoved();
      case 'verified':
        return this.#verifier.onVerified(event.id, event.valid);
      case 'set-payees':
        return this.#miner.offered.onPayees(event.payees);
      case 'offered-job-solved':
        return this.#miner.offered.onSolution(event.job, event.solution);
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
          | 'set-next-block-time'
          | 'drop-transaction'
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
      case 'set-next-block-time':
        return this.#miner.onSetNextBlockTime(event.request, event.timeSeconds);
      case 'drop-transaction':
        return this.#pipeline.drop(event.request, event.txid);
      case 'connect-peer':
        return this.#dialling.onConnectRequest(event.request, event.url);
      case 'disconnect-peer':
        return this.#connections.onDisconnectRequest(event.request, event.peer);
      case 'invalidate-block':
        return this.#validity.invalidate(event.request, event.blockHash);
      case 'reconsider-block':
        return this.#validity.reconsider(event.request, event.blockHash);
    }
  }

  #onStart(peers: readonly string[], memory?: NodeMemory): void {
    this.#peers.restoreDiscouraged(this.#stored.discouraged(), memory?.discouraged);
    this.#pipeline.restore(this.#stored.journal(), memory?.pending);
    if (memory) {
      this.mempool.restoreRaisedFee(memory.raisedFee);
      this.#miner.restoreNextBlockTime(memory.nextBlockSeconds);
    }
    this.chain.advance();
    // No peer is connected yet, but the time that missing bodies are waited for begins now.
    this.#download.fetchMore();
    this.#transactions.start();
    this.mempool.start();
    this.#dialling.start(this.#stored.addresses(), peers);
    this.#staleTip.start();
    this.#miner.start();
    warnOfClock(this.#context, this.chain.tip, this.params);
  }

  #onFrame(peer: Peer, frame: Uint8Array): void {
    if (peer.state.kind === 'closing') return;
    const message = this.#peers.decodeOrPunish(peer, 'message', () => decodeMessage(frame));
    const passedOn = message && this.#connections.onMessage(peer, message);
    if (passedOn) this.#onMessage(peer, passedOn);
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
        return this.#transactions.onTransactions(peer, message.transactions);
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
        return this.#blocks.onBlockTransactions(peer, message.blockHash, message.transactions);
    }
  }

  #peerObserver(): ConnectionsObserver {
    return {
      chainState: () => ({ ...this.chain.tip.record, tipHash: this.chain.tip.record.hash }),
      onReady: (peer) => this.#onReady(peer),
      onGone: (peer) => this.#onGone(peer),
    };
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

  /** The end of every event: announces what has changed, and adapts mining to it. */
  #settle(): void {
    this.#pipeline.settle();
    this.#validity.settle();
    const newlyReady = this.mempool.flush();
    this.#activity.onTransactions(newlyReady);
    this.#transactions.announce(newlyReady);
    if (newlyReady.length > 0) this.#miner.onMempoolChange();
    this.#miner.update();
    this.#headerSync.settle();
    this.#sync.settle();
    this.#context.armTimer();
  }
}
