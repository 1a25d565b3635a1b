import { connectionStorm } from '../byzantine/connection-storm.ts';
import {
  addressPoisoner,
  bodyMutator,
  bodyWithholder,
  garbageFramer,
  headerSpammer,
  orphanFlooder,
  silentAnnouncer,
} from '../byzantine/liars.ts';
import { equivocator, invalidMiner, invalidTail, selfishMiner, timeBender } from '../byzantine/miners.ts';
import { transactionFlooder } from '../byzantine/transaction-flooder.ts';
import { silentBlockAnnouncer, withholdingPeers } from '../byzantine/withholders.ts';
import type { Fault } from './fault.ts';
import { cut, duplication, loss, oneWay, partition, reordering, slowLines } from './lines.ts';
import { bitRot, crash, erraticMiners, fullDisk, restart, slowDisk } from './machines.ts';
import { clockJump, clockPutRight, clockSkew, operators } from './people.ts';

/** Every fault that a simulation knows, by the name that it has on the command line and in scenario files. */
export const FAULTS = {
  crash,
  restart,
  'slow-disk': slowDisk,
  'full-disk': fullDisk,
  'bit-rot': bitRot,
  'erratic-miners': erraticMiners,
  partition,
  'one-way': oneWay,
  cut,
  loss,
  duplication,
  reordering,
  'slow-lines': slowLines,
  'clock-skew': clockSkew,
  'clock-jump': clockJump,
  'clock-put-right': clockPutRight,
  operators,
  'header-spammer': headerSpammer,
  'body-withholder': bodyWithholder,
  'body-mutator': bodyMutator,
  'invalid-miner': invalidMiner,
  'invalid-tail': invalidTail,
  equivocator,
  'orphan-flooder': orphanFlooder,
  'transaction-flooder': transactionFlooder,
  'silent-announcer': silentAnnouncer,
  'withholding-peers': withholdingPeers,
  'silent-block-announcer': silentBlockAnnouncer,
  'connection-storm': connectionStorm,
  'address-poisoner': addressPoisoner,
  'time-bender': timeBender,
  'selfish-miner': selfishMiner,
  'garbage-framer': garbageFramer,
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;

/**
 * Faults after which two connected nodes may take as long as they take to be of one mind: something of what they say is
 * lost or late, or their operators or clocks keep them from it.
 */
export const FAULTS_THAT_DELAY: ReadonlySet<FaultName> = new Set([
  'slow-disk',
  'full-disk',
  'bit-rot',
  'partition',
  'one-way',
  'cut',
  'loss',
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
  'loss',
  'reordering',
  'withholding-peers',
]);

export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];
