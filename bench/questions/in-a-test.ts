import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type NodeProcess, startNode, temporaryFolder } from '../../testing/processes.ts';
import { type Candidate, inTurns, summary } from '../measure.ts';
import type { Question, Result } from '../question.ts';
import { Anvil, anvilProgram } from '../support/anvil.ts';
import { JsonCaller } from '../support/json-caller.ts';
import { KNOWS_MEMORY, memoryOf } from '../support/memory.ts';

const ROUNDS = 5;
const TRANSACTIONS = 1_000;
const BLOCKS = 1_000;
/** Loops without an end beside the node: as many as the machine of a test has cores. */
const BUSY_LOOPS = 2;
const LOOPS_RUN_MS = 300;
const START_ROUNDS = 9;
/** What a start leaves behind has been collected by then. */
const SETTLE_MS = 3_000;
const PROGRAM = fileURLToPath(new URL('../../dist/forklore.js', import.meta.url));

const SEND = `mutation ($amount: Amount!) {
  sendFromDevAccount(from: "Alice", to: "Bob", amount: $amount) {
    __typename ... on TransactionAccepted { transaction { id } }
  }
}`;
const MINE = 'mutation ($count: Int!) { mine(count: $count) { __typename ... on BlocksMined { blocks { hash } } } }';
const MINE_MANY = 'mutation ($count: Int!) { mine(count: $count) { __typename } }';

/** A node on regtest as a test starts it, and one connection to it. */
class TestNode {
  readonly #node: NodeProcess;
  readonly #caller: JsonCaller;

  private constructor(node: NodeProcess) {
    this.#node = node;
    this.#caller = new JsonCaller(`${node.url}/graphql`);
  }

  /** Resolves with the first answer. */
  static async start(...storage: string[]): Promise<TestNode> {
    const flags = ['--network', 'regtest', '--port', '0', '--no-discovery', '--log-level', 'error', ...storage];
    const node = new TestNode(await startNode(flags, { FORKLORE_RUNTIME_DIR: temporaryFolder() }));
    await node.#ask('{ tip { height } }');
    return node;
  }

  get url(): string {
    return this.#node.url;
  }

  get pid(): number {
    return this.#node.program.child.pid ?? 0;
  }

  /** Milliseconds for each transaction: it is sent, a block is mined, and both are answered, one after the other. */
  async oneByOne(): Promise<number> {
    const startMs = performance.now();
    for (let i = 0; i < TRANSACTIONS; i++) {
      const { sendFromDevAccount } = await this.#ask(SEND, { amount: '0.001' });
      const { mine } = await this.#ask(MINE, { count: 1 });
      if (!sendFromDevAccount.transaction || mine.blocks?.length !== 1) throw new Error('the node did not mine it');
    }
    return (performance.now() - startMs) / TRANSACTIONS;
  }

  async mineMany(): Promise<number> {
    const startMs = performance.now();
    const { mine } = await this.#ask(MINE_MANY, { count: BLOCKS });
    if (mine.__typename !== 'BlocksMined') throw new Error('the node did not mine');
    return performance.now() - startMs;
  }

  async stop(): Promise<void> {
    this.#caller.close();
    await this.#node.program.signal('SIGTERM');
  }

  // biome-ignore lint/suspicious/noExplicitAny: it is clear at each place what is asked for
  async #ask(query: string, variables: object = {}): Promise<any> {
    const { data, errors } = await this.#caller.call({ query, variables });
    if (errors) throw new Error(errors[0].message);
    return data;
  }
}

async function anvilOneByOne(anvil: Anvil): Promise<number> {
  const [from, to] = await anvil.call('eth_accounts');
  const startMs = performance.now();
  for (let i = 0; i < TRANSACTIONS; i++) {
    const id = await anvil.call('eth_sendTransaction', { from, to, value: '0x1' });
    // It answers before its block is there.
    while ((await anvil.call('eth_getTransactionReceipt', id)) === null);
  }
  return (performance.now() - startMs) / TRANSACTIONS;
}

/** Milliseconds until a program has ended. */
function runMs(args: readonly string[]): number {
  const startMs = performance.now();
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`);
  return performance.now() - startMs;
}

async function startMs(start: () => Promise<{ stop(): Promise<void> }>): Promise<number> {
  const fromMs = performance.now();
  const started = await start();
  const ms = performance.now() - fromMs;
  await started.stop();
  return ms;
}

/** While every core has something else to do. */
async function whileBusy<T>(work: () => Promise<T>): Promise<T> {
  const loops: ChildProcess[] = [];
  try {
    for (let i = 0; i < BUSY_LOOPS; i++) loops.push(spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
    await delay(LOOPS_RUN_MS);
    return await work();
  } finally {
    for (const loop of loops) loop.kill('SIGKILL');
  }
}

/** Both beside each other: each row of ours is followed by Anvil's where it runs here. */
async function measured(anvilFile: string | null) {
  const [memoryNode, durableNode] = [
    await TestNode.start('--ephemeral'),
    await TestNode.start('--data-dir', temporaryFolder()),
  ];
  const anvil = anvilFile === null ? null : await Anvil.start(anvilFile);
  try {
    const idle = await idleMemory(memoryNode.pid, anvil?.pid);
    const transactions = await inTurns(ROUNDS, [
      { label: 'transaction, block, answer, in memory', measure: () => memoryNode.oneByOne() },
      { label: 'the same, durable', measure: () => durableNode.oneByOne() },
      ...(anvil ? [{ label: "Anvil's automine, in memory", measure: () => anvilOneByOne(anvil) }] : []),
    ]);
    const mining = await inTurns(ROUNDS, [
      { label: `mine(${BLOCKS})`, measure: () => memoryNode.mineMany() },
      {
        label: `mine(${BLOCKS}) beside ${BUSY_LOOPS} busy loops`,
        measure: () => whileBusy(() => memoryNode.mineMany()),
      },
    ]);
    const starts = await inTurns(START_ROUNDS, [
      { label: 'from the command to the first answer', measure: () => startMs(() => TestNode.start('--ephemeral')) },
      { label: 'forklore tip', measure: () => runMs([PROGRAM, 'tip', '--node', memoryNode.url]) },
      { label: 'node -e 0', measure: () => runMs(['-e', '0']) },
      ...(anvilFile === null
        ? []
        : [{ label: 'Anvil, to its first answer', measure: () => startMs(() => Anvil.start(anvilFile)) }]),
    ]);
    return { transactions, mining, starts, idle };
  } finally {
    await Promise.all([memoryNode.stop(), durableNode.stop(), anvil?.stop()]);
  }
}

async function idleMemory(ours: number, anvil: number | undefined): Promise<readonly Candidate[]> {
  if (!KNOWS_MEMORY) return [];
  await delay(SETTLE_MS);
  const candidate = (label: string, pid: number): Candidate => ({
    ...summary({ label, values: [memoryOf(pid).privateMib] }),
    unit: 'MiB',
  });
  const own = candidate('private memory of a node that waits', ours);
  return anvil === undefined ? [own] : [own, candidate('private memory of Anvil', anvil)];
}

/** What a node costs somebody who starts one for a test, and works with it transaction by transaction. */
export const inATest: Question = {
  name: 'in-a-test',
  title: 'A node in a test',
  async run() {
    const { transactions, mining, starts, idle } = await measured(anvilProgram());
    const [inMemory, durable, anvil] = transactions as [Candidate, Candidate, Candidate?];
    const [alone, busy] = mining as [Candidate, Candidate];
    const [start, tip, bare] = starts as [Candidate, Candidate, Candidate];
    const ratio = (what: string, over: Candidate, under: Candidate, most: number): Result => ({
      what,
      value: over.median / under.median,
      unit: '×',
      goal: { most },
    });
    const [waits] = idle;
    const what = 'private memory of a node that waits';
    const waiting: Result[] = waits ? [{ what, value: waits.median, unit: 'MiB', goal: { most: 40 } }] : [];
    return {
      unit: 'ms',
      candidates: [...transactions, ...mining, ...starts, ...idle],
      results: [
        ...(anvil
          ? [
              ratio("a transaction and its block in memory, to Anvil's", inMemory, anvil, 1),
              ratio("the same durable, to Anvil's", durable, anvil, 2),
            ]
          : []),
        ratio('mining while every core is busy, to idle', busy, alone, 1.5),
        ratio('start to the first answer, to an empty program', start, bare, 2.5),
        ratio('forklore tip, to an empty program', tip, bare, 2),
        ...waiting,
      ],
      notes: [
        `${TRANSACTIONS} transactions one by one, each with a block of its own, over one HTTP connection: two calls each,` +
          ' send and mine here, send and the receipt there.' +
          (anvil ? '' : ' Anvil could not be fetched: what is beside it is not shown here.'),
        `An empty program is \`node -e 0\` of the same Node.js, ${process.version}.`,
      ],
    };
  },
};
