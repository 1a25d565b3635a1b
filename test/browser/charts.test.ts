import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { startDashboard, startLoneNode, visit } from '../../testing/browser.ts';
import { cleanUp } from '../../testing/browser-cleanup.ts';

cleanUp('of each test');

/** How many pixels of a chart have the colour of its curve. */
const curvePixels = (page: Page, name: RegExp): Promise<number> =>
  page
    .getByRole('img', { name })
    .locator('canvas')
    .evaluate((canvas) => {
      const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
      const context = (canvas as HTMLCanvasElement).getContext('2d');
      if (!probe || !context) return 0;
      const swatch = document.createElement('span');
      swatch.style.color = 'var(--accent)';
      document.body.append(swatch);
      probe.fillStyle = getComputedStyle(swatch).color;
      swatch.remove();
      probe.fillRect(0, 0, 1, 1);
      const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
      const { data } = context.getImageData(0, 0, context.canvas.width, context.canvas.height);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) {
        if (data[at] === red && data[at + 1] === green && data[at + 2] === blue) count++;
      }
      return count;
    });

describe('the charts', () => {
  it('draw a single value, and say what their bars stand for', async () => {
    const node = await startLoneNode();
    // A rate is that of ten blocks without genesis, which was long ago: there is one, at height 11.
    await node.api.query('mutation { mine(count: 11) { __typename } }');
    const { page } = await visit(`${await startDashboard([node.url])}/charts`);
    const rate = /^Hash rate: now [1-9]/;
    await page.getByRole('img', { name: rate }).locator('canvas').waitFor();
    expect(await curvePixels(page, rate)).toBeGreaterThan(3);
    await page.getByText('Delay, from – below').waitFor();
    const bars = page.getByRole('listitem').filter({ hasText: ' – ' });
    const labels = (await bars.allTextContents()).map((text) => text.trim().replace(/\s+\d+$/, ''));
    expect(labels.slice(0, 2)).toEqual(['0 – 2 ms', '2 ms – 5 ms']);
    expect(labels.at(-1)).toBe('5 sec – 30 sec');
  });
});
