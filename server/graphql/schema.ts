import type { GraphQLSchema } from 'graphql';
import './scalars.ts';
import './node-info.ts';
import './block.ts';
import './transaction.ts';
import './account.ts';
import './contract-transaction.ts';
import './contract.ts';
import './contract-events.ts';
import './simulate-call.ts';
import './call-trace.ts';
import './mempool.ts';
import './chain.ts';
import './peer.ts';
import './miner.ts';
import './events.ts';
import './submit.ts';
import './mining-control.ts';
import './mempool-control.ts';
import './control.ts';
import './time-control.ts';
import './snapshot-control.ts';
import './weather-control.ts';
import './subscriptions.ts';
import { builder } from './builder.ts';

/** The whole schema. It holds no state: which node is meant comes with the context of each request. */
export const schema: GraphQLSchema = builder.toSchema({ sortSchema: false });
