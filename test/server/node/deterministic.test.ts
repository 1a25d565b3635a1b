import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { REGTEST } from '../../../consensus/networks.ts';
import { decodeStateFile, encodeStateFile } from '../../../server/snapshots/state-file.ts';
import { type LiveNode, startLiveNode } from '../../../testing/live-node.ts';

const SEND = `mutation ($from: String!, $amount: Amount!) { sendFromDevAccount(from: $from, to: "Bob", amount: $amount) {
  ... on TransactionAccepted { transaction { id status fee nonce } } ... on TransactionRejected { code message } } }`;
const MINE = `mutation ($count: Int) { mine(count: $count) {
  ... on BlocksMined { blocks { hash height time firstSeenAt transactionCount header { raw } } } ... on MiningFailed { code message } } }`;
const TAKE = `mutation { takeSnapshot { ... on SnapshotTaken { snapshot { id takenAt height tipHash bytes } } } }`;
const REVERT = `mutation ($id: ID!) { revertToSnapshot(id: $id) {
  ... on Reverted { tip { hash height } } ... on OperationFailed { code message } } }`;

/** Whatever the API answers to a run of calls, as text. */
async function answersOf({ api }: LiveNode): Promise<string> {
  const answers: unknown[] = [];
  const call = async (text: string, variables = {}) => {
    const answer = await api.query(text, variables);
    answers.push(answer);
    return answer;
  };
  await call('{ nodeInfo { name now } block(height: 0) { hash firstSeenAt } miner { threads } }');
  await call(SEND, { from: 'Alice', amount: '1' });
  await call(MINE, { count: 3 });
  const { id } = (await call(TAKE)).takeSnapshot.snapshot;
  await call('mutation { increaseTime(seconds: 3600) { ... on TimeChanged { now } } }');
  await call(SEND, { from: 'Carol', amount: '2' });
  await call(MINE, { count: 2 });
  await call('mutation { setNextBlockTime(at: "2026-06-01T00:00:00Z") { ... on TimeChanged { now } } }');
  await call(MINE);
  await call(REVERT, { id });
  await call(MINE);
  await call(
    '{ nodeInfo { now } tip { hash time header { raw } } blockTree { hash height } snapshots { id takenAt } }',
  );
  return JSON.stringify(answers, null, 1);
}

it('a deterministic node gives the same answers to the same calls, byte for byte, on any port', async () => {
  const nodes = await Promise.all(['a', 'a', 'b'].map((deterministic) => startLiveNode({ deterministic })));
  try {
    const answers: string[] = [];
    for (const node of nodes) answers.push(await answersOf(node));
    expect(answers[1]).toBe(answers[0]);
    // Only ids that are chosen at random follow from the seed.
    expect(answers[2]).not.toBe(answers[0]);
    const times = [...(answers[0] ?? '').matchAll(/"time": "([^"]+)"/g)].slice(0, 3).map(([, time]) => time);
    expect(times).toEqual(['2026-01-01T00:00:01.000Z', '2026-01-01T00:00:11.000Z', '2026-01-01T00:00:21.000Z']);
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
  }
});

it('two deterministic nodes with the same calls have the same state file, byte for byte', async () => {
  const nodes = await Promise.all(['a', 'a'].map((deterministic) => startLiveNode({ deterministic })));
  try {
    const files: Buffer[] = [];
    for (const node of nodes) {
      await answersOf(node);
      await node.api.query('mutation { increaseTime(seconds: 7200) { __typename } }');
      await node.api.query(SEND, { from: 'Alice', amount: '3' });
      await node.api.query(SEND, { from: 'Erin', amount: '4' });
      const { id } = (await node.api.query(TAKE)).takeSnapshot.snapshot;
      const response = await fetch(`${node.url}/snapshots/${id}`);
      files.push(Buffer.from(await response.arrayBuffer()));
    }
    const [first, second] = files;
    expect(decodeStateFile(first ?? Buffer.alloc(0)).states[0]).toMatchObject({
      height: 4,
      memory: { pending: [{}, {}] },
    });
    expect(second?.equals(first ?? Buffer.alloc(0))).toBe(true);
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
  }
});

it('a node begins with the state of a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'forklore-state-'));
  const path = join(folder, 'state');
  const first = await startLiveNode();
  try {
    await first.api.query(MINE, { count: 2 });
    await first.api.query(SEND, { from: 'Alice', amount: '1' });
    await first.api.query('mutation { setTime(at: "2030-01-01T00:00:00Z") { __typename } }');
    const taken = first.node.controls.takeSnapshot();
    if (!taken.ok) throw new Error(taken.message);
    writeFileSync(path, encodeStateFile(REGTEST, [taken.value.state]));
    const second = await startLiveNode({ loadState: { path, index: 0, count: 1 } });
    const state = '{ tip { hash } mempool { transactions { edges { node { id status } } } } }';
    expect(await second.api.query(state)).toEqual(await first.api.query(state));
    expect((await second.api.query('{ nodeInfo { now } }')).nodeInfo.now).toMatch(/^2030-01-01T/);
    await second.stop();
    await expect(startLiveNode({ loadState: { path, index: 0, count: 2 } })).rejects.toThrow(
      'it holds the state of 1 node, and 2 nodes are started',
    );
  } finally {
    await first.stop();
    rmSync(folder, { recursive: true });
  }
});
