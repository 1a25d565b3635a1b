import { merkleRoot } from '../consensus/merkle.ts';
import type { SignatureCheck } from '../consensus/signature.ts';
import { expectedHashes } from '../consensus/target.ts';
import { COINBASE_EXTRA_NONCE_BYTES, encodeCoinbase } from '../consensus/transaction.ts';
import type { Effect, Reply } from '../protocol/effects.ts';
import type { NodeEvent, RequestId } from '../protocol/events.ts';
import type { MiningJob, MiningSolution } from '../protocol/mining-job.ts';
import { ForkloreNode, type NodeConfig } from '../protocol/node.ts';
import type { Notice } from '../protocol/notices.ts';
import { Outbox, type OutwardEffect } from '../protocol/outbox.ts';
import { DamageError, DiskError, MemoryStore } from './memory-store.ts';
import { NodeClock } from './node-clock.ts';
import type { SeededRandom } from './seeded-random.ts';
import { solveHeader } from './solve.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What a node needs of its network. */
export interface Wire {
  send(from: SimulatedNode, peer: string, bytes: Uint8Array): void;
  dial(from: SimulatedNode, url: string): void;
  disconnect(from: SimulatedNode, peer: string, reason: string, code: number): void;
  /** The node has ended: all its connections break. */
  closeConnectionsOf(node: SimulatedNode): void;
}

/** Observes all that a node does. Called while the node works: it must change nothing. */
export interface NodeWatcher {
  onStarted(node: SimulatedNode): void;
  onHandled(node: SimulatedNode, event: NodeEvent, effects: readonly Effect[]): void;
  /** All that was handled until now is durable. What was not, when the node ends, never will be. */
  onCommitted(node: SimulatedNode): void;
  /** An effect leaves the node now. */
  onPerformed(node: SimulatedNode, effect: Effect): void;
  /** The node has ended; `down` says why. */
  onEnded(node: SimulatedNode): void;
  /** All that the node did until now is durable and performed. */
  onSettled(node: SimulatedNode): void;
}

export interface SimulatedNodeOptions {
  readonly index: number;
  readonly url: string;
  readonly config: NodeConfig;
  /** Hashes per second; decides how long a block takes. */
  readonly hashrate: number;
  readonly verify: (check: SignatureCheck) => boolean;
  /** Null: what is published and logged is kept in `notices` and `logs`. */
  readonly watcher: NodeWatcher | null;
}

/** At which point of its work a node crashes. */
export type CrashPoint = 'before-commit' | 'after-commit' | 'amid-effects';

/** Why a node is down. */
export type DownReason = 'stopped' | 'crashed' | 'disk' | 'damage';

/** Hosts one core: performs its effects on virtual time, network, storage and mining, as the server's driver does. */
export class SimulatedNode {
  readonly index: number;
  readonly url: string;
  readonly store: MemoryStore;
  readonly clock: NodeClock;
  /** Everything published, in order, where there is no watcher. */
  readonly notices: Notice[] = [];
  readonly logs: Extract<Effect, { type: 'log' }>[] = [];
  core: ForkloreNode;
  /** Hashes per second from the next job on. */
  hashrate: number;
  /** Duration of a flush to disk, and maximum duration of a verification, in milliseconds. */
  commitMs = 0;
  verifyMs = 0;
  /** Null while it runs. */
  down: DownReason | null = 'stopped';
  /** Replaces each frame that is sent by any number of others; null: frames are sent unaltered. For nodes that break the rules. */
  tamper: ((peer: string, bytes: Uint8Array) => readonly Uint8Array[]) | null = null;
  /** Called when the node has handled all its events. For nodes that break the rules. */
  onRest: (() => void) | null = null;
  readonly #options: SimulatedNodeOptions;
  readonly #virtualClock: VirtualClock;
  readonly #random: SeededRandom;
  readonly #wire: Wire;
  readonly #replies = new Map<RequestId, Reply>();
  readonly #asked = new Map<RequestId, NodeEvent['type']>();
  #requests = 0;
  #timer = 0;
  #job = 0;
  /** Counts starts and ends: what was scheduled for an earlier life is void. */
  #life = 0;
  #inbox: NodeEvent[] = [];
  #isBusy = false;
  #crashAt: CrashPoint | null = null;
  /** What leaves the node when the current flush is done. */
  #held: readonly OutwardEffect[] = [];

  constructor(options: SimulatedNodeOptions, clock: VirtualClock, random: SeededRandom, wire: Wire) {
    this.index = options.index;
    this.url = options.url;
    this.hashrate = options.hashrate;
    this.#options = options;
    this.#virtualClock = clock;
    this.clock = new NodeClock(clock);
    this.#random = random;
    this.#wire = wire;
    this.store = new MemoryStore(options.config.params);
    this.core = this.#load();
  }

  get isRunning(): boolean {
    return this.down === null;
  }

  /** URLs of the peers that its operator named. */
  get configuredPeers(): readonly string[] {
    return this.#options.config.peers;
  }

  /** Counts starts. */
  get life(): number {
    return this.#life;
  }

  /** Starts on what is stored. Where the store turns out to be damaged, the node is down again. */
  start(): void {
    this.#life++;
    this.#inbox = [];
    this.#isBusy = false;
    this.#crashAt = null;
    this.#replies.clear();
    this.#asked.clear();
    try {
      this.store.checkLatest();
      this.core = this.#load();
      this.down = null;
      this.#options.watcher?.onStarted(this);
      this.handle({ type: 'start' });
    } catch (error) {
      if (!(error instanceof DamageError)) throw error;
      this.#end('damage');
    }
  }

  /** Ends at once, as by a kill or a power cut: without a goodbye, and what was not flushed is lost. */
  kill(): void {
    if (this.isRunning) this.#end('crashed');
  }

  /** Ends cleanly: says goodbye, and finishes what is being written. */
  stop(): void {
    if (!this.isRunning) return;
    this.#inbox = [];
    this.#finish(this.#held);
    this.#isBusy = false;
    this.handle({ type: 'stop' });
    if (this.isRunning) this.#end('stopped');
  }

  /** Crashes the node at this point of its work when it next writes something. Null: cancels that. */
  scheduleCrash(point: CrashPoint | null): void {
    this.#crashAt = point;
  }

  handle(event: NodeEvent): void {
    if (!this.isRunning) return;
    this.#inbox.push(event);
    if (!this.#isBusy) this.#handleAll();
  }

  /** Passes a request to the core; `replyTo` the returned id gives its reply. */
  request(make: (request: RequestId) => NodeEvent): RequestId {
    this.#requests++;
    const request = this.#requests;
    const event = make(request);
    this.#asked.set(request, event.type);
    this.handle(event);
    return request;
  }

  /** Requests since the start that have no reply yet, by type of event. */
  unanswered(): NodeEvent['type'][] {
    return [...this.#asked].filter(([request]) => !this.#replies.has(request)).map(([, type]) => type);
  }

  replyTo(request: RequestId): Reply | undefined {
    return this.#replies.get(request);
  }

  /** Schedules an event for this life of the node. */
  handleLater(delayMs: number, event: NodeEvent): void {
    this.#schedule(delayMs, () => this.handle(event));
  }

  /** Sends a frame past the core, for nodes that break the rules. */
  sendRaw(peer: string, bytes: Uint8Array): void {
    if (this.isRunning) this.#wire.send(this, peer, bytes);
  }

  #load(): ForkloreNode {
    return new ForkloreNode(this.#options.config, this.store, this.store, this.#random, this.clock.instant());
  }

  #schedule(delayMs: number, action: () => void): void {
    const life = this.#life;
    this.#virtualClock.schedule(delayMs, () => {
      if (life === this.#life && this.isRunning) action();
    });
  }

  /** Handles what waits, batch by batch, until nothing is left or a batch is being flushed. */
  #handleAll(): void {
    this.#isBusy = true;
    try {
      while (this.#inbox.length > 0) {
        const outward = this.#handleWaiting();
        if (!this.store.isDirty) {
          this.#options.watcher?.onCommitted(this);
          this.#perform(outward);
        } else if (this.commitMs > 0) {
          this.#held = outward;
          const life = this.#life;
          this.#schedule(this.commitMs, () => {
            this.#finish(outward);
            if (life === this.#life) this.#handleAll();
          });
          return;
        } else this.#finish(outward);
        if (!this.isRunning) return;
      }
    } catch (error) {
      if (error instanceof DamageError) this.#end('damage');
      else if (error instanceof DiskError) this.#end('disk');
      else throw new Error(`node ${this.index} cannot go on: ${error}`, { cause: error });
    }
    this.#isBusy = false;
    if (!this.isRunning) return;
    this.#options.watcher?.onSettled(this);
    this.onRest?.();
  }

  /** Handles all that waits inside one transaction of the store, and gives what is to leave the node after it. */
  #handleWaiting(): OutwardEffect[] {
    const outbox = new Outbox();
    for (const event of this.#inbox.splice(0)) {
      const effects = this.core.handleEvent(event, this.clock.instant());
      this.#options.watcher?.onHandled(this, event, effects);
      const { writes, atOnce } = outbox.admit(effects);
      this.store.apply(writes);
      this.#perform(atOnce);
    }
    return outbox.release();
  }

  #finish(outward: readonly OutwardEffect[]): void {
    const point = this.#crashAt;
    this.#held = [];
    if (point !== 'before-commit') this.#commit();
    if (!this.isRunning) return;
    if (point === null) this.#perform(outward);
    else {
      if (point === 'amid-effects') this.#perform(outward.slice(0, this.#random.below(outward.length + 1)));
      this.#end('crashed');
    }
  }

  #commit(): void {
    try {
      this.store.commit();
      this.#options.watcher?.onCommitted(this);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#end('disk');
    }
  }

  #end(reason: DownReason): void {
    this.store.rollback();
    this.down = reason;
    this.#life++;
    this.#isBusy = false;
    this.#inbox = [];
    this.#held = [];
    this.#options.watcher?.onEnded(this);
    this.#wire.closeConnectionsOf(this);
  }

  #perform(effects: readonly OutwardEffect[]): void {
    for (const effect of effects) this.#performOne(effect);
  }

  #performOne(effect: OutwardEffect): void {
    this.#options.watcher?.onPerformed(this, effect);
    switch (effect.type) {
      case 'configure-mining':
        return;
      case 'send':
        for (const bytes of this.tamper?.(effect.peer, effect.bytes) ?? [effect.bytes])
          this.#wire.send(this, effect.peer, bytes);
        return;
      case 'dial':
        return this.#wire.dial(this, effect.url);
      case 'disconnect':
        return this.#wire.disconnect(this, effect.peer, effect.reason, effect.code);
      case 'verify':
        return this.#verify(effect);
      case 'start-mining':
        return this.#mine(effect.job);
      case 'cancel-mining':
        this.#job = 0;
        return;
      case 'set-timer':
        return this.#setTimer(effect.atMonotonicMs);
      case 'continue':
        return this.handleLater(0, { type: 'continue' });
      case 'reply':
        this.#replies.set(effect.request, effect.reply);
        return;
      case 'publish':
        if (!this.#options.watcher) this.notices.push(effect.notice);
        return;
      case 'log':
        if (!this.#options.watcher) this.logs.push(effect);
        return;
    }
  }

  /** Answers come in any order, as from several threads. */
  #verify({ id, checks }: Extract<Effect, { type: 'verify' }>): void {
    const delayMs = this.verifyMs > 0 ? this.#random.between(0, this.verifyMs) : 0;
    this.handleLater(delayMs, { type: 'verified', id, valid: checks.map(this.#options.verify) });
  }

  #setTimer(atMonotonicMs: number | null): void {
    this.#timer++;
    const timer = this.#timer;
    if (atMonotonicMs === null) return;
    const life = this.#life;
    this.#virtualClock.scheduleAt(atMonotonicMs, () => {
      if (timer === this.#timer && life === this.#life) this.handle({ type: 'timer' });
    });
  }

  /** The waiting time is drawn, not hashed for; the solution is then found for real, which on an easy network takes a few hashes. */
  #mine(job: MiningJob): void {
    this.#job = job.job;
    if (this.hashrate <= 0) return;
    const meanMs = (Number(expectedHashes(job.template.header.bits)) / this.hashrate) * 1000;
    this.#schedule(this.#random.exponential(meanMs), () => {
      if (this.#job === job.job) this.handle({ type: 'mined', solution: solve(job, this.#random) });
    });
  }
}

function solve({ job, template }: MiningJob, random: SeededRandom): MiningSolution {
  const extraNonce = new Uint8Array(COINBASE_EXTRA_NONCE_BYTES);
  new DataView(extraNonce.buffer).setUint32(0, random.u32());
  const { txid } = encodeCoinbase({ ...template.coinbase, extraNonce });
  const root = merkleRoot([txid, ...template.transactions.map((transfer) => transfer.txid)]);
  return { job, extraNonce, nonce: solveHeader({ ...template.header, merkleRoot: root }) };
}
