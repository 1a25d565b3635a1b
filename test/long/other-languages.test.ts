import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect } from 'vitest';
import { itNeeding } from '../../testing/long.ts';
import { killPrograms, removeFolders, startNode, temporaryFolder } from '../../testing/processes.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));

afterEach(async () => {
  await killPrograms();
  removeFolders();
});

/** Runs an example against a node of its own, and expects it to pay and to see the payment confirmed. */
async function expectPayment(folder: string, command: string, args: readonly string[]): Promise<void> {
  const flags = ['--port', '0', '--network', 'regtest', '--ephemeral', '--no-discovery'];
  const { url, api } = await startNode(flags, { FORKLORE_RUNTIME_DIR: temporaryFolder() });
  const env = { ...process.env, GOCACHE: temporaryFolder(), GOFLAGS: '-mod=mod', GOPROXY: 'off' };
  const { stdout } = await promisify(execFile)(command, [...args, url], { cwd: join(EXAMPLES, folder), env });
  const [, txid] = /^the tip is at height 0\nsent ([0-9a-f]{64})\nconfirmed at height 1\n$/.exec(stdout) ?? [];
  const { transaction } = await api.query('query ($id: Hash!) { transaction(id: $id) { amount block { height } } }', {
    id: txid,
  });
  expect(transaction).toEqual({ amount: '7', block: { height: 1 } });
}

describe('the examples in other languages', () => {
  itNeeding(['python'], 'pays from Python', async () => await expectPayment('python', 'python3', ['payment.py']));
  itNeeding(['go'], 'pays from Go', async () => await expectPayment('go', 'go', ['run', '.']));
});
