import type { Hash } from '../consensus/hash.ts';

/** Time after which a body is late; also the first penalty of a peer. */
export const BODY_TIMEOUT_MS = 2_000;
/** The penalty doubles with each failure in a row, up to this. */
const MAX_PATIENCE_MS = 64_000;
/** Bodies requested from one peer and not yet received. */
export const MAX_IN_FLIGHT_PER_PEER = 16;
/** Bodies that a peer may be asked for at once before it has delivered any. */
const FIRST_ALLOWANCE = 4;
/** Time for one body above which a peer's allowance is halved. */
const SLOW_BODY_MS = 1_000;
/** Failures in a row after which a peer is replaced. */
export const MAX_FAILURES = 4;

/**
 * How a peer delivers the bodies that it is asked for. Its allowance is additive-increase, multiplicative-decrease: one
 * more with each body in time, half with a slow one, a single one after a failure. A failure is a body that did not arrive
 * within `BODY_TIMEOUT_MS` while no other did either; the peer is then passed over during its penalty, at the end of which
 * its outstanding requests are forgotten.
 */
export interface Delivery {
  /** Outstanding requests with the time of each (monotonic milliseconds), oldest first. */
  readonly asked: Map<Hash, number>;
  /** Bodies that it may be asked for at once, from 1 to `MAX_IN_FLIGHT_PER_PEER`. */
  allowance: number;
  /** Failures in a row. */
  failures: number;
  /** Failures since it last delivered something in time: what comes late does not make up for them. */
  lapses: number;
  /** Bodies that it has reported as missing since it last delivered one. */
  refusals: number;
  /** How long it is passed over after its next failure. */
  patienceMs: number;
  lastFailureMs: number;
  /** Until when it is not asked for what others can give. */
  passedOverUntilMs: number;
  lastDeliveryMs: number | null;
}

export function makeDelivery(): Delivery {
  return {
    asked: new Map(),
    allowance: FIRST_ALLOWANCE,
    failures: 0,
    lapses: 0,
    refusals: 0,
    patienceMs: BODY_TIMEOUT_MS,
    lastFailureMs: Number.NEGATIVE_INFINITY,
    passedOverUntilMs: Number.NEGATIVE_INFINITY,
    lastDeliveryMs: null,
  };
}

/** Records that a requested body arrived, in time or late, still needed or not. */
export function markDelivered(delivery: Delivery, hash: Hash, nowMs: number): void {
  const askedMs = delivery.asked.get(hash);
  if (askedMs === undefined) return;
  delivery.asked.delete(hash);
  const tookMs = nowMs - Math.max(askedMs, delivery.lastDeliveryMs ?? askedMs);
  const isLate = nowMs - askedMs > BODY_TIMEOUT_MS;
  delivery.failures = 0;
  delivery.refusals = 0;
  if (!isLate) delivery.lapses = 0;
  delivery.passedOverUntilMs = nowMs;
  delivery.lastDeliveryMs = nowMs;
  if (!isLate) delivery.patienceMs = Math.max(BODY_TIMEOUT_MS, delivery.patienceMs / 2);
  if (tookMs > SLOW_BODY_MS) delivery.allowance = Math.max(1, Math.floor(delivery.allowance / 2));
  else delivery.allowance = Math.min(MAX_IN_FLIGHT_PER_PEER, delivery.allowance + 1);
}

/** Records that the peer withheld a body. */
export function markFailed(delivery: Delivery, nowMs: number): void {
  delivery.failures++;
  delivery.lapses++;
  delivery.allowance = 1;
  delivery.lastFailureMs = nowMs;
  delivery.passedOverUntilMs = nowMs + delivery.patienceMs;
  delivery.patienceMs = Math.min(delivery.patienceMs * 2, MAX_PATIENCE_MS);
}

/** Forgets the outstanding requests to a peer whose penalty is over: it may be asked again. */
export function forgetOwed(delivery: Delivery, nowMs: number): void {
  if (delivery.failures > 0 && delivery.passedOverUntilMs <= nowMs) {
    for (const [hash, askedMs] of delivery.asked) if (askedMs < delivery.lastFailureMs) delivery.asked.delete(hash);
  }
}

/** Whether the peer has outstanding requests and has delivered nothing for `BODY_TIMEOUT_MS`. */
export function isSilent({ asked, lastDeliveryMs }: Delivery, nowMs: number): boolean {
  const [oldestMs] = asked.values();
  if (oldestMs === undefined) return false;
  return nowMs - Math.max(oldestMs, lastDeliveryMs ?? oldestMs) >= BODY_TIMEOUT_MS;
}
