import { untrack } from 'svelte';
import { ABORTED, type ClientError, clientErrorOf } from '../../client/client-error.ts';

/** Between an answer and the next question about the same: what changes all the time is not asked for all the time. */
const PAUSE_MS = 300;

/** What a view wants to know. */
interface Asked<Data> {
  /** What the question is about; with another, the old answer is not shown meanwhile. */
  key(): unknown;
  /** Reads whatever may change the answer. */
  depends(): unknown;
  /** Null: there is nobody to ask, or nothing more to be learnt. */
  ask(signal: AbortSignal): Promise<Data> | null;
}

/**
 * Something that a view asks a node, and again when what it depends on has changed. What is shown stays until there is a
 * new answer; a question that is under way is not given up for the same one. Made while a component is.
 */
export class Question<Data> {
  data = $state.raw<Data | null>(null);
  error = $state.raw<ClientError | null>(null);
  readonly #asked: Asked<Data>;
  #running: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isDue = false;

  constructor(asked: Asked<Data>) {
    this.#asked = asked;
    let isFirst = true;
    let lastKey: unknown;
    $effect(() => {
      const key = asked.key();
      asked.depends();
      if (isFirst || key !== lastKey) this.#begin();
      else this.#again();
      isFirst = false;
      lastKey = key;
    });
    $effect(() => () => this.#stop());
  }

  #begin(): void {
    this.#stop();
    this.data = null;
    this.error = null;
    this.#run();
  }

  #again(): void {
    if (this.#running || this.#timer !== null) this.#isDue = true;
    else this.#run();
  }

  #run(): void {
    this.#isDue = false;
    const abort = new AbortController();
    const answer = untrack(() => this.#asked.ask(abort.signal));
    if (!answer) return;
    this.#running = abort;
    answer
      .then(
        (data) => {
          if (abort.signal.aborted) return;
          this.data = data;
          this.error = null;
        },
        (error: unknown) => {
          const failure = clientErrorOf(error);
          if (!abort.signal.aborted && failure.code !== ABORTED) this.error = failure;
        },
      )
      .finally(() => {
        if (this.#running !== abort) return;
        this.#running = null;
        this.#timer = setTimeout(() => {
          this.#timer = null;
          if (this.#isDue) this.#run();
        }, PAUSE_MS);
      });
  }

  #stop(): void {
    this.#running?.abort();
    this.#running = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#isDue = false;
  }
}
