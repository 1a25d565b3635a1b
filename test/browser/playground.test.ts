import { beforeAll, describe, expect, it } from 'vitest';
import { startLoneNode, visit } from '../../testing/browser.ts';
import { cleanUp } from '../../testing/browser-cleanup.ts';
import { eventually } from '../../testing/eventually.ts';
import type { NodeProcess } from '../../testing/processes.ts';

let node: NodeProcess;

beforeAll(async () => {
  node = await startLoneNode();
});

// What the content security policy forbids fails the test here.
cleanUp('of the file');

describe('the playground, under a policy that allows nothing from elsewhere', () => {
  it('runs a query and follows a subscription', async () => {
    const { page } = await visit(`${node.url}/graphql`);
    await page.getByRole('button', { name: /Execute query/ }).click();
    await page.locator('.result-window').getByText('"regtest"').waitFor();

    await page.getByRole('tab', { name: 'Watch' }).click();
    await page.getByRole('button', { name: /Execute query/ }).click();
    // The button says "Stop" before the node has heard the question; a block of that moment would be missed.
    await eventually(async () => {
      expect(await (await fetch(`${node.url}/metrics`)).text()).toMatch(/^forklore_subscriptions 1$/m);
    });
    await node.api.query('mutation { mine { __typename } }');
    await page
      .locator('.result-window')
      .getByText(/^"(Block|Miner|Mempool)Event"$/)
      .waitFor();
  });

  it('forgets the headers that an earlier version kept', async () => {
    const { page } = await visit(`${node.url}/graphql`);
    const secret = 'c0ffee'.repeat(8);
    // Before the scripts of the page, which then find it.
    await page.addInitScript((headers) => {
      if (sessionStorage.getItem('seeded') !== null) return;
      sessionStorage.setItem('seeded', '1');
      const query = '{ tip { height } }';
      const tab = { id: 'a', hash: null, title: 'Mine', query, variables: null, operationName: null, response: null };
      const tabs = [{ ...tab, headers }];
      localStorage.setItem('graphiql:tabState', JSON.stringify({ tabs, activeTabIndex: 0 }));
      localStorage.setItem('graphiql:headers', headers);
      localStorage.setItem('graphiql:shouldPersistHeaders', 'true');
    }, `{ "authorization": "Bearer ${secret}" }`);
    await page.reload();
    await page.getByRole('button', { name: /Execute query/ }).waitFor();
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }]));
    expect(kept).toContain('tip { height }');
    expect(kept).not.toContain(secret);
  });

  it('keeps no header, and so no token, when it is left', async () => {
    const { page, sent } = await visit(`${node.url}/graphql`);
    const secret = 'c0ffee'.repeat(8);
    await page.getByRole('button', { name: 'Headers', exact: true }).click();
    await page.locator('.graphiql-editor-tool .monaco-editor:visible').click();
    await page.keyboard.insertText(`{ "authorization": "Bearer ${secret}" }`);
    const asked = page.waitForRequest((request) => request.headers().authorization === `Bearer ${secret}`);
    await page.getByRole('button', { name: /Execute query/ }).click();
    await asked;
    await page.locator('.result-window').getByText('"regtest"').waitFor();
    await page.reload();
    await page.getByRole('button', { name: /Execute query/ }).waitFor();
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    expect(kept).not.toContain(secret);
    expect(sent.join()).not.toContain(secret);
  });
});
