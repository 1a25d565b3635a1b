import { beforeEach, describe, expect, it } from 'vitest';
import { developmentAccountByName } from '../../../consensus/development-accounts.ts';
import { REGTEST } from '../../../consensus/networks.ts';
import { bitsToTarget, targetToBits } from '../../../consensus/target.ts';
import type { OfferedJob, OfferedSolution } from '../../../protocol/mining-job.ts';
import { ForkloreNode } from '../../../protocol/node.ts';
import { StratumSession } from '../../../server/stratum/session.ts';
import { MAX_OPEN_JOBS } from '../../../server/stratum/stratum-limits.ts';
import { NotStratumError, StratumRefusal } from '../../../server/stratum/stratum-message.ts';
import { MemoryStore } from '../../../simulator/memory-store.ts';
import { coreConfig } from '../../../testing/core-config.ts';
import { jobOf, type ShareFields, type StratumJob, shareValueOf, u32Hex } from '../../../testing/stratum-client.ts';

const EXTRA_NONCE_1 = 'a1b2c3d4';
const USER = 'Alice.rig';
const alice = developmentAccountByName('Alice')?.address ?? '';
const EASIEST = 2 ** -32;
/** A block of it takes 64 hashes on average; a share at the easiest difficulty takes one. */
const SOME_BITS = targetToBits(1n << 250n);

/** Jobs on the genesis block, whose shares are as hard as these bits allow. */
function offeredJob(job: number, bits = REGTEST.limitBits): OfferedJob {
  const store = new MemoryStore(REGTEST);
  const now = { wallMs: 1_800_000_000_000, monotonicMs: 0 };
  const template = new ForkloreNode(coreConfig(), store, store, { u32: () => 1 }, now).template(1_800_000_000);
  return { job, template: { ...template, header: { ...template.header, bits } }, latestTime: 1_800_000_060 };
}

/** A program and its session, without anything between them. */
class Program {
  readonly session: StratumSession;
  readonly solutions: OfferedSolution[] = [];
  readonly jobs: StratumJob[] = [];
  readonly refusedUsers: (string | null)[] = [];
  newest: OfferedJob | null = offeredJob(1);
  difficulty = 0;
  nowMs = 0;
  #answer: unknown;

  constructor() {
    const host = {
      send: (line: string) => this.#onLine(line),
      payeeOf: (name: string) => {
        if (name !== 'Alice') throw new StratumRefusal('unauthorized', `${name} is nobody`);
        return alice;
      },
      onRefusedUser: (user: string | null) => this.refusedUsers.push(user),
      newestJob: () => this.newest && { id: this.newest.job.toString(16), offered: this.newest },
      onSolution: (_: OfferedJob, solution: OfferedSolution) => this.solutions.push(solution),
    };
    this.session = new StratumSession(host, Buffer.from(EXTRA_NONCE_1, 'hex'), this.nowMs);
  }

  /** The result, or `[code, reason, null]`. */
  call(method: string, ...params: unknown[]): unknown {
    this.session.receive(JSON.stringify({ id: 7, method, params }), this.nowMs);
    return this.#answer;
  }

  start(): this {
    this.call('mining.subscribe', 'test/1.0');
    this.call('mining.authorize', USER, 'x');
    return this;
  }

  offer(job: OfferedJob): void {
    this.newest = job;
    this.session.offer(this.nowMs);
  }

  get job(): StratumJob {
    const job = this.jobs.at(-1);
    if (!job) throw new Error('there is no job');
    return job;
  }

  submit(job: StratumJob, { extraNonce2, time, nonce, versionBits }: ShareFields, user = USER): unknown {
    return this.call('mining.submit', user, job.id, extraNonce2, time, nonce, ...(versionBits ? [versionBits] : []));
  }

  /** A share whose hash, as a number, holds this. */
  share(job: StratumJob, holds: (value: bigint) => boolean, changed: Partial<ShareFields> = {}): ShareFields {
    for (let nonce = 0; ; nonce++) {
      const share = { extraNonce2: '00000000', time: job.time, nonce: u32Hex(nonce), ...changed };
      if (holds(shareValueOf(job, EXTRA_NONCE_1, share))) return share;
    }
  }

  #onLine(line: string): void {
    const { id, method, params, result, error } = JSON.parse(line);
    if (method === 'mining.set_difficulty') [this.difficulty] = params;
    else if (method === 'mining.notify') this.jobs.push(jobOf(params, this.difficulty));
    else {
      expect(id).toBe(7);
      this.#answer = error ?? result;
    }
  }
}

const target = bitsToTarget(SOME_BITS);
const isBlock = (value: bigint) => value <= target;
/** A share of the easiest difficulty that is no block. */
const isShare = (value: bigint) => value > target && value < 1n << 255n;

let program: Program;

beforeEach(() => {
  program = new Program();
});

describe('a session begins', () => {
  it('with a subscription and a name, in either order, and then a difficulty and a job', () => {
    const subscription = [
      [
        ['mining.set_difficulty', '1'],
        ['mining.notify', '1'],
      ],
      EXTRA_NONCE_1,
      4,
    ];
    expect(program.call('mining.subscribe', 'test/1.0')).toEqual(subscription);
    expect(program.jobs).toEqual([]);
    expect(program.call('mining.authorize', USER, 'x')).toBe(true);
    expect(program.job).toMatchObject({ id: '1', clean: true, difficulty: EASIEST });
    const other = new Program();
    expect(other.call('mining.authorize', USER, 'x')).toBe(true);
    expect(other.call('mining.subscribe')).toEqual(subscription);
    expect(other.jobs).toHaveLength(1);
  });

  it('with the job that comes later, where there is none yet', () => {
    program.newest = null;
    program.start();
    expect(program.jobs).toEqual([]);
    program.offer(offeredJob(5));
    expect(program.job).toMatchObject({ id: '5', clean: true });
  });

  it.each([
    ['nobody', ['Bob.rig', 'x'], 'Bob is nobody'],
    ['no name', [null, 'x'], 'the user name must be'],
    ['a name with a line in it', ['Alice\n.rig'], 'the user name must be'],
    ['a name that is too long', [`Alice.${'r'.repeat(200)}`], 'the user name must be'],
  ])('not for %s', (_, params, reason) => {
    program.call('mining.subscribe');
    expect(program.call('mining.authorize', ...params)).toEqual([24, expect.stringContaining(reason), null]);
    expect(program.refusedUsers).toEqual([params[0]]);
    expect(program.session.payee).toBeNull();
    expect(program.jobs).toEqual([]);
  });

  it('for one name only', () => {
    program.start();
    expect(program.call('mining.authorize', USER, 'x')).toBe(true);
    expect(program.call('mining.authorize', 'Alice.other', 'x')).toEqual([24, expect.any(String), null]);
    expect(program.session.user).toBe(USER);
  });
});

describe('a share', () => {
  beforeEach(() => {
    program.call('mining.suggest_difficulty', EASIEST);
    program.newest = offeredJob(1, SOME_BITS);
    program.start();
  });

  it('is counted, and only one that meets the target of the network is a block', () => {
    expect(program.submit(program.job, program.share(program.job, isShare))).toBe(true);
    expect(program.solutions).toEqual([]);
    expect(program.submit(program.job, program.share(program.job, isBlock))).toBe(true);
    expect(program.solutions).toHaveLength(1);
    expect(program.session.shares).toEqual({ accepted: 2, stale: 0, refused: 0 });
    expect(program.session.blocks).toBe(1);
  });

  it('is 22 when it comes twice, however it is written', () => {
    const share = program.share(program.job, isBlock, { extraNonce2: 'abcdef01' });
    expect(program.submit(program.job, share)).toBe(true);
    expect(program.submit(program.job, { ...share, extraNonce2: 'ABCDEF01' })).toEqual([22, 'duplicate share', null]);
    expect(program.solutions).toHaveLength(1);
  });

  it('is 22 when it comes again for another job, which may differ in nothing but its time', () => {
    const old = program.job;
    program.offer(offeredJob(2, SOME_BITS));
    const share = program.share(old, isBlock);
    expect(program.submit(old, share)).toBe(true);
    expect(program.submit(program.job, share)).toEqual([22, 'duplicate share', null]);
    expect(program.solutions).toHaveLength(1);
    expect(program.session.blocks).toBe(1);
  });

  it('is 23 when it is too easy', () => {
    program.call('mining.suggest_difficulty', 4 * EASIEST);
    program.offer(offeredJob(2, SOME_BITS));
    const share = program.share(program.job, (value) => value > 0xffffn << 238n);
    expect(program.submit(program.job, share)).toEqual([23, 'low difficulty share', null]);
  });

  it('is valid for a job that a newer one has replaced, and 21 after the tip has changed', () => {
    const old = program.job;
    program.offer(offeredJob(2, SOME_BITS));
    expect(program.job.clean).toBe(false);
    expect(program.submit(old, program.share(old, isShare))).toBe(true);
    program.session.withdraw();
    expect(program.submit(old, program.share(old, isBlock))).toEqual([21, 'job not found', null]);
    program.offer(offeredJob(3, SOME_BITS));
    expect(program.job.clean).toBe(true);
    expect(program.solutions).toEqual([]);
    expect(program.session.shares).toEqual({ accepted: 1, stale: 1, refused: 0 });
  });

  it('is 21 for a job that too many newer ones have followed', () => {
    const old = program.job;
    for (let job = 2; job <= MAX_OPEN_JOBS; job++) program.offer(offeredJob(job, SOME_BITS));
    expect(program.submit(old, program.share(old, isShare))).toBe(true);
    program.offer(offeredJob(MAX_OPEN_JOBS + 1, SOME_BITS));
    expect(program.submit(old, program.share(old, isShare, { extraNonce2: '00000001' }))).toEqual([
      21,
      'job not found',
      null,
    ]);
  });

  it('may advance the time within the bounds of the job', () => {
    const { job } = program;
    const at = (time: number) => program.submit(job, program.share(job, isShare, { time: u32Hex(time) }));
    expect(at(1_800_000_060)).toBe(true);
    expect(at(1_800_000_061)).toEqual([20, 'ntime out of range', null]);
    expect(at(1_799_999_999)).toEqual([20, 'ntime out of range', null]);
  });

  it('may change the bits of the version that were agreed on, and no others', () => {
    const { job } = program;
    const withBits = (versionBits: string) =>
      program.submit(job, program.share(job, isBlock, { versionBits, extraNonce2: versionBits }));
    expect(withBits('00002000')).toEqual([20, expect.stringContaining('version_bits'), null]);
    const values = { 'version-rolling.mask': 'ffff0000', 'version-rolling.min-bit-count': 2 };
    expect(program.call('mining.configure', ['version-rolling', 'minimum-difficulty'], values)).toEqual({
      'version-rolling': true,
      'version-rolling.mask': '1fff0000',
      'minimum-difficulty': false,
    });
    expect(withBits('00002000')).toEqual([20, expect.stringContaining('version_bits'), null]);
    expect(withBits('20000000')).toEqual([20, expect.stringContaining('version_bits'), null]);
    expect(withBits('12340000')).toBe(true);
    expect(program.solutions).toMatchObject([{ version: 0x32340000 }]);
  });

  it.each([
    ['another name', (job: StratumJob) => ['Bob.rig', job.id, '00000000', job.time, '00000000'], 24],
    ['no job', () => [USER, 'ff', '00000000', '00000000', '00000000'], 21],
    ['too few hex digits', (job: StratumJob) => [USER, job.id, '00', job.time, '00000000'], 20],
    ['what is no hex', (job: StratumJob) => [USER, job.id, '0000000g', job.time, '00000000'], 20],
    ['numbers', (job: StratumJob) => [USER, job.id, 0, job.time, 0], 20],
    ['nothing', () => [], 20],
  ])('is refused with %s', (_, params, code) => {
    expect(program.call('mining.submit', ...params(program.job))).toEqual([code, expect.any(String), null]);
  });

  it('is 25 before the subscription, and 24 before the name', () => {
    const other = new Program();
    expect(other.call('mining.submit')).toEqual([25, 'subscribe first', null]);
    other.call('mining.subscribe');
    expect(other.call('mining.submit')).toEqual([24, 'authorize first', null]);
  });
});

describe('the difficulty of shares', () => {
  /** About 65,000 hashes. */
  const bits = targetToBits(1n << 240n);

  it('begins where a share is a block, and falls while none comes', () => {
    program.newest = offeredJob(1, bits);
    program.start();
    expect(program.difficulty).toBe(2 ** -17);
    program.nowMs += 10_000;
    program.offer(offeredJob(2, bits));
    expect(program.difficulty).toBe(2 ** -17);
    program.nowMs += 5_000;
    program.offer(offeredJob(3, bits));
    expect(program.difficulty).toBe(2 ** -21);
  });

  it('rises with many shares, never above that of the network, and counts for the jobs that it was told before', () => {
    program.call('mining.suggest_difficulty', EASIEST);
    program.newest = offeredJob(1, bits);
    program.start();
    const first = program.job;
    const submit = (job: StratumJob, extraNonce2: number) =>
      program.submit(job, program.share(job, isShare, { extraNonce2: u32Hex(extraNonce2) }));
    for (let share = 0; share < 20; share++) expect(submit(first, share)).toBe(true);
    program.nowMs += 1_000;
    program.offer(offeredJob(2, bits));
    expect(program.difficulty).toBe(2 ** -28);
    expect(submit(first, 99)).toBe(true);
    program.call('mining.suggest_difficulty', 1e30);
    program.offer(offeredJob(3, bits));
    expect(program.difficulty).toBe(2 ** -17);
  });

  it('tells how fast a program is', () => {
    program.newest = offeredJob(1, SOME_BITS);
    program.start();
    for (let share = 0; share < 4; share++) {
      program.nowMs += 10_000;
      const extraNonce2 = u32Hex(share);
      expect(program.submit(program.job, program.share(program.job, isBlock, { extraNonce2 }))).toBe(true);
    }
    // Four shares of 2^-27, which are 32 hashes each, in 40 seconds.
    expect(program.session.hashesPerSecond(program.nowMs)).toBeGreaterThan(2.5);
    expect(program.session.hashesPerSecond(program.nowMs)).toBeLessThan(4.5);
    expect(program.session.hashesPerSecond(program.nowMs + 1_200_000)).toBeLessThan(1);
  });

  it.each([[0], [-1], ['x'], [null]])('cannot be asked for as %s', (difficulty) => {
    expect(program.call('mining.suggest_difficulty', difficulty)).toEqual([20, expect.any(String), null]);
  });
});

describe('what is no such protocol', () => {
  it.each([
    ['', 'no JSON'],
    ['{"id":1,"method":"mining.sub', 'no JSON'],
    ['GET / HTTP/1.1', 'no JSON'],
    ['[]', 'without a method'],
    ['null', 'without a method'],
    ['{"id":1,"method":5}', 'without a method'],
    ['{"id":1,"method":"mining.submit","params":{}}', 'no list'],
  ])('%s', (line, reason) => {
    expect(() => program.session.receive(line, 0)).toThrow(NotStratumError);
    expect(() => program.session.receive(line, 0)).toThrow(reason);
  });

  it('but a method that is not known is refused, and the session goes on', () => {
    expect(program.call('mining.get_transactions', 'x')).toEqual([20, expect.any(String), null]);
    expect(program.call('mining.configure', 'x', 5)).toEqual({});
    expect(program.call('mining.configure', ['__proto__', 5])).toEqual(JSON.parse('{"__proto__":false}'));
    expect(program.start().jobs).toHaveLength(1);
  });
});
