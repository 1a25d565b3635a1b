/** What kind of failure it was, for the program that runs the node: scripts tell them apart by its exit code. */
export type FailureKind = 'usage' | 'failed' | 'damaged';

/** An error that is no defect of this program. Its message is made for the person who runs it, and says what to do. */
export class ExpectedError extends Error {
  readonly kind: FailureKind;

  constructor(message: string, { kind = 'failed', ...options }: ErrorOptions & { kind?: FailureKind } = {}) {
    super(message, options);
    this.name = new.target.name;
    this.kind = kind;
  }
}

/** An option or a variable of the environment has a value that cannot be used. */
export class OptionError extends ExpectedError {
  constructor(message: string) {
    super(message, { kind: 'usage' });
  }
}
