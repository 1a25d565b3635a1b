import type { Question } from './question.ts';
import { accept } from './questions/accept.ts';
import { attack } from './questions/attack.ts';
import { catchUp, catchUpFull } from './questions/catch-up.ts';
import { contractBlocks } from './questions/contract-blocks.ts';
import { contracts } from './questions/contracts.ts';
import { dashboard } from './questions/dashboard.ts';
import { fixture } from './questions/fixture.ts';
import { gossip } from './questions/gossip.ts';
import { graphqlList } from './questions/graphql.ts';
import { hashrate } from './questions/hashrate.ts';
import { blockImport } from './questions/import.ts';
import { inATest } from './questions/in-a-test.ts';
import { longChain } from './questions/long-chain.ts';
import { manyNodes } from './questions/many-nodes.ts';
import { primitives } from './questions/primitives.ts';
import { propagation } from './questions/propagation.ts';
import { reorg } from './questions/reorg.ts';
import { simulator } from './questions/simulator.ts';
import { subscriptions } from './questions/subscriptions.ts';
import { weather } from './questions/weather.ts';
import { withholders } from './questions/withholders.ts';
import { workers } from './questions/workers.ts';

/** All of them, in the order in which they are asked. */
export const QUESTIONS: readonly Question[] = [
  hashrate,
  primitives,
  workers,
  contracts,
  contractBlocks,
  gossip,
  blockImport,
  catchUp,
  catchUpFull,
  accept,
  reorg,
  propagation,
  weather,
  graphqlList,
  subscriptions,
  longChain,
  manyNodes,
  inATest,
  fixture,
  attack,
  withholders,
  simulator,
  dashboard,
];
