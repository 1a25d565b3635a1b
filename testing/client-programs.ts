// Programs that use `forklore/client` of an installed package.

/** What a user's program may look like. */
export const CLIENT_PROGRAM = `
import {
  ClientError, connectNode, developmentAccountByName, developmentKeyPair, formatCoins, parseCoins,
} from 'forklore/client';

const node = connectNode({ url: process.argv[2] });
const { network } = await node.nodeInfo();
const followed = [];
const following = (async () => {
  const { cursor } = await node.nodeInfo();
  const mining = node.mine({ count: 2, to: 'Carol' });
  for await (const event of node.events({ after: cursor })) {
    if (event.__typename === 'BlockEvent') followed.push(event.block.height);
    if (followed.length === 2) break;
  }
  await mining;
})();
await following;
const from = developmentKeyPair(developmentAccountByName('Alice'));
const { id } = await node.send({ from, to: 'Bob', amount: parseCoins('1.5') });
const settling = node.waitForTransaction(id);
const reaching = node.waitForHeight(3);
await node.mine();
const { status, block } = await settling;
const { balance } = await node.account('Bob');
const rejected = await node.send({ from, to: 'Bob', amount: parseCoins('1000000') }).catch((error) => {
  if (!(error instanceof ClientError)) throw error;
  return error.code;
});
const { height } = await reaching;
console.log(
  JSON.stringify({ network, followed, settled: { status, height: block.height }, balance: formatCoins(balance), rejected, reached: height }),
);
`;

/** What the compiler is to accept. */
export const CLIENT_CONSUMER = `
import {
  type Account, type Block, ClientError, connectNode, deriveKeyPair, formatCoins, type NodeEvent, parseCoins,
} from 'forklore/client';

const node = connectNode({ url: 'http://127.0.0.1:5000', adminToken: 'x' });
export const tip: Block = await node.tip();
export const work: bigint = tip.totalWork;
export const { balance, nonce }: Account = await node.account('Alice');
export const spendable: string = formatCoins(balance - parseCoins('0.5') * nonce);
export const file: Uint8Array = await node.downloadSnapshot('0', { timeoutMs: 5_000 });
export const { id: uploaded } = await node.uploadSnapshot(file);
export const paid = await node.send({ from: 'Alice', to: 'Bob', amount: parseCoins('0.5') });
export const heights: number[] = (await node.blocks({ first: 3 })).edges.map(({ node: block }) => block.height);
export async function follow(signal: AbortSignal): Promise<NodeEvent | null> {
  for await (const event of node.events({ signal })) {
    if (event.__typename === 'ReorgEvent' && event.reorg.depth > 2) return event;
  }
  return null;
}
export const sent = await node
  .send({ from: deriveKeyPair('words', 0), to: 'Bob', amount: parseCoins('1') })
  .catch((error: unknown) => (error instanceof ClientError ? error.kind : 'other'));
`;
