import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** The answer to a call. */
export interface StratumAnswer {
  readonly result: unknown;
  /** `[code, reason, details]`, or null. */
  readonly error: readonly [number, string, unknown] | null;
}

/** A job, as `mining.notify` told it. */
export interface StratumJob {
  readonly id: string;
  readonly prevHash: string;
  readonly coinbase1: string;
  readonly coinbase2: string;
  readonly branch: readonly string[];
  readonly version: string;
  readonly bits: string;
  readonly time: string;
  readonly clean: boolean;
  /** That was in force when it came. */
  readonly difficulty: number;
}

/** What a share changes in a job, each eight hex digits. */
export interface ShareFields {
  readonly extraNonce2: string;
  readonly time: string;
  readonly nonce: string;
  readonly versionBits?: string;
}

interface Message {
  readonly id: number | null;
  readonly method?: string;
  readonly params?: readonly unknown[];
  readonly result?: unknown;
  readonly error?: StratumAnswer['error'];
}

const NONCES = 2 ** 32;
/** Jobs that it works on: the newest of this tip. */
const MAX_JOBS = 8;
/** The nonce is the last field of a header. */
export const NONCE_OFFSET = 76;
const HASH_SPACE = 1n << 256n;
const DIFFICULTY_1_TARGET = 0xffffn << 208n;

/**
 * A mining program of Bitcoin's kind, small and slow. It knows the protocol Stratum and Bitcoin's header, and uses nothing of
 * Forklore, so that what it mines shows what any such program could.
 */
export class StratumClient {
  readonly #socket: Socket;
  readonly #calls = new Map<number, (answer: StratumAnswer) => void>();
  readonly #jobs: StratumJob[] = [];
  #onJob: (() => void) | null = null;
  #rest = '';
  #lastId = 0;
  #renewals = 0;
  #difficulty = 0;
  #extraNonce1 = '';
  #nextExtraNonce2 = 0;
  #user = '';
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#onData(String(chunk)));
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => socket.on('close', () => resolve()));
  }

  /**
   * Opens a connection, which has said nothing yet.
   * @param address `HOST:PORT`
   * @param localAddress another one of this machine, such as 127.0.0.2
   */
  static open(address: string, localAddress = '127.0.0.1'): Promise<StratumClient> {
    const [host, port] = address.split(':');
    return new Promise((resolve, reject) => {
      const socket = connect({ port: Number(port), host, localAddress }, () => resolve(new StratumClient(socket)));
      socket.once('error', reject);
    });
  }

  /** Opens one that mines. */
  static async mining(address: string, user: string, localAddress?: string): Promise<StratumClient> {
    const client = await StratumClient.open(address, localAddress);
    await client.subscribe();
    const { error } = await client.authorize(user);
    if (error) throw new Error(error[1]);
    return client;
  }

  get difficulty(): number {
    return this.#difficulty;
  }

  get socket(): Socket {
    return this.#socket;
  }

  /** Jobs that came and left the earlier ones valid. */
  get renewals(): number {
    return this.#renewals;
  }

  /** The newest job; null: none has come. */
  get newestJob(): StratumJob | null {
    return this.#jobs.at(-1) ?? null;
  }

  /** Resolves with the oldest job of which this holds, at once if it has come. */
  async jobWhere(holds: (job: StratumJob) => boolean): Promise<StratumJob> {
    for (;;) {
      const job = this.#jobs.find(holds);
      if (job) return job;
      await new Promise<void>((resolve) => (this.#onJob = resolve));
    }
  }

  job(): Promise<StratumJob> {
    return this.jobWhere(() => true);
  }

  call(method: string, params: readonly unknown[]): Promise<StratumAnswer> {
    this.#lastId++;
    const id = this.#lastId;
    this.#socket.write(`${JSON.stringify({ id, method, params })}\n`);
    return new Promise((resolve) => this.#calls.set(id, resolve));
  }

  async subscribe(): Promise<StratumAnswer> {
    const answer = await this.call('mining.subscribe', ['test/1.0']);
    if (Array.isArray(answer.result)) this.#extraNonce1 = String(answer.result[1]);
    return answer;
  }

  authorize(user: string): Promise<StratumAnswer> {
    this.#user = user;
    return this.call('mining.authorize', [user, 'x']);
  }

  submit(job: StratumJob, share: ShareFields): Promise<StratumAnswer> {
    const { extraNonce2, time, nonce, versionBits } = share;
    const rolled = versionBits === undefined ? [] : [versionBits];
    return this.call('mining.submit', [this.#user, job.id, extraNonce2, time, nonce, ...rolled]);
  }

  /**
   * Searches for a share whose hash, as a number, holds this: at most the target of the job's difficulty, unless said
   * otherwise. Every search has an extra nonce of its own.
   */
  solve(
    job: StratumJob,
    {
      holds = (value: bigint) => value <= targetOf(job.difficulty),
      ...changed
    }: Partial<ShareFields> & {
      holds?: (value: bigint) => boolean;
    } = {},
  ): ShareFields {
    const first = { extraNonce2: this.takeExtraNonce2(), time: job.time, nonce: u32Hex(0), ...changed };
    const header = this.headerOf(job, first);
    for (let nonce = 0; nonce < NONCES; nonce++) {
      header.writeUInt32LE(nonce, NONCE_OFFSET);
      if (holds(headerValue(header))) return { ...first, nonce: u32Hex(nonce) };
    }
    throw new Error('no nonce solves this job');
  }

  /** The 80 bytes that are hashed for a share. */
  headerOf(job: StratumJob, share: ShareFields): Buffer {
    return headerOf(job, this.#extraNonce1, share);
  }

  /** Whether a job is one that it still works on. */
  hasJob(job: StratumJob): boolean {
    return this.#jobs.includes(job);
  }

  /** Of this connection; each call gives another one. */
  takeExtraNonce2(): string {
    this.#nextExtraNonce2++;
    return u32Hex(this.#nextExtraNonce2);
  }

  close(): void {
    this.#socket.destroy();
  }

  #onData(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#onMessage(JSON.parse(line));
  }

  #onMessage({ id, method, params = [], result, error }: Message): void {
    if (method === 'mining.set_difficulty') this.#difficulty = Number(params[0]);
    else if (method === 'mining.notify') this.#onNotify(params);
    else if (id !== null) {
      this.#calls.get(id)?.({ result, error: error ?? null });
      this.#calls.delete(id);
    }
  }

  #onNotify(params: readonly unknown[]): void {
    const job = jobOf(params, this.#difficulty);
    if (job.clean) this.#jobs.length = 0;
    else this.#renewals++;
    this.#jobs.push(job);
    if (this.#jobs.length > MAX_JOBS) this.#jobs.shift();
    this.#onJob?.();
    this.#onJob = null;
  }
}

/** What `mining.notify` tells. */
export function jobOf(params: readonly unknown[], difficulty: number): StratumJob {
  const [id, prevHash, coinbase1, coinbase2, branch, version, bits, time, clean] = params as [
    ...[string, string, string, string],
    string[],
    ...[string, string, string],
    boolean,
  ];
  return { id, prevHash, coinbase1, coinbase2, branch, version, bits, time, clean, difficulty };
}

/** The 80 bytes that are hashed: Bitcoin's header. */
export function headerOf(job: StratumJob, extraNonce1: string, share: ShareFields): Buffer {
  const coinbase = hex(job.coinbase1 + extraNonce1 + share.extraNonce2 + job.coinbase2);
  const root = job.branch.reduce((node, right) => hash(Buffer.concat([node, hex(right)])), hash(coinbase));
  const version = Number.parseInt(job.version, 16) | Number.parseInt(share.versionBits ?? '0', 16);
  const words = [u32Hex(version), job.prevHash, null, share.time, job.bits, share.nonce];
  return Buffer.concat(words.map((word) => (word === null ? root : hex(word).swap32())));
}

/** The hash of a share's header, as the number that is compared with a target. */
export function shareValueOf(job: StratumJob, extraNonce1: string, share: ShareFields): bigint {
  return headerValue(headerOf(job, extraNonce1, share));
}

/** The hash of a header, as the number that is compared with a target. */
export function headerValue(header: Uint8Array): bigint {
  return BigInt(`0x${hash(header).reverse().toString('hex')}`);
}

/** The greatest hash of a share of this difficulty. */
export function targetOf(difficulty: number): bigint {
  const target = (DIFFICULTY_1_TARGET << 64n) / BigInt(Math.round(difficulty * 2 ** 64));
  return target < HASH_SPACE ? target : HASH_SPACE - 1n;
}

export function u32Hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}

function hash(bytes: Uint8Array): Buffer {
  const once = createHash('sha256').update(bytes).digest();
  return createHash('sha256').update(once).digest();
}
