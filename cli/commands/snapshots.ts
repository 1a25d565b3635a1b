import type { NodeClient } from '../../client/node-client.ts';
import { printable, quotable } from '../../consensus/quotable.ts';
import { unlessRefused } from '../asking/refusal.ts';
import { UsageError } from '../cli-errors.ts';
import { formatTime, json, orDash } from '../output/output.ts';
import { table } from '../output/table.ts';
import { type CliContext, type ClientFlags, withNode } from './client-context.ts';

/** The snapshot that was taken last, in place of its id. */
const LATEST = 'latest';

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
export async function revertToSnapshot(text: string, flags: ClientFlags, context: CliContext): Promise<void> {
  await withNode(flags, context, async ({ client }) => {
    const id = await snapshotIdOf(text, client);
    const tip = await unlessRefused(`cannot go back to snapshot ${quotable(id)}`, client.revertToSnapshot(id));
    const line = `back to snapshot ${quotable(id)}; the tip is at height ${orDash(tip.height)}, ${orDash(tip.hash)}`;
    context.terminal.print(flags.json ? json({ id, tip }) : line);
  });
}

/** `forklore snapshot drop`: lets the node forget a snapshot, which gives its memory back. */
export async function dropSnapshot(text: string, flags: ClientFlags, context: CliContext): Promise<void> {
  await withNode(flags, context, async ({ client }) => {
    const id = await snapshotIdOf(text, client);
    await unlessRefused(`cannot drop snapshot ${quotable(id)}`, client.dropSnapshot(id));
    context.terminal.print(flags.json ? json({ id }) : `dropped snapshot ${quotable(id)}`);
  });
}

/**
 * The id of the snapshot that is meant: the latest, or the only one whose id begins or ends so; the text itself where none
 * does, since it is for the node to say that it has none. Throws `UsageError` where several are meant.
 */
async function snapshotIdOf(text: string, client: NodeClient): Promise<string> {
  const ids = (await client.snapshots()).map(({ id }) => id);
  if (text === LATEST) return ids.at(-1) ?? text;
  const meant = ids.filter((id) => id.startsWith(text) || id.endsWith(text));
  const [only = text, ...others] = ids.includes(text) ? [text] : meant;
  if (others.length === 0) return only;
  throw new UsageError(`ID "${quotable(text)}" is the beginning or end of ${meant.length} snapshots: give more of it`);
}
