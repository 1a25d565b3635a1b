/** What `forklore watch` can show, as it is named there. Gaps and resets are always shown: what was known of the node is void then. */
export const EVENT_NAMES = ['block', 'reorg', 'mempool', 'contract', 'peers', 'sync', 'miner'] as const;

export type EventName = (typeof EVENT_NAMES)[number];

/** Shown where none is named. A miner that works reports twice per second. */
export const DEFAULT_EVENT_NAMES: readonly EventName[] = EVENT_NAMES.filter((name) => name !== 'miner');
