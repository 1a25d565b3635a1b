/**
 * Writes the vectors of contracts into test/vectors/contracts: `npx tsx scripts/make-contract-vectors.ts`. A change of these
 * files is a change of the protocol, but for the messages and positions of errors, which are for people.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { compileContract } from '../consensus/contract/compile.ts';
import { encodeValue } from '../consensus/contract/encoding.ts';
import type { Outcome } from '../consensus/contract/execution.ts';
import { slotKey } from '../consensus/contract/slot-path.ts';
import { SourceError } from '../consensus/contract/source-error.ts';
import type { SourceErrorCode } from '../consensus/contract/source-errors.ts';
import { AddressValue, RecordValue, type Value } from '../consensus/contract/value.ts';
import { bytesToHex, utf8ToBytes } from '../consensus/hex.ts';
import { SOURCE_MISTAKES } from '../testing/contract-mistakes.ts';
import { runStory, STORIES } from '../testing/contract-stories.ts';

const VECTORS = new URL('../test/vectors/contracts/', import.meta.url);
mkdirSync(VECTORS, { recursive: true });

/** Bytes as hex, big integers as decimal text, so that any language reads them without loss. */
function write(file: string, vectors: unknown): void {
  const plain = (_: string, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`;
    if (value instanceof AddressValue) return { address: value.address };
    if (value instanceof RecordValue) return { record: value.names.map((name, i) => [name, value.values[i]]) };
    return value instanceof Uint8Array ? bytesToHex(value) : value;
  };
  writeFileSync(new URL(file, VECTORS), `${JSON.stringify(vectors, plain, 2)}\n`);
}

const values: Value[] = [
  ...[false, true, 0, 1, -1, 255, 2 ** 53 - 1, 1 - 2 ** 53],
  ...[0n, 1n, -1n, 127n, 128n, 255n, 256n, -256n, 2n ** 255n - 1n, 1n - 2n ** 255n],
  ...['', 'a', '한글', '🍴', 'x'.repeat(3)],
  ...[[], [1, -1], ['a', ''], [true, false], [new AddressValue('ab'.repeat(20))]],
  new AddressValue('00'.repeat(20)),
];
write('values.json', [
  ...values.map((value) => ({ value, encoded: encodeValue(value) })),
  {
    value: new RecordValue(['who', 'amount'], [new AddressValue('ab'.repeat(20)), 5n]),
    type: 'interface Bid { amount: bigint; who: Address; }',
    encoded: encodeValue(new RecordValue(['who', 'amount'], [new AddressValue('ab'.repeat(20)), 5n]), {
      kind: 'record',
      name: 'Bid',
      properties: [
        { name: 'amount', type: 'bigint' },
        { name: 'who', type: 'Address' },
      ],
    }),
  },
]);

function refusalOf(code: SourceErrorCode): unknown {
  const given = SOURCE_MISTAKES[code];
  const source = typeof given === 'string' ? utf8ToBytes(given) : given;
  try {
    compileContract(source);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    const { line, column, detail } = error;
    const shown = typeof given === 'string' ? { source: given } : { sourceHex: bytesToHex(given) };
    return { code, ...shown, line, column, detail };
  }
  throw new Error(`${code} compiles`);
}
write('source-errors.json', (Object.keys(SOURCE_MISTAKES) as SourceErrorCode[]).map(refusalOf));

function outcomeOf(outcome: Outcome): unknown {
  if (!outcome.ok) return { ok: false, gasUsed: outcome.gasUsed };
  const { gasUsed, result = null, events, payments } = outcome;
  const writes = [...outcome.writes].flatMap(([contract, slots]) =>
    [...slots].map(([path, value]) => ({ contract, path, key: slotKey(contract, path), value: value ?? null })),
  );
  return { ok: true, gasUsed, result, events, payments, writes };
}
write(
  'calls.json',
  STORIES.map((story) => ({
    name: story.name,
    contracts: story.contracts,
    balances: story.balances ?? {},
    calls: runStory(story).map(({ call, args, outcome }) => ({ ...call, args, outcome: outcomeOf(outcome) })),
  })),
);
