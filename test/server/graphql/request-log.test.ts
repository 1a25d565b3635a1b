import { expect, it } from 'vitest';
import { startLiveNode } from '../../../testing/live-node.ts';

it('logs each call of the API in a line, with what it was and how it ended', async () => {
  const live = await startLiveNode({ logRequests: true });
  try {
    const { query } = { query: (text: string) => live.api.query(text) };
    await query('query Height { tip { height } }');
    await query('mutation { mine(count: 1) { __typename } }');
    await query('mutation { revertToSnapshot(id: "x") { ... on OperationFailed { code } } }');
    await expect(query('mutation { mine(count: 0) { __typename } }')).rejects.toThrow();
    await expect(query('{ nothing }')).rejects.toThrow();
    const client = live.client();
    for await (const _ of client.iterate({ query: '{ peers { id } }' })) break;
    const lines = live
      .log()
      .split('\n')
      .filter((line) => line.includes('"outcome"'))
      .map((line) => JSON.parse(line) as { msg: string; outcome: string; durationMs: number });
    expect(lines.map(({ msg, outcome }) => `${msg}: ${outcome}`)).toEqual([
      'query Height: ok',
      'mutation mine: ok',
      'mutation revertToSnapshot: unknown-snapshot',
      'mutation mine: BAD_INPUT',
      'query nothing: GRAPHQL_VALIDATION_FAILED',
      'query peers: ok',
    ]);
    expect(lines.every(({ durationMs }) => durationMs >= 0)).toBe(true);
  } finally {
    await live.stop();
  }
});
