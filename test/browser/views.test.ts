import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { cardOf, nameOf, startDashboard, startLoneNode, untilText, visit } from '../../testing/browser.ts';
import { cleanUp } from '../../testing/browser-cleanup.ts';
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
cleanUp('of the file');

/** Every view, and what shows that it is there. */
const views = (): readonly { path: string; isThere(page: Page): Promise<unknown> }[] => {
  const heading = (name: string | RegExp) => (page: Page) => page.getByRole('heading', { name }).first().waitFor();
  return [
    { path: '/', isThere: heading('Both nodes agree on') },
    { path: `/?node=${scene.name}`, isThere: (page) => page.getByText('Shares: 0 accepted').waitFor() },
    { path: '/chain', isThere: heading(/left 1 block and took up \d+ others/) },
    { path: '/mempool', isThere: heading('1 transaction waits') },
    { path: '/explorer', isThere: (page) => page.getByRole('row').nth(13).waitFor() },
    { path: '/block/1', isThere: heading('Block 1') },
    { path: `/block/${scene.stale}`, isThere: (page) => page.getByText('stale: not on the active chain').waitFor() },
    { path: `/tx/${scene.pending}`, isThere: heading('Transfer') },
    { path: `/tx/${scene.coinbase}`, isThere: heading('Coinbase') },
    { path: `/tx/${UNKNOWN_ID}`, isThere: heading('No such transaction') },
    { path: '/account/Alice', isThere: heading('Alice') },
    { path: `/contract/${scene.contract}`, isThere: (page) => page.getByText('Bob voted: 1').first().waitFor() },
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
  const method = page.getByText('vote(option: number)', { exact: true });
  if (await method.isVisible()) await method.click();
}

/** The other theme differs in its colours alone, and another size in all but those. */
const COLOURS: RunOptions = { runOnly: ['color-contrast'] };
const ALL_BUT_COLOURS: RunOptions = { rules: { 'color-contrast': { enabled: false } } };

/** What axe finds serious or critical, one line for each place; of everything, unless the options say of what. */
async function barriers(page: Page, options: RunOptions = {}): Promise<string[]> {
  await page.evaluate(await readFile(AXE_SOURCE, 'utf8'));
  const asked: RunOptions = { resultTypes: ['violations'], ...options };
  const { violations } = await page.evaluate((run) => window.axe.run(run), asked);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 300)}: ${node.failureSummary}`));
}

/** Rows of tables, of the log and of lists on cards that take more than two lines. */
const tallRows = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const lines = (row: Element): number => {
      const cells = row.matches('tr') ? [...row.children] : [row];
      const lineHeight = Number.parseFloat(getComputedStyle(row).lineHeight);
      const { paddingTop, paddingBottom } = getComputedStyle(cells[0] ?? row);
      const padding = Number.parseFloat(paddingTop) + Number.parseFloat(paddingBottom);
      return (row.getBoundingClientRect().height - padding) / lineHeight;
    };
    const rows = [...document.querySelectorAll('main tr, main ol[aria-label] > li, main article ul > li')];
    return rows.filter((row) => lines(row) > 2.5).map((row) => `three lines: ${row.textContent?.trim().slice(0, 90)}`);
  });

/** Boxes that scroll sideways without a sign of it, or have the sign and do not. */
const unmarkedScrollers = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('main *')]
      .filter((box) => {
        const canScroll = getComputedStyle(box).overflowX === 'auto' && box.scrollWidth > box.clientWidth + 2;
        const isMarked = box.matches('.before, .after') && box.nextElementSibling?.matches('.sign') === true;
        return canScroll !== isMarked;
      })
      .map((box) => `scrolls without a sign of it: ${box.outerHTML.slice(0, 120)}`),
  );

/** How many pixels of the page stand out to the right. */
const overhang = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

/** Shows an open page in the other theme, and resolves once the change of its colours is over, however short that is. */
async function changeTheme(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== 'running'));
}

/** {@link barriers} of everything in the light theme, and of the colours in the dark one. */
async function barriersInBothThemes(page: Page): Promise<string[]> {
  await changeTheme(page, 'light');
  const light = await barriers(page);
  await changeTheme(page, 'dark');
  const dark = await barriers(page, COLOURS);
  return [...light, ...dark.map((barrier) => `dark: ${barrier}`)];
}

// No colour depends on the size, and no size on the theme.
describe.each([
  { on: 'a screen, in both themes', viewport: SCREEN, barriersOf: barriersInBothThemes },
  { on: 'a phone', viewport: PHONE, barriersOf: (page: Page) => barriers(page, ALL_BUT_COLOURS) },
] as const)('every view on $on', ({ viewport, barriersOf }) => {
  it('has no serious barrier, does not scroll sideways, and shows what does', async () => {
    const { page } = await visit(scene.url, { viewport, reducedMotion: 'reduce' });
    const found: string[] = [];
    for (const { path, isThere } of views()) {
      await page.goto(`${scene.url}${path}`);
      await isThere(page);
      await unfold(page);
      found.push(...(await barriersOf(page)).map((barrier) => `${path}: ${barrier}`));
      found.push(...(await tallRows(page)), ...(await unmarkedScrollers(page)));
      const pixels = await overhang(page);
      if (pixels > 0) found.push(`${path}: ${pixels} px to the right of the page`);
    }
    expect(found).toEqual([]);
  });
});

describe('a fork', () => {
  it('has no serious barrier in either theme, nor what comes of it', async () => {
    const [a, b] = [await startLoneNode(), await startLoneNode()];
    const mine = 'mutation ($count: Int) { mine(count: $count) { __typename } }';
    await a.api.query(mine, { count: 1 });
    await b.api.query(mine, { count: 2 });
    const url = await startDashboard([a.url, b.url]);
    const { page } = await visit(url, { viewport: PHONE, reducedMotion: 'reduce' });
    const letters = page.getByRole('main').getByTitle(/^Branch [AB]/);
    for (const path of ['/', '/chain', `/block/${await a.api.tip()}`]) {
      await page.goto(`${url}${path}`);
      await letters.first().waitFor();
      expect(await barriersInBothThemes(page), path).toEqual([]);
    }
    await a.api.query('mutation ($url: String!) { connectPeer(url: $url) { __typename } }', { url: b.url });
    await page.goto(url);
    await page.getByRole('region', { name: 'Latest blocks' }).getByText('lost to').waitFor();
    expect(await barriersInBothThemes(page)).toEqual([]);
    expect(await unmarkedScrollers(page)).toEqual([]);
  });
});

describe('the page', () => {
  it('shows the newest blocks of a tree that is wider than its place', async () => {
    const { page } = await visit(`${scene.url}/chain`, { viewport: PHONE });
    const tree = page.getByRole('region', { name: 'Block tree' });
    await tree.getByRole('link', { name: /^Block 12,/ }).waitFor();
    await page.waitForFunction(() => {
      const box = document.querySelector('section[aria-label="Block tree"]');
      return box && box.scrollLeft > 0 && box.scrollLeft + box.clientWidth >= box.scrollWidth - 2;
    });
  });

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
      expect(await tallRows(page), path).toEqual([]);
    }
  });

  it('has Korean letters in English, too, also where the system has none', async () => {
    const [node] = scene.nodes;
    const send = `mutation { sendFromDevAccount(from: "Dave", to: "Erin", amount: "1", memo: "커피값") {
      ... on TransactionAccepted { transaction { id } }
    } }`;
    const { transaction } = (await node!.api.query(send)).sendFromDevAccount;
    const { page, context } = await visit(`${scene.url}/tx/${transaction.id}`);
    const words = page.getByRole('main').getByText('커피값', { exact: true });
    await words.nth(1).waitFor();
    const protocol = await context.newCDPSession(page);
    await protocol.send('DOM.enable');
    await protocol.send('CSS.enable');
    const { root } = await protocol.send('DOM.getDocument');
    // As text, and among the bytes, which have another font.
    for (const selector of ['dd', '.value']) {
      await page.waitForFunction(() => document.fonts.status === 'loaded');
      const { nodeIds } = await protocol.send('DOM.querySelectorAll', { nodeId: root.nodeId, selector });
      const fonts: string[] = [];
      for (const nodeId of nodeIds) {
        const { outerHTML } = await protocol.send('DOM.getOuterHTML', { nodeId });
        if (!outerHTML.includes('커피값')) continue;
        const used = await protocol.send('CSS.getPlatformFontsForNode', { nodeId });
        fonts.push(...used.fonts.map(({ familyName }) => familyName));
      }
      expect(fonts.join(), selector).toMatch(/Noto Sans (CJK )?KR|Apple SD Gothic|Malgun/);
    }
    // What a list of choices is drawn with cannot be seen from here, but that the letters are there.
    expect(
      await page.evaluate(async () => (await document.fonts.load('16px "Noto Sans KR Variable"', '한국어')).length),
    ).toBeGreaterThan(0);
  });

  it('moves when a block is mined, but not for those who want it still', async () => {
    const [node] = scene.nodes;
    const name = await nameOf(node!);
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
      const card = cardOf(page, name);
      await card.getByRole('button', { name: 'Mine a block' }).click();
      await card.getByText(/^Mined block \d+:/).waitFor();
      const hash = await node!.api.tip();
      await page.getByRole('region', { name: 'Latest blocks' }).locator(`a[href="./block/${hash}"]`).waitFor();
      return await page.evaluate(() => window.motions);
    };
    expect(Math.max(...(await motionsOf('no-preference')))).toBeGreaterThan(100);
    expect(Math.max(0, ...(await motionsOf('reduce')))).toBeLessThanOrEqual(1);
  });
});
