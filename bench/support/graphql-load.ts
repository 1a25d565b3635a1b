import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ClientOrder, ClientReport } from './graphql-clients.ts';

const PROGRAM = fileURLToPath(new URL('./graphql-clients.ts', import.meta.url));

/** The clients of a benchmark, in a process of their own. They take one order after the other. */
export class GraphqlLoad {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor() {
    this.#process = fork(PROGRAM, { execArgv: ['--import', import.meta.resolve('tsx')] });
    this.#ended = once(this.#process, 'exit');
  }

  /** Resolves when the order has been carried out. */
  async give(order: ClientOrder): Promise<ClientReport> {
    const report = new Promise<ClientReport>((resolve) => {
      this.#process.once('message', (message) => resolve(message as ClientReport));
    });
    this.#process.send(order);
    const died = this.#ended.then((): never => {
      throw new Error('the clients have ended');
    });
    return Promise.race([report, died]);
  }

  async stop(): Promise<void> {
    this.#process.disconnect();
    await this.#ended;
  }
}
