import { describe, expect, it } from 'vitest';
import { EventContext } from '../../protocol/event-context.ts';
import { makePeer } from '../../protocol/peer.ts';
import { SeededRandom } from '../../simulator/seeded-random.ts';

function contextAt(monotonicMs: number): EventContext {
  return new EventContext(new SeededRandom(1), instantAt(monotonicMs));
}

function instantAt(monotonicMs: number) {
  return { wallMs: 0, monotonicMs };
}

function peerNamed(peer: string) {
  return makePeer({ peer, direction: 'inbound', address: peer, host: peer, loopback: false }, instantAt(0));
}

describe('alarms', () => {
  it('ring once when their time has come, earliest first, and of the same time in the order in which they were set', () => {
    const context = contextAt(0);
    const rung: string[] = [];
    const [a, b, c] = ['a', 'b', 'c'].map((name) => context.alarm(() => rung.push(name)));
    c!.set(20);
    b!.set(10);
    a!.set(10);
    context.now = instantAt(19);
    context.ringAlarms();
    expect(rung).toEqual(['b', 'a']);
    context.now = instantAt(20);
    context.ringAlarms();
    context.ringAlarms();
    expect(rung).toEqual(['b', 'a', 'c']);
  });

  it('are replaced by a new setting, unless an earlier one is to stay', () => {
    const context = contextAt(0);
    let rung = 0;
    const alarm = context.alarm(() => rung++);
    alarm.set(10);
    alarm.set(30);
    alarm.ensure(20);
    alarm.ensure(40);
    context.now = instantAt(19);
    context.ringAlarms();
    expect(rung).toBe(0);
    context.now = instantAt(20);
    context.ringAlarms();
    expect(rung).toBe(1);
  });

  it('may be set again while they ring, for a later event', () => {
    const context = contextAt(0);
    let rung = 0;
    const alarm = context.alarm(() => {
      rung++;
      alarm.set(0);
    });
    alarm.set(0);
    context.ringAlarms();
    expect(rung).toBe(1);
    context.ringAlarms();
    expect(rung).toBe(2);
  });

  it('of one peer are set and cleared without touching those of another', () => {
    const context = contextAt(0);
    const rung: string[] = [];
    const alarm = context.peerAlarm(({ id }) => rung.push(id));
    const [one, other] = [peerNamed('one'), peerNamed('other')];
    alarm.set(one, 10);
    alarm.set(other, 10);
    alarm.clear(one);
    context.now = instantAt(10);
    context.ringAlarms();
    expect(rung).toEqual(['other']);
  });

  it('ask the host for one wake-up, at the earliest, and again only where that changed', () => {
    const context = contextAt(0);
    const [early, late] = [context.alarm(() => {}), context.alarm(() => {})];
    early.set(10);
    late.set(20);
    context.armTimer();
    context.armTimer();
    early.clear();
    context.armTimer();
    late.clear();
    context.armTimer();
    expect(context.drain()).toEqual([10, 20, null].map((atMonotonicMs) => ({ type: 'set-timer', atMonotonicMs })));
  });
});
