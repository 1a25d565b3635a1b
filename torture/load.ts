import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { bytesToHex } from '../consensus/hex.ts';
import { REGTEST } from '../consensus/networks.ts';
import { genesisPoint, keysOf } from '../testing/chain-builder.ts';
import { deployAt } from '../testing/contract-transactions.ts';
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
/** Of so many transactions one deploys a contract. */
const DEPLOY_INTERVAL = 3n;
const NONCE = 'query ($from: String!) { account(address: $from) { pendingNonce } }';
const SUBMIT = `mutation ($raw: Hex!) {
  submitTransaction(raw: $raw) { ... on TransactionAccepted { transaction { id } } }
}`;
/** Its constructor stores a value, pays nobody and tells of it: source, slot, receipt and account are written and taken back. */
const CONTRACT = `export class Kept {
  by: Address;

  constructor() {
    this.by = chain.caller;
    chain.emit('Kept', chain.height);
  }
}
`;
const DEPLOY_GAS = 100_000;
/** Base units: little, so that no sender runs out, and more than the least. */
const DEPLOY_FEE = 20_000n;
const MINE = `mutation ($count: Int!) {
  mine(count: $count) { ... on BlocksMined { blocks { hash height totalWork } } }
}`;
const GENESIS = genesisPoint(REGTEST);
const BLOCKS = 'subscription { blockAdded { hash height totalWork } }';

interface Submitted {
  readonly transaction?: { readonly id: string };
}

/** Submits one transaction; false where it was refused. */
export async function submit(node: NodeProcess, from: string, acknowledgements: Acknowledgements): Promise<boolean> {
  const { account } = await node.api.query(NONCE, { from });
  const nonce = BigInt(account.pendingNonce);
  const result = nonce % DEPLOY_INTERVAL === 0n ? await deploy(node, from, nonce) : await send(node, from);
  if (result.transaction) acknowledgements.addTransaction(result.transaction.id);
  return result.transaction !== undefined;
}

async function send(node: NodeProcess, from: string): Promise<Submitted> {
  return (await node.api.query(SEND, { from })).sendFromDevAccount;
}

async function deploy(node: NodeProcess, from: string, nonce: bigint): Promise<Submitted> {
  const options = { nonce, gas: DEPLOY_GAS, fee: DEPLOY_FEE };
  const { raw } = deployAt(GENESIS, keysOf(from), CONTRACT, [], options);
  return (await node.api.query(SUBMIT, { raw: bytesToHex(raw) })).submitTransaction;
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
