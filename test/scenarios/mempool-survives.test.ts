import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { bytesToHex } from '../../consensus/hex.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { genesisPoint, keysOf, transferAt } from '../../testing/chain-builder.ts';
import { killPrograms, type NodeProcess, removeFolders, startNode, temporaryFolder } from '../../testing/processes.ts';
import { expectUnchanged, oneNode, standing, submit } from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);
const [alice, bob, carol] = [keysOf('Alice'), keysOf('Bob'), keysOf('Carol')];
/** Bundles the sources where they have changed, then runs the program. */
const PROGRAM = fileURLToPath(new URL('../../scripts/forklore.mjs', import.meta.url));

/** Ready ones, one that waits for an earlier nonce, and one of somebody else that pays more. */
const PENDING = [
  ...[0n, 1n, 5n].map((nonce) => transferAt(genesis, alice, bob.address, { fee: 1_000n, nonce })),
  transferAt(genesis, carol, bob.address, { fee: 9_000n }),
];
const POOL = `{
  tip { hash }
  mempool { size readyCount bytes transactions(first: 10) { edges { node { id status nonce fee } } } }
}`;
const SUBMIT = 'mutation ($raw: Hex!) { submitTransaction(raw: $raw) { __typename } }';

let node: NodeProcess;

afterEach(async () => {
  await killPrograms();
  removeFolders();
});

describe('mempool-survives', () => {
  it.each([
    ['clean stop', 'SIGTERM', 0],
    ['kill −9', 'SIGKILL', null],
  ] as const)(
    'mempool-survives %s of a real process: what is ready, what is queued, and their order',
    { timeout: 60_000 },
    async (_, signal, code) => {
      const folder = temporaryFolder();
      const args = ['--port', '0', '--network', 'regtest', '--no-discovery', '--data-dir', folder];
      const environment = { FORKLORE_RUNTIME_DIR: folder };
      node = await startNode(args, environment, PROGRAM);
      for (const { raw } of PENDING) {
        const { submitTransaction } = await node.api.query(SUBMIT, { raw: bytesToHex(raw) });
        expect(submitTransaction).toEqual({ __typename: 'TransactionAccepted' });
      }
      const before = await node.api.query(POOL);
      expect(before.mempool).toMatchObject({ size: 4, readyCount: 3 });
      // At once after the last one was acknowledged.
      expect((await node.program.signal(signal)).code).toBe(code);
      node = await startNode(args, environment, PROGRAM);
      expect(await node.api.query(POOL)).toEqual(before);
      const { mine } = await node.api.query('mutation { mine { ... on BlocksMined { blocks { transactionCount } } } }');
      expect(mine.blocks).toEqual([{ transactionCount: 4 }]);
    },
  );

  it('mempool-survives a restart of the core, with all that is known of each', () => {
    const { network, node: core } = oneNode();
    for (const transfer of PENDING) expect(submit(network, core, transfer)).toBe('accepted');
    const entries = () =>
      PENDING.map(({ txid }) => {
        const entry = core.core.mempool.get(txid);
        return entry && [entry.state, entry.receivedMs, entry.unbroadcast];
      });
    const [before, known] = [standing(core), entries()];
    expect(before.mempool).toHaveLength(4);
    network.runFor(60_000);
    expectUnchanged(network, core, before);
    expect(entries()).toEqual(known);
  });
});
