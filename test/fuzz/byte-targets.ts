import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Block, checkBlockSanity, decodeBlock, encodeBlock } from '../../consensus/block.ts';
import { DecodeError } from '../../consensus/codec.ts';
import { RuleError } from '../../consensus/errors.ts';
import { checkHeaderSanity, decodeHeader, encodeHeader } from '../../consensus/header.ts';
import { bytesEqual, bytesToHex, bytesToUtf8, hexToBytes, utf8ToBytes } from '../../consensus/hex.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { checkSignatureEncoding, signatureCheckOf } from '../../consensus/signature.ts';
import {
  checkTransactionSanity,
  decodeTransaction,
  encodeCoinbase,
  encodeTransfer,
  type Transaction,
} from '../../consensus/transaction.ts';
import { decodeUndo, encodeUndo } from '../../consensus/undo.ts';
import { dissectHeader, dissectTransaction } from '../../dashboard/model/dissect.ts';
import { completeBlock, fillCompactBlock } from '../../protocol/compact.ts';
import * as limits from '../../protocol/limits.ts';
import { type CompactBlock, decodeMessage, encodeMessage, type Message } from '../../protocol/messages.ts';
import { genesisPoint, keysOf, mineBlock, transferAt } from '../../testing/chain-builder.ts';
import { encodeAgain } from '../../testing/encode-again.ts';
import { sampleMessages } from '../../testing/sample-messages.ts';
import { account, bytesOf, coinbaseFields, header, hexOf, transferFields } from '../consensus/arbitraries.ts';
import { mutated, mutations, partsOf } from './byte-mutations.ts';
import { outcomeOf } from './judgement.ts';
import { validMessage } from './message-inputs.ts';
import { type FuzzTarget, target } from './target.ts';

const PREFIX = REGTEST.addressPrefix;
const SAMPLES = sampleMessages();
const genesis = genesisPoint(REGTEST);
const alice = keysOf('Alice');
const transfers = [0n, 1n, 2n].map((nonce) =>
  transferAt(genesis, alice, keysOf('Bob').address, { nonce, memo: new Uint8Array(Number(nonce)) }),
);

/** A format of bytes: how it is read, written again, and what may be thrown. */
interface Format<T> {
  readonly decode: (bytes: Uint8Array) => T;
  readonly encode: (value: T) => Uint8Array;
  readonly valid: fc.Arbitrary<Uint8Array>;
  /** What must hold for everything that is accepted. */
  readonly accepted?: (value: T) => void;
}

/** Valid bytes whose structure is changed, mostly; now and then bytes that mean nothing. */
export function foreignBytes(
  valid: fc.Arbitrary<Uint8Array>,
  decode: (bytes: Uint8Array) => unknown,
): fc.Arbitrary<Uint8Array> {
  const changed = fc
    .tuple(valid, valid, mutations)
    .map(([bytes, donor, changes]) => mutated(partsOf(bytes, decode), partsOf(donor, decode), changes));
  return fc.oneof({ weight: 9, arbitrary: changed }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) });
}

export function format<T>(name: string, { decode, encode, valid, accepted }: Format<T>): FuzzTarget {
  const check = (bytes: Uint8Array): void => {
    const before = Uint8Array.from(bytes);
    const outcome = outcomeOf(bytes.length, [DecodeError], () => decode(bytes));
    assert.ok(bytesEqual(bytes, before), 'a decoder changed its input');
    if (outcome === null) return;
    assert.equal(bytesToHex(encode(outcome.value)), bytesToHex(bytes), 'accepted bytes that are not the one encoding');
    accepted?.(outcome.value);
  };
  return target(name, foreignBytes(valid, decode), check, { notation: 'bytes', weight: 3 });
}

const transactionBytes = fc.oneof(
  coinbaseFields.map((fields) => encodeCoinbase(fields).raw),
  transferFields.map((fields) => encodeTransfer(fields).raw),
  fc.constantFrom(...transfers.map(({ raw }) => raw)),
);

const blockBytes = fc.oneof(
  fc.constantFrom(
    mineBlock(genesis, { transfers }).block.raw,
    mineBlock(genesis).block.raw,
    REGTEST.genesis.raw,
    encodeBlock(REGTEST.genesis.header, []).raw,
  ),
  fc
    .tuple(header, fc.array(transactionBytes, { maxLength: 4 }))
    .map(([fields, list]) => encodeBlock(fields, list.map(decodeTransaction)).raw),
);

const undoBytes = fc
  .tuple(hexOf(32), fc.array(fc.tuple(hexOf(20), fc.option(account, { nil: undefined })), { maxLength: 5 }))
  .map(([stateRoot, accounts]) =>
    encodeUndo({ stateRoot, accounts: new Map(accounts), slots: new Map(), newCodes: [], receiptsHash: null }),
  );

/** The rules that need nothing but the value give a `RuleError` or nothing. */
function judged(check: () => void): void {
  outcomeOf(0, [RuleError], check);
}

function checkTransaction(transaction: Transaction): void {
  judged(() => checkTransactionSanity(transaction, REGTEST));
  if (transaction.kind === 'transfer') {
    const { publicKey, signature } = signatureCheckOf(transaction);
    checkSignatureEncoding(publicKey, signature);
  }
}

function checkBlock(block: Block): void {
  judged(() => checkHeaderSanity(block.header, block.hash, REGTEST));
  judged(() => checkBlockSanity(block, REGTEST));
}

const LIST_LIMITS: Partial<Record<Message['type'], number>> = {
  addresses: limits.MAX_ADDRESSES_PER_MESSAGE,
  getHeaders: limits.MAX_LOCATOR_HASHES,
  headers: limits.MAX_HEADERS_PER_MESSAGE,
  inv: limits.MAX_INV_TXIDS,
  getTransactions: limits.MAX_INV_TXIDS,
  transactions: limits.MAX_TRANSACTIONS_PER_MESSAGE,
  notFound: limits.MAX_INV_TXIDS,
  getBlocks: limits.MAX_BLOCKS_PER_REQUEST,
  getBlockTransactions: limits.MAX_BLOCK_TRANSFERS,
  blockTransactions: limits.MAX_BLOCK_TRANSFERS,
  compactBlock: limits.MAX_BLOCK_TRANSFERS,
};

function checkMessageLimits(message: Message): void {
  const limit = LIST_LIMITS[message.type] ?? 0;
  for (const field of Object.values(message)) if (Array.isArray(field)) assert.ok(field.length <= limit, message.type);
  if (message.type === 'block') outcomeOf(message.raw.length, [DecodeError], () => decodeBlock(message.raw));
  if (message.type === 'compactBlock') checkCompact(message);
}

/** However a compact block is made, putting it together ends with a block, a question, or nothing. */
function checkCompact(compact: CompactBlock): void {
  const partial = fillCompactBlock(compact, transfers);
  if (partial === null) return;
  const count = compact.shortIds.length + compact.prefilled.length;
  assert.equal(partial.transactions.length, count);
  assert.ok(partial.missing.every((position) => position < count));
  const rest = partial.missing.map(() => transfers[0]).filter((transfer) => transfer !== undefined);
  const block = completeBlock(partial, rest);
  assert.ok(block !== null);
  assert.equal(bytesToHex(decodeBlock(block.raw).raw), bytesToHex(block.raw));
  if (partial.missing.length > 0) assert.equal(completeBlock(partial, []), null);
}

function decodeWhole(frame: Uint8Array): Message {
  return decodeMessage(frame);
}

/** A frame of a block is cut where the block's own decoder reads. */
export function messageParts(frame: Uint8Array): Uint8Array[] {
  if (decodeMessage(frame).type !== 'block') return partsOf(frame, decodeMessage);
  return [frame.slice(0, 1), ...partsOf(frame.slice(1), decodeBlock)];
}

const frames = fc.oneof(fc.constantFrom(...SAMPLES.map(encodeMessage)), validMessage.map(encodeMessage));

const messageTarget = ((): FuzzTarget => {
  const check = format('message', {
    decode: decodeWhole,
    encode: encodeMessage,
    valid: frames,
    accepted: checkMessageLimits,
  }).check as (bytes: Uint8Array) => void;
  const changed = fc
    .tuple(frames, frames, mutations, fc.option(fc.nat(255), { freq: 8 }))
    .map(([frame, donor, changes, kind]) => {
      const bytes = mutated(messageParts(frame), messageParts(donor), changes);
      if (kind !== null && bytes.length > 0) bytes[0] = kind < 128 ? kind % 18 : kind;
      return bytes;
    });
  const input = fc.oneof(
    { weight: 9, arbitrary: changed },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  );
  return target('message', input, check, { notation: 'bytes', shortRuns: 1_200, weight: 8 });
})();

const dissection = target(
  'dashboard-dissect',
  fc.oneof(foreignBytes(transactionBytes, decodeTransaction), foreignBytes(bytesOf(80), decodeHeader)).map(bytesToHex),
  (hex) => {
    for (const dissect of [dissectHeader, (raw: string) => dissectTransaction(raw, PREFIX)]) {
      const outcome = outcomeOf(hex.length, [DecodeError], () => dissect(hex));
      if (outcome) assert.equal(outcome.value.map((field) => field.hex).join(''), hex, 'a dissection loses bytes');
    }
  },
  { notation: 'text' },
);

const text = target(
  'utf8',
  fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    foreignBytes(fc.string({ unit: 'grapheme', maxLength: 20 }).map(utf8ToBytes), bytesToUtf8),
  ),
  (bytes) => {
    const outcome = outcomeOf(bytes.length, [DecodeError], () => bytesToUtf8(bytes));
    if (outcome) assert.equal(bytesToHex(utf8ToBytes(outcome.value)), bytesToHex(bytes));
  },
  { notation: 'bytes' },
);

const hex = target(
  'hex',
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc
      .tuple(hexOf(20), fc.nat(40), fc.constantFrom('', 'g', 'A', '\u0000', 'ı', '０', ' '))
      .map(([digits, at, piece]) => digits.slice(0, at) + piece + digits.slice(at)),
  ),
  (digits) => {
    const outcome = outcomeOf(digits.length, [DecodeError], () => hexToBytes(digits));
    if (outcome) assert.equal(bytesToHex(outcome.value), digits);
  },
  { notation: 'text' },
);

/** Everything that comes over the wire, and what the disk gives back. */
export const BYTE_TARGETS: readonly FuzzTarget[] = [
  messageTarget,
  format('header', { decode: decodeHeader, encode: encodeHeader, valid: header.map(encodeHeader) }),
  format('transaction', {
    decode: decodeTransaction,
    encode: (transaction) => encodeAgain(transaction).raw,
    valid: transactionBytes,
    accepted: checkTransaction,
  }),
  format('block', {
    decode: decodeBlock,
    encode: (block) =>
      encodeBlock(
        block.header,
        block.transactions.map((each) => decodeTransaction(encodeAgain(each).raw)),
      ).raw,
    valid: blockBytes,
    accepted: checkBlock,
  }),
  format('undo', { decode: decodeUndo, encode: encodeUndo, valid: undoBytes }),
  text,
  hex,
  dissection,
];
