import { beforeAll, describe, expect, it } from 'vitest';
import { goTo, untilText, visit } from '../../testing/browser.ts';
import { cleanUp } from '../../testing/browser-cleanup.ts';
import { type Scene, setUp } from './scene.ts';

const UNKNOWN_ID = 'f'.repeat(64);

let scene: Scene;
beforeAll(async () => {
  scene = await setUp();
});
cleanUp('of the file');

describe("finding one's way", () => {
  it('can be used by keyboard alone', async () => {
    const { page } = await visit(scene.url);
    await page.getByRole('heading', { level: 1, name: 'Both nodes agree on' }).waitFor();
    const focused = () =>
      page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        const label =
          (element as HTMLInputElement).labels?.[0]?.querySelector('span') ??
          document.querySelector(`label[for="${element.id}"]`);
        return (element.getAttribute('aria-label') ?? (label ?? element).textContent ?? '').trim();
      });

    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');

    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Both nodes agree on' }).waitFor();
    const reached: string[] = [];
    do {
      await page.keyboard.press('Tab');
      reached.push(await focused());
    } while (reached.length < 200 && reached.at(-1) !== 'Details and settings');
    const wanted = ['Network', 'Chain', 'Mempool', 'Explorer', 'Send', 'Charts', 'Activity'];
    wanted.push('Search for a block, transaction or account', 'Language', 'Theme: as the system');
    wanted.push('Mine', 'Cut in two', 'Add', 'Mine a block', 'Keep mining', 'Details and settings');
    expect(reached).toEqual(expect.arrayContaining(wanted));

    await page.keyboard.press('/');
    expect(await focused()).toBe('Search for a block, transaction or account');
    await page.keyboard.type('alice');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Alice' }).waitFor();
    // Where the new view begins.
    await page.waitForFunction(() => document.activeElement?.id === 'main');
  });

  it('does not take the focus from those who type while a view loads', async () => {
    const { page } = await visit(scene.url);
    await page.getByRole('heading', { level: 1, name: 'Both nodes agree on' }).waitFor();
    let arrive: () => void = () => {};
    const isArriving = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    await page.route('**/assets/BlockView-*.js', async (route) => {
      await isArriving;
      await route.continue();
    });
    const search = page.getByRole('searchbox');
    await search.fill('7');
    await search.press('Enter');
    await page.waitForURL('**/block/7');
    await search.focus();
    await page.keyboard.type('ali');
    arrive();
    await page.getByRole('heading', { level: 1, name: 'Block 7' }).waitFor();
    await page.keyboard.type('ce');
    expect(await search.inputValue()).toBe('alice');
  });

  it('finds blocks, transactions and accounts, and says what it cannot find or read', async () => {
    const { page, sent } = await visit(scene.url);
    const search = page.getByRole('searchbox');
    const find = async (text: string): Promise<void> => {
      await search.fill(text);
      await search.press('Enter');
    };
    const shows = (name: string) => page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
    await page.getByRole('heading', { level: 1, name: 'Both nodes agree on' }).waitFor();
    await find('7');
    await shows('Block 7');
    await find(scene.stale);
    await shows('Block 1');
    await page.waitForURL(`**/block/${scene.stale}`);
    await find(scene.pending);
    await shows('Transfer');
    await find(scene.coinbase);
    await shows('Coinbase');
    await find('bob');
    await shows('Bob');
    const note = page.getByRole('search').getByRole('status');
    await find(UNKNOWN_ID);
    await untilText(note, 'No node here knows it.');
    await find('99999');
    await untilText(note, 'No node here knows it.');
    await find('!?');
    await untilText(note, 'Not a height, a hash, an address or the name of a development account.');
    await page.goBack();
    await shows('Coinbase');
    await goTo(page, 'Network');
    // No view asks about nothing while the next one loads.
    expect(sent.filter((body) => /"(id|hash|address)":""/.test(body))).toEqual([]);
  });
});
