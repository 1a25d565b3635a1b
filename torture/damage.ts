import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SeededRandom } from '../simulator/seeded-random.ts';
import type { Api } from '../test/support/api.ts';
import type { NodeProcess } from '../test/support/processes.ts';
import { untilOneTip } from './agree.ts';
import { demand } from './failure.ts';
import type { Ledger } from './ledger.ts';
import type { Place } from './place.ts';
import { connect } from './scenes.ts';
import { untilListening, Victim } from './victim.ts';
import { until } from './wait.ts';

const PAGE_BYTES = 4096;
const EXIT_DAMAGED = 3;
const DAMAGED_LINE = /^error: data folder \S+ (?:is damaged: .*|has lost its database file.*)\n$/;
const STANDING = '{ tip { hash totalWork } devAccounts { balance } mempool { size } }';
const SETTLE_LIMIT_MS = 30_000;

/** Ways in which a disk spoils a file. */
const DAMAGES = {
  'a flipped byte': spoil((bytes, at) => {
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  }),
  'a page of zeros': spoil((bytes, at) => {
    const start = at - (at % PAGE_BYTES);
    bytes.fill(0, start, start + PAGE_BYTES);
  }),
  'a truncated file': (folder: string, random: SeededRandom) => {
    const path = databaseOf(folder);
    truncateSync(path, Math.floor(random.fraction() * readFileSync(path).length));
  },
  'a flipped byte in the label': (folder: string, random: SeededRandom) => {
    const path = join(folder, 'chain', 'network.json');
    const bytes = readFileSync(path);
    const at = Math.floor(random.fraction() * bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    writeFileSync(path, bytes);
  },
} as const;

export type DamageName = keyof typeof DAMAGES;

/** What damage came to: it did not matter, it was told and could be repaired, or told and beyond repair. */
export interface DamageOutcome {
  readonly damage: DamageName;
  readonly outcome: 'harmless' | 'rebuilt' | 'refused';
}

/**
 * Damages a copy of the folder that a kill left. A node on it either stands exactly where one on the whole folder does,
 * or ends with exit code 3 and one clear line; then `--reindex` rebuilds it to a chain that passes every check, from
 * which it catches up again. Throws `TortureFailure` otherwise.
 * @param ledger what the victim acknowledged
 */
export async function damageCopy(
  victim: Victim,
  ledger: Ledger,
  place: Place,
  name: string,
  random: SeededRandom,
): Promise<DamageOutcome> {
  const copy = new Victim(place, `damaged-${name}`);
  cpSync(victim.folder, copy.folder, { recursive: true });
  const whole = await victim.start();
  const damage = drawDamage(random);
  DAMAGES[damage](copy.folder, random);
  const outcome = await judge(copy, whole, ledger);
  await whole.program.signal('SIGKILL');
  rmSync(copy.folder, { recursive: true });
  return { damage, outcome };
}

async function judge(copy: Victim, whole: NodeProcess, ledger: Ledger): Promise<DamageOutcome['outcome']> {
  const program = copy.spawn();
  const node = await untilListening(program);
  if (node) {
    // Both may have a move before them that the kill broke off.
    const standings = () => Promise.all([standingOf(node.api), standingOf(whole.api)]);
    const what = 'a node on a damaged folder stands where one on the whole folder does';
    await until(what, standings, ([seen, truth]) => seen === truth, SETTLE_LIMIT_MS);
    await program.signal('SIGKILL');
    return 'harmless';
  }
  demandRefusal(await program.finished);
  const rebuilt = copy.spawn({ args: ['--reindex'] });
  const anew = await untilListening(rebuilt);
  if (!anew) {
    demandRefusal(await rebuilt.finished);
    return 'refused';
  }
  // A block that was lost is asked for like any other.
  await connect(anew, whole);
  await untilOneTip([whole, anew], ledger);
  const { code } = await rebuilt.signal('SIGTERM');
  demand(code === 0, `stopped with ${code} after a rebuild`);
  const verified = await copy.verify();
  demand(verified.code === 0, `does not verify after a rebuild:\n${verified.stderr}`);
  return 'rebuilt';
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

/** The database holds nearly all bytes, so nearly all damage is there. */
function drawDamage(random: SeededRandom): DamageName {
  const fraction = random.fraction();
  if (fraction < 0.55) return 'a flipped byte';
  if (fraction < 0.7) return 'a page of zeros';
  return fraction < 0.92 ? 'a truncated file' : 'a flipped byte in the label';
}

function databaseOf(folder: string): string {
  return join(folder, 'chain', 'data.mdb');
}

function spoil(change: (bytes: Buffer, at: number) => void): (folder: string, random: SeededRandom) => void {
  return (folder, random) => {
    const path = databaseOf(folder);
    const bytes = readFileSync(path);
    change(bytes, Math.floor(random.fraction() * bytes.length));
    writeFileSync(path, bytes);
  };
}
