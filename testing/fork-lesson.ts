import type { Page } from 'playwright-core';
import { untilCount } from './browser.ts';
import { freePorts } from './free-ports.ts';
import { Program } from './processes.ts';

const NODES = 3;

/** Starts a demonstration on a network whose blocks take no time, with miners that rest. @returns the URL of its page */
export async function startLesson(): Promise<string> {
  const where = ['--base-port', `${await freePorts(NODES)}`, '--dashboard-port', '0'];
  const program = new Program(['start', '--network', 'regtest', '--mine', 'off', ...where]);
  const [, url = ''] = await program.output(/dashboard: (http:\/\/127\.0\.0\.1:\d+)/i);
  return url;
}

/** From the network that is whole to the one that is healed. @param press a way of pressing the button with this name */
export async function doLesson(page: Page, press: (name: string) => Promise<void>): Promise<void> {
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
