import Table from 'cli-table3';
import { FAILPOINTS } from '../server/process/failpoint.ts';
import type { Tally } from './tally.ts';
import type { TortureResult } from './torture.ts';

/** A line that tells how far a run has come. */
export function progressLine(tally: Tally, kills: number): string {
  return `${tally.killCount} of ${kills} kills, ${tally.failpoints.size} failpoints, ${tally.damageCount} damaged copies`;
}

/** What a run that held has shown, for people. */
export function tortureTable({ tally, disk, seconds }: TortureResult): string {
  const kills = new Table({ head: ['killed amid', 'at random', 'at a failpoint'], style: { head: [], border: [] } });
  for (const [scene, { random, failpoint }] of tally.kills) kills.push([scene, random, failpoint]);
  const damages = new Table({ head: ['damage', 'harmless', 'rebuilt', 'refused'], style: { head: [], border: [] } });
  for (const [name, { harmless, rebuilt, refused }] of tally.damages) damages.push([name, harmless, rebuilt, refused]);
  const disks = new Table({ head: ['disk', 'outcome'], style: { head: [], border: [] } });
  for (const { name, outcome } of disk) disks.push([name, outcome]);
  const tables = [kills, ...(tally.damages.size > 0 ? [damages] : []), ...(disk.length > 0 ? [disks] : [])];
  const { lost } = tally;
  const damageLine = `Damage cost the rebuilt folders ${lost.blocks} blocks and ${lost.transactions} transactions, in or above what it hit.`;
  const summary = [
    `${tally.killCount} kills in ${seconds.toFixed(0)} s, at ${tally.failpoints.size} of ${Object.keys(FAILPOINTS).length} failpoints and at random moments.`,
    `${tally.transactions} acknowledged transactions and ${tally.blocks} blocks that were told of: none lost.`,
    ...(tally.damages.size > 0 ? [damageLine] : []),
    'Each victim ended equal to its twin, with exact supply.',
  ];
  return [...tables.map(String), summary.join('\n')].join('\n');
}

/** The same for programs. */
export function tortureJson(seed: number, { tally, disk, seconds }: TortureResult): string {
  const { kills, failpoints, damages, lost, transactions, blocks } = tally;
  const counts = [kills, failpoints, damages].map((map) => Object.fromEntries<unknown>(map));
  const [byScene, byFailpoint, byDamage] = counts;
  const facts = {
    seed,
    seconds,
    kills: tally.killCount,
    byScene,
    byFailpoint,
    byDamage,
    lost,
    transactions,
    blocks,
    disk,
  };
  return JSON.stringify(facts, null, 2);
}
