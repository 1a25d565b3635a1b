import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { NodeProcess } from '../testing/processes.ts';
import type { Acknowledgements, ToldTip } from './acknowledgements.ts';

/**
 * What one client submits before it wants a block: few enough that an account's queue also holds what comes back when
 * a few blocks are taken back, so that no acknowledged transaction is ever rightly evicted.
 */
const SENDS_PER_BLOCK = 8;
const SEND = `mutation ($from: String!) {
  sendFromDevAccount(from: $from, to: "Bob", amount: "0.00000001") {
    ... on TransactionAccepted { transaction { id } }
  }
}`;
const MINE = `mutation ($count: Int!) {
  mine(count: $count) { ... on BlocksMined { blocks { hash height totalWork } } }
}`;
const BLOCKS = 'subscription { blockAdded { hash height totalWork } }';

/** Submits one transaction; false where it was refused. */
export async function submit(node: NodeProcess, from: string, acknowledgements: Acknowledgements): Promise<boolean> {
  const { sendFromDevAccount: result } = await node.api.query(SEND, { from });
  if (result.transaction) acknowledgements.addTransaction(result.transaction.id);
  return result.transaction !== undefined;
}

/** Mines blocks; each is told of only once the node stood on it. */
export async function mine(node: NodeProcess, count: number, acknowledgements: Acknowledgements): Promise<void> {
  const { mine: result } = await node.api.query(MINE, { count });
  for (const block of (result.blocks ?? []) as ToldTip[]) acknowledgements.addTip(block);
}

/**
 * Clients that submit, mine and watch until the node is gone, and record every acknowledgement. Resolves when all have
 * noticed; never rejects, for a node that is killed breaks off in any way.
 */
export async function loadUntilGone(
  node: NodeProcess,
  senders: readonly string[],
  acknowledgements: Acknowledgements,
): Promise<void> {
  await Promise.all([
    watchUntilGone(node, acknowledgements),
    ...senders.map(async (from) => {
      try {
        for (;;) {
          for (let sent = 0; sent < SENDS_PER_BLOCK && (await submit(node, from, acknowledgements)); ) sent++;
          await mine(node, 1, acknowledgements);
        }
      } catch {
        // Gone.
      }
    }),
  ]);
}

async function watchUntilGone(node: NodeProcess, acknowledgements: Acknowledgements): Promise<void> {
  const client = createClient({
    url: `${node.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
  });
  await new Promise<void>((resolve) => {
    client.subscribe<{ blockAdded: ToldTip }>(
      { query: BLOCKS },
      {
        next: ({ data }) => data && acknowledgements.addTip(data.blockAdded),
        error: () => resolve(),
        complete: () => resolve(),
      },
    );
    node.program.finished.then(() => resolve());
  });
  // A socket that broke rejects what is still waiting for it.
  await Promise.resolve(client.dispose()).catch(() => {});
}
