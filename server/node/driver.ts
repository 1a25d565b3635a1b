import { randomBytes } from 'node:crypto';
import type { SignatureCheck } from '../../consensus/signature.ts';
import type { Reply } from '../../protocol/effects.ts';
import type { NodeEvent, RequestId } from '../../protocol/events.ts';
import type { MiningJob, OfferedJob } from '../../protocol/mining-job.ts';
import type { ForkloreNode } from '../../protocol/node.ts';
import type { Notice } from '../../protocol/notices.ts';
import { Outbox, type OutwardEffect } from '../../protocol/outbox.ts';
import type { StoreWrite } from '../../protocol/store-writes.ts';
import type { Instant, RandomSource } from '../../protocol/time.ts';
import { failpoint } from '../process/failpoint.ts';
import { EventQueue } from './event-queue.ts';

/** Time in which events are handled before sockets and timers run again. */
const BATCH_BUDGET_MS = 8;
const SHUTTING_DOWN = { ok: false, code: 'shutting-down', message: 'the node is shutting down' } as const;

/** The adapters that perform effects; each translates and nothing more. */
export interface Adapters {
  /** Reads the clocks of the node. */
  now(): Instant;
  readonly store: { transaction<T>(work: (apply: (writes: readonly StoreWrite[]) => void) => T): T };
  readonly transport: {
    send(peer: string, bytes: Uint8Array): void;
    dial(url: string): void;
    disconnect(peer: string, code: number, reason: string): void;
    /** Stops or resumes reading from a peer. */
    setPaused(peer: string, paused: boolean): void;
  };
  readonly mining: {
    start(job: MiningJob): void;
    cancel(): void;
    configure(limits: { threads: number; hashrateLimit: number }): void;
  };
  /** Mining programs outside of the node; null: none can connect. */
  readonly stratum: { offer(job: OfferedJob): void; withdraw(): void } | null;
  readonly verification: { verify(checks: readonly SignatureCheck[]): Promise<boolean[]> };
  publish(notice: Notice): void;
  log(level: 'debug' | 'info' | 'warn', message: string, fields: Readonly<Record<string, string | number>>): void;
  /** The node has to stop: its state or its store is wrong. Called once. */
  fatal(error: unknown): void;
}

/**
 * THE loop: event → `handleEvent` → perform effects. All events that wait are handled inside one durable transaction,
 * so that many share one flush to disk; `Outbox` decides what leaves the node before that, and what after it.
 */
export class Driver {
  readonly #core: ForkloreNode;
  readonly #adapters: Adapters;
  readonly #queue: EventQueue;
  readonly #requests = new Map<RequestId, (reply: Reply) => void>();
  #lastRequest = 0;
  #scheduled = false;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(core: ForkloreNode, adapters: Adapters) {
    this.#core = core;
    this.#adapters = adapters;
    this.#queue = new EventQueue((peer, paused) => adapters.transport.setPaused(peer, paused));
  }

  /** Queues an event for the core. */
  emit(event: NodeEvent): void {
    if (this.#stopped) return;
    this.#queue.push(event);
    this.#schedule();
  }

  /** Sends a local request through the core; resolves with its reply. */
  request(make: (request: RequestId) => NodeEvent, signal?: AbortSignal): Promise<Reply> {
    this.#lastRequest++;
    const request = this.#lastRequest;
    return new Promise((resolve) => {
      if (this.#stopped) {
        resolve(SHUTTING_DOWN);
        return;
      }
      const event = make(request);
      this.#requests.set(request, resolve);
      this.emit(event);
      if (event.type !== 'mine') return;
      signal?.addEventListener('abort', () => {
        if (this.#requests.has(request)) this.emit({ type: 'mine-cancelled', request });
      });
    });
  }

  /** Hands the core an event before this returns, and whatever waited before it. */
  handleNow(event: NodeEvent): void {
    if (this.#stopped) return;
    this.#queue.push(event);
    this.#handleWaiting(Number.POSITIVE_INFINITY);
  }

  /**
   * Lets the core say goodbye, performs its last effects, and handles no further events.
   * @param reply answers the requests that wait, before the core can
   */
  stop(reply?: Extract<Reply, { ok: false }>): void {
    if (this.#stopped) return;
    if (reply) this.#answerAll(reply);
    // Waiting events are dropped: none was acknowledged, and every state on disk is that of a valid chain.
    this.#queue.clear();
    this.#queue.push({ type: 'stop' });
    this.#handleWaiting(Number.POSITIVE_INFINITY);
    this.#halt();
  }

  #schedule(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#stopped) this.#handleWaiting(BATCH_BUDGET_MS);
      if (!this.#queue.isEmpty) this.#schedule();
    });
  }

  #handleWaiting(budgetMs: number): void {
    const outbox = new Outbox();
    try {
      const deadline = performance.now() + budgetMs;
      this.#adapters.store.transaction((apply) => {
        for (let event = this.#queue.shift(); event; event = this.#queue.shift()) {
          const { writes, atOnce } = outbox.admit(this.#core.handleEvent(event, this.#adapters.now()));
          if (writes.length > 0) apply(writes);
          for (const effect of atOnce) this.#perform(effect);
          if (performance.now() >= deadline) break;
        }
      });
      for (const effect of outbox.release()) {
        this.#perform(effect);
        failpoint('amid-effects');
      }
      failpoint('after-effects');
    } catch (error) {
      this.#halt();
      this.#adapters.fatal(error);
    }
  }

  #perform(effect: OutwardEffect): void {
    const { transport, mining, stratum, publish, log } = this.#adapters;
    switch (effect.type) {
      case 'send':
        return transport.send(effect.peer, effect.bytes);
      case 'dial':
        return transport.dial(effect.url);
      case 'disconnect':
        return transport.disconnect(effect.peer, effect.code, effect.reason);
      case 'verify':
        return this.#verify(effect.id, effect.checks);
      case 'start-mining':
        return mining.start(effect.job);
      case 'cancel-mining':
        return mining.cancel();
      case 'configure-mining':
        return mining.configure(effect);
      case 'offer-job':
        return stratum?.offer(effect.job);
      case 'withdraw-jobs':
        return stratum?.withdraw();
      case 'set-timer':
        return this.#setTimer(effect.atMonotonicMs);
      case 'continue':
        failpoint('between-steps');
        return this.emit({ type: 'continue' });
      case 'reply':
        this.#requests.get(effect.request)?.(effect.reply);
        this.#requests.delete(effect.request);
        return;
      case 'publish':
        return publish(effect.notice);
      case 'log':
        return log(effect.level, effect.message, effect.fields);
    }
  }

  #verify(id: number, checks: readonly SignatureCheck[]): void {
    this.#adapters.verification.verify(checks).then(
      (valid) => this.emit({ type: 'verified', id, valid }),
      (error) => {
        if (this.#stopped) return;
        this.#halt();
        this.#adapters.fatal(error);
      },
    );
  }

  #setTimer(atMonotonicMs: number | null): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (atMonotonicMs === null) return;
    this.#timer = setTimeout(
      () => this.emit({ type: 'timer' }),
      Math.max(0, Math.ceil(atMonotonicMs - performance.now())),
    );
  }

  #halt(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#answerAll(SHUTTING_DOWN);
  }

  #answerAll(reply: Reply): void {
    for (const resolve of this.#requests.values()) resolve(reply);
    this.#requests.clear();
  }
}

/** Cryptographically secure randomness, drawn from the system in portions. */
export function systemRandom(): RandomSource {
  const portionBytes = 1_024;
  let portion = randomBytes(portionBytes);
  let offset = 0;
  return {
    u32() {
      if (offset === portionBytes) {
        portion = randomBytes(portionBytes);
        offset = 0;
      }
      offset += 4;
      return portion.readUInt32LE(offset - 4);
    },
  };
}
