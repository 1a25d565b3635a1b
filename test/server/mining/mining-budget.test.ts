import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { MiningBudget } from '../../../server/mining/mining-budget.ts';

describe('mining budget', () => {
  it('lends no more slots than it has', () => {
    const budget = MiningBudget.create(2);
    expect([budget.tryAcquire(), budget.tryAcquire(), budget.tryAcquire()]).toEqual([true, true, false]);
    budget.release();
    expect([budget.tryAcquire(), budget.tryAcquire()]).toEqual([true, false]);
  });

  it('is the same for everyone who opens its buffer', () => {
    const budget = MiningBudget.create(1);
    const other = MiningBudget.from(budget.buffer, 1);
    expect(budget.tryAcquire()).toBe(true);
    expect(other.tryAcquire()).toBe(false);
    budget.release();
    expect(other.tryAcquire()).toBe(true);
  });

  it('wakes a member that waits, and lets it go before the one that has just released', async () => {
    const budget = MiningBudget.create(1);
    const other = MiningBudget.from(budget.buffer, 1);
    expect(budget.tryAcquire()).toBe(true);
    const freed = other.whenFree();
    budget.release();
    expect(budget.tryAcquire()).toBe(false);
    await freed;
    expect(other.tryAcquire()).toBe(true);
    await budget.whenFree();
    expect(budget.tryAcquire()).toBe(false);
  });

  it('gives the slot to the one that stood back when nobody takes it', async () => {
    const budget = MiningBudget.create(1);
    const idle = MiningBudget.from(budget.buffer, 1);
    budget.tryAcquire();
    const freed = idle.whenFree();
    budget.release();
    await budget.whenFree();
    expect(budget.tryAcquire()).toBe(true);
    await freed;
  });

  it('wakes members in other threads', async () => {
    const budget = MiningBudget.create(1);
    budget.tryAcquire();
    const source = `
      const { parentPort, workerData } = require('node:worker_threads');
      const words = new Int32Array(workerData);
      parentPort.postMessage('waiting');
      Atomics.wait(words, 0, 0);
      parentPort.postMessage('woken');`;
    const thread = new Worker(source, { eval: true, workerData: budget.buffer });
    const messages: string[] = [];
    await new Promise<void>((resolve) => {
      thread.on('message', (message: string) => {
        messages.push(message);
        budget.release();
      });
      thread.on('exit', () => resolve());
    });
    expect(messages).toEqual(['waiting', 'woken']);
  });

  it('takes back what a dead member held, and nothing else', () => {
    const budget = MiningBudget.create(3);
    const dead = MiningBudget.from(budget.buffer, 1);
    const alive = MiningBudget.from(budget.buffer, 2);
    expect([dead.tryAcquire(), dead.tryAcquire(), alive.tryAcquire()]).toEqual([true, true, true]);
    budget.reclaim(1);
    budget.reclaim(1);
    expect([alive.tryAcquire(), alive.tryAcquire(), alive.tryAcquire()]).toEqual([true, true, false]);
  });

  it('refuses a member that it has no room for', () => {
    expect(() => MiningBudget.from(MiningBudget.create(1).buffer, 254)).toThrow(RangeError);
  });
});
