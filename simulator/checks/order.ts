import { doubleSha256, type Hash, hashFromBytes } from '../../consensus/hash.ts';
import { HEADER_BYTES } from '../../consensus/header.ts';
import type { Effect, ReplyValue } from '../../protocol/effects.ts';
import type { NodeEvent } from '../../protocol/events.ts';
import { MESSAGE_KINDS } from '../../protocol/messages.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import { CheckFailure, type NodeCheck } from './check.ts';

/** Block hashes by frame, since one frame is sent to many peers. */
const blocksOf = new WeakMap<Uint8Array, Hash>();

/** A block is announced, sent and published only after it is durable. */
export class OrderCheck implements NodeCheck {
  readonly #node: SimulatedNode;

  constructor(node: SimulatedNode) {
    this.#node = node;
  }

  /** Also in the list of effects, the write comes before what makes it known: hosts may rely on that. */
  onHandled(_: NodeEvent, effects: readonly Effect[]): void {
    const { store } = this.#node;
    const written = new Set<Hash>();
    for (const effect of effects) {
      if (effect.type === 'persist') {
        for (const write of effect.writes) {
          if (write.kind === 'body') written.add(write.blockHash);
          if (write.kind === 'journal-put') written.add(write.entry.txid);
        }
      }
      const block = blockMadeKnownBy(effect);
      if (block !== null && !written.has(block) && !store.hasBody(block)) this.#fail(block);
      const txid = effect.type === 'reply' && effect.reply.ok && acceptedBy(effect.reply.value);
      if (txid && !written.has(txid) && !store.isJournaled(txid)) this.#fail(txid);
    }
  }

  onPerformed(effect: Effect): void {
    const { store } = this.#node;
    const block = blockMadeKnownBy(effect);
    if (block !== null && (store.isDirty || !store.hasBody(block))) this.#fail(block);
  }

  #fail(hash: Hash): never {
    throw new CheckFailure('order', this.#node, `tells of ${hash} before it is durable`);
  }
}

function blockMadeKnownBy(effect: Effect): Hash | null {
  if (effect.type === 'publish' && effect.notice.kind === 'block') return effect.notice.blockHash;
  if (effect.type !== 'send') return null;
  const [kind] = effect.bytes;
  return kind === MESSAGE_KINDS.compactBlock || kind === MESSAGE_KINDS.block ? blockOf(effect.bytes) : null;
}

function acceptedBy(value: ReplyValue): Hash | null {
  return value.kind === 'accepted' ? value.txid : null;
}

function blockOf(frame: Uint8Array): Hash {
  const known = blocksOf.get(frame);
  if (known) return known;
  const hash = hashFromBytes(doubleSha256(frame.subarray(1, 1 + HEADER_BYTES)));
  blocksOf.set(frame, hash);
  return hash;
}
