import { readStateFile } from '../../server/snapshots/read-state-file.ts';
import { decodeStateFile, encodeStateFile, type StateFile, StateFileError } from '../../server/snapshots/state-file.ts';
import { writeStateFile } from '../../server/snapshots/write-state-file.ts';
import { unlessRefused } from '../asking/refusal.ts';
import { CommandError, UsageError } from '../cli-errors.ts';
import { json, orDash } from '../output/output.ts';
import { type CliContext, type ClientFlags, withNode } from './client-context.ts';

/** Flags of `forklore snapshot save` and `load`. */
export interface SnapshotFileFlags extends Omit<ClientFlags, 'node'> {
  readonly node?: readonly string[];
}

/** Flags of `forklore snapshot save`. */
export interface SaveFlags extends SnapshotFileFlags {
  readonly overwrite?: boolean;
}

/** `forklore snapshot save`: takes a snapshot of each node, and writes them all to one file. */
export async function saveSnapshots(path: string, flags: SaveFlags, context: CliContext): Promise<void> {
  const files: StateFile[] = [];
  for (const one of nodesOf(flags)) {
    await withNode(one, context, async ({ node, client }) => {
      const { id } = await unlessRefused('cannot take a snapshot', client.takeSnapshot());
      const file = await unlessRefused('cannot download the snapshot', client.downloadSnapshot(id)).finally(() =>
        // The node keeps a limited number, and the file holds it now.
        client.dropSnapshot(id),
      );
      const unusable = `the node at ${node.url} gives a state file that cannot be used`;
      files.push(explained(unusable, () => decodeStateFile(file)));
    });
  }
  const [first, ...others] = files;
  if (first === undefined) return;
  const overwriting = { overwrite: flags.overwrite ?? false, option: '--overwrite' };
  const bytes = explained(`FILE ${path}`, () => writeStateFile(path, [first, ...others], overwriting));
  const states = files.flatMap((file) => file.states);
  const heights = states.map(({ height }) => height);
  const line = `${path}: ${states.length === 1 ? '1 node' : `${states.length} nodes`}, at height ${heights.join(', ')}`;
  context.terminal.print(flags.json ? json({ file: path, bytes, heights }) : line);
}

/** `forklore snapshot load`: gives each node its state of a file, and lets it go there. */
export async function loadSnapshots(path: string, flags: SnapshotFileFlags, context: CliContext): Promise<void> {
  const { states, network, genesisHash } = explained(`FILE ${path}`, () => readStateFile(path));
  const nodes = nodesOf(flags);
  if (states.length !== nodes.length) {
    throw new UsageError(`FILE ${path} holds ${states.length} nodes: name as many by --node, in the order of the file`);
  }
  const loaded: object[] = [];
  for (const [index, one] of nodes.entries()) {
    const state = states[index];
    if (state === undefined) continue;
    const file = encodeStateFile({ name: network, genesis: { hash: genesisHash } }, [state]);
    await withNode(one, context, async ({ node, client }) => {
      const { id } = await unlessRefused('the node refuses the state', client.uploadSnapshot(file));
      const tip = await unlessRefused('cannot go to the loaded state', client.revertToSnapshot(id)).finally(() =>
        // The node keeps a limited number, and the file has it.
        client.dropSnapshot(id),
      );
      loaded.push({ url: node.url, tip });
      if (flags.json) return;
      context.terminal.print(`${node.url} is at height ${orDash(tip.height)}, ${orDash(tip.hash)}`);
    });
  }
  if (flags.json) context.terminal.print(json(loaded));
}

/** The flags for each node; without any, those for the usual one. */
function nodesOf({ node, ...others }: SnapshotFileFlags): ClientFlags[] {
  return node === undefined ? [others] : node.map((each) => ({ ...others, node: each }));
}

/** What this gives; its `StateFileError` says which file it is about. */
function explained<T>(what: string, give: () => T): T {
  try {
    return give();
  } catch (error) {
    if (!(error instanceof StateFileError)) throw error;
    const message = `${what}: ${error.message}`;
    throw error.kind === 'usage' ? new UsageError(message) : new CommandError(message);
  }
}
