import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { cardOf, nameOf, startDashboard, startLoneNode, visit } from '../../testing/browser.ts';
import { cleanUp } from '../../testing/browser-cleanup.ts';
import type { NodeProcess } from '../../testing/processes.ts';

const CONNECT = 'mutation ($url: String!) { connectPeer(url: $url) { __typename } }';

cleanUp('of each test');

/** Nodes in the order of the page, all connected to the last one, and the page of them. */
async function start(count: number): Promise<{ nodes: NodeProcess[]; names: string[]; url: string }> {
  const started = await Promise.all(Array.from({ length: count }, () => startLoneNode()));
  const nodes = started.sort((a, b) => Number(new URL(a.url).port) - Number(new URL(b.url).port));
  for (const other of nodes.slice(0, -1)) await nodes.at(-1)?.api.query(CONNECT, { url: other.url });
  const url = await startDashboard(nodes.map((node) => node.url));
  return { nodes, names: await Promise.all(nodes.map(nameOf)), url };
}

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

/** Waits for the nodes of each side, as the drawing tells them. */
const sidesAre = (page: Page, a: string, b: string) =>
  page.getByRole('group', { name: `branch A: ${a}; branch B: ${b}` }).waitFor();

it('the sides of a cut are the same after a reload and in a second window, and one window heals for all', async () => {
  const { names, url } = await start(3);
  const [first = '', second = '', last = ''] = names;
  const { page } = await visit(url);
  await page.getByRole('group', { name: '3 nodes with 2 connections' }).waitFor();
  await press(page, 'Cut in two');
  // The first node is on side A, also where it is the one that is cut off.
  for (const [name, isApart] of [
    [first, true],
    [second, false],
    [last, false],
  ] as const)
    await page.getByRole('checkbox', { name }).setChecked(isApart);
  await page.reload();
  await press(page, 'Cut 1 link');
  await page.getByRole('heading', { level: 1, name: 'Cut in two: both sides have block 0' }).waitFor();
  await sidesAre(page, first, `${second}, ${last}`);
  await press(page, 'Mine on A');
  await press(page, 'Mine on B');
  await press(page, 'Mine on B');

  const { page: other } = await visit(url);
  for (const each of [page, other]) {
    await each.reload();
    await each.getByRole('heading', { level: 1, name: 'A fork after block 0: 2 branches' }).waitFor();
    await sidesAre(each, first, `${second}, ${last}`);
    expect(await each.getByRole('button', { name: 'Cut in two' }).count()).toBe(0);
  }
  await press(other, 'Heal');
  for (const each of [page, other]) await each.getByRole('heading', { level: 1, name: 'All 3 nodes agree' }).waitFor();
});

it('a node, a link and the card of a reorg are opened by an address', async () => {
  const { nodes, names, url } = await start(2);
  const [first = '', last = ''] = names;
  const { page } = await visit(url);
  const details = (name: string) => cardOf(page, name).locator('[aria-expanded]');
  await details(first).click();
  await details(last).click();
  await page.reload();
  for (const name of [first, last]) await cardOf(page, name).getByText('Stop watching').waitFor();
  await details(first).click();
  expect(new URL(page.url()).searchParams.getAll('node')).toEqual([last]);

  await page.goto(`${url}/?list=links&link=${first}~${last}`);
  await page.getByRole('group', { name: `From ${first} to ${last}` }).waitFor();

  const [a, b] = nodes as [NodeProcess, NodeProcess];
  await page.getByRole('tab', { name: /^Nodes/ }).click();
  await press(page, 'Cut in two');
  await press(page, 'Cut 1 link');
  await page.getByRole('heading', { level: 1, name: 'Cut in two' }).waitFor();
  await b.api.query('mutation { mine(count: 1) { __typename } }');
  await a.api.query('mutation { mine(count: 2) { __typename } }');
  await press(page, 'Heal');
  const card = page.getByRole('region', { name: `${last} left 1 block and took up 2 others` });
  await card.waitFor();
  await expect.poll(() => new URL(page.url()).searchParams.get('reorg')).toContain(`${last}~`);
  const address = page.url();
  await card.getByRole('button').first().click();
  await card.waitFor({ state: 'detached' });
  expect(new URL(page.url()).searchParams.has('reorg')).toBe(false);
  await page.goto(address);
  await card.waitFor();
});
