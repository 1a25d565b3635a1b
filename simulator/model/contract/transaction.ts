import { concatBytes, hexToBytes, utf8ToBytes } from '../../../consensus/hex.ts';
import { isStrictPoint, isStrictSignature } from '../strict-signature.ts';
import { acceptsCoins } from './accepts-coins.ts';
import { decode, encode, encodeScalar } from './encoding.ts';
import type { Invocation } from './evaluation.ts';
import { Gas } from './gas.ts';
import { MAX_ARGS_BYTES, MAX_CONTRACT_DEPTH, MAX_EVENTS, MAX_RECEIPT_BYTES } from './limits.ts';
import { checkGas, EMIT_GAS, RECEIPT_BYTE_GAS, SOURCE_BYTE_GAS, VERIFY_GAS } from './prices.ts';
import { Storage } from './storage.ts';
import type { SourceFile } from './syntax.ts';
import { Trap } from './trap.ts';
import { RecordOf, type Value } from './value.ts';
import type { CallOutcome, ContractEvent, ContractView, Payment } from './world.ts';

/** What a receipt has besides an encoded result. */
const RESULT_BYTES = 5;
/** What a receipt has of each event besides its name and its encoded values. */
const EVENT_BYTES = 22;
const SIGNED_DOMAIN = 'forklore/message/v1';
const KEY = /^[0-9a-f]{64}$/;
const SIGNATURE = /^[0-9a-f]{128}$/;

/** Names a method, whose arguments are encoded one after the other. */
export interface Entry {
  readonly contract: string;
  readonly isDeploy: boolean;
  readonly method: string;
  readonly args: Uint8Array;
  readonly caller: string;
  readonly value: bigint;
}

interface EnteredContract {
  readonly file: SourceFile;
  readonly storage: Storage;
}

/** What all contracts of a transaction share. What can fail throws `Trap`. */
export class Transaction {
  readonly view: ContractView;
  readonly gas: Gas;
  readonly #events: ContractEvent[] = [];
  readonly #payments: Payment[] = [];
  readonly #entered = new Map<string, EnteredContract>();
  /** Contracts that are under way within each other. */
  readonly #underWay: string[] = [];
  #receiptBytes = RESULT_BYTES;

  constructor(view: ContractView, gasLimit: number) {
    this.view = view;
    this.gas = new Gas(gasLimit);
  }

  /** The method of a contract with this source that is to run for a call. Steps 1 to 4 of section 9 of `docs/contracts.md`. */
  enter({ contract, isDeploy, method: name, args: bytes, caller, value }: Entry, file: SourceFile): Invocation {
    const method = file.methods.get(name);
    const isClosed = method?.isPrivate || name === 'constructor';
    if (method === undefined || (isClosed && !isDeploy)) throw new Trap('no-method');
    if (this.#underWay.includes(contract)) throw new Trap('already-entered');
    if (this.#underWay.length === MAX_CONTRACT_DEPTH) throw new Trap('too-many-contracts');
    const { storage } = this.#entered.get(contract) ?? this.#firstEntry(contract, file);
    this.#underWay.push(contract);
    if (value !== 0n && !acceptsCoins(file, method)) throw new Trap('takes-no-coins');
    this.move(caller, contract, value);
    this.gas.charge(bytes.length);
    if (bytes.length > MAX_ARGS_BYTES) throw new Trap('arguments-too-long');
    const types = method.parameters.map(({ type }) => type);
    const args = decode(bytes, types);
    if (args === undefined) throw new Trap('bad-arguments');
    for (const [i, type] of types.entries()) this.gas.charge(checkGas(type, args[i]));
    return { context: { contract, file, storage, caller, value }, method, args };
  }

  #firstEntry(contract: string, file: SourceFile): EnteredContract {
    this.gas.charge(SOURCE_BYTE_GAS * file.sourceBytes);
    const storage = new Storage(file, (path) => this.view.slot(contract, path), this.gas);
    const entered = { file, storage };
    this.#entered.set(contract, entered);
    return entered;
  }

  /** The contract that was entered last has ended. */
  leave(): void {
    this.#underWay.pop();
  }

  /** The source of a contract that another one calls. */
  fileOf(contract: string): SourceFile {
    const file = this.#entered.get(contract)?.file ?? this.view.contract(contract);
    if (file === undefined) throw new Trap('no-contract');
    return file;
  }

  balanceOf(address: string): bigint {
    let balance = this.view.balance(address);
    for (const { from, to, amount } of this.#payments) {
      if (from === address) balance -= amount;
      if (to === address) balance += amount;
    }
    return balance;
  }

  /** Moves base units at once. */
  move(from: string, to: string, amount: bigint): void {
    if (amount < 0n) throw new Trap('negative-amount');
    if (amount > this.balanceOf(from)) throw new Trap('not-enough-coins');
    if (amount > 0n) this.#payments.push({ from, to, amount });
  }

  emit(contract: string, name: string, values: readonly Value[]): void {
    const encoded = values.map((value) => {
      if (value instanceof RecordOf) throw new Trap('wrong-type', 'an event has no records');
      return Array.isArray(value) ? encode(value, { kind: 'array', elements: 'number' }) : encodeScalar(value);
    });
    const sizeBytes = EVENT_BYTES + name.length + encoded.reduce((sum, { length }) => sum + length, 0);
    this.gas.charge(EMIT_GAS + RECEIPT_BYTE_GAS * sizeBytes);
    if (this.#events.length === MAX_EVENTS) throw new Trap('too-many-events');
    this.#events.push({ contract, name, values: encoded });
    this.#addToReceipt(sizeBytes);
  }

  #addToReceipt(sizeBytes: number): void {
    this.#receiptBytes += sizeBytes;
    if (this.#receiptBytes > MAX_RECEIPT_BYTES) throw new Trap('receipt-too-long');
  }

  /** Whether a contract was told something by the owner of a key. */
  verify(contract: string, key: string, message: string, signature: string): boolean {
    const text = utf8ToBytes(message);
    this.gas.charge(VERIFY_GAS + text.length);
    if (!KEY.test(key) || !SIGNATURE.test(signature)) return false;
    const [keyBytes, signatureBytes] = [hexToBytes(key), hexToBytes(signature)];
    if (!isStrictPoint(keyBytes) || !isStrictSignature(signatureBytes)) return false;
    const { networkId } = this.view;
    const signed = concatBytes(utf8ToBytes(SIGNED_DOMAIN), networkId, hexToBytes(contract), text);
    return this.view.verify(keyBytes, signed, signatureBytes);
  }

  /** What the transaction did. `result` is encoded. */
  finish(result: Uint8Array | undefined): CallOutcome {
    const writes = new Map<string, ReadonlyMap<string, Uint8Array | undefined>>();
    for (const [contract, { storage }] of this.#entered) {
      const slots = storage.finish();
      if (slots.size > 0) writes.set(contract, slots);
    }
    const resultBytes = result?.length ?? 0;
    this.gas.charge(RECEIPT_BYTE_GAS * (RESULT_BYTES + resultBytes));
    this.#addToReceipt(resultBytes);
    return { ok: true, gasUsed: this.gas.used, result, events: this.#events, payments: this.#payments, writes };
  }
}
