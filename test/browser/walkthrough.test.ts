import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import {
  cardOf,
  factOf,
  goTo,
  nameOf,
  startDashboard,
  startLoneNode,
  untilCount,
  untilText,
  visit,
} from '../../testing/browser.ts';
import { cleanUp } from '../../testing/browser-cleanup.ts';
import { startNode, temporaryFolder } from '../../testing/processes.ts';

/** What the product promises of nodes that go away. */
const OFFLINE_LIMIT_MS = 2_000;
/** The same of a node that works as hard as it can: many times what it takes, and still at once for a reader. */
const ANSWER_LIMIT_MS = 5_000;
/** Real proof of work on `lab` takes a few seconds a block; the machine may be busy. */
const MINING_LIMIT_MS = 120_000;

declare global {
  interface Window {
    /** Set on the page that was opened, and gone with it. */
    marker?: string;
  }
}

cleanUp('of each test');

/** Sends as a person would, by the form. */
async function send(page: Page, from: string, to: string, amount: string, through?: string): Promise<void> {
  await page.getByLabel('From', { exact: true }).selectOption(from);
  if (through) await page.getByLabel('Through node').selectOption({ label: through });
  await page.getByLabel('To', { exact: true }).pressSequentially(to);
  await page.getByLabel('Amount', { exact: true }).pressSequentially(amount);
  await page.getByRole('button', { name: 'Sign and send' }).click();
}

/** What each node says about the transaction that was sent last. */
const statusOn = (page: Page, node: string): Locator =>
  page.getByRole('region', { name: 'Sent from this page' }).getByRole('listitem').filter({ hasText: node }).first();

/** Mines with the button on a node's card, once the block has this height. */
async function mineOn(page: Page, node: string, height: number): Promise<void> {
  await cardOf(page, node).getByRole('button', { name: 'Mine a block' }).click();
  await cardOf(page, node).getByText(`Mined block ${height}:`).waitFor();
}

async function untilStatus(page: Page, node: string, status: string, timeout?: number): Promise<void> {
  await untilText(cardOf(page, node).locator('header').getByText(status, { exact: true }), status, timeout);
}

const tipOf = (page: Page, node: string): Locator => factOf(cardOf(page, node), 'Tip').getByRole('link');

/** Resolves when the cards of all these nodes show the same block at this height. */
async function untilAgreed(page: Page, nodes: readonly string[], height: number): Promise<string> {
  const heading =
    nodes.length === 1 ? /^(One node stands|1 of \d nodes is online and stands) on/ : 'Both nodes agree on';
  for (const node of nodes) await untilText(factOf(cardOf(page, node), 'Tip'), new RegExp(`^\\s*${height} …`));
  await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  const tips = await Promise.all(nodes.map((node) => tipOf(page, node).getAttribute('title')));
  expect(new Set(tips).size).toBe(1);
  expect(tips[0]).toMatch(/^[0-9a-f]{64}$/);
  return tips[0] ?? '';
}

describe('the walkthrough, in a browser', () => {
  it('shows how two nodes meet, share a transaction, mine it, and how one goes away and comes back', async () => {
    const env = { FORKLORE_RUNTIME_DIR: temporaryFolder() };
    const dataB = temporaryFolder();
    // Alone by default: who wants to be found on regtest says so.
    const common = ['--network', 'regtest', '--discovery'];
    const a = await startNode([...common, '--port', '0', '--data-dir', temporaryFolder()], env);
    let b = await startNode([...common, '--port', '0', '--data-dir', dataB], env);
    const againB = [...common, '--port', new URL(b.url).port, '--data-dir', dataB];
    const [nameA, nameB] = [await nameOf(a), await nameOf(b)];
    const both = [nameA, nameB];

    // 1. The page is told of one, and finds the other through it.
    const visited = await visit(await startDashboard([a.url]));
    const { page } = visited;
    await page.evaluate(() => {
      window.marker = 'the page that was opened';
    });
    await cardOf(page, nameB).waitFor();

    // 2. Both stand on the genesis block.
    for (const name of both) await untilStatus(page, name, 'online');
    expect(await untilAgreed(page, both, 0)).toBe(await a.api.tip());

    // 3. A transaction is pending on both.
    await goTo(page, 'Send');
    await send(page, 'Alice', 'Bob', '10', nameA);
    for (const name of both) await untilText(statusOn(page, name), `${name} pending`);
    await goTo(page, 'Network');
    for (const name of both) await untilText(factOf(cardOf(page, name), 'Pending'), '1');
    await goTo(page, 'Mempool');
    await page.getByRole('heading', { name: '1 transaction waits' }).waitFor();

    // 4. The other one mines it.
    await goTo(page, 'Network');
    await mineOn(page, nameB, 1);
    expect(await untilAgreed(page, both, 1)).toBe(await a.api.tip());
    for (const name of both) await untilText(factOf(cardOf(page, name), 'Pending'), '0');
    await goTo(page, 'Send');
    for (const name of both) await untilText(statusOn(page, name), `${name} confirmed · block 1, 1 confirmation`);
    await page.getByRole('searchbox').pressSequentially('Bob\n');
    await page.getByRole('heading', { level: 1, name: 'Bob' }).waitFor();
    await untilText(factOf(page, 'Balance'), '1,010');

    // 5. One is stopped, misses three blocks, and comes back.
    await goTo(page, 'Network');
    visited.allowAway(b.url);
    expect((await b.program.signal('SIGINT')).code).toBe(0);
    await untilStatus(page, nameB, 'offline', OFFLINE_LIMIT_MS);
    for (const height of [2, 3, 4]) await mineOn(page, nameA, height);
    b = await startNode(againB, env);
    await untilStatus(page, nameB, 'online');
    expect(await untilAgreed(page, both, 4)).toBe(await a.api.tip());
    const note = cardOf(page, nameB).getByRole('status').filter({ hasText: 'Restarted; back since' });
    await note.waitFor();
    await note.getByRole('button', { name: 'Dismiss' }).click();
    await note.waitFor({ state: 'detached' });

    // The same when it is killed.
    await b.program.signal('SIGKILL');
    await untilStatus(page, nameB, 'offline', OFFLINE_LIMIT_MS);
    await mineOn(page, nameA, 5);
    b = await startNode(againB, env);
    await untilStatus(page, nameB, 'online');
    await untilAgreed(page, both, 5);
    await note.waitFor();
    expect(await page.evaluate(() => window.marker)).toBe('the page that was opened');
  });

  it('shows when a node freezes, and when it thaws', async () => {
    const node = await startLoneNode();
    const name = await nameOf(node);
    const visited = await visit(await startDashboard([node.url]));
    const { page } = visited;
    await untilStatus(page, name, 'online');
    visited.allowAway(node.url);
    node.program.child.kill('SIGSTOP');
    await untilStatus(page, name, 'offline');
    await cardOf(page, name).getByText('It stopped answering.').waitFor();
    expect(await cardOf(page, name).getByRole('button', { name: 'Mine a block' }).isDisabled()).toBe(true);
    node.program.child.kill('SIGCONT');
    await untilStatus(page, name, 'online');
    await mineOn(page, name, 1);
  });

  it('shows a fork, heals it on demand, and tells what became of everything', async () => {
    const [c, d] = [await startLoneNode(), await startLoneNode()];
    const [nameC, nameD] = [await nameOf(c), await nameOf(d)];
    const { page } = await visit(await startDashboard([c.url]));
    await cardOf(page, nameC).waitFor();
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByLabel('URL of a node to watch').pressSequentially(new URL(d.url).host);
    await page.getByRole('button', { name: 'Add node' }).click();
    await cardOf(page, nameD).waitFor();

    await goTo(page, 'Send');
    await send(page, 'Alice', 'Bob', '7', nameC);
    await untilText(statusOn(page, nameC), `${nameC} pending`);
    await untilText(statusOn(page, nameD), `${nameD} not seen yet`);
    await goTo(page, 'Network');
    await mineOn(page, nameC, 1);
    for (const height of [1, 2]) await mineOn(page, nameD, height);
    await page.getByRole('heading', { level: 1, name: 'A fork after block 0: 2 branches' }).waitFor();
    const [left, taken] = [await c.api.tip(), await d.api.tip()];

    // Each side has a letter and a colour of its own, wherever it is shown.
    const letterOf = async (name: string): Promise<string> =>
      (await factOf(cardOf(page, name), 'Tip')
        .getByTitle(/^Branch [AB]$/)
        .textContent()) ?? '';
    const colourOf = (name: string): Promise<string> =>
      cardOf(page, name).evaluate((card) => getComputedStyle(card).getPropertyValue('--br'));
    const letters = [await letterOf(nameC), await letterOf(nameD)];
    expect([...letters].sort()).toEqual(['A', 'B']);
    expect(await colourOf(nameC)).not.toBe(await colourOf(nameD));
    await page
      .getByRole('group', { name: `branch ${letters[0]}: ${nameC}` })
      .and(page.getByRole('group', { name: `branch ${letters[1]}: ${nameD}` }))
      .waitFor();

    // Both branches are in the tree, and both nodes in the list of tips.
    await goTo(page, 'Chain');
    const tree = page.getByRole('region', { name: 'Block tree' });
    const inTree = (hash: string): Locator => tree.getByRole('link', { name: new RegExp(`${hash.slice(-4)}\\b`) });
    await untilCount(tree.getByRole('link', { name: /^Block 1,.* on the active chain of a node/ }), 2);
    for (const [hash, name] of [
      [left, nameC],
      [taken, nameD],
    ] as const) {
      await inTree(hash)
        .and(tree.getByRole('link', { name: `here stand ${name}` }))
        .waitFor();
    }
    for (const name of [nameC, nameD]) await page.getByRole('row', { name }).waitFor();
    await page.getByRole('heading', { name: 'No reorg yet' }).waitFor();

    for (const [hash, letter] of [
      [left, letters[0]],
      [taken, letters[1]],
    ] as const) {
      await inTree(hash)
        .and(tree.getByRole('link', { name: `Branch ${letter}` }))
        .waitFor();
    }

    // Connected, the branch with the most work wins.
    await goTo(page, 'Network');
    const card = cardOf(page, nameC);
    await card.getByRole('button', { name: 'Details and settings' }).click();
    // They stay open while the reader looks elsewhere.
    await goTo(page, 'Chain');
    await goTo(page, 'Network');
    await card.getByText('No peers: it is on its own.').waitFor();
    await card.getByLabel('Connect to').selectOption({ label: nameD });
    await card.getByRole('button', { name: 'Connect', exact: true }).click();
    expect(await untilAgreed(page, [nameC, nameD], 2)).toBe(taken);
    await card.getByRole('button', { name: 'Disconnect' }).waitFor();
    await untilCount(page.getByTitle(/^Branch /), 0);

    // The block that lost says so and to which: where it was announced, on its card, and on its page.
    const [first = ''] = await d.api.query('{ block(height: 1) { hash } }').then(({ block }) => [block.hash as string]);
    const toWinner = (part: Locator): Locator => part.locator(`a[href="./block/${first}"]`);
    await toWinner(
      card.getByRole('status').filter({ hasText: 'Mined block 1:' }).filter({ hasText: 'lost to' }),
    ).waitFor();
    const strip = page.getByRole('region', { name: 'Latest blocks' });
    const loser = strip.locator(`[data-block="${left}"]`);
    await toWinner(loser.filter({ hasText: 'lost to' })).waitFor();
    await loser.locator(`a[href="./block/${left}"]`).click();
    await page.getByText('This block lost: no node stands on it any more.').waitFor();
    await page.getByRole('main').locator('p', { hasText: 'This block lost' }).getByRole('link').click();
    await page.waitForURL(`**/block/${first}`);

    // What happened is told, and what it meant for each transaction.
    await goTo(page, 'Chain');
    await inTree(left)
      .and(tree.getByRole('link', { name: /^Block 1,.*stale: on no active chain/ }))
      .waitFor();
    const reorg = page.getByRole('article').filter({ hasText: `${nameC} left 1 block and took up 2 others` });
    await reorg.getByText('more work wins, no matter which was first').waitFor();
    await reorg.getByRole('button', { name: 'What became of its transactions' }).click();
    await reorg.getByRole('row').filter({ hasText: 'back in the mempool, to be mined again' }).waitFor();
    await reorg.getByRole('row').filter({ hasText: 'a reward that does not exist any more' }).waitFor();
    await untilCount(reorg.getByRole('row'), 3);
    await goTo(page, 'Send');
    for (const name of [nameC, nameD]) await untilText(statusOn(page, name), `${name} pending`);
  });

  it('answers while a node mines with every core', { timeout: 2 * MINING_LIMIT_MS }, async () => {
    const node = await startNode(['--port', '0', '--ephemeral', '--no-discovery']);
    const name = await nameOf(node);
    const { page } = await visit(await startDashboard([node.url]));
    const card = cardOf(page, name);
    await card.getByRole('button', { name: 'Details and settings' }).click();
    const threads = card.getByLabel(/Threads \(1 to \d+\)/);
    const most = (await threads.getAttribute('max')) ?? '';
    await threads.fill(most);
    await card.getByLabel('When').selectOption('continuously');
    await card.getByRole('button', { name: 'Apply' }).click();
    await card.getByText('Applied.').waitFor();
    await card.getByText(new RegExp(`continuously · ${most} threads?`)).waitFor();
    await card.getByRole('progressbar', { name: 'Search for a block' }).waitFor();
    await untilText(factOf(card, 'Tip'), /^\s*[1-9]\d* …/, MINING_LIMIT_MS);

    const atOnce = { timeout: ANSWER_LIMIT_MS };
    // By the search, the navigation and the links, without a pause in the mining.
    for (let round = 0; round < 3; round++) {
      await page.getByRole('searchbox').pressSequentially('1\n');
      await page.getByRole('heading', { level: 1, name: 'Block 1', exact: true }).waitFor(atOnce);
      await page.getByRole('navigation', { name: 'Neighbouring blocks' }).getByRole('link', { name: '← 0' }).click();
      await page.getByRole('heading', { level: 1, name: 'Block 0', exact: true }).waitFor(atOnce);
      await goTo(page, 'Explorer');
      await page.getByRole('row').getByRole('link', { name: '1', exact: true }).click();
      await page.getByRole('heading', { level: 1, name: 'Block 1', exact: true }).waitFor(atOnce);
    }
    await goTo(page, 'Network');
    await card.getByRole('button', { name: 'Stop mining' }).click();
    await card.getByRole('button', { name: 'Keep mining' }).waitFor();
  });
});
