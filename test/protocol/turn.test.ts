import { describe, expect, it } from 'vitest';
import { makePeer } from '../../protocol/peer.ts';
import { Turn } from '../../protocol/turn.ts';
import { SeededRandom } from '../../simulator/seeded-random.ts';

function turnAt(monotonicMs: number): Turn {
  return new Turn(new SeededRandom(1), instantAt(monotonicMs));
}

function instantAt(monotonicMs: number) {
  return { wallMs: 0, monotonicMs };
}

function peerNamed(peer: string) {
  return makePeer({ peer, direction: 'inbound', address: peer, host: peer, loopback: false }, instantAt(0));
}

describe('alarms', () => {
  it('ring once when their time has come, earliest first, and of the same time in the order in which they were set', () => {
    const turn = turnAt(0);
    const rung: string[] = [];
    const [a, b, c] = ['a', 'b', 'c'].map((name) => turn.alarm(() => rung.push(name)));
    c!.set(20);
    b!.set(10);
    a!.set(10);
    turn.now = instantAt(19);
    turn.ringAlarms();
    expect(rung).toEqual(['b', 'a']);
    turn.now = instantAt(20);
    turn.ringAlarms();
    turn.ringAlarms();
    expect(rung).toEqual(['b', 'a', 'c']);
  });

  it('are replaced by a new setting, unless an earlier one is to stay', () => {
    const turn = turnAt(0);
    let rung = 0;
    const alarm = turn.alarm(() => rung++);
    alarm.set(10);
    alarm.set(30);
    alarm.ensure(20);
    alarm.ensure(40);
    turn.now = instantAt(19);
    turn.ringAlarms();
    expect(rung).toBe(0);
    turn.now = instantAt(20);
    turn.ringAlarms();
    expect(rung).toBe(1);
  });

  it('may be set again while they ring, for a later event', () => {
    const turn = turnAt(0);
    let rung = 0;
    const alarm = turn.alarm(() => {
      rung++;
      alarm.set(0);
    });
    alarm.set(0);
    turn.ringAlarms();
    expect(rung).toBe(1);
    turn.ringAlarms();
    expect(rung).toBe(2);
  });

  it('of one peer are set and cleared without touching those of another', () => {
    const turn = turnAt(0);
    const rung: string[] = [];
    const alarm = turn.peerAlarm(({ id }) => rung.push(id));
    const [one, other] = [peerNamed('one'), peerNamed('other')];
    alarm.set(one, 10);
    alarm.set(other, 10);
    alarm.clear(one);
    turn.now = instantAt(10);
    turn.ringAlarms();
    expect(rung).toEqual(['other']);
  });

  it('ask the host for one wake-up, at the earliest, and again only where that changed', () => {
    const turn = turnAt(0);
    const [early, late] = [turn.alarm(() => {}), turn.alarm(() => {})];
    early.set(10);
    late.set(20);
    turn.armTimer();
    turn.armTimer();
    early.clear();
    turn.armTimer();
    late.clear();
    turn.armTimer();
    expect(turn.drain()).toEqual([10, 20, null].map((atMonotonicMs) => ({ type: 'set-timer', atMonotonicMs })));
  });
});
