import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { connectNode } from '../client/node/main.ts';
import type { NodeClient } from '../client/types.ts';
import type { ClusterRow, NodeEnd } from '../server/cluster/cluster-messages.ts';
import { NodeThread } from '../server/cluster/node-thread.ts';
import { MiningBudget } from '../server/mining/mining-budget.ts';
import { accountsOf } from './development-accounts.ts';
import { NodeError } from './node-error.ts';
import { NodeLog } from './node-log.ts';
import { optionsOfNode } from './node-settings.ts';
import type { DevelopmentAccount, Limits, NodeOptions, RunningNode } from './types.ts';
import { within } from './within.ts';

/** Far above what a start takes: it ends one that hangs, not one on a busy machine. */
const START_LIMIT_MS = 30_000;
/** After that a thread that was asked to stop is ended by force. */
const STOP_LIMIT_MS = 10_000;
/** How the port of a node is chosen, for messages. */
const PORT_OPTION = 'port';

/** Starts a node in a thread of its own, and resolves when it answers. Throws {@link NodeError}. */
export async function startNode({ timeoutMs, signal, ...settings }: NodeOptions): Promise<RunningNode> {
  const options = optionsOfNode('startNode', settings);
  const log = new NodeLog();
  const thread = new NodeThread(
    {
      index: 0,
      options,
      portFlag: PORT_OPTION,
      budget: MiningBudget.create(availableParallelism()).buffer,
      reportsBlocks: false,
      reportsLog: true,
    },
    { loaded: async () => {}, moved: () => {}, failed: () => {}, logged: (line) => log.add(line) },
  );
  thread.dial([]);
  try {
    const row = await within('startNode', { timeoutMs, signal }, START_LIMIT_MS, thread.ready);
    if (row === null)
      throw new NodeError('start-failed', `startNode: ${wordsOf(await thread.ended)}`, { log: log.lines });
    const adminToken = row.tokenFile === null ? {} : { adminToken: (await readFile(row.tokenFile, 'utf8')).trim() };
    const client = connectNode({ url: row.url, ...adminToken });
    return new ThreadNode({ row, thread, log, client, accounts: accountsOf(options.network) });
  } catch (error) {
    await thread.kill();
    throw error;
  }
}

/** Why a thread has ended, in words. */
function wordsOf({ failure }: NodeEnd): string {
  return failure === null ? 'it was stopped' : failure.message.replace(/^error: /, '');
}

interface Parts {
  readonly row: ClusterRow;
  readonly thread: NodeThread;
  readonly log: NodeLog;
  readonly client: NodeClient;
  readonly accounts: readonly DevelopmentAccount[];
}

/** A node in a thread, which ends with the process where nobody stops it. */
class ThreadNode implements RunningNode {
  readonly name: string;
  readonly url: string;
  readonly port: number;
  readonly client: NodeClient;
  readonly accounts: readonly DevelopmentAccount[];
  readonly #thread: NodeThread;
  readonly #log: NodeLog;

  constructor({ row, thread, log, client, accounts }: Parts) {
    this.name = row.name;
    this.url = row.url;
    this.port = Number(new URL(row.url).port);
    this.client = client;
    this.accounts = accounts;
    this.#thread = thread;
    this.#log = log;
    // A test that forgets its node must not keep its runner waiting for ever.
    thread.unref();
  }

  log(): readonly string[] {
    return this.#log.lines;
  }

  async stop(limits: Limits = {}): Promise<void> {
    this.#thread.ref();
    try {
      await within('stop', limits, STOP_LIMIT_MS, this.#thread.stop());
    } catch (error) {
      await this.#thread.kill();
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
