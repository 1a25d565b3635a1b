import { expect } from 'vitest';
import type { Address } from '../consensus/address.ts';
import type { SignedTransaction } from '../consensus/transaction.ts';
import type { Reply } from '../protocol/effects.ts';
import { nativeVerify } from '../simulator/command/native-crypto.ts';
import { type NetworkOptions, SimulatedNetwork } from '../simulator/network.ts';
import type { SimulatedNode } from '../simulator/simulated-node.ts';
import { mineEvent } from './asking.ts';
import type { ChainPoint } from './chain-builder.ts';
import { ScriptedPeer } from './scripted-peer.ts';

export interface OneNode {
  readonly network: SimulatedNetwork;
  readonly node: SimulatedNode;
}

/** A network of one node, for peers whose messages are the test's. */
export function oneNode(options: Partial<NetworkOptions> = {}): OneNode {
  const network = new SimulatedNetwork({ seed: 7, verify: nativeVerify, ...options });
  return { network, node: network.addNode() };
}

export function tipOf(node: SimulatedNode): string {
  return node.core.chain.tip.record.hash;
}

/** Lets the node take a chain from a peer that has it. */
export function feed(network: SimulatedNetwork, node: SimulatedNode, point: ChainPoint): ScriptedPeer {
  const peer = new ScriptedPeer(network, node).hello(point);
  network.runUntil(() => tipOf(node) === point.block.hash, 60_000, 'the fed tip');
  return peer;
}

/** Lets time pass until the node has ended the connection, and gives the reason. */
export function untilClosed(network: SimulatedNetwork, peer: ScriptedPeer): string {
  network.runUntil(() => peer.closedBecause !== null, 30_000, 'the end of the connection');
  return peer.closedBecause ?? '';
}

/** Submits bytes to a node and gives its reply. */
export function submitRaw(network: SimulatedNetwork, node: SimulatedNode, raw: Uint8Array): Reply {
  const id = node.request((request) => ({ type: 'submit', request, raw }));
  network.runUntil(() => node.replyTo(id) !== undefined, 1_000, 'a reply');
  return node.replyTo(id) as Reply;
}

/** Submits a transaction; `accepted`, or the code of the refusal. */
export function submit(network: SimulatedNetwork, node: SimulatedNode, transaction: SignedTransaction): string {
  const reply = submitRaw(network, node, transaction.raw);
  return reply.ok ? 'accepted' : reply.code;
}

/** Mines on demand and waits until the blocks are there. */
export function mine(
  network: SimulatedNetwork,
  node: SimulatedNode,
  count: number,
  recipient: Address | null = null,
): void {
  const id = node.request(mineEvent(count, { recipient }));
  network.runUntil(() => node.replyTo(id) !== undefined, 100_000_000, `${count} blocks`);
}

export interface Standing {
  readonly tip: string;
  readonly storedTip: string;
  readonly stateRoot: string;
  readonly mempool: readonly string[];
}

/** What must not change when something is refused: tip, state root and mempool. */
export function standing(node: SimulatedNode): Standing {
  const { chain, mempool } = node.core;
  return {
    tip: chain.tip.record.hash,
    storedTip: node.store.tip,
    stateRoot: node.store.stateRoot,
    mempool: mempool
      .byFeeRate()
      .map((entry) => `${entry.transaction.txid} ${entry.state}`)
      .sort(),
  };
}

/** *Tip unchanged*: the same tip, state root and mempool as `before`, and the same again after a restart. */
export function expectUnchanged(network: SimulatedNetwork, node: SimulatedNode, before: Standing): void {
  expect(standing(node)).toEqual(before);
  restart(network, node);
  expect(standing(node)).toEqual(before);
}

/** Kills the node and starts it again on what it has stored. */
export function restart(network: SimulatedNetwork, node: SimulatedNode): void {
  network.kill(node);
  node.start();
  network.runFor(10);
}
