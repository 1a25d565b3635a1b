import { join } from 'node:path';
import type { Failpoint } from '../server/process/failpoint.ts';
import { Api } from '../testing/api.ts';
import type { Finished, NodeProcess, Program } from '../testing/processes.ts';
import { TortureFailure } from './failure.ts';
import type { Place } from './place.ts';

const LISTENING = /(http:\/\/\S+:\d+)\/graphql/;
/** A node that neither listens nor ends within this time hangs. */
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
  readonly #place: Place;
  readonly #network: string;

  /** @param place where the node's own folder is made */
  constructor(place: Place, name: string, network = 'regtest') {
    this.folder = join(place.folder, name);
    this.#place = place;
    this.#network = network;
  }

  /** Starts the program; it may be gone before it listens. Throws `TortureFailure` once its place is closed. */
  spawn({ args = [], failpoint, prefix = [] }: StartOptions = {}): Program {
    const flags = ['--port', '0', '--network', this.#network, '--no-discovery', '--data-dir', this.folder];
    const env = { FORKLORE_RUNTIME_DIR: this.#place.folder, FORKLORE_FAILPOINT: failpoint ?? '' };
    return this.#place.start(['node', ...flags, '--log-level', 'warn', ...args], env, '', undefined, prefix);
  }

  /** `forklore verify` of the folder. */
  verify(): Promise<Finished> {
    return this.#place.run(['verify', '--network', this.#network, '--data-dir', this.folder]);
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
