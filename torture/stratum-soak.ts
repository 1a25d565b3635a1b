import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { bitsToTarget } from '../consensus/target.ts';
import { Api } from '../testing/api.ts';
import type { Program } from '../testing/processes.ts';
import { headerValue, NONCE_OFFSET, StratumClient, type StratumJob, u32Hex } from '../testing/stratum-client.ts';
import { demand, TortureFailure } from './failure.ts';
import { Place } from './place.ts';

/** Hashes between two pauses, and their length: the mining programs take a part of one core. */
const SLICE_HASHES = 2_000;
const PAUSE_MS = 20;
/** Time between two transactions, each of which renews the jobs. */
const RENEW_MS = 1_000;
const MS_PER_SECOND = 1_000;
const MS_PER_MINUTE = 60_000;
const USERS = ['Alice.one', 'Bob.two'];
const STALE_JOB = 21;
/** A block takes these slow programs some seconds, so that most jobs are renewed several times. */
const NETWORK = {
  name: 'stratum-soak',
  addressPrefix: 'soak',
  spacingSeconds: 4,
  halfLifeSeconds: 60,
  bits: '0x1f03ffff',
  subsidy: '50',
  halvingInterval: 210_000,
  futureLimitSeconds: 120,
  genesisTime: 1_767_225_600,
  developmentAccounts: true,
};
const SEND = 'mutation { sendFromDevAccount(from: "Carol", to: "Dave", amount: "0.00000001") { __typename } }';
const TIP = '{ blocks(first: 1) { edges { node { height } } } }';
const BLOCK = 'query ($height: Int!) { block(height: $height) { hash } }';

/** A solution that a program found and sent. */
interface Solution {
  readonly hash: string;
  readonly height: number;
  /** Whether a newer job of the same tip had come before it was found. */
  readonly isOfOlderJob: boolean;
  /** Null: it was accepted. */
  readonly refusedWith: number | null;
}

/** What became of all solutions. */
interface Account {
  readonly solutions: number;
  readonly ofOlderJobs: number;
  readonly onChain: number;
  /** Another program's block of the same height had come first. */
  readonly overtaken: number;
}

export interface StratumSoakResult extends Account {
  readonly seconds: number;
  /** Jobs that the programs were told for a tip that they had jobs for. */
  readonly renewals: number;
}

/**
 * Lets two mining programs work on a node whose jobs are renewed each second, and accounts for every solution that they find.
 * After one block a program takes each new job, after the next it stays with its oldest one. Throws `TortureFailure` where a
 * solution was lost: neither on the chain nor overtaken by another one.
 */
export async function stratumSoak(minutes: number, say: (line: string) => void): Promise<StratumSoakResult> {
  const place = Place.make();
  try {
    const program = startNode(place);
    return await Promise.race([work(program, minutes, say), endOf(program)]);
  } finally {
    await place.close();
    place.remove();
  }
}

/** Rejects with what the node said last, when it ends. */
async function endOf(program: Program): Promise<never> {
  const { code, stderr } = await program.finished;
  throw new TortureFailure(`the node ended with ${code}:\n${stderr}`);
}

async function work(program: Program, minutes: number, say: (line: string) => void): Promise<StratumSoakResult> {
  const [, url = ''] = await program.output(/(http:\/\/\S+:\d+)\/graphql/);
  const api = new Api(url);
  const { miner } = await api.query('{ miner { stratum { listens } } }');
  const miners = await Promise.all(USERS.map((user) => StratumClient.mining(miner.stratum.listens, user)));
  const startedMs = performance.now();
  const endMs = startedMs + minutes * MS_PER_MINUTE;
  const found: Solution[] = [];
  await Promise.all([
    ...miners.map((client) => mineUntil(client, endMs, found)),
    renewJobsUntil(api, endMs),
    sayUntil(endMs, () => say(`${found.length} solutions`)),
  ]);
  const seconds = Math.round((performance.now() - startedMs) / MS_PER_SECOND);
  const renewals = miners.reduce((sum, client) => sum + client.renewals, 0);
  const result = { seconds, renewals, ...(await accountFor(api, found)) };
  for (const client of miners) client.close();
  return result;
}

/** For people. */
export function stratumSoakText(result: StratumSoakResult): string {
  const { seconds, renewals, solutions, ofOlderJobs, onChain, overtaken } = result;
  return [
    `${seconds} s; ${renewals} times a program was told a newer job of the same tip.`,
    `${solutions} solutions, ${ofOlderJobs} of them of an older job: ${onChain} are the chain, ${overtaken} were overtaken, none was lost.`,
  ].join('\n');
}

function startNode(place: Place): Program {
  const network = join(place.folder, 'network.json');
  writeFileSync(network, JSON.stringify(NETWORK));
  const alone = ['--ephemeral', '--no-discovery', '--log-level', 'warn'];
  return place.start(['node', '--network', network, ...alone, '--port', '0', '--stratum', '0']);
}

async function mineUntil(program: StratumClient, endMs: number, found: Solution[]): Promise<void> {
  for (let blocks = 0; performance.now() < endMs; ) {
    const stays = blocks % 2 === 1;
    const oldest = await program.job();
    const solution = await searchJob(program, stays ? oldest : (program.newestJob ?? oldest), endMs, stays);
    if (!solution) continue;
    found.push(solution);
    blocks++;
  }
}

/** Null where the time is over, the job is stale, or there is a newer one and the program does not stay. */
async function searchJob(
  program: StratumClient,
  job: StratumJob,
  endMs: number,
  stays: boolean,
): Promise<Solution | null> {
  const target = bitsToTarget(Number.parseInt(job.bits, 16));
  const share = { extraNonce2: program.takeExtraNonce2(), time: job.time, nonce: u32Hex(0) };
  const header = program.headerOf(job, share);
  for (let nonce = 0; performance.now() < endMs; nonce++) {
    header.writeUInt32LE(nonce, NONCE_OFFSET);
    const value = headerValue(header);
    if (value <= target) {
      const isOfOlderJob = program.newestJob !== job;
      const { error } = await program.submit(job, { ...share, nonce: u32Hex(nonce) });
      const hash = value.toString(16).padStart(64, '0');
      return { hash, height: heightOf(job), isOfOlderJob, refusedWith: error?.[0] ?? null };
    }
    if (nonce % SLICE_HASHES !== 0) continue;
    await delay(PAUSE_MS);
    if (!program.hasJob(job) || (!stays && program.newestJob !== job)) return null;
  }
  return null;
}

async function renewJobsUntil(api: Api, endMs: number): Promise<void> {
  while (performance.now() < endMs) {
    // On a busy machine a connection may be closed before it is used again. If the node has ended, that is noticed elsewhere.
    await api.query(SEND).catch(() => {});
    await delay(RENEW_MS);
  }
}

async function sayUntil(endMs: number, say: () => void): Promise<void> {
  while (performance.now() < endMs) {
    await delay(Math.max(0, Math.min(MS_PER_MINUTE, endMs - performance.now())));
    say();
  }
}

async function accountFor(api: Api, found: readonly Solution[]): Promise<Account> {
  const { blocks } = await api.query(TIP);
  const height: number = blocks.edges[0].node.height;
  let onChain = 0;
  for (const solution of found) {
    const { block } = await api.query(BLOCK, { height: solution.height });
    const winner = found.find(({ hash }) => hash === block?.hash);
    const answer = solution.refusedWith ?? 'accepted';
    if (winner === solution) onChain++;
    const isOvertaken = winner !== undefined && winner !== solution && [null, STALE_JOB].includes(solution.refusedWith);
    const isTold = winner === solution && solution.refusedWith === null;
    demand(isOvertaken || isTold, `lost: solution ${solution.hash} of height ${solution.height}, answered ${answer}`);
  }
  demand(onChain === height, `the chain has ${height} blocks, and ${onChain} were found here`);
  const ofOlderJobs = found.filter(({ isOfOlderJob }) => isOfOlderJob).length;
  return { solutions: found.length, ofOlderJobs, onChain, overtaken: found.length - onChain };
}

/** The coinbase begins with its kind, one byte, and the height. */
function heightOf({ coinbase1 }: StratumJob): number {
  return Buffer.from(coinbase1, 'hex').readUInt32LE(1);
}
