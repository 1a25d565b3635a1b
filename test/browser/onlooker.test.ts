import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { cardOf, nameOf, startDashboard, startLoneNode, untilCount, visit } from '../../testing/browser.ts';
import { cleanUp } from '../../testing/browser-cleanup.ts';
import { temporaryFolder } from '../../testing/processes.ts';

cleanUp('of each test');

const WHY = 'Needs the admin token; see Details.';

describe('a page that has no token for its nodes', () => {
  it('says so, and nothing on it mines, cuts or sets the weather', async () => {
    const tokenFile = ['--admin-token-file', join(temporaryFolder(), 'token')];
    const a = await startLoneNode(...tokenFile);
    const b = await startLoneNode(...tokenFile, '--peer', a.url);
    const names = [await nameOf(a), await nameOf(b)];
    const visited = await visit(await startDashboard([a.url, b.url]));
    const { page } = visited;
    await page
      .getByText('You are looking on: these nodes take orders only from people who have their token.')
      .waitFor();
    const button = (place: Locator, name: string | RegExp): Locator => place.getByRole('button', { name, exact: true });
    const stage = page.getByRole('main');
    const denied = [button(page.getByRole('region', { name: 'Latest blocks' }), 'Mine'), button(stage, 'Cut in two')];
    for (const name of names) {
      const card = cardOf(page, name);
      await card.getByText(WHY).waitFor();
      await card.getByRole('button', { name: 'Details and settings' }).click();
      await card.getByLabel('Admin token').waitFor();
      await card.getByText('This node takes orders from this page only with its token.').waitFor();
      denied.push(...['Mine a block', 'Keep mining', 'Apply', /^Disconnect:/].map((each) => button(card, each)));
    }
    for (const each of denied) expect(await each.isDisabled(), String(each)).toBe(true);

    // Keys and the links between the nodes, too.
    for (const key of ['m', 'c', 'h']) await page.keyboard.press(key);
    await page.getByRole('tab', { name: 'Links 1' }).click();
    expect(await button(stage, /^Cut: /).isDisabled()).toBe(true);
    await button(stage, /^Weather: /).click();
    for (const name of names) await page.getByText(`${name} takes no orders from this page.`).waitFor();
    for (const set of await button(stage, 'Set').all()) expect(await set.isDisabled()).toBe(true);
    await untilCount(page.getByRole('button', { name: 'Heal' }), 0);
    expect(visited.sent.filter((text) => text.includes('mutation'))).toEqual([]);
  });
});
