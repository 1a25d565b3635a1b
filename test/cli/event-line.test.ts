import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { eventLine } from '../../cli/output/event-line.ts';
import type { NodeEvent, Peer } from '../../client/types.ts';
import { COIN } from '../../consensus/amount.ts';

const plain = picocolors.createColors(false);
const AT = '2026-01-01T00:01:00.000Z';
const hash = (digit: string) => digit.repeat(64);

function textOf(event: object): string {
  const line = eventLine({ cursor: 'c', at: AT, ...event } as NodeEvent, plain, 0);
  expect(line).toMatch(/^\d\d:\d\d:\d\d {2}\S/);
  return line.slice('hh:mm:ss  '.length);
}

describe('the line of an event', () => {
  it('is one of a block', () => {
    const block = { height: 12, hash: hash('a'), transactionCount: 1, reward: 50n * COIN, miner: 'lore1m', time: AT };
    expect(textOf({ __typename: 'BlockEvent', block })).toBe(`block    12  ${hash('a')}  1 transaction, 50 to lore1m`);
  });

  it('is one of a reorg, with the fate of its transactions', () => {
    const reorg = {
      commonAncestor: hash('b'),
      depth: 1,
      disconnected: [hash('c')],
      connected: [hash('d'), hash('e')],
      returnedToMempool: [hash('1')],
      dropped: [],
    };
    expect(textOf({ __typename: 'ReorgEvent', reorg })).toMatch(
      /^reorg {4}1 block disconnected, 2 connected after b+…b+; transactions: 1 back in the mempool, 0 dropped$/,
    );
  });

  it('is one of the mempool, with the first ids', () => {
    const added = ['1', '2', '3', '4'].map(hash);
    const change = { added, removed: [{ id: hash('5'), reason: 'CONFIRMED' }], size: 4 };
    expect(textOf({ __typename: 'MempoolEvent', change })).toMatch(
      /^mempool {2}\+4 \(1+…1+, 2+…2+, 3+…3+, …\), -1 \(5+…5+ confirmed\), 4 in all$/,
    );
  });

  it('is one of peers, of the miner and of catching up', () => {
    const peers = [
      { id: '1', url: 'http://127.0.0.1:1' },
      { id: '2', url: null },
    ] as Peer[];
    expect(textOf({ __typename: 'PeersEvent', peers })).toBe('peers    2 (http://127.0.0.1:1, 2)');
    const miner = { mode: 'ON_TRANSACTION', working: true, hashrate: 1_250_000 };
    expect(textOf({ __typename: 'MinerEvent', miner })).toBe('miner    on-transaction, 1.25 MH/s');
    expect(textOf({ __typename: 'MinerEvent', miner: { ...miner, working: false } })).toBe(
      'miner    on-transaction, at rest',
    );
    const sync = { state: 'BLOCKS', height: 3, targetHeight: 9 };
    expect(textOf({ __typename: 'SyncEvent', sync })).toBe('sync     blocks, height 3 of 9');
  });

  it('tells what is missing', () => {
    expect(textOf({ __typename: 'GapEvent', missed: 12 })).toBe('gap      12 events missing here');
    expect(textOf({ __typename: 'GapEvent', missed: null })).toBe(
      'gap      events are missing here, nobody knows how many',
    );
  });

  it('shows nothing that could move the cursor', () => {
    const block = { height: 1, hash: '\u001b[2K', transactionCount: '\r', reward: 0n, miner: '\u202e', time: AT };
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(textOf({ __typename: 'BlockEvent', block })).not.toMatch(/[\u0000-\u001f\u202e]/);
  });
});
