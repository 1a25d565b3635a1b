import type { Page } from 'playwright-core';
import { beforeAll, describe, it } from 'vitest';
import { connectNode } from '../../client/node/main.ts';
import { factOf, startDashboard, startLoneNode, visit } from '../../testing/browser.ts';
import { cleanUp } from '../../testing/browser-cleanup.ts';
import { VOTING } from '../../testing/contracts.ts';
import type { NodeProcess } from '../../testing/processes.ts';

let node: NodeProcess;
let client: ReturnType<typeof connectNode>;
let url: string;

beforeAll(async () => {
  node = await startLoneNode();
  client = connectNode({ url: node.url });
  url = await startDashboard([node.url]);
});
cleanUp('of the file');

const part = (page: Page, name: string) =>
  page.locator('section.panel').filter({ has: page.getByRole('heading', { name, exact: true }) });

describe('the page of a contract', () => {
  it('tries a call, sends it, and shows what it changed until a reorg takes it back', async () => {
    const { contract } = await client.deploy({
      from: 'Alice',
      source: VOTING,
      arguments: ['lunch?', ['noodles', 'rice'], 1000],
    });
    const { page } = await visit(`${url}/contract/${contract}`);
    await page.getByRole('heading', { name: 'There is no contract at this address' }).waitFor();
    await client.mine();
    await page.getByRole('heading', { level: 1, name: 'Voting', exact: true }).waitFor();
    await part(page, 'Values').getByText('“lunch?”').waitFor();

    const methods = part(page, 'Methods');
    await methods.getByLabel('From').selectOption('Bob');
    await methods.getByText('vote(option: number)').click();
    await methods.getByLabel('option: number').fill('7');
    await methods.getByRole('button', { name: 'Dry run' }).click();
    await methods.getByText('Dry run: it would fail in block 2').waitFor();
    await methods.getByText('no such option', { exact: true }).waitFor();
    await methods.getByRole('link', { name: 'See it in the source' }).click();
    await page.locator('.marked').getByText('this.options.length').waitFor();

    await methods.getByLabel('option: number').fill('1');
    await methods.getByText('something was changed since the dry run').waitFor();
    await methods.getByRole('button', { name: 'Dry run' }).click();
    await methods.getByText('Dry run: it would work in block 2').waitFor();
    await factOf(methods, 'Events').getByText('Bob voted: 1').waitFor();
    await methods.getByRole('button', { name: 'Sign and send' }).click();
    await methods.getByRole('listitem').filter({ hasText: 'pending' }).waitFor();

    const hash = (await client.mine())[0]?.hash;
    const told = part(page, 'Events').getByRole('listitem').filter({ hasText: 'Bob voted: 1' });
    await told.filter({ hasText: 'block 2' }).waitFor();
    await part(page, 'Values').getByRole('table', { name: 'Entries of voted' }).getByText('Bob').waitFor();
    await part(page, 'Transactions').getByText('Bob called vote(1) of Voting').waitFor();

    await node.api.query('mutation ($hash: Hash!) { invalidateBlock(hash: $hash) { __typename } }', { hash });
    await told.filter({ hasText: 'taken back by a reorg' }).waitFor();
    await part(page, 'Values').getByRole('table', { name: 'Entries of voted' }).getByText('all keys').waitFor();
    await methods.getByRole('listitem').filter({ hasText: 'pending' }).waitFor();

    await client.mine();
    await told.filter({ hasText: 'block 2' }).waitFor();
  });
});
