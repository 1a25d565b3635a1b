/** The program broke a promise. The message says which; the command adds how to see it again. */
export class TortureFailure extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TortureFailure';
  }
}

/** Throws a {@link TortureFailure} unless the condition holds. */
export function demand(condition: boolean, message: string): asserts condition {
  if (!condition) throw new TortureFailure(message);
}

/** Where and why a run failed. Its folder is kept. */
export class RunFailed extends Error {
  readonly folder: string;

  constructor(folder: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'RunFailed';
    this.folder = folder;
  }
}
