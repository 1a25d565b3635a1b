// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import type { NodeEvent } from '../../client/documents.ts';
import type { BlockClaim, TransactionRecord } from '../../dashboard/model/records.ts';
import { Activity, happeningsOf } from '../../dashboard/state/activity.svelte.ts';
import { Chain } from '../../dashboard/state/chain.svelte.ts';
import { Pool } from '../../dashboard/state/pool.svelte.ts';
import { Samples } from '../../dashboard/state/samples.svelte.ts';

const A = { url: 'A', isNamed: true };
const B = { url: 'B', isNamed: true };
const C = { url: 'C', isNamed: true };
/** A node that was only heard of. */
const X = { url: 'X', isNamed: false };

const block = (height: number, name = `b${height}`, prevHash = `b${height - 1}`): BlockClaim => ({
  blockHash: name,
  prevHash,
  height,
  chainWork: BigInt(height),
  work: 1n,
  isInvalid: false,
  body: null,
});
const reporter = (url: string, share = url) => ({ url, share });
const seen = (atMs: number, isInvalid = false) => ({ atMs, from: 'self', isInvalid });
const transaction = (txid: string): TransactionRecord => ({
  txid,
  sender: 's',
  recipient: 'r',
  amount: '1',
  fee: '1',
  nonce: 0n,
  memo: null,
  run: null,
  sizeBytes: 1,
  isQueued: false,
});

describe('the chain of all nodes', () => {
  it('remembers who saw a block when, and forgets what is far below', () => {
    const chain = new Chain();
    chain.add(block(1), A, seen(20));
    chain.add(block(1), B, seen(10));
    chain.publish();
    expect(chain.firstSeenMs('b1')).toBe(10);
    expect([...chain.sightings('b1').keys()]).toEqual(['A', 'B']);
    for (let height = 2; height <= 2_000; height++) chain.add(block(height), A, seen(height));
    chain.add(block(2_000), B, seen(2_000));
    chain.publish();
    expect(chain.size).toBe(600);
    expect(chain.get('b1')).toBeUndefined();
    expect(chain.firstSeenMs('b1')).toBeNull();
    expect(chain.below('b2000', 3).map(({ height }) => height)).toEqual([2_000, 1_999, 1_998]);
    expect(chain.latest(2)).toHaveLength(2);
  });

  it('keeps when a node first saw a block, though it hears of it again', () => {
    const chain = new Chain();
    chain.add(block(1), A, seen(10));
    chain.add(block(1), A, { atMs: 99, from: 'http://peer', isInvalid: true });
    expect(chain.sightings('b1').get('A')).toEqual({ atMs: 10, from: 'self', isInvalid: true });
  });

  it('keeps the body that one node has told of when another has only the header', () => {
    const chain = new Chain();
    const body = { timeMs: 1, difficulty: 1, sizeBytes: 1, miner: 'm', reward: '1', transactionCount: 1 };
    chain.add(block(1), A, seen(1));
    chain.add({ ...block(1), body }, B, seen(2));
    chain.add(block(1), C, seen(3));
    expect(chain.get('b1')?.body).toEqual(body);
  });

  it('takes a block for invalid when every node does that knows it', () => {
    const chain = new Chain();
    chain.add(block(1), A, seen(1, true));
    expect(chain.get('b1')?.isInvalid).toBe(true);
    chain.add(block(1), B, seen(1));
    expect(chain.get('b1')?.isInvalid).toBe(false);
    chain.add(block(1), B, seen(1, true));
    expect(chain.get('b1')?.isInvalid).toBe(true);
  });

  it('computes height and work itself, and refuses what does not follow from the block below', () => {
    const chain = new Chain();
    chain.add(block(1), A, seen(1));
    expect(() => chain.add({ ...block(2), height: 2_000_000_000 }, A, seen(1))).toThrow(RangeError);
    expect(() => chain.add({ ...block(2), chainWork: 10n ** 30n }, A, seen(1))).toThrow(RangeError);
    expect(() => chain.add({ ...block(1), height: 7 }, B, seen(1))).toThrow(RangeError);
    // Below a block that is known, too.
    expect(() => chain.add(block(0, 'b0', 'none'), A, seen(1))).not.toThrow();
    chain.add(block(9, 'b9', 'b8'), A, seen(1));
    expect(() => chain.add({ ...block(5, 'b8', 'b7') }, B, seen(1))).toThrow(RangeError);
    chain.publish();
    expect(chain.size).toBe(3);
  });

  it('lets a node displace only what it told itself, whatever height it claims', () => {
    const chain = new Chain();
    for (let height = 1; height <= 5; height++) chain.add(block(height), A, seen(1));
    chain.add({ ...block(2_000_000_000, 'far', 'nowhere'), chainWork: 10n ** 30n }, B, seen(1));
    chain.publish();
    expect(chain.get('b1')).toBeDefined();
    chain.forget('B');
    chain.publish();
    expect(chain.get('far')).toBeUndefined();
    expect(chain.latest(3).map(({ height }) => height)).toEqual([3, 4, 5]);
  });

  it('shows of a node that was only heard of what builds on blocks of named ones, within bounds', () => {
    const chain = new Chain();
    chain.add(block(2), X, seen(1));
    chain.add({ ...block(2_000_000_000, 'far', 'nowhere'), chainWork: 10n ** 30n }, X, seen(1));
    chain.publish();
    expect(chain.size).toBe(0);
    // The block below comes later: what waited for it is placed.
    chain.add(block(1), A, seen(1));
    chain.publish();
    expect(chain.get('b2')).toBeDefined();
    for (let height = 3; height <= 1_000; height++) chain.add(block(height), X, seen(1));
    chain.publish();
    expect(chain.size).toBe(201);
    expect(chain.latest(1).some(({ height }) => height === 1)).toBe(true);
  });

  it('takes times, bodies and validity of named nodes first', () => {
    const chain = new Chain();
    const body = (miner: string) => ({
      timeMs: 1,
      difficulty: 1,
      sizeBytes: 1,
      miner,
      reward: '1',
      transactionCount: 1,
    });
    chain.add(block(1), A, seen(100_000));
    chain.add({ ...block(1), body: body('false') }, X, seen(5));
    chain.add({ ...block(1), body: body('true') }, B, seen(100_005, true));
    chain.add({ ...block(1), body: body('false again') }, X, seen(5));
    expect(chain.get('b1')).toMatchObject({ body: { miner: 'true' }, isInvalid: false });
    expect(chain.firstSeenMs('b1')).toBe(100_000);
    // It may have been the first, but not by a minute.
    chain.add(block(1), { url: 'Y', isNamed: false }, seen(99_980));
    expect(chain.firstSeenMs('b1')).toBe(99_980);
    chain.add(block(1), A, seen(100_000, true));
    expect(chain.get('b1')?.isInvalid).toBe(true);
  });

  it('shows what was added when it is told to, all at once', () => {
    const chain = new Chain();
    const sizes: number[] = [];
    const stop = $effect.root(() => {
      $effect(() => {
        sizes.push(chain.size);
      });
    });
    flushSync();
    chain.add(block(1), A, seen(1));
    chain.add(block(2), A, seen(2));
    flushSync();
    chain.publish();
    flushSync();
    stop();
    expect(sizes).toEqual([0, 2]);
  });
});

describe('what waits on all nodes', () => {
  it('is known once, with the nodes that have it', () => {
    const pool = new Pool();
    pool.add(transaction('t'), A);
    pool.add(transaction('t'), B);
    pool.add(transaction('u'), B);
    pool.publish();
    expect(pool.size).toBe(2);
    expect([...pool.holders('t')]).toEqual(['A', 'B']);
    expect(pool.pending('A').map(({ txid }) => txid)).toEqual(['t']);
    pool.remove('t', 'A');
    pool.clear('B');
    pool.publish();
    expect(pool.size).toBe(0);
    expect(pool.get('t')?.txid).toBe('t');
  });

  it('shows each holder that comes and goes', () => {
    const pool = new Pool();
    pool.add(transaction('t'), A);
    const first = pool.holders('t');
    pool.add(transaction('t'), B);
    expect([...first]).toEqual(['A']);
    expect([...pool.holders('t')]).toEqual(['A', 'B']);
    const both = pool.holders('t');
    pool.add(transaction('u'), A);
    expect(pool.holders('t')).toBe(both);
  });

  it('is ready when the one before it is, of which no event tells', () => {
    const pool = new Pool();
    const at = (nonce: bigint, isQueued: boolean): TransactionRecord => ({
      ...transaction(`n${nonce}`),
      nonce,
      isQueued,
    });
    pool.add(at(1n, true), A);
    pool.add(at(2n, true), A);
    pool.add(at(4n, true), A);
    pool.add(at(0n, false), A);
    expect(
      pool
        .pending()
        .map(({ txid, isQueued }) => `${txid} ${isQueued}`)
        .sort(),
    ).toEqual(['n0 false', 'n1 false', 'n2 false', 'n4 true']);
  });

  it('has no more of one account ready than a node has, and takes up further ones as blocks confirm them', () => {
    const pool = new Pool();
    const at = (nonce: bigint): TransactionRecord => ({ ...transaction(`n${nonce}`), nonce, isQueued: nonce >= 16n });
    const queued = (): string[] =>
      pool
        .ofSender('s')
        .filter(({ isQueued }) => isQueued)
        .map(({ txid }) => txid);
    for (let nonce = 0n; nonce < 19n; nonce++) pool.add(at(nonce), A);
    expect(queued()).toEqual(['n16', 'n17', 'n18']);
    pool.remove('n0', 'A', 'CONFIRMED');
    pool.remove('n1', 'A', 'CONFIRMED');
    expect(queued()).toEqual(['n18']);
  });

  it('waits again when one before it was dropped, unless another took its place', () => {
    const pool = new Pool();
    const at = (nonce: bigint, txid = `n${nonce}`): TransactionRecord => ({ ...transaction(txid), nonce });
    const states = (): string[] => pool.ofSender('s').map(({ txid, isQueued }) => `${txid} ${isQueued}`);
    for (let nonce = 0n; nonce < 3n; nonce++) pool.add(at(nonce), A);
    pool.add(at(1n, 'other'), A);
    pool.remove('n1', 'A', 'REPLACED');
    expect(states()).toEqual(['n0 false', 'other false', 'n2 false']);
    pool.remove('other', 'A', 'EVICTED');
    expect(states()).toEqual(['n0 false', 'n2 true']);
  });

  it('keeps what named nodes say of it, and little of what others make up', () => {
    const pool = new Pool();
    pool.add(transaction('t'), A);
    pool.add({ ...transaction('t'), amount: '999' }, X);
    expect(pool.get('t')?.amount).toBe('1');
    expect([...pool.holders('t')]).toEqual(['A', 'X']);
    for (let index = 0; index < 2_000; index++) pool.add(transaction(`x${index}`), X);
    expect(pool.size).toBe(501);
    pool.add({ ...transaction('x0'), amount: '2' }, A);
    expect(pool.get('x0')?.amount).toBe('2');
    pool.add(transaction('another'), X);
    expect(pool.size).toBe(502);
    pool.clear('X');
    expect(pool.size).toBe(2);
    expect(pool.get('x1')).toBeUndefined();
  });

  it('is not ready because a node that nobody has named says that the one before it is there', () => {
    const pool = new Pool();
    pool.add({ ...transaction('second'), nonce: 1n, isQueued: true }, A);
    pool.add({ ...transaction('first'), nonce: 0n }, X);
    expect(pool.get('second')?.isQueued).toBe(true);
    pool.add({ ...transaction('first'), nonce: 0n }, A);
    expect(pool.get('second')?.isQueued).toBe(false);
  });

  it('does not grow with all that was ever pending', () => {
    const pool = new Pool();
    for (let index = 0; index < 12_000; index++) {
      pool.add(transaction(String(index)), A);
      pool.remove(String(index), 'A');
      pool.publish();
    }
    expect(pool.get('0')).toBeUndefined();
    expect(pool.get('11999')).toBeDefined();
    expect(pool.size).toBe(0);
  });
});

describe('the activity', () => {
  it('has the latest events, in order of time, also those from before', () => {
    const activity = new Activity();
    activity.add(reporter('A'), 500, { kind: 'connection', change: 'online' });
    const history = [
      {
        __typename: 'BlockEvent',
        cursor: 'c',
        at: new Date(100).toISOString(),
        block: { hash: 'b1', height: 1, miner: 'm', transactionCount: 2, firstSeenFrom: 'self' },
      },
    ] as const;
    activity.addHistory(reporter('A'), history);
    activity.publish(0);
    expect(activity.entries.map(({ atMs }) => atMs)).toEqual([100, 500]);
    for (let index = 0; index < 5_000; index++)
      activity.add(reporter('A'), 1_000 + index, { kind: 'peers', count: index });
    expect(activity.publish(100)).toBe(true);
    expect(activity.entries).toHaveLength(2);
    expect(activity.publish(200)).toBe(false);
    expect(activity.entries).toHaveLength(2_000);
    expect(activity.entries.at(-1)?.atMs).toBe(5_999);
  });

  it('keeps of everybody something, however much one tells', () => {
    const activity = new Activity();
    for (let index = 0; index < 900; index++) activity.add(reporter('A'), index, { kind: 'peers', count: index });
    for (let node = 0; node < 5_000; node++) {
      activity.add(reporter(`X${node}`, 'discovered'), 5_000, { kind: 'peers', count: node });
    }
    activity.publish(0);
    expect(activity.entries).toHaveLength(2_000);
    expect(activity.entries.filter(({ nodeUrl }) => nodeUrl === 'A')).toHaveLength(900);
    expect(activity.entries.at(-1)?.nodeUrl).toBe('X4999');
  });

  it('tells of confirmations by their block only, and not how the miner gets on', () => {
    const base = { cursor: 'c', at: '2026-01-01T00:00:00.000Z' };
    const mempool = {
      ...base,
      __typename: 'MempoolEvent',
      change: {
        added: ['a'],
        size: 1,
        transactions: [],
        removed: [
          { id: 'b', reason: 'CONFIRMED' },
          { id: 'c', reason: 'EXPIRED' },
        ],
      },
    } satisfies NodeEvent;
    expect(happeningsOf(mempool)).toEqual([
      { kind: 'transaction', change: 'added', txid: 'a' },
      { kind: 'transaction', change: 'removed', txid: 'c', reason: 'EXPIRED' },
    ]);
    expect(happeningsOf({ ...base, __typename: 'MinerEvent' } as NodeEvent)).toEqual([]);
  });
});

describe('the samples', () => {
  it('go back half an hour', () => {
    const samples = new Samples();
    for (let index = 0; index < 2_000; index++) samples.add({ atMs: index, pending: 0, hashrate: 0 }, 'a');
    expect(samples.list).toHaveLength(1_800);
    expect(samples.list.at(-1)?.atMs).toBe(1_999);
    samples.add({ atMs: 1, pending: 0, hashrate: 0 }, 'b');
    expect(samples.list).toHaveLength(1);
  });
});
