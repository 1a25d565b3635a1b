import type { Address } from './address.ts';
import { slotKey } from './contract/slot-path.ts';
import type { NodeHash } from './hash.ts';
import { sha256 } from './sha256.ts';
import type { AccountChanges, SlotChanges } from './state.ts';
import type { StateView } from './state-change.ts';
import { accountLeaf, EMPTY_ROOT, type LeafChange, type StateTreeEditor } from './state-tree.ts';
import type { Steps } from './stepped-work.ts';

/** Leaves of a step: the more there are, the more nodes above them they share. */
const LEAVES_AT_ONCE = 64;
/** What a leaf costs a host, in gas: to hash it, and to change it in its tree. */
const HASH_WORK = 200;
const CHANGE_WORK = 1_800;

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
 * Computes the trees of a state after changes: first those of the contracts' slots, whose roots the accounts commit to, then that
 * of the accounts, whose root it returns. The nodes are the editor's.
 */
export function* updateTrees(editor: StateTreeEditor, view: StateView, input: TreeInput): Steps<NodeHash> {
  const { accounts, slots, receiptsLeaf, onStorageRoot } = input;
  for (const [contract, values] of slots) {
    const before = view.account(contract)?.contract?.storageRoot ?? EMPTY_ROOT;
    const leaves = yield* hashedEach(values, ([path, value]): LeafChange => {
      return { key: slotKey(contract, path), valueHash: value && sha256(value) };
    });
    onStorageRoot(contract, yield* updateTree(editor, before, leaves));
  }
  const leaves = yield* hashedEach(accounts, ([address, account]) => accountLeaf(address, account));
  if (receiptsLeaf !== undefined) leaves.push(receiptsLeaf);
  return yield* updateTree(editor, view.stateRoot, leaves);
}

/** The leaf of each item, a bounded number in a step. */
export function* hashedEach<Item, Leaf>(items: Iterable<Item>, leafOf: (item: Item) => Leaf): Steps<Leaf[]> {
  const leaves: Leaf[] = [];
  for (const item of items) {
    leaves.push(leafOf(item));
    if (leaves.length % LEAVES_AT_ONCE === 0) yield LEAVES_AT_ONCE * HASH_WORK;
  }
  yield (leaves.length % LEAVES_AT_ONCE) * HASH_WORK;
  return leaves;
}

function* updateTree(editor: StateTreeEditor, before: NodeHash, leaves: LeafChange[]): Steps<NodeHash> {
  let root = before;
  for (const group of groupsOf(leaves)) {
    root = editor.update(root, group);
    yield group.length * CHANGE_WORK;
  }
  return root;
}

/**
 * Groups of neighbours, so that what lies above them is hashed about as often as if all were changed at once. No group is larger,
 * also where somebody chose keys that begin alike.
 */
function groupsOf(leaves: LeafChange[]): LeafChange[][] {
  if (leaves.length <= LEAVES_AT_ONCE) return [leaves];
  const ordered = leaves.toSorted((a, b) => order(a.key, b.key));
  const groups: LeafChange[][] = [];
  for (let first = 0; first < ordered.length; first += LEAVES_AT_ONCE)
    groups.push(ordered.slice(first, first + LEAVES_AT_ONCE));
  return groups;
}

function order(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return at === -1 ? 0 : (a[at] as number) - (b[at] as number);
}
