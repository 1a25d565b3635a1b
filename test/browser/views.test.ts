import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cardOf, closeBrowser, leavePages, untilText, visit } from '../support/browser.ts';
import { killPrograms } from '../support/processes.ts';
import { type Scene, setUp } from './scene.ts';

const AXE_SOURCE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const PHONE = { width: 390, height: 844 };
const SCREEN = { width: 1380, height: 900 };
const UNKNOWN_ID = 'f'.repeat(64);

declare global {
  interface Window {
    axe: { run(options: RunOptions): Promise<AxeResults> };
    /** Durations, in milliseconds, of all that has moved by itself. */
    motions: number[];
  }
}

let scene: Scene;
beforeAll(async () => {
  scene = await setUp();
});
afterEach(leavePages);
afterAll(async () => {
  await closeBrowser();
  await killPrograms();
});

/** Every view, and what shows that it is there. */
const views = (): readonly { path: string; isThere(page: Page): Promise<unknown> }[] => {
  const heading = (name: string | RegExp) => (page: Page) => page.getByRole('heading', { name }).first().waitFor();
  return [
    { path: '/', isThere: heading('Both nodes agree on') },
    { path: '/chain', isThere: heading('left 1 block and took up 2 others') },
    { path: '/mempool', isThere: heading('1 transaction waits') },
    { path: '/explorer', isThere: (page) => page.getByRole('row').nth(13).waitFor() },
    { path: '/block/1', isThere: heading('Block 1') },
    { path: `/block/${scene.stale}`, isThere: (page) => page.getByText('stale: not on the active chain').waitFor() },
    { path: `/tx/${scene.pending}`, isThere: heading('Transfer') },
    { path: `/tx/${scene.coinbase}`, isThere: heading('Coinbase') },
    { path: `/tx/${UNKNOWN_ID}`, isThere: heading('No such transaction') },
    { path: '/account/Alice', isThere: heading('Alice') },
    { path: '/send', isThere: (page) => page.getByText('coins to spend').waitFor() },
    { path: '/charts', isThere: heading('Propagation delay') },
    { path: '/activity', isThere: (page) => page.getByText('block 12').first().waitFor() },
    { path: '/nowhere', isThere: heading('There is nothing at this address') },
  ];
};

/** Opens what is closed at first, so that it is looked at too. */
async function unfold(page: Page): Promise<void> {
  for (const name of ['Details and settings', 'What became of its transactions', 'Make a wallet']) {
    const button = page.getByRole('button', { name }).first();
    if (await button.isVisible()) await button.click();
  }
}

/** What axe finds serious or critical, one line for each place. */
async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(AXE_SOURCE, 'utf8'));
  const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }));
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 300)}: ${node.failureSummary}`));
}

/** How many pixels of the page stand out to the right. */
const overhang = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

describe.each([
  { theme: 'light', on: 'a screen', viewport: SCREEN },
  { theme: 'dark', on: 'a screen', viewport: SCREEN },
  { theme: 'light', on: 'a phone', viewport: PHONE },
  { theme: 'dark', on: 'a phone', viewport: PHONE },
] as const)('every view in the $theme theme on $on', ({ theme, viewport }) => {
  it('has no serious barrier and does not scroll sideways', async () => {
    const { page } = await visit(scene.url, { viewport, colorScheme: theme, reducedMotion: 'reduce' });
    const found: string[] = [];
    for (const { path, isThere } of views()) {
      await page.goto(`${scene.url}${path}`);
      await isThere(page);
      await unfold(page);
      found.push(...(await barriers(page)).map((barrier) => `${path}: ${barrier}`));
      const pixels = await overhang(page);
      if (pixels > 0) found.push(`${path}: ${pixels} px to the right of the page`);
    }
    expect(found).toEqual([]);
  });
});

describe('the page', () => {
  it('says what to do when no node answers, without a barrier', async () => {
    const { page } = await visit(scene.lonelyUrl, { viewport: PHONE, away: [scene.nobody] });
    await page.getByRole('heading', { name: 'No node answers yet' }).waitFor();
    expect(await barriers(page)).toEqual([]);
    expect(await overhang(page)).toBeLessThanOrEqual(0);
  });

  it('follows the theme of the system until another is chosen, and keeps the choice', async () => {
    const { page } = await visit(scene.url, { colorScheme: 'dark' });
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await background();
    await page.getByRole('button', { name: 'Theme: as the system' }).click();
    await page.getByRole('button', { name: 'Theme: light' }).waitFor();
    const light = await background();
    expect(light).not.toBe(dark);
    await page.reload();
    await page.getByRole('button', { name: 'Theme: light' }).click();
    await page.getByRole('button', { name: 'Theme: dark' }).waitFor();
    expect(await background()).toBe(dark);
  });

  it('speaks Korean when asked to, everywhere, also after it is opened again', async () => {
    const { page } = await visit(scene.url);
    const language = () => page.evaluate(() => document.documentElement.lang);
    expect(await language()).toBe('en');
    await page.getByRole('combobox', { name: 'Language' }).selectOption('한국어');
    const links = page.getByRole('navigation').first().getByRole('link');
    await page.waitForFunction(() => document.documentElement.lang === 'ko');
    const names = (await links.allTextContents()).map((name) => name.trim());
    expect(names).toHaveLength(7);
    for (const name of names) expect(name).toMatch(/[가-힣]/);
    await page.reload();
    await page.waitForFunction(() => document.documentElement.lang === 'ko');
    await links.last().click();
    await untilText(page.getByRole('heading', { level: 1 }), names.at(-1) ?? '');
    expect(await barriers(page)).toEqual([]);
  });

  it('speaks the language that the browser prefers, and fits a phone in Korean, too', async () => {
    const { page } = await visit(scene.url, { locale: 'ko-KR', viewport: PHONE });
    for (const { path } of views()) {
      await page.goto(`${scene.url}${path}`);
      await page.waitForFunction(() => document.documentElement.lang === 'ko');
      await page.getByRole('main').getByRole('heading').first().waitFor();
      expect(await overhang(page), path).toBeLessThanOrEqual(0);
    }
  });

  it('moves when a block is mined, but not for those who want it still', async () => {
    const [node] = scene.nodes;
    const { nodeInfo } = await node!.api.query('{ nodeInfo { name } }');
    const motionsOf = async (reducedMotion: 'reduce' | 'no-preference'): Promise<number[]> => {
      const { page, context } = await visit('about:blank', { reducedMotion });
      await context.addInitScript(() => {
        window.motions = [];
        const animate = Element.prototype.animate;
        Element.prototype.animate = function (...args) {
          const animation = animate.apply(this, args);
          window.motions.push(Number(animation.effect?.getTiming().duration));
          return animation;
        };
        for (const kind of ['animationstart', 'transitionrun']) {
          addEventListener(kind, () => {
            for (const { effect } of document.getAnimations()) {
              window.motions.push(Number(effect?.getTiming().duration));
            }
          });
        }
      });
      await page.goto(scene.url);
      const card = cardOf(page, nodeInfo.name);
      await card.getByRole('button', { name: 'Mine a block' }).click();
      await card.getByText(/^Mined block \d+:/).waitFor();
      const hash = await node!.api.tip();
      await page.getByRole('region', { name: 'Latest blocks' }).locator(`a[href="/block/${hash}"]`).waitFor();
      return await page.evaluate(() => window.motions);
    };
    expect(Math.max(...(await motionsOf('no-preference')))).toBeGreaterThan(100);
    expect(Math.max(0, ...(await motionsOf('reduce')))).toBeLessThanOrEqual(1);
  });
});
