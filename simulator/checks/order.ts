import { doubleSha256, type Hash, hashFromBytes } from '../../consensus/hash.ts';
import { HEADER_BYTES } from '../../consensus/header.ts';
import type { Effect } from '../../protocol/effects.ts';
import { MESSAGE_KINDS } from '../../protocol/messages.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import { CheckFailure, type NodeCheck } from './check.ts';

/** Blocks of frames, which are sent to many peers. */
const blocksOf = new WeakMap<Uint8Array, Hash>();

/** A block is announced, sent and published only after it is durable. */
export class OrderCheck implements NodeCheck {
  readonly #node: SimulatedNode;

  constructor(node: SimulatedNode) {
    this.#node = node;
  }

  performed(effect: Effect): void {
    if (effect.type === 'publish' && effect.notice.kind === 'block') this.#expectDurable(effect.notice.blockHash);
    if (effect.type !== 'send') return;
    const [kind] = effect.bytes;
    if (kind === MESSAGE_KINDS.compactBlock || kind === MESSAGE_KINDS.block) this.#expectDurable(blockOf(effect.bytes));
  }

  #expectDurable(hash: Hash): void {
    const { store } = this.#node;
    if (!store.isDirty && store.hasBody(hash)) return;
    throw new CheckFailure('order', this.#node, `tells of ${hash} before it is durable`);
  }
}

function blockOf(frame: Uint8Array): Hash {
  const known = blocksOf.get(frame);
  if (known) return known;
  const hash = hashFromBytes(doubleSha256(frame.subarray(1, 1 + HEADER_BYTES)));
  blocksOf.set(frame, hash);
  return hash;
}
