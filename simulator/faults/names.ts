/** Every fault that a simulation knows, by the name that it has on the command line and in scenario files, and what happens, for people. */
export const FAULT_DESCRIPTIONS = {
  crash: 'nodes are killed, also just before, after and during a commit, and start again',
  restart: 'nodes are stopped cleanly and start again',
  'slow-disk': 'disks take long to flush, and signatures are verified out of order',
  'full-disk': 'disks are full or fail for a while, and their nodes are down',
  'bit-rot': 'bits of stored blocks and undo records flip',
  'erratic-miners': 'miners come, go, and change their speed',
  partition: 'the network is partitioned for a while',
  'one-way': 'one direction between two nodes fails for a while',
  cut: 'connections break',
  drop: 'single messages do not arrive',
  duplication: 'messages arrive twice',
  reordering: 'messages overtake each other',
  'slow-lines': 'some lines are slow and narrow',
  'clock-skew': 'clocks are wrong by up to fifty seconds',
  'clock-jump': 'clocks jump by minutes, ahead and back',
  'clock-put-right': 'clocks that are far behind are corrected while no block is mined',
  operators: 'operators rule out blocks and take it back, connect and disconnect peers',
  'header-spammer': 'a peer spams headers of little work',
  'body-withholder': 'a miner announces blocks and withholds their bodies',
  'body-mutator': 'a peer changes the bodies of blocks that it passes on',
  'invalid-miner': 'a miner publishes invalid blocks, with valid work',
  'invalid-tail': 'a miner shows a branch whose last block is invalid',
  equivocator: 'a miner shows different blocks to different peers',
  'orphan-flooder': 'a peer floods with blocks whose parent does not exist',
  'transaction-flooder': 'a peer floods with transactions, valid and not',
  'silent-announcer': 'a peer announces transactions and never sends any',
  'withholding-peers': 'several peers show headers and withhold bodies from nodes that have been away',
  'silent-block-announcer': 'a miner announces compact blocks and is silent when asked for what is missing',
  'connection-storm': 'bursts of callers use up all connections that nodes accept',
  'address-poisoner': 'a peer spreads addresses at which nothing listens',
  'time-bender': 'a miner bends the times of its blocks',
  'selfish-miner': 'a miner with up to 35 % of the hashrate keeps its blocks secret until others catch up',
  'garbage-framer': 'a peer sends garbage',
} as const;

export type FaultName = keyof typeof FAULT_DESCRIPTIONS;

/** The names. Swarms draw, and `all` installs, in their order. */
export const FAULT_NAMES: readonly FaultName[] = Object.keys(FAULT_DESCRIPTIONS) as FaultName[];

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
