import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBlock, encodeBlock } from '../../consensus/block.ts';
import { ByteReader, DecodeError } from '../../consensus/codec.ts';
import { RuleError } from '../../consensus/errors.ts';
import { encodeHeader, readHeader } from '../../consensus/header.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { decodeTransaction, encodeCoinbase, encodeTransfer, type Transaction } from '../../consensus/transaction.ts';
import { decodeMessage, encodeMessage } from '../../protocol/messages.ts';
import { genesisPoint, keysOf, mineBlock, transferAt } from '../../testing/chain-builder.ts';
import { encodeAgain } from '../../testing/encode-again.ts';
import { sampleMessages } from '../../testing/sample-messages.ts';
import { ScriptedPeer } from '../../testing/scripted-peer.ts';
import { expectUnchanged, oneNode, standing, untilClosed } from '../../testing/simulated.ts';
import { coinbaseFields, header, transferFields } from '../consensus/arbitraries.ts';

const genesis = genesisPoint(REGTEST);
const transaction: fc.Arbitrary<Transaction> = fc.oneof(
  coinbaseFields.map(encodeCoinbase),
  transferFields.map(encodeTransfer),
);
const RUNS = 400;

/** What is encoded in one way, how it is read, and written again from what was read. */
interface Encoding {
  readonly bytes: fc.Arbitrary<Uint8Array>;
  readonly rewrite: (bytes: Uint8Array) => Uint8Array;
}

const ENCODINGS: Record<string, Encoding> = {
  header: {
    bytes: header.map(encodeHeader),
    rewrite: (bytes) => {
      const reader = new ByteReader(bytes);
      const value = readHeader(reader);
      reader.end();
      return encodeHeader(value);
    },
  },
  transaction: {
    bytes: transaction.map(({ raw }) => raw),
    rewrite: (bytes) => encodeAgain(decodeTransaction(bytes)).raw,
  },
  block: {
    bytes: fc
      .tuple(header, fc.array(transaction, { maxLength: 6 }))
      .map(([head, transactions]) => encodeBlock(head, transactions).raw),
    rewrite: (bytes) => {
      const { header: head, transactions } = decodeBlock(bytes);
      const fresh = transactions.map((each) => decodeTransaction(encodeAgain(each).raw));
      return encodeBlock(head, fresh).raw;
    },
  },
  message: {
    // Of the block message the payload is a block, which has its own line.
    bytes: fc.constantFrom(...sampleMessages().filter(({ type }) => type !== 'block')).map(encodeMessage),
    rewrite: (bytes) => encodeMessage(decodeMessage(bytes)),
  },
};

/** One change somewhere: a byte set, put in, left out, or everything behind it. */
const change = fc.record({
  kind: fc.constantFrom('set', 'insert', 'remove', 'cut'),
  at: fc.nat(),
  value: fc.integer({ min: 0, max: 255 }),
});

function changed(bytes: Uint8Array, { kind, at, value }: { kind: string; at: number; value: number }): Uint8Array {
  const list = [...bytes];
  const position = at % (list.length + 1);
  if (kind === 'set') list[position % list.length] = value;
  else if (kind === 'insert') list.splice(position, 0, value);
  else if (kind === 'remove') list.splice(position % list.length, 1);
  else list.length = position % list.length;
  return Uint8Array.from(list);
}

describe('canonical-bytes', () => {
  it.each(Object.entries(ENCODINGS))('canonical-bytes: a %s is written as it was read', (_, { bytes, rewrite }) => {
    const property = fc.property(bytes, (encoded) => {
      expect(rewrite(encoded)).toEqual(encoded);
    });
    fc.assert(property, { numRuns: RUNS });
  });

  it.each(Object.entries(ENCODINGS))(
    'canonical-bytes: any other bytes are refused, or are another %s with one encoding of its own',
    (_, { bytes, rewrite }) => {
      let refused = 0;
      const property = fc.property(bytes, change, (encoded, alteration) => {
        const other = changed(encoded, alteration);
        try {
          expect(rewrite(other)).toEqual(other);
        } catch (error) {
          if (!(error instanceof DecodeError || error instanceof RuleError)) throw error;
          refused++;
        }
      });
      fc.assert(property, { numRuns: RUNS });
      expect(refused).toBeGreaterThan(RUNS / 10);
    },
  );

  it('canonical-bytes: what is decoded again is the same value', () => {
    const { block } = mineBlock(genesis, { transfers: [transferAt(genesis, keysOf('Alice'), keysOf('Bob').address)] });
    expect(decodeBlock(block.raw)).toEqual(block);
    for (const each of block.transactions) expect(decodeTransaction(each.raw)).toEqual(each);
    for (const message of sampleMessages()) expect(decodeMessage(encodeMessage(message))).toEqual(message);
  });

  it.each([
    ['one byte more', (raw: Uint8Array) => Uint8Array.from([...raw, 0])],
    ['one byte less', (raw: Uint8Array) => raw.subarray(0, -1)],
  ])('canonical-bytes: a node refuses a block with %s, and its sender', (_, change) => {
    const { network, node } = oneNode();
    const before = standing(node);
    const liar = new ScriptedPeer(network, node).hello(genesis);
    network.runFor(100);
    liar.send({ type: 'block', raw: change(mineBlock(genesis).block.raw) });
    expect(untilClosed(network, liar)).toContain('malformed');
    expectUnchanged(network, node, before);
  });
});
