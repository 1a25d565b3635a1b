import { describe, expect, it } from 'vitest';
import { HashAllowance } from '../../../server/mining/hash-allowance.ts';
import { HashrateMeter } from '../../../server/mining/hashrate-meter.ts';

describe('hash allowance', () => {
  it('never makes anyone wait without a limit', () => {
    const allowance = new HashAllowance();
    allowance.charge(1e12, 0);
    expect(allowance.waitMs(0)).toBe(0);
    expect(allowance.hashesIn(40)).toBe(Number.POSITIVE_INFINITY);
  });

  it('holds the limit exactly over time, whatever the size of the slices', () => {
    const allowance = new HashAllowance();
    allowance.configure(1000);
    let nowMs = 5000;
    let hashes = 0;
    for (let slice = 1; nowMs < 15_000; slice = (slice * 7) % 41) {
      nowMs += allowance.waitMs(nowMs);
      allowance.charge(slice, nowMs);
      hashes += slice;
    }
    expect(hashes).toBeGreaterThan(10_000);
    expect(hashes).toBeLessThan(10_000 + 1000 * 0.05 + 2 * 41);
  });

  it('makes up for a timer that fires late, but not for a long pause', () => {
    const allowance = new HashAllowance();
    allowance.configure(1000);
    allowance.charge(100, 0);
    allowance.charge(100, 70);
    expect(allowance.waitMs(70)).toBe(80);
    allowance.charge(100, 10_000);
    expect(allowance.waitMs(10_000)).toBe(50);
  });

  it('gives back what was not done', () => {
    const allowance = new HashAllowance();
    allowance.configure(1000);
    allowance.charge(500, 0);
    allowance.refund(400);
    expect(allowance.waitMs(0)).toBe(50);
  });
});

describe('hashrate meter', () => {
  it('averages the last two seconds', () => {
    const meter = new HashrateMeter();
    meter.resume(0);
    for (let nowMs = 50; nowMs <= 10_000; nowMs += 50) {
      meter.record(nowMs <= 5000 ? 1000 : 50, nowMs);
    }
    expect(meter.hashesPerSecond(10_000)).toBeGreaterThan(900);
    expect(meter.hashesPerSecond(10_000)).toBeLessThan(1100);
  });

  it('averages since the start when that is nearer', () => {
    const meter = new HashrateMeter();
    meter.resume(60_000);
    meter.record(500, 60_500);
    expect(meter.hashesPerSecond(60_500)).toBe(1000);
  });

  it('forgets everything after a pause of the whole span', () => {
    const meter = new HashrateMeter();
    meter.resume(0);
    meter.record(1_000_000, 100);
    meter.resume(10_000);
    meter.record(300, 10_300);
    expect(meter.hashesPerSecond(10_300)).toBe(1000);
  });

  it('goes on through the short pauses between jobs', () => {
    const meter = new HashrateMeter();
    meter.resume(0);
    meter.record(1000, 1000);
    meter.resume(1100);
    meter.record(1000, 2000);
    expect(meter.hashesPerSecond(2000)).toBeGreaterThan(900);
    expect(meter.hashesPerSecond(2000)).toBeLessThan(1100);
  });
});
