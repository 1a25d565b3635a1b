import { ADDRESS_BYTES, type Address } from './address.ts';
import { ByteReader, ByteWriter, DecodeError } from './codec.ts';
import {
  type ContractTransaction,
  checkContractSanity,
  KIND_CALL,
  KIND_DEPLOY,
  readCall,
  readDeploy,
} from './contract-transaction.ts';
import { assertInvariant, RuleError } from './errors.ts';
import { HASH_BYTES, type Hash } from './hash.ts';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from './hex.ts';
import type { NetworkParams } from './params.ts';
import { isStrictPoint, isStrictSignature, PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from './signature-encoding.ts';
import {
  fixedBytes,
  identityOf,
  NETWORK_ID_BYTES,
  readSender,
  type Signed,
  txidOf,
  writeSender,
} from './transaction-parts.ts';

/** Longest memo of a transfer. */
export const MAX_MEMO_BYTES = 256;
/** Longest tag of a coinbase. */
export const MAX_TAG_BYTES = 64;
/** Size of the field of a coinbase that a miner varies freely. */
export const COINBASE_EXTRA_NONCE_BYTES = 8;

const KIND_COINBASE = 0;
const KIND_TRANSFER = 1;

/** Where the extra nonce starts in an encoded coinbase: after `kind 1, height 4, recipient 20, reward 8, stateRoot 32`. */
export const COINBASE_EXTRA_NONCE_OFFSET = 1 + 4 + ADDRESS_BYTES + 8 + HASH_BYTES;
const COINBASE_FIXED_BYTES = COINBASE_EXTRA_NONCE_OFFSET + COINBASE_EXTRA_NONCE_BYTES + 1;
/** Size of a transfer without a memo. */
export const TRANSFER_FIXED_BYTES =
  1 + NETWORK_ID_BYTES + PUBLIC_KEY_BYTES + 8 + ADDRESS_BYTES + 8 + 8 + 2 + SIGNATURE_BYTES;

/**
 * Size of the smallest transaction, a coinbase without a tag. It is above 64 bytes, so that no transaction can pass
 * for an inner node of the Merkle tree, which has 64.
 */
export const MIN_TRANSACTION_BYTES = COINBASE_FIXED_BYTES;

/** Size of an encoded transfer with a memo of `memoBytes`. */
export function transferBytes(memoBytes: number): number {
  return TRANSFER_FIXED_BYTES + memoBytes;
}

/** Domain separation: a signature of a transfer is not valid for any other kind of message. */
const SIGNING_DOMAIN = utf8ToBytes('forklore/tx/v1');

/** A signed payment with an optional memo. */
export interface Transfer extends Signed {
  readonly kind: 'transfer';
  readonly recipient: Address;
  readonly memo: Uint8Array;
}

/** The first transaction of a block: pays the miner and commits to the state after the block. */
export interface Coinbase {
  readonly kind: 'coinbase';
  readonly txid: Hash;
  /** The exact bytes that were decoded: they are stored, sent and hashed. */
  readonly raw: Uint8Array;
  readonly height: number;
  readonly recipient: Address;
  /** Base units. */
  readonly reward: bigint;
  /** 64 hex digits in natural order. */
  readonly stateRoot: string;
  readonly extraNonce: Uint8Array;
  readonly tag: Uint8Array;
}

/** What an account sends: it takes an amount and a fee from it, and waits in mempools. */
export type SignedTransaction = Transfer | ContractTransaction;
export type Transaction = SignedTransaction | Coinbase;
export type TransferFields = Omit<Transfer, 'kind' | 'txid' | 'raw' | 'sender'>;
export type CoinbaseFields = Omit<Coinbase, 'kind' | 'txid' | 'raw'>;

/** The accounts that a transaction names: who sends it, whom it pays, the contract that it deploys or calls. */
export function addressesOf(transaction: Transaction): Address[] {
  switch (transaction.kind) {
    case 'coinbase':
      return [transaction.recipient];
    case 'transfer':
      return [transaction.sender, transaction.recipient];
    default:
      return [transaction.sender, transaction.contract];
  }
}

/** Decodes exactly one transaction. Throws `DecodeError`. */
export function decodeTransaction(raw: Uint8Array): Transaction {
  const reader = new ByteReader(raw);
  const transaction = readTransaction(reader);
  reader.end();
  return transaction;
}

/** Reads the next transaction. Byte fields of the result are views into the input. Throws `DecodeError`. */
export function readTransaction(reader: ByteReader): Transaction {
  const start = reader.offset;
  const kind = reader.u8();
  if (kind === KIND_COINBASE) {
    const fields = readCoinbaseFields(reader);
    return coinbaseOf(reader.readSince(start), fields);
  }
  if (kind === KIND_TRANSFER) {
    const fields = readTransferFields(reader);
    return transferOf(reader.readSince(start), fields);
  }
  if (kind === KIND_DEPLOY) return readDeploy(reader, start);
  if (kind === KIND_CALL) return readCall(reader, start);
  throw new DecodeError(`transaction kind ${kind} is reserved`, 'reserved-kind');
}

/** Encodes a signed transfer. Throws `InvariantError` for a value that does not fit its field. */
export function encodeTransfer(fields: TransferFields): Transfer {
  const writer = new ByteWriter(transferBytes(fields.memo.length)).u8(KIND_TRANSFER);
  const raw = writeSender(writer, fields)
    .bytes(fixedBytes(fields.recipient, ADDRESS_BYTES))
    .u64(fields.amount)
    .u64(fields.fee)
    .u16(fields.memo.length)
    .bytes(fields.memo)
    .bytes(fields.signature)
    .finish();
  return transferOf(raw, fields);
}

/** Encodes a coinbase. Throws `InvariantError` for a value that does not fit its field. */
export function encodeCoinbase(fields: CoinbaseFields): Coinbase {
  assertInvariant(fields.extraNonce.length === COINBASE_EXTRA_NONCE_BYTES, 'an extra nonce has 8 bytes');
  const raw = new ByteWriter(COINBASE_FIXED_BYTES + fields.tag.length)
    .u8(KIND_COINBASE)
    .u32(fields.height)
    .bytes(fixedBytes(fields.recipient, ADDRESS_BYTES))
    .u64(fields.reward)
    .bytes(fixedBytes(fields.stateRoot, HASH_BYTES))
    .bytes(fields.extraNonce)
    .u8(fields.tag.length)
    .bytes(fields.tag)
    .finish();
  return coinbaseOf(raw, fields);
}

/** What the sender signs: `"forklore/tx/v1"` and all bytes before the signature. Takes a transaction or its raw bytes. */
export function signingBytes(transaction: SignedTransaction | Uint8Array): Uint8Array {
  const raw = transaction instanceof Uint8Array ? transaction : transaction.raw;
  return concatBytes(SIGNING_DOMAIN, raw.subarray(0, raw.length - SIGNATURE_BYTES));
}

/**
 * The rules that need nothing but the bytes and are cheap: network, limits, encodings of key and signature. It never
 * verifies a signature. Throws `RuleError` `wrong-network`, `memo-too-long`, `tag-too-long`, `bad-public-key`,
 * `bad-signature`, or what `checkContractSanity` does.
 */
export function checkTransactionSanity(transaction: Transaction, params: NetworkParams): void {
  if (transaction.kind === 'coinbase') {
    // [reject] A coinbase tag has at most 64 bytes.
    if (transaction.tag.length > MAX_TAG_BYTES) {
      throw new RuleError('tag-too-long', `${transaction.tag.length} bytes, at most ${MAX_TAG_BYTES}`);
    }
    return;
  }
  // [reject] The network id is the first four bytes of the network's genesis hash.
  if (transaction.networkId !== params.networkId) {
    throw new RuleError('wrong-network', `signed for network ${transaction.networkId}, this is ${params.networkId}`);
  }
  // [reject] A memo has at most 256 bytes.
  if (transaction.kind === 'transfer' && transaction.memo.length > MAX_MEMO_BYTES) {
    throw new RuleError('memo-too-long', `${transaction.memo.length} bytes, at most ${MAX_MEMO_BYTES}`);
  }
  if (transaction.kind !== 'transfer') checkContractSanity(transaction);
  // [reject] The sender key is canonically encoded and not of small order.
  if (!isStrictPoint(hexToBytes(transaction.senderKey))) {
    throw new RuleError('bad-public-key', `${transaction.senderKey} is not canonical or of small order`);
  }
  // [reject] The signature is strictly valid for the sender key.
  // Here only its encoding: the curve is left to the threads that verify.
  if (!isStrictSignature(transaction.signature)) {
    throw new RuleError('bad-signature', `encoding of the signature of ${transaction.txid}`);
  }
}

function readCoinbaseFields(reader: ByteReader): CoinbaseFields {
  return {
    height: reader.u32(),
    recipient: bytesToHex(reader.bytes(ADDRESS_BYTES)),
    reward: reader.u64(),
    stateRoot: bytesToHex(reader.bytes(HASH_BYTES)),
    extraNonce: reader.bytes(COINBASE_EXTRA_NONCE_BYTES),
    tag: reader.bytes(reader.u8()),
  };
}

function readTransferFields(reader: ByteReader): TransferFields {
  const { networkId, senderKey, nonce } = readSender(reader);
  return {
    networkId,
    senderKey,
    nonce,
    recipient: bytesToHex(reader.bytes(ADDRESS_BYTES)),
    amount: reader.u64(),
    fee: reader.u64(),
    memo: reader.bytes(reader.u16()),
    signature: reader.bytes(SIGNATURE_BYTES),
  };
}

// Fields are listed one by one, so that properties that a caller's object has besides do not get in; and because a spread takes
// engines as long as all else that decoding does.
function coinbaseOf(raw: Uint8Array, fields: CoinbaseFields): Coinbase {
  const { height, recipient, reward, stateRoot, extraNonce, tag } = fields;
  return { kind: 'coinbase', txid: txidOf(raw), raw, height, recipient, reward, stateRoot, extraNonce, tag };
}

function transferOf(raw: Uint8Array, fields: TransferFields): Transfer {
  const { networkId, senderKey, nonce, amount, fee, signature, recipient, memo } = fields;
  const { txid, sender } = identityOf(raw, senderKey);
  return {
    kind: 'transfer',
    txid,
    raw,
    networkId,
    senderKey,
    sender,
    nonce,
    amount,
    fee,
    signature,
    recipient,
    memo,
  };
}
