import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { killPrograms, Program, removeFolders, run, startNode, temporaryFolder } from '../../testing/processes.ts';

afterEach(async () => {
  await killPrograms();
  removeFolders();
});

/** A node on regtest that nobody else finds, and that forgets everything. */
async function regtestNode(port = '0') {
  const flags = ['--port', port, '--network', 'regtest', '--no-discovery', '--ephemeral'];
  const node = await startNode(flags, { FORKLORE_RUNTIME_DIR: temporaryFolder() });
  const { nodeInfo } = await node.api.query('{ nodeInfo { cursor } }');
  return { ...node, cursor: String(nodeInfo.cursor) };
}

describe('forklore watch', () => {
  it('shows each event in a line, and ends with 0 at Ctrl-C', async () => {
    const { url, cursor } = await regtestNode();
    await run(['send', 'Alice', 'Bob', '1', '--node', url]);
    await run(['mine', '2', '--node', url]);
    const watcher = new Program(['watch', 'block', 'mempool', '--after', cursor, '--node', url]);
    await watcher.output(/block {4}2 /);
    await run(['mine', '--node', url]);
    await watcher.output(/block {4}3 /);
    const { code, stdout, stderr } = await watcher.signal('SIGINT');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const names = stdout.match(/^\d\d:\d\d:\d\d {2}\w+/gm)?.map((start) => start.slice('hh:mm:ss  '.length));
    expect(names?.filter((name) => name === 'block')).toHaveLength(3);
    expect(new Set(names)).toEqual(new Set(['block', 'mempool']));
  });

  it('goes on when the node is started again, and tells what is missing, as JSON lines', async () => {
    const first = await regtestNode();
    const watcher = new Program(['watch', 'block', '--json', '--after', first.cursor, '--node', first.url]);
    await run(['mine', '--node', first.url]);
    await watcher.output(/BlockEvent.*\n/);
    await first.program.signal('SIGTERM');
    const second = await regtestNode(new URL(first.url).port);
    await watcher.output(/GapEvent.*\n/);
    await run(['mine', '--node', second.url]);
    await watcher.output(/BlockEvent.*\n.*GapEvent.*\n.*BlockEvent.*\n/);
    const { code, stdout } = await watcher.signal('SIGTERM');
    expect(code).toBe(0);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events).toMatchObject([
      { __typename: 'BlockEvent', block: { height: 1 } },
      { __typename: 'GapEvent', missed: null },
      { __typename: 'BlockEvent', block: { height: 1 } },
    ]);
  });

  it('ends with 0 when its reader goes away', async () => {
    const { url, cursor, api } = await regtestNode();
    const firstLine = ['bash', '-o', 'pipefail', '-c', '"$@" | head -n 1', 'bash'];
    const watcher = new Program(['watch', '--after', cursor, '--node', url], {}, '', undefined, firstLine);
    let isOver = false;
    void watcher.finished.then(() => {
      isOver = true;
    });
    // It notices with the next line that it writes.
    while (!isOver) await api.query('mutation { mine { __typename } }');
    const { code, stdout, stderr } = await watcher.finished;
    expect({ code, stderr, lines: stdout.split('\n').length }).toEqual({ code: 0, stderr: '', lines: 2 });
  });
});

describe('forklore contract events --follow', () => {
  it('goes on with what comes, and tells what a reorg takes back', async () => {
    const { url } = await regtestNode();
    const source = fileURLToPath(new URL('../../examples/contracts/vote/vote.ts', import.meta.url));
    const deploy = [
      'contract',
      'deploy',
      source,
      '"lunch?"',
      '["noodles", "rice"]',
      '1000',
      '--from',
      'Alice',
      '--json',
    ];
    const { contract } = JSON.parse((await run([...deploy, '--node', url])).stdout);
    await run(['mine', '--node', url]);
    const watcher = new Program(['contract', 'events', contract, '--follow', '--json', '--node', url]);
    const vote = async (from: string, option: string) => {
      await run(['contract', 'call', contract, 'vote', option, '--from', from, '--node', url]);
      await run(['mine', '--node', url]);
    };
    await vote('Bob', '0');
    await watcher.output(/"noodles".*\n/);
    await run(['invalidate', '2', '--node', url]);
    await watcher.output(/"takenBack":true.*\n/);
    const { code, stdout } = await watcher.signal('SIGINT');
    expect(code).toBe(0);
    const told = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(told).toMatchObject([
      { name: 'Voted', blockHeight: 2, takenBack: false },
      { name: 'Voted', blockHeight: 2, takenBack: true },
    ]);
  });
});
