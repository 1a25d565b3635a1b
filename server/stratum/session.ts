import type { Address } from '../../consensus/address.ts';
import { bytesToHex } from '../../consensus/hex.ts';
import { bitsToTarget } from '../../consensus/target.ts';
import type { OfferedJob, OfferedSolution } from '../../protocol/mining-job.ts';
import { isWithin } from '../../protocol/offered-jobs.ts';
import { VERSION_ROLLING_MASK } from '../../protocol/template.ts';
import { type NamedJob, notifyParams, u32Hex } from './job-message.ts';
import { EXTRA_NONCE_2_BYTES, readShare, shareValue, solutionOf } from './share.ts';
import {
  type DifficultyExponent,
  hardestExponent,
  ShareDifficulty,
  shareHashes,
  shareTarget,
} from './share-difficulty.ts';
import { ShareMeter } from './share-meter.ts';
import { MAX_EXTENSIONS, MAX_NAME_CHARS, MAX_OPEN_JOBS, MAX_SHARES_REMEMBERED } from './stratum-limits.ts';
import {
  notificationLine,
  parseRequest,
  refusalLine,
  resultLine,
  StratumRefusal,
  type StratumRequest,
} from './stratum-message.ts';

/** Letters, digits and signs of ASCII, without spaces. */
const NAME_PATTERN = /^[\x21-\x7e]+$/;
const HEX_PATTERN = /^[0-9a-fA-F]{1,8}$/;

/** What a session needs of its surroundings. */
export interface SessionHost {
  /** Sends a line. */
  send(line: string): void;
  /**
   * Who is paid, by an address or the name of a development account. Throws `StratumRefusal` where nobody is meant, or where
   * jobs are made for too many already.
   */
  payeeOf(name: string): Address;
  /** A name was refused; null: what was given is no text. */
  onRefusedUser(user: string | null, reason: string): void;
  /** The newest job for this payee; null: there is none now. */
  newestJob(payee: Address): NamedJob | null;
  /** A share is a block. */
  onSolution(job: OfferedJob, solution: OfferedSolution, worker: string): void;
}

/** Shares of one session, by how they were answered. */
export interface ShareCounts {
  readonly accepted: number;
  /** Of a job that was replaced: another tip, or too many newer ones. */
  readonly stale: number;
  /** Everything else that was refused: repeated, too easy, or malformed. */
  readonly refused: number;
}

/** A job that this session has been told. */
interface OpenJob {
  readonly offered: OfferedJob;
  readonly exponent: DifficultyExponent;
}

/**
 * One mining program, as the protocol Stratum v1 sees it: lines in, lines out, without sockets or clocks. Times are monotonic
 * milliseconds.
 */
export class StratumSession {
  readonly #host: SessionHost;
  readonly #extraNonce1: Uint8Array;
  readonly #difficulty = new ShareDifficulty();
  readonly #meter: ShareMeter;
  /** The newest jobs, oldest first, by their ids. */
  readonly #jobs = new Map<string, OpenJob>();
  /** Hashes of its shares on this tip: one header may fit several jobs, which differ in no more than their time. */
  readonly #seen = new Set<string>();
  readonly #counts = { accepted: 0, stale: 0, refused: 0 };
  #program: string | null = null;
  #isSubscribed = false;
  #user: string | null = null;
  #payee: Address | null = null;
  #versionMask = 0;
  #exponent: DifficultyExponent | null = null;
  #blocks = 0;
  /** The next job replaces all that the program has. */
  #isNextClean = true;

  /** @param extraNonce1 4 bytes that no other session has */
  constructor(host: SessionHost, extraNonce1: Uint8Array, nowMs: number) {
    this.#host = host;
    this.#extraNonce1 = extraNonce1;
    this.#meter = new ShareMeter(nowMs);
  }

  /** Name and version that the program gave; null: none. */
  get program(): string | null {
    return this.#program;
  }

  /** The name that it gave: who is paid, and the worker's name behind a dot. Null until it mines. */
  get user(): string | null {
    return this.#user;
  }

  /** Who is paid; null until it mines. */
  get payee(): Address | null {
    return this.#payee;
  }

  get shares(): ShareCounts {
    return { ...this.#counts };
  }

  /** Shares that were blocks. */
  get blocks(): number {
    return this.#blocks;
  }

  /** Difficulty of its shares, as mining programs mean it; null until it has a job. */
  get difficulty(): number | null {
    return this.#exponent === null ? null : 2 ** this.#exponent;
  }

  hashesPerSecond(nowMs: number): number {
    return this.#meter.hashesPerSecond(nowMs);
  }

  /** Handles one line. Throws `NotStratumError` for what no mining program sends. */
  receive(line: string, nowMs: number): void {
    const request = parseRequest(line);
    try {
      this.#host.send(resultLine(request.id, this.#answer(request, nowMs)));
    } catch (error) {
      if (!(error instanceof StratumRefusal)) throw error;
      this.#host.send(refusalLine(request.id, error));
    }
    if (this.#exponent === null) this.offer(nowMs);
  }

  /** Tells the newest job, if the program mines and there is one. */
  offer(nowMs: number): void {
    if (!this.#isSubscribed || this.#payee === null) return;
    const job = this.#host.newestJob(this.#payee);
    if (!job) return;
    const exponent = this.#difficulty.next(hardestExponent(bitsToTarget(job.offered.template.header.bits)), nowMs);
    if (exponent !== this.#exponent) {
      this.#exponent = exponent;
      this.#host.send(notificationLine('mining.set_difficulty', [2 ** exponent]));
    }
    this.#jobs.set(job.id, { offered: job.offered, exponent });
    if (this.#jobs.size > MAX_OPEN_JOBS) deleteOldest(this.#jobs);
    this.#host.send(notificationLine('mining.notify', notifyParams(job, this.#isNextClean)));
    this.#isNextClean = false;
  }

  /** All jobs are stale. */
  withdraw(): void {
    this.#jobs.clear();
    this.#seen.clear();
    this.#isNextClean = true;
  }

  #answer({ method, params }: StratumRequest, nowMs: number): unknown {
    switch (method) {
      case 'mining.configure':
        return this.#configure(params);
      case 'mining.subscribe':
        return this.#subscribe(params);
      case 'mining.authorize':
        return this.#authorize(params);
      case 'mining.submit':
        return this.#submit(params, nowMs);
      case 'mining.suggest_difficulty':
        return this.#suggestDifficulty(params);
      case 'mining.extranonce.subscribe':
        // It never changes, so there is nothing to be told.
        return true;
      default:
        throw new StratumRefusal('other', 'this method is not known here');
    }
  }

  /** BIP 310: `[[extension, …], { "extension.parameter": value, … }]`. */
  #configure([asked, values]: readonly unknown[]): Record<string, unknown> {
    const extensions = Array.isArray(asked) ? asked.slice(0, MAX_EXTENSIONS) : [];
    const answer = new Map<string, unknown>();
    for (const extension of extensions) {
      if (typeof extension !== 'string') continue;
      answer.set(extension, extension === 'version-rolling');
      if (extension !== 'version-rolling') continue;
      this.#versionMask = maskAskedFor(values) & VERSION_ROLLING_MASK;
      answer.set('version-rolling.mask', u32Hex(this.#versionMask));
    }
    return Object.fromEntries(answer);
  }

  #subscribe([program]: readonly unknown[]): unknown {
    if (isName(program)) this.#program = program;
    this.#isSubscribed = true;
    const subscriptions = ['mining.set_difficulty', 'mining.notify'].map((method) => [method, '1']);
    return [subscriptions, bytesToHex(this.#extraNonce1), EXTRA_NONCE_2_BYTES];
  }

  /** Whoever runs the program may not see its answers: the node tells as well why it does not mine. */
  #authorize([user]: readonly unknown[]): boolean {
    try {
      this.#mineAs(user);
      return true;
    } catch (error) {
      if (error instanceof StratumRefusal)
        this.#host.onRefusedUser(typeof user === 'string' ? user : null, error.message);
      throw error;
    }
  }

  /** The password is not looked at: whoever reaches the port may mine. */
  #mineAs(user: unknown): void {
    if (!isName(user)) {
      throw new StratumRefusal(
        'unauthorized',
        `the user name must be 1 to ${MAX_NAME_CHARS} characters without spaces`,
      );
    }
    if (this.#user !== null && this.#user !== user) {
      throw new StratumRefusal('unauthorized', `this connection mines as ${this.#user}: open another one`);
    }
    this.#payee ??= this.#host.payeeOf(payeePartOf(user));
    this.#user = user;
  }

  #suggestDifficulty([difficulty]: readonly unknown[]): boolean {
    if (typeof difficulty !== 'number' || !(difficulty > 0)) {
      throw new StratumRefusal('other', 'a difficulty is a number above 0');
    }
    this.#difficulty.suggest(difficulty);
    return true;
  }

  #submit(params: readonly unknown[], nowMs: number): boolean {
    try {
      this.#acceptShare(params, nowMs);
      return true;
    } catch (error) {
      if (error instanceof StratumRefusal) this.#counts[error.kind === 'staleJob' ? 'stale' : 'refused']++;
      throw error;
    }
  }

  #acceptShare(params: readonly unknown[], nowMs: number): void {
    if (!this.#isSubscribed) throw new StratumRefusal('notSubscribed', 'subscribe first');
    if (this.#user === null) throw new StratumRefusal('unauthorized', 'authorize first');
    const share = readShare(params);
    if (share.worker !== this.#user) throw new StratumRefusal('unauthorized', `this connection mines as ${this.#user}`);
    const job = this.#jobs.get(share.jobId);
    if (!job) throw new StratumRefusal('staleJob', 'job not found');
    const { offered, exponent } = job;
    const solution = solutionOf(share, offered.template, this.#extraNonce1, this.#versionMask);
    if (!isWithin(offered, solution)) throw new StratumRefusal('other', 'ntime out of range');
    const value = shareValue(offered.template, solution);
    if (value > shareTarget(exponent)) throw new StratumRefusal('lowDifficultyShare', 'low difficulty share');
    // The hash stands for everything that was submitted, however it was written.
    const key = value.toString(16);
    if (this.#seen.has(key)) throw new StratumRefusal('duplicateShare', 'duplicate share');
    this.#seen.add(key);
    if (this.#seen.size > MAX_SHARES_REMEMBERED) deleteOldest(this.#seen);
    this.#counts.accepted++;
    this.#difficulty.countShare();
    this.#meter.record(shareHashes(exponent), nowMs);
    if (value > bitsToTarget(offered.template.header.bits)) return;
    this.#blocks++;
    this.#host.onSolution(offered, solution, this.#user);
  }
}

/** The part of a user name before the first dot: no address and no name of an account has one. */
function payeePartOf(user: string): string {
  const [payee = ''] = user.split('.', 1);
  return payee;
}

function maskAskedFor(values: unknown): number {
  if (typeof values !== 'object' || values === null || !('version-rolling.mask' in values)) return VERSION_ROLLING_MASK;
  const mask = values['version-rolling.mask'];
  return typeof mask === 'string' && HEX_PATTERN.test(mask) ? Number.parseInt(mask, 16) : VERSION_ROLLING_MASK;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_NAME_CHARS && NAME_PATTERN.test(value);
}

/** Of a map or set, which keep the order of insertion. */
function deleteOldest(entries: { keys(): Iterator<string>; delete(key: string): boolean }): void {
  const oldest = entries.keys().next();
  if (!oldest.done) entries.delete(oldest.value);
}
