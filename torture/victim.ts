import { join } from 'node:path';
import type { Failpoint } from '../server/failpoint.ts';
import { Api } from '../test/support/api.ts';
import { type NodeProcess, Program } from '../test/support/processes.ts';
import { TortureFailure } from './failure.ts';

const LISTENING = /(http:\/\/\S+:\d+)\/graphql/;
/** A node that neither listens nor ends for so long hangs. */
const START_LIMIT_MS = 60_000;

export interface StartOptions {
  readonly args?: readonly string[];
  /** Signals itself as it passes here: `NAME`, `NAME:PASSING` or `NAME:PASSING:SIGNAL`. */
  readonly failpoint?: Failpoint | `${Failpoint}:${string}`;
  /** A command that becomes the program. */
  readonly prefix?: readonly string[];
}

/** A node's folder, and the processes that run on it one after the other. */
export class Victim {
  readonly folder: string;
  readonly #runtime: string;
  readonly #network: string;

  /** @param place an existing folder in which the node's own is made */
  constructor(place: string, name: string, network = 'regtest') {
    this.folder = join(place, name);
    this.#runtime = place;
    this.#network = network;
  }

  /** Starts the program; it may be gone before it listens. */
  spawn({ args = [], failpoint, prefix = [] }: StartOptions = {}): Program {
    const flags = ['--port', '0', '--network', this.#network, '--no-discovery', '--data-dir', this.folder];
    const env = { FORKLORE_RUNTIME_DIR: this.#runtime, FORKLORE_FAILPOINT: failpoint ?? '' };
    return new Program(['node', ...flags, '--log-level', 'warn', ...args], env, '', undefined, prefix);
  }

  /** Starts a node that has to come up. Throws `TortureFailure` where it does not. */
  async start(options: StartOptions = {}): Promise<NodeProcess> {
    const program = this.spawn(options);
    const node = await untilListening(program);
    if (node) return node;
    const { code, stderr } = await program.finished;
    throw new TortureFailure(`did not start: exit code ${code}, signal ${program.child.signalCode}\n${stderr}`);
  }
}

/** The node once it listens; null where its process ended before. */
export async function untilListening(program: Program): Promise<NodeProcess | null> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new TortureFailure(`neither listens nor ends within ${START_LIMIT_MS} ms\n${program.stderr}`));
    }, START_LIMIT_MS);
  });
  const listening = program.output(LISTENING).then(
    ([, url = '']) => ({ program, url, api: new Api(url) }),
    () => null,
  );
  try {
    return await Promise.race([listening, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
