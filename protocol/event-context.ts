import type { Effect } from './effects.ts';
import type { Peer } from './peer.ts';
import type { Instant, RandomSource } from './time.ts';

/** Something that a part of the node does once, at a set time. Each part makes its own alarms once and keeps them. */
export interface Alarm {
  readonly ring: () => void;
  /** Rings after `delayMs`; an earlier setting is replaced. */
  set(delayMs: number): void;
  /** As `set`, but an earlier time that is set already stays. */
  ensure(delayMs: number): void;
  clear(): void;
}

/** An alarm for each peer. */
export interface PeerAlarm {
  set(peer: Peer, delayMs: number): void;
  clear(peer: Peer): void;
}

/**
 * What every part of the node may use while one event is handled: its time, randomness, alarms, and the list that
 * effects are put on. The list is drained before the next event, so nothing that a part decides can overtake another.
 */
export class EventContext {
  readonly random: RandomSource;
  now: Instant;
  #effects: Effect[] = [];
  /** Monotonic milliseconds at which each set alarm rings. Alarms of the same time ring in the order in which they were set. */
  readonly #dueMs = new Map<Alarm, number>();
  #timerSetFor: number | null = null;

  constructor(random: RandomSource, now: Instant) {
    this.random = random;
    this.now = now;
  }

  emit(effect: Effect): void {
    this.#effects.push(effect);
  }

  /** Takes what has been emitted so far. */
  drain(): Effect[] {
    const drained = this.#effects;
    this.#effects = [];
    return drained;
  }

  /** Makes an alarm that calls `ring`; it does not ring before it is set. */
  alarm(ring: () => void): Alarm {
    const alarm: Alarm = {
      ring,
      set: (delayMs) => {
        this.#dueMs.set(alarm, this.now.monotonicMs + delayMs);
      },
      ensure: (delayMs) => {
        const atMs = this.now.monotonicMs + delayMs;
        this.#dueMs.set(alarm, Math.min(atMs, this.#dueMs.get(alarm) ?? atMs));
      },
      clear: () => {
        this.#dueMs.delete(alarm);
      },
    };
    return alarm;
  }

  /** Makes an alarm for each peer. The part that sets it clears it when the peer has gone. */
  peerAlarm(ring: (peer: Peer) => void): PeerAlarm {
    const alarms = new WeakMap<Peer, Alarm>();
    return {
      set: (peer, delayMs) => {
        const alarm = alarms.get(peer) ?? this.alarm(() => ring(peer));
        alarms.set(peer, alarm);
        alarm.set(delayMs);
      },
      clear: (peer) => alarms.get(peer)?.clear(),
    };
  }

  /** Rings the alarms that are due, earliest first. An alarm that one of them sets or clears does not change which ring now. */
  ringAlarms(): void {
    const due = [...this.#dueMs].filter(([, atMs]) => atMs <= this.now.monotonicMs).sort((a, b) => a[1] - b[1]);
    for (const [alarm] of due) this.#dueMs.delete(alarm);
    this.#timerSetFor = null;
    for (const [alarm] of due) alarm.ring();
  }

  /** Asks for one wake-up at the earliest alarm, if that has changed. Called at the end of each event. */
  armTimer(): void {
    let earliest: number | null = null;
    for (const atMs of this.#dueMs.values()) if (earliest === null || atMs < earliest) earliest = atMs;
    if (earliest === this.#timerSetFor) return;
    this.#timerSetFor = earliest;
    this.emit({ type: 'set-timer', atMonotonicMs: earliest });
  }
}
