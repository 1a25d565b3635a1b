import type { Locator } from 'playwright-core';
import { expect, it } from 'vitest';
import { startDashboard, startLoneNode, visit } from '../../testing/browser.ts';
import { cleanUp } from '../../testing/browser-cleanup.ts';

const CONNECT = 'mutation ($url: String!) { connectPeer(url: $url) { __typename } }';

cleanUp('of each test');

const middleOf = async (part: Locator): Promise<{ x: number; y: number }> => {
  const { x, y, width, height } = (await part.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  return { x: x + width / 2, y: y + height / 2 };
};

it('the graph is made larger, moved and shown whole again, and nodes are drawn around all the while', async () => {
  const nodes = await Promise.all([startLoneNode(), startLoneNode(), startLoneNode()]);
  nodes.sort((a, b) => Number(new URL(a.url).port) - Number(new URL(b.url).port));
  const [, a, b] = nodes;
  await a.api.query(CONNECT, { url: b.url });
  const { page } = await visit(await startDashboard(nodes.map(({ url }) => url)));
  const graph = page.getByRole('group', { name: /^3 nodes with/ });
  await page.getByRole('group', { name: '3 nodes with 1 connection' }).waitFor();
  const drawing = graph.locator('> g');
  const scale = async (): Promise<number> =>
    Number(/scale\(([\d.]+)\)/.exec((await drawing.getAttribute('transform')) ?? '')?.[1]);
  const button = (name: string): Locator => page.getByRole('button', { name, exact: true });
  const { x, y } = await middleOf(graph);

  await button('Larger').click();
  await expect.poll(scale).toBe(1.5);
  await button('Show all').click();
  await expect.poll(scale).toBe(1);

  // The wheel alone scrolls the page; with Ctrl it makes the drawing larger, and then also alone.
  await page.mouse.move(x, y);
  await page.mouse.wheel(0, -100);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -100);
  await page.keyboard.up('Control');
  await expect.poll(scale).toBeGreaterThan(1);
  await graph.getByRole('button').first().focus();
  await page.keyboard.press('0');
  await expect.poll(scale).toBe(1);
  await page.keyboard.press('+');
  await expect.poll(scale).toBe(1.5);

  // A drag on the ground moves it, but no further than its edge, and chooses no nodes.
  const before = await middleOf(graph.getByRole('button').nth(1));
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - 40, y - 60, { steps: 4 });
  await page.mouse.up();
  const after = await middleOf(graph.getByRole('button').nth(1));
  expect([after.x - before.x, after.y - before.y].map(Math.round)).toEqual([-40, -60]);
  expect(await page.getByText('Which nodes go to side').count()).toBe(0);

  // What the keyboard leads to comes into sight.
  await graph.getByRole('button').first().focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('-');
  await expect.poll(scale).toBe(1);
  await button('Larger').click();
  await button('Show all').click();
  await expect.poll(scale).toBe(1);
  await page.keyboard.press('Escape');
  await button('Larger').click();

  // With the shift key a line around nodes chooses them, as it does when all is in sight.
  await graph.getByRole('button').first().focus();
  const node = await middleOf(graph.getByRole('button').first());
  await page.keyboard.down('Shift');
  await page.mouse.move(node.x + 90, node.y + 70);
  await page.mouse.down();
  for (const [dx, dy] of [
    [90, -20],
    [-20, -20],
    [-20, 70],
    [80, 70],
  ] as const)
    await page.mouse.move(node.x + dx, node.y + dy, { steps: 5 });
  await page.mouse.up();
  await page.keyboard.up('Shift');
  await page.getByText('Which nodes go to side').waitFor();
  expect(await page.getByRole('checkbox', { checked: true }).count()).toBe(1);
});
