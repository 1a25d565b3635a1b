import { isBasePath } from '../consensus/base-path.ts';
import { ByteReader, ByteWriter, DecodeError } from '../consensus/codec.ts';
import { HASH_BYTES, type Hash, hashFromBytes, hashToBytes } from '../consensus/hash.ts';
import { type BlockHeader, encodeHeader, readHeader } from '../consensus/header.ts';
import { bytesToUtf8, utf8ToBytes } from '../consensus/hex.ts';
import { type Coinbase, readTransaction, type SignedTransaction } from '../consensus/transaction.ts';
import {
  MAX_ADDRESSES_PER_MESSAGE,
  MAX_BLOCK_TRANSFERS,
  MAX_BLOCKS_PER_REQUEST,
  MAX_FRAME_BYTES,
  MAX_HEADERS_PER_MESSAGE,
  MAX_INV_TXIDS,
  MAX_LOCATOR_HASHES,
  MAX_PORT,
  MAX_REASON_BYTES,
  MAX_TRANSACTIONS_PER_MESSAGE,
  MAX_URL_BYTES,
  MAX_USER_AGENT_BYTES,
  SHORT_ID_BYTES,
} from './limits.ts';

/** First byte of every frame. */
export const MESSAGE_KINDS = {
  hello: 0,
  ping: 1,
  pong: 2,
  getAddresses: 3,
  addresses: 4,
  getHeaders: 5,
  headers: 6,
  inv: 7,
  getTransactions: 8,
  transactions: 9,
  notFound: 10,
  getBlocks: 11,
  block: 12,
  compactBlock: 13,
  getBlockTransactions: 14,
  blockTransactions: 15,
  bye: 16,
} as const;

export interface Hello {
  readonly type: 'hello';
  readonly version: number;
  readonly genesisHash: Hash;
  /** Random per process: by it a node detects a connection to itself and a second one to the same peer. */
  readonly nonce: bigint;
  readonly tipHash: Hash;
  readonly height: number;
  readonly chainWork: bigint;
  /** Where this node accepts connections, or null. */
  readonly listenUrl: string | null;
  readonly userAgent: string;
}

export interface CompactBlock {
  readonly type: 'compactBlock';
  readonly header: BlockHeader;
  /** Keys the short ids together with the header, so that collisions cannot be prepared for all nodes at once. */
  readonly nonce: bigint;
  readonly coinbase: Coinbase;
  /** 6-byte ids, as integers, of the transactions that are not prefilled, in block order. */
  readonly shortIds: readonly number[];
  /** Positions among the block's transactions (the first transaction is 0), ascending. */
  readonly prefilled: readonly { readonly position: number; readonly transaction: SignedTransaction }[];
}

export type Message =
  | Hello
  | { readonly type: 'ping'; readonly nonce: bigint }
  | { readonly type: 'pong'; readonly nonce: bigint }
  | { readonly type: 'getAddresses' }
  | { readonly type: 'addresses'; readonly urls: readonly string[] }
  | { readonly type: 'getHeaders'; readonly locator: readonly Hash[]; readonly stop: Hash }
  | { readonly type: 'headers'; readonly headers: readonly BlockHeader[] }
  | { readonly type: 'inv'; readonly txids: readonly Hash[] }
  | { readonly type: 'getTransactions'; readonly txids: readonly Hash[] }
  | { readonly type: 'transactions'; readonly transactions: readonly SignedTransaction[] }
  | { readonly type: 'notFound'; readonly what: 'transaction' | 'block'; readonly hashes: readonly Hash[] }
  | { readonly type: 'getBlocks'; readonly blockHashes: readonly Hash[] }
  /** The block's own bytes, which `BlockRelay` decodes. */
  | { readonly type: 'block'; readonly raw: Uint8Array }
  | CompactBlock
  | { readonly type: 'getBlockTransactions'; readonly blockHash: Hash; readonly positions: readonly number[] }
  | {
      readonly type: 'blockTransactions';
      readonly blockHash: Hash;
      readonly transactions: readonly SignedTransaction[];
    }
  | { readonly type: 'bye'; readonly code: number; readonly reason: string };

const WORK_BYTES = 32;

/** Encodes a message into one frame: `kind u8 | payload`. */
export function encodeMessage(message: Message): Uint8Array {
  const parts = payloadOf(message);
  const writer = new ByteWriter(1 + parts.reduce((sum, part) => sum + part.length, 0));
  writer.u8(MESSAGE_KINDS[message.type]);
  for (const part of parts) writer.bytes(part);
  return writer.finish();
}

function payloadOf(message: Message): Uint8Array[] {
  switch (message.type) {
    case 'hello':
      return encodeHello(message);
    case 'ping':
    case 'pong':
      return [new ByteWriter(8).u64(message.nonce).finish()];
    case 'getAddresses':
      return [];
    case 'addresses':
      return [u16(message.urls.length), ...message.urls.flatMap((url) => shortText(url, MAX_URL_BYTES))];
    case 'getHeaders':
      return [...hashList(message.locator), hashToBytes(message.stop)];
    case 'headers':
      return [u16(message.headers.length), ...message.headers.map(encodeHeader)];
    case 'inv':
    case 'getTransactions':
      return hashList(message.txids);
    case 'transactions':
      return [u16(message.transactions.length), ...message.transactions.map((transaction) => transaction.raw)];
    case 'notFound':
      return [new Uint8Array([message.what === 'transaction' ? 0 : 1]), ...hashList(message.hashes)];
    case 'getBlocks':
      return hashList(message.blockHashes);
    case 'block':
      return [message.raw];
    case 'compactBlock':
      return encodeCompactBlock(message);
    case 'getBlockTransactions':
      return [hashToBytes(message.blockHash), u16(message.positions.length), ...message.positions.map(u16)];
    case 'blockTransactions':
      return [
        hashToBytes(message.blockHash),
        u16(message.transactions.length),
        ...message.transactions.map((transaction) => transaction.raw),
      ];
    case 'bye':
      return [u16(message.code), ...shortText(message.reason, MAX_REASON_BYTES)];
  }
}

function encodeHello(hello: Hello): Uint8Array[] {
  return [
    u16(hello.version),
    hashToBytes(hello.genesisHash),
    new ByteWriter(8).u64(hello.nonce).finish(),
    hashToBytes(hello.tipHash),
    new ByteWriter(4).u32(hello.height).finish(),
    encodeWork(hello.chainWork),
    ...shortText(hello.listenUrl ?? '', MAX_URL_BYTES),
    ...shortText(hello.userAgent, MAX_USER_AGENT_BYTES),
  ];
}

function encodeCompactBlock(message: CompactBlock): Uint8Array[] {
  const ids = new ByteWriter(message.shortIds.length * SHORT_ID_BYTES);
  for (const id of message.shortIds) ids.u32(id % 2 ** 32).u16(Math.floor(id / 2 ** 32));
  return [
    encodeHeader(message.header),
    new ByteWriter(8).u64(message.nonce).finish(),
    message.coinbase.raw,
    u16(message.shortIds.length),
    ids.finish(),
    u16(message.prefilled.length),
    ...message.prefilled.flatMap(({ position, transaction }) => [u16(position), transaction.raw]),
  ];
}

/**
 * Decodes one frame. The result is complete and within every limit of the protocol, or nothing.
 * @throws DecodeError where a byte is missing, left over, out of range or above a limit.
 */
export function decodeMessage(frame: Uint8Array): Message {
  if (frame.length > MAX_FRAME_BYTES)
    throw new DecodeError(`frame of ${frame.length} bytes, at most ${MAX_FRAME_BYTES}`);
  const reader = new ByteReader(frame);
  const kind = reader.u8();
  const message = readPayload(kind, reader);
  reader.end();
  return message;
}

function readPayload(kind: number, reader: ByteReader): Message {
  switch (kind) {
    case MESSAGE_KINDS.hello:
      return readHello(reader);
    case MESSAGE_KINDS.ping:
      return { type: 'ping', nonce: reader.u64() };
    case MESSAGE_KINDS.pong:
      return { type: 'pong', nonce: reader.u64() };
    case MESSAGE_KINDS.getAddresses:
      return { type: 'getAddresses' };
    case MESSAGE_KINDS.addresses:
      return { type: 'addresses', urls: readList(reader, MAX_ADDRESSES_PER_MESSAGE, readUrl) };
    case MESSAGE_KINDS.getHeaders:
      return { type: 'getHeaders', locator: readHashes(reader, MAX_LOCATOR_HASHES), stop: readHash(reader) };
    case MESSAGE_KINDS.headers:
      return { type: 'headers', headers: readList(reader, MAX_HEADERS_PER_MESSAGE, readHeader) };
    case MESSAGE_KINDS.inv:
      return { type: 'inv', txids: readHashes(reader, MAX_INV_TXIDS) };
    case MESSAGE_KINDS.getTransactions:
      return { type: 'getTransactions', txids: readHashes(reader, MAX_INV_TXIDS) };
    case MESSAGE_KINDS.transactions:
      return { type: 'transactions', transactions: readList(reader, MAX_TRANSACTIONS_PER_MESSAGE, readSigned) };
    case MESSAGE_KINDS.notFound:
      return readNotFound(reader);
    case MESSAGE_KINDS.getBlocks:
      return { type: 'getBlocks', blockHashes: readHashes(reader, MAX_BLOCKS_PER_REQUEST) };
    case MESSAGE_KINDS.block:
      return { type: 'block', raw: reader.bytes(reader.remaining) };
    case MESSAGE_KINDS.compactBlock:
      return readCompactBlock(reader);
    case MESSAGE_KINDS.getBlockTransactions:
      return { type: 'getBlockTransactions', blockHash: readHash(reader), positions: readPositions(reader) };
    case MESSAGE_KINDS.blockTransactions:
      return {
        type: 'blockTransactions',
        blockHash: readHash(reader),
        transactions: readList(reader, MAX_BLOCK_TRANSFERS, readSigned),
      };
    case MESSAGE_KINDS.bye:
      return { type: 'bye', code: reader.u16(), reason: readShortText(reader, MAX_REASON_BYTES) };
    default:
      throw new DecodeError(`unknown message kind ${kind}`);
  }
}

function readHello(reader: ByteReader): Hello {
  const version = reader.u16();
  const genesisHash = readHash(reader);
  const nonce = reader.u64();
  const tipHash = readHash(reader);
  const height = reader.u32();
  const chainWork = decodeWork(reader.bytes(WORK_BYTES));
  const url = readShortText(reader, MAX_URL_BYTES);
  if (url !== '' && !isPeerUrl(url)) throw new DecodeError('listening URL is no http://host:port/path');
  const userAgent = readShortText(reader, MAX_USER_AGENT_BYTES);
  return { type: 'hello', version, genesisHash, nonce, tipHash, height, chainWork, listenUrl: url || null, userAgent };
}

function readNotFound(reader: ByteReader): Message {
  const what = reader.u8();
  if (what > 1) throw new DecodeError(`notFound names an unknown kind of object: ${what}`);
  return { type: 'notFound', what: what === 0 ? 'transaction' : 'block', hashes: readHashes(reader, MAX_INV_TXIDS) };
}

function readCompactBlock(reader: ByteReader): CompactBlock {
  const header = readHeader(reader);
  const nonce = reader.u64();
  const coinbase = readTransaction(reader);
  if (coinbase.kind !== 'coinbase') throw new DecodeError('compact block without a coinbase');
  const shortIds = readList(reader, MAX_BLOCK_TRANSFERS, (r) => r.u32() + r.u16() * 2 ** 32);
  let last = -1;
  const prefilled = readList(reader, MAX_BLOCK_TRANSFERS, (r) => {
    const position = r.u16();
    if (position <= last) throw new DecodeError('prefilled positions do not ascend');
    last = position;
    return { position, transaction: readSigned(r) };
  });
  const count = shortIds.length + prefilled.length;
  if (count > MAX_BLOCK_TRANSFERS) throw new DecodeError(`compact block of ${count} transactions`);
  if (last >= count) throw new DecodeError(`prefilled position ${last} of ${count}`);
  return { type: 'compactBlock', header, nonce, coinbase, shortIds, prefilled };
}

function readPositions(reader: ByteReader): number[] {
  let last = -1;
  return readList(reader, MAX_BLOCK_TRANSFERS, (r) => {
    const position = r.u16();
    if (position <= last) throw new DecodeError('positions do not ascend');
    last = position;
    return position;
  });
}

function readList<T>(reader: ByteReader, limit: number, read: (reader: ByteReader) => T): T[] {
  const count = reader.u16();
  if (count > limit) throw new DecodeError(`list of ${count}, at most ${limit}`);
  const items: T[] = [];
  for (let i = 0; i < count; i++) items.push(read(reader));
  return items;
}

function readSigned(reader: ByteReader): SignedTransaction {
  const transaction = readTransaction(reader);
  if (transaction.kind === 'coinbase') throw new DecodeError('a coinbase travels only inside its block');
  return transaction;
}

function readHash(reader: ByteReader): Hash {
  return hashFromBytes(reader.bytes(HASH_BYTES));
}

function readHashes(reader: ByteReader, limit: number): Hash[] {
  return readList(reader, limit, readHash);
}

function readUrl(reader: ByteReader): string {
  const url = readShortText(reader, MAX_URL_BYTES);
  if (!isPeerUrl(url)) throw new DecodeError('address is no http://host:port/path');
  return url;
}

function readShortText(reader: ByteReader, limitBytes: number): string {
  const length = reader.u16();
  if (length > limitBytes) throw new DecodeError(`text of ${length} bytes, at most ${limitBytes}`);
  return bytesToUtf8(reader.bytes(length));
}

function shortText(text: string, limitBytes: number): Uint8Array[] {
  const bytes = utf8ToBytes(text);
  // Only our own texts get here. A reason that quotes a peer may be too long; shortening the text, not its bytes, keeps characters whole.
  if (bytes.length > limitBytes) return shortText(text.slice(0, Math.floor(text.length / 2)), limitBytes);
  return [u16(bytes.length), bytes];
}

function hashList(hashes: readonly Hash[]): Uint8Array[] {
  return [u16(hashes.length), ...hashes.map(hashToBytes)];
}

function u16(value: number): Uint8Array {
  return new ByteWriter(2).u16(value).finish();
}

function encodeWork(work: bigint): Uint8Array {
  const bytes = new ByteWriter(WORK_BYTES);
  for (let i = 0n; i < 4n; i++) bytes.u64((work >> (64n * i)) & 0xffff_ffff_ffff_ffffn);
  return bytes.finish();
}

function decodeWork(bytes: Uint8Array): bigint {
  const reader = new ByteReader(bytes);
  let work = 0n;
  for (let i = 0n; i < 4n; i++) work |= reader.u64() << (64n * i);
  return work;
}

/**
 * Whether a text is the canonical form of a peer's URL: `http(s)://host:port` in lower case, and behind it nothing but the
 * base path of a reverse proxy.
 */
export function isPeerUrl(text: string): boolean {
  const [, port, path] = /^https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:.]+\]):([0-9]{1,5})(\/.*)?$/.exec(text) ?? [];
  if (port === undefined || !isBasePath(path ?? '')) return false;
  return Number(port) >= 1 && Number(port) <= MAX_PORT;
}
