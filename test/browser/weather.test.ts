import { expect, it } from 'vitest';
import { nameOf, startDashboard, startLoneNode, untilText, visit } from '../../testing/browser.ts';
import { cleanUp } from '../../testing/browser-cleanup.ts';
import { eventually } from '../../testing/eventually.ts';
import type { NodeProcess } from '../../testing/processes.ts';

const CONNECT = 'mutation ($url: String!) { connectPeer(url: $url) { __typename } }';
const SET = `mutation ($peer: ID!, $conditions: LinkConditionsInput!) {
  setLinkConditions(peer: $peer, conditions: $conditions) { __typename }
}`;
const WEATHER = '{ nodeInfo { weather { url conditions { delayMs bytesPerSecond loss cut } } } }';

cleanUp('of each test');

/** Two nodes that are connected, and the page of both. */
async function start(): Promise<{ a: NodeProcess; b: NodeProcess; url: string }> {
  const [a, b] = [await startLoneNode(), await startLoneNode()];
  await a.api.query(CONNECT, { url: b.url });
  return { a, b, url: await startDashboard([a.url, b.url]) };
}

const weatherOf = async ({ api }: NodeProcess): Promise<unknown> => (await api.query(WEATHER)).nodeInfo.weather;

it('is set and cleared for each direction, by a click on the link', async () => {
  const { a, b, url } = await start();
  const { page } = await visit(url);
  await page.locator('[data-link] text').click();
  const there = page.getByRole('group', { name: `From ${await nameOf(a)} to ${await nameOf(b)}` });
  const back = page.getByRole('group', { name: `From ${await nameOf(b)} to ${await nameOf(a)}` });
  await there.getByLabel('Delay from, ms').fill('20');
  await there.getByLabel('Delay to, ms').fill('40');
  await there.getByLabel('Bytes/s').fill('50000');
  await there.getByRole('button', { name: 'Set' }).click();
  await there.getByText('Set.').waitFor();
  const set = { delayMs: [20, 40], bytesPerSecond: 50_000, loss: 0, cut: false };
  expect(await weatherOf(a)).toEqual([{ url: b.url, conditions: set }]);
  expect(await weatherOf(b)).toEqual([]);
  await page.locator('[data-link] [data-weather="20–40 ms, 50 kB/s"]').waitFor();
  await page.getByText('Weather on 1 link', { exact: true }).waitFor();

  await back.getByLabel('Delay to, ms').fill('50');
  await back.getByRole('button', { name: 'Set' }).click();
  await page.locator('[data-link] [data-weather="20–50 ms, 50 kB/s"]').waitFor();
  await page.getByText('Weather on 1 link', { exact: true }).waitFor();

  await there.getByRole('button', { name: 'Clear' }).click();
  await page.locator('[data-link] [data-weather="50 ms"]').waitFor();
  expect(await weatherOf(a)).toEqual([]);
  await expect.poll(() => there.getByLabel('Delay from, ms').inputValue()).toBe('');
});

it('takes no numbers that are none, and says at the field what it takes', async () => {
  const { a, b, url } = await start();
  const { page } = await visit(url);
  await page.getByRole('tab', { name: 'Links 1' }).click();
  await page.getByRole('button', { name: /^Weather: / }).click();
  const there = page.getByRole('group', { name: `From ${await nameOf(a)} to ${await nameOf(b)}` });
  const refuses = async (label: string, text: string, words: string): Promise<void> => {
    const field = there.getByLabel(label);
    await field.fill(text);
    await there.getByRole('button', { name: 'Set' }).click();
    await there.getByText(words, { exact: true }).waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await field.fill('');
  };
  await refuses('Delay from, ms', '', 'Give a delay, bytes per second, or a loss.');
  await refuses('Delay from, ms', '1.5', 'Must be a whole number from 0 to 60,000.');
  await refuses('Delay to, ms', '60001', 'Must be a whole number from 0 to 60,000.');
  await refuses('Bytes/s', '0', 'Must be a whole number from 1 to 1,000,000,000.');
  await refuses('Loss, %', '101', 'Must be a number from 0 to 100, such as 0.5.');
  await there.getByLabel('Delay from, ms').fill('40');
  await refuses('Delay to, ms', '20', 'Must not be less than the delay before it.');
  expect(await weatherOf(a)).toEqual([]);
});

it('is seen wherever it was set, also to nodes that are not here, and cleared at once', async () => {
  const { a, b, url } = await start();
  const { page } = await visit(url);
  await page.getByRole('group', { name: '2 nodes with 1 connection' }).waitFor();
  expect(await page.getByRole('button', { name: 'Clear all' }).count()).toBe(0);
  await b.api.query(SET, { peer: a.url, conditions: { loss: 0.001 } });
  await page.getByText('Weather on 1 link', { exact: true }).waitFor();
  await page.locator('[data-link] [data-weather="0.1% lost"]').waitFor();
  await a.api.query(SET, { peer: 'http://127.0.0.1:9', conditions: { cut: true } });
  await page.getByText('Weather on 2 links', { exact: true }).waitFor();

  // What another page shows, and in another language.
  const other = (await visit(url, { locale: 'ko-KR' })).page;
  await other.getByText('연결 2개에 날씨 적용 중', { exact: true }).waitFor();
  await other.locator('[data-link] [data-weather="0.1% 손실"]').waitFor();

  await page.getByRole('button', { name: 'Clear all' }).click();
  await untilText(page.locator('[data-link] text'), /ms|sec/);
  await other.getByText('날씨 적용 중').waitFor({ state: 'detached' });
  await eventually(async () => expect([await weatherOf(a), await weatherOf(b)]).toEqual([[], []]));
});

it('keeps what was cut known to every page, with the conditions that it had, until it is healed', async () => {
  const { a, b, url } = await start();
  await a.api.query(SET, { peer: b.url, conditions: { delayMs: [1, 2] } });
  const { page } = await visit(url);
  await page.getByRole('tab', { name: 'Links 1' }).click();
  await page.getByRole('button', { name: /^Cut: / }).click();
  await page.getByRole('group', { name: '2 nodes with 0 connections' }).waitFor();
  const cut = { bytesPerSecond: null, loss: 0, cut: true };
  await eventually(async () => {
    expect(await weatherOf(a)).toEqual([{ url: b.url, conditions: { ...cut, delayMs: [1, 2] } }]);
    expect(await weatherOf(b)).toEqual([{ url: a.url, conditions: { ...cut, delayMs: [0, 0] } }]);
  });
  await page.reload();
  await page.getByRole('group', { name: '2 nodes with 0 connections' }).waitFor();
  await page.getByRole('button', { name: 'Heal', exact: true }).click();
  await page.getByRole('group', { name: '2 nodes with 1 connection' }).waitFor();
  await eventually(async () => {
    expect(await weatherOf(a)).toEqual([{ url: b.url, conditions: { ...cut, delayMs: [1, 2], cut: false } }]);
    expect(await weatherOf(b)).toEqual([]);
  });
});
