import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runVerify } from '../../../cli/commands/run-verify.ts';
import { REGTEST } from '../../../consensus/networks.ts';
import { Store } from '../../../server/store/store.ts';
import {
  genesisPoint,
  keysOf,
  mineBlock,
  mineChain,
  pathTo,
  transferAt,
  writesToConnect,
} from '../../../testing/chain-builder.ts';
import { startLiveNode } from '../../../testing/live-node.ts';

const WARN = 40;
const alice = keysOf('Alice');

// genesis - 1 - 2 - 3 (two transfers) - 4 - 5 - 6
const two = mineChain(genesisPoint(REGTEST), 2);
const transfers = [0n, 1n].map((nonce) => transferAt(two, alice, 'cd'.repeat(20), { nonce }));
const three = mineBlock(two, { transfers });
const tip = mineChain(three, 3);

let directory: string;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'forklore-test-'));
  const store = await Store.open({ directory, params: REGTEST });
  for (const point of pathTo(tip)) store.transaction((apply) => apply(writesToConnect(point)));
  await store.close();
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true, force: true });
});

/** One bit of every copy of the block in the database file. */
function damageBlock(raw: Uint8Array): void {
  const path = join(directory, 'chain', 'data.mdb');
  const bytes = readFileSync(path);
  for (let at = bytes.indexOf(raw); at >= 0; at = bytes.indexOf(raw, at + 1)) bytes[at + raw.length - 1]! ^= 1;
  writeFileSync(path, bytes);
}

/** What a node that rebuilds its folder logs of it. */
async function rebuildLog(): Promise<Record<string, unknown>[]> {
  const live = await startLiveNode({ dataDir: directory, reindex: true });
  await live.stop();
  const lines = live.log().trim().split('\n');
  return lines.map((line) => JSON.parse(line)).filter(({ msg }) => String(msg).startsWith('rebuilt'));
}

describe('--reindex', () => {
  it('warns of what it could not keep: how many blocks, where the chain stood, what may be gone, what to do', async () => {
    damageBlock(three.block.raw);
    const [line, ...more] = await rebuildLog();
    expect(more).toEqual([]);
    expect(line).toMatchObject({
      level: WARN,
      height: 2,
      heightBefore: 6,
      blocks: 6,
      lostBlocks: 1,
      lostTransactions: 2,
      lostPending: 0,
    });
    expect(line?.msg).toBe(
      'rebuilt only a part of the data folder: kept 6 blocks, lost at least 1 with 2 transactions, and at least 0 pending ' +
        'ones; the height is 2, previously 6. Blocks that no peer has are lost: connect to peers that have the chain ' +
        '(--peer URL), and resend transactions that they do not have',
    );
  });

  it('warns of nothing where everything was kept', async () => {
    const [line] = await rebuildLog();
    expect(line).toMatchObject({ msg: 'rebuilt the data folder from its blocks', height: 6, blocks: 7 });
    expect(line?.level).toBeLessThan(WARN);
  });
});

describe('forklore verify', () => {
  async function outputOfVerify(): Promise<{ stdout: string; stderr: string }> {
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      vi.spyOn(process[name], 'write').mockImplementation((text) => {
        output[name] += text;
        return true;
      });
    }
    expect(await runVerify({ dataDir: directory, network: REGTEST })).toBe(0);
    vi.restoreAllMocks();
    return output;
  }

  it('warns of blocks of which only the headers are left', async () => {
    damageBlock(three.block.raw);
    await rebuildLog();
    const { stdout, stderr } = await outputOfVerify();
    expect(stdout).toContain('is whole: 3 blocks of regtest');
    expect(stderr).toBe('warning: of 1 more blocks only the headers are stored; peers have to give the rest\n');
  });

  it('warns of nothing where every block is there', async () => {
    const { stdout, stderr } = await outputOfVerify();
    expect(stdout).toContain('is whole: 7 blocks of regtest');
    expect(stderr).toBe('');
  });
});
