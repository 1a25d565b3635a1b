import { hash, randomBytes } from 'node:crypto';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { hexToBytes as nobleFromHex, bytesToHex as nobleToHex } from '@noble/hashes/utils.js';
import { bytesToHex, hexToBytes, reversedBytesToHex } from '../../consensus/hex.ts';
import { sha256 } from '../../consensus/sha256.ts';
import { type Candidate, inTurns, rate } from '../measure.ts';
import type { Question, Result } from '../question.ts';

const ROUNDS = 15;
const ROUND_MS = 50;
const MEGA = 1e6;
/** Enough that no engine remembers the last one, few enough to stay in the caches. */
const INPUTS = 1_024;
const NODE_BYTES = 64;
const HASH_BYTES = 32;
const LOWER_CASE = /^(?:[0-9a-f]{2})*$/;

interface Rival {
  readonly what: string;
  /** Ours first, then the library that could replace it. Each takes the number of an input. */
  readonly ways: Readonly<Record<string, (input: number) => unknown>>;
}

/** Whether the primitives of consensus/ that a library has too are worth their lines. */
export const primitives: Question = {
  name: 'primitives',
  title: 'SHA-256 and hex of small inputs',
  async run() {
    const answers: Candidate[] = [];
    const results: Result[] = [];
    for (const { what, ways } of rivals()) {
      const candidates = await inTurns(
        ROUNDS,
        Object.entries(ways).map(([label, run]) => ({ label: `${what}, ${label}`, measure: () => rateOf(run) })),
      );
      answers.push(...candidates);
      const [ours, library] = candidates;
      if (!ours || !library) throw new Error('nothing was measured');
      results.push({
        what: `${what} over @noble/hashes`,
        value: ours.median / library.median,
        unit: '×',
        goal: { least: 1.3 },
      });
    }
    return {
      unit: 'M/s',
      candidates: answers,
      results,
      notes: [
        'Texts become keys of a map, as ids and addresses do: one that is appended to piece by piece is put together again then.',
        'The library takes upper case too, which would be a second encoding of one value; its text is checked before.',
      ],
    };
  },
};

function rivals(): readonly Rival[] {
  const inputsOf = (sizeBytes: number) => Array.from({ length: INPUTS }, () => new Uint8Array(randomBytes(sizeBytes)));
  const nodes = inputsOf(NODE_BYTES);
  const hashes = inputsOf(HASH_BYTES);
  const texts = hashes.map(bytesToHex);
  const seen = new Map<string, number>();
  const node = (i: number): Uint8Array => nodes[i] as Uint8Array;
  const blockHash = (i: number): Uint8Array => hashes[i] as Uint8Array;
  const text = (i: number): string => texts[i] as string;
  return [
    {
      what: 'SHA-256 of 64 bytes',
      ways: {
        ours: (i) => sha256(node(i)),
        '@noble/hashes': (i) => nobleSha256(node(i)),
        'crypto.hash': (i) => hash('sha256', node(i), 'buffer'),
      },
    },
    {
      what: 'hex of 32 bytes',
      ways: {
        ours: (i) => seen.set(bytesToHex(blockHash(i)), i),
        '@noble/hashes': (i) => seen.set(nobleToHex(blockHash(i)), i),
        Buffer: (i) => seen.set(Buffer.from(blockHash(i)).toString('hex'), i),
      },
    },
    {
      what: 'reversed hex of 32 bytes',
      ways: {
        ours: (i) => seen.set(reversedBytesToHex(blockHash(i)), i),
        '@noble/hashes': (i) => seen.set(nobleToHex(blockHash(i).toReversed()), i),
      },
    },
    {
      what: '32 bytes of strict hex',
      ways: {
        ours: (i) => hexToBytes(text(i)),
        '@noble/hashes': (i) => LOWER_CASE.test(text(i)) && nobleFromHex(text(i)),
      },
    },
  ];
}

function rateOf(run: (input: number) => unknown): number {
  const all = (): number => {
    for (let i = 0; i < INPUTS; i++) run(i);
    return INPUTS;
  };
  return rate(ROUND_MS, all) / MEGA;
}
