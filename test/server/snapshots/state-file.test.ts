import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LAB, REGTEST } from '../../../consensus/networks.ts';
import type { NodeState } from '../../../server/node/node-state.ts';
import { decodeStateFile, encodeStateFile, STATE_TABLES } from '../../../server/snapshots/state-file.ts';
import { verifiedStates } from '../../../server/snapshots/verified-state.ts';
import { readRows } from '../../../server/store/row-copy.ts';
import { verifyHere } from '../../../server/store/verify-signatures.ts';
import { type LiveNode, startLiveNode } from '../../../testing/live-node.ts';

const MINE = 'mutation ($count: Int) { mine(count: $count) { __typename } }';
const SEND = `mutation ($amount: Amount!) { sendFromDevAccount(from: "Alice", to: "Bob", amount: $amount) {
  ... on TransactionAccepted { transaction { id } } ... on TransactionRejected { code message }
} }`;
const TAKE = 'mutation { takeSnapshot { ... on SnapshotTaken { snapshot { id } } } }';
const REVERT = `mutation ($id: ID!) { revertToSnapshot(id: $id) {
  ... on Reverted { tip { hash } } ... on OperationFailed { code message } } }`;
const BYTES = { 'content-type': 'application/octet-stream' };

let live: LiveNode;

beforeEach(async () => {
  live = await startLiveNode();
  await live.api.query(MINE, { count: 3 });
  await live.api.query(SEND, { amount: '1' });
  await live.api.query(MINE, { count: 1 });
  await live.api.query(SEND, { amount: '2' });
});

afterEach(() => live.stop());

async function stateOf(node: LiveNode): Promise<NodeState> {
  const taken = node.node.controls.takeSnapshot();
  if (!taken.ok) throw new Error(taken.message);
  return taken.value.state;
}

/** A file with a right checksum, whatever its content. */
function sealed(content: Buffer): Buffer {
  return Buffer.concat([content, createHash('sha256').update(content).digest()]);
}

async function download(node: LiveNode): Promise<Uint8Array<ArrayBuffer>> {
  const { id } = (await node.api.query(TAKE)).takeSnapshot.snapshot;
  const response = await fetch(`${node.url}/snapshots/${id}`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, BYTES['content-type']]);
  return new Uint8Array(await response.arrayBuffer());
}

describe('a state file', () => {
  it('brings chain, mempool and clock to another node', async () => {
    const file = await download(live);
    const other = await startLiveNode();
    try {
      const response = await fetch(`${other.url}/snapshots`, { method: 'POST', headers: BYTES, body: file });
      expect(response.status).toBe(201);
      const { id } = (await response.json()) as { id: string };
      expect((await other.api.query(REVERT, { id })).revertToSnapshot).toEqual({ tip: { hash: await live.api.tip() } });
      expect(other.node.store.copyRows().equals(live.node.store.copyRows())).toBe(true);
      const pending = '{ mempool { transactions { edges { node { id status } } } } }';
      expect(await other.api.query(pending)).toEqual(await live.api.query(pending));
    } finally {
      await other.stop();
    }
  });

  it('holds one or several nodes, and the same bytes for the same states', async () => {
    const state = await stateOf(live);
    const file = encodeStateFile(REGTEST, [state, state]);
    const { states, network } = decodeStateFile(file);
    expect(network).toBe('regtest');
    expect(encodeStateFile(REGTEST, states).equals(file)).toBe(true);
    const verified = await verifiedStates(decodeStateFile(file), REGTEST, verifyHere);
    expect(verified.map(({ rows }) => rows.equals(state.rows))).toEqual([true, true]);
  });

  it('holds no address of a peer and no discouragement', async () => {
    live.node.store.transaction((apply) =>
      apply([
        { kind: 'address-put', address: { url: 'http://203.0.113.9:5000', lastSuccessMs: 1, failures: 0 } },
        { kind: 'discourage', entry: { key: '203.0.113.10', untilMs: 1 } },
      ]),
    );
    const file = encodeStateFile(REGTEST, [await stateOf(live)]);
    expect(file.includes('203.0.113')).toBe(false);
    const [state] = decodeStateFile(file).states;
    const tables = new Set(Array.from(readRows(state?.rows ?? Buffer.alloc(0)), (row) => row?.table));
    expect([...tables].sort()).toEqual([...STATE_TABLES].sort());
  });

  it('is refused with what is wrong with it', async () => {
    const file = encodeStateFile(REGTEST, [await stateOf(live)]);
    const refused = async (bytes: Uint8Array) => {
      const body = new Uint8Array(bytes);
      const response = await fetch(`${live.url}/snapshots`, { method: 'POST', headers: BYTES, body });
      const { errors } = (await response.json()) as { errors: { message: string; extensions: { code: string } }[] };
      expect([response.status, errors[0]?.extensions.code]).toEqual([400, 'bad-state-file']);
      return errors[0]?.message;
    };
    const content = file.subarray(0, -32);
    const text = content.toString('latin1');
    const rewritten = (from: string | RegExp, to: string) => sealed(Buffer.from(text.replace(from, to), 'latin1'));
    expect(await refused(Buffer.from('SQLite format 3\n'))).toMatch('not a state file');
    expect(await refused(Buffer.alloc(0))).toMatch('not a state file');
    expect(await refused(file.subarray(0, -40))).toMatch('truncated or damaged');
    expect(await refused(rewritten('state 1', 'state 2'))).toMatch('format 2');
    expect(await refused(rewritten(/"rowsBytes":\d+/, '"rowsBytes":7'))).toMatch('bytes where');
    expect(await refused(rewritten('"pending"', '"pendink"'))).toMatch('nodes[0]: unknown field "pendink"');
    expect(await refused(rewritten(/"tipHash":"[0-9a-f]{8}/, '"tipHash":"00000000'))).toMatch('lead to tip');
    expect(await refused(encodeStateFile(LAB, [await stateOf(live)]))).toMatch('it is of network lab');
    expect(await refused(encodeStateFile(REGTEST, [await stateOf(live), await stateOf(live)]))).toMatch('2 nodes');
  });

  it('is refused where a row is not what its checksum says, wherever it is changed', async () => {
    const file = encodeStateFile(REGTEST, [await stateOf(live)]);
    const content = file.subarray(0, -32);
    const start = content.indexOf('}\n') + 2;
    for (let at = start; at < content.length; at += Math.ceil((content.length - start) / 60)) {
      const changed = Buffer.from(content);
      changed[at] = (changed[at] ?? 0) ^ 0x40;
      await expect(
        (async () => verifiedStates(decodeStateFile(sealed(changed)), REGTEST, verifyHere))(),
      ).rejects.toThrow(/damaged/);
    }
  });

  it('is only for those who may control the node, and only of the right type', async () => {
    const post = (headers: Record<string, string>) =>
      fetch(`${live.url}/snapshots`, { method: 'POST', headers, body: 'x' });
    expect((await post({ 'content-type': 'text/plain' })).status).toBe(403);
    expect((await post({ ...BYTES, origin: 'https://example.org' })).status).toBe(403);
    expect((await post({ ...BYTES, 'x-forwarded-for': '203.0.113.9' })).status).toBe(403);
    expect((await fetch(`${live.url}/snapshots/unknown`)).status).toBe(404);
    expect((await fetch(`${live.url}/snapshots`)).status).toBe(405);
  });
});
