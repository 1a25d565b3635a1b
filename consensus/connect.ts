import { type Block, coinbaseOf, signedTransactionsOf } from './block.ts';
import type { BlockContext } from './block-context.ts';
import { BlockExecution, workOf } from './block-execution.ts';
import { type BlockEffect, type Payout, sealBlock } from './block-seal.ts';
import { type ContractHost, PLAIN_CONTRACT_HOST } from './contract-host.ts';
import { assertInvariant, RuleError } from './errors.ts';
import type { NetworkParams } from './params.ts';
import { receiptsHashOf, receiptsLeaf } from './receipt.ts';
import { type AccountChanges, type CodeChanges, EMPTY_ACCOUNT } from './state.ts';
import type { StateChange, StateView } from './state-change.ts';
import { EMPTY_ROOT, StateTreeEditor } from './state-tree.ts';
import { SteppedWork, type Steps } from './stepped-work.ts';
import { subsidyAt } from './subsidy.ts';
import type { SignedTransaction } from './transaction.ts';
import { updateTrees } from './tree-steps.ts';
import type { Undo } from './undo.ts';

/**
 * Checks the rules of a block that need the state before it, and computes its effect. It can be cut into steps; dropping it
 * loses only the work. Signatures are verified separately, before.
 */
export class BlockConnection {
  readonly #block: Block;
  readonly #view: StateView;
  readonly #execution: BlockExecution;
  readonly #waiting: SignedTransaction[];
  readonly #subsidy: bigint;
  #seal: SteppedWork<BlockEffect> | undefined;
  #effect: BlockEffect | undefined;
  #work = 0;

  /**
   * Throws `RuleError` `coinbase-wrong-reward`.
   * @param executed what was executed already, on the same state, of exactly these transactions
   */
  constructor(
    block: Block,
    context: BlockContext,
    view: StateView,
    params: NetworkParams,
    host: ContractHost,
    executed?: BlockExecution,
  ) {
    this.#block = block;
    this.#view = view;
    const transactions = signedTransactionsOf(block);
    // [reject] The reward is exactly the subsidy plus the fees.
    this.#subsidy = subsidyAt(context.height, params);
    const reward = transactions.reduce((sum, transaction) => sum + transaction.fee, this.#subsidy);
    const coinbase = coinbaseOf(block);
    if (coinbase.reward !== reward) {
      throw new RuleError(
        'coinbase-wrong-reward',
        `${coinbase.reward} instead of ${reward} at height ${context.height}`,
      );
    }
    this.#execution = executed ?? new BlockExecution(view, context, host);
    this.#waiting = executed === undefined ? transactions.reverse() : [];
  }

  /** What has been done, in gas. */
  get work(): number {
    return this.#work;
  }

  /**
   * Goes on until it is done, or until work of about so much gas is done.
   * Throws `RuleError` `sender-is-contract`, `wrong-nonce`, `insufficient-balance` or `wrong-state-root`.
   */
  advance(gas: number): BlockEffect | undefined {
    const until = this.#work + gas;
    while (this.#effect === undefined && this.#work < until) {
      if (this.#seal !== undefined) this.#advanceSeal(this.#seal, until);
      else if (!this.#advanceExecution(until))
        this.#seal = sealBlock(this.#execution, coinbaseOf(this.#block), this.#view);
    }
    return this.#effect;
  }

  /** False once every transaction is executed. */
  #advanceExecution(until: number): boolean {
    const execution = this.#execution;
    if (!execution.isRunning) {
      const next = this.#waiting.pop();
      if (next === undefined) return false;
      this.#work += workOf(next);
      execution.begin(next);
    }
    this.#work += execution.advance(until - this.#work);
    return true;
  }

  #advanceSeal(seal: SteppedWork<BlockEffect>, until: number): void {
    const before = seal.work;
    const effect = seal.advance(until - this.#work);
    this.#work += seal.work - before;
    if (effect === undefined) return;
    const { change, undo } = effect;
    const { hash } = this.#block;
    assertInvariant(
      totalBalance(change.accounts) - totalBalance(undo.accounts) === this.#subsidy,
      `block ${hash} changes the total supply by something else than its subsidy`,
    );
    // [reject] The coinbase's state root is that of the state after the block.
    const { stateRoot } = coinbaseOf(this.#block);
    if (stateRoot !== change.stateRoot) {
      throw new RuleError('wrong-state-root', `coinbase says ${stateRoot}, the state is ${change.stateRoot}`);
    }
    this.#effect = effect;
  }
}

/** A {@link BlockConnection} in one go. Throws like it. */
export function connectBlock(
  block: Block,
  context: BlockContext,
  view: StateView,
  params: NetworkParams,
  host: ContractHost = PLAIN_CONTRACT_HOST,
): BlockEffect {
  const effect = new BlockConnection(block, context, view, params, host).advance(Number.POSITIVE_INFINITY);
  assertInvariant(effect !== undefined, 'a connection without a limit ends');
  return effect;
}

/** The effect of a block with these transactions, in one go. Throws like {@link BlockExecution.begin}. */
export function effectOf(
  transactions: readonly SignedTransaction[],
  coinbase: Payout,
  view: StateView,
  context: BlockContext,
  host: ContractHost = PLAIN_CONTRACT_HOST,
): BlockEffect {
  const execution = new BlockExecution(view, context, host);
  for (const transaction of transactions) {
    execution.begin(transaction);
    execution.advance(Number.POSITIVE_INFINITY);
  }
  return sealBlock(execution, coinbase, view).finish();
}

/** Reverts the tip's block, in steps. They throw `InvariantError` unless that gives the state root before it. */
export function startDisconnection(undo: Undo, view: StateView): SteppedWork<StateChange> {
  return new SteppedWork(disconnectSteps(undo, view));
}

/** {@link startDisconnection} in one go. Throws like its steps. */
export function disconnectBlock(undo: Undo, view: StateView): StateChange {
  return startDisconnection(undo, view).finish();
}

function* disconnectSteps(undo: Undo, view: StateView): Steps<StateChange> {
  const { accounts, slots, receiptsHash } = undo;
  const editor = new StateTreeEditor(view);
  const stateRoot = yield* updateTrees(editor, view, {
    accounts,
    slots,
    receiptsLeaf: receiptsHashOf(view) === receiptsHash ? undefined : receiptsLeaf(receiptsHash),
    onStorageRoot: (contract, root) => {
      const expected = accounts.get(contract)?.contract?.storageRoot ?? EMPTY_ROOT;
      assertInvariant(
        root === expected,
        `disconnecting leads to storage ${root} of ${contract} instead of ${expected}`,
      );
    },
  });
  assertInvariant(
    stateRoot === undo.stateRoot,
    `disconnecting leads to state ${stateRoot} instead of ${undo.stateRoot}`,
  );
  const codes: CodeChanges = new Map(undo.newCodes.map((codeHash) => [codeHash, undefined]));
  return { stateRoot, accounts, slots, codes, nodesAdded: editor.added, nodesRemoved: editor.removed };
}

function totalBalance(accounts: AccountChanges): bigint {
  let total = 0n;
  for (const account of accounts.values()) total += (account ?? EMPTY_ACCOUNT).balance;
  return total;
}
