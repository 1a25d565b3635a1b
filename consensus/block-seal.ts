import type { Address } from './address.ts';
import type { BlockExecution, BlockReceipt } from './block-execution.ts';
import { withBalance } from './block-state.ts';
import { assertInvariant } from './errors.ts';
import { hashOfReceipts, receiptLeaf, receiptsHashOf, receiptsLeaf } from './receipt.ts';
import { type AccountChanges, EMPTY_ACCOUNT, type SlotChanges } from './state.ts';
import type { StateChange, StateView } from './state-change.ts';
import { TreeSteps } from './tree-steps.ts';
import type { Undo } from './undo.ts';

/** What a changed leaf of a tree costs a host, in gas. */
export const LEAF_WORK = 1_000;

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

/**
 * Ends the execution of a block: pays the coinbase, so that no transaction can spend the block's own reward, and computes the
 * trees, a bounded number of leaves at a time. The execution is not changed, and can go on.
 */
export class BlockSeal {
  readonly #trees: TreeSteps;
  readonly #effect: Omit<BlockEffect, 'change'> & { readonly change: Omit<StateChange, 'stateRoot'> };

  constructor(execution: BlockExecution, coinbase: Payout, view: StateView) {
    assertInvariant(!execution.isRunning, 'all transactions are executed before a block is sealed');
    const { state, receipts } = execution;
    const accounts: AccountChanges = new Map(state.accounts);
    const accountsBefore: AccountChanges = new Map();
    for (const address of accounts.keys()) accountsBefore.set(address, state.accountsBefore.get(address));
    const touch = (address: Address) => {
      if (!accounts.has(address)) accountsBefore.set(address, view.account(address));
      return accounts.get(address) ?? accountsBefore.get(address) ?? EMPTY_ACCOUNT;
    };
    accounts.set(coinbase.recipient, withBalance(touch(coinbase.recipient), coinbase.reward));

    const slots = copyOf(state.slots);
    const receiptsBefore = receiptsHashOf(view);
    const receiptsHash = hashOfReceipts(receipts.map(({ txid, bytes }) => receiptLeaf(txid, bytes)));
    this.#trees = new TreeSteps(view, {
      accounts,
      slots,
      receiptsLeaf: receiptsHash === receiptsBefore ? undefined : receiptsLeaf(receiptsHash),
      onStorageRoot: (contract, storageRoot) => {
        const { balance, nonce, contract: before } = touch(contract);
        assertInvariant(before !== undefined, `${contract} has slots and is no contract`);
        accounts.set(contract, { balance, nonce, contract: { codeHash: before.codeHash, storageRoot } });
      },
    });
    this.#effect = {
      change: {
        accounts,
        slots,
        codes: new Map(state.newCodes),
        nodesAdded: this.#trees.nodesAdded,
        nodesRemoved: this.#trees.nodesRemoved,
      },
      undo: {
        stateRoot: view.stateRoot,
        accounts: accountsBefore,
        slots: copyOf(state.slotsBefore),
        newCodes: [...state.newCodes.keys()],
        receiptsHash: receiptsBefore,
      },
      receipts: [...receipts],
    };
  }

  /** Leaves that have been changed. */
  get leafCount(): number {
    return this.#trees.leafCount;
  }

  /** Changes so many leaves of the trees, or a few more. The block's effect once all is done. */
  advance(leaves: number): BlockEffect | undefined {
    const stateRoot = this.#trees.advance(leaves);
    if (stateRoot === undefined) return undefined;
    const { change, ...others } = this.#effect;
    return { ...others, change: { stateRoot, ...change } };
  }
}

/** What the execution writes later is not in it. */
function copyOf(slots: SlotChanges): SlotChanges {
  return new Map(Array.from(slots, ([contract, values]) => [contract, new Map(values)]));
}
