import { expectedHashes } from '../../consensus/target.ts';
import type { SeenBlock } from '../statistics.ts';

const MS_PER_SECOND = 1_000;
const COLUMNS: Readonly<Record<string, (block: SeenBlock) => string | number>> = {
  height: ({ height }) => height,
  hash: ({ hash }) => hash,
  previous: ({ previous }) => previous,
  status: ({ status }) => status,
  seen_s: ({ seenMs }) => (seenMs / MS_PER_SECOND).toFixed(3),
  time: ({ time }) => time,
  bits: ({ bits }) => bits.toString(16),
  expected_hashes: ({ bits }) => String(expectedHashes(bits)),
  miner: ({ miner }) => miner,
  transactions: ({ transactions }) => transactions,
  bytes: ({ bytes }) => bytes,
};

/** Blocks as comma-separated values below a header line, in the order in which any node first had them. */
export function blocksCsv(blocks: readonly SeenBlock[]): string {
  const columns = Object.entries(COLUMNS);
  const rows = blocks.map((block) => columns.map(([, of]) => of(block)).join(','));
  return [columns.map(([name]) => name).join(','), ...rows, ''].join('\n');
}
