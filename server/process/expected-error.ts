/** Kind of a failure. The program maps it to its exit code. */
export type FailureKind = 'usage' | 'failed' | 'damaged';

/** An error that is not a bug. Its message is for the person who runs the program, and says what to do. */
export class ExpectedError extends Error {
  readonly kind: FailureKind;

  constructor(message: string, { kind = 'failed', ...options }: ErrorOptions & { kind?: FailureKind } = {}) {
    super(message, options);
    this.name = new.target.name;
    this.kind = kind;
  }
}

/** An option or environment variable has an invalid value. */
export class OptionError extends ExpectedError {
  constructor(message: string) {
    super(message, { kind: 'usage' });
  }
}
