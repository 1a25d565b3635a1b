import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Effect } from '../../protocol/effects.ts';
import { Outbox, type OutwardEffect } from '../../protocol/outbox.ts';
import type { StoreWrite } from '../../protocol/store-writes.ts';

type Send = Extract<Effect, { type: 'send' }>;

const NOTHING = new Uint8Array();

const anyWrite: fc.Arbitrary<StoreWrite> = fc.record({
  kind: fc.constant('address-delete' as const),
  url: fc.webUrl(),
});
const anyEffect: fc.Arbitrary<Effect> = fc.oneof(
  fc.record({ type: fc.constant('persist' as const), writes: fc.array(anyWrite, { maxLength: 3 }) }),
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('send' as const),
      peer: fc.constantFrom('a', 'b', 'c'),
      bytes: fc.constant(NOTHING),
      isQuestion: fc.boolean(),
    }),
  },
  fc.record({ type: fc.constant('dial' as const), url: fc.webUrl() }),
  fc.record({
    type: fc.constant('reply' as const),
    request: fc.nat(),
    reply: fc.constant({ ok: true, value: { kind: 'done' } } as const),
  }),
);
/** The effects of each event of one transaction. */
const anyTransaction = fc.array(fc.array(anyEffect, { maxLength: 12 }), { maxLength: 6 });

/** What a host does in one transaction. */
function perform(events: readonly (readonly Effect[])[]) {
  const outbox = new Outbox();
  const writes: StoreWrite[] = [];
  const before: OutwardEffect[] = [];
  for (const effects of events) {
    const admitted = outbox.admit(effects);
    writes.push(...admitted.writes);
    before.push(...admitted.atOnce);
  }
  return { outbox, writes, before, after: outbox.release() };
}

function question(peer: string): Send {
  return { type: 'send', peer, bytes: NOTHING, isQuestion: true };
}

function statement(peer: string): Send {
  return { type: 'send', peer, bytes: NOTHING, isQuestion: false };
}

describe('an outbox', () => {
  it('gives every write to the store, in order', () => {
    fc.assert(
      fc.property(anyTransaction, (events) => {
        const given = events.flat().flatMap((effect) => (effect.type === 'persist' ? effect.writes : []));
        expect(perform(events).writes).toEqual(given);
      }),
    );
  });

  it('lets every other effect leave once, those that it holds back in the order of the core', () => {
    fc.assert(
      fc.property(anyTransaction, (events) => {
        const { before, after } = perform(events);
        const outward = events.flat().filter((effect) => effect.type !== 'persist');
        expect(after).toEqual(outward.filter((effect) => !before.includes(effect)));
        expect(before).toEqual(outward.filter((effect) => !after.includes(effect)));
      }),
    );
  });

  it('lets nothing but questions leave before the commit', () => {
    fc.assert(
      fc.property(anyTransaction, (events) => {
        for (const effect of perform(events).before) expect(effect).toMatchObject({ type: 'send', isQuestion: true });
      }),
    );
  });

  it('never changes the order of the messages to one peer', () => {
    fc.assert(
      fc.property(anyTransaction, fc.constantFrom('a', 'b', 'c'), (events, peer) => {
        const isToPeer = (effect: Effect): boolean => effect.type === 'send' && effect.peer === peer;
        const { before, after } = perform(events);
        expect([...before, ...after].filter(isToPeer)).toEqual(events.flat().filter(isToPeer));
      }),
    );
  });

  it('lets a question leave at once, whatever other peers are told and the disk has to write', () => {
    const asked = question('a');
    const { before, after } = perform([
      [statement('b'), { type: 'persist', writes: [{ kind: 'address-delete', url: 'x' }] }, asked],
    ]);
    expect(before).toEqual([asked]);
    expect(after).toEqual([statement('b')]);
  });

  it('holds a question back behind what an earlier event of the transaction tells the peer', () => {
    const { before, after } = perform([[statement('a')], [question('a')]]);
    expect(before).toEqual([]);
    expect(after).toEqual([statement('a'), question('a')]);
  });

  it('holds nothing back that is released', () => {
    const { outbox } = perform([[statement('a')]]);
    expect(outbox.admit([question('a')]).atOnce).toEqual([question('a')]);
    expect(outbox.release()).toEqual([]);
  });
});
