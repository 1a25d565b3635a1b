import type { NodeEvent, PeerId } from '../../protocol/events.ts';

/** A peer with so much waiting is not read from until less than half is left. */
export const MAX_WAITING_FRAMES = 64;
export const MAX_WAITING_BYTES = 2 * 1024 * 1024;
/** What the node itself wants: requests, timers, answers of the worker pools. */
const LOCAL = '';

type PeerEvent = Extract<NodeEvent, { type: `peer-${string}` }>;

interface Lane {
  readonly events: NodeEvent[];
  bytes: number;
  isPaused: boolean;
}

/**
 * Events that wait for the core, in a lane for each peer and one for the node itself. Taken in turns, one of each lane,
 * so that a peer that sends much delays nobody but itself; within a lane in the order in which they came.
 */
export class EventQueue {
  readonly #setPaused: (peer: PeerId, paused: boolean) => void;
  /** The lane whose turn it is comes first. Empty ones are not kept. */
  readonly #lanes = new Map<string, Lane>();

  /** @param setPaused stops or goes on reading from a peer */
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
    // Nobody reads the answers any more.
    if (event.type === 'peer-closed') cut(lane);
    lane.events.push(event);
    lane.bytes += bytesOf(event);
    const isFull = lane.events.length >= MAX_WAITING_FRAMES || lane.bytes >= MAX_WAITING_BYTES;
    if (!isFull || lane.isPaused || event.type !== 'peer-message') return;
    lane.isPaused = true;
    this.#setPaused(key, true);
  }

  /** The next event; its lane goes to the end of the line. */
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

/** Leaves no more than what a peer may have waiting; a burst of small frames is read at once and may be longer. */
function cut(lane: Lane): void {
  lane.events.length = Math.min(lane.events.length, MAX_WAITING_FRAMES);
  lane.bytes = lane.events.reduce((sum, event) => sum + bytesOf(event), 0);
}
