import { ADDRESS_BYTES, type Address } from './address.ts';
import { type ByteReader, ByteWriter, DecodeError } from './codec.ts';
import { MAX_ARGS_BYTES, MAX_CALL_GAS, MAX_SOURCE_BYTES, MIN_SOURCE_BYTES } from './contract/limits.ts';
import { GAS_ENCODED_BYTE, GAS_KEPT_BYTE, NEW_SLOT_BYTES } from './contract/prices.ts';
import { RuleError } from './errors.ts';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from './hex.ts';
import { sha256 } from './sha256.ts';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from './signature-encoding.ts';
import {
  fixedBytes,
  identityOf,
  NETWORK_ID_BYTES,
  readSender,
  type Signed,
  type SignedFields,
  writeSender,
} from './transaction-parts.ts';

export const KIND_DEPLOY = 2;
export const KIND_CALL = 3;
/** The language that a deployed source is written in; others are reserved. */
export const CONTRACT_FORMAT = 0;

const CONTRACT_DOMAIN = utf8ToBytes('forklore/contract/v1');
const U64_BYTES = 8;
const SENDER_BYTES = 1 + NETWORK_ID_BYTES + PUBLIC_KEY_BYTES + U64_BYTES;
const GAS_BYTES = 4;
/** Size of a deploy without source and arguments. */
const DEPLOY_FIXED_BYTES = SENDER_BYTES + 2 * U64_BYTES + GAS_BYTES + 1 + 2 + 2 + SIGNATURE_BYTES;
/** Size of a call without name of the method and arguments. */
const CALL_FIXED_BYTES = SENDER_BYTES + ADDRESS_BYTES + 2 * U64_BYTES + GAS_BYTES + 1 + 2 + SIGNATURE_BYTES;

interface ContractFields extends SignedFields {
  /** Reserved: the most that the transaction may use, its intrinsic gas included. */
  readonly gas: number;
  /** Encoded arguments, one after the other. What they mean is judged in execution. */
  readonly args: Uint8Array;
}

export interface DeployFields extends ContractFields {
  /** UTF-8, if it is to compile. */
  readonly source: Uint8Array;
}

export interface CallFields extends ContractFields {
  readonly contract: Address;
  /** Name of the method, in ASCII if there is to be one. At most 255 bytes. */
  readonly method: Uint8Array;
}

/** Puts the source of a contract on the chain, and runs its constructor. */
export interface Deploy extends Signed, DeployFields {
  readonly kind: 'deploy';
  /** Where the contract will be. See {@link contractAddress}. */
  readonly contract: Address;
}

/** Runs a method of a contract. */
export interface Call extends Signed, CallFields {
  readonly kind: 'call';
}

/** A transaction that executes a contract. It has a receipt. */
export type ContractTransaction = Deploy | Call;

/**
 * The address of a deployed contract: the first 20 bytes of
 * `sha256("forklore/contract/v1" ‖ networkId ‖ sender ‖ nonce ‖ sha256(source) ‖ sha256(args))`. It names the code, so that
 * after a reorg nobody finds another contract at an address.
 */
export function contractAddress(deploy: Pick<Deploy, 'networkId' | 'sender' | 'nonce' | 'source' | 'args'>): Address {
  const { networkId, sender, nonce, source, args } = deploy;
  const nonceBytes = new ByteWriter(U64_BYTES).u64(nonce).finish();
  const preimage = concatBytes(
    CONTRACT_DOMAIN,
    hexToBytes(networkId),
    hexToBytes(sender),
    nonceBytes,
    sha256(source),
    sha256(args),
  );
  return bytesToHex(sha256(preimage).subarray(0, ADDRESS_BYTES));
}

/** What a transaction costs before anything runs: its bytes, and of a deploy those that are kept for ever. */
export function intrinsicGas(transaction: ContractTransaction): number {
  const bytesGas = transaction.raw.length * GAS_ENCODED_BYTE;
  if (transaction.kind === 'call') return bytesGas;
  return bytesGas + (transaction.source.length + NEW_SLOT_BYTES) * GAS_KEPT_BYTE;
}

/** Encodes a signed deploy. Throws `InvariantError` for a value that does not fit its field. */
export function encodeDeploy(fields: DeployFields): Deploy {
  const { source, args } = fields;
  const writer = new ByteWriter(DEPLOY_FIXED_BYTES + source.length + args.length).u8(KIND_DEPLOY);
  const raw = writeSender(writer, fields)
    .u64(fields.amount)
    .u64(fields.fee)
    .u32(fields.gas)
    .u8(CONTRACT_FORMAT)
    .u16(source.length)
    .bytes(source)
    .u16(args.length)
    .bytes(args)
    .bytes(fields.signature)
    .finish();
  return deployOf(raw, fields);
}

/** Encodes a signed call. Throws `InvariantError` for a value that does not fit its field. */
export function encodeCall(fields: CallFields): Call {
  const { method, args } = fields;
  const writer = new ByteWriter(CALL_FIXED_BYTES + method.length + args.length).u8(KIND_CALL);
  const raw = writeSender(writer, fields)
    .bytes(fixedBytes(fields.contract, ADDRESS_BYTES))
    .u64(fields.amount)
    .u64(fields.fee)
    .u32(fields.gas)
    .u8(method.length)
    .bytes(method)
    .u16(args.length)
    .bytes(args)
    .bytes(fields.signature)
    .finish();
  return callOf(raw, fields);
}

/** Reads a deploy behind its kind, `start` being where that stands. Throws `DecodeError`, for another format `reserved-kind`. */
export function readDeploy(reader: ByteReader, start: number): Deploy {
  const { networkId, senderKey, nonce } = readSender(reader);
  const amount = reader.u64();
  const fee = reader.u64();
  const gas = reader.u32();
  checkFormat(reader.u8());
  const source = reader.bytes(reader.u16());
  const args = reader.bytes(reader.u16());
  const signature = reader.bytes(SIGNATURE_BYTES);
  const raw = reader.readSince(start);
  return deployOf(raw, { networkId, senderKey, nonce, amount, fee, gas, source, args, signature });
}

/** Reads a call behind its kind, `start` being where that stands. Throws `DecodeError`. */
export function readCall(reader: ByteReader, start: number): Call {
  const { networkId, senderKey, nonce } = readSender(reader);
  const contract = bytesToHex(reader.bytes(ADDRESS_BYTES));
  const amount = reader.u64();
  const fee = reader.u64();
  const gas = reader.u32();
  const method = reader.bytes(reader.u8());
  const args = reader.bytes(reader.u16());
  const signature = reader.bytes(SIGNATURE_BYTES);
  const raw = reader.readSince(start);
  return callOf(raw, { networkId, senderKey, nonce, contract, amount, fee, gas, method, args, signature });
}

/**
 * The rules of a contract's transaction that need nothing but its bytes. Throws `RuleError` `source-too-short`,
 * `source-too-long`, `args-too-long`, `gas-too-high` or `gas-too-low`.
 */
export function checkContractSanity(transaction: ContractTransaction): void {
  if (transaction.kind === 'deploy') checkSourceLength(transaction.source.length);
  const { args, gas } = transaction;
  // [reject] Arguments have at most 4,096 bytes.
  if (args.length > MAX_ARGS_BYTES) {
    throw new RuleError('args-too-long', `${args.length} bytes, at most ${MAX_ARGS_BYTES}`);
  }
  // [reject] A transaction reserves at most 2,000,000 gas.
  if (gas > MAX_CALL_GAS) throw new RuleError('gas-too-high', `${gas} gas, at most ${MAX_CALL_GAS}`);
  // [reject] A transaction reserves at least the gas that its bytes cost.
  const intrinsic = intrinsicGas(transaction);
  if (gas < intrinsic) throw new RuleError('gas-too-low', `${gas} gas, its bytes alone cost ${intrinsic}`);
}

function checkSourceLength(sizeBytes: number): void {
  // [reject] A source has at least 16 bytes.
  if (sizeBytes < MIN_SOURCE_BYTES) {
    throw new RuleError('source-too-short', `${sizeBytes} bytes, at least ${MIN_SOURCE_BYTES}`);
  }
  // [reject] A source has at most 16,384 bytes.
  if (sizeBytes > MAX_SOURCE_BYTES) {
    throw new RuleError('source-too-long', `${sizeBytes} bytes, at most ${MAX_SOURCE_BYTES}`);
  }
}

function checkFormat(format: number): void {
  if (format !== CONTRACT_FORMAT) throw new DecodeError(`format ${format} of contracts is reserved`, 'reserved-kind');
}

// Fields are listed one by one for the reasons that `transferOf` has.
function deployOf(raw: Uint8Array, fields: DeployFields): Deploy {
  const { networkId, senderKey, nonce, amount, fee, signature, gas, source, args } = fields;
  const { txid, sender } = identityOf(raw, senderKey);
  const contract = contractAddress({ networkId, sender, nonce, source, args });
  return {
    kind: 'deploy',
    txid,
    raw,
    networkId,
    senderKey,
    sender,
    nonce,
    amount,
    fee,
    signature,
    contract,
    gas,
    source,
    args,
  };
}

function callOf(raw: Uint8Array, fields: CallFields): Call {
  const { networkId, senderKey, nonce, amount, fee, signature, contract, gas, method, args } = fields;
  const { txid, sender } = identityOf(raw, senderKey);
  return {
    kind: 'call',
    txid,
    raw,
    networkId,
    senderKey,
    sender,
    nonce,
    amount,
    fee,
    signature,
    contract,
    gas,
    method,
    args,
  };
}
