import { readFile } from 'node:fs/promises';
import { connectNode } from '../client/node/main.ts';
import type { NodeClient } from '../client/node-client.ts';
import type { NodeEnd } from '../server/cluster/cluster-messages.ts';
import { NodeThread } from '../server/cluster/node-thread.ts';
import type { NodeOptions } from '../server/node/node-options.ts';
import { decodeStateFile, type StateFile } from '../server/snapshots/state-file.ts';
import { accountsOf } from './development-accounts.ts';
import { NodeError } from './node-error.ts';
import { NodeLog } from './node-log.ts';
import { saveStates } from './save-states.ts';
import type { DevelopmentAccount, Limits, RunningNode, SaveOptions } from './types.ts';
import { checkedLimits, within } from './within.ts';

/** Far above what a start takes: it ends one that hangs, not one on a busy machine. */
const START_LIMIT_MS = 30_000;
/** After that a thread that was asked to stop is ended by force. */
const STOP_LIMIT_MS = 10_000;
/** Far above what a snapshot or the way back to one takes. */
const CONTROL_LIMIT_MS = 30_000;

/** What a thread needs to run a node. */
export interface ThreadOptions {
  /** Function of the package that starts it, for messages. */
  readonly caller: string;
  readonly options: NodeOptions;
  /** Option by which the port was chosen, for messages. */
  readonly portOption: string;
  /** Memory of the mining budget that the nodes of a network share, and this node's place in it. */
  readonly budget: SharedArrayBuffer;
  readonly index: number;
  readonly limits: Limits;
}

/** Starts a node in a thread, and resolves when it answers. Throws {@link NodeError}; nothing of the node is left then. */
export async function startThreadNode({ caller, options, portOption, budget, index, limits }: ThreadOptions) {
  const log = new NodeLog();
  const thread = new NodeThread(
    {
      index,
      options,
      portFlag: portOption,
      settingStyle: 'options',
      budget,
      reportsBlocks: false,
      logPort: log.source,
    },
    { loaded: async () => {}, moved: () => {}, failed: (_, end) => log.add(wordsOf(end)) },
  );
  thread.dial([]);
  try {
    const row = await within({ what: caller, limits, byDefaultMs: START_LIMIT_MS, run: () => thread.ready });
    if (row === null) {
      throw new NodeError('start-failed', `${caller}: ${wordsOf(await thread.ended)}`, { log: log.lines() });
    }
    const { name, url } = row;
    const closed = closedWith(thread, name, log);
    const token = row.tokenFile === null ? {} : { adminToken: (await readFile(row.tokenFile, 'utf8')).trim() };
    const client = connectNode({ url, closed, ...token });
    return new ThreadNode({ name, url, thread, log, client, accounts: accountsOf(options.network) });
  } catch (error) {
    await thread.kill();
    throw error;
  }
}

/** A signal that is aborted when the thread has ended, with its last words. */
function closedWith(thread: NodeThread, name: string, log: NodeLog): AbortSignal {
  const closing = new AbortController();
  thread.ended.then((end) => {
    closing.abort(new NodeError('ended', `${name} has ended: ${wordsOf(end)}`, { log: log.lines() }));
  });
  return closing.signal;
}

/** Why a thread has ended, in words; a line of the terminal says first that it is an error. */
function wordsOf({ failure }: NodeEnd): string {
  return failure === null ? 'it was stopped' : failure.message.replace(/^error: /, '');
}

interface Parts {
  readonly name: string;
  readonly url: string;
  readonly thread: NodeThread;
  readonly log: NodeLog;
  readonly client: NodeClient;
  readonly accounts: readonly DevelopmentAccount[];
}

/** A node in a thread, which ends with the process where nobody stops it. */
export class ThreadNode implements RunningNode {
  readonly name: string;
  readonly url: string;
  readonly port: number;
  readonly client: NodeClient;
  readonly accounts: readonly DevelopmentAccount[];
  readonly #thread: NodeThread;
  readonly #log: NodeLog;

  constructor({ name, url, thread, log, client, accounts }: Parts) {
    this.name = name;
    this.url = url;
    this.port = Number(new URL(url).port);
    this.client = client;
    this.accounts = accounts;
    this.#thread = thread;
    this.#log = log;
    // A test that forgets its node must not keep its runner waiting for ever.
    thread.unref();
  }

  get loggedLines(): number {
    return this.#log.count;
  }

  log(after?: number): readonly string[] {
    return this.#log.lines(after);
  }

  snapshot(limits: Limits = {}): Promise<string> {
    return this.#control('snapshot', limits, async (signal) => (await this.client.takeSnapshot({ signal })).id);
  }

  async revert(id: string, limits: Limits = {}): Promise<void> {
    await this.#control('revert', limits, (signal) => this.client.revertToSnapshot(id, { signal }));
  }

  async saveState(file: string, { overwrite = false, ...limits }: SaveOptions = {}): Promise<void> {
    await this.#control('saveState', limits, async (signal) => saveStates(file, overwrite, [await this.state(signal)]));
  }

  /** What the node is now, as a state file has it. Throws `ClientError`. */
  async state(signal: AbortSignal): Promise<StateFile> {
    const { id } = await this.client.takeSnapshot({ signal });
    try {
      return decodeStateFile(await this.client.downloadSnapshot(id, { signal }));
    } finally {
      // Also where the call was given up. A node that has ended has nothing to drop.
      await this.client.dropSnapshot(id).catch(() => {});
    }
  }

  async stop(limits: Limits = {}): Promise<void> {
    const what = `stop of ${this.name}`;
    checkedLimits(what, limits, STOP_LIMIT_MS);
    this.#thread.ref();
    try {
      await within({ what, limits, byDefaultMs: STOP_LIMIT_MS, run: () => this.#thread.stop() });
    } catch (error) {
      await this.#thread.kill();
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #control<T>(call: string, limits: Limits, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return within({ what: `${call} of ${this.name}`, limits, byDefaultMs: CONTROL_LIMIT_MS, run });
  }
}
