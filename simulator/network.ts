import { DEVELOPMENT_ACCOUNTS } from '../consensus/development-accounts.ts';
import { assertInvariant } from '../consensus/errors.ts';
import { REGTEST } from '../consensus/networks.ts';
import type { NetworkParams } from '../consensus/params.ts';
import { type SignatureCheck, verifySignature } from '../consensus/signature.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimulatedNode } from './simulated-node.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface NetworkOptions {
  readonly seed: number;
  readonly params?: NetworkParams;
  /** One-way delay of a message in milliseconds: uniform between the two. */
  readonly delayMs?: readonly [least: number, most: number];
  /** Checks signatures; by default in JavaScript, which needs nothing but takes a millisecond for each. */
  readonly verify?: (check: SignatureCheck) => boolean;
}

/** One end of a connection. */
interface End {
  readonly node: SimulatedNode;
  readonly peer: string;
  other: End | null;
  /** Arrival time of the last message under way to this end: a stream does not reorder. */
  lastArrivalMs: number;
}

/**
 * Several nodes on one virtual clock, with connections that delay, and can be cut and partitioned. The same seed gives
 * the same run, byte for byte.
 */
export class SimulatedNetwork {
  readonly clock = new VirtualClock();
  readonly random: SeededRandom;
  readonly params: NetworkParams;
  readonly nodes: SimulatedNode[] = [];
  readonly #delayMs: readonly [number, number];
  readonly #verify: (check: SignatureCheck) => boolean;
  readonly #ends = new Map<string, End>();
  #connections = 0;
  /** Group of each node while the network is partitioned. */
  readonly #groups = new Map<SimulatedNode, number>();

  constructor(options: NetworkOptions) {
    this.random = new SeededRandom(options.seed);
    this.params = options.params ?? REGTEST;
    this.#delayMs = options.delayMs ?? [5, 15];
    this.#verify = options.verify ?? verifySignature;
  }

  /** Adds and starts a node. `peers` are dialled, by index of the node. */
  addNode(options: { peers?: readonly number[]; hashrate?: number; learnAddresses?: boolean } = {}): SimulatedNode {
    const index = this.nodes.length;
    const url = nodeUrl(index);
    const config = {
      params: this.params,
      listenUrl: url,
      userAgent: `simulated/${index}`,
      peers: (options.peers ?? []).map(nodeUrl),
      learnAddresses: options.learnAddresses ?? true,
      miner: {
        mode: 'off',
        threads: 1,
        hashrateLimit: 0,
        intervalMs: 10_000,
        recipient: DEVELOPMENT_ACCOUNTS[index % 10]?.address ?? null,
        tag: new Uint8Array([index]),
      },
    } as const;
    const node = new SimulatedNode(
      { url, config, hashrate: options.hashrate ?? 1_000, verify: this.#verify },
      this.clock,
      this.random,
      this,
    );
    this.nodes.push(node);
    node.start();
    return node;
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
    for (const end of [...this.#ends.values()]) {
      if (end.other && !this.#canTalk(end.node, end.other.node)) this.#close(end, 'connection lost');
    }
  }

  heal(): void {
    this.#groups.clear();
  }

  /** Kills a node; its peers notice. */
  kill(node: SimulatedNode): void {
    node.kill();
    for (const end of [...this.#ends.values()]) if (end.node === node) this.#close(end, 'connection lost');
  }

  /** A connection whose far end is the test itself: it sends what it likes and sees every frame. */
  connectRaw(
    node: SimulatedNode,
    received: (bytes: Uint8Array) => void,
    closed: (reason: string) => void = () => {},
  ): {
    send(bytes: Uint8Array): void;
    close(): void;
  } {
    const peer = this.#nextPeer();
    this.#raw.set(peer, { received, closed });
    this.#ends.set(peer, { node, peer, other: null, lastArrivalMs: 0 });
    node.handle({
      type: 'peer-connected',
      peer,
      direction: 'inbound',
      address: `127.0.0.1:${peer}`,
      host: '127.0.0.1',
      loopback: true,
    });
    return {
      send: (bytes) => node.later(0, { type: 'peer-message', peer, bytes }),
      close: () => node.later(0, { type: 'peer-closed', peer, reason: 'closed' }),
    };
  }

  send(_from: SimulatedNode, peer: string, bytes: Uint8Array): void {
    const raw = this.#raw.get(peer);
    if (raw) raw.received(bytes);
    const other = this.#ends.get(peer)?.other;
    if (!other) return;
    const arrivalMs = Math.max(this.clock.nowMs + this.#delay(), other.lastArrivalMs);
    other.lastArrivalMs = arrivalMs;
    this.clock.schedule(arrivalMs - this.clock.nowMs, () => {
      if (this.#ends.has(other.peer)) other.node.handle({ type: 'peer-message', peer: other.peer, bytes });
    });
  }

  dial(from: SimulatedNode, url: string): void {
    const to = this.nodes.find((node) => node.url === url);
    const delayMs = this.#delay() + this.#delay();
    if (!to?.isRunning || !this.#canTalk(from, to)) {
      from.later(delayMs, { type: 'dial-failed', url, reason: 'connection refused' });
      return;
    }
    this.clock.schedule(delayMs, () => this.#connect(from, to));
  }

  disconnect(_from: SimulatedNode, peer: string, reason: string): void {
    const end = this.#ends.get(peer);
    if (!end) return;
    const raw = this.#raw.get(peer);
    if (raw) raw.closed(reason);
    const delayMs = Math.max(this.#delay(), (end.other?.lastArrivalMs ?? 0) - this.clock.nowMs);
    this.clock.schedule(delayMs, () => this.#close(end, reason));
  }

  #connect(from: SimulatedNode, to: SimulatedNode): void {
    if (!from.isRunning || !to.isRunning || !this.#canTalk(from, to)) {
      from.handle({ type: 'dial-failed', url: to.url, reason: 'connection refused' });
      return;
    }
    const near: End = { node: from, peer: this.#nextPeer(), other: null, lastArrivalMs: 0 };
    const far: End = { node: to, peer: this.#nextPeer(), other: near, lastArrivalMs: 0 };
    near.other = far;
    this.#ends.set(near.peer, near);
    this.#ends.set(far.peer, far);
    const common = { type: 'peer-connected', host: '127.0.0.1', loopback: true } as const;
    from.handle({ ...common, peer: near.peer, direction: 'outbound', address: to.url });
    to.handle({ ...common, peer: far.peer, direction: 'inbound', address: `127.0.0.1:${far.peer}` });
  }

  #close(end: End, reason: string): void {
    for (const each of [end, end.other]) {
      if (!each || !this.#ends.delete(each.peer)) continue;
      each.node.handle({ type: 'peer-closed', peer: each.peer, reason });
    }
  }

  readonly #raw = new Map<string, { received(bytes: Uint8Array): void; closed(reason: string): void }>();

  #nextPeer(): string {
    this.#connections++;
    return `c${this.#connections}`;
  }

  #canTalk(a: SimulatedNode, b: SimulatedNode): boolean {
    return this.#groups.get(a) === this.#groups.get(b);
  }

  #delay(): number {
    const [least, most] = this.#delayMs;
    return least + this.random.fraction() * (most - least);
  }
}

function nodeUrl(index: number): string {
  return `http://127.0.0.1:${5000 + index}`;
}
