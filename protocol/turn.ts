import type { Effect } from './effects.ts';
import type { Instant, RandomSource } from './time.ts';

/**
 * What every part of the node may use while one event is handled: its time, randomness, alarms, and the list that
 * effects are put on. The list is drained before the next event, so nothing that a part decides can overtake another.
 */
export class Turn {
  readonly random: RandomSource;
  now: Instant;
  #effects: Effect[] = [];
  readonly #alarms = new Map<string, number>();
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

  /** Rings `name` once after `delayMs`; an earlier setting of the same name is replaced. */
  setAlarm(name: string, delayMs: number): void {
    this.#alarms.set(name, this.now.monotonicMs + delayMs);
  }

  /** As `setAlarm`, but an earlier time that is set already stays. */
  ensureAlarm(name: string, delayMs: number): void {
    const at = this.now.monotonicMs + delayMs;
    this.#alarms.set(name, Math.min(at, this.#alarms.get(name) ?? at));
  }

  clearAlarm(name: string): void {
    this.#alarms.delete(name);
  }

  /** Takes the alarms that are due, earliest first. */
  dueAlarms(): string[] {
    const due = [...this.#alarms].filter(([, at]) => at <= this.now.monotonicMs).sort((a, b) => a[1] - b[1]);
    for (const [name] of due) this.#alarms.delete(name);
    this.#timerSetFor = null;
    return due.map(([name]) => name);
  }

  /** Asks for one wake-up at the earliest alarm, where that changed. The last thing done for an event. */
  armTimer(): void {
    let earliest: number | null = null;
    for (const at of this.#alarms.values()) if (earliest === null || at < earliest) earliest = at;
    if (earliest === this.#timerSetFor) return;
    this.#timerSetFor = earliest;
    this.emit({ type: 'set-timer', atMonotonicMs: earliest });
  }
}
