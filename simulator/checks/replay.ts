import type { Block } from '../../consensus/block.ts';
import type { Hash } from '../../consensus/hash.ts';
import type { StateChange } from '../../consensus/state-change.ts';
import type { Effect } from '../../protocol/effects.ts';
import type { NodeEvent } from '../../protocol/events.ts';
import type { StoredHeader, StoreWrite } from '../../protocol/store-writes.ts';
import { wallSeconds } from '../../protocol/time.ts';
import type { ModelBlock, ReferenceModel, Verdict } from '../model/reference-model.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import { CheckFailure, type NodeCheck } from './check.ts';
import { differenceOfChange, differenceOfReceipts, differenceOfStore } from './state-difference.ts';

/** The verdicts of the model on the blocks that nodes have, one for each. Shared by all nodes of a simulation. */
export class Judge {
  readonly model: ReferenceModel;
  readonly #bodies = new Map<Hash, Uint8Array>();
  /** Blocks that a node found invalid. */
  readonly #condemned = new Map<Hash, SimulatedNode>();

  constructor(model: ReferenceModel) {
    this.model = model;
  }

  /** The verdict on a block with exactly these bytes. */
  judge(hash: Hash, raw: Uint8Array): Verdict {
    const known = this.#bodies.get(hash);
    const verdict = known && isSame(known, raw) ? this.model.verdictOf(hash) : this.model.judge(raw);
    if (!verdict) throw new Error(`the model has no verdict on ${hash}`);
    if (verdict.valid && !known) {
      this.#bodies.set(hash, raw);
      const accuser = this.#condemned.get(hash);
      if (accuser) throw condemned(accuser, hash);
    }
    return verdict;
  }

  /** The valid block of this hash. Undefined where it was never judged, or is invalid. */
  validBlock(hash: Hash): ModelBlock | undefined {
    const verdict = this.model.verdictOf(hash);
    return verdict?.valid ? verdict.block : undefined;
  }

  /** A node says that this block is invalid, whatever its body. */
  condemn(node: SimulatedNode, hash: Hash): void {
    if (this.validBlock(hash)) throw condemned(node, hash);
    this.#condemned.set(hash, node);
  }
}

/** Every block that a node connects is valid by the model, and leads to the state and the receipts that the model has after it. */
export class ReplayCheck implements NodeCheck {
  readonly #node: SimulatedNode;
  readonly #judge: Judge;
  /** Headers that it has kept before. */
  readonly #seen = new Set<Hash>();

  constructor(node: SimulatedNode, judge: Judge) {
    this.#node = node;
    this.#judge = judge;
  }

  onHandled(_: NodeEvent, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === 'persist') for (const write of effect.writes) this.#onWrite(write);
    }
  }

  /** The whole state, not only what changed. */
  inspect(): void {
    const { store } = this.#node;
    const expected = this.#judge.validBlock(store.tip);
    if (!expected) throw this.#failure(`stands on ${store.tip}, which the model never saw connected`);
    this.#expectNone(differenceOfStore(store, expected));
  }

  #onWrite(write: StoreWrite): void {
    if (write.kind === 'connect') this.#onConnect(write);
    if (write.kind === 'disconnect') this.#onDisconnect(write.block, write.change);
    if (write.kind === 'header') this.#expectNotAhead(write.record);
    if (write.kind === 'header' && write.record.validity === 'invalid') {
      const { hash, invalidReason, firstSeenFrom } = write.record;
      if (firstSeenFrom === 'self') throw this.#failure(`mined ${hash}, which is invalid: ${invalidReason}`);
      this.#judge.condemn(this.#node, hash);
    }
  }

  /** A header whose time is too far ahead is not for now: it must not be kept. The model has no clock, so this is asked here. */
  #expectNotAhead({ hash, header, height }: StoredHeader): void {
    if (this.#seen.has(hash)) return;
    this.#seen.add(hash);
    const limit = wallSeconds(this.#node.clock.instant()) + this.#node.core.params.futureLimitSeconds;
    if (height > 0 && header.time > limit)
      throw this.#failure(`keeps the header ${hash}, ${header.time - limit} s beyond the future limit`);
  }

  #onConnect({ block, height, change, receipts }: StoreWrite & { readonly kind: 'connect' }): void {
    const verdict = this.#judge.judge(block.hash, block.raw);
    if (!verdict.valid) throw this.#failure(`connects ${block.hash}, which breaks ${verdict.rule}`);
    if (verdict.block.height !== height) throw this.#failure(`connects ${block.hash} at height ${height}`);
    this.#expectNone(differenceOfChange(change, verdict.block));
    this.#expectNone(differenceOfReceipts(receipts, verdict.block));
  }

  #onDisconnect(block: Block, change: StateChange): void {
    const expected = this.#judge.validBlock(block.header.prevHash);
    if (!expected) throw this.#failure(`goes back to ${block.header.prevHash}, which the model never saw connected`);
    this.#expectNone(differenceOfChange(change, expected));
  }

  #expectNone(difference: string | undefined): void {
    if (difference !== undefined) throw this.#failure(difference);
  }

  #failure(message: string): CheckFailure {
    return new CheckFailure('replay', this.#node, message);
  }
}

function condemned(node: SimulatedNode, hash: Hash): CheckFailure {
  return new CheckFailure('replay', node, `says that ${hash} is invalid, but it is valid`);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
