import type { NodeEvent, PeerId } from '../../protocol/events.ts';

/** Limits of what may wait from one peer: at either, reading from it stops until less than half is left. */
export const MAX_WAITING_FRAMES = 64;
export const MAX_WAITING_BYTES = 2 * 1024 * 1024;
/** Key of the node's own lane: requests, timers, answers of the worker pools. */
const LOCAL = '';

type PeerEvent = Extract<NodeEvent, { type: `peer-${string}` }>;

interface Lane {
  readonly events: NodeEvent[];
  bytes: number;
  isPaused: boolean;
}

/**
 * Events that wait for the core, in a lane for each peer and one for the node itself. Lanes are served round-robin, so
 * that a peer that sends much delays only itself; within a lane, in order of arrival.
 */
export class EventQueue {
  readonly #setPaused: (peer: PeerId, paused: boolean) => void;
  /** The lane that is served next comes first. Empty lanes are not kept. */
  readonly #lanes = new Map<string, Lane>();

  /** @param setPaused stops or resumes reading from a peer */
  constructor(setPaused: (peer: PeerId, paused: boolean) => void) {
    this.#setPaused = setPaused;
  }

  get isEmpty(): boolean {
    return this.#lanes.size === 0;
  }

  push(event: NodeEvent): void {
    const key = isOfPeer(event) ? event.peer : LOCAL;
    const lane = this.#lanes.get(key) ?? { events: [], bytes: 0, isPaused: false };
    this.#lanes.set(key, lane);
    // The answers could not be sent any more.
    if (event.type === 'peer-closed') cut(lane);
    lane.events.push(event);
    lane.bytes += bytesOf(event);
    const isFull = lane.events.length >= MAX_WAITING_FRAMES || lane.bytes >= MAX_WAITING_BYTES;
    if (!isFull || lane.isPaused || event.type !== 'peer-message') return;
    lane.isPaused = true;
    this.#setPaused(key, true);
  }

  /** Removes and returns the next event; its lane goes to the end. */
  shift(): NodeEvent | undefined {
    for (const [key, lane] of this.#lanes) {
      const event = lane.events.shift();
      this.#lanes.delete(key);
      if (!event) continue;
      lane.bytes -= bytesOf(event);
      const isShort = lane.events.length < MAX_WAITING_FRAMES / 2 && lane.bytes < MAX_WAITING_BYTES / 2;
      if (lane.isPaused && isShort) {
        lane.isPaused = false;
        this.#setPaused(key, false);
      }
      if (lane.events.length > 0) this.#lanes.set(key, lane);
      return event;
    }
    return undefined;
  }

  clear(): void {
    this.#lanes.clear();
  }
}

function isOfPeer(event: NodeEvent): event is PeerEvent {
  return event.type.startsWith('peer-');
}

function bytesOf(event: NodeEvent): number {
  return event.type === 'peer-message' ? event.bytes.length : 0;
}

/** Cuts a lane to `MAX_WAITING_FRAMES`: a burst of small frames is read at once and may be longer. */
function cut(lane: Lane): void {
  lane.events.length = Math.min(lane.events.length, MAX_WAITING_FRAMES);
  lane.bytes = lane.events.reduce((sum, event) => sum + bytesOf(event), 0);
}
