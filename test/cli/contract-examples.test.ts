import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { connectNode } from '../../client/node/main.ts';
import { developmentAccountByName } from '../../consensus/development-accounts.ts';
import { bytesToHex, utf8ToBytes } from '../../consensus/hex.ts';
import { developmentKeyPair } from '../../consensus/keys.ts';
import { sha256 } from '../../consensus/sha256.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';
import { asShown, stepsOf, wordsOf } from '../../testing/page-commands.ts';
import { forklore } from './stub-node.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples/contracts/', import.meta.url));
/** What the pages say of values that are not the output of an earlier command. */
const GIVEN = {
  LOCK: bytesToHex(sha256(utf8ToBytes('sesame'))),
  KEY: bytesToHex(developmentKeyPair(developmentAccountByName('Carol')!).publicKey),
};

// A page is followed on nodes of its own: it counts heights from 0.
const live: LiveNode[] = [];
afterEach(async () => {
  await Promise.all(live.splice(0).map((node) => node.stop()));
});

interface Printed {
  readonly code: number;
  readonly output: string;
}

/** Runs a command of a page, with values in place of words in capitals, and ports of these nodes in place of 5000 and 5001. */
async function runLine(folder: string, line: string, values: Readonly<Record<string, string>>): Promise<Printed> {
  const filled = line.replaceAll(/\b[A-Z]{3,}\b/g, (word) => values[word] ?? word);
  const [program, ...words] = wordsOf(filled);
  expect(program).toBe('forklore');
  const args = words.map((word) => {
    if (word.endsWith('.ts')) return `${EXAMPLES}${folder}/${word}`;
    return word === '5001' ? new URL(live[1]?.url ?? '').port : word;
  });
  const { code, stdout, stderr } = await forklore(args, { environment: { FORKLORE_NODE: live[0]?.url ?? '' } });
  return { code, output: stdout + stderr };
}

/** Follows a page. What it shows must be what is printed. */
async function follow(folder: string): Promise<readonly Printed[]> {
  const page = readFileSync(`${EXAMPLES}${folder}/README.md`, 'utf8');
  const values: Record<string, string> = { ...GIVEN };
  const printed: Printed[] = [];
  for (const step of stepsOf(page)) {
    // The nodes run already.
    if (step.kind !== 'command' || step.line.startsWith('forklore cluster ')) continue;
    const each = await runLine(folder, step.line, values);
    printed.push(each);
    for (const [name, pattern] of OUTPUTS) values[name] = pattern.exec(each.output)?.[1] ?? values[name] ?? name;
    if (step.shown === undefined) continue;
    const all = printed.map(({ output }) => output).join('');
    expect(asShown(all, step.shown), step.line).toBe(step.shown);
  }
  return printed;
}

const OUTPUTS = [
  ['ADDRESS', /^contract +(rlore1\w+)$/m],
  ['SIGNATURE', /^signature +([0-9a-f]{128})$/m],
  ['HASH', /^([0-9a-f]{64})$/m],
] as const;

it.each([
  ['conditional-payment', 'this is not the secret', /balance +1004\.9999\d*\n/],
  ['escrow', 'only the buyer releases the coins', /balance +1004\.999\d*\n/],
  ['token', null, /^600n\n$/],
  ['auction', 'a bid is at least 105000001 now', /balance +999\.999\d*\n/],
  ['name-register', null, /^rlore1\w+\n$/],
  ['lottery', null, /^emitted Won\("rlore1\w+", 200000000n\)$/m],
])('the page of %s can be followed', async (folder, failure, last) => {
  live.push(await startLiveNode({ mining: { mode: 'on-transaction', intervalMs: 1_000 } }));
  const printed = await follow(folder);
  expect(printed.length).toBeLessThanOrEqual(6);
  const failed = printed.filter(({ code }) => code !== 0).map(({ output }) => output);
  expect(failed).toEqual(failure === null ? [] : [expect.stringContaining(failure)]);
  expect(printed.at(-1)?.output).toMatch(last);
});

it('the page of vote can be followed: two nodes, a result on both, and a reorg that takes a vote back', async () => {
  const first = await startLiveNode();
  live.push(first, await startLiveNode({ peers: [first.url] }));
  await connectNode({ url: first.url }).waitForPeers(1);
  const printed = await follow('vote');
  expect(printed.filter(({ code }) => code !== 0)).toHaveLength(1);
});
