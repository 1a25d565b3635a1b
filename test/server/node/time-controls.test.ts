import { afterEach, beforeEach, expect, it } from 'vitest';
import { REGTEST } from '../../../consensus/networks.ts';
import { MAX_CLOCK_MS } from '../../../server/node/node-clock.ts';
import { type LiveNode, startLiveNode } from '../../../testing/live-node.ts';

const MS_PER_SECOND = 1_000;
const GENESIS_MS = REGTEST.genesisTime * MS_PER_SECOND;
const OUT_OF_RANGE = {
  code: 'time-out-of-range',
  message: `the time must be from ${new Date(GENESIS_MS).toISOString()}, that of the genesis block, to 2106-02-07T06:28:15.000Z`,
};
const RESULT = '{ ... on TimeChanged { now } ... on OperationFailed { code message } }';
const INCREASE = `mutation ($seconds: Int!) { increaseTime(seconds: $seconds) ${RESULT} }`;
const SET = `mutation ($at: DateTime!) { setTime(at: $at) ${RESULT} }`;
const SET_NEXT = `mutation ($at: DateTime!) { setNextBlockTime(at: $at) ${RESULT} }`;

let live: LiveNode;

// Its clock stands still, so that answers are exact.
beforeEach(async () => {
  live = await startLiveNode({ deterministic: 'times' });
});

afterEach(() => live.stop());

const isoOf = (ms: number) => new Date(ms).toISOString();

it('the clock can be set to the first and the last time, and to none outside', async () => {
  for (const ms of [GENESIS_MS, MAX_CLOCK_MS])
    expect((await live.api.query(SET, { at: isoOf(ms) })).setTime).toEqual({ now: isoOf(ms) });
  for (const ms of [GENESIS_MS - 1, MAX_CLOCK_MS + 1])
    expect((await live.api.query(SET, { at: isoOf(ms) })).setTime).toEqual(OUT_OF_RANGE);
  expect((await live.api.query('{ nodeInfo { now } }')).nodeInfo.now).toBe(isoOf(MAX_CLOCK_MS));
});

it('time is increased by 0 seconds or more, up to the last time', async () => {
  await live.api.query(SET, { at: isoOf(MAX_CLOCK_MS - MS_PER_SECOND) });
  const nowAfter = async (seconds: number) => (await live.api.query(INCREASE, { seconds })).increaseTime;
  expect(await nowAfter(0)).toEqual({ now: isoOf(MAX_CLOCK_MS - MS_PER_SECOND) });
  expect(await nowAfter(2)).toEqual(OUT_OF_RANGE);
  expect(await nowAfter(1)).toEqual({ now: isoOf(MAX_CLOCK_MS) });
  await expect(nowAfter(-1)).rejects.toThrow('seconds: must be 0 or more; setTime can set the clock back');
});

it('the next block time is later than the median, in range, and refused without effect otherwise', async () => {
  const before = (await live.api.query('{ nodeInfo { now } }')).nodeInfo.now;
  const answerTo = async (ms: number) => (await live.api.query(SET_NEXT, { at: isoOf(ms) })).setNextBlockTime;
  expect(await answerTo(GENESIS_MS)).toMatchObject({ code: 'time-too-old' });
  for (const ms of [GENESIS_MS - 1, MAX_CLOCK_MS + 1]) expect(await answerTo(ms)).toEqual(OUT_OF_RANGE);
  expect((await live.api.query('{ nodeInfo { now } }')).nodeInfo.now).toBe(before);
  const at = GENESIS_MS + 5_000;
  expect(await answerTo(at)).toEqual({ now: isoOf(at) });
  await live.api.query('mutation { mine { __typename } }');
  expect((await live.api.query('{ tip { time } }')).tip.time).toBe(isoOf(at));
});

it('a deterministic node shows the one thread that searches, whatever it is told to use', async () => {
  const { setMining } = await live.api.query('mutation { setMining(mode: OFF, threads: 8) { threads maxThreads } }');
  expect(setMining).toEqual({ threads: 1, maxThreads: 1 });
});
