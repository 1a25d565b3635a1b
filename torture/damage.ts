import { closeSync, cpSync, openSync, readFileSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { SeededRandom } from '../simulator/seeded-random.ts';
import type { Api } from '../testing/api.ts';
import type { NodeProcess } from '../testing/processes.ts';
import type { Acknowledgements, Lost } from './acknowledgements.ts';
import { untilOneTip } from './agree.ts';
import { connect } from './connect.ts';
import { demand } from './failure.ts';
import type { Place } from './place.ts';
import { untilListening, Victim } from './victim.ts';
import { until } from './wait.ts';

const PAGE_BYTES = 4096;
/** A pending transaction takes no less of a page: signature, key, and id already do. */
const MIN_PENDING_BYTES = 128;
/** The bit that is flipped of a byte: it keeps most text readable. */
const FLIPPED_BIT = 0x10;
const EXIT_DAMAGED = 3;
const DAMAGED_LINE = /^error: data folder \S+ (?:is damaged: .*|has lost its database file.*)\n$/;
const NOTHING = { blocks: 0, transactions: 0 };
const STANDING = '{ tip { hash totalWork } devAccounts { balance } mempool { size } }';
const SETTLE_LIMIT_MS = 30_000;

/** Ways in which a disk spoils a file. */
const DAMAGES = {
  'a flipped byte': (folder: string, random: SeededRandom) => {
    const path = databaseOf(folder);
    flipByte(path, drawPlace(path, random));
  },
  'a page of zeros': (folder: string, random: SeededRandom) => {
    const path = databaseOf(folder);
    const at = drawPlace(path, random);
    overwrite(path, at - (at % PAGE_BYTES), Buffer.alloc(PAGE_BYTES));
  },
  'a truncated file': (folder: string, random: SeededRandom) => {
    const path = databaseOf(folder);
    truncateSync(path, drawPlace(path, random));
  },
  'a flipped byte in the label': (folder: string, random: SeededRandom) => {
    const path = join(folder, 'chain', 'network.json');
    flipByte(path, drawPlace(path, random));
  },
} as const;

export type DamageName = keyof typeof DAMAGES;

/** Pending transactions that may go with it where no block does: those of a page, of the rest of the file, or none. */
const MAX_LOST: Readonly<Record<DamageName, number>> = {
  'a flipped byte': Math.floor(PAGE_BYTES / MIN_PENDING_BYTES),
  'a page of zeros': Math.floor(PAGE_BYTES / MIN_PENDING_BYTES),
  'a truncated file': Number.POSITIVE_INFINITY,
  'a flipped byte in the label': 0,
};

/** The database holds nearly all bytes, so nearly all damage is there. */
const SHARES: readonly (readonly [DamageName, share: number])[] = [
  ['a flipped byte', 0.55],
  ['a page of zeros', 0.15],
  ['a truncated file', 0.22],
  ['a flipped byte in the label', 0.08],
];

/** What damage came to: it hit only what was not in use, it was told and could be repaired, or told and beyond repair. */
export interface DamageOutcome {
  readonly damage: DamageName;
  readonly outcome: 'harmless' | 'rebuilt' | 'refused';
  /** What a rebuilt folder did not hold of what had been acknowledged. */
  readonly lost: { readonly blocks: number; readonly transactions: number };
}

/**
 * Damages a copy of the folder that a kill left. A node on it either stands exactly where one on the whole folder does,
 * on a folder that passes every check, or ends with exit code 3 and one clear line; then `--reindex` rebuilds it to a
 * chain that passes every check, from which it catches up again. What that has lost is no more than what was hit.
 * Throws `TortureFailure` otherwise.
 * @param acknowledgements what the victim acknowledged
 */
export async function damageCopy(
  victim: Victim,
  acknowledgements: Acknowledgements,
  place: Place,
  name: string,
  random: SeededRandom,
): Promise<DamageOutcome> {
  const copy = new Victim(place, `damaged-${name}`);
  cpSync(victim.folder, copy.folder, { recursive: true });
  const whole = await victim.start();
  const damage = drawDamage(random);
  DAMAGES[damage](copy.folder, random);
  const { outcome, lost } = await judge(copy, whole, acknowledgements, damage);
  await whole.program.signal('SIGKILL');
  rmSync(copy.folder, { recursive: true });
  return { damage, outcome, lost };
}

async function judge(
  copy: Victim,
  whole: NodeProcess,
  acknowledgements: Acknowledgements,
  damage: DamageName,
): Promise<Pick<DamageOutcome, 'outcome' | 'lost'>> {
  const program = copy.spawn();
  const node = await untilListening(program);
  if (node) {
    // Both may have a move before them that the kill broke off.
    const standings = () => Promise.all([standingOf(node.api), standingOf(whole.api)]);
    const what = 'a node on a damaged folder stands where one on the whole folder does';
    await until(what, standings, ([seen, truth]) => seen === truth, SETTLE_LIMIT_MS);
    await acknowledgements.checkAll(node.api);
    await program.signal('SIGKILL');
    // Nothing that is in use was hit, however old: what a start does not find may be served.
    await demandVerified(copy, 'is damaged, which its start did not find');
    return { outcome: 'harmless', lost: NOTHING };
  }
  demandRefusal(await program.finished);
  const rebuilt = copy.spawn({ args: ['--reindex'] });
  const again = await untilListening(rebuilt);
  if (!again) {
    demandRefusal(await rebuilt.finished);
    return { outcome: 'refused', lost: NOTHING };
  }
  // Before anybody is there who could give it back.
  const lost = await acknowledgements.findLost(again.api);
  demandLittleLost(damage, lost);
  // A block that was lost is asked for like any other.
  await connect(again, whole);
  await untilOneTip([whole, again], acknowledgements);
  const { code } = await rebuilt.signal('SIGTERM');
  demand(code === 0, `stopped with ${code} after a rebuild`);
  await demandVerified(copy, 'does not verify after a rebuild');
  return { outcome: 'rebuilt', lost: { blocks: lost.blocks.length, transactions: lost.transactions.length } };
}

/**
 * What is lost was hit itself, or stands in or above a block that was hit. Throws `TortureFailure` with the parts that
 * are lost otherwise.
 */
function demandLittleLost(damage: DamageName, { isBehind, blocks, transactions }: Lost): void {
  const parts = `${isBehind ? 'stands on less work' : 'stands as before'}, blocks ${blocks}, transactions ${transactions}`;
  const max = MAX_LOST[damage];
  if (max === 0) demand(!isBehind && blocks.length === 0, `${damage} must not lose a block: ${parts}`);
  demand(isBehind || transactions.length <= max, `${damage} can have hit ${max} pending transactions: ${parts}`);
}

async function demandVerified(victim: Victim, complaint: string): Promise<void> {
  const { code, stderr } = await victim.verify();
  demand(code === 0, `${complaint}: forklore verify ended with ${code}\n${stderr}`);
}

function demandRefusal({ code, stderr }: { code: number | null; stderr: string }): void {
  demand(
    code === EXIT_DAMAGED && DAMAGED_LINE.test(stderr),
    `a damaged folder ended with exit code ${code}:\n${stderr}`,
  );
}

/** Tip, balances and what is pending. */
async function standingOf(api: Api): Promise<string> {
  return JSON.stringify(await api.query(STANDING));
}

function drawDamage(random: SeededRandom): DamageName {
  let rest = random.fraction();
  for (const [name, share] of SHARES) {
    rest -= share;
    if (rest < 0) return name;
  }
  return 'a flipped byte';
}

/** The file that holds the chain of a data folder. */
export function databaseOf(folder: string): string {
  return join(folder, 'chain', 'data.mdb');
}

/** Flips a bit of the byte there. What a running process has mapped of the file changes with it. */
export function flipByte(path: string, at: number): void {
  overwrite(path, at, Buffer.of((readFileSync(path)[at] ?? 0) ^ FLIPPED_BIT));
}

function overwrite(path: string, at: number, bytes: Buffer): void {
  const fd = openSync(path, 'r+');
  try {
    writeSync(fd, bytes, 0, bytes.length, at);
  } finally {
    closeSync(fd);
  }
}

/** Some place in a file. */
function drawPlace(path: string, random: SeededRandom): number {
  return Math.floor(random.fraction() * statSync(path).size);
}
