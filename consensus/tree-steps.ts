import type { Address } from './address.ts';
import { slotKey } from './contract/slot-path.ts';
import type { NodeHash } from './hash.ts';
import { sha256 } from './sha256.ts';
import type { AccountChanges, SlotChanges } from './state.ts';
import type { StateView } from './state-change.ts';
import { accountLeaf, EMPTY_ROOT, type LeafChange, StateTreeEditor } from './state-tree.ts';

/** Leaves that are changed at once, at least: the more there are, the more nodes above them they share. */
const LEAVES_AT_ONCE = 128;
/** Values of the first byte of a key. */
const KEY_BUCKETS = 256;

interface TreeInput {
  /** The accounts that change, but for the storage roots of contracts. */
  readonly accounts: AccountChanges;
  readonly slots: SlotChanges;
  /** The leaf of the block's receipts, where it changes. */
  readonly receiptsLeaf: LeafChange | undefined;
  /** Told the new root of each contract's slots, before the leaves of accounts are made. */
  readonly onStorageRoot: (contract: Address, root: NodeHash) => void;
}

/**
 * Computes the trees of a state after changes, a bounded number of leaves at a time: first those of the contracts' slots, whose
 * roots the accounts commit to, then that of the accounts.
 */
export class TreeSteps {
  readonly #editor: StateTreeEditor;
  readonly #steps: Generator<number, NodeHash>;
  #stateRoot: NodeHash | undefined;
  #leafCount = 0;

  constructor(view: StateView, input: TreeInput) {
    this.#editor = new StateTreeEditor(view);
    this.#steps = treeSteps(this.#editor, view, input);
  }

  get nodesAdded(): ReadonlyMap<NodeHash, Uint8Array> {
    return this.#editor.added;
  }

  get nodesRemoved(): ReadonlySet<NodeHash> {
    return this.#editor.removed;
  }

  /** Leaves that have been changed. */
  get leafCount(): number {
    return this.#leafCount;
  }

  /** Changes so many leaves, or a few more. The root of the tree of accounts once all is done. */
  advance(leaves: number): NodeHash | undefined {
    const until = this.#leafCount + leaves;
    while (this.#stateRoot === undefined && this.#leafCount < until) {
      const { done, value } = this.#steps.next();
      if (done) this.#stateRoot = value;
      else this.#leafCount += value;
    }
    return this.#stateRoot;
  }
}

/** Yields after each group of leaves how many it changed. */
function* treeSteps(editor: StateTreeEditor, view: StateView, input: TreeInput): Generator<number, NodeHash> {
  const { accounts, slots, receiptsLeaf, onStorageRoot } = input;
  for (const [contract, values] of slots) {
    const before = view.account(contract)?.contract?.storageRoot ?? EMPTY_ROOT;
    const leaves = Array.from(values, ([path, value]): LeafChange => {
      return { key: slotKey(contract, path), valueHash: value && sha256(value) };
    });
    onStorageRoot(contract, yield* updateTree(editor, before, leaves));
  }
  const leaves = Array.from(accounts, ([address, account]) => accountLeaf(address, account));
  if (receiptsLeaf !== undefined) leaves.push(receiptsLeaf);
  return yield* updateTree(editor, view.stateRoot, leaves);
}

function* updateTree(editor: StateTreeEditor, before: NodeHash, leaves: LeafChange[]): Generator<number, NodeHash> {
  let root = before;
  for (const group of groupsOf(leaves)) {
    root = editor.update(root, group);
    yield group.length;
  }
  return root;
}

/** Groups of neighbours, so that what lies above them is hashed about as often as if all were changed at once. */
function groupsOf(leaves: LeafChange[]): LeafChange[][] {
  if (leaves.length <= LEAVES_AT_ONCE) return [leaves];
  const buckets = Array.from({ length: KEY_BUCKETS }, (): LeafChange[] => []);
  for (const leaf of leaves) buckets[leaf.key[0] ?? 0]?.push(leaf);
  const groups: LeafChange[][] = [];
  let group: LeafChange[] = [];
  for (const bucket of buckets) {
    group.push(...bucket);
    if (group.length < LEAVES_AT_ONCE) continue;
    groups.push(group);
    group = [];
  }
  if (group.length > 0) groups.push(group);
  return groups;
}
