import { RuleError } from '../consensus/errors.ts';
import { blockHash, checkHeaderSanity } from '../consensus/header.ts';
import type { SignatureCheck } from '../consensus/signature.ts';
import { expectedHashes } from '../consensus/target.ts';
import { COINBASE_EXTRA_NONCE_BYTES } from '../consensus/transaction.ts';
import type { Effect, Reply } from '../protocol/effects.ts';
import type { NodeEvent, RequestId } from '../protocol/events.ts';
import { assembleBlock } from '../protocol/miner.ts';
import type { MiningJob, MiningSolution } from '../protocol/mining-job.ts';
import { ForkloreNode, type NodeConfig } from '../protocol/node.ts';
import type { Notice } from '../protocol/notices.ts';
import { MemoryStore } from './memory-store.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What a node needs of the network that it lives in. */
export interface Wire {
  send(from: SimulatedNode, peer: string, bytes: Uint8Array): void;
  dial(from: SimulatedNode, url: string): void;
  disconnect(from: SimulatedNode, peer: string, reason: string): void;
}

export interface SimulatedNodeOptions {
  readonly url: string;
  readonly config: NodeConfig;
  /** Hashes per second; decides how long a block takes. */
  readonly hashrate: number;
  readonly verify: (check: SignatureCheck) => boolean;
}

/** Hosts one core: performs its effects on virtual time, network, storage and mining, one event after the other. */
export class SimulatedNode {
  readonly url: string;
  readonly store: MemoryStore;
  /** Everything published, in order. */
  readonly notices: Notice[] = [];
  readonly logs: Extract<Effect, { type: 'log' }>[] = [];
  core: ForkloreNode;
  isRunning = false;
  readonly #options: SimulatedNodeOptions;
  readonly #clock: VirtualClock;
  readonly #random: SeededRandom;
  readonly #wire: Wire;
  readonly #replies = new Map<RequestId, Reply>();
  #requests = 0;
  #timer = 0;
  #job = 0;
  /** Counts starts: what was scheduled for an earlier life is void. */
  #life = 0;

  constructor(options: SimulatedNodeOptions, clock: VirtualClock, random: SeededRandom, wire: Wire) {
    this.#options = options;
    this.#clock = clock;
    this.#random = random;
    this.#wire = wire;
    this.url = options.url;
    this.store = new MemoryStore(options.config.params);
    this.core = this.#load();
  }

  start(): void {
    this.#life++;
    this.core = this.#load();
    this.isRunning = true;
    this.handle({ type: 'start' });
  }

  /** Ends at once, as by a kill: nothing is said to anyone. What was persisted stays. */
  kill(): void {
    this.isRunning = false;
    this.#life++;
  }

  handle(event: NodeEvent): void {
    if (!this.isRunning) return;
    for (const effect of this.core.handleEvent(event, this.#clock.instant())) this.#perform(effect);
  }

  /** Sends a request in; its reply is found under the id that is returned. */
  request(make: (request: RequestId) => NodeEvent): RequestId {
    this.#requests++;
    const request = this.#requests;
    this.handle(make(request));
    return request;
  }

  reply(request: RequestId): Reply | undefined {
    return this.#replies.get(request);
  }

  #load(): ForkloreNode {
    return new ForkloreNode(this.#options.config, this.store, this.store, this.#random, this.#clock.instant());
  }

  /** Schedules an event for this life of the node. */
  later(delayMs: number, event: NodeEvent): void {
    const life = this.#life;
    this.#clock.schedule(delayMs, () => {
      if (life === this.#life) this.handle(event);
    });
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'persist':
        this.store.apply(effect.writes);
        return;
      case 'send':
        this.#wire.send(this, effect.peer, effect.bytes);
        return;
      case 'dial':
        this.#wire.dial(this, effect.url);
        return;
      case 'disconnect':
        this.#wire.disconnect(this, effect.peer, effect.reason);
        return;
      case 'verify':
        this.later(0, {
          type: 'verified',
          id: effect.id,
          valid: effect.checks.map(this.#options.verify),
        });
        return;
      case 'start-mining':
        this.#mine(effect.job);
        return;
      case 'cancel-mining':
        this.#job = 0;
        return;
      case 'set-timer':
        this.#setTimer(effect.atMonotonicMs);
        return;
      case 'continue':
        this.later(0, { type: 'continue' });
        return;
      case 'reply':
        this.#replies.set(effect.request, effect.reply);
        return;
      case 'publish':
        this.notices.push(effect.notice);
        return;
      case 'log':
        this.logs.push(effect);
        return;
      case 'configure-mining':
        return;
    }
  }

  #setTimer(atMonotonicMs: number | null): void {
    this.#timer++;
    const timer = this.#timer;
    const life = this.#life;
    if (atMonotonicMs === null) return;
    this.#clock.schedule(atMonotonicMs - this.#clock.nowMs, () => {
      if (timer === this.#timer && life === this.#life) this.handle({ type: 'timer' });
    });
  }

  /** The waiting time is drawn, not hashed for; the solution is then found for real, which on an easy network takes a few hashes. */
  #mine(job: MiningJob): void {
    this.#job = job.job;
    const life = this.#life;
    const meanMs = (Number(expectedHashes(job.template.header.bits)) / this.#options.hashrate) * 1000;
    this.#clock.schedule(this.#random.exponential(meanMs), () => {
      if (life !== this.#life || this.#job !== job.job) return;
      this.handle({ type: 'mined', solution: solve(job, this.core, this.#random) });
    });
  }
}

function solve(job: MiningJob, { params }: ForkloreNode, random: SeededRandom): MiningSolution {
  const extraNonce = new Uint8Array(COINBASE_EXTRA_NONCE_BYTES);
  new DataView(extraNonce.buffer).setUint32(0, random.u32());
  for (let nonce = 0; ; nonce++) {
    const { header } = assembleBlock(job.template, { job: job.job, extraNonce, nonce });
    try {
      checkHeaderSanity(header, blockHash(header), params);
      return { job: job.job, extraNonce, nonce };
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
    }
  }
}
