import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect } from 'vitest';
import { connectNode } from '../../client/node/main.ts';
import { formatAddress, parseAddress } from '../../consensus/address.ts';
import { compileContract } from '../../consensus/contract/compile.ts';
import { encodeArguments } from '../../consensus/contract/given-value.ts';
import { developmentAccountByName } from '../../consensus/development-accounts.ts';
import { bytesToHex, utf8ToBytes } from '../../consensus/hex.ts';
import { developmentKeyPair } from '../../consensus/keys.ts';
import { REGTEST } from '../../consensus/networks.ts';
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

/** Takes a value of every type, and gives one back that depends on all. */
const TAKER = `interface Entry { who: Address; amount: bigint; note: string; isOpen: boolean; count: number; }
export class Taker {
  take(count: number, amount: bigint, on: boolean, text: string, who: Address, names: string[], sums: bigint[], entry: Entry): Entry {
    require(on === entry.isOpen, 'not the same');
    let sum = amount + entry.amount;
    for (const each of sums) sum += each;
    const note = \`\${text} \${names.length} \${entry.note}\`;
    return { who: entry.who, amount: sum, note: note, isOpen: who === entry.who, count: count + entry.count };
  }
}
`;

/** Runs the caller in Python with values of every type, and compares its bytes with those that the program here makes. */
async function expectEncoding(): Promise<void> {
  const flags = ['--port', '0', '--network', 'regtest', '--ephemeral', '--no-discovery'];
  const { url, api } = await startNode(flags, { FORKLORE_RUNTIME_DIR: temporaryFolder() });
  const node = connectNode({ url });
  const alice = developmentAccountByName('Alice');
  const bob = developmentAccountByName('Bob');
  if (!alice || !bob) throw new Error('no development accounts');
  const { contract } = await node.deploy({ from: developmentKeyPair(alice), source: TAKER });
  await node.mine();
  const entry = {
    note: '國',
    who: formatAddress(bob.address, REGTEST.addressPrefix),
    count: 2,
    isOpen: true,
    amount: '0',
  };
  const args = [-(2 ** 53 - 1), String(2n ** 200n), true, 'a 😀 text', 'Bob', ['x', ''], ['1', '-256', '0'], entry];
  const run = ['call.py', contract, 'take', JSON.stringify(args), url];
  const { stdout } = await promisify(execFile)('python3', run, { cwd: join(EXAMPLES, 'python') });
  const [, encoded = '', result = ''] = /^encoded ([0-9a-f]+)\nresult (.*)\ngas \d+\n$/.exec(stdout) ?? [];
  const method = compileContract(utf8ToBytes(TAKER)).entries.get('take');
  if (!method) throw new Error('no method');
  const addressOf = (text: string) => (text === 'Bob' ? bob.address : parseAddress(text, REGTEST.addressPrefix));
  expect(encoded).toBe(bytesToHex(encodeArguments(method, args, addressOf)));
  expect(JSON.parse(result)).toEqual({
    who: entry.who,
    amount: String(2n ** 200n - 255n),
    note: 'a 😀 text 2 國',
    isOpen: true,
    count: -(2 ** 53 - 1) + 2,
  });
  expect((await api.query('{ tip { height } }')).tip.height).toBe(1);
}

describe('the examples in other languages', () => {
  itNeeding(['python'], 'pays from Python', async () => await expectPayment('python', 'python3', ['payment.py']));
  itNeeding(['python'], 'encodes a call in Python from what the API says of the contract', expectEncoding);
  itNeeding(['go'], 'pays from Go', async () => await expectPayment('go', 'go', ['run', '.']));
});
