import { ABORTED, type Failure, failureOf } from '../api/failure.ts';

/**
 * Something that a view asks a node, again whenever what it depends on changes. What is shown stays until there is a new
 * answer. Made while a component is.
 */
export class Question<Data> {
  data = $state.raw<Data | null>(null);
  error = $state.raw<Failure | null>(null);
  isAsking = $state(false);

  /**
   * @param key what the question is about; with another, the old answer is not shown meanwhile
   * @param ask reads all that it depends on before it waits; null: there is nobody to ask
   */
  constructor(key: () => unknown, ask: (signal: AbortSignal) => Promise<Data> | null) {
    let lastKey: unknown;
    $effect(() => {
      const nextKey = key();
      if (nextKey !== lastKey) {
        lastKey = nextKey;
        this.data = null;
        this.error = null;
      }
      const abort = new AbortController();
      const answer = ask(abort.signal);
      if (!answer) return;
      this.isAsking = true;
      answer.then(
        (data) => {
          if (abort.signal.aborted) return;
          this.data = data;
          this.error = null;
          this.isAsking = false;
        },
        (error: unknown) => {
          const failure = failureOf(error, '');
          if (abort.signal.aborted || failure.code === ABORTED) return;
          this.error = failure;
          this.isAsking = false;
        },
      );
      return () => abort.abort();
    });
  }
}
