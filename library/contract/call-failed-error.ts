/** Why a deploy or a call has failed, and where in the source. It changed nothing, as on a network. */
export class CallFailedError extends Error {
  /** Of a trap or of a fault of the source, see docs/contracts.md; or of the rule that keeps the transaction out of a block. */
  readonly code: string;
  /** Address of the contract that failed; null where none was entered. */
  readonly contract: string | null;
  /** Of its source, from 1; null where it is not known. */
  readonly line: number | null;
  /** From 1, in UTF-16 units. */
  readonly column: number | null;

  /** @param cause what the class threw, where it runs beside the machine */
  constructor(message: string, about: Pick<CallFailedError, 'code' | 'contract' | 'line' | 'column'>, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'CallFailedError';
    this.code = about.code;
    this.contract = about.contract;
    this.line = about.line;
    this.column = about.column;
  }
}
