import { expect, it } from 'vitest';
import { startDashboard, untilText, visit } from '../../testing/browser.ts';
import { cleanUp } from '../../testing/browser-cleanup.ts';
import { startNode } from '../../testing/processes.ts';

/** Known to everybody: from the test vectors of BIP 39. */
const MNEMONIC = 'legal winner thank year wave sausage worth useful legal winner thank yellow';

cleanUp('of each test');

it('the accounts of a network of its own have their names on the page, and it sends from them', async () => {
  const flags = ['--port', '0', '--ephemeral', '--no-discovery', '--accounts', '12', '--mnemonic', MNEMONIC];
  const node = await startNode(flags);
  const { devAccounts } = await node.api.query('{ devAccounts { address } }');
  const url = await startDashboard([node.url]);
  const { page } = await visit(`${url}/send`);
  const field = (label: string) => page.getByLabel(label, { exact: true });
  await field('From').selectOption({ label: 'account-12' });
  await field('To').fill('bob');
  await untilText(page.locator(`#${await field('To').getAttribute('id')}-note`), devAccounts[1].address);
  await field('Amount').fill('3');
  await page.getByRole('button', { name: 'Sign and send' }).click();
  const sent = page.getByRole('region', { name: 'Sent from this page' });
  await sent.getByRole('listitem').filter({ hasText: 'pending' }).waitFor();

  const { mempool } = await node.api.query('{ mempool { transactions { edges { node { id sender recipient } } } } }');
  const [{ node: transaction }] = mempool.transactions.edges;
  expect(transaction).toMatchObject({ sender: devAccounts[11].address, recipient: devAccounts[1].address });
  await page.goto(`${url}/tx/${transaction.id}`);
  for (const name of ['account-12', 'Bob']) await page.getByRole('link', { name }).first().waitFor();
});
