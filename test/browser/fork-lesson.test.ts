import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { untilCount, visit } from '../../testing/browser.ts';
import { cleanUp } from '../../testing/browser-cleanup.ts';
import { freePorts } from '../../testing/free-ports.ts';
import { Program } from '../../testing/processes.ts';

const NODES = 3;
/** What the lesson may take of a reader's patience. */
const MAX_CLICKS = 6;

cleanUp('of each test');

/** A demonstration on a network whose blocks take no time, with miners that rest. */
async function start(): Promise<string> {
  const where = ['--base-port', `${await freePorts(NODES)}`, '--dashboard-port', '0'];
  const program = new Program(['start', '--network', 'regtest', '--mine', 'off', ...where]);
  const [, url = ''] = await program.output(/dashboard: (http:\/\/127\.0\.0\.1:\d+)/i);
  return url;
}

/** From the network that is whole to the one that is healed, by a way of pressing the button with a name. */
async function doLesson(page: Page, press: (name: string) => Promise<void>): Promise<void> {
  const heading = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor();
  const links = page.getByRole('group', { name: `${NODES} nodes with 3 connections` });
  const blocksOn = (letter: string, count: number) =>
    untilCount(page.getByRole('region', { name: `Branch ${letter}` }).locator('[data-block]'), count);
  await heading('All 3 nodes agree on');
  await links.waitFor();
  await press('Cut in two');
  await press('Cut 2 links');
  await heading('Cut in two: both sides have block 0');
  await press('Mine on B');
  await blocksOn('B', 1);
  await press('Mine on A');
  await heading('A fork after block 0: 2 branches');
  await press('Mine on A');
  await blocksOn('A', 2);
  const race = page.getByRole('region', { name: 'Work since the fork' });
  await race.getByText('if the sides meet now').waitFor();
  await page.getByRole('region', { name: 'If it heals now' }).getByText('gone').waitFor();
  await press('Heal');
  await heading('All 3 nodes agree on');
  await links.waitFor();
  await page.getByRole('region', { name: 'left 1 block and took up 2 others' }).getByText('Reward of').waitFor();
  await page.getByRole('region', { name: 'Latest blocks' }).getByText('lost to').waitFor();
}

describe('the fork lesson', () => {
  it(`takes at most ${MAX_CLICKS} clicks from a fresh start to the healed fork`, async () => {
    const { page } = await visit(await start());
    let clicks = 0;
    await doLesson(page, async (name) => {
      await page.getByRole('button', { name, exact: true }).click();
      clicks++;
    });
    expect(clicks).toBeLessThanOrEqual(MAX_CLICKS);
  });

  it('is done by keyboard alone', async () => {
    const { page } = await visit(await start());
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

  it('takes a cut back, and connects nodes that are drawn together', async () => {
    const { page } = await visit(await start());
    const group = (edges: string) => page.getByRole('group', { name: `${NODES} nodes with ${edges}` });
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
