// The pages below a base path of a reverse proxy, of which neither the node nor the dashboard's server gets to know.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goTo, startDashboard, startLoneNode, visit } from '../../testing/browser.ts';
import { cleanUp } from '../../testing/browser-cleanup.ts';
import { type StrippingProxy, startStrippingProxy } from '../../testing/stripping-proxy.ts';

let proxy: StrippingProxy;

beforeAll(async () => {
  const node = await startLoneNode();
  await node.api.query('mutation { mine(count: 3) { __typename } }');
  const places = new Map([['/lab/nodes/0', node.url]]);
  proxy = await startStrippingProxy(places);
  places.set('/lab', await startDashboard([`${proxy.url}/lab/nodes/0`]));
});
afterAll(() => proxy.close());
cleanUp('of the file');

describe('below a base path', () => {
  it('the dashboard is opened at any of its views, and its links stay there', async () => {
    const { page } = await visit(`${proxy.url}/lab/block/2`);
    await page.getByRole('heading', { level: 1, name: 'Block 2' }).waitFor();
    await page.getByRole('link', { name: '3 →' }).click();
    await page.getByRole('heading', { level: 1, name: 'Block 3' }).waitFor();
    await goTo(page, 'Chain');
    expect(page.url()).toBe(`${proxy.url}/lab/chain`);
    await goTo(page, 'Network');
    expect(page.url()).toBe(`${proxy.url}/lab/`);
    await page.getByRole('button', { name: 'Mine a block' }).click();
    await page.goBack();
    await page.reload();
    await page.locator('[aria-current="page"]').getByText('Chain', { exact: true }).waitFor();
    // What a browser opens in another tab.
    const hrefs = await page
      .getByRole('link')
      .evaluateAll((links) => links.map((link) => new URL(link.getAttribute('href') ?? '', document.baseURI).href));
    expect(hrefs.filter((href) => !href.startsWith(`${proxy.url}/lab/`))).toEqual([]);
  });

  it('the playground runs a query and follows a subscription', async () => {
    const { page } = await visit(`${proxy.url}/lab/nodes/0/`);
    await page.waitForURL(`${proxy.url}/lab/nodes/0/graphql`);
    await page.getByRole('button', { name: /Execute query/ }).click();
    await page.locator('.result-window').getByText('"regtest"').waitFor();
    await page.getByRole('tab', { name: 'Watch' }).click();
    await page.getByRole('button', { name: /Execute query/ }).click();
    await page.getByRole('button', { name: /Stop query/ }).waitFor();
  });
});
