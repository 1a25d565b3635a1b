import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { Api } from '../testing/api.ts';
import { closeBrowser, visit } from '../testing/browser.ts';
import { freePorts } from '../testing/free-ports.ts';
import { killPrograms, Program } from '../testing/processes.ts';

// `npm run pictures` makes the pictures of the README again, with real nodes: docs/dashboard.png, a fork; docs/reorg.png, the
// same network after it has healed, with the card of the reorg; docs/graph.png, sixteen nodes.

const VIEWPORT = { width: 1380, height: 900 };
const SEND = `mutation ($from: String!, $to: String!, $amount: Amount!) {
  sendFromDevAccount(from: $from, to: $to, amount: $amount) { ... on TransactionAccepted { transaction { id } } }
}`;

/** Starts nodes whose miners rest, and opens their page. */
async function open(nodes: number, ...more: readonly string[]): Promise<{ page: Page; apis: readonly Api[] }> {
  const where = ['--base-port', `${await freePorts(nodes)}`, '--dashboard-port', '0', '--nodes', `${nodes}`];
  const program = new Program(['start', '--network', 'regtest', '--mine', 'off', ...where, ...more]);
  const [, url = ''] = await program.output(/dashboard: (http:\/\/127\.0\.0\.1:\d+)/i);
  const { nodes: urls } = (await (await fetch(`${url}/nodes.json`)).json()) as { nodes: string[] };
  const { page } = await visit(url, { viewport: VIEWPORT, reducedMotion: 'reduce', colorScheme: 'light' });
  await page.getByRole('heading', { level: 1, name: `All ${nodes} nodes agree on` }).waitFor();
  return { page, apis: urls.map((node) => new Api(node)) };
}

async function send(api: Api | undefined, from: string, to: string, amount: string): Promise<void> {
  await api?.query(SEND, { from, to, amount });
}

async function mine(api: Api | undefined, all: readonly Api[]): Promise<void> {
  await api?.query('mutation { mine(count: 1) { __typename } }');
  const tip = await api?.tip();
  if (tip !== undefined) await Promise.all(all.map((each) => each.untilTip(tip)));
}

async function shoot(page: Page, name: string): Promise<void> {
  const path = fileURLToPath(new URL(`../docs/${name}.png`, import.meta.url));
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path, animations: 'disabled' });
}

async function shootFork(): Promise<void> {
  const { page, apis } = await open(3);
  const [first, second, third] = apis;
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  for (const api of [first, second, third, first, second]) await mine(api, apis);
  await send(first, 'Alice', 'Bob', '7');
  await press('Cut in two');
  await press('Cut 2 links');
  await page.getByRole('heading', { level: 1, name: 'Cut in two' }).waitFor();
  await send(third, 'Erin', 'Frank', '2.5');
  await send(third, 'Carol', 'Dave', '12');
  await send(first, 'Carol', 'Erin', '12');
  for (let blocks = 0; blocks < 2; blocks++)
    await mine(
      third,
      [third].flatMap((api) => api ?? []),
    );
  for (let blocks = 0; blocks < 3; blocks++)
    await mine(
      first,
      [first, second].flatMap((api) => api ?? []),
    );
  await page.getByRole('region', { name: 'If it heals now' }).getByText('dropped').waitFor();
  await shoot(page, 'dashboard');
  await press('Heal');
  await page.getByRole('region', { name: 'left 2 blocks and took up 3 others' }).getByText('dropped').waitFor();
  await page.getByRole('group', { name: '3 nodes with 3 connections' }).waitFor();
  await shoot(page, 'reorg');
}

async function shootGraph(): Promise<void> {
  const nodes = 16;
  const { page, apis } = await open(nodes, '--topology', 'random');
  for (let blocks = 0; blocks < nodes; blocks++) await mine(apis[(blocks * 5) % 9], apis);
  await page.getByText('share of the last 16 blocks').waitFor();
  await shoot(page, 'graph');
}

try {
  await shootFork();
  await shootGraph();
} finally {
  await closeBrowser();
  await killPrograms();
}
