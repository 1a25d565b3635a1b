import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { developmentAccountByName } from '../../consensus/development-accounts.ts';
import { bytesToHex, utf8ToBytes } from '../../consensus/hex.ts';
import { developmentKeyPair } from '../../consensus/keys.ts';
import { sha256 } from '../../consensus/sha256.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';
import { type CliResult, forklore } from './stub-node.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples/contracts/', import.meta.url));
const LOCK = bytesToHex(sha256(utf8ToBytes('sesame')));
const KEY = bytesToHex(developmentKeyPair(developmentAccountByName('Carol')!).publicKey);

/** One node for each page: the heights on it count from 0. */
let live: LiveNode;
beforeEach(async () => {
  live = await startLiveNode({ mining: { mode: 'on-transaction', intervalMs: 1_000 } });
});
afterEach(() => live.stop());

/** The commands of a README as they stand there, with what the reader puts in place of words in capitals. */
async function follow(folder: string): Promise<readonly CliResult[]> {
  const page = readFileSync(`${EXAMPLES}${folder}/README.md`, 'utf8');
  const [, block = ''] = /^## Try it$[\s\S]*?^```sh\n([\s\S]*?)^```$/m.exec(page) ?? [];
  const values: Record<string, string> = { LOCK, KEY };
  const results: CliResult[] = [];
  for (const line of block.trim().split('\n')) {
    const filled = line.replaceAll(/\b[A-Z]{3,}\b/g, (word) => values[word] ?? word);
    const [program, ...args] = (filled.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", ''));
    expect(program).toBe('forklore');
    const placed = args.map((word) => (word.endsWith('.ts') ? `${EXAMPLES}${folder}/${word}` : word));
    const result = await forklore(placed, { environment: { FORKLORE_NODE: live.url } });
    results.push(result);
    Object.assign(values, {
      ADDRESS: /^contract +(rlore1\w+)$/m.exec(result.stdout)?.[1] ?? values.ADDRESS,
      SIGNATURE: /^signature +([0-9a-f]{128})$/m.exec(result.stdout)?.[1] ?? values.SIGNATURE,
      HASH: /^([0-9a-f]{64})$/m.exec(result.stdout)?.[1] ?? values.HASH,
    });
  }
  return results;
}

it.each([
  ['conditional-payment', 'this is not the secret', /balance +1004\.9999\d*\n/],
  ['escrow', 'only the buyer releases the coins', /balance +1004\.999\d*\n/],
  ['token', null, /^600\n$/],
  ['auction', 'a bid is at least 105000001 now', /balance +999\.999\d*\n/],
  ['name-register', null, /^rlore1\w+\n$/],
  ['lottery', null, /^emitted Won\("rlore1\w+", 200000000n?\)$/m],
])('the page of %s can be followed', async (folder, failure, last) => {
  const results = await follow(folder);
  expect(results.length).toBeLessThanOrEqual(6);
  const failed = results.filter(({ code }) => code !== 0);
  expect(failed.map(({ stderr }) => stderr)).toEqual(failure === null ? [] : [expect.stringContaining(failure)]);
  expect(results.at(-1)?.stdout).toMatch(last);
});
