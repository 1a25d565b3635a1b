import { gzipSync } from 'node:zlib';
import type { Page, Response } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { startDashboard, startLoneNode, visit } from '../../testing/browser.ts';
import { cleanUp } from '../../testing/browser-cleanup.ts';

/** Script of the first view, as a server would compress it. */
const MAX_SCRIPT_BYTES = 150_000;
/** Everything else that it needs but fonts, the same way. */
const MAX_STYLE_BYTES = 20_000;

/** Only lists where fonts are, and comes after the first view. */
const FACES = /^wght-/;

const NETWORK = 'NetworkView';
const OTHERS =
  /(ChainView|MempoolView|BlocksView|BlockView|TransactionView|AccountView|ContractView|SendView|ChartsView|ActivityView|NowhereView)-/;

cleanUp('of each test');

interface Loaded {
  readonly name: string;
  readonly bytes: number;
}

/** Opens a page again, and says which files of one kind it has loaded once it is there. */
async function loaded(page: Page, url: string, ending: string, isThere: () => Promise<unknown>): Promise<Loaded[]> {
  const responses: Response[] = [];
  const note = (response: Response): void => {
    if (new URL(response.url()).pathname.endsWith(ending)) responses.push(response);
  };
  page.on('response', note);
  await page.goto(url);
  await isThere();
  page.off('response', note);
  return await Promise.all(
    responses.map(async (response) => ({
      name: new URL(response.url()).pathname.replace('/assets/', ''),
      bytes: gzipSync(await response.body()).length,
    })),
  );
}

const total = (files: readonly Loaded[]): number => files.reduce((sum, { bytes }) => sum + bytes, 0);

describe('the first view', () => {
  it('loads little, and nothing of the other views', async () => {
    const node = await startLoneNode();
    const url = await startDashboard([node.url]);
    const { page } = await visit('about:blank');
    const isThere = () => page.getByRole('heading', { level: 1, name: 'One node stands on' }).waitFor();
    const scripts = await loaded(page, url, '.js', isThere);
    const names = scripts.map(({ name }) => name);
    expect(names.join()).toContain(NETWORK);
    expect(names.filter((name) => OTHERS.test(name))).toEqual([]);
    expect(names.filter((name) => name.startsWith('ko-'))).toEqual([]);
    expect(total(scripts)).toBeLessThanOrEqual(MAX_SCRIPT_BYTES);
    const styles = await loaded(page, url, '.css', isThere);
    expect(total(styles.filter(({ name }) => !FACES.test(name)))).toBeLessThanOrEqual(MAX_STYLE_BYTES);
  });

  it.each([
    ['/send', 'SendView', 'Send'],
    ['/charts', 'ChartsView', 'Charts'],
  ])('of %s loads %s, and not the network', async (path, chunk, heading) => {
    const node = await startLoneNode();
    const url = await startDashboard([node.url]);
    const { page } = await visit('about:blank');
    const isThere = () => page.getByRole('heading', { level: 1, name: heading }).waitFor();
    const names = (await loaded(page, `${url}${path}`, '.js', isThere)).map(({ name }) => name);
    expect(names.filter((name) => OTHERS.test(name) || name.includes(NETWORK))).toEqual([
      expect.stringContaining(chunk),
    ]);
  });
});
