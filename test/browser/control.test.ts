import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { cardOf, goTo, nameOf, startDashboard, startLoneNode, untilCount, visit } from '../../testing/browser.ts';
import { cleanUp } from '../../testing/browser-cleanup.ts';
import { freePorts } from '../../testing/free-ports.ts';
import { startNode } from '../../testing/processes.ts';

cleanUp('of each test');

async function add(page: Page, text: string): Promise<void> {
  const field = page.getByLabel('URL of a node to watch');
  if (!(await field.isVisible())) await page.getByRole('button', { name: 'Add', exact: true }).click();
  await field.fill(text);
  await page.getByRole('button', { name: 'Add node' }).click();
}

describe('the nodes that the page watches', () => {
  it('are added and removed by hand, and remembered', async () => {
    const [a, b] = [await startLoneNode(), await startLoneNode()];
    const [nameA, nameB] = [await nameOf(a), await nameOf(b)];
    await a.api.query('mutation ($url: String!) { connectPeer(url: $url) { __typename } }', { url: b.url });
    const { page } = await visit(await startDashboard([a.url]));
    await cardOf(page, nameB).waitFor();

    // One that is not watched any more is not found again by its peers.
    await cardOf(page, nameB).getByRole('button', { name: 'Details and settings' }).click();
    await cardOf(page, nameB).getByRole('button', { name: 'Stop watching' }).click();
    await cardOf(page, nameB).waitFor({ state: 'detached' });
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'One node stands on' }).waitFor();
    await untilCount(page.getByRole('article'), 1);

    await add(page, 'not a URL');
    await page.getByText('Not the URL of a node, such as http://127.0.0.1:5001').waitFor();
    await add(page, `${b.url}/graphql`);
    await cardOf(page, nameB).waitFor();
    await add(page, b.url.replace('http://', ''));
    await add(page, a.url);
    await untilCount(page.getByRole('article'), 2);
    await page.reload();
    await cardOf(page, nameA).waitFor();
    await cardOf(page, nameB).waitFor();
  });

  it('of two networks are shown apart', async () => {
    const [a, b] = [await startLoneNode(), await startNode(['--port', '0', '--ephemeral', '--no-discovery'])];
    const [nameA, nameB] = [await nameOf(a), await nameOf(b)];
    const { page } = await visit(await startDashboard([a.url, b.url]));
    const choice = page.getByLabel('Network shown');
    const option = choice.getByRole('option', { name: /^lab/ });
    await choice.selectOption({ value: (await option.getAttribute('value')) ?? '' });
    await cardOf(page, nameB).waitFor();
    await cardOf(page, nameA).waitFor({ state: 'detached' });
    await page.getByRole('heading', { level: 1, name: 'One node stands on' }).waitFor();
    await goTo(page, 'Send');
    await page.waitForFunction((name) => {
      const select = document.querySelector<HTMLSelectElement>('#send-node');
      return [...(select?.options ?? [])].map(({ label }) => label).join() === name;
    }, nameB);
  });
});

describe('a node of another network', () => {
  it('that is added says so, and what was shown before is one click away, also on a phone', async () => {
    const a = await startLoneNode();
    const nameA = await nameOf(a);
    const nobody = `http://127.0.0.1:${await freePorts(1)}`;
    const phone = { viewport: { width: 390, height: 780 }, away: [nobody] };
    const { page } = await visit(await startDashboard([a.url, nobody]), phone);
    // An address where nobody ever answered does not count.
    await page.getByRole('heading', { level: 1, name: 'One node stands on' }).waitFor();
    const b = await startNode(['--port', '0', '--ephemeral', '--no-discovery']);
    const nameB = await nameOf(b);
    await add(page, b.url);
    await cardOf(page, nameB).waitFor();
    await page.getByText(`${nameB} is of another network: what is shown now is lab …`).waitFor();
    await page.getByLabel('Network shown').waitFor();
    await page.getByRole('button', { name: 'Show regtest …' }).click();
    await cardOf(page, nameA).waitFor();
    await cardOf(page, nameB).waitFor({ state: 'detached' });
    await page.getByText('is of another network').waitFor({ state: 'detached' });
    // The choice stays.
    const lab = page.getByLabel('Network shown').getByRole('option', { name: /^lab/ });
    await page.getByLabel('Network shown').selectOption({ value: (await lab.getAttribute('value')) ?? '' });
    await cardOf(page, nameB).waitFor();
  });
});

describe('a block', () => {
  it('is ruled out and allowed again, which makes the node leave its branch and return to it', async () => {
    const node = await startLoneNode();
    const name = await nameOf(node);
    await node.api.query('mutation { mine(count: 3) { __typename } }');
    const tip = await node.api.tip();
    const { page } = await visit(`${await startDashboard([node.url])}/block/2`);
    await page.getByRole('heading', { level: 1, name: 'Block 2' }).waitFor();
    // By its hash: the height will be another block's.
    await page.getByRole('main').getByRole('definition').getByRole('link').first().click();
    await page.waitForURL(/\/block\/[0-9a-f]{64}$/);
    await page.getByRole('button', { name: 'Rule out' }).click();
    await page.getByText(`${name} now stands at height 1.`).waitFor();
    await page.getByText('stale: not on the active chain').waitFor();
    await goTo(page, 'Chain');
    const tree = page.getByRole('region', { name: 'Block tree' });
    await untilCount(tree.getByRole('link', { name: 'invalid or ruled out' }), 2);
    await page.goBack();
    await page.getByRole('button', { name: 'Allow again' }).click();
    await page.getByText(`${name} now stands at height 3.`).waitFor();
    await page.getByText('2 confirmations').waitFor();
    expect(await node.api.tip()).toBe(tip);
    await goTo(page, 'Chain');
    await untilCount(tree.getByRole('link', { name: 'on the active chain of a node' }), 4);
  });

  it('that is being mined can be given up', async () => {
    const node = await startNode(['--port', '0', '--ephemeral', '--no-discovery', '--hashrate-limit', '1']);
    const card = cardOf((await visit(await startDashboard([node.url]))).page, await nameOf(node));
    await card.getByRole('button', { name: 'Mine a block' }).click();
    await node.api.until(
      'subscription { minerChanged { working } }',
      async () => (await node.api.query('{ miner { working } }')).miner.working,
      (working) => working,
    );
    await card.getByRole('progressbar', { name: 'Search for a block' }).waitFor();
    await card.getByRole('button', { name: 'Cancel' }).click();
    await card.getByRole('button', { name: 'Mine a block' }).waitFor();
    await node.api.until(
      'subscription { minerChanged { working } }',
      async () => (await node.api.query('{ miner { working } }')).miner.working,
      (working) => !working,
    );
    await card.getByRole('progressbar').waitFor({ state: 'detached' });
    expect(await card.getByRole('alert').count()).toBe(0);
    expect(await node.api.height()).toBe(0);
  });
});
