import { connectNode } from '../../client/node/main.ts';
import { nameOf, startDashboard, startLoneNode } from '../../testing/browser.ts';
import { VOTING } from '../../testing/contracts.ts';
import { freePorts } from '../../testing/free-ports.ts';
import type { NodeProcess } from '../../testing/processes.ts';
import { StratumClient } from '../../testing/stratum-client.ts';

/** Something for every view to show. */
export interface Scene {
  readonly nodes: readonly NodeProcess[];
  /** Name of the first one, through which a program mines. */
  readonly name: string;
  /** URL of the dashboard. */
  readonly url: string;
  /** URL where no node is, and of a dashboard that knows only that. */
  readonly nobody: string;
  readonly lonelyUrl: string;
  /** Ids of a transaction that waits, and of one in block 1 of the branch that won. */
  readonly pending: string;
  readonly coinbase: string;
  /** Hash of a block on the branch that lost. */
  readonly stale: string;
  /** Address of a contract with a vote in it. */
  readonly contract: string;
}

const MINE = 'mutation ($count: Int) { mine(count: $count) { ... on BlocksMined { blocks { hash } } } }';
const SEND = `mutation ($memo: String) {
  sendFromDevAccount(from: "Alice", to: "Bob", amount: "12.5", memo: $memo) {
    ... on TransactionAccepted { transaction { id } }
  }
}`;

/** Two nodes, one of which has left its branch for the other's, a transaction that waits, and a mining program. */
export async function setUp(): Promise<Scene> {
  const [a, b] = [await startLoneNode('--stratum', '0'), await startLoneNode()];
  const stale = (await a.api.query(MINE, { count: 1 })).mine.blocks[0].hash;
  const client = connectNode({ url: b.url });
  const vote = { from: 'Alice', source: VOTING, arguments: ['lunch?', ['noodles', 'rice'], 1_000] };
  const { contract } = await client.deploy(vote);
  await b.api.query(MINE, { count: 1 });
  await client.call({ from: 'Bob', contract, method: 'vote', arguments: [1] });
  await b.api.query(MINE, { count: 11 });
  await a.api.query('mutation ($url: String!) { connectPeer(url: $url) { __typename } }', { url: b.url });
  await a.api.untilTip(await b.api.tip());
  const pending = (await a.api.query(SEND, { memo: 'for the tests' })).sendFromDevAccount.transaction.id;
  const { block } = await a.api.query('{ block(height: 1) { transactions(first: 1) { edges { node { id } } } } }');
  const coinbase = block.transactions.edges[0].node.id;
  const { miner } = await a.api.query('{ miner { stratum { listens } } }');
  await StratumClient.mining(miner.stratum.listens, 'Alice.a-miner-with-a-name-of-many-words');
  const url = await startDashboard([a.url]);
  const nobody = `http://127.0.0.1:${await freePorts(1)}`;
  const lonelyUrl = await startDashboard([nobody]);
  return { nodes: [a, b], name: await nameOf(a), url, nobody, lonelyUrl, pending, coinbase, stale, contract };
}
