import { pathToFileURL } from 'node:url';
import type * as Library from '../../library/main.ts';
import { type Candidate, inTurns } from '../measure.ts';
import type { Question } from '../question.ts';
import { Anvil, anvilProgram } from '../support/anvil.ts';

const ROUNDS = 9;
/** Times that each round repeats what takes a millisecond or so. */
const REPEATS = 20;
/** Blocks of the chain that is kept and gone back to, each with a transfer. */
const BLOCKS = 20;
const BUNDLE = pathToFileURL('dist/library.js').href;
/** Base units, and wei. */
const AMOUNT = 1_000n;

type Node = Awaited<ReturnType<typeof Library.startNode>>;

/** What a test fixture does with a chain, the same for both. */
interface Chain {
  /** A transfer, its block, and the balance that a test would check. */
  transfer(): Promise<void>;
  snapshot(): Promise<string>;
  revert(id: string): Promise<void>;
  stop(): Promise<void>;
}

async function started(): Promise<Node> {
  const { startNode } = (await import(BUNDLE)) as typeof Library;
  const node = await startNode();
  await node.client.tip();
  return node;
}

async function ourChain(): Promise<Chain> {
  const node = await started();
  const { client } = node;
  return {
    async transfer() {
      const before = (await client.account('Bob')).balance;
      await client.send({ from: 'Alice', to: 'Bob', amount: AMOUNT });
      await client.mine();
      check((await client.account('Bob')).balance - before);
    },
    snapshot: () => node.snapshot(),
    async revert(id) {
      await node.revert(id);
      // As Anvil does by itself.
      await client.dropSnapshot(id);
    },
    stop: () => node.stop(),
  };
}

async function anvilChain(file: string): Promise<Chain> {
  const anvil = await Anvil.start(file);
  const [from, to] = await anvil.call('eth_accounts');
  const balance = async (): Promise<bigint> => BigInt(await anvil.call('eth_getBalance', to, 'latest'));
  return {
    async transfer() {
      const before = await balance();
      const id = await anvil.call('eth_sendTransaction', { from, to, value: `0x${AMOUNT.toString(16)}` });
      // It answers before its block is there.
      while ((await anvil.call('eth_getTransactionReceipt', id)) === null);
      check((await balance()) - before);
    },
    snapshot: () => anvil.call('evm_snapshot'),
    async revert(id) {
      if ((await anvil.call('evm_revert', id)) !== true) throw new Error('anvil did not go back');
    },
    stop: () => anvil.stop(),
  };
}

function check(received: bigint): void {
  if (received !== AMOUNT) throw new Error(`${received} arrived, not ${AMOUNT}`);
}

async function msOf(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

/** Milliseconds for each, on average over some. */
async function transferMs(chain: Chain): Promise<number> {
  let ms = 0;
  for (let i = 0; i < REPEATS; i++) ms += await msOf(() => chain.transfer());
  return ms / REPEATS;
}

/** The same for a snapshot, and for the way back to it after a transfer. */
async function returnMs(chain: Chain, what: 'snapshot' | 'revert'): Promise<number> {
  let ms = 0;
  for (let i = 0; i < REPEATS; i++) {
    let id = '';
    const snapshotMs = await msOf(async () => {
      id = await chain.snapshot();
    });
    await chain.transfer();
    const revertMs = await msOf(() => chain.revert(id));
    ms += what === 'snapshot' ? snapshotMs : revertMs;
  }
  return ms / REPEATS;
}

async function startMs(start: () => Promise<{ stop(): Promise<void> }>): Promise<number> {
  const fromMs = performance.now();
  const node = await start();
  const ms = performance.now() - fromMs;
  await node.stop();
  return ms;
}

/** Both beside each other: each row of ours is followed by Anvil's where it runs here. */
async function measured(anvilFile: string | null): Promise<readonly Candidate[]> {
  const chains = [{ whose: 'a node', chain: await ourChain() }];
  if (anvilFile !== null) chains.push({ whose: 'Anvil', chain: await anvilChain(anvilFile) });
  try {
    for (const { chain } of chains) for (let i = 0; i < BLOCKS; i++) await chain.transfer();
    return await inTurns(ROUNDS, [
      { label: 'startNode() to the first answer', measure: () => startMs(started) },
      ...(anvilFile === null
        ? []
        : [{ label: 'Anvil to its first answer', measure: () => startMs(() => Anvil.start(anvilFile)) }]),
      ...chains.map(({ whose, chain }) => ({
        label: `transfer, block and balance: ${whose}`,
        measure: () => transferMs(chain),
      })),
      ...chains.map(({ whose, chain }) => ({
        label: `snapshot: ${whose}`,
        measure: () => returnMs(chain, 'snapshot'),
      })),
      ...chains.map(({ whose, chain }) => ({ label: `revert: ${whose}`, measure: () => returnMs(chain, 'revert') })),
    ]);
  } finally {
    await Promise.all(chains.map(({ chain }) => chain.stop()));
  }
}

/** What a suite pays for a node of its own, and each of its tests for a clean chain. */
export const fixture: Question = {
  name: 'fixture',
  title: 'A test fixture',
  async run() {
    const anvilFile = anvilProgram();
    const candidates = await measured(anvilFile);
    const ratios =
      anvilFile === null
        ? []
        : candidates.flatMap((ours, i) => {
            const theirs = candidates[i + 1];
            if (i % 2 === 1 || theirs === undefined) return [];
            const [what = ''] = ours.label.split(':');
            return [{ what: `${what}, to Anvil's`, value: ours.median / theirs.median, unit: '×', goal: null }];
          });
    return {
      unit: 'ms',
      candidates: [...candidates],
      results: ratios,
      notes: [
        `By forklore and forklore/client, which signs in this process, against Anvil's JSON-RPC, which signs itself. The` +
          ` chains have ${BLOCKS} blocks and grow; a snapshot is followed by a transfer and the way back.` +
          (anvilFile === null ? ' Anvil could not be fetched: what is beside it is not shown here.' : ''),
      ],
    };
  },
};
