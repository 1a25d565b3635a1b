import { type Block, decodeBlock } from '../consensus/block.ts';
import { assertInvariant, RuleError } from '../consensus/errors.ts';
import type { Hash } from '../consensus/hash.ts';
import { type BlockHeader, blockHash } from '../consensus/header.ts';
import type { SignedTransaction } from '../consensus/transaction.ts';
import type { BlockDownload } from './block-download.ts';
import { BoundedMap } from './bounded-map.ts';
import type { BoundedResource } from './bounded-resource.ts';
import type { Chain } from './chain.ts';
import type { ChainChange } from './chain-move.ts';
import { completeBlock, fillCompactBlock, makeCompactBlock, type PartialBlock } from './compact.ts';
import type { EventContext } from './event-context.ts';
import type { PeerId } from './events.ts';
import { ancestorAt, type BlockEntry } from './header-index.ts';
import { type HeaderSync, NEAR_TIP_BLOCKS } from './header-sync.ts';
import { MAX_HEADERS_PER_MESSAGE } from './limits.ts';
import type { Mempool } from './mempool.ts';
import { type CompactBlock, encodeMessage } from './messages.ts';
import { noteBlockSent, notePeerHas, type Peer, peerName } from './peer.ts';
import type { Peers } from './peers.ts';
import { Reconstructions } from './reconstructions.ts';
import { randomU64, wallSeconds } from './time.ts';

/** Announcers of one block that are asked at once for its missing transactions; the answers of all but one are wasted. */
const MAX_ASKED_ANNOUNCERS = 3;
/** Blocks whose sender is remembered until they are connected, for punishment. */
const MAX_REMEMBERED_SENDERS = 4_096;

/** What peers are told of a change of the tip. */
type Announced = Pick<ChainChange, 'disconnected' | 'connected'>;

interface BlockRelayParts {
  readonly context: EventContext;
  readonly peers: Peers;
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly headerSync: HeaderSync;
  readonly download: BlockDownload;
}

/** Receives blocks, whole or compact, and announces the ones that became the tip. */
export class BlockRelay {
  readonly #context: EventContext;
  readonly #peers: Peers;
  readonly #chain: Chain;
  readonly #mempool: Mempool;
  readonly #headerSync: HeaderSync;
  readonly #download: BlockDownload;
  readonly #reconstructions = new Reconstructions();
  readonly #senders = new BoundedMap<Hash, PeerId>(MAX_REMEMBERED_SENDERS);
  /** Who was told of a block before it was connected. */
  #ahead: { readonly tip: BlockEntry; readonly peers: ReadonlySet<Peer> } | null = null;

  constructor({ context, peers, chain, mempool, headerSync, download }: BlockRelayParts) {
    this.#context = context;
    this.#peers = peers;
    this.#chain = chain;
    this.#mempool = mempool;
    this.#headerSync = headerSync;
    this.#download = download;
  }

  resources(): BoundedResource[] {
    return [
      ...this.#reconstructions.resources(),
      { what: 'senders of blocks', count: this.#senders.size, limit: MAX_REMEMBERED_SENDERS },
    ];
  }

  /** A whole block, asked for or not. */
  onBlock(peer: Peer, raw: Uint8Array): void {
    const block = this.#peers.decodeOrPunish(peer, 'block', () => decodeBlock(raw));
    if (!block) return;
    const wasAsked = this.#download.isExpected(block.hash);
    this.#download.recordDelivery(peer, block.hash, raw.length);
    const entry = this.#acceptHeader(peer, block.header, block.hash);
    if (entry && (wasAsked || this.#isWanted(entry))) this.#accept(peer, entry, block);
    this.#download.fetchMore();
  }

  onCompactBlock(peer: Peer, compact: CompactBlock): void {
    const hash = blockHash(compact.header);
    const entry = this.#acceptHeader(peer, compact.header, hash);
    if (!entry) return;
    if (this.#isWanted(entry) && !this.#reconstructions.has(hash, peer.id)) this.#fill(peer, entry, compact);
    this.#download.fetchMore();
  }

  /**
   * Rebuilds a compact block from the mempool, or asks its sender for the transactions that are missing, or for the whole
   * block. Several senders may be asked at once, and the first complete answer wins: a silent sender costs no time.
   */
  #fill(peer: Peer, entry: BlockEntry, compact: CompactBlock): void {
    const { hash } = entry.record;
    const partial = fillCompactBlock(compact, this.#mempool.transactions());
    if (partial?.missing.length === 0) this.#complete(peer, entry, partial, []);
    else if (!this.#mayAsk(peer, hash)) return;
    else if (partial) {
      if (!this.#download.expect(peer, entry)) return;
      this.#reconstructions.add(hash, peer.id, partial);
      this.#peers.send(peer, { type: 'getBlockTransactions', blockHash: hash, positions: partial.missing });
    } else this.#requestWhole(peer, entry);
  }

  /**
   * Whether one more announcer of a block may be asked for its missing transactions. The last slot is reserved for a peer
   * that has brought a block before or that this node has dialled, as in Bitcoin Core
   * (`MAX_CMPCTBLOCKS_INFLIGHT_PER_BLOCK`), since any caller can announce. One that was late before, and not in time since,
   * is asked only where no other peer is.
   */
  #mayAsk(peer: Peer, hash: Hash): boolean {
    const asked = this.#download.peersAsked(hash).filter(({ delivery }) => delivery.lapses === 0);
    if (asked.length === 0) return true;
    if (peer.delivery.lapses > 0 || asked.includes(peer)) return false;
    const isLastPlace = asked.length === MAX_ASKED_ANNOUNCERS - 1;
    return asked.length < MAX_ASKED_ANNOUNCERS && (!isLastPlace || [peer, ...asked].some(isProven));
  }

  #requestWhole(peer: Peer, entry: BlockEntry): void {
    if (!this.#download.expect(peer, entry)) return;
    this.#peers.send(peer, { type: 'getBlocks', blockHashes: [entry.record.hash] });
  }

  onBlockTransactions(peer: Peer, hash: Hash, transactions: readonly SignedTransaction[]): void {
    const partial = this.#reconstructions.take(hash, peer.id);
    const entry = this.#chain.get(hash);
    if (!partial || !entry) return;
    this.#complete(peer, entry, partial, transactions);
    this.#download.fetchMore();
  }

  /** A peer lacks blocks, or transactions of them, that it was asked for. */
  onNotFound(peer: Peer, hashes: readonly Hash[]): void {
    for (const hash of hashes) this.#reconstructions.take(hash, peer.id);
    this.#download.onNotFound(peer, hashes);
  }

  onGone(peer: Peer): void {
    this.#reconstructions.onGone(peer.id);
  }

  /** The best chain was reached: announces the new tip to all peers that may not know it. */
  announce(change: Announced): void {
    const { tip } = this.#chain;
    const known = this.#ahead?.tip === tip ? this.#ahead.peers : new Set<Peer>();
    this.#ahead = null;
    this.#tell(tip, change, (peer) => !known.has(peer));
  }

  /** The last of the connected blocks is being executed: announces it to all peers that may not know it. */
  announceAhead(change: Announced): void {
    const tip = change.connected.at(-1);
    assertInvariant(tip !== undefined, 'what is executed is about to be connected');
    this.#ahead = { tip, peers: new Set(this.#peers.ready()) };
    this.#tell(tip, change, () => true);
  }

  #tell(tip: BlockEntry, change: Announced, isMeant: (peer: Peer) => boolean): void {
    if (!tip.parent) return;
    const isSimple = change.disconnected.length === 0 && change.connected.length === 1;
    const compactFrame = isSimple ? this.#compactFrame(tip) : null;
    for (const peer of this.#peers.ready()) {
      if (!isMeant(peer) || (peer.best && ancestorAt(peer.best, tip.record.height) === tip)) continue;
      if (compactFrame) {
        this.#peers.sendFrame(peer, compactFrame);
        noteBlockSent(peer, tip);
      } else this.#announceHeaders(peer, change);
    }
  }

  /** Announces a tip that changed after our hello to this peer, when only peers that were ready were told. */
  onReady(peer: Peer): void {
    const { tip } = this.#chain;
    // During a move the peer is told at its end, with all others.
    if (peer.announcedTip === tip.record.hash || this.#chain.isMoving) return;
    this.#peers.send(peer, { type: 'headers', headers: [tip.record.header] });
  }

  /** A block broke a rule when it was connected: punishes its sender where the rule says so. */
  onInvalid(entry: BlockEntry, error: RuleError): void {
    const sender = this.#senders.get(entry.record.hash);
    const peer = sender === undefined ? undefined : this.#peers.get(sender);
    if (peer && error.senderAtFault) this.#peers.punish(peer, error.message);
  }

  #announceHeaders(peer: Peer, change: Announced): void {
    const connected = change.connected.slice(-MAX_HEADERS_PER_MESSAGE);
    if (connected.length > 0)
      this.#peers.send(peer, { type: 'headers', headers: connected.map((entry) => entry.record.header) });
  }

  #compactFrame(tip: BlockEntry): Uint8Array {
    const block = this.#chain.readBlock(tip);
    // The mempool still holds what it had when the block came; what it lacked, peers may lack as well.
    const likelyMissing = (txid: Hash): boolean => !this.#mempool.has(txid);
    return encodeMessage(makeCompactBlock(block, randomU64(this.#context.random), likelyMissing));
  }

  /**
   * Checks and keeps a block's header, and notes that the peer has it. Null where it does not connect, is too far back, is
   * not acceptable yet, or its sender was at fault and is punished.
   */
  #acceptHeader(peer: Peer, header: BlockHeader, hash: Hash): BlockEntry | null {
    const known = this.#chain.get(hash);
    if (known) {
      notePeerHas(peer, known);
      return known;
    }
    const { index, tip } = this.#chain;
    const parent = this.#chain.get(header.prevHash);
    try {
      if (!parent) {
        index.checkAlone({ hash, header });
        this.#headerSync.onUnknownParent(peer);
        return null;
      }
      // Neither near nor heavier: not worth a place in the index.
      if (parent.record.height < tip.record.height - NEAR_TIP_BLOCKS) return null;
      const seen = { atMs: this.#context.now.wallMs, nowSeconds: wallSeconds(this.#context.now), from: peerName(peer) };
      const entry = index.extend(parent, { hash, header }, seen);
      this.#chain.keepHeaders([entry]);
      notePeerHas(peer, entry);
      return entry;
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      if (error.senderAtFault) this.#peers.punish(peer, error.message);
      else if (parent) this.#headerSync.postpone(peer, { parent, header });
      return null;
    }
  }

  /** An unrequested body is accepted only where it could matter: its parent is whole, and it has at least the work of our tip. */
  #isWanted(entry: BlockEntry): boolean {
    if (entry.record.bodyBytes > 0 || entry.failure) return false;
    const parentHasBody = (entry.parent?.record.arrival ?? 0) > 0;
    return parentHasBody && entry.record.chainWork >= this.#chain.tip.record.chainWork;
  }

  #complete(peer: Peer, entry: BlockEntry, partial: PartialBlock, missing: readonly SignedTransaction[]): void {
    const block = completeBlock(partial, missing);
    if (!block) {
      this.#peers.punish(peer, `sent other transactions than those missing of block ${entry.record.hash}`);
      return;
    }
    this.#download.recordDelivery(peer, entry.record.hash, block.raw.length);
    this.#accept(peer, entry, block, true);
  }

  #accept(peer: Peer, entry: BlockEntry, block: Block, fromCompact = false): void {
    const { hash } = entry.record;
    if (entry.record.bodyBytes > 0 || entry.failure) return this.#stopFetching(hash);
    this.#senders.set(hash, peer.id);
    try {
      this.#chain.acceptBody(entry, block);
      peer.lastBlockMonotonicMs = this.#context.now.monotonicMs;
      this.#stopFetching(hash);
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      // The same block from another peer would be no better.
      if (error.marksInvalid) this.#stopFetching(hash);
      // Two transactions may share a short id: then our reconstruction was wrong, not the sender.
      if (fromCompact && error.code === 'bad-merkle-root') {
        this.#requestWhole(peer, entry);
      } else if (error.senderAtFault) this.#peers.punish(peer, error.message);
    }
  }

  /** Accepts a block that this node mined. Returns its kept entry; null where its time is too far ahead now. */
  acceptMined(block: Block): BlockEntry | null {
    const { index } = this.#chain;
    const parent = index.get(block.header.prevHash);
    assertInvariant(parent !== undefined, 'a template builds on a kept block');
    const seen = { atMs: this.#context.now.wallMs, nowSeconds: wallSeconds(this.#context.now), from: 'self' };
    try {
      const [entry] = this.#chain.keepHeaders([index.extend(parent, block, seen)]);
      assertInvariant(entry !== undefined, 'one header was kept');
      this.#chain.acceptBody(entry, block);
      return entry;
    } catch (error) {
      // The clock was set back since the template was made: the block is too early, and no peer is at fault.
      if (!(error instanceof RuleError) || error.senderAtFault) throw error;
      const fields = { block: block.hash, rule: error.code };
      this.#context.emit({ type: 'log', level: 'warn', message: 'mined block dropped', fields });
      return null;
    }
  }

  /** The body has arrived, or can never be valid: pending requests for it are dropped. */
  #stopFetching(hash: Hash): void {
    this.#download.stopFetching(hash);
    this.#reconstructions.drop(hash);
  }
}

/** Whether a peer is more than an unknown caller. */
function isProven({ direction, lastBlockMonotonicMs }: Peer): boolean {
  return direction === 'outbound' || lastBlockMonotonicMs !== null;
}
