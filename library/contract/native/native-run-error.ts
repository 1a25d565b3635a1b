/** A class does something else than its source on the machine, or cannot be run beside it. */
export class NativeRunError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'NativeRunError';
  }
}
