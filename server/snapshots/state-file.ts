import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { JsonFileError, mustBe, parseJsonFile } from '../../consensus/json-file.ts';
import { quotable } from '../../consensus/quotable.ts';
import { MAX_FEE_PER_KILOBYTE, minimumFeePerKilobyte } from '../../protocol/minimum-fee.ts';
import { MAX_PENDING } from '../../protocol/policy.ts';
import { MAX_CLOCK_MS } from '../node/node-clock.ts';
import type { NodeState } from '../node/node-state.ts';
import { ExpectedError } from '../process/expected-error.ts';
import { type RowCopy, selectRows } from '../store/row-copy.ts';
import type { TableName } from '../store/tables.ts';

/** Largest state file that is read or written. */
export const MAX_STATE_FILE_BYTES = 256 * 1024 * 1024;
/** Nodes in one file: as many as a cluster may have. */
const MAX_NODES = 64;
const MAX_U32 = 0xffff_ffff;
const MAX_NAME_CHARS = 60;
/** Incremented whenever the format, or that of the stored rows, changes. */
const FORMAT_VERSION = 2;
const MAGIC = 'forklore-state ';
const DIGEST_BYTES = 32;
const NEWLINE = 0x0a;
/**
 * From these rows everything else can be rebuilt. Addresses of peers and discouragements are no part of a state: they belong
 * to a machine, and say where it has been.
 */
export const STATE_TABLES: readonly TableName[] = ['headers', 'bodies', 'journal'];

/** A state file cannot be used. The message says why. */
export class StateFileError extends ExpectedError {
  readonly code = 'bad-state-file';
}

/** What a state file holds, not yet checked against the rules of its network. */
export interface StateFile {
  readonly network: string;
  readonly genesisHash: string;
  /** Of each node; `rows` only of `STATE_TABLES`. */
  readonly states: readonly NodeState[];
}

const HASH = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits'));
const u32 = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_U32));
/** In base units per 1,000 bytes; a number of JSON could not hold all of them. */
const FEE_RATE = v.pipe(
  v.string(),
  v.check(isFeeRate, mustBe(`a whole number up to ${MAX_FEE_PER_KILOBYTE}`)),
  v.transform((digits) => BigInt(digits)),
);
const NODE = v.strictObject({
  wallMs: v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_CLOCK_MS)),
  height: u32,
  tipHash: HASH,
  pending: v.pipe(v.array(HASH), v.maxLength(MAX_PENDING)),
  minimumFeePerKilobyte: FEE_RATE,
  nextBlockSeconds: v.nullable(u32),
  rowsBytes: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_STATE_FILE_BYTES)),
});
const HEAD = v.strictObject({
  network: v.string(),
  genesis: HASH,
  nodes: v.pipe(v.array(NODE), v.minLength(1), v.maxLength(MAX_NODES)),
});

/**
 * The states of one or several nodes as a file: the line `forklore-state 2`, a line of JSON, the rows of each node, and the
 * SHA-256 of all that. Equal states give equal files: nothing in it counts real time, so a node that loads it counts the
 * expiry of pending transactions, and the half-life of a raised minimum fee rate, from then on.
 * @throws StateFileError for a file of more than `maxBytes`
 */
export function encodeStateFile(
  { name, genesis }: { readonly name: string; readonly genesis: { readonly hash: string } },
  states: readonly NodeState[],
  maxBytes = MAX_STATE_FILE_BYTES,
): Buffer<ArrayBuffer> {
  const rows = states.map((state) => selectRows(state.rows, STATE_TABLES));
  const nodes = states.map(({ wallMs, height, tipHash, memory }, index) => ({
    wallMs,
    height,
    tipHash,
    pending: memory.pending.map(({ txid }) => txid),
    minimumFeePerKilobyte: String(minimumFeePerKilobyte(memory.raisedFee)),
    nextBlockSeconds: memory.nextBlockSeconds,
    rowsBytes: rows[index]?.length ?? 0,
  }));
  const head = JSON.stringify({ network: name, genesis: genesis.hash, nodes });
  const content = Buffer.concat([Buffer.from(`${MAGIC}${FORMAT_VERSION}\n${head}\n`), ...rows]);
  const file = Buffer.concat([content, digestOf(content)]);
  if (file.length > maxBytes) throw tooLarge(file.length, maxBytes);
  return file;
}

/** Reads a state file that anybody may have written. Throws {@link StateFileError}, also for more than `maxBytes`. */
export function decodeStateFile(file: Uint8Array, maxBytes = MAX_STATE_FILE_BYTES): StateFile {
  if (file.length > maxBytes) throw tooLarge(file.length, maxBytes);
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
  const firstLine = lineOf(bytes, 0, MAGIC.length + 10);
  if (!firstLine?.startsWith(MAGIC)) throw new StateFileError('it is not a state file of Forklore');
  const version = firstLine.slice(MAGIC.length);
  if (version !== String(FORMAT_VERSION)) {
    throw new StateFileError(
      `it has format ${quotable(version)}, and this version of Forklore reads format ${FORMAT_VERSION}`,
    );
  }
  const content = bytes.subarray(0, Math.max(0, bytes.length - DIGEST_BYTES));
  if (!digestOf(content).equals(bytes.subarray(content.length)))
    throw new StateFileError('it is truncated or damaged: its checksum does not match');
  const headStart = firstLine.length + 1;
  const head = lineOf(content, headStart, content.length);
  if (head === undefined) throw new StateFileError('its second line has no end');
  const { network, genesis, nodes } = parseHead(head);
  let offset = headStart + Buffer.byteLength(head) + 1;
  const states = nodes.map(({ rowsBytes, pending, minimumFeePerKilobyte, nextBlockSeconds, ...state }) => {
    const rows: RowCopy = content.subarray(offset, offset + rowsBytes);
    offset += rowsBytes;
    const memory = {
      pending: pending.map((txid) => ({ txid, ageMs: 0 })),
      raisedFee: { perKilobyte: minimumFeePerKilobyte, ageMs: 0 },
      discouraged: [],
      nextBlockSeconds,
    };
    return { ...state, memory, rows };
  });
  if (offset !== content.length) throw new StateFileError(`it has ${content.length} bytes where ${offset} are noted`);
  return { network, genesisHash: genesis, states };
}

function isFeeRate(text: string): boolean {
  return /^(0|[1-9][0-9]{0,29})$/.test(text) && BigInt(text) <= MAX_FEE_PER_KILOBYTE;
}

function parseHead(text: string): v.InferOutput<typeof HEAD> {
  try {
    return parseJsonFile(text, (json, config) => v.safeParse(HEAD, json, config));
  } catch (error) {
    if (error instanceof JsonFileError) throw new StateFileError(`its second line is wrong: ${error.message}`);
    throw error;
  }
}

/** The line that starts at `start`, without its end; undefined where none ends within `maxBytes`. */
function lineOf(bytes: Buffer, start: number, maxBytes: number): string | undefined {
  const end = bytes.subarray(start, start + maxBytes).indexOf(NEWLINE);
  return end < 0 ? undefined : bytes.toString('utf8', start, start + end);
}

function digestOf(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest();
}

function tooLarge(bytes: number, maxBytes: number): StateFileError {
  return new StateFileError(`it has ${bytes} bytes, and at most ${maxBytes} are allowed`);
}

/** A network's or a file's name in a message. */
export function shownName(name: string): string {
  return quotable(name, MAX_NAME_CHARS);
}
