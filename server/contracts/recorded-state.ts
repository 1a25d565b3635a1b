import type { Address } from '../../consensus/address.ts';
import type { BlockReads } from '../../consensus/block-seal.ts';
import type { BlockState } from '../../consensus/block-state.ts';
import type { SlotPath } from '../../consensus/contract/slot-path.ts';
import { assertInvariant, InvariantError } from '../../consensus/errors.ts';
import type { Account, AccountReader, CodeHash, ContractReader } from '../../consensus/state.ts';
import type { Undo } from '../../consensus/undo.ts';

type CodeReader = Pick<ContractReader, 'code'>;
type Before = Pick<BlockReads, 'accounts' | 'slots'>;

/**
 * The state before some transactions, as far as they saw it: what they are executed on again. It answers nothing that was not
 * read then: to be asked for it is an `InvariantError`, and never "there is none".
 */
export class RecordedState implements AccountReader, ContractReader {
  readonly #records: readonly Before[];
  readonly #codes: CodeReader;

  private constructor(records: readonly Before[], codes: CodeReader) {
    this.#records = records;
    this.#codes = codes;
  }

  /** What an execution has read so far. */
  static of({ accountsBefore, slotsBefore, codesBefore }: BlockState): RecordedState {
    const codes = { code: (codeHash: CodeHash) => codesBefore.get(codeHash) };
    return new RecordedState([{ accounts: accountsBefore, slots: slotsBefore }], codes);
  }

  /** What a stored block found: what it changed, what it only read, and sources, which stay the same. */
  static ofBlock(undo: Undo, reads: BlockReads, codes: CodeReader): RecordedState {
    return new RecordedState([undo, reads], codes);
  }

  account(address: Address): Account | undefined {
    const record = this.#records.find(({ accounts }) => accounts.has(address));
    assertInvariant(record !== undefined, `a replay reads account ${address}, which the execution did not`);
    return record.accounts.get(address);
  }

  slot(contract: Address, path: SlotPath): Uint8Array | undefined {
    for (const { slots } of this.#records) {
      const ofContract = slots.get(contract);
      if (ofContract?.has(path)) return ofContract.get(path);
    }
    throw new InvariantError(`a replay reads slot ${path} of ${contract}, which the execution did not`);
  }

  code(codeHash: CodeHash): Uint8Array | undefined {
    return this.#codes.code(codeHash);
  }
}
