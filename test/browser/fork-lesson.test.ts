import { describe, expect, it } from 'vitest';
import { untilCount, visit } from '../../testing/browser.ts';
import { cleanUp } from '../../testing/browser-cleanup.ts';
import { doLesson, startLesson } from '../../testing/fork-lesson.ts';
import { freePorts } from '../../testing/free-ports.ts';
import { Program } from '../../testing/processes.ts';

/** What the lesson may take of a reader's patience. */
const MAX_CLICKS = 6;

cleanUp('of each test');

describe('the fork lesson', () => {
  it(`takes at most ${MAX_CLICKS} clicks from a fresh start to the healed fork`, async () => {
    const { page } = await visit(await startLesson());
    let clicks = 0;
    await doLesson(page, async (name) => {
      await page.getByRole('button', { name, exact: true }).click();
      clicks++;
    });
    expect(clicks).toBeLessThanOrEqual(MAX_CLICKS);
  });

  it('is done by keyboard alone', async () => {
    const { page } = await visit(await startLesson());
    const focused = (): Promise<string> =>
      page.evaluate(() => {
        const element = document.activeElement;
        return element?.getAttribute('aria-label') ?? element?.textContent?.replaceAll(/\s+/g, ' ').trim() ?? '';
      });
    await doLesson(page, async (name) => {
      await page.getByRole('button', { name, exact: true }).and(page.locator(':enabled')).waitFor();
      for (let tabs = 0; (await focused()) !== name; tabs++) {
        if (tabs > 100) throw new Error(`the tab key does not lead to "${name}"`);
        await page.keyboard.press('Tab');
      }
      await page.keyboard.press('Enter');
    });
  });

  it('says of sides that met with the same work that they are still forked, and why', async () => {
    const { page } = await visit(await startLesson());
    const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
    for (const name of ['Cut in two', 'Cut 2 links', 'Mine on B', 'Mine on A']) await press(name);
    await page.getByRole('heading', { level: 1, name: 'A fork after block 0: 2 branches' }).waitFor();
    await press('Heal');
    const panel = page.getByRole('region', { name: 'Connected, and still forked' });
    await panel.getByText('each node keeps the block that it had first').waitFor();
  });

  it('takes a cut back, and connects nodes that are drawn together', async () => {
    const { page } = await visit(await startLesson());
    const group = (edges: string) => page.getByRole('group', { name: `3 nodes with ${edges}` });
    await group('3 connections').waitFor();
    await page.keyboard.press('c');
    await page.getByRole('button', { name: 'Cut 2 links' }).click();
    await group('1 connection').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await group('3 connections').waitFor();

    await page.getByRole('tab', { name: 'Links 3' }).click();
    await page
      .getByRole('button', { name: /^Cut: / })
      .last()
      .click();
    await group('2 connections').waitFor();
    const nodes = group('2 connections').getByRole('button');
    await nodes.nth(1).dragTo(nodes.nth(2));
    await group('3 connections').waitFor();
  });
});

describe('many nodes', () => {
  it('are a table that is sorted by its columns, unless the address says otherwise', async () => {
    const where = ['--base-port', `${await freePorts(8)}`, '--dashboard-port', '0', '--nodes', '8'];
    const program = new Program(['start', '--network', 'regtest', '--mine', 'off', ...where]);
    const [, url = ''] = await program.output(/dashboard: (http:\/\/127\.0\.0\.1:\d+)/i);
    const { page } = await visit(url);
    await page.getByRole('heading', { level: 1, name: 'All 8 nodes agree on' }).waitFor();
    const names = () => page.locator('tbody td:first-child').allInnerTexts();
    await untilCount(page.locator('tbody tr'), 8);
    const before = await names();
    const column = page.getByRole('columnheader', { name: 'Node' });
    await column.getByRole('button').click();
    await column.getByRole('button').click();
    await column.and(page.locator('[aria-sort="descending"]')).waitFor();
    expect(await names()).toEqual([...before].sort().reverse());
    await page.getByRole('button', { name: 'Cards' }).click();
    await untilCount(page.getByRole('article'), 8);
    await page.reload();
    await untilCount(page.getByRole('article'), 8);
  });
});
