import type { Address } from './address.ts';
import type { BlockExecution, BlockReceipt } from './block-execution.ts';
import { withBalance } from './block-state.ts';
import { assertInvariant } from './errors.ts';
import type { NodeHash } from './hash.ts';
import { hashOfReceipts, receiptLeaf, receiptsHashOf, receiptsLeaf } from './receipt.ts';
import { type Account, type AccountChanges, type CodeChanges, EMPTY_ACCOUNT, type SlotChanges } from './state.ts';
import type { StateChange, StateView } from './state-change.ts';
import { accountLeaf, StateTreeEditor } from './state-tree.ts';
import { SteppedWork, type Steps } from './stepped-work.ts';
import { hashedEach, updateTrees } from './tree-steps.ts';
import type { Undo } from './undo.ts';

/** Who is paid by a block, and how much in base units. */
export interface Payout {
  readonly recipient: Address;
  readonly reward: bigint;
}

/** A block's effect. */
export interface BlockEffect {
  readonly change: StateChange;
  readonly undo: Undo;
  readonly receipts: readonly BlockReceipt[];
}

/** The state after the transactions of a block, before anybody is paid for it. */
export interface UnpaidState {
  /** The root of the state once somebody is paid, in the time of one leaf. */
  rootAfter(coinbase: Payout): NodeHash;
}

/**
 * Ends the execution of a block: pays the coinbase, so that no transaction can spend the block's own reward, and computes the
 * trees. The execution is not changed, and can go on.
 */
export function sealBlock(execution: BlockExecution, coinbase: Payout, view: StateView): SteppedWork<BlockEffect> {
  return new SteppedWork(sealSteps(changesOf(execution), coinbase, view));
}

/** The trees of {@link sealBlock} for whoever will be paid. To be asked only as long as the view is that of the same state. */
export function sealUnpaid(execution: BlockExecution, view: StateView): SteppedWork<UnpaidState> {
  return new SteppedWork(unpaidSteps(changesOf(execution), view));
}

/** What transactions have changed, and the receipts. */
interface Changes {
  readonly accounts: Map<Address, Account>;
  readonly accountsBefore: AccountChanges;
  readonly slots: SlotChanges;
  readonly slotsBefore: SlotChanges;
  readonly newCodes: CodeChanges;
  readonly receipts: readonly BlockReceipt[];
}

/** A copy: what the execution writes later is not in it. */
function changesOf(execution: BlockExecution): Changes {
  assertInvariant(!execution.isRunning, 'all transactions are executed before a block is sealed');
  const { state, receipts } = execution;
  const accounts = new Map(state.accounts);
  const accountsBefore: AccountChanges = new Map();
  for (const address of accounts.keys()) accountsBefore.set(address, state.accountsBefore.get(address));
  return {
    accounts,
    accountsBefore,
    slots: copyOf(state.slots),
    slotsBefore: copyOf(state.slotsBefore),
    newCodes: new Map(state.newCodes),
    receipts: [...receipts],
  };
}

function* sealSteps(changes: Changes, coinbase: Payout, view: StateView): Steps<BlockEffect> {
  const { accounts, accountsBefore, slots, slotsBefore, newCodes, receipts } = changes;
  const { recipient, reward } = coinbase;
  if (!accounts.has(recipient)) accountsBefore.set(recipient, view.account(recipient));
  accounts.set(recipient, paid(changes, reward, recipient, view));
  const editor = new StateTreeEditor(view);
  const receiptsBefore = receiptsHashOf(view);
  const stateRoot = yield* treesOf(editor, view, changes, receiptsBefore);
  return {
    change: {
      stateRoot,
      accounts,
      slots,
      codes: newCodes,
      nodesAdded: editor.added,
      nodesRemoved: editor.removed,
    },
    undo: {
      stateRoot: view.stateRoot,
      accounts: accountsBefore,
      slots: slotsBefore,
      newCodes: [...newCodes.keys()],
      receiptsHash: receiptsBefore,
    },
    receipts,
  };
}

function* unpaidSteps(changes: Changes, view: StateView): Steps<UnpaidState> {
  const editor = new StateTreeEditor(view);
  const stateRoot = yield* treesOf(editor, view, changes, receiptsHashOf(view));
  const nodes = { stateNode: (hash: NodeHash) => editor.added.get(hash) ?? view.stateNode(hash) };
  return {
    rootAfter: ({ recipient, reward }) => {
      const leaf = accountLeaf(recipient, paid(changes, reward, recipient, view));
      return new StateTreeEditor(nodes).update(stateRoot, [leaf]);
    },
  };
}

function paid({ accounts }: Changes, reward: bigint, recipient: Address, view: StateView): Account {
  return withBalance(accounts.get(recipient) ?? view.account(recipient) ?? EMPTY_ACCOUNT, reward);
}

/** The root of the state with these changes; the accounts of contracts get the roots of their slots. */
function* treesOf(
  editor: StateTreeEditor,
  view: StateView,
  { accounts, accountsBefore, slots, receipts }: Changes,
  receiptsBefore: NodeHash | null,
): Steps<NodeHash> {
  const receiptsHash = hashOfReceipts(yield* hashedEach(receipts, ({ txid, bytes }) => receiptLeaf(txid, bytes)));
  return yield* updateTrees(editor, view, {
    accounts,
    slots,
    receiptsLeaf: receiptsHash === receiptsBefore ? undefined : receiptsLeaf(receiptsHash),
    onStorageRoot: (contract, storageRoot) => {
      if (!accounts.has(contract)) accountsBefore.set(contract, view.account(contract));
      const { balance, nonce, contract: before } = accounts.get(contract) ?? view.account(contract) ?? EMPTY_ACCOUNT;
      assertInvariant(before !== undefined, `${contract} has slots and is no contract`);
      accounts.set(contract, { balance, nonce, contract: { codeHash: before.codeHash, storageRoot } });
    },
  });
}

function copyOf(slots: SlotChanges): SlotChanges {
  return new Map(Array.from(slots, ([contract, values]) => [contract, new Map(values)]));
}
