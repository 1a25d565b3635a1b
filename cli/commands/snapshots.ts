import { printable, quotable } from '../../consensus/quotable.ts';
import { unlessRefused } from '../asking/refusal.ts';
import { formatTime, json, orDash } from '../output/output.ts';
import { table } from '../output/table.ts';
import { type CliContext, type ClientFlags, withNode } from './client-context.ts';

/** `forklore snapshot take`: remembers the state of the node, and prints the id to go back to it with. */
export async function takeSnapshot(flags: ClientFlags, context: CliContext): Promise<void> {
  await withNode(flags, context, async ({ client }) => {
    const snapshot = await unlessRefused('cannot take a snapshot', client.takeSnapshot());
    context.terminal.print(flags.json ? json(snapshot) : printable(snapshot.id));
  });
}

/** `forklore snapshot list`: the snapshots that the node keeps, oldest first. */
export async function listSnapshots(flags: ClientFlags, context: CliContext): Promise<void> {
  const { terminal } = context;
  await withNode(flags, context, async ({ client }) => {
    const snapshots = await client.snapshots();
    if (flags.json) return terminal.print(json(snapshots));
    if (snapshots.length === 0) return terminal.print('no snapshots');
    const rows = snapshots.map(({ id, takenAt, height, tipHash, bytes }) => [
      orDash(id),
      formatTime(takenAt, Date.now()),
      orDash(height),
      orDash(tipHash),
      orDash(bytes),
    ]);
    terminal.print(table(terminal.colors, ['id', 'taken', 'height', 'tip', 'bytes'], rows, ['height', 'bytes']));
  });
}

/** `forklore snapshot revert`: goes back to a snapshot, which stays usable. */
export async function revertToSnapshot(id: string, flags: ClientFlags, context: CliContext): Promise<void> {
  await withNode(flags, context, async ({ client }) => {
    const tip = await unlessRefused(`cannot go back to snapshot ${quotable(id)}`, client.revertToSnapshot(id));
    const line = `back to snapshot ${quotable(id)}; the tip is at height ${orDash(tip.height)}, ${orDash(tip.hash)}`;
    context.terminal.print(flags.json ? json({ id, tip }) : line);
  });
}

/** `forklore snapshot drop`: lets the node forget a snapshot, which gives its memory back. */
export async function dropSnapshot(id: string, flags: ClientFlags, context: CliContext): Promise<void> {
  await withNode(flags, context, async ({ client }) => {
    await unlessRefused(`cannot drop snapshot ${quotable(id)}`, client.dropSnapshot(id));
    context.terminal.print(flags.json ? json({ id }) : `dropped snapshot ${quotable(id)}`);
  });
}
