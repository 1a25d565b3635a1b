import { succeeded } from '../../client/client-error.ts';
import { RevertMutation, SnapshotListQuery, TakeSnapshotMutation } from '../../client/operation-documents.ts';
import { printable, quotable } from '../../consensus/quotable.ts';
import { unlessRefused } from '../asking/refusal.ts';
import { formatTime, json, orDash } from '../output/output.ts';
import { table } from '../output/table.ts';
import { type CliContext, type ClientFlags, withNode } from './client-context.ts';

/** `forklore snapshot take`: remembers the state of the node, and prints the id to go back to it with. */
export async function takeSnapshot(flags: ClientFlags, context: CliContext): Promise<void> {
  await withNode(flags, context, async ({ transport }) => {
    const taken = transport.mutate(TakeSnapshotMutation, {}).then((answer) => succeeded(answer.takeSnapshot));
    const { snapshot } = await unlessRefused('cannot take a snapshot', taken);
    context.terminal.print(flags.json ? json(snapshot) : printable(snapshot.id));
  });
}

/** `forklore snapshot list`: the snapshots that the node keeps, oldest first. */
export async function listSnapshots(flags: ClientFlags, context: CliContext): Promise<void> {
  const { terminal } = context;
  await withNode(flags, context, async ({ transport }) => {
    const { snapshots } = await transport.query(SnapshotListQuery, {});
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
  await withNode(flags, context, async ({ transport }) => {
    const reverted = transport.mutate(RevertMutation, { id }).then((answer) => succeeded(answer.revertToSnapshot));
    const { tip } = await unlessRefused(`cannot go back to snapshot ${quotable(id)}`, reverted);
    const line = `back to snapshot ${quotable(id)}; the tip is at height ${orDash(tip.height)}, ${orDash(tip.hash)}`;
    context.terminal.print(flags.json ? json({ id, tip }) : line);
  });
}
