import type { Address } from './address.ts';
import type { BlockContext } from './block-context.ts';
import type { BlockState } from './block-state.ts';
import { DecodeError } from './codec.ts';
import { Execution, type Outcome } from './contract/execution.ts';
import type { Payment } from './contract/machine.ts';
import type { ExecutionObserver } from './contract/observer.ts';
import { CONSTRUCTOR, type Program } from './contract/program.ts';
import { SourceError } from './contract/source-error.ts';
import type { SourcePosition } from './contract/source-position.ts';
import { Trap } from './contract/trap.ts';
import type { World } from './contract/world.ts';
import type { ContractHost } from './contract-host.ts';
import { type ContractTransaction, intrinsicGas } from './contract-transaction.ts';
import { assertInvariant } from './errors.ts';
import { bytesToHex, bytesToUtf8, hexToBytes } from './hex.ts';
import { type Receipt, receiptOf } from './receipt.ts';
import { sha256 } from './sha256.ts';
import { type CodeHash, EMPTY_ACCOUNT } from './state.ts';
import { EMPTY_ROOT } from './state-tree.ts';

/** Why a transaction failed, for people. It is no part of the receipt: it is not consensus. */
export interface CallFailure {
  /** Of a trap, of a fault of the source, or `address-taken`. */
  readonly code: string;
  readonly message: string;
  /** The contract in whose source the position is. */
  readonly contract: Address;
  readonly position: SourcePosition | undefined;
}

/** What came of a transaction that executes a contract. */
export interface ContractResult {
  readonly receipt: Receipt;
  /** Null where it is fine. */
  readonly failure: CallFailure | null;
  /** What contracts paid, in order; not the transaction's own amount. As a failure, it is no part of the receipt. */
  readonly payments: readonly Payment[];
}

/**
 * The execution of one transaction on the state of its block, fee paid and nonce counted. It can be cut into steps; the state
 * is changed at the end, and only by one that does not fail.
 */
export class ContractRun {
  readonly #transaction: ContractTransaction;
  readonly #state: BlockState;
  readonly #gasLimit: number;
  readonly #execution: Execution | undefined;
  #codeHash: CodeHash | undefined;
  #result: ContractResult | undefined;

  constructor(
    transaction: ContractTransaction,
    state: BlockState,
    context: BlockContext,
    host: ContractHost,
    observer?: ExecutionObserver,
  ) {
    this.#transaction = transaction;
    this.#state = state;
    this.#gasLimit = transaction.gas - intrinsicGas(transaction);
    const world = worldOf(state, context, host, transaction.networkId);
    const { contract, args, sender: caller, amount: value } = transaction;
    const invocation = { contract, args, caller, value, gasLimit: this.#gasLimit };
    if (transaction.kind === 'call') {
      const method = this.#methodName(transaction.method);
      if (method !== undefined) this.#execution = new Execution(world, { ...invocation, method }, observer);
    } else {
      const deployed = this.#deployedProgram(transaction.source, host);
      if (deployed !== undefined)
        this.#execution = new Execution(world, { ...invocation, deployed, method: CONSTRUCTOR }, observer);
    }
  }

  /** Gas that is used so far. Its intrinsic gas is used from the start: of a deploy it pays for the compilation. */
  get gasUsed(): number {
    return intrinsicGas(this.#transaction) + (this.#execution?.gasUsed ?? 0);
  }

  /** Runs until it is done, or until about `gas` more are used. At the end the state is changed. */
  advance(gas: number): ContractResult | undefined {
    if (this.#result !== undefined) return this.#result;
    const execution = this.#execution;
    assertInvariant(execution !== undefined, 'what cannot be executed has failed');
    const outcome = execution.advance(gas);
    if (outcome === undefined) return undefined;
    if (outcome.ok) this.#keep(outcome);
    const { sender } = this.#transaction;
    this.#result = {
      receipt: receiptOf(outcome, intrinsicGas(this.#transaction)),
      failure: outcome.ok ? null : outcome.failure,
      // A sender is no contract: what it pays is the transaction's amount.
      payments: outcome.ok ? outcome.payments.filter(({ from }) => from !== sender) : [],
    };
    return this.#result;
  }

  #keep(outcome: Outcome & { ok: true }): void {
    const state = this.#state;
    for (const { from, to, amount } of outcome.payments) {
      state.credit(from, -amount);
      state.credit(to, amount);
    }
    for (const [contract, writes] of outcome.writes) state.writeSlots(contract, writes);
    const { contract } = this.#transaction;
    if (this.#transaction.kind !== 'deploy' || this.#codeHash === undefined) return;
    state.addCode(this.#codeHash, new Uint8Array(this.#transaction.source));
    const { balance, nonce } = state.contentOf(contract);
    state.setAccount(contract, { balance, nonce, contract: { codeHash: this.#codeHash, storageRoot: EMPTY_ROOT } });
  }

  #methodName(bytes: Uint8Array): string | undefined {
    try {
      return bytesToUtf8(bytes);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      const { code, message } = new Trap('no-method', 'whose name is no UTF-8');
      this.#fail({ code, message, contract: this.#transaction.contract, position: undefined });
      return undefined;
    }
  }

  #deployedProgram(source: Uint8Array, host: ContractHost): Program | undefined {
    const { contract } = this.#transaction;
    const account = this.#state.account(contract) ?? EMPTY_ACCOUNT;
    if (account.contract !== undefined || account.nonce > 0n) {
      this.#fail({ code: 'address-taken', message: 'the address is in use', contract, position: undefined });
      return undefined;
    }
    this.#codeHash = bytesToHex(sha256(source));
    const program = host.compile(this.#codeHash, source);
    if (!(program instanceof SourceError)) return program;
    const { code, detail, line, column } = program;
    this.#fail({ code, message: detail, contract, position: { line, column } });
    return undefined;
  }

  #fail(failure: CallFailure): void {
    const receipt = { ok: false, gasUsed: this.#transaction.gas, result: new Uint8Array(), events: [] };
    this.#result = { receipt, failure, payments: [] };
  }
}

/** What contracts see while a transaction runs. */
function worldOf(state: BlockState, context: BlockContext, host: ContractHost, networkId: string): World {
  const codeHashOf = (contract: Address) => state.account(contract)?.contract?.codeHash;
  return {
    networkId: hexToBytes(networkId),
    height: context.height,
    time: context.medianTimePast,
    blockHash: (height) => context.blockHash(height),
    slot: (contract, path) => state.slot(contract, path),
    balance: (address) => state.account(address)?.balance ?? 0n,
    sourceBytes: (contract) => {
      const codeHash = codeHashOf(contract);
      return codeHash === undefined ? undefined : state.storedCode(codeHash).length;
    },
    program: (contract) => {
      const codeHash = codeHashOf(contract);
      assertInvariant(codeHash !== undefined, `${contract} is no contract`);
      const program = host.compile(codeHash, state.storedCode(codeHash));
      assertInvariant(!(program instanceof SourceError), `source ${codeHash} of a contract does not compile`);
      return program;
    },
    verifySignature: (check) => host.verifySignature(check),
  };
}
