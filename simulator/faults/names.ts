/** Every fault that a simulation knows, by the name that it has on the command line and in scenario files. */
export const FAULT_NAMES = [
  'crash',
  'restart',
  'slow-disk',
  'full-disk',
  'bit-rot',
  'erratic-miners',
  'partition',
  'one-way',
  'cut',
  'drop',
  'duplication',
  'reordering',
  'slow-lines',
  'clock-skew',
  'clock-jump',
  'clock-put-right',
  'operators',
  'header-spammer',
  'body-withholder',
  'body-mutator',
  'invalid-miner',
  'invalid-tail',
  'equivocator',
  'orphan-flooder',
  'transaction-flooder',
  'silent-announcer',
  'withholding-peers',
  'silent-block-announcer',
  'connection-storm',
  'address-poisoner',
  'time-bender',
  'selfish-miner',
  'garbage-framer',
] as const;

export type FaultName = (typeof FAULT_NAMES)[number];

/**
 * Faults with which two connected nodes may take any time to agree: their messages are lost or late, or operators or
 * clocks prevent it.
 */
export const FAULTS_THAT_DELAY: ReadonlySet<FaultName> = new Set([
  'slow-disk',
  'full-disk',
  'bit-rot',
  'partition',
  'one-way',
  'cut',
  'drop',
  'duplication',
  'reordering',
  'slow-lines',
  'clock-jump',
  'operators',
]);

/** Faults that can keep a node from hearing that it was told to stay away. */
export const FAULTS_THAT_MUTE: ReadonlySet<FaultName> = new Set([
  'crash',
  'restart',
  'full-disk',
  'bit-rot',
  'partition',
  'one-way',
  'cut',
  'drop',
  'reordering',
  'withholding-peers',
]);
