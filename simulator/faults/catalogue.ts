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
import type { Fault } from './fault.ts';
import { cut, duplication, loss, oneWay, partition, reordering, slowLines } from './lines.ts';
import { bitRot, crash, erraticMiners, fullDisk, restart, slowDisk } from './machines.ts';
import { clockJump, clockSkew, operators } from './people.ts';

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
  'address-poisoner': addressPoisoner,
  'time-bender': timeBender,
  'selfish-miner': selfishMiner,
  'garbage-framer': garbageFramer,
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;

export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];
