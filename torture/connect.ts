import type { NodeProcess } from '../testing/processes.ts';

const CONNECT = 'mutation ($url: String!) { connectPeer(url: $url) { __typename ... on OperationFailed { message } } }';
const PEERS = '{ peers { id } }';
const DISCONNECT = 'mutation ($id: ID!) { disconnectPeer(id: $id) { __typename } }';

/** Connects two nodes where both are up; resolves with what is in the way, or null. */
export async function tryConnect(node: NodeProcess, other: { readonly url: string }): Promise<string | null> {
  const { connectPeer: result } = await node.api.query(CONNECT, { url: other.url });
  // Answered with what is already there where the two are connected.
  return result.__typename === 'OperationFailed' ? result.message : null;
}

/** Connects two nodes; the other one dials nobody. */
export async function connect(node: NodeProcess, other: { readonly url: string }): Promise<void> {
  const problem = await tryConnect(node, other);
  if (problem !== null) throw new Error(problem);
}

export async function disconnectAll(node: NodeProcess): Promise<void> {
  const { peers } = await node.api.query(PEERS);
  for (const { id } of peers as { id: string }[]) await node.api.query(DISCONNECT, { id });
}
