import { DEVELOPMENT_ACCOUNTS } from '../consensus/development-accounts.ts';
import { assertInvariant } from '../consensus/errors.ts';
import type { Network } from '../consensus/genesis.ts';
import { REGTEST } from '../consensus/networks.ts';
import { type SignatureCheck, verifySignature } from '../consensus/signature.ts';
import { arriveInOrder, depart, drawDelayMs, isLost, type Line, makeLine } from '../protocol/line.ts';
import { CLEAR, type LinkConditions } from '../protocol/link-conditions.ts';
import { SeededRandom } from './seeded-random.ts';
import { type NodeWatcher, SimulatedNode } from './simulated-node.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Port of the first node of a machine; the others follow. */
const FIRST_PORT = 5_000;

export interface NetworkOptions {
  readonly seed: number;
  readonly params?: Network;
  /** One-way delay of a message in milliseconds: uniform between the two. */
  readonly delayMs?: readonly [least: number, most: number];
  /** Checks signatures; by default in JavaScript, which needs nothing but takes a millisecond for each. */
  readonly verify?: (check: SignatureCheck) => boolean;
  readonly watcher?: NodeWatcher;
  /** Whether all nodes share one host, as on a laptop; else each has its own. One machine by default. */
  readonly isOneMachine?: boolean;
}

/**
 * What happens to messages on their way from one node to another: the conditions that real nodes know, and faults that no
 * stream has. Probabilities are for each message.
 */
export interface PathConditions extends LinkConditions {
  /** A message does not arrive, and the connection goes on without it. */
  readonly drop: number;
  readonly duplication: number;
  readonly reordering: number;
}

/** A path on which nothing happens to messages. */
export const CLEAR_PATH: PathConditions = { ...CLEAR, drop: 0, duplication: 0, reordering: 0 };

/** One end of a connection. */
interface End {
  readonly node: SimulatedNode;
  readonly peer: string;
  other: End | null;
  /** The way to this end. */
  readonly line: Line;
  /** When the hello arrives; null before it is sent. It comes first and once, whatever happens to the rest. */
  helloArrivalMs: number | null;
  /** Something sent to this end was dropped: its stream is broken, and the connection ends when all is healed. */
  isTorn: boolean;
  readonly openedMs: number;
  readonly isCaller: boolean;
}

/** A connection between two nodes. */
export interface Link {
  readonly nodes: readonly [caller: SimulatedNode, called: SimulatedNode];
  /** What each of the two calls it. */
  readonly peers: readonly [string, string];
  readonly openedMs: number;
  /** Whether everything that was sent arrives. */
  readonly isWhole: boolean;
}

/** A connection whose far end is the caller. */
export interface RawConnection {
  send(bytes: Uint8Array): void;
  close(): void;
}

/** What a network counts. */
export interface Traffic {
  messages: number;
  bytes: number;
  /** Messages that broke their connection. */
  lost: number;
  dropped: number;
  duplicated: number;
  reordered: number;
}

/**
 * Several nodes on one virtual clock, with connections that delay, and can be cut and partitioned. The same seed gives
 * the same run, byte for byte.
 */
export class SimulatedNetwork {
  readonly clock = new VirtualClock();
  readonly random: SeededRandom;
  readonly params: Network;
  readonly nodes: SimulatedNode[] = [];
  readonly traffic: Traffic = { messages: 0, bytes: 0, lost: 0, dropped: 0, duplicated: 0, reordered: 0 };
  /** Decides what a message between two nodes meets. */
  pathOf: (from: SimulatedNode, to: SimulatedNode) => PathConditions;
  readonly #verify: (check: SignatureCheck) => boolean;
  readonly #watcher: NodeWatcher | null;
  readonly #isOneMachine: boolean;
  readonly #byUrl = new Map<string, SimulatedNode>();
  readonly #ends = new Map<string, End>();
  readonly #raw = new Map<string, { onFrame(bytes: Uint8Array): void; onClosed(reason: string): void }>();
  #connections = 0;
  /** Group of each node while the network is partitioned. */
  readonly #groups = new Map<SimulatedNode, number>();
  /** Conditions of single links, by `from` and `to`. */
  readonly #conditions = new Map<SimulatedNode, Map<SimulatedNode, LinkConditions>>();
  /** Nodes from which nothing gets through to others, by `from` and `to`. */
  readonly #oneWay = new Map<SimulatedNode, Set<SimulatedNode>>();

  constructor(options: NetworkOptions) {
    this.random = new SeededRandom(options.seed);
    this.params = options.params ?? REGTEST;
    const delayMs = options.delayMs ?? [5, 15];
    const path = { ...CLEAR_PATH, delayMs };
    this.pathOf = () => path;
    this.#verify = options.verify ?? verifySignature;
    this.#watcher = options.watcher ?? null;
    this.#isOneMachine = options.isOneMachine ?? true;
  }

  /** Adds and starts a node. `peers` are dialled, by index of the node. */
  addNode(options: { peers?: readonly number[]; hashrate?: number; learnAddresses?: boolean } = {}): SimulatedNode {
    const index = this.nodes.length;
    const url = this.urlOf(index);
    const config = {
      params: this.params,
      listenUrl: url,
      userAgent: `simulated/${index}`,
      peers: (options.peers ?? []).map((peer) => this.urlOf(peer)),
      learnAddresses: options.learnAddresses ?? true,
      miner: {
        mode: 'off',
        threads: 1,
        hashrateLimit: 0,
        intervalMs: 10_000,
        recipient: DEVELOPMENT_ACCOUNTS[index % DEVELOPMENT_ACCOUNTS.length]?.address ?? null,
        tag: minerTag(index),
      },
    } as const;
    const hashrate = options.hashrate ?? 1_000;
    const verify = this.#verify;
    const node = new SimulatedNode(
      { index, url, config, hashrate, verify, watcher: this.#watcher },
      this.clock,
      this.random,
      this,
    );
    this.nodes.push(node);
    this.#byUrl.set(url, node);
    node.start();
    return node;
  }

  /** Where a node listens. */
  urlOf(index: number): string {
    return `http://${this.#hostOf(index)}:${FIRST_PORT + (this.#isOneMachine ? index : 0)}`;
  }

  /** Runs until `isDone` holds; fails when it does not within `limitMs` of virtual time. */
  runUntil(isDone: () => boolean, limitMs = 60_000, what = 'the expected state'): void {
    const deadline = this.clock.nowMs + limitMs;
    while (!isDone()) {
      assertInvariant(
        this.clock.nowMs <= deadline && this.clock.step(),
        `${what} was not reached within ${limitMs} ms of virtual time`,
      );
    }
  }

  /** Lets time pass. */
  runFor(durationMs: number): void {
    this.clock.runUntil(this.clock.nowMs + durationMs);
  }

  /** Cuts all connections between different groups and lets no new ones through. Nodes not named form a group of their own. */
  partition(...groups: readonly (readonly SimulatedNode[])[]): void {
    this.#groups.clear();
    groups.forEach((group, i) => {
      for (const node of group) this.#groups.set(node, i + 1);
    });
    this.#closeParted();
  }

  /** Sets the conditions of the way from one node to another, whatever `pathOf` says of them. */
  setConditions(from: SimulatedNode, to: SimulatedNode, conditions: LinkConditions): void {
    const wasCut = this.#pathBetween(from, to).cut;
    const links = this.#conditions.get(from) ?? new Map<SimulatedNode, LinkConditions>();
    links.set(to, conditions);
    this.#conditions.set(from, links);
    this.#closeParted();
    if (wasCut && !conditions.cut) from.handle({ type: 'link-reopened', url: to.url });
  }

  /** Ends the conditions of all single links. */
  clearConditions(): void {
    this.#conditions.clear();
  }

  /** Drops everything from one node to the other; the opposite direction still works. */
  silence(from: SimulatedNode, to: SimulatedNode): void {
    const silenced = this.#oneWay.get(from) ?? new Set();
    silenced.add(to);
    this.#oneWay.set(from, silenced);
  }

  /** Ends all partitions. Connections that have lost something stay, and what was lost is not sent again. */
  mend(): void {
    this.#groups.clear();
    this.#oneWay.clear();
  }

  /** Ends all partitions, and the connections that have lost something, as a stream has to. */
  heal(): void {
    this.mend();
    for (const end of [...this.#ends.values()]) if (end.isTorn) this.#close(end, 'connection lost');
  }

  /** Breaks a connection between two nodes, chosen by `random`. False when there is none. */
  cut(random: SeededRandom): boolean {
    const end = random.pick([...this.#ends.values()].filter(({ other }) => other));
    if (end) this.#close(end, 'connection lost');
    return end !== undefined;
  }

  /** Breaks a connection at one end, without a goodbye. */
  hangUp(peer: string): void {
    const end = this.#ends.get(peer);
    if (end) this.#close(end, 'connection lost');
  }

  /** Kills a node; its peers notice. */
  kill(node: SimulatedNode): void {
    node.kill();
  }

  /** The node at the other end of a connection; null where that is a test, or the connection has ended. */
  otherEnd(peer: string): SimulatedNode | null {
    return this.#ends.get(peer)?.other?.node ?? null;
  }

  /** Whether the node to which this peer id belongs has opened the connection. */
  isCaller(peer: string): boolean {
    return this.#ends.get(peer)?.isCaller ?? false;
  }

  /** All connections between two nodes. */
  *links(): Generator<Link> {
    for (const end of this.#ends.values()) {
      const { other } = end;
      if (!other || !end.isCaller) continue;
      yield {
        nodes: [end.node, other.node],
        peers: [end.peer, other.peer],
        openedMs: end.openedMs,
        isWhole: !end.isTorn && !other.isTorn,
      };
    }
  }

  /** The connections of a node. */
  peersOf(node: SimulatedNode): string[] {
    return [...this.#ends.values()].filter((end) => end.node === node).map(({ peer }) => peer);
  }

  /** A connection whose far end is the test itself: it sends what it likes and sees every frame. */
  connectRaw(
    node: SimulatedNode,
    received: (bytes: Uint8Array) => void,
    closed: (reason: string) => void = () => {},
  ): RawConnection {
    const peer = this.#makePeerId();
    this.#raw.set(peer, { onFrame: received, onClosed: closed });
    this.#ends.set(peer, makeEnd(node, peer, this.clock.nowMs));
    node.handle({
      type: 'peer-connected',
      peer,
      direction: 'inbound',
      address: `127.0.0.1:${peer}`,
      host: '127.0.0.1',
      loopback: true,
    });
    return {
      send: (bytes) => node.handleLater(0, { type: 'peer-message', peer, bytes }),
      close: () => node.handleLater(0, { type: 'peer-closed', peer, reason: 'closed' }),
    };
  }

  send(_from: SimulatedNode, peer: string, bytes: Uint8Array): void {
    this.#raw.get(peer)?.onFrame(bytes);
    const near = this.#ends.get(peer);
    const far = near?.other;
    if (!near || !far) return;
    this.traffic.messages++;
    this.traffic.bytes += bytes.length;
    const path = this.#pathBetween(near.node, far.node);
    const isHello = far.helloArrivalMs === null;
    if (isLost(path, this.random)) {
      this.traffic.lost++;
      this.clock.schedule(0, () => this.#close(near, 'connection lost'));
      return;
    }
    if (this.#oneWay.get(near.node)?.has(far.node) || (!isHello && this.#drawWhether(path.drop))) {
      this.traffic.dropped++;
      far.isTorn = true;
      return;
    }
    this.#deliver(far, bytes, path, isHello);
    if (isHello || !this.#drawWhether(path.duplication)) return;
    this.traffic.duplicated++;
    this.#deliver(far, bytes, path, false);
  }

  dial(from: SimulatedNode, url: string): void {
    const to = this.#byUrl.get(url);
    const delayMs = this.#drawDelayBetween(from, to ?? from) + this.#drawDelayBetween(to ?? from, from);
    if (!to?.isRunning || !this.#canTalk(from, to)) {
      from.handleLater(delayMs, { type: 'dial-failed', url, reason: 'connection refused' });
      return;
    }
    const { life } = from;
    this.clock.schedule(delayMs, () => {
      if (from.life === life) this.#connect(from, to);
    });
  }

  disconnect(from: SimulatedNode, peer: string, reason: string): void {
    const end = this.#ends.get(peer);
    if (!end) return;
    this.#raw.get(peer)?.onClosed(reason);
    const travelMs = this.#drawDelayBetween(from, end.other?.node ?? from);
    const delayMs = Math.max(travelMs, (end.other?.line.lastArrivalMs ?? 0) - this.clock.nowMs);
    this.clock.schedule(delayMs, () => this.#close(end, reason));
  }

  closeConnectionsOf(node: SimulatedNode): void {
    for (const end of [...this.#ends.values()]) if (end.node === node) this.#close(end, 'connection lost');
  }

  #deliver(to: End, bytes: Uint8Array, path: PathConditions, isHello: boolean): void {
    const departureMs = depart(to.line, path, bytes.length, this.clock.nowMs);
    let arrivalMs = departureMs + this.#drawDelay(path.delayMs);
    const overtakes = !isHello && this.#drawWhether(path.reordering);
    if (overtakes) {
      this.traffic.reordered++;
      arrivalMs = Math.max(arrivalMs + this.#drawDelay(path.delayMs) * 2, to.helloArrivalMs ?? 0);
    } else {
      arrivalMs = arriveInOrder(to.line, arrivalMs);
      to.helloArrivalMs ??= arrivalMs;
    }
    this.clock.scheduleAt(arrivalMs, () => {
      if (this.#ends.has(to.peer)) to.node.handle({ type: 'peer-message', peer: to.peer, bytes });
    });
  }

  #connect(from: SimulatedNode, to: SimulatedNode): void {
    if (!from.isRunning || !to.isRunning || !this.#canTalk(from, to)) {
      from.handle({ type: 'dial-failed', url: to.url, reason: 'connection refused' });
      return;
    }
    const near = makeEnd(from, this.#makePeerId(), this.clock.nowMs, true);
    const far = makeEnd(to, this.#makePeerId(), this.clock.nowMs);
    near.other = far;
    far.other = near;
    this.#ends.set(near.peer, near);
    this.#ends.set(far.peer, far);
    const common = { type: 'peer-connected', loopback: this.#isOneMachine } as const;
    const [fromHost, toHost] = [this.#hostOf(from.index), this.#hostOf(to.index)];
    from.handle({ ...common, host: toHost, peer: near.peer, direction: 'outbound', address: to.url });
    to.handle({ ...common, host: fromHost, peer: far.peer, direction: 'inbound', address: `${fromHost}:${far.peer}` });
  }

  #close(end: End, reason: string): void {
    for (const each of [end, end.other]) {
      if (!each || !this.#ends.delete(each.peer)) continue;
      each.node.handle({ type: 'peer-closed', peer: each.peer, reason });
    }
  }

  #hostOf(index: number): string {
    return this.#isOneMachine ? '127.0.0.1' : `10.0.${index >> 8}.${index & 0xff}`;
  }

  #makePeerId(): string {
    this.#connections++;
    return `c${this.#connections}`;
  }

  #canTalk(a: SimulatedNode, b: SimulatedNode): boolean {
    const isSilenced = this.#oneWay.get(a)?.has(b) || this.#oneWay.get(b)?.has(a);
    const isCut = this.#pathBetween(a, b).cut || this.#pathBetween(b, a).cut;
    return this.#groups.get(a) === this.#groups.get(b) && !isSilenced && !isCut;
  }

  #pathBetween(from: SimulatedNode, to: SimulatedNode): PathConditions {
    const conditions = this.#conditions.get(from)?.get(to);
    return conditions ? { ...CLEAR_PATH, ...conditions } : this.pathOf(from, to);
  }

  #closeParted(): void {
    for (const end of [...this.#ends.values()]) {
      if (end.other && !this.#canTalk(end.node, end.other.node)) this.#close(end, 'connection lost');
    }
  }

  /** Draws only where the probability is not 0, so that unused conditions do not change the random sequence. */
  #drawWhether(probability: number): boolean {
    return probability > 0 && this.random.chance(probability);
  }

  #drawDelayBetween(from: SimulatedNode, to: SimulatedNode): number {
    return this.#drawDelay(this.#pathBetween(from, to).delayMs);
  }

  #drawDelay(delayMs: LinkConditions['delayMs']): number {
    return drawDelayMs(delayMs, this.random);
  }
}

function makeEnd(node: SimulatedNode, peer: string, openedMs: number, isCaller = false): End {
  return { node, peer, other: null, line: makeLine(), helloArrivalMs: null, isTorn: false, openedMs, isCaller };
}

const TAG_BASE = 256;

/** Coinbase tag of a node's blocks, by which they are recognised. */
function minerTag(index: number): Uint8Array {
  return new Uint8Array([index % TAG_BASE, Math.floor(index / TAG_BASE)]);
}

/** The number of the node whose blocks have this tag. */
export function minerOfTag([low = 0, high = 0]: Uint8Array): number {
  return low + high * TAG_BASE;
}
