// What the tests of the store run as a process of its own, to be killed or to end by an exit code.
import { REGTEST } from '../consensus/networks.ts';
import { lockFolder } from '../server/store/folder-lock.ts';
import { reindex } from '../server/store/reindex.ts';
import { Store } from '../server/store/store.ts';
import { StoreError } from '../server/store/store-error.ts';
import { genesisPoint, mineBlock, writesToConnect, writeToDisconnect } from './chain-builder.ts';
import { OWN_KEY } from './user-key.ts';

/** Exit code for a damaged data folder, as the program has it. */
const EXIT_DAMAGED = 3;
/** One in this many steps disconnects a block instead of connecting one. */
const DISCONNECT_EVERY = 5;

const [command = '', directory = ''] = process.argv.slice(2);

function journalTxid(sequence: number): string {
  return sequence.toString(16).padStart(64, '0');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Connects and disconnects blocks and fills the journal for ever; says what was done after each transaction. */
function write(store: Store): void {
  let point = genesisPoint(REGTEST);
  while (point.height < store.height) point = mineBlock(point);
  if (point.block.hash !== store.tip) throw new Error('the stored chain is not the one that was written');
  for (let sequence = store.journal().length; ; sequence++) {
    const isBack = sequence % DISCONNECT_EVERY === DISCONNECT_EVERY - 1;
    const next = isBack && point.parent ? point.parent : mineBlock(point);
    const writes = isBack && point.parent ? [writeToDisconnect(point)] : writesToConnect(next);
    const entry = { txid: journalTxid(sequence), raw: new Uint8Array(2000), receivedMs: sequence, unbroadcast: true };
    store.transaction((apply) => apply([...writes, { kind: 'journal-put', entry }]));
    point = next;
    say(`${sequence} ${point.height} ${point.block.hash}`);
  }
}

/** Writes ever more until the disk refuses; says how many transactions were acknowledged, and the error. */
function fill(store: Store): void {
  for (let sequence = 0; ; sequence++) {
    try {
      const entry = {
        txid: journalTxid(sequence),
        raw: new Uint8Array(100_000),
        receivedMs: sequence,
        unbroadcast: true,
      };
      store.transaction((apply) => apply([{ kind: 'journal-put', entry }]));
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      say(`${sequence} ${error.code} ${error.message}`);
      return;
    }
  }
}

/** Rebuilds the folder, a line for every step forward. */
async function rebuild(): Promise<void> {
  await reindex({ directory, params: REGTEST, onProgress: ({ phase, done }) => say(`${phase} ${done}`) });
}

/** Takes the lock and keeps it: nothing else holds the process. */
async function leave(): Promise<void> {
  lockFolder(directory);
  say('left');
}

async function useStore(): Promise<void> {
  if (command === 'reindex') await rebuild();
  const store = await Store.open({ directory, params: REGTEST, key: OWN_KEY });
  if (command === 'write') write(store);
  if (command === 'fill') fill(store);
  if (command === 'hold') {
    say('held');
    await new Promise((resolve) => process.stdin.once('end', resolve).resume());
  }
  say(`${store.height} ${store.tip}`);
  await store.close();
}

try {
  await (command === 'leave' ? leave() : useStore());
} catch (error) {
  if (!(error instanceof StoreError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.code === 'damaged' ? EXIT_DAMAGED : 1;
}
