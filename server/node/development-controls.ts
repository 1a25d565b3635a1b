import type { Network } from '../../consensus/genesis.ts';
import type { Hash } from '../../consensus/hash.ts';
import type { Reply } from '../../protocol/effects.ts';
import type { NodeEvent, RequestId } from '../../protocol/events.ts';
import { earliestTimeAfter } from '../../protocol/header-index.ts';
import type { ForkloreNode } from '../../protocol/node.ts';
import { type RandomSource, randomU64 } from '../../protocol/time.ts';
import type { Store } from '../store/store.ts';
import { MAX_CLOCK_MS, type NodeClock } from './node-clock.ts';
import type { NodeState } from './node-state.ts';

/** Snapshots that a node keeps, and their size in all. A further one is refused: those that exist may be needed. */
export const MAX_SNAPSHOTS = 64;
const MAX_SNAPSHOT_BYTES = 512 * 1024 * 1024;
const MS_PER_SECOND = 1_000;

/** A state that the node can go back to, in memory. */
export interface Snapshot {
  readonly id: string;
  /** By the wall clock of the node, in Unix milliseconds. */
  readonly takenAtMs: number;
  readonly state: NodeState;
}

export interface Refused {
  readonly ok: false;
  readonly code: string;
  readonly message: string;
}
export type Outcome<T> = { readonly ok: true; readonly value: T } | Refused;

/** The node that is controlled. */
export interface ControlledNode {
  readonly params: Network;
  readonly core: ForkloreNode;
  readonly store: Store;
  readonly clock: NodeClock;
  readonly isServing: boolean;
  /** Ends what the node is doing and continues from this state. */
  goBackTo(state: NodeState): void;
  /** The wall clock was moved. */
  onClockMoved(): void;
  /** Sends a request through the core and resolves with its reply. */
  request(make: (request: RequestId) => NodeEvent): Promise<Reply>;
}

/** What only a development network lets its operator do to a node from outside the protocol: its time and its state. */
export class DevelopmentControls {
  readonly #node: ControlledNode;
  readonly #run: string;
  readonly #snapshots = new Map<string, Snapshot>();
  readonly #maxBytes: number;
  #taken = 0;
  #reverts = 0;

  /**
   * @param random source of the part of ids that differs from run to run
   * @param maxBytes of all snapshots together
   */
  constructor(node: ControlledNode, random: RandomSource, maxBytes = MAX_SNAPSHOT_BYTES) {
    this.#node = node;
    this.#maxBytes = maxBytes;
    this.#run = randomU64(random).toString(16).padStart(16, '0');
  }

  /** Oldest first. */
  get snapshots(): readonly Snapshot[] {
    return [...this.#snapshots.values()];
  }

  snapshot(id: string): Snapshot | undefined {
    return this.#snapshots.get(id);
  }

  /** How often the node went back: what was read before may be gone. */
  get reverts(): number {
    return this.#reverts;
  }

  /** Keeps the present state: whole store, mempool and clock. */
  takeSnapshot(): Outcome<Snapshot> {
    const { core, store, clock, isServing } = this.#node;
    if (!isServing) return SHUTTING_DOWN;
    // A state between two branches is no node's: what was saved of it could not be rebuilt.
    if (core.chain.isMoving)
      return refused('busy', 'the node is moving to another branch: take the snapshot again soon');
    const { wallMs, monotonicMs } = clock.now();
    const { hash, height } = core.chain.tip.record;
    return this.keep({ wallMs, tipHash: hash, height, memory: core.memory(monotonicMs), rows: store.copyRows() });
  }

  /** Keeps a state that was taken elsewhere. */
  keep(state: NodeState): Outcome<Snapshot> {
    if (this.#snapshots.size >= MAX_SNAPSHOTS)
      return refused(
        'too-many-snapshots',
        `a node keeps at most ${MAX_SNAPSHOTS} snapshots; drop one that is no longer needed`,
      );
    const bytes = this.snapshots.reduce((sum, { state: { rows } }) => sum + rows.length, state.rows.length);
    if (bytes > this.#maxBytes) {
      const message = `a node keeps at most ${this.#maxBytes} bytes of snapshots, and would have ${bytes}: drop those that are no longer needed`;
      return refused('too-many-snapshots', message);
    }
    const id = `${this.#run}-${++this.#taken}`;
    const snapshot = { id, takenAtMs: this.#node.clock.wallMs, state };
    this.#snapshots.set(id, snapshot);
    return { ok: true, value: snapshot };
  }

  /** Goes back to a snapshot, which stays. @returns the tip's hash */
  revertTo(id: string): Outcome<Hash> {
    const { core, isServing } = this.#node;
    if (!isServing) return SHUTTING_DOWN;
    const snapshot = this.#snapshots.get(id);
    if (!snapshot) return UNKNOWN_SNAPSHOT;
    const peers = core.peers().length;
    if (peers > 0) {
      const message = `the node has ${peers} ${peers === 1 ? 'peer' : 'peers'}, from which it would fetch again what it gave up: disconnect them first`;
      return refused('has-peers', message);
    }
    this.#reverts++;
    this.#node.goBackTo(snapshot.state);
    return this.#node.isServing ? { ok: true, value: snapshot.state.tipHash } : SHUTTING_DOWN;
  }

  /** Forgets a snapshot, which gives its memory back. @returns its id */
  dropSnapshot(id: string): Outcome<string> {
    if (!this.#node.isServing) return SHUTTING_DOWN;
    return this.#snapshots.delete(id) ? { ok: true, value: id } : UNKNOWN_SNAPSHOT;
  }

  /** @param seconds at least 0 @returns the wall clock, in Unix milliseconds */
  increaseTime(seconds: number): Outcome<number> {
    return this.setTime(this.#node.clock.wallMs + seconds * MS_PER_SECOND);
  }

  /** @param wallMs Unix milliseconds @returns the same */
  setTime(wallMs: number): Outcome<number> {
    const { clock, isServing } = this.#node;
    if (!isServing) return SHUTTING_DOWN;
    const refusal = this.#refusalOf(wallMs);
    if (refusal) return refusal;
    clock.setTo(wallMs);
    this.#node.onClockMoved();
    return { ok: true, value: wallMs };
  }

  /**
   * Gives the next block that is mined here exactly this time. The clock is set to it where it is behind.
   * @param wallMs Unix milliseconds, of which whole seconds count @returns the wall clock, in Unix milliseconds
   */
  async setNextBlockTime(wallMs: number): Promise<Outcome<number>> {
    const refusal = this.#refusalOf(wallMs);
    if (refusal) return refusal;
    const { core, clock } = this.#node;
    const timeSeconds = Math.floor(wallMs / MS_PER_SECOND);
    // A time that the chain has passed is refused by the core, and then moves nothing.
    if (timeSeconds >= earliestTimeAfter(core.chain.tip) && wallMs > clock.wallMs) {
      const moved = this.setTime(wallMs);
      if (!moved.ok) return moved;
    }
    const reply = await this.#node.request((request) => ({ type: 'set-next-block-time', request, timeSeconds }));
    return reply.ok ? { ok: true, value: clock.wallMs } : reply;
  }

  #refusalOf(wallMs: number): Refused | null {
    const firstMs = this.#node.params.genesisTime * MS_PER_SECOND;
    if (wallMs >= firstMs && wallMs <= MAX_CLOCK_MS) return null;
    const [first, last] = [firstMs, MAX_CLOCK_MS].map((ms) => new Date(ms).toISOString());
    return refused('time-out-of-range', `the time must be from ${first}, that of the genesis block, to ${last}`);
  }
}

const SHUTTING_DOWN: Refused = { ok: false, code: 'shutting-down', message: 'the node is shutting down' };
const UNKNOWN_SNAPSHOT = refused('unknown-snapshot', 'this node keeps no snapshot of this id');

function refused(code: string, message: string): Refused {
  return { ok: false, code, message };
}
