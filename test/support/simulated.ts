import { createPublicKey, verify } from 'node:crypto';
import { checkSignatureEncoding, type SignatureCheck } from '../../consensus/signature.ts';
import type { Address, Transfer } from '../../consensus/transaction.ts';
import type { Reply } from '../../protocol/effects.ts';
import type { SimulatedNetwork } from '../../simulator/network.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';

/** Node's own Ed25519 behind our strictness: many times faster than JavaScript, for tests with thousands of signatures. */
export function nativeVerify({ publicKey, message, signature }: SignatureCheck): boolean {
  if (!checkSignatureEncoding(publicKey, signature)) return false;
  const x = Buffer.from(publicKey).toString('base64url');
  return verify(null, message, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature);
}

/** Submits bytes to a node and gives its reply. */
export function submitRaw(network: SimulatedNetwork, node: SimulatedNode, raw: Uint8Array): Reply {
  const id = node.request((request) => ({ type: 'submit', request, raw }));
  network.runUntil(() => node.reply(id) !== undefined, 1_000, 'a reply');
  return node.reply(id) as Reply;
}

/** Submits a transfer; `accepted`, or the code of the refusal. */
export function submit(network: SimulatedNetwork, node: SimulatedNode, transfer: Transfer): string {
  const reply = submitRaw(network, node, transfer.raw);
  return reply.ok ? 'accepted' : reply.code;
}

/** Mines on demand and waits until the blocks are there. */
export function mine(
  network: SimulatedNetwork,
  node: SimulatedNode,
  count: number,
  recipient: Address | null = null,
): void {
  const id = node.request((request) => ({ type: 'mine', request, count, recipient }));
  network.runUntil(() => node.reply(id) !== undefined, 100_000_000, `${count} blocks`);
}

/** What must not change when something is refused: tip, state root and mempool. */
export function standing(node: SimulatedNode): {
  tip: string;
  storedTip: string;
  stateRoot: string;
  mempool: string[];
} {
  const { chain, mempool } = node.core;
  return {
    tip: chain.tip.record.hash,
    storedTip: node.store.tip,
    stateRoot: node.store.stateRoot,
    mempool: mempool
      .byFeeRate()
      .map((entry) => `${entry.transfer.txid} ${entry.state}`)
      .sort(),
  };
}

/** Kills the node and starts it again on what it has stored. */
export function restart(network: SimulatedNetwork, node: SimulatedNode): void {
  network.kill(node);
  node.start();
  network.runFor(10);
}
