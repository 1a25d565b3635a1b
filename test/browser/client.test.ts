import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { startDashboard, startLoneNode, visit } from '../../testing/browser.ts';
import { cleanUp } from '../../testing/browser-cleanup.ts';

cleanUp('of each test');

/** `forklore/client`, as bundlers of pages take it. */
const BUNDLE = readFileSync(new URL('../../dist/browser/client.js', import.meta.url), 'utf8');
/** Where the page finds it. */
const BUNDLE_PATH = '/forklore-client.js';

/** What the page runs: as text, because Vitest would put an import of its own in place of the browser's. */
const program = (nodeUrl: string) => `(async () => {
  const { connectNode } = await import('${BUNDLE_PATH}');
  const client = connectNode({ url: '${nodeUrl}' });
  const { cursor } = await client.nodeInfo();
  const { height } = await client.tip();
  const [block] = await client.mine({ to: 'Carol' });
  for await (const event of client.events({ after: cursor })) {
    if (event.__typename === 'BlockEvent') return { height, isMined: event.block.hash === block.hash };
  }
})()`;

it('a page asks a node through the client of the package, and follows it', async () => {
  const node = await startLoneNode();
  const { page } = await visit(await startDashboard([node.url]));
  await page.route(`**${BUNDLE_PATH}`, (route) => route.fulfill({ contentType: 'text/javascript', body: BUNDLE }));
  expect(await page.evaluate(program(node.url))).toEqual({ height: 0, isMined: true });
});
