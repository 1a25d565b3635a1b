import { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { systemProblem } from '../../server/process/system-problem.ts';
import {
  decodeStateFile,
  encodeStateFile,
  MAX_STATE_FILE_BYTES,
  type StateFile,
  StateFileError,
} from '../../server/snapshots/state-file.ts';
import { unlessRefused } from '../asking/refusal.ts';
import { downloadSnapshot, uploadSnapshot } from '../asking/state-files.ts';
import { CommandError, UsageError } from '../cli-errors.ts';
import { json, orDash } from '../output/output.ts';
import { type CliContext, type ClientFlags, withNode } from './client-context.ts';

/** Flags of `forklore snapshot save` and `load`. */
export interface SnapshotFileFlags extends Omit<ClientFlags, 'node'> {
  readonly node?: readonly string[];
}

/** `forklore snapshot save`: takes a snapshot of each node, and writes them all to one new file. */
export async function saveSnapshots(path: string, flags: SnapshotFileFlags, context: CliContext): Promise<void> {
  const files: StateFile[] = [];
  for (const one of nodesOf(flags)) {
    await withNode(one, context, async ({ node, client }) => {
      const { id } = await unlessRefused('cannot take a snapshot', client.takeSnapshot());
      const file = await unlessRefused('cannot download the snapshot', downloadSnapshot(node, id));
      files.push(decoded(`the node at ${node.url} gives a state file that cannot be used`, file));
    });
  }
  const [first] = files;
  if (first === undefined) return;
  const other = files.find(({ genesisHash }) => genesisHash !== first.genesisHash);
  if (other !== undefined) throw new CommandError('the nodes are of several networks; a state file is of one');
  const states = files.flatMap((file) => file.states);
  const file = encodeStateFile({ name: first.network, genesis: { hash: first.genesisHash } }, states);
  writeNew(path, file);
  const heights = states.map(({ height }) => height);
  const line = `${path}: ${states.length === 1 ? '1 node' : `${states.length} nodes`}, at height ${heights.join(', ')}`;
  context.terminal.print(flags.json ? json({ file: path, bytes: file.length, heights }) : line);
}

/** `forklore snapshot load`: gives each node its state of a file, and lets it go there. */
export async function loadSnapshots(path: string, flags: SnapshotFileFlags, context: CliContext): Promise<void> {
  const { states, network, genesisHash } = decoded(`FILE ${path}`, readFile(path));
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
      const id = await unlessRefused('the node refuses the state', uploadSnapshot(node, file));
      const tip = await unlessRefused('cannot go to the loaded state', client.revertToSnapshot(id));
      loaded.push({ url: node.url, id, tip });
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

function decoded(what: string, file: Uint8Array): StateFile {
  try {
    return decodeStateFile(file);
  } catch (error) {
    throw error instanceof StateFileError ? new CommandError(`${what}: ${error.message}`) : error;
  }
}

function readFile(path: string): Uint8Array {
  try {
    const { size } = statSync(path);
    if (size > MAX_STATE_FILE_BYTES) throw new UsageError(`FILE ${path} is larger than any state file`);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`FILE: cannot read ${path} (${systemProblem(error)})`);
  }
}

/** Never over a file that exists, which could be the only copy of another state. */
function writeNew(path: string, file: Buffer): void {
  try {
    const descriptor = openSync(path, 'wx');
    try {
      for (let at = 0; at < file.length; ) at += writeSync(descriptor, file, at);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw new CommandError(`FILE: cannot write ${path} (${systemProblem(error)}); nothing was overwritten`);
  }
}
