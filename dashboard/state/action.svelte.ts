import { ABORTED, type ClientError, clientErrorOf } from '../../client/client-error.ts';

/** Something that the user asked for: whether it is under way, and what went wrong; shown where it was asked. */
export class Action {
  isRunning = $state(false);
  error = $state.raw<ClientError | null>(null);
  #abort: AbortController | null = null;

  /** Runs it, unless it runs. @returns what came of it; undefined where it failed or was given up */
  async run<Result>(what: (signal: AbortSignal) => Promise<Result>): Promise<Result | undefined> {
    if (this.isRunning) return undefined;
    this.isRunning = true;
    this.error = null;
    this.#abort = new AbortController();
    try {
      return await what(this.#abort.signal);
    } catch (error) {
      const failure = clientErrorOf(error);
      if (failure.code !== ABORTED) this.error = failure;
      return undefined;
    } finally {
      this.isRunning = false;
      this.#abort = null;
    }
  }

  /** Gives up what is under way. */
  cancel(): void {
    this.#abort?.abort();
  }

  dismiss(): void {
    this.error = null;
  }
}
