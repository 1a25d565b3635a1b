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
import { cut, drop, duplication, oneWay, partition, reordering, slowLines } from './lines.ts';
import { bitRot, crash, erraticMiners, fullDisk, restart, slowDisk } from './machines.ts';
import type { FaultName } from './names.ts';
import { clockJump, clockPutRight, clockSkew, operators } from './people.ts';

/** What each fault does to a simulation. */
export const FAULTS: Readonly<Record<FaultName, Fault>> = {
  crash,
  restart,
  'slow-disk': slowDisk,
  'full-disk': fullDisk,
  'bit-rot': bitRot,
  'erratic-miners': erraticMiners,
  partition,
  'one-way': oneWay,
  cut,
  drop,
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
};
