import { OptionError } from './expected-error.ts';

/**
 * Places at which a process can send itself a signal, if its environment says so at startup: the moments at which a crash
 * is most dangerous. `FORKLORE_FAILPOINT=after-commit:3` kills it the third time that a commit
 * has succeeded; `folder-locked:1:SIGTERM` asks it to stop at its first passing. Nothing outside the process can trigger
 * one, and unarmed they cost one comparison.
 */
export const FAILPOINTS = {
  // Start.
  'program-started': 'signal handlers are installed; nothing else has been done',
  listening: 'the server listens; the data folder has not been opened',
  'folder-prepared': 'the data folder exists',
  'folder-locked': 'the data folder is locked by this process',
  'folder-settled': 'leftovers of an interrupted replacement are removed',
  'chain-created': 'a new chain has its genesis block, but no label yet',
  'chain-labelled': 'a new chain is complete, but not in its place',
  'chain-moved-away': 'the old chain is out of its place, the new one not in it',
  'chain-installed': 'the new chain is in its place, the old one not removed',
  'file-checked': 'the database file is proven to be safe to map',
  'checksum-removed': 'the checksum of the last clean stop is removed',
  'environment-open': 'the database is mapped',
  'store-checked': 'tip, headers and state agree',
  'core-loaded': 'the core has read the chain and the journal',
  'node-started': 'the node is ready',
  // Work.
  'before-commit': 'all writes of an event are done, none is committed',
  'after-commit': 'the writes of an event are on disk, nothing has been announced',
  'amid-effects': 'some of the effects that follow a commit are performed',
  'after-effects': 'all effects of an event are performed',
  'block-connected': 'a block is connected but for the tip, and not committed',
  'block-disconnected': 'a block is disconnected but for the tip, and not committed',
  'between-steps': 'a step of long work is done, the next one has not started',
  // Going back to a snapshot.
  'row-restored': 'one more row is as in the snapshot, and nothing is committed',
  'state-restored': 'the store is as in the snapshot, and no core stands on it yet',
  // Recovery.
  'salvage-opened': 'the readable part of a damaged chain is known',
  'rebuild-created': 'the chain under construction holds its genesis block',
  'rebuild-read': 'the chain under construction holds all bodies',
  'rebuild-advanced': 'some more blocks of the chain under construction are connected',
  'rebuild-closed': 'the rebuilt chain is whole and closed, without a label',
  // Stop.
  'stop-begun': 'the node has been asked to stop',
  'driver-stopped': 'the core has said goodbye',
  'node-closed': 'sockets and threads are closed, the database is not',
  'environment-closed': 'the database is closed, its checksum is not written',
  'checksum-noted': 'the checksum is written, the folder still locked',
  'folder-released': 'the folder is free, the process still lives',
} as const satisfies Record<string, string>;

export type Failpoint = keyof typeof FAILPOINTS;

const VARIABLE = 'FORKLORE_FAILPOINT';
const PATTERN = /^([a-z-]+)(?::([1-9][0-9]{0,8}))?(?::(SIG[A-Z]+))?$/;

interface Armed {
  readonly name: Failpoint;
  readonly signal: NodeJS.Signals;
  /** Passings that are left, the fatal one included. */
  passes: number;
}

const armed = parseFailpoint(process.env[VARIABLE]);

/** Passes a failpoint: nothing happens unless the process was started to be stopped here. */
export function failpoint(name: Failpoint): void {
  if (armed === null || armed.name !== name) return;
  armed.passes--;
  // SIGKILL to oneself is delivered before this returns.
  if (armed.passes === 0) process.kill(process.pid, armed.signal);
}

/** Parses `NAME[:PASSING[:SIGNAL]]`; null where nothing is asked for. Throws `OptionError`. */
export function parseFailpoint(text: string | undefined): Armed | null {
  if (text === undefined || text === '') return null;
  const [, name, passes = '1', signal = 'SIGKILL'] = PATTERN.exec(text) ?? [];
  if (name === undefined || !Object.hasOwn(FAILPOINTS, name)) {
    throw new OptionError(`${VARIABLE} must be a failpoint such as after-commit:3, not "${text}"`);
  }
  return { name: name as Failpoint, passes: Number(passes), signal: signal as NodeJS.Signals };
}
