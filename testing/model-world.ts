import { verifySignature } from '../consensus/signature.ts';
import { executeInModel } from '../simulator/model/contract/execute-in-model.ts';
import type { SourceFile } from '../simulator/model/contract/syntax.ts';
import type { CallOutcome, ContractCall, ContractView } from '../simulator/model/contract/world.ts';

/** A state in memory with some contracts, which the model runs: what `ContractWorld` is for the machine. */
export class ModelWorld implements ContractView {
  readonly networkId = Uint8Array.of(1, 2, 3, 4);
  height = 100;
  time = 1_700_000_000;
  readonly balances = new Map<string, bigint>();
  readonly slots = new Map<string, Map<string, Uint8Array>>();
  readonly contracts = new Map<string, SourceFile>();

  blockHash(height: number): string {
    return height.toString(16).padStart(64, '0');
  }

  slot(contract: string, path: string): Uint8Array | undefined {
    return this.slots.get(contract)?.get(path);
  }

  balance(address: string): bigint {
    return this.balances.get(address) ?? 0n;
  }

  contract(address: string): SourceFile | undefined {
    return this.contracts.get(address);
  }

  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    return verifySignature({ publicKey: publicKey, message, signature });
  }

  /** Runs a constructor. The contract is there only if that went well. */
  deploy(file: SourceFile, call: Omit<ContractCall, 'file' | 'isDeploy' | 'method'>): CallOutcome {
    this.contracts.set(call.contract, file);
    const outcome = this.call({ ...call, method: 'constructor' }, true);
    if (!outcome.ok) this.contracts.delete(call.contract);
    return outcome;
  }

  /** Calls a method, and keeps what it did. */
  call(call: Omit<ContractCall, 'file' | 'isDeploy'>, isDeploy = false): CallOutcome {
    const file = this.contracts.get(call.contract);
    if (file === undefined) throw new Error(`no contract at ${call.contract}`);
    const outcome = executeInModel(this, { ...call, file, isDeploy });
    if (outcome.ok) this.#keep(outcome);
    return outcome;
  }

  #keep({ writes, payments }: CallOutcome & { readonly ok: true }): void {
    for (const [contract, changes] of writes) {
      const slots = this.slots.get(contract) ?? new Map<string, Uint8Array>();
      this.slots.set(contract, slots);
      for (const [path, value] of changes) {
        if (value === undefined) slots.delete(path);
        else slots.set(path, value);
      }
    }
    for (const { from, to, amount } of payments) {
      this.balances.set(from, this.balance(from) - amount);
      this.balances.set(to, this.balance(to) + amount);
    }
  }
}
