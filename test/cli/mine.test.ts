import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraphQLError } from 'graphql';
import { afterEach, describe, expect, it } from 'vitest';
import { startLiveNode } from '../../testing/live-node.ts';
import { forklore, type Resolvers, type StubNode, startStubNode, stubBlock } from './stub-node.ts';

let node: StubNode | undefined;
afterEach(async () => {
  await node?.close();
  node = undefined;
});

const ACCOUNT = { balance: '0', nonce: '0', pendingBalance: '0', pendingNonce: '0', transactions: { edges: [] } };

/** What a node was asked to mine. */
interface Order {
  readonly count: number;
}

/** A node that finds blocks at once, and keeps what it was asked for. */
function miner(calls: Order[] = []): Resolvers {
  const status = { hashrate: 2_400_000, expectedSeconds: 1.7 };
  let height = 0;
  const mineOne = () => stubBlock({ height: ++height, transactionCount: height });
  return {
    Query: {
      miner: () => status,
      account: (_: unknown, { address }: { address: string }) => ({ ...ACCOUNT, address, addressHex: 'ab'.repeat(20) }),
    },
    Mutation: {
      mine: (_: unknown, order: Order) => {
        calls.push(order);
        return { __typename: 'BlocksMined', blocks: Array.from({ length: order.count }, mineOne) };
      },
    },
    Subscription: {
      minerChanged: {
        subscribe: async function* () {
          yield { minerChanged: status };
        },
      },
    },
  };
}

/** What is said on standard error before the first block. */
function startLine(what: string): string {
  return `mining ${what} at ${node?.url}, about 1.7 s${what === 'a block' ? '' : ' each'}\n`;
}

describe('forklore mine', () => {
  it('mines one block by itself', async () => {
    const calls: Order[] = [];
    node = await startStubNode(miner(calls));
    const { code, stdout, stderr } = await forklore(['mine', '--node', node.url]);
    // Without a terminal, one line says what is being waited for.
    expect({ code, stderr }).toEqual({ code: 0, stderr: startLine('a block') });
    expect(stdout).toMatch(/^1 {2}(ab){32} {2}1 transaction, reward 50, in \d+\.\d s\n$/);
    expect(calls).toEqual([{ count: 1, to: null }]);
  });

  it('prints every block when it is found, and pays whom it is told to', async () => {
    const calls: Order[] = [];
    node = await startStubNode(miner(calls));
    const { stdout } = await forklore(['mine', '3', '--to', 'Alice', '--node', node.url]);
    expect(stdout.match(/^\d/gm)).toEqual(['1', '2', '3']);
    expect(stdout).toContain('2 transactions');
    for (const { count: _, ...others } of calls) expect(others).toEqual({ to: 'Alice' });
  });

  it('asks for more blocks at once where they cost nothing, and sums up many', async () => {
    const calls: Order[] = [];
    node = await startStubNode(miner(calls));
    const { code, stdout } = await forklore(['mine', '1000', '--node', node.url]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^1000 blocks, heights 1 to 1000, in [\d.]+ s; the last is (ab){32}\n$/);
    const counts = calls.map(({ count }) => count);
    // However slow this machine is: it begins with one, never more than doubles, and never exceeds the API's limit.
    expect(counts[0]).toBe(1);
    for (const [i, count] of counts.entries())
      expect(count).toBeLessThanOrEqual(Math.min(250, 2 * (counts[i - 1] ?? 1)));
    expect(counts.reduce((sum, count) => sum + count)).toBe(1000);
  });

  it('prints each of many blocks with --json', async () => {
    node = await startStubNode(miner());
    const { stdout } = await forklore(['mine', '30', '--json', '--node', node.url]);
    expect(JSON.parse(stdout)).toHaveLength(30);
  });

  it('draws its progress on a terminal only, and removes it', async () => {
    node = await startStubNode(miner());
    const { stdout, stderr } = await forklore(['mine', '2', '--node', node.url], { isTerminal: true });
    expect(stdout).not.toContain('\r');
    expect(stderr).toContain('mining block 1 of 2 · 2.40 MH/s · expected 1.7 s · 0.0 s so far');
    expect(stderr.endsWith('\r\u001b[2K')).toBe(true);
  });

  it('prints a list of blocks with --json', async () => {
    node = await startStubNode(miner());
    const { stdout } = await forklore(['mine', '2', '--json', '--node', node.url]);
    expect(JSON.parse(stdout)).toMatchObject([{ height: 1, reward: '50' }, { height: 2 }]);
  });

  it('hands on why mining failed, after the blocks that were found', async () => {
    let left = 1;
    const resolvers = miner();
    node = await startStubNode({
      ...resolvers,
      Mutation: {
        mine: () =>
          left-- > 0
            ? { __typename: 'BlocksMined', blocks: [stubBlock()] }
            : { __typename: 'MiningFailed', code: 'no-recipient', message: 'nobody is named who is paid', blocks: [] },
      },
    } as Resolvers);
    const { code, stdout, stderr } = await forklore(['mine', '2', '--node', node.url]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^7 {2}/);
    expect(stderr).toBe(
      startLine('2 blocks') +
        'error: mined 1 of 2 blocks, then stopped: mining failed: nobody is named who is paid (no-recipient)\n',
    );
  });

  it('prints the blocks that were found also as JSON when it stops early', async () => {
    let left = 2;
    node = await startStubNode({
      ...miner(),
      Mutation: {
        mine: () =>
          left-- > 0
            ? { __typename: 'BlocksMined', blocks: [stubBlock()] }
            : { __typename: 'MiningFailed', code: 'time-too-new', message: 'wait', blocks: [] },
      },
    } as Resolvers);
    const { code, stdout, stderr } = await forklore(['mine', '5', '--json', '--node', node.url]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toHaveLength(2);
    expect(stderr).toBe('error: mined 2 of 5 blocks, then stopped: mining failed: wait (time-too-new)\n');
  });

  it('keeps what a request has mined that stopped, and says why in the words of the next one', async () => {
    const answers = [
      { __typename: 'BlocksMined', blocks: [stubBlock()] },
      {
        __typename: 'MiningFailed',
        code: 'time-too-new',
        message: 'mined 1; wait',
        blocks: [stubBlock({ height: 8 })],
      },
      { __typename: 'MiningFailed', code: 'time-too-new', message: 'wait', blocks: [] },
    ];
    node = await startStubNode({ ...miner(), Mutation: { mine: () => answers.shift() } } as Resolvers);
    const { code, stdout, stderr } = await forklore(['mine', '9', '--node', node.url]);
    expect(code).toBe(1);
    expect(stdout.match(/^\d/gm)).toEqual(['7', '8']);
    expect(stderr).toContain('error: mined 2 of 9 blocks, then stopped: mining failed: wait (time-too-new)\n');
  });

  it('says nothing of mining where nobody can be paid or the parent is unknown', async () => {
    const live = await startLiveNode();
    const mine = (...flags: string[]) => forklore(['mine', ...flags, '--node', live.url]);
    expect(await mine('--to', 'Zed')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^error: .*"Zed"/),
    });
    for (const [block, words] of [
      ['99', 'at height 99'],
      ['ab'.repeat(32), `with hash ${'ab'.repeat(32)}`],
    ] as const) {
      const { code, stderr } = await mine('--on', block);
      expect({ code, stderr }).toEqual({ code: 1, stderr: `error: the node knows no block ${words}\n` });
    }
    await live.stop();
  });

  // 0 ── 1 ── 2 ── 3    the active chain
  //  └── 1'── 2'── 3'   the same work, but later
  it('says when the blocks on a chosen parent are not on the active chain', async () => {
    const live = await startLiveNode();
    const mine = async (...args: string[]) => {
      const { code, stdout } = await forklore(['mine', ...args, '--to', 'Alice', '--node', live.url]);
      expect(code).toBe(0);
      return stdout.trim().split('\n');
    };
    await mine('3');
    expect((await mine('2', '--on', '0')).slice(2)).toEqual(['on a branch: the active chain has more work']);
    expect((await mine('3', '--on', '0')).slice(3)).toEqual(['on a branch: the active chain has as much work']);
    expect(await mine('4', '--on', '0')).toHaveLength(4);
    await live.stop();
  });

  it.each([
    [[], 'controlling this node needs its token: name the file that holds it with --admin-token-file'],
    [['token'], 'the node does not take this token; --admin-token-file must name the file that the node made'],
  ])('names the flag of the token where the node wants one: %j', async ([name], message) => {
    const folder = mkdtempSync(join(tmpdir(), 'forklore-token-'));
    const args = name === undefined ? [] : ['--admin-token-file', join(folder, name)];
    writeFileSync(join(folder, 'token'), '\ufeffc0ffee\n');
    const mine = () => {
      const text = 'controlling this node needs its token: send the header Authorization: Bearer …';
      throw new GraphQLError(text, { extensions: { code: 'FORBIDDEN' } });
    };
    node = await startStubNode({ ...miner(), Mutation: { mine } } as Resolvers);
    const { code, stderr } = await forklore(['mine', '--node', node.url, ...args]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: `${startLine('a block')}error: ${message}\n` });
    rmSync(folder, { recursive: true });
  });

  it('shows its token to the node, over HTTP and over the socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'forklore-token-'));
    const path = join(folder, 'token');
    writeFileSync(path, 'c0ffee\n');
    node = await startStubNode(miner());
    expect((await forklore(['mine', '--node', node.url, '--admin-token-file', path])).code).toBe(0);
    expect(node.authorizations).toEqual(['Bearer c0ffee', 'Bearer c0ffee']);
    rmSync(folder, { recursive: true });
  });

  it('says when the node goes away', async () => {
    const resolvers = miner();
    node = await startStubNode({ ...resolvers, Mutation: { mine: () => node?.close().then(() => null) } } as Resolvers);
    const { code, stderr } = await forklore(['mine', '--node', node.url]);
    expect(code).toBe(1);
    expect(stderr).toBe(`${startLine('a block')}error: the connection to ${node.url} was lost (the node is gone)\n`);
  });

  it.each(['0', '-1', '1.5', '10001', 'many'])('refuses to mine %s blocks', async (count) => {
    const { code, stderr } = await forklore(['mine', '--', count]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `error: COUNT must be a whole number from 1 to 10000, not "${count}"\n`,
    });
  });
});
