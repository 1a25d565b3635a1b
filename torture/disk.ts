import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { REGTEST } from '../consensus/networks.ts';
import { Store } from '../server/store/store.ts';
import type { Finished, NodeProcess, Program } from '../testing/processes.ts';
import { Acknowledgements } from './acknowledgements.ts';
import { examineFolder } from './compare.ts';
import { connect } from './connect.ts';
import { databaseOf, flipByte } from './damage.ts';
import { demand } from './failure.ts';
import { loadUntilGone, mine } from './load.ts';
import type { Place } from './place.ts';
import { VICTIM_SENDERS } from './scenes.ts';
import { untilListening, Victim } from './victim.ts';
import { pause } from './wait.ts';

/** Under load a node meets the end of its disk in far less. */
const DISK_LIMIT_MS = 60_000;
/** Room beyond what an almost new database takes, in units of `ulimit -f`. */
const ROOM_KIB = 160;
const TMPFS_KIB = 512;
/** Flushes and writes that succeed before one fails. */
const GOOD_CALLS = 60;
const EXIT_FAILED = 1;
const EXIT_DAMAGED = 3;
/** LMDB may say something itself before, without ending its line. */
const REFUSED = /error: cannot (?:write to|use|lock|open) data folder .*\n$/;

export interface DiskOutcome {
  readonly name: DiskTrialName;
  /** What was seen, in a few words; or why this machine cannot show it. */
  readonly outcome: string;
}

/**
 * What disks do to nodes, done to real ones. Each resolves with what was seen, and throws `TortureFailure` where the
 * node went on acknowledging, ended without a reason, or lost something.
 */
export const DISK_TRIALS = {
  'full while running': fullWhileRunning,
  'full at creation': fullAtCreation,
  'full tmpfs': fullTmpfs,
  'flush fails': (place: Place) => failingCall(place, 'fdatasync'),
  'write fails': (place: Place) => failingCall(place, 'pwrite64'),
  'file cut while running': cutWhileRunning,
  'block changed while running': changedWhileRunning,
} as const satisfies Record<string, (place: Place) => Promise<string>>;

export type DiskTrialName = keyof typeof DISK_TRIALS;

/** The node has to end by itself, with a reason. */
async function loadUntilItEnds(node: NodeProcess, acknowledgements: Acknowledgements): Promise<Finished> {
  const load = loadUntilGone(node, VICTIM_SENDERS, acknowledgements);
  await pause(DISK_LIMIT_MS, node.program.finished);
  const isOver = node.program.child.exitCode !== null || node.program.child.signalCode !== null;
  demand(isOver, `still runs after ${DISK_LIMIT_MS} ms with a disk that refuses`);
  await load;
  return await node.program.finished;
}

function demandReason({ code, stderr }: Finished, program: Program): void {
  const isTold = code === EXIT_FAILED && REFUSED.test(stderr);
  demand(isTold, `ended with exit code ${code}, signal ${program.child.signalCode}, and no reason:\n${stderr}`);
}

/** Once there is room again, a node holds all that was acknowledged, and goes on. */
async function demandWhole(victim: Victim, acknowledgements: Acknowledgements): Promise<void> {
  const node = await victim.start();
  await acknowledgements.checkAll(node.api);
  await mine(node, 1, acknowledgements);
  await node.program.signal('SIGTERM');
  await examineFolder(victim.folder, REGTEST);
}

async function fullWhileRunning(place: Place): Promise<string> {
  const { victim, acknowledgements } = await begun(place);
  const sizeKib = Math.ceil(statSync(join(victim.folder, 'chain', 'data.mdb')).size / 1_024);
  const node = await victim.start({
    args: ['--mine', '--mining-threads', '1', '--hashrate-limit', '20'],
    prefix: limited(sizeKib + ROOM_KIB),
  });
  demandReason(await loadUntilItEnds(node, acknowledgements), node.program);
  await demandWhole(victim, acknowledgements);
  return `ended with its reason; ${acknowledgements.transactionCount} transactions kept`;
}

async function fullAtCreation(place: Place): Promise<string> {
  const victim = new Victim(place, 'victim');
  const program = victim.spawn({ prefix: limited(8) });
  demandReason(await program.finished, program);
  await demandWhole(victim, new Acknowledgements());
  return 'refused with its reason; created once there was room';
}

/** A file system of its own in a namespace of its own, that is full at some page of some file. */
async function fullTmpfs(place: Place): Promise<string> {
  const mount = `mount -t tmpfs -o size=${TMPFS_KIB}k tmpfs "$0" && echo mounted && read -r _; umount "$0"`;
  if (spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', place.folder]).status !== 0) {
    return 'not possible here: no mount namespaces';
  }
  const holder = spawn('unshare', ['-rm', 'sh', '-c', mount, place.folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await once(holder.stdout, 'data');
    const inside = ['nsenter', '-t', `${holder.pid}`, '-U', '-m', '--preserve-credentials'];
    const victim = new Victim(place, 'victim');
    const acknowledgements = new Acknowledgements();
    const node = await victim.start({ prefix: inside });
    const ended = await loadUntilItEnds(node, acknowledgements);
    demandReason(ended, node.program);
    const grow = [...inside.slice(1), 'mount', '-o', `remount,size=${16 * TMPFS_KIB}k`, place.folder];
    demand(spawnSync('nsenter', grow).status === 0, 'the file system could not be made larger');
    const again = await victim.start({ prefix: inside });
    await acknowledgements.checkAll(again.api);
    await again.program.signal('SIGTERM');
    return `ended with its reason; ${acknowledgements.transactionCount} transactions kept`;
  } finally {
    holder.stdin.end('\n');
    if (holder.exitCode === null) await once(holder, 'close');
  }
}

/** The system call itself returns EIO, by the hand of a tracer. */
async function failingCall(place: Place, call: 'fdatasync' | 'pwrite64'): Promise<string> {
  const probe = spawnSync('strace', ['-qq', '-o', '/dev/null', '-e', `inject=${call}:error=EIO:when=1000`, 'true']);
  if (probe.status !== 0) return 'not possible here: no strace';
  const { victim, acknowledgements } = await begun(place);
  const inject = `inject=${call}:error=EIO:when=${GOOD_CALLS}+`;
  const prefix = ['strace', '-D', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', inject];
  const node = await victim.start({ prefix });
  demandReason(await loadUntilItEnds(node, acknowledgements), node.program);
  await demandWhole(victim, acknowledgements);
  return `ended with its reason; ${acknowledgements.transactionCount} transactions kept`;
}

/**
 * A file that shrinks under a process that has mapped it ends that process, in the system's own way: nothing can be
 * promised of it but that the next start sees the damage.
 */
async function cutWhileRunning(place: Place): Promise<string> {
  const { victim, acknowledgements } = await begun(place);
  const node = await victim.start();
  const load = loadUntilGone(node, VICTIM_SENDERS, acknowledgements);
  const path = join(victim.folder, 'chain', 'data.mdb');
  truncateSync(path, Math.floor(readFileSync(path).length / 2));
  await pause(1_000, node.program.finished);
  const { code } = await node.program.signal('SIGKILL');
  await load;
  const program = victim.spawn();
  const next = await untilListening(program);
  if (next) await next.program.signal('SIGKILL');
  const refused = await program.finished;
  demand(refused.code === EXIT_DAMAGED, `started on half a file: exit code ${refused.code}\n${refused.stderr}`);
  return `ended by ${code === null ? (node.program.child.signalCode ?? '') : `exit code ${code}`}; refused with exit code 3`;
}

/** A block that changes under a running node is never given to a peer: the node ends where it would read it. */
async function changedWhileRunning(place: Place): Promise<string> {
  const { victim, acknowledgements } = await begun(place);
  const body = await bodyOf(victim, 1);
  const node = await victim.start();
  const path = databaseOf(victim.folder);
  const bytes = readFileSync(path);
  let found = 0;
  for (let at = bytes.indexOf(body); at >= 0; at = bytes.indexOf(body, at + body.length)) {
    flipByte(path, at + body.length - 1);
    found++;
  }
  demand(found > 0, 'a block lies in the file in one piece');
  const peer = await new Victim(place, 'peer').start();
  await connect(peer, node).catch(() => {});
  await pause(DISK_LIMIT_MS, node.program.finished);
  const { code, stderr } = await node.program.signal('SIGKILL');
  demand(code === EXIT_DAMAGED, `served a block that had changed: ended with ${code}\n${stderr}`);
  demand((await peer.api.height()) === 0, 'a peer was given a block that had changed, or one above it');
  const again = await victim.spawn().finished;
  demand(again.code === EXIT_DAMAGED, `started on a changed block: exit code ${again.code}\n${again.stderr}`);
  const { program, api } = await victim.start({ args: ['--reindex'] });
  const lost = await acknowledgements.findLost(api);
  await program.signal('SIGTERM');
  await peer.program.signal('SIGTERM');
  demand(lost.blocks.length === 1, `a rebuild has lost blocks ${lost.blocks}, where one had changed`);
  return 'ended with exit code 3 when asked for it; rebuilt without it';
}

/** A block of a node that has stopped. */
async function bodyOf(victim: Victim, height: number): Promise<Uint8Array> {
  const store = await Store.open({ directory: victim.folder, params: REGTEST });
  try {
    const hash = store.hashAtHeight(height);
    const body = hash === undefined ? undefined : store.body(hash);
    demand(body !== undefined, `there is a block at height ${height}`);
    return body.slice();
  } finally {
    await store.close();
  }
}

/** A victim with a few blocks, that has stopped. */
async function begun(place: Place): Promise<{ victim: Victim; acknowledgements: Acknowledgements }> {
  const victim = new Victim(place, 'victim');
  const acknowledgements = new Acknowledgements();
  const node = await victim.start();
  await mine(node, 20, acknowledgements);
  await node.program.signal('SIGTERM');
  return { victim, acknowledgements };
}

/** No file may grow beyond this. */
function limited(kib: number): string[] {
  return ['bash', '-c', `ulimit -f ${kib}; exec "$0" "$@"`];
}
