import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytesToHex } from '../../../consensus/hex.ts';
import { LAB, REGTEST } from '../../../consensus/networks.ts';
import type { SignedTransaction } from '../../../consensus/transaction.ts';
import { MAX_FEE_PER_KILOBYTE } from '../../../protocol/minimum-fee.ts';
import { MINIMUM_FEE_HALF_LIFE_MS } from '../../../protocol/policy.ts';
import type { NodeState } from '../../../server/node/node-state.ts';
import { SnapshotRoutes } from '../../../server/snapshots/snapshot-routes.ts';
import { decodeStateFile, encodeStateFile, STATE_TABLES } from '../../../server/snapshots/state-file.ts';
import { verifiedStates } from '../../../server/snapshots/verified-state.ts';
import { readRows } from '../../../server/store/row-copy.ts';
import { verifyHere } from '../../../server/store/verify-signatures.ts';
import { keysOf } from '../../../testing/chain-builder.ts';
import { callAt, deployAt } from '../../../testing/contract-transactions.ts';
import { COUNTER } from '../../../testing/contracts.ts';
import { eventually } from '../../../testing/eventually.ts';
import { type LiveNode, startLiveNode } from '../../../testing/live-node.ts';

const MINE = 'mutation ($count: Int) { mine(count: $count) { __typename } }';
const FORK = `mutation ($count: Int, $parent: Hash) { mine(count: $count, parent: $parent, transactions: []) {
  ... on BlocksMined { blocks { hash } } ... on MiningFailed { code message } } }`;
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

  it('brings contracts with all that they store, their receipts, and pending calls', async () => {
    const SUBMIT = 'mutation ($raw: Hex!) { submitTransaction(raw: $raw) { __typename } }';
    const here = () => ({ params: REGTEST, state: live.node.store });
    const submit = async ({ raw }: SignedTransaction) => {
      const { submitTransaction } = await live.api.query(SUBMIT, { raw: bytesToHex(raw) });
      expect(submitTransaction).toEqual({ __typename: 'TransactionAccepted' });
    };
    const deploy = deployAt(here(), keysOf('Carol'), COUNTER);
    await submit(deploy);
    await live.api.query(MINE, { count: 1 });
    await submit(callAt(here(), keysOf('Carol'), deploy, 'add', [2]));
    await live.api.query(MINE, { count: 1 });
    const pending = callAt(here(), keysOf('Carol'), deploy, 'add', [3]);
    await submit(pending);
    const state = await stateOf(live);
    const [verified] = await verifiedStates(decodeStateFile(encodeStateFile(REGTEST, [state])), REGTEST, verifyHere);
    expect(verified?.memory.pending).toMatchObject([{ txid: pending.txid }]);
    expect(verified?.rows.equals(state.rows)).toBe(true);
    const rows = (['slots', 'codes', 'receipts', 'blockReceipts', 'reads'] as const).map((name) =>
      live.node.store.rowCount(name),
    );
    expect(rows).toEqual([1, 1, 2, 2, 2]);
  });

  it('keeps which blocks were on the active chain once, and which never were', async () => {
    const mine = async (variables: Record<string, unknown>) =>
      (await live.api.query(FORK, variables)).mine.blocks.map(({ hash }: { hash: string }) => hash);
    // genesis ─ 1 ─ 2 ─ 3 ─ 4      was active, until the next branch was longer
    //            \   \─ a ─ b ─ c
    //             \─ x            was never connected
    const parents = (await live.api.query('{ blockTree { hash height } }')).blockTree;
    const at = (height: number) => parents.find((block: { height: number }) => block.height === height).hash;
    await mine({ parent: at(2), count: 3 });
    await mine({ parent: at(1), count: 1 });
    const statuses = async (node: LiveNode): Promise<string[]> => {
      const { blockTree } = await node.api.query('{ blockTree { hash status } }');
      return blockTree.map(({ hash, status }: Record<string, string>) => `${status} ${hash}`).sort();
    };
    const words = (await statuses(live)).map((each) => each.split(' ', 1)[0]);
    expect(words.join(' ')).toBe(`${'ACTIVE '.repeat(6)}VALID_FORK VALID_FORK VALID_HEADERS`);
    const before = await statuses(live);
    const file = await download(live);
    await mine({ parent: at(4), count: 3 });
    await live.api.query(REVERT, { id: live.node.controls.snapshots[0]?.id });
    expect(await statuses(live)).toEqual(before);
    const other = await startLiveNode();
    try {
      const response = await fetch(`${other.url}/snapshots`, { method: 'POST', headers: BYTES, body: file });
      await other.api.query(REVERT, await response.json());
      expect(await statuses(other)).toEqual(await statuses(live));
      expect(other.node.store.copyRows().equals(live.node.store.copyRows())).toBe(true);
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
    expect(await refused(rewritten('state 2', 'state 1'))).toMatch('it has format 1');
    expect(await refused(rewritten(/"rowsBytes":\d+/, '"rowsBytes":7'))).toMatch('bytes where');
    expect(await refused(rewritten('"pending"', '"pendink"'))).toMatch('nodes[0]: unknown field "pendink"');
    const fee = (text: string) => rewritten('"minimumFeePerKilobyte":"1000"', `"minimumFeePerKilobyte":${text}`);
    for (const wrong of [`"${MAX_FEE_PER_KILOBYTE + 1n}"`, '"-1"', '"01"']) {
      expect(await refused(fee(wrong))).toMatch(
        `nodes[0].minimumFeePerKilobyte: must be a whole number up to ${MAX_FEE_PER_KILOBYTE}, not ${wrong}`,
      );
    }
    expect(await refused(fee('1000'))).toMatch('nodes[0].minimumFeePerKilobyte: must be a string, not 1000');
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

  it('says nothing of real time: expiry begins again where it is loaded', async () => {
    const state = await stateOf(live);
    const [pending] = state.memory.pending;
    expect(pending?.ageMs).toBeGreaterThan(0);
    const raisedFee = { perKilobyte: 64_000n, ageMs: 2 * MINIMUM_FEE_HALF_LIFE_MS };
    const file = encodeStateFile(REGTEST, [{ ...state, memory: { ...state.memory, raisedFee } }]);
    const [loaded] = decodeStateFile(file).states;
    expect(loaded?.memory).toEqual({
      pending: [{ txid: pending?.txid, ageMs: 0 }],
      raisedFee: { perKilobyte: 16_000n, ageMs: 0 },
      discouraged: [],
      nextBlockSeconds: null,
    });
  });

  it('has a limit of size, beyond which it is neither sent nor taken nor loaded', async () => {
    const state = await stateOf(live);
    const file = encodeStateFile(REGTEST, [state]);
    const maxFileBytes = file.length - 1;
    expect(encodeStateFile(REGTEST, [state], file.length)).toHaveLength(file.length);
    const tooLarge = `it has ${file.length} bytes, and at most ${maxFileBytes} are allowed`;
    expect(() => encodeStateFile(REGTEST, [state], maxFileBytes)).toThrow(tooLarge);
    expect(() => decodeStateFile(file, maxFileBytes)).toThrow(tooLarge);

    const { controls } = live.node;
    const options = { params: REGTEST, controls, verify: verifyHere, mayControl: () => true, maxFileBytes };
    const routes = new SnapshotRoutes(options);
    const server = createServer((request, response) => {
      void routes.handle(request, response, { isLocal: true });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/snapshots`;
      const whole = { method: 'POST', headers: BYTES, body: new Uint8Array(file) };
      // In parts its length is not told beforehand.
      const inParts = { ...whole, body: new Blob([new Uint8Array(file)]).stream(), duplex: 'half' };
      for (const upload of [whole, inParts]) {
        const response = await fetch(url, upload);
        expect([response.status, await response.text()]).toEqual([413, expect.stringContaining(String(maxFileBytes))]);
      }
      const response = await fetch(`${url}/${controls.snapshots[0]?.id}`);
      expect([response.status, await response.text()]).toEqual([413, expect.stringContaining(tooLarge)]);
    } finally {
      server.close();
    }
  });

  it('of which the upload is broken off is told in a line, and the next one is taken', async () => {
    const file = await download(live);
    const socket = connect(Number(new URL(live.url).port), '127.0.0.1');
    const head = [
      'POST /snapshots HTTP/1.1',
      `Host: ${new URL(live.url).host}`,
      'Content-Type: application/octet-stream',
      `Content-Length: ${file.length}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    const isUploading = () => fetch(`${live.url}/snapshots`, { method: 'POST', headers: BYTES, body: 'x' });
    await eventually(async () => expect((await isUploading()).status).toBe(503));
    socket.destroy();
    await eventually(() => expect(live.log()).toContain('the client went away'));
    const line =
      live
        .log()
        .split('\n')
        .find((each) => each.includes('the client went away')) ?? '';
    expect(JSON.parse(line)).toMatchObject({ level: 30, client: '127.0.0.1' });
    expect(live.log()).not.toMatch(/"stack"|request failed/);
    const response = await fetch(`${live.url}/snapshots`, { method: 'POST', headers: BYTES, body: file });
    expect(response.status).toBe(201);
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
