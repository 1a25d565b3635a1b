import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { Api } from './api.ts';
import { cardOf, factOf, goTo, untilCount, untilText, visit } from './browser.ts';
import { freePorts } from './free-ports.ts';
import { Program } from './processes.ts';

const NODES = 3;
/** Real proof of work takes seconds a block, and the machine may be busy. */
const MINING = { timeout: 300_000 };

/** A node of the demonstration, as the page calls it. */
interface Shown {
  readonly name: string;
  readonly api: Api;
}

/** `npm start`, on ports that are free. */
async function startDemonstration(): Promise<{ readonly url: string; readonly nodes: readonly Shown[] }> {
  const ports = ['--base-port', `${await freePorts(NODES)}`, '--dashboard-port', '0'];
  const program = new Program(['start', ...ports]);
  const [, url = ''] = await program.output(/dashboard: (http:\/\/127\.0\.0\.1:\d+)/i);
  const { nodes } = (await (await fetch(`${url}/nodes.json`)).json()) as { nodes: string[] };
  const shown = nodes.map(async (node) => {
    const api = new Api(node);
    return { api, name: (await api.query('{ nodeInfo { name } }')).nodeInfo.name };
  });
  return { url, nodes: await Promise.all(shown) };
}

const button = (part: Locator, name: string): Locator => part.getByRole('button', { name, exact: true });

/** Mines with the button on the card. */
async function mineOn(page: Page, { name }: Shown, height: number): Promise<void> {
  await button(cardOf(page, name), 'Mine a block').click();
  await cardOf(page, name).getByText(`Mined block ${height}:`).waitFor(MINING);
}

/** What the README says to click first: send, and follow it on every node until a block holds it. */
async function sendAndFollow(page: Page, nodes: readonly Shown[]): Promise<void> {
  await goTo(page, 'Send');
  await page.getByLabel('From', { exact: true }).selectOption('Alice');
  await page.getByLabel('To', { exact: true }).fill('Bob');
  await page.getByLabel('Amount', { exact: true }).fill('10');
  await page.getByRole('button', { name: 'Sign and send' }).click();
  const list = page.getByRole('region', { name: 'Sent from this page' });
  for (const { name } of nodes) {
    await list.getByRole('listitem').filter({ hasText: name }).filter({ hasText: 'confirmed' }).waitFor(MINING);
  }
  await goTo(page, 'Network');
}

/** Stops the miners and takes their caps away. @returns the height on which all agree then */
async function bringToRest(page: Page, nodes: readonly Shown[]): Promise<number> {
  for (const { name } of nodes) {
    const card = cardOf(page, name);
    await button(card, 'Stop mining').click();
    await button(card, 'Keep mining').waitFor();
    await button(card, 'Details and settings').click();
    await card.getByLabel('Cap in kH/s').fill('');
    await button(card, 'Apply').click();
    await card.getByText('Applied.').waitFor();
  }
  await page.getByRole('heading', { level: 1, name: `All ${NODES} nodes agree on` }).waitFor();
  const heights = await Promise.all(nodes.map(({ api }) => api.height()));
  expect(new Set(heights).size).toBe(1);
  return heights[0] ?? 0;
}

/** Ends all connections of a node, on its card. */
async function cut(page: Page, { name }: Shown): Promise<void> {
  const card = cardOf(page, name);
  const disconnect = card.getByRole('button', { name: /^Disconnect: / });
  for (let left = await disconnect.count(); left > 0; left--) {
    await disconnect.first().click();
    await untilCount(disconnect, left - 1);
  }
  await card.getByText('No peers: it is on its own.').waitFor();
}

/**
 * The lesson of the README, on the page and from a fresh start: send, bring the miners to rest, mine, cut a node off,
 * mine on both sides, heal, and read what the reorg did.
 */
export async function doLesson(): Promise<void> {
  const { url, nodes } = await startDemonstration();
  const { page } = await visit(url);
  const [first, second, apart] = nodes as [Shown, Shown, Shown];
  for (const { name } of nodes) await cardOf(page, name).waitFor();
  await sendAndFollow(page, nodes);
  const rest = await bringToRest(page, nodes);

  const untilAllAt = async (height: number, at: readonly Shown[]): Promise<void> => {
    // Where there is a fork, the branch's letter stands before the hash.
    const tip = new RegExp(`^\\s*${height}\\s*[A-Z]?\\s*…`);
    for (const { name } of at) await untilText(factOf(cardOf(page, name), 'Tip'), tip);
  };
  await mineOn(page, first, rest + 1);
  await untilAllAt(rest + 1, nodes);

  await cut(page, apart);
  await mineOn(page, apart, rest + 2);
  await mineOn(page, first, rest + 2);
  await untilAllAt(rest + 2, [first, second]);
  await page.getByRole('heading', { level: 1, name: `A fork after block ${rest + 1}:` }).waitFor();
  await mineOn(page, second, rest + 3);
  await untilAllAt(rest + 3, [first, second]);

  const card = cardOf(page, apart.name);
  await card.getByLabel('Connect to').selectOption({ label: first.name });
  await button(card, 'Connect').click();
  await untilAllAt(rest + 3, nodes);
  await page.getByRole('heading', { level: 1, name: `All ${NODES} nodes agree on` }).waitFor();
  const tips = await Promise.all(nodes.map(({ api }) => api.tip()));
  expect(new Set(tips).size).toBe(1);

  await goTo(page, 'Chain');
  const told = `${apart.name} left 1 block and took up 2 others`;
  const reorg = page.getByRole('article').filter({ hasText: told });
  await reorg.getByText('more work wins, no matter which was first').waitFor();
  await reorg.getByRole('button', { name: 'What became of its transactions' }).click();
  await reorg.getByRole('row').filter({ hasText: 'a reward that does not exist any more' }).waitFor();
}
