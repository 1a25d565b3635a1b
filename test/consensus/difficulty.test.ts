import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ActiveTime,
  type AsertInput,
  asertTarget,
  GENESIS_ACTIVE_TIME,
  nextActiveTime,
  requiredBits,
} from '../../consensus/difficulty.ts';
import { LAB, REGTEST } from '../../consensus/networks.ts';
import { bitsToTarget, targetToBits } from '../../consensus/target.ts';
import asertVectors from '../vectors/asert.json' with { type: 'json' };
import './arbitraries.ts';

/** Bitcoin Cash's parameters, with which the algorithm was published. */
const BCH = { spacing: 600n, halfLife: 172_800n, limit: bitsToTarget(0x1d00ffff) };

function bchBits(anchorBits: number, timeDelta: bigint, heightDelta: bigint): number {
  return targetToBits(asertTarget({ ...BCH, anchorTarget: bitsToTarget(anchorBits), timeDelta, heightDelta }));
}

describe('ASERT', () => {
  it('keeps the bits of blocks that are on schedule', () => {
    for (const anchorBits of [0x1d00ffff, 0x1a2b3c4d, 0x01010000]) {
      for (const n of [1n, 2n, 10n, 1_000_000n]) expect(bchBits(anchorBits, 600n * n, n)).toBe(anchorBits);
    }
  });

  it('doubles the target for each half-life behind the schedule and halves it for each ahead', () => {
    expect(bchBits(0x1802aee8, 172_800n + 600n, 1n)).toBe(0x18055dd0);
    expect(bchBits(0x1802aee8, 600n - 172_800n, 1n)).toBe(0x18015774);
    expect(bchBits(0x1802aee8, 600n - 8n * 172_800n, 1n)).toBe(0x1702aee8);
  });

  it('stays between 1 and the limit, however far off the schedule', () => {
    const easiest = { ...BCH, anchorTarget: BCH.limit, heightDelta: 0n };
    for (const timeDelta of [172_800n, 172_800n * 600n, 10n ** 30n]) {
      expect(asertTarget({ ...easiest, timeDelta })).toBe(BCH.limit);
    }
    for (const timeDelta of [-172_800n * 230n, -172_800n * 600n, -(10n ** 30n)]) {
      expect(asertTarget({ ...easiest, timeDelta })).toBe(1n);
    }
  });

  it('approximates 2^x within 0.013 %', () => {
    const anchorTarget = 1n << 200n;
    const limit = 1n << 255n;
    for (let x = 0; x < 65_536; x += 13) {
      // With a half-life of 65536 the time in seconds is the exponent in the algorithm's own fixed point.
      const target = asertTarget({
        anchorTarget,
        timeDelta: BigInt(x),
        heightDelta: 0n,
        spacing: 1n,
        halfLife: 65_536n,
        limit,
      });
      const ratio = Number(target) / Number(anchorTarget) / 2 ** (x / 65_536);
      expect(Math.abs(ratio - 1)).toBeLessThan(0.000_13);
    }
  });

  it('truncates the exponent towards zero on both sides of the schedule', () => {
    const anchorTarget = 1n << 200n;
    const at = (timeDelta: bigint) =>
      asertTarget({ anchorTarget, timeDelta, heightDelta: 0n, spacing: 1n, halfLife: 10n ** 9n, limit: 1n << 255n });
    expect(at(15_258n)).toBe(anchorTarget);
    expect(at(-15_258n)).toBe(anchorTarget);
    expect(at(15_259n)).toBeGreaterThan(anchorTarget);
    expect(at(-15_259n)).toBeLessThan(anchorTarget);
  });

  it('never gets harder with more time', () => {
    const seconds = fc.bigInt({ min: -(10n ** 8n), max: 10n ** 8n });
    fc.assert(
      fc.property(seconds, fc.bigInt({ min: 0n, max: 10n ** 6n }), (timeDelta, more) => {
        const input: AsertInput = { ...BCH, anchorTarget: bitsToTarget(0x1802aee8), timeDelta, heightDelta: 0n };
        expect(asertTarget({ ...input, timeDelta: timeDelta + more })).toBeGreaterThanOrEqual(asertTarget(input));
      }),
    );
  });

  it.each(asertVectors)('gives the bits of vector $name', (run) => {
    const { anchorBits, limitBits } = run;
    for (const [timeDelta, heightDelta, bits] of run.blocks as [number, number, string][]) {
      const target = asertTarget({
        anchorTarget: bitsToTarget(Number(anchorBits)),
        timeDelta: BigInt(timeDelta),
        heightDelta: BigInt(heightDelta),
        spacing: BigInt(run.spacing),
        halfLife: BigInt(run.halfLife),
        limit: bitsToTarget(Number(limitBits)),
      });
      expect(targetToBits(target)).toBe(Number(bits));
    }
  });
});

describe('active time', () => {
  const genesisTime = LAB.genesis.header.time;
  const activeAfter = (...times: number[]) =>
    times.reduce<ActiveTime>((parent, time) => nextActiveTime(parent, genesisTime + time, LAB), GENESIS_ACTIVE_TIME);

  it('is the time since genesis while blocks come', () => {
    expect(activeAfter(10, 25, 30)).toEqual({ clock: 30, active: 30 });
  });

  it('does not go back with a header’s time', () => {
    expect(activeAfter(100, 40, 60)).toEqual({ clock: 100, active: 100 });
    expect(activeAfter(100, 40, 110)).toEqual({ clock: 110, active: 110 });
  });

  it('counts a gap as at most 20 spacings', () => {
    expect(activeAfter(200)).toEqual({ clock: 200, active: 200 });
    expect(activeAfter(201)).toEqual({ clock: 201, active: 200 });
    expect(activeAfter(10, 8 * 3_600, 8 * 3_600 + 10)).toEqual({ clock: 8 * 3_600 + 10, active: 220 });
  });
});

describe('required bits', () => {
  it('are those of genesis while blocks are on schedule or behind', () => {
    expect(requiredBits({ height: 0, active: 0 }, LAB)).toBe(LAB.genesisBits);
    expect(requiredBits({ height: 5, active: 50 }, LAB)).toBe(LAB.genesisBits);
    expect(requiredBits({ height: 5, active: 5_000 }, LAB)).toBe(LAB.limitBits);
  });

  it('are twice as hard when blocks are a half-life ahead', () => {
    expect(requiredBits({ height: 12, active: 0 }, LAB)).toBe(0x1e01ffff);
    expect(requiredBits({ height: 112, active: 1_000 }, LAB)).toBe(0x1e01ffff);
  });

  it('never change where the network does not retarget', () => {
    expect(requiredBits({ height: 1_000_000, active: 3 }, REGTEST)).toBe(0x207fffff);
  });

  it('are four times as hard a minute of haste after a pause of a night', () => {
    // 100 blocks on schedule, eight hours of nothing, then a block each second for a minute.
    let parent = { height: 100, clock: 1_000, active: 1_000 };
    const mine = (gapSeconds: number) => {
      const time = LAB.genesis.header.time + parent.clock + gapSeconds;
      parent = { height: parent.height + 1, ...nextActiveTime(parent, time, LAB) };
    };
    mine(8 * 3_600);
    for (let n = 0; n < 60; n++) mine(1);
    expect(requiredBits(parent, LAB)).toBeLessThan(0x1e00ffff);
  });
});
