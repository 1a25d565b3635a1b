import type { Hash } from '../../consensus/hash.ts';
import type { Effect } from '../../protocol/effects.ts';
import type { NodeEvent } from '../../protocol/events.ts';
import type { Verdict } from '../model/reference-model.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import { CheckFailure, type NodeCheck } from './check.ts';
import type { Judge } from './replay.ts';

/** A block whose body, and those of all its ancestors, a node has. */
interface Known {
  readonly hash: Hash;
  readonly parent: Known | null;
  readonly chainWork: bigint;
  /** Order in which blocks became whole; the earlier one wins on equal work. Those that one body made whole share it. */
  readonly order: number;
  isRuledOut: boolean;
}

/**
 * The tip of a node at rest is that of the best valid chain that it has: most work, first come on equal work. Which blocks
 * it has, and in what order they came, is derived from what it stores; which are valid, the model says.
 */
export class BestChainCheck implements NodeCheck {
  readonly #node: SimulatedNode;
  readonly #judge: Judge;
  readonly #known = new Map<Hash, Known>();
  /** Bodies whose parent's is missing, by the parent. */
  readonly #waiting = new Map<Hash, Hash[]>();
  /** Order of arrival, which a restart does not change. */
  readonly #orders = new Map<Hash, number>();
  #arrivals = 0;
  /** Bodies that the model has not judged yet. */
  readonly #unjudged = new Map<Hash, Uint8Array>();
  #best: Known;
  /** How many known blocks an operator has ruled out. */
  #ruledOut = 0;

  constructor(node: SimulatedNode, judge: Judge) {
    this.#node = node;
    this.#judge = judge;
    this.#best = this.#addGenesis();
  }

  /** Starts again from what is stored: what was not durable when the node ended is lost. */
  onStarted(): void {
    this.#known.clear();
    this.#waiting.clear();
    this.#ruledOut = 0;
    this.#best = this.#addGenesis();
    const { store } = this.#node;
    const stored = [...store.headers()].filter(({ hash, bodyBytes }) => bodyBytes > 0 && store.hasBody(hash));
    const orderOf = (hash: Hash): number => this.#orders.get(hash) ?? Number.POSITIVE_INFINITY;
    stored.sort((a, b) => orderOf(a.hash) - orderOf(b.hash));
    for (const { hash, header } of stored) this.#add(hash, header.prevHash, ++this.#arrivals);
    // A block that is no longer whole may arrive again, later.
    for (const hash of this.#orders.keys()) if (!this.#known.has(hash)) this.#orders.delete(hash);
    for (const { hash, validity } of store.headers()) if (validity === 'operator-invalid') this.#ruleOut(hash, true);
  }

  onHandled(_: NodeEvent, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type !== 'persist') continue;
      for (const write of effect.writes) {
        if (write.kind === 'header') this.#ruleOut(write.record.hash, write.record.validity === 'operator-invalid');
        if (write.kind !== 'body') continue;
        const entry = this.#node.core.chain.get(write.blockHash);
        if (!entry) throw new CheckFailure('best-chain', this.#node, `stores ${write.blockHash} without its header`);
        this.#unjudged.set(write.blockHash, write.raw);
        this.#add(write.blockHash, entry.record.header.prevHash, ++this.#arrivals);
      }
    }
  }

  onSettled(): void {
    const { chain } = this.#node.core;
    if (chain.isMoving) return;
    const tip = chain.tip.record.hash;
    const known = this.#known.get(tip);
    if (!known || !this.#isUsable(known) || isBetter(this.#best, known)) {
      throw new CheckFailure('best-chain', this.#node, `rests on ${tip}, but has the better ${this.#best.hash}`);
    }
    if (this.#node.store.tip !== tip) {
      throw new CheckFailure('best-chain', this.#node, `rests on ${tip}, and has stored ${this.#node.store.tip}`);
    }
  }

  #addGenesis(): Known {
    const { hash, chainWork } = this.#judge.model.genesis;
    const genesis = { hash, parent: null, chainWork, order: 0, isRuledOut: false };
    this.#known.set(hash, genesis);
    return genesis;
  }

  #add(hash: Hash, prevHash: Hash, newOrder: number): void {
    const parent = this.#known.get(prevHash);
    if (this.#known.has(hash)) return;
    if (!parent) {
      const siblings = this.#waiting.get(prevHash) ?? [];
      if (!siblings.includes(hash)) this.#waiting.set(prevHash, [...siblings, hash]);
      return;
    }
    const verdict = this.#verdictOn(hash);
    if (!verdict?.valid) return;
    const order = this.#orders.get(hash) ?? newOrder;
    this.#orders.set(hash, order);
    const known: Known = { hash, parent, chainWork: verdict.block.chainWork, order, isRuledOut: false };
    this.#known.set(hash, known);
    if (this.#isUsable(known) && isBetter(known, this.#best)) this.#best = known;
    const waiting = this.#waiting.get(hash) ?? [];
    this.#waiting.delete(hash);
    for (const child of waiting) this.#add(child, hash, newOrder);
  }

  #verdictOn(hash: Hash): Verdict | undefined {
    const raw = this.#unjudged.get(hash);
    if (!raw) return this.#judge.model.verdictOf(hash);
    this.#unjudged.delete(hash);
    return this.#judge.judge(hash, raw);
  }

  #ruleOut(hash: Hash, isRuledOut: boolean): void {
    const known = this.#known.get(hash);
    if (!known || known.isRuledOut === isRuledOut) return;
    known.isRuledOut = isRuledOut;
    this.#ruledOut += isRuledOut ? 1 : -1;
    const usable = [...this.#known.values()].filter((each) => this.#isUsable(each));
    this.#best = usable.reduce((best, each) => (isBetter(each, best) ? each : best));
  }

  /** Neither it nor an ancestor is ruled out. Mostly nothing is, and then the ancestors are not visited. */
  #isUsable(known: Known): boolean {
    for (let walk: Known | null = this.#ruledOut > 0 ? known : null; walk; walk = walk.parent)
      if (walk.isRuledOut) return false;
    return true;
  }
}

function isBetter(a: Known, b: Known): boolean {
  return a.chainWork > b.chainWork || (a.chainWork === b.chainWork && a.order < b.order);
}
