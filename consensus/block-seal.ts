import type { Address } from './address.ts';
import type { BlockExecution, BlockReceipt } from './block-execution.ts';
import { type BlockState, withBalance } from './block-state.ts';
import type { SlotPath } from './contract/slot-path.ts';
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

/**
 * What the transactions of a block read of the state before it and did not change: with the undo record, all that they saw
 * of it. Undefined: it was not there.
 */
export interface BlockReads {
  readonly accounts: AccountChanges;
  readonly slots: SlotChanges;
}

/** A block's effect. */
export interface BlockEffect {
  readonly change: StateChange;
  readonly undo: Undo;
  readonly receipts: readonly BlockReceipt[];
  readonly reads: BlockReads;
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
  readonly reads: BlockReads;
}

/** A copy: what the execution writes later is not in it. */
function changesOf(execution: BlockExecution): Changes {
  assertInvariant(!execution.isRunning, 'all transactions are executed before a block is sealed');
  const { state, receipts } = execution;
  const accounts = new Map(state.accounts);
  const accountsBefore: AccountChanges = new Map();
  for (const address of accounts.keys()) accountsBefore.set(address, state.accountsBefore.get(address));
  const slots = copyOf(state.slots);
  return {
    accounts,
    accountsBefore,
    slots,
    slotsBefore: changedOf(state.slotsBefore, slots),
    newCodes: new Map(state.newCodes),
    receipts: [...receipts],
    reads: { accounts: readAccountsOf(state, accounts), slots: unchangedSlotsOf(state.slotsBefore, slots) },
  };
}

function* sealSteps(changes: Changes, coinbase: Payout, view: StateView): Steps<BlockEffect> {
  const { accounts, accountsBefore, slots, slotsBefore, newCodes, receipts, reads } = changes;
  const { recipient, reward } = coinbase;
  if (!accounts.has(recipient)) accountsBefore.set(recipient, view.account(recipient));
  accounts.set(recipient, paid(changes, reward, recipient, view));
  const editor = new StateTreeEditor(view);
  const receiptsBefore = receiptsHashOf(view);
  const stateRoot = yield* treesOf(editor, view, changes, receiptsBefore);
  // Who is paid, and a contract with another storage root, have changed as well.
  for (const address of accounts.keys()) reads.accounts.delete(address);
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
    reads,
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

/** What was read and then changed, as it was. */
function changedOf(before: SlotChanges, now: SlotChanges): SlotChanges {
  return new Map(
    Array.from(now, ([contract, values]) => {
      const known = before.get(contract);
      return [contract, new Map(Array.from(values.keys(), (path) => [path, known?.get(path)]))];
    }),
  );
}

/** Accounts that contracts read and nothing changed. The senders of refused transactions are not among them. */
function readAccountsOf({ accountsRead, accountsBefore }: BlockState, now: AccountChanges): AccountChanges {
  const unchanged: AccountChanges = new Map();
  for (const address of accountsRead) if (!now.has(address)) unchanged.set(address, accountsBefore.get(address));
  return unchanged;
}

function unchangedSlotsOf(before: SlotChanges, now: SlotChanges): SlotChanges {
  const unchanged: SlotChanges = new Map();
  for (const [contract, values] of before) {
    const changed = now.get(contract);
    const slots = new Map<SlotPath, Uint8Array | undefined>();
    for (const [path, value] of values) if (!changed?.has(path)) slots.set(path, value);
    if (slots.size > 0) unchanged.set(contract, slots);
  }
  return unchanged;
}

function copyOf(slots: SlotChanges): SlotChanges {
  return new Map(Array.from(slots, ([contract, values]) => [contract, new Map(values)]));
}
